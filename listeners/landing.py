"""The landing writer: mentions, quarantined records and coverage as whole files, in parts of bounded size."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from contracts.coverage import Coverage
from contracts.mention import Mention
from contracts.records import Quarantined
from listeners.contract import Refused
from storage.files import write_jsonl_gz
from storage.home import Home

ROWS_PER_FILE = 5_000


class Landing:
    """Where one run's rows go: landing/mentions/<source>/<run_id>-<nnn>.jsonl.gz and its neighbours.

    Rows wait in memory until `rows_per_file` have come or `flush` is called; each file appears whole.
    """

    def __init__(
        self, home: Home, *, source: str, run_id: str, now: datetime, rows_per_file: int = ROWS_PER_FILE
    ) -> None:
        self._home = home
        self._source = source
        self._now = now
        self._limit = rows_per_file
        self._mentions: list[dict[str, Any]] = []
        self._refused: list[dict[str, Any]] = []
        self._parts = {"mentions": 0, "quarantine": 0}
        self.run_id = run_id
        self.landed = 0
        self.quarantined = 0

    def add(self, mention: Mention) -> None:
        """Take one mention; may write a file."""
        self.add_row(mention.to_json())

    def add_row(self, row: dict[str, Any]) -> None:
        """Take one `Mention.to_json()`; may write a file."""
        self._mentions.append(row)
        self.landed += 1
        if len(self._mentions) >= self._limit:
            self._write("mentions", self._mentions)

    def refuse(self, refused: Refused) -> None:
        """Take one record for the quarantine; may write a file."""
        record = Quarantined(
            source=self._source, run_id=self.run_id, reason=refused.reason, payload=refused.payload,
            position=refused.position, quarantined_at=self._now,
        )
        self._refused.append(record.to_json())
        self.quarantined += 1
        if len(self._refused) >= self._limit:
            self._write("quarantine", self._refused)

    def flush(self) -> None:
        """Write whatever waits."""
        if self._mentions:
            self._write("mentions", self._mentions)
        if self._refused:
            self._write("quarantine", self._refused)

    def cover(self, *rows: Coverage) -> None:
        """Write the run's coverage."""
        write_jsonl_gz(self._home.landed("coverage") / f"{self.run_id}.jsonl.gz", (row.to_json() for row in rows))

    def _write(self, what: str, rows: list[dict[str, Any]]) -> None:
        folder = self._home.landed(what)
        folder = folder / self._source if what == "mentions" else folder
        write_jsonl_gz(folder / f"{self.run_id}-{self._parts[what]:03d}.jsonl.gz", rows)
        self._parts[what] += 1
        rows.clear()


_FIELDS = tuple(f.name for f in fields(Mention))
_TIMES = tuple(f.name for f in fields(Mention) if "datetime" in str(f.type))
# What changes at every look without the post itself changing.
_VOLATILE = frozenset({"fetched_at", "answers_checked_at"})


def content_key(row: Mapping[str, Any]) -> str:
    """A short hash of a mention's landing row without the times of looking: equal means unchanged."""
    steady = {name: value for name, value in row.items() if name not in _VOLATILE}
    packed = json.dumps(steady, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(packed.encode()).hexdigest()[:16]
