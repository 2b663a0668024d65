"""Landing files into raw tables: each file once, each batch whole or not at all, nothing lost."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

import duckdb

from contracts.clock import to_iso
from storage.files import PART
from storage.home import Home
from warehouse import upsert
from warehouse.connection import quoted, transaction, writing
from warehouse.erase import erase_files
from warehouse.landing_rows import KINDS, QUARANTINE, LandingKind
from warehouse.migrate import migrate
from warehouse.read_landing import BatchRead, LandedFile, read_batch

log = logging.getLogger(__name__)

BATCH_BYTES = 64 * 1024 * 1024
_LEDGER = {
    "path": "VARCHAR", "kind": "VARCHAR", "bytes": "BIGINT", "modified_ns": "BIGINT", "loaded_rows": "BIGINT",
    "quarantined_rows": "BIGINT", "loaded_at": "VARCHAR",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What one load found that the warehouse did not have yet.

    `mentions_new`: utterances never seen; `mentions_updated`: known ones seen again (newer counters, answers);
    `mentions_edited`: new wordings of known ones; `mentions_deleted`: deletions seen for the first time;
    `quarantined`: rows put aside with a reason, by listeners or by this load.
    """

    files: int = 0
    mentions_new: int = 0
    mentions_updated: int = 0
    mentions_edited: int = 0
    mentions_deleted: int = 0
    tags: int = 0
    coverage: int = 0
    resolutions: int = 0
    deliveries: int = 0
    gold: int = 0
    quarantined: int = 0

    def to_json(self) -> dict[str, int]:
        """A JSON-able summary."""
        return asdict(self)


def load(home: Home, *, now: datetime, wait_seconds: float = 600.0) -> LoadReport:
    """Load every landing file that is new or was rewritten since it was loaded; idempotent.

    `now` is recorded as the time of loading. Each batch of files is one transaction with its ledger rows, so a
    killed load leaves the earlier batches whole and the rest for the next load. Words of deleted posts are erased from
    the landing files as well. Raises SourceUnavailable when
    another process keeps the warehouse.
    """
    counts: Counter[str] = Counter()
    with writing(home, wait_seconds=wait_seconds) as connection:
        migrate(connection)
        for left in home.warehouse_file.parent.glob("sift-*"):
            shutil.rmtree(left, ignore_errors=True)  # of a killed load: nobody else loads while the lock is held
        for kind in KINDS:
            for batch in _batches(_unloaded(connection, home, kind)):
                with tempfile.TemporaryDirectory(prefix="sift-", dir=home.warehouse_file.parent) as aside:
                    # Outside the transaction: a line that DuckDB refuses would abort it.
                    read = read_batch(connection, kind, batch, aside=Path(aside), loaded_at=to_iso(now))
                with transaction(connection):
                    counts += _keep_batch(connection, kind, batch, read, loaded_at=to_iso(now))
        _drop_staged(connection)
        erase_files(connection, home, loaded_at=to_iso(now))
    report = LoadReport(**{field.name: counts[field.name] for field in fields(LoadReport)})
    log.info("loaded %s", report)
    return report


def _unloaded(connection: duckdb.DuckDBPyConnection, home: Home, kind: LandingKind) -> list[LandedFile]:
    rows = connection.execute("SELECT path, bytes, modified_ns FROM raw.loaded_files WHERE kind = ?", [kind.name])
    known = {path: (size, modified) for path, size, modified in rows.fetchall()}
    found = []
    for path in sorted(home.landed(kind.name).rglob("*.jsonl.gz")):
        if path.name.startswith(".") or path.name.endswith(PART):
            continue
        stat = path.stat()
        relative = path.relative_to(home.root).as_posix()
        if known.get(relative) != (stat.st_size, stat.st_mtime_ns):
            found.append(LandedFile(path=path, name=relative, bytes=stat.st_size, modified_ns=stat.st_mtime_ns))
    return found


def _batches(files: Iterable[LandedFile]) -> Iterator[list[LandedFile]]:
    batch: list[LandedFile] = []
    size = 0
    for file in files:
        if batch and size + file.bytes > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.bytes
    if batch:
        yield batch


def _keep_batch(
    connection: duckdb.DuckDBPyConnection,
    kind: LandingKind,
    files: Sequence[LandedFile],
    read: BatchRead,
    *,
    loaded_at: str,
) -> Counter[str]:
    counts = upsert.UPSERTS[kind.name](connection, loaded_at)
    if read.quarantined:
        counts += upsert.UPSERTS[QUARANTINE.name](connection, loaded_at, table="sifted_out")
    _enter_ledger(connection, [
        {
            "path": file.name, "kind": kind.name, "bytes": file.bytes, "modified_ns": file.modified_ns,
            "loaded_rows": read.rows[file.name], "quarantined_rows": read.bad[file.name], "loaded_at": loaded_at,
        }
        for file in files
    ])
    counts["files"] += len(files)
    return counts


def _enter_ledger(connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, str | int]]) -> None:
    # As one JSON text: parameters of their own take milliseconds a file.
    read = f"from_json_strict($1, {quoted(json.dumps([_LEDGER]))})"
    text = [json.dumps(rows)]
    known = f"DELETE FROM raw.loaded_files WHERE path IN (SELECT unnest({read}).path)"  # noqa: S608 - the lines above
    connection.execute(known, text)
    connection.execute(f"INSERT INTO raw.loaded_files BY NAME SELECT unnest({read}, recursive := true)", text)


def _drop_staged(connection: duckdb.DuckDBPyConnection) -> None:
    for table in ("landed", "sifted_out"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
