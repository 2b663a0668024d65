"""Line by line through a landing file that DuckDB refused: the good lines go on, the bad ones get a reason."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.clock import from_iso
from warehouse.landing_rows import LandingKind

PAYLOAD_LENGTH = 4000


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be a row: its number from 1, why, and its first 4,000 characters."""

    line: int
    reason: str
    payload: str


@dataclass(frozen=True, slots=True)
class Sifted:
    """The lines of one file, told apart."""

    good: list[str]
    bad: list[BadLine]


def sift(path: Path, kind: LandingKind) -> Sifted:
    """Read a whole landing file; a cut-off or unreadable gzip is one bad line after the last readable one."""
    good: list[str] = []
    bad: list[BadLine] = []
    number = 0
    lines = _lines(path)
    while True:
        number += 1
        try:
            line = next(lines, None)
        except (OSError, EOFError, zlib.error) as error:
            bad.append(BadLine(number, f"the file cannot be read on from here: {error}", ""))
            break
        if line is None:
            break
        reason = fault(line, kind)
        if reason:
            bad.append(BadLine(number, reason, line.decode("utf-8", "replace")[:PAYLOAD_LENGTH]))
        elif line.strip():
            good.append(line.decode("utf-8"))
    return Sifted(good, bad)


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as handle:
        yield from handle


def fault(line: bytes, kind: LandingKind) -> str:
    """Why a line is no row of this kind; '' when it is one, or is blank."""
    if not line.strip():
        return ""
    try:
        row = json.loads(line)
    except UnicodeDecodeError:
        return "not UTF-8"
    except ValueError as error:
        return f"not JSON: {error}"
    if not isinstance(row, dict):
        return f"not a JSON object but a {type(row).__name__}"
    missing = [name for name in kind.required if row.get(name) is None]
    if missing:
        return f"no value for {', '.join(missing)}"
    wrong = [name for name, wanted in kind.columns.items() if row.get(name) is not None and not _is(row[name], wanted)]
    return f"wrong type: {', '.join(f'{name} is no {kind.columns[name]}' for name in wrong)}" if wrong else ""


def _is(value: Any, wanted: str) -> bool:
    if wanted == "TIMESTAMP":
        return _is_time(value)
    if wanted == "VARCHAR[]":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if wanted == "BOOLEAN":
        return isinstance(value, bool)
    if wanted == "VARCHAR":
        return isinstance(value, str)
    kinds = (int,) if wanted == "BIGINT" else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and abs(value) < 2**63


def _is_time(value: Any) -> bool:
    try:
        return isinstance(from_iso(value), datetime)
    except (TypeError, ValueError):
        return False
