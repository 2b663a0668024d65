"""`Coverage`: what one listening run asked for and what it got, so that silence is never mistaken for calm."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from contracts.clock import to_iso


class Outcome(StrEnum):
    """How a listening run ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One row per run, source, brand and query.

    `reason` says why it is partial or failed: 'cap', 'quota', 'rate_limit', 'robots', 'credentials',
    'unavailable', 'changed', ...; `message` is the one clear line for a person.
    `answers_from`/`answers_to`: the window over which the brand's own answers were read completely
    (None: this run did not read them); a complaint published inside it was checked at `answers_to`.
    `cost_usd` is what the source bills for the run, `requests` how many it took.
    """

    run_id: str
    source: str
    brand: str
    query: str
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    asked_from: datetime | None = None
    asked_to: datetime | None = None
    seen: int = 0
    new: int = 0
    quarantined: int = 0
    requests: int = 0
    cap_hit: bool = False
    reason: str = ""
    message: str = ""
    answers_from: datetime | None = None
    answers_to: datetime | None = None
    cost_usd: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """A landing row; times as ISO UTC."""
        row = asdict(self)
        row["outcome"] = str(self.outcome)
        for name, value in row.items():
            if isinstance(value, datetime):
                row[name] = to_iso(value)
        return row
