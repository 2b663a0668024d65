"""CSV that people open in a spreadsheet: Excel reads its Korean, and no cell can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from contracts.errors import ConfigurationError
from storage.files import write_bytes

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_rows(handle: TextIO, rows: Sequence[Mapping[str, Any]]) -> None:
    """Header and rows to an open text file."""
    writer = csv.writer(handle)
    if rows:
        writer.writerow(rows[0].keys())
    for row in rows:
        writer.writerow([harmless(value) for value in row.values()])


def write_file(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """A whole file, UTF-8 with the mark that Excel needs to read Korean."""
    text = io.StringIO(newline="")
    write_rows(text, rows)
    write_bytes(path, text.getvalue().encode("utf-8-sig"))


def read_file(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """(line, row) of a file saved by a spreadsheet: UTF-8 or cp949. Raises ConfigurationError: one line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}); check the path") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp949", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in columns if column not in (reader.fieldnames or [])]
    if missing:
        raise ConfigurationError(f"{path} lacks the column {missing[0]!r}; keep the header that the export wrote")
    return [(reader.line_num, {key: value or "" for key, value in row.items() if key}) for row in reader]


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection)."""
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
