"""`make up` on a fresh home: the DAGs run by themselves and over REST, a digest comes out, and nothing stays behind."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from pipeline.catalog import source_names

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 300.0
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def until(what: str, ask: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first true answer; fails with `what` when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.5)
    pytest.fail(f"{what} did not happen within {seconds:.0f} s")


class Up:
    """A running `scripts/up` and its REST interface."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home = home
        self.environment = environment
        self.said_in = home.parent / "up.log"
        with self.said_in.open("wb") as output:
            self.process = subprocess.Popen(
                ["scripts/up", "--airflow-port", "0", "--sandbox-port", "0"], cwd=PROJECT, env=environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )
        self.url = ""
        self.headers: dict[str, str] = {}

    def said(self) -> str:
        """What it has printed so far."""
        return self.said_in.read_text(encoding="utf-8")

    def log_in(self) -> None:
        """Wait for the lines that tell the URL and the password, and get a token with them."""
        found = until("the start", lambda: self._ended() or re.search(
            r"Airflow\s+(http://\S+)\s+\(user (\w+), password (\S+)\)", self.said()))
        self.url = found[1]
        login = {"username": found[2], "password": found[3]}
        answer = requests.post(f"{self.url}/auth/token", json=login, timeout=30)
        answer.raise_for_status()
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def _ended(self) -> None:
        if self.process.poll() is not None:
            pytest.fail(f"scripts/up ended with {self.process.returncode}:\n{self.said()}")

    def get(self, path: str) -> Any:
        """A REST answer."""
        answer = requests.get(f"{self.url}/api/v2{path}", headers=self.headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def trigger(self, dag_id: str) -> str:
        """Start a run over REST and wait for its end; returns its state."""
        body = {"logical_date": None, "conf": {}}
        path = f"/dags/{dag_id}/dagRuns"
        answer = requests.post(f"{self.url}/api/v2{path}", json=body, headers=self.headers, timeout=30)
        answer.raise_for_status()
        run = f"{path}/{answer.json()['dag_run_id']}"
        ended: str = until(f"the end of {dag_id}", lambda: self.finished(self.get(run)["state"]))
        return ended

    def ended_runs(self, dag_id: str) -> list[str]:
        """The states of a DAG's runs that have ended."""
        return [run["state"] for run in self.get(f"/dags/{dag_id}/dagRuns")["dag_runs"] if self.finished(run["state"])]

    @staticmethod
    def finished(state: str) -> str:
        """The state if it is a last one, else ''."""
        return state if state in {"success", "failed"} else ""

    def running(self) -> list[str]:
        """The command lines of living processes that work on this home."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("GWIDAM_HOME") == str(self.home):
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:  # it ended while we looked, or belongs to somebody else
                continue
        return found


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, clean_environment: Any) -> Iterator[Up]:
    """`scripts/up` on free ports with a fresh home."""
    home = tmp_path_factory.mktemp("up") / "home"
    started = Up(home, clean_environment(home))
    yield started
    if started.process.poll() is None:
        started.process.send_signal(signal.SIGINT)
        started.process.wait(timeout=90)


def test_up_listens_ingests_and_alerts_by_itself(up: Up) -> None:
    up.log_in()
    wanted = {f"listen_{source}" for source in source_names()} | {"ingest", "alert", "digest_weekly", "maintenance"}
    dags = until("the DAGs", lambda: (found := up.get("/dags?limit=100")["dags"])
                 and wanted <= {dag["dag_id"] for dag in found} and found)
    assert not [dag["dag_id"] for dag in dags if dag["is_paused"]]
    pools = {pool["name"]: pool["slots"] for pool in up.get("/pools")["pools"]}
    configured = json.loads((PROJECT / "config" / "pools.json").read_text(encoding="utf-8"))
    assert {name: pool["slots"] for name, pool in configured.items()}.items() <= pools.items()
    assert "success" in until("an alert run that the assets started", lambda: up.ended_runs("alert"))
    assert (up.home / "published" / "gwidam.duckdb").exists()


def test_a_digest_over_rest(up: Up) -> None:
    assert up.trigger("listen_google_play") == "success"
    assert up.trigger("digest_weekly") == "success"
    assert list((up.home / "published" / "digests").rglob("*.html")), "no digest was written"
    assert list((up.home / "outbox").glob("*.eml")), "no mail was written"


def test_the_compose_file_runs_nothing_else(up: Up, compose: dict[str, Any]) -> None:
    log = (up.home / "airflow" / "standalone.log").read_text(encoding="utf-8")
    seen = [line.replace("_", "-") for line in up.running()]
    seen += [line.removeprefix("$ ").replace("_", "-") for line in log.splitlines() if line.startswith("$ ")]
    for name, service in compose["services"].items():
        if not service["image"].startswith("gwidam:"):
            continue
        command = " ".join(service["command"]).replace("_", "-")
        assert any(command in line for line in seen), f"{name}: {command!r} was not run here"
        if "healthcheck" in service:
            asked = subprocess.run(
                service["healthcheck"]["test"][1:], cwd=PROJECT, check=False, capture_output=True, text=True,
                env=up.environment | {"GWIDAM_AIRFLOW_URL": up.url},
            )
            assert asked.returncode == 0, f"{name}: {asked.stderr}"


def test_a_second_up_on_the_same_home_is_refused(up: Up) -> None:
    second = subprocess.run(
        ["scripts/up"], cwd=PROJECT, env=up.environment, capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert str(up.process.pid) in second.stderr and second.stderr.count("\n") == 1


def test_ctrl_c_leaves_no_process(up: Up) -> None:
    assert len(up.running()) > 5
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(timeout=90) == 0, up.said()
    assert up.running() == []
