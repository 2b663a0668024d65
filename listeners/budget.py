"""What a source's account has used of a quota or a paid budget, over all brands; kept in landing/state/usage/.

It is written as it is spent, not with the mark at a run's end: what was read is billed, also when the run dies.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.clock import from_iso, to_iso
from contracts.errors import QuotaExhausted
from storage.files import write_json

_KEPT_IDS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """`used` of `limit` (0: no limit) `unit`s since the period began; `ends_at` is when it begins anew, UTC."""

    unit: str
    period: str
    used: int
    limit: int
    ends_at: datetime
    cost_usd: float = 0.0


def usage_file(state: Path, source: str) -> Path:
    """Where a source's usage lies: landing/state/usage/<source>.json."""
    return state / "usage" / f"{source}.json"


def read_usage(state: Path, source: str, *, now: datetime) -> Usage | None:
    """What a source has used of the period that `now` is in; None for a source that counts nothing."""
    saved = _read(usage_file(state, source))
    try:
        usage = Usage(**{**saved["usage"], "ends_at": from_iso(saved["usage"]["ends_at"])})
    except (KeyError, TypeError, ValueError):
        return None
    if now < usage.ends_at:
        return usage
    return replace(usage, used=0, cost_usd=0.0, period=f"since {usage.ends_at:%Y-%m-%d}")


class Budget:
    """One account's budget in one run. `what` names it in the message of a run that it ends."""

    def __init__(
        self, path: Path, *, source: str, unit: str, period: str, limit: int, ends_at: datetime, what: str
    ) -> None:
        self._path = path
        self._source = source
        self._what = what
        saved = _read(path)
        before = saved.get("usage", {})
        same = isinstance(before, dict) and before.get("period") == period
        self._usage = Usage(
            unit=unit, period=period, limit=limit, ends_at=ends_at, used=int(before["used"]) if same else 0,
            cost_usd=float(before.get("cost_usd", 0)) if same else 0.0,
        )
        self._day: dict[str, list[str]] = saved.get("billed", {})

    @property
    def usage(self) -> Usage:
        """What is used by now."""
        return self._usage

    @property
    def left(self) -> int | None:
        """How much may still be used; None without a limit."""
        return max(0, self._usage.limit - self._usage.used) if self._usage.limit else None

    def require(self) -> None:
        """Raises QuotaExhausted when nothing is left: what came is kept, and the next period goes on."""
        if self.left == 0:
            raise QuotaExhausted(f"{self._source}: {self._what}", resets_at=self._usage.ends_at, source=self._source)

    def not_billed(self, day: str, ids: Iterable[str]) -> list[str]:
        """Those of the ids that have not been billed on that day yet."""
        known = set(self._day.get(day, ()))
        return [one for one in dict.fromkeys(ids) if one not in known]

    def spend(self, count: int, *, cost_usd: float = 0.0, day: str = "", ids: Iterable[str] = ()) -> None:
        """Count and write it down; `ids` are what was billed on `day` (only the newest day is remembered)."""
        self._usage = replace(
            self._usage, used=self._usage.used + count, cost_usd=round(self._usage.cost_usd + cost_usd, 6)
        )
        if day:
            self._day = {day: [*self._day.get(day, ()), *ids][-_KEPT_IDS:]}
        shown = asdict(self._usage) | {"ends_at": to_iso(self._usage.ends_at)}
        write_json(self._path, {"usage": shown, "billed": self._day})


def _read(path: Path) -> dict[str, Any]:
    try:
        saved = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}  # nothing used yet, or a file that cannot be trusted
    return saved if isinstance(saved, dict) else {}
