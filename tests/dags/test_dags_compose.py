"""The compose file is valid, holds no secret, and runs nothing as root."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import jsonschema

PROJECT = Path(__file__).resolve().parents[2]
SCHEMA = Path(__file__).with_name("compose-spec.schema.json")
TEXT = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")


def test_it_keeps_the_compose_specification(compose: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    problems = [f"{'.'.join(map(str, error.path))}: {error.message}"
                for error in jsonschema.Draft7Validator(schema).iter_errors(compose)]
    assert problems == []


def test_the_schema_finds_a_mistake(compose: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    wrong = json.loads(json.dumps(compose))
    wrong["services"]["scheduler"]["comand"] = wrong["services"]["scheduler"].pop("command")
    assert not jsonschema.Draft7Validator(schema).is_valid(wrong)


def test_what_a_service_refers_to_exists(compose: dict[str, Any]) -> None:
    services, volumes = compose["services"], compose["volumes"]
    for name, service in services.items():
        for other, want in service.get("depends_on", {}).items():
            assert other in services, f"{name} waits for {other}, which is no service"
            waits_for_health = want["condition"] == "service_healthy"
            assert not waits_for_health or "healthcheck" in services[other], f"{other} needs a healthcheck"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in volumes or (PROJECT / source).exists(), f"{name}: no volume or folder {source}"


def test_secrets_come_from_the_environment(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"SECRET|PASSWORD|FERNET|_CONN$", key):
                assert "${" in value and ":?" in value, f"{name}: {key} must come from .env: ${{NAME:?what to do}}"
    assert ".env" in (PROJECT / ".dockerignore").read_text(encoding="utf-8").split()


def test_the_documented_command_writes_every_secret_once(tmp_path: Path) -> None:
    wanted = set(re.findall(r"\$\{(\w+):\?", TEXT))
    command = ["sh", str(PROJECT / "scripts" / "compose_env.sh"), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    env = tmp_path / ".env"
    first = env.read_text(encoding="utf-8")
    written = dict(line.split("=", 1) for line in first.splitlines() if not line.startswith("#"))
    assert set(written) == wanted
    assert all(len(value) >= 43 for value in written.values()) and len(set(written.values())) == len(written)
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    again = subprocess.run(command, check=False, capture_output=True, text=True)
    assert again.returncode == 1 and "stays as it is" in again.stderr
    assert env.read_text(encoding="utf-8") == first


def test_nothing_runs_as_root_and_every_image_is_pinned(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service.get("user", "root").split(":")[0] not in {"root", "0"}, f"{name}: give it a user"
        assert "no-new-privileges:true" in service["security_opt"], f"{name}: add no-new-privileges"
        tag = service["image"].partition(":")[2]
        assert tag and tag != "latest", f"{name}: pin the image's version"
    docker_file = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    last_user = re.findall(r"^USER (\S+)", docker_file, flags=re.M)[-1]
    assert last_user == "gwidam" and "--locked" in docker_file


def test_every_lasting_service_is_watched_and_none_is_open_to_the_network(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert name == "airflow-init" or "healthcheck" in service, f"{name}: add a healthcheck"
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name}: publish {port} on 127.0.0.1 only, behind a proxy with TLS"


def test_collected_state_lies_on_a_named_volume(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if service["image"].startswith("gwidam:"):
            home = service["environment"]["GWIDAM_HOME"]
            assert any(volume == f"gwidam-home:{home}" for volume in service["volumes"]), f"{name}: mount gwidam-home"
