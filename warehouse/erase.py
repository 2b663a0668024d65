"""A deleted post's words leave the files too, so that no rebuild from landing brings them back."""

from __future__ import annotations

import gzip
import json
import logging
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from contracts.clock import from_iso
from storage.files import written_whole
from storage.home import Home
from warehouse.connection import quoted, writing

log = logging.getLogger(__name__)

Row = dict[str, Any]
Edit = Callable[[Row], Row | None]


def erase_files(connection: duckdb.DuckDBPyConnection, home: Home, *, loaded_at: str) -> int:
    """Empty the words of deleted posts in landing/mentions, what landing/tags quotes of them, and pending texts.

    Each file is rewritten whole and its ledger row follows, so nothing is loaded anew; killed half-way, the next
    load does it again. Returns how many files were rewritten.
    """
    due = "SELECT mention_id, seen_at FROM raw.deletions WHERE landing_erased_at IS NULL"
    gone: dict[str, datetime] = dict(connection.execute(due).fetchall())
    if not gone:
        return 0
    hashes = _erased_texts(connection)
    edits: dict[Path, Edit] = {}
    for path in _holding(connection, _loaded(connection, home, "mentions"), "mention_id", list(gone)):
        edits[path] = lambda row: _without_words(row, gone)
    for path in _holding(connection, _loaded(connection, home, "tags"), "text_hash", list(hashes)):
        edits[path] = lambda row: _without_quotes(row) if row.get("text_hash") in hashes else row
    for path in _holding(connection, sorted(home.pending.glob("[!.]*.jsonl.gz")), "text_hash", list(hashes)):
        edits[path] = lambda row: None if row.get("text_hash") in hashes else row
    for path, edit in edits.items():
        _rewrite(path, edit)
        _note(connection, home, path)
    connection.execute(
        "UPDATE raw.deletions SET landing_erased_at = ?::TIMESTAMP WHERE landing_erased_at IS NULL", [loaded_at]
    )
    log.info("erased %d deleted posts from %d files", len(gone), len(edits))
    return len(edits)


def deleted(home: Home, *, wait_seconds: float = 600.0) -> set[str]:
    """The ids of all mentions that were seen deleted. Raises SourceUnavailable when another keeps the warehouse."""
    with writing(home, wait_seconds=wait_seconds) as connection:
        return {key for (key,) in connection.execute("SELECT mention_id FROM raw.deletions").fetchall()}


def _erased_texts(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Wordings that no living mention has any more."""
    query = """
        SELECT text_hash FROM raw.mentions GROUP BY text_hash
        HAVING text_hash <> '' AND count(erased_at) > 0 AND count(text) = 0
    """
    return {text_hash for (text_hash,) in connection.execute(query).fetchall()}


def _loaded(connection: duckdb.DuckDBPyConnection, home: Home, kind: str) -> list[Path]:
    names = connection.execute("SELECT path FROM raw.loaded_files WHERE kind = ?", [kind]).fetchall()
    return sorted(path for (name,) in names if (path := home.root / name).exists())


def _holding(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], column: str, keys: Sequence[str]
) -> list[Path]:
    """Those of the files in which `column` has one of the keys."""
    if not paths or not keys:
        return []
    listed = ", ".join(quoted(str(path)) for path in paths)
    query = f"""
        SELECT DISTINCT filename
        FROM read_json([{listed}], columns = {{{column}: 'VARCHAR'}}, format = 'newline_delimited', filename = true,
            ignore_errors = true)
        WHERE {column} IN (SELECT unnest(?))
        """  # noqa: S608 - quoted paths and a column named above
    try:
        return sorted(Path(name) for (name,) in connection.execute(query, [list(keys)]).fetchall())
    except duckdb.Error:  # a cut-off file among them
        wanted = [key.encode() for key in keys]
        return [path for path in paths if any(key in line for line in _lines(path) for key in wanted)]


def _lines(path: Path) -> Iterator[bytes]:
    """The lines that can be read; of a cut-off file those before the cut."""
    try:
        with gzip.open(path, "rb") as lines:
            yield from lines
    except (OSError, EOFError, zlib.error):
        log.warning("%s is cut off; what cannot be read of it is dropped when it is rewritten", path.name)


def _without_words(row: Row, gone: Mapping[str, datetime]) -> Row:
    seen_at = gone.get(str(row.get("mention_id")))
    if seen_at is None or from_iso(row["fetched_at"]).replace(tzinfo=None) > seen_at:
        return row
    return row | {"title": "", "text": "", "full_text": ""}


def _without_quotes(row: Row) -> Row | None:
    """A tag without the words it quotes; of task 'evidence' nothing is left."""
    return None if row.get("task") == "evidence" else row | {"evidence": ""}


def _rewrite(path: Path, edit: Edit) -> None:
    with written_whole(path) as handle, gzip.GzipFile(fileobj=handle, mode="wb", mtime=0, filename="") as packed:
        packed.writelines(_edited(path, edit))


def _edited(path: Path, edit: Edit) -> Iterator[bytes]:
    for line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError:
            yield line  # in quarantine already; it stays where it was found
            continue
        kept = edit(row) if isinstance(row, dict) else row
        if kept == row:
            yield line
        elif kept is not None:
            yield json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _note(connection: duckdb.DuckDBPyConnection, home: Home, path: Path) -> None:
    stat = path.stat()
    connection.execute(
        "UPDATE raw.loaded_files SET bytes = ?, modified_ns = ? WHERE path = ?",
        [stat.st_size, stat.st_mtime_ns, path.relative_to(home.root).as_posix()],
    )
