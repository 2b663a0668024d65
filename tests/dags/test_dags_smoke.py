"""`make up` on a fresh home: the DAGs run by themselves and over REST, a digest comes out, and nothing stays behind."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 300.0
SOURCES = ("google_play", "naver_cafe", "x")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def until(what: str, ask: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first true answer; fails with `what` when none comes in time. Asked once a second: asking costs Airflow."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(1)
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
        body = {"logical_date": None, "conf": {}, "dag_run_id": f"smoke-{dag_id}"}
        path = f"/dags/{dag_id}/dagRuns"

        answer = requests.post(f"{self.url}/api/v2{path}", json=body, headers=self.headers, timeout=90)
        answer.raise_for_status()
        run = f"{path}/smoke-{dag_id}"
        ended: str = until(f"the end of {dag_id}", lambda: self.finished(self.get(run)["state"]))
        return ended

    def ended_runs(self, dag_id: str) -> list[str]:
        """The states of a DAG's runs that have ended."""
        return [run["state"] for run in self.get(f"/dags/{dag_id}/dagRuns")["dag_runs"] if self.finished(run["state"])]

    @staticmethod
    def finished(state: str) -> str:
        """The state if it is a last one, else ''."""
        return state if state in {"success", "failed"} else ""

    def family(self) -> list[psutil.Process]:
        """It, every process below it, and every other that works on its home (an orphan keeps its environment)."""
        me = psutil.Process(self.process.pid)
        found = {process.pid: process for process in [me, *me.children(recursive=True)]}
        return [*found.values(), *(process for process in self.of_home() if process.pid not in found)]

    def of_home(self) -> list[psutil.Process]:
        """The living processes whose environment names its home; one that gave itself a title has lost it."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):  # it ended while we looked, or belongs to somebody else
                if process.environ().get("GWIDAM_HOME") == str(self.home):
                    found.append(process)
        return found


def command_line(process: psutil.Process) -> str:
    """What it runs; '' when it has ended."""
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def few_sources(config: Path) -> None:
    """The project's configuration with SOURCES alone: enough to go the whole way, quick to start."""
    shutil.copytree(PROJECT / "config", config)
    head, *blocks = re.split(r"(?m)^(?=\[)", (config / "sources.toml").read_text(encoding="utf-8"))
    kept = [block for block in blocks if re.split(r"\W+", block)[1] in SOURCES]
    (config / "sources.toml").write_text(head + "".join(kept), encoding="utf-8")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, clean_environment: Any) -> Iterator[Up]:
    """`scripts/up` on free ports with a fresh home."""
    folder = tmp_path_factory.mktemp("up")
    home, config = folder / "home", folder / "config"
    few_sources(config)
    started = Up(home, clean_environment(home, GWIDAM_CONFIG=str(config)))
    yield started
    if started.process.poll() is None:
        started.process.send_signal(signal.SIGINT)
        started.process.wait(timeout=90)


def test_up_listens_ingests_and_alerts_by_itself(up: Up) -> None:
    up.log_in()
    wanted = {f"listen_{source}" for source in SOURCES} | {"ingest", "alert", "digest_weekly", "maintenance"}
    dags = until("the DAGs", lambda: (found := up.get("/dags?limit=100")["dags"])
                 and wanted == {dag["dag_id"] for dag in found} and found)
    assert not [dag["dag_id"] for dag in dags if dag["is_paused"]]
    pools = {pool["name"]: pool["slots"] for pool in up.get("/pools")["pools"]}
    configured = json.loads((PROJECT / "config" / "pools.json").read_text(encoding="utf-8"))
    assert {name: pool["slots"] for name, pool in configured.items()}.items() <= pools.items()
    until("a published copy", (up.home / "published" / "gwidam.duckdb").exists)
    assert "success" in until("an alert run that the assets started", lambda: up.ended_runs("alert"))


def test_no_task_had_to_try_twice(up: Up) -> None:
    """The scheduler is ahead of the API server at the start: its tasks wait for it, a failed one waits for minutes."""
    logs = up.home / "airflow" / "logs"
    assert {path.stem for path in logs.glob("dag_id=*/**/*.log")} == {"attempt=1"}


def test_a_digest_over_rest(up: Up) -> None:
    assert up.trigger("digest_weekly") == "success"
    assert list((up.home / "published" / "digests").rglob("*.html")), "no digest was written"
    assert list((up.home / "outbox").glob("*.eml")), "no mail was written"


def test_the_compose_file_runs_nothing_else(up: Up, compose: dict[str, Any]) -> None:
    log = (up.home / "airflow" / "standalone.log").read_text(encoding="utf-8")
    seen = [command_line(process).replace("_", "-") for process in up.family()]
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
    family = up.family()
    assert len(family) > 5
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(timeout=90) == 0, up.said()
    assert [command_line(process) for process in [*family, *up.of_home()] if process.is_running()] == []
