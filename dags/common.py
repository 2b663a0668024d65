"""What every DAG shares: its assets, pools, tags, and the table that turns an error into a retry or a stop.

Airflow parses the DAG files again for every task, so this module and they import nothing heavier than
`airflow.sdk`, `contracts` and `pipeline.catalog`; the use cases are imported inside the task bodies.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from airflow.sdk import Asset, CronTriggerTimetable, ExceptionRetryPolicy, RetryAction, RetryRule

from contracts.errors import ContractError, QuotaExhausted, RateLimited, TerminalError, TransientError

MENTIONS = Asset(name="landed_mentions", uri="gwidam://landing/mentions")
PUBLISHED = Asset(name="published_copy", uri="gwidam://published")


class Pool(StrEnum):
    """The pools of config/pools.json; a task in a pool that Airflow does not know is never scheduled."""

    LISTENING = "listening"
    NLP = "nlp"
    WAREHOUSE_WRITER = "warehouse_writer"
    MAIL = "mail"


class DagTag(StrEnum):
    """The tags a DAG may carry, so that the list can be filtered by what a DAG is for."""

    LISTEN = "listen"
    PROCESS = "process"
    MAIL = "mail"
    UPKEEP = "upkeep"


RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=RateLimited,
            action=RetryAction.RETRY,
            retry_delay=timedelta(minutes=15),
            reason="the source asked for a pause; most of them count in windows of 15 minutes",
        ),
        RetryRule(
            exception=TransientError,
            action=RetryAction.RETRY,
            retry_delay=timedelta(minutes=2),
            reason="it is expected to work later",
        ),
        RetryRule(
            exception=QuotaExhausted,
            action=RetryAction.FAIL,
            reason="the next scheduled run resumes from the high-water mark; trying before costs and gives nothing",
        ),
        RetryRule(
            exception=[TerminalError, ContractError],
            action=RetryAction.FAIL,
            reason="a person must act; trying again changes nothing",
        ),
    ]
)

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "gwidam",
    "retries": 2,
    "retry_delay": timedelta(minutes=2),
    "retry_policy": RETRY_POLICY,
    "execution_timeout": timedelta(hours=1),
}


def seoul(cron: str, *, first_run_now: bool = False) -> CronTriggerTimetable:
    """A cron expression read in Korean time, whatever the clock of the machine says.

    `first_run_now`: a DAG that has never run starts at once instead of waiting for its first hour to come.
    """
    return CronTriggerTimetable(cron, timezone="Asia/Seoul", run_immediately=first_run_now)
