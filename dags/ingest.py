"""`ingest`: from landed mentions to the published copy.

Loads what has landed, tags the new texts, rebuilds the marts, checks them and replaces the published copy.
Runs after every listening run and once an hour. A failed `tag` leaves the run red through `all_tagged`, and
everything else is published all the same; a failed `check` keeps the old published copy.

Runbook: `docs/runbook.md#ingest`
"""

# mypy: disallow-untyped-decorators=False
from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import AssetOrTimeSchedule, TriggerRule, dag, task

from dags.common import DEFAULT_ARGS, MENTIONS, PUBLISHED, DagTag, Pool, seoul


@dag(
    # The hourly run picks up what no DAG announced: imported files, recorded resolutions, interrupted listening.
    schedule=AssetOrTimeSchedule(timetable=seoul("20 * * * *"), assets=[MENTIONS]),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=[DagTag.PROCESS],
)
def ingest() -> None:
    """The tasks and their order."""

    @task(pool=Pool.WAREHOUSE_WRITER)
    def load() -> dict[str, Any]:
        from pipeline import usecases

        return usecases.load()

    @task(pool=Pool.WAREHOUSE_WRITER)
    def export_pending() -> list[str]:
        from pipeline import usecases

        return usecases.export_pending()

    @task(pool=Pool.NLP, execution_timeout=timedelta(hours=6))
    def tag(pending: str) -> dict[str, Any]:
        from pipeline import usecases

        return usecases.tag(pending)

    @task(pool=Pool.WAREHOUSE_WRITER, trigger_rule=TriggerRule.ALL_DONE)
    def load_tags() -> dict[str, Any]:
        from pipeline import usecases

        return usecases.load()

    @task(pool=Pool.WAREHOUSE_WRITER)
    def build() -> dict[str, Any]:
        from pipeline import usecases

        return usecases.build()

    @task(pool=Pool.WAREHOUSE_WRITER)
    def check() -> dict[str, Any]:
        from pipeline import usecases

        return usecases.check()

    @task(pool=Pool.WAREHOUSE_WRITER, outlets=[PUBLISHED])
    def publish() -> dict[str, Any]:
        from pipeline import usecases

        return usecases.publish()

    pending = export_pending()
    tagged = tag.expand(pending=pending)
    load() >> pending
    tagged >> load_tags() >> build() >> check() >> publish()
    # A leaf, so that a failed tag shows: load_tags runs after failures too and would leave the run green.
    tagged >> EmptyOperator(task_id="all_tagged", pool=Pool.NLP, trigger_rule=TriggerRule.NONE_FAILED)


ingest()
