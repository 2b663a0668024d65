"""Run in a process of its own: `dag.test()` over every DAG against the sandbox, and write down how each run ended."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from airflow.dag_processing.dagbag import DagBag
from airflow.utils import db

from nlp.sentiment import bundled
from sandbox.serve import running

MODEL = "GWIDAM_MODEL"


class Runner:
    """Runs DAGs one after the other, each under a name of its own in `ended`."""

    def __init__(self) -> None:
        self.bag = DagBag(dag_folder=os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
        self.ended: dict[str, dict[str, Any]] = {}

    def run(self, dag_id: str, *, called: str | None = None) -> None:
        """`dag.test()`: one run, all of its tasks in this process."""
        run = self.bag.dags[dag_id].test()
        known_already(Path(os.environ["GWIDAM_HOME"]) / "no_dags")
        tasks = [
            {"task": ti.task_id, "map_index": ti.map_index, "state": str(ti.state), "tries": ti.try_number}
            for ti in run.get_task_instances()
        ]
        self.ended[called or dag_id] = {"state": str(run.state), "tasks": tasks}


def known_already(empty: Path) -> None:
    """The first `dag.test()` has written all DAGs into Airflow's database; each further one would parse and write all
    of them again, which takes longer than their tasks. The bundle they came from is empty from now on."""
    empty.mkdir(exist_ok=True)
    bundle = {"name": "dags-folder", "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
              "kwargs": {"path": str(empty)}}
    os.environ["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"] = json.dumps([bundle])


@contextmanager
def fault(url: str, path: str, mode: str) -> Iterator[None]:
    """The sandbox answers below `path` in this way for the time being."""
    order = {"path_prefix": path, "mode": mode, "times": -1}
    requests.post(f"{url}/_sandbox/faults", json=order, timeout=5).raise_for_status()
    yield
    requests.delete(f"{url}/_sandbox/faults", timeout=5).raise_for_status()


def model_without_weights(folder: Path) -> Path:
    """A model folder that says what it is but cannot read: its version is known, tagging fails."""
    folder.mkdir()
    for path in bundled().iterdir():
        if path.suffix != ".onnx":
            shutil.copy(path, folder)
    return folder


def run_all(runner: Runner, url: str) -> None:
    """The good case in the order of a first day, with a broken model and two refusing sources in between."""
    for dag_id in sorted(runner.bag.dags):
        if dag_id.startswith("listen_"):
            runner.run(dag_id)
    os.environ[MODEL] = str(model_without_weights(Path(os.environ["GWIDAM_HOME"]) / "model"))
    runner.run("ingest", called="ingest without weights")
    del os.environ[MODEL]
    runner.run("ingest")
    runner.run("alert")
    runner.run("digest_weekly")
    runner.run("maintenance")
    with fault(url, "/x", "402"):
        runner.run("listen_x", called="spent quota")
    with fault(url, "/kakao", "401"):
        runner.run("listen_daum_cafe", called="rejected key")


def main() -> None:
    """Run everything against a sandbox of its own and write the ends to the file named by the first argument."""
    db.upgradedb()
    runner = Runner()
    with running(Path(os.environ["GWIDAM_HOME"]) / "sandbox") as url:
        os.environ["GWIDAM_SANDBOX_URL"] = url
        run_all(runner, url)
    answer = {"dags": sorted(runner.bag.dags), "ended": runner.ended}
    Path(sys.argv[1]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
