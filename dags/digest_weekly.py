"""`digest_weekly`: Monday's mail with the complaints that nobody has answered.

Every Monday at 08:00 in Seoul: renders last week's digest for every audience and mails it.
A digest that was delivered is not delivered again. Trigger it with `week` for another week.

Runbook: `docs/runbook.md#digest`
"""

# mypy: disallow-untyped-decorators=False
from __future__ import annotations

from typing import Any

from airflow.sdk import Param, dag, task

from dags.common import DEFAULT_ARGS, DagTag, Pool, seoul


@dag(
    schedule=seoul("0 8 * * 1"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=[DagTag.MAIL],
    params={
        "week": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}-W\d{2}$",
            description="An ISO week such as 2026-W47; empty: the last one that has ended in Seoul.",
        )
    },
)
def digest_weekly() -> None:
    """The tasks and their order."""

    @task(pool=Pool.MAIL)
    def digest(params: dict[str, Any] | None = None) -> dict[str, Any]:
        from pipeline import usecases

        return usecases.digest(week=(params or {}).get("week"))

    digest()


digest_weekly()
