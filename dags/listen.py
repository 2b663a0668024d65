"""`listen_<source>`: one DAG for every source that config/sources.toml enables."""

# mypy: disallow-untyped-decorators=False
from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task

from dags.common import DEFAULT_ARGS, MENTIONS, DagTag, Pool, seoul
from pipeline import catalog

PURPOSE = """Collects what is new on `{source}` for every brand and lands it in `landing/mentions/{source}/`.
A used-up quota is no failure: the run is green, its result says `quota` under `lacking`, the next one resumes there.
Failed at once means that a person must act (a rejected key, a changed page): the log's last line says what to do.

Runbook: `docs/runbook.md#listen`
"""


def listen_dag(source: str) -> None:
    """Register the DAG of one source."""

    @dag(
        dag_id=f"listen_{source}",
        schedule=seoul(catalog.schedule(source), first_run_now=True),
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULT_ARGS,
        tags=[DagTag.LISTEN],
        doc_md=PURPOSE.format(source=source),
    )
    def listen_source() -> None:
        """The one task."""

        @task(pool=Pool.LISTENING, outlets=[MENTIONS])
        def listen() -> dict[str, Any]:
            from pipeline import usecases

            return usecases.listen(source)

        listen()

    listen_source()


for name in catalog.source_names():
    listen_dag(name)
