"""`maintenance`: what has to be thrown away, every night.

Sweeps what killed runs left half-written and enforces retention: old landing files and expired texts go.

Runbook: `docs/runbook.md#maintenance`
"""

# mypy: disallow-untyped-decorators=False
from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task

from dags.common import DEFAULT_ARGS, DagTag, Pool, seoul


@dag(
    schedule=seoul("40 3 * * *"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=[DagTag.UPKEEP],
)
def maintenance() -> None:
    """The tasks and their order."""

    @task(task_id="maintenance", pool=Pool.WAREHOUSE_WRITER)
    def tidy() -> dict[str, Any]:
        from pipeline import usecases

        return usecases.maintenance()

    tidy()


maintenance()
