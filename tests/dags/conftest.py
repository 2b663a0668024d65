"""One Airflow home for the session. Airflow is imported in child processes only, with an environment of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def own_home(home: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing of the caller's Airflow or gwidam settings is left."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "GWIDAM", "PYTHONPATH"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    return kept | {"PATH": path, "GWIDAM_HOME": str(home), "GWIDAM_CONFIG": str(PROJECT / "config")} | more


@pytest.fixture(scope="session")
def clean_environment() -> Callable[..., dict[str, str]]:
    """`own_home`, for the tests."""
    return own_home


@pytest.fixture(scope="session")
def airflow_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a child process needs to be this project's Airflow, in a home that only this session knows."""
    home = tmp_path_factory.mktemp("gwidam")
    return own_home(
        home,
        AIRFLOW_HOME=str(home / "airflow"),
        AIRFLOW__CORE__DAGS_FOLDER=str(PROJECT / "dags"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR",
        PYTHONPATH=str(PROJECT),
    )


def run_script(script: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Run a script of this folder in a process of its own; it writes JSON to the file named by its first argument."""
    out = Path(environment["GWIDAM_HOME"]) / f"{script}.json"
    command = [sys.executable, str(HERE / script), str(out)]
    done = subprocess.run(command, env=dict(environment), cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{script} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    answer: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return answer


@pytest.fixture(scope="session")
def run_child() -> Callable[[str, Mapping[str, str]], dict[str, Any]]:
    """`run_script`, for the tests."""
    return run_script


@pytest.fixture(scope="session")
def described(airflow_environment: dict[str, str]) -> dict[str, Any]:
    """What the DAG files declare (describe_dags.py)."""
    return run_script("describe_dags.py", airflow_environment)


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """docker-compose.yml, its anchors and merges resolved."""
    parsed: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
    return parsed
