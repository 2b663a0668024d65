"""`alert`: an e-mail for every complaint that spreads or must not wait.

Reads the published copy after each publication and mails what is due; no alert is ever sent twice.

Runbook: `docs/runbook.md#alert`
"""

# mypy: disallow-untyped-decorators=False
from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task

from dags.common import DEFAULT_ARGS, PUBLISHED, DagTag, Pool


@dag(
    schedule=[PUBLISHED],
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=[DagTag.MAIL],
)
def alert() -> None:
    """The tasks and their order."""

    @task(task_id="alert", pool=Pool.MAIL)
    def send() -> dict[str, Any]:
        from pipeline import usecases

        return usecases.alert()

    send()


alert()
