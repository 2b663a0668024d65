"""The site's own feedback button: whole files (JSON lines, CSV, TSV) that appear in a watched folder.

`gwidam feedback-server` writes such files from a signed webhook; any other tool may put them there too.
The fields are those of `gwidam import`; columns of other names are mapped by the option `columns`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from contracts.errors import ConfigurationError, ContractError
from contracts.keys import digest_key
from contracts.mention import Kind, Mention
from listeners.contract import Ask, Listener, Page, ParseContext, Refused
from listeners.import_reading import Row, open_table
from listeners.rows import fields_of, row_mentions
from listeners.values import mapping

ROWS_PER_PAGE = 500
_ENDINGS = (".jsonl", ".ndjson", ".csv", ".tsv", ".jsonl.gz", ".csv.gz", ".tsv.gz")
_KEPT_FILES = 20_000
_IDENTITY = ("title", "text", "url", "rating", "published_at", "nps", "csat", "author")


class Feedback(Listener):
    """Files of the option `folder` that are new or have changed since the last run."""

    name: ClassVar[str] = "feedback"
    title_ko: ClassVar[str] = "의견 보내기"
    title_en: ClassVar[str] = "Feedback button"
    shows_answers: ClassVar[bool] = True

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Each new or changed file, 500 rows a page; a file that cannot be used is named and tried again."""
        folder = _folder(ask)
        known = dict(_mapping_or_empty(ask.mark.get("files")))
        ask.findings.queries.append(folder.name)
        for path in _files(folder):
            version = _version(path)
            if known.get(path.name) == version:
                continue
            try:
                yield from _pages(path)
            except ConfigurationError as error:
                ask.findings.lack("changed", f"{ask.settings.name}: {error.message}")
                continue
            except OSError as error:
                reason = error.strerror or type(error).__name__
                ask.findings.lack("unavailable", f"{ask.settings.name}: {path.name} cannot be read ({reason})")
                continue
            known[path.name] = version
            # Dicts keep their order: the oldest names are forgotten first, and would only be read again.
            ask.findings.mark["files"] = dict(list(known.items())[-_KEPT_FILES:])

    def check(self, ask: Ask) -> str:
        """Look into the folder and count what waits."""
        folder = _folder(ask)
        return f"{ask.settings.name}: {folder} can be read; {len(_files(folder))} files"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A mention a row, and one more for an answer. Rows of another brand are left to that brand's run."""
        columns = _columns(context)
        seen: dict[str, int] = {}
        for row in page.body if isinstance(page.body, list) else []:
            position = f"line {row.get('line')}" if isinstance(row, Mapping) else "a row"
            try:
                yield from list(_mentions(mapping(row), columns, context, seen))
            except ContractError as error:
                payload = row.get("cells") or row.get("raw") if isinstance(row, Mapping) else ""
                yield context.refused(error, payload, f"{page.extra.get('file', '')} {position}".strip())


def _mentions(
    row: Mapping[str, Any], columns: Mapping[str, str], context: ParseContext, seen: dict[str, int]
) -> Iterator[Mention]:
    if row.get("bad"):
        raise ContractError(str(row["bad"]))
    fields = fields_of(mapping(row.get("cells"), "the row"), columns)
    if fields.get("brand") not in {None, "", context.brand.id}:
        return
    native_id = fields.get("native_id") or _derived_id(fields, context, seen)
    yield from row_mentions(fields, context, kind=Kind.INQUIRY, native_id=native_id)


def _derived_id(fields: Mapping[str, Any], context: ParseContext, seen: dict[str, int]) -> str:
    """An id from what the row says, masked and with the author's key: nothing in it can be guessed back."""
    said = {**fields, "text": context.mask(fields.get("text") or ""), "author": context.author(fields.get("author"))}
    key = digest_key(*(str(said.get(name) or "") for name in _IDENTITY))
    seen[key] = seen.get(key, 0) + 1
    return f"row-{key}-{seen[key]}"


def _columns(context: ParseContext) -> dict[str, str]:
    given: dict[str, Any] = context.settings.option("columns", {})
    return {field: str(column) for field, column in given.items()}


def _folder(ask: Ask) -> Path:
    given = ask.settings.option("folder", "")
    if not given:
        raise ConfigurationError(
            f"{ask.settings.name}: no folder is named; set the option folder to where the feedback files appear",
            source=ask.settings.name,
        )
    folder = Path(given).expanduser()
    if not folder.is_dir():
        raise ConfigurationError(
            f"{ask.settings.name}: there is no folder {folder}; create it, or correct the option folder",
            source=ask.settings.name,
        )
    return folder


def _files(folder: Path) -> list[Path]:
    """Whole files only: names that begin with a dot or end in .part are still being written."""
    found = [
        path for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and path.name.lower().endswith(_ENDINGS)
    ]
    return sorted(found, key=lambda path: path.name)


def _version(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def _pages(path: Path) -> Iterator[Page]:
    if path.stat().st_size == 0:
        return
    rows = open_table(path).rows()
    ends_whole = path.name.lower().endswith(".gz") or _ends_with_newline(path)
    while batch := list(islice(rows, ROWS_PER_PAGE)):
        # A broken last line without its end is still being written: the file will change, and be read again.
        if not ends_whole and len(batch) < ROWS_PER_PAGE and batch[-1].bad:
            batch.pop()
        if batch and all(row.bad for row in batch):
            raise ConfigurationError(f"{path.name} holds no row that can be read ({batch[0].bad}); write it anew")
        yield Page(kind="rows", body=[_as_json(row) for row in batch], extra={"file": path.name})


def _as_json(row: Row) -> dict[str, Any]:
    if row.bad:
        return {"line": row.line, "bad": row.bad.message, "raw": row.raw, "cells": row.cells}
    return {"line": row.line, "cells": row.cells}


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as handle:
        handle.seek(-1, 2)
        return handle.read(1) == b"\n"


def _mapping_or_empty(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
