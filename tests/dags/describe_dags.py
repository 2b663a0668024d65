"""Run in a process of its own: parse the DAG files as Airflow does and write down what they declare, as JSON."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag

HEAVY = ("bs4", "duckdb", "feedparser", "kiwipiepy", "lxml", "numpy", "onnxruntime", "pandas", "tokenizers",
         "transformers", "tweepy")


def describe_task(task: Any) -> dict[str, Any]:
    """What the policies ask of one task."""
    policy = task.retry_policy
    return {
        "pool": task.pool,
        "retries": task.retries,
        "trigger_rule": task.trigger_rule.value,
        "timeout_seconds": task.execution_timeout.total_seconds() if task.execution_timeout else None,
        "outlets": sorted(outlet.uri for outlet in task.outlets),
        "retry_rules": [[rule.exception_path, rule.action.value] for rule in policy.rules] if policy else [],
        "upstream": sorted(task.upstream_task_ids),
    }


def describe_dag(dag: Any) -> dict[str, Any]:
    """What the policies ask of one DAG."""
    timetable = dag.timetable
    condition = getattr(timetable, "asset_condition", None)
    cron = getattr(timetable, "timetable", timetable)
    return {
        "file": Path(dag.fileloc).name,
        "tags": sorted(dag.tags),
        "owner": dag.owner,
        "doc_md": dag.doc_md or "",
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "cron": getattr(cron, "_expression", None) or getattr(cron, "expression", None),
        "timezone": str(getattr(cron, "_timezone", "") or getattr(cron, "timezone", "")),
        "assets": sorted(asset.uri for asset in condition.objects) if condition else [],
        "tasks": {task.task_id: describe_task(task) for task in dag.tasks},
    }


def main() -> None:
    """Write the description to the file named by the first argument (stdout belongs to Airflow's log)."""
    bag = DagBag(dag_folder=os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    described = {
        "import_errors": bag.import_errors,
        "dags": {dag_id: describe_dag(dag) for dag_id, dag in bag.dags.items()},
        "heavy": sorted(name for name in HEAVY if name in sys.modules),
    }
    Path(sys.argv[1]).write_text(json.dumps(described), encoding="utf-8")


if __name__ == "__main__":
    main()
