"""What `scripts/up` and `scripts/healthy.py` refuse, in one clear line, before anything is started."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]


def refused(environment: dict[str, str], *options: str) -> str:
    """The one line on stderr of a `scripts/up` that must not start."""
    done = subprocess.run(
        ["scripts/up", *options], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_taken_port(tmp_path: Path, clean_environment: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        line = refused(clean_environment(tmp_path / "home"), "--airflow-port", port)
    assert port in line and "--airflow-port 0" in line


def test_a_broken_configuration(tmp_path: Path, clean_environment: Any) -> None:
    config = tmp_path / "config"
    shutil.copytree(PROJECT / "config", config)
    (config / "sources.toml").write_text("mode = sandbox", encoding="utf-8")
    line = refused(clean_environment(tmp_path / "home", GWIDAM_CONFIG=str(config)))
    assert "sources.toml" in line and not (tmp_path / "home" / "airflow").exists()


def test_nobody_is_healthy_where_nobody_answers(tmp_path: Path, clean_environment: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: a connection is refused
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "scripts/healthy.py", "scheduler"], cwd=PROJECT, capture_output=True, text=True,
            env=clean_environment(tmp_path, GWIDAM_AIRFLOW_URL=url), check=False,
        )
    assert done.returncode == 1 and url in done.stderr and "Traceback" not in done.stderr


def test_the_compose_file_and_make_up_agree_on_what_airflow_does(compose: dict[str, Any]) -> None:
    settings = dict(re.findall(r'"(AIRFLOW__\w+)": "(\w+)"', (PROJECT / "scripts" / "up.py").read_text("utf-8")))
    composed = compose["services"]["scheduler"]["environment"]
    assert settings["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] == "False"
    assert {name: composed.get(name) for name in settings if name in composed} == {
        name: value for name, value in settings.items() if name in composed
    }
