"""`make up`: Airflow standalone with the DAGs on, the sandbox beside it when the configuration uses it.

Ctrl-C (or SIGTERM, SIGHUP) stops everything in order and leaves no process behind. Airflow's own parent
orphans its children on SIGTERM, so it is always asked with SIGINT, and what is left after that is ended here.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil  # type: ignore[import-untyped, unused-ignore]
from healthy import health

from contracts.errors import ConfigurationError, GwidamError, SourceUnavailable
from pipeline.environment import environment
from storage.home import Home
from storage.locks import exclusive

PROJECT = Path(__file__).resolve().parent.parent
READY_SECONDS = 300
STOP_SECONDS = 15
PR_SET_CHILD_SUBREAPER = 36


class Stopped(Exception):
    """Somebody asked us to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where things listen; all on 127.0.0.1."""

    airflow: int
    sandbox: int
    worker_logs: int
    trigger_logs: int


def airflow_settings(home: Home, ports: Ports) -> dict[str, str]:
    """Airflow's configuration as environment variables; of the caller's own only the parallelism is kept.

    Standalone starts its parts side by side: tasks wait for the API server, and writers of SQLite for each other, for
    a minute or two instead of failing within seconds (docs/adr/0603).
    """
    url = f"http://127.0.0.1:{ports.airflow}"
    return {
        "AIRFLOW_HOME": str(home.root / "airflow"),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(ports.airflow),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": os.environ.get("AIRFLOW__CORE__PARALLELISM", "4"),
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home.root / 'airflow' / 'airflow.db'}?timeout=60",
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(ports.trigger_logs),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(ports.worker_logs),
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "40",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX": "5",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "GWIDAM_AIRFLOW_URL": url,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH", "")])),
    }


def child_environment(home: Home, config: Path, ports: Ports, *, with_sandbox: bool) -> dict[str, str]:
    """What every child process sees: absolute folders, so that its working directory does not matter."""
    env = dict(os.environ)
    env.update(airflow_settings(home, ports))
    env.update(GWIDAM_HOME=str(home.root), GWIDAM_CONFIG=str(config))
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", "")])
    if with_sandbox:
        env["GWIDAM_SANDBOX_URL"] = f"http://127.0.0.1:{ports.sandbox}"
    return env


def chosen_port(wanted: int, name: str) -> int:
    """The wanted port, or a free one for 0. Raises ConfigurationError when somebody else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            raise ConfigurationError(
                f"port {wanted} for {name} is taken; stop what listens there, or choose another: "
                f"scripts/up.py --{name}-port 0 takes a free one"
            ) from None
        return int(probe.getsockname()[1])


def start(command: Sequence[str], env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own (a Ctrl-C in the terminal reaches us, not it); `log` gets its output."""
    with log.open("ab", buffering=0) as output:
        output.write(f"$ {shlex.join(command)}\n".encode())
        return subprocess.Popen(
            command, cwd=PROJECT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )


def wait_until_ready(child: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Return when every part of Airflow is healthy. Raises SourceUnavailable when it ends or takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise SourceUnavailable(f"Airflow ended with {child.returncode} while starting; {log} says why")
        try:
            if all(status == "healthy" for status in health(url).values()):
                return
        except (OSError, ValueError):
            pass
        time.sleep(0.5)
    raise SourceUnavailable(f"Airflow was not ready after {READY_SECONDS} s; {log} says how far it came")


def stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask every child with SIGINT, wait, then end whatever descendant is left."""
    adopt_orphans()
    me = psutil.Process()
    family = {process.pid: process for process in me.children(recursive=True)}
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            continue
    family.update({process.pid: process for process in me.children(recursive=True)})
    _, alive = psutil.wait_procs(list(family.values()), timeout=2)
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        for process in alive:
            try:
                ask(process)
            except psutil.NoSuchProcess:
                continue
        _, alive = psutil.wait_procs(alive, timeout=5)


def adopt_orphans() -> None:
    """On Linux, from now on a grandchild whose parent dies becomes our child, so that `stop` finds it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def password(airflow_home: Path) -> str:
    """The generated password of the user admin; '' when the login is configured otherwise."""
    try:
        found = json.loads((airflow_home / "simple_auth_manager_passwords.json.generated").read_text())
    except (OSError, ValueError):
        return ""
    return str(found.get("admin", ""))


def report(home: Home, env: dict[str, str]) -> None:
    """Say where everything is and what to do next."""
    login = password(home.root / "airflow")
    lines = {
        "Airflow": env["AIRFLOW__API__BASE_URL"] + (f"  (user admin, password {login})" if login else ""),
        "Sandbox": env.get("GWIDAM_SANDBOX_URL", ""),
        "Published": str(home.published_file),
        "Mails": str(home.outbox),
        "Logs": str(home.root / "airflow" / "standalone.log"),
    }
    print("\nThe DAGs are on: every source is asked now, then on its schedule; the digest leaves on Mondays at 08:00.")
    for name, value in lines.items():
        if value:
            print(f"  {name:<10}{value}")
    print("Ctrl-C stops everything.", flush=True)


def run(ports: Ports, home: Home, config: Path, *, with_sandbox: bool) -> None:
    """Start, wait, report, and watch until asked to stop. Raises SourceUnavailable when a child dies."""
    env = child_environment(home, config, ports, with_sandbox=with_sandbox)
    logs = home.root / "airflow"
    logs.mkdir(exist_ok=True)
    log = logs / "standalone.log"
    children: list[subprocess.Popen[bytes]] = []
    try:
        if with_sandbox:
            serve = [sys.executable, "-m", "sandbox", "--home", str(home.sandbox), "--port", str(ports.sandbox)]
            children.append(start(serve, env, logs / "sandbox.log"))
        print("Preparing Airflow's database ...", flush=True)
        prepare = start(["scripts/airflow_init.sh"], env, log)
        if prepare.wait() != 0:
            raise SourceUnavailable(f"Airflow's database could not be prepared; {log} says why")
        print("Starting Airflow ...", flush=True)
        airflow = start(["airflow", "standalone"], env, log)
        children.insert(0, airflow)
        wait_until_ready(airflow, env["GWIDAM_AIRFLOW_URL"], log)
        report(home, env)
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        raise SourceUnavailable(f"a process ended by itself; {log} or sandbox.log beside it says why")
    finally:
        for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(asked, signal.SIG_IGN)
        print("Stopping ...", flush=True)
        stop(children)


def main() -> int:
    """Parse the options, check the configuration, run until asked to stop; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--airflow-port", type=int, default=8080, help="0 takes a free one (default 8080)")
    parser.add_argument("--sandbox-port", type=int, default=8765, help="0 takes a free one (default 8765)")
    options = parser.parse_args()
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, _ask_to_stop)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    try:
        env = environment()
        with_sandbox = any(env.config.mode_of(name) == "sandbox" for name in env.config.sources)
        with exclusive(env.home.locks / "up.lock", wait_seconds=0):
            ports = Ports(
                airflow=chosen_port(options.airflow_port, "airflow"),
                sandbox=chosen_port(options.sandbox_port, "sandbox") if with_sandbox else 0,
                worker_logs=chosen_port(0, "worker-logs"),
                trigger_logs=chosen_port(0, "trigger-logs"),
            )
            run(ports, env.home, env.config.folder, with_sandbox=with_sandbox)
    except Stopped:
        return 0
    except GwidamError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
