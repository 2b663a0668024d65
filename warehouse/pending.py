"""Texts that still want a reading, as files for the taggers: each (text, task, version) is asked for once."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb

from contracts.keys import digest_key
from storage.files import write_jsonl_gz
from storage.home import Home
from warehouse.connection import quoted, writing
from warehouse.migrate import migrate

log = logging.getLogger(__name__)

CHUNK = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskVersion:
    """A tagging task as the warehouse needs to know it: whose words it reads, and its current version."""

    name: str
    version: str
    applies_to: Literal["customer", "official", "all"]


def export(home: Home, tasks: Sequence[TaskVersion], *, chunk: int = CHUNK, wait_seconds: float = 600.0) -> list[Path]:
    """Write pending/*.jsonl.gz of {"text_hash", "text", "is_official", "tasks"}; returns every file there to tag.

    A text is written with the tasks whose current version has not read it yet. What already lies in a pending file
    is not written again, nor are erased or empty texts. A file is named after what is in it, so the same gap gives
    the same name. Raises SourceUnavailable when another process keeps the warehouse.
    """
    with writing(home, wait_seconds=wait_seconds) as connection:
        migrate(connection)
        _stage_tasks(connection, tasks)
        _stage_waiting(connection, _pending_files(home))
        cursor = connection.execute(_MISSING)
        for rows in _chunks(cursor, chunk):
            key = digest_key(*(f"{row['text_hash']}:{','.join(row['tasks'])}" for row in rows))
            write_jsonl_gz(home.pending / f"texts-{key}.jsonl.gz", rows)
            log.info("pending file texts-%s: %d texts", key, len(rows))
    return _pending_files(home)


def _pending_files(home: Home) -> list[Path]:
    return sorted(path for path in home.pending.glob("*.jsonl.gz") if not path.name.startswith("."))


def _stage_tasks(connection: duckdb.DuckDBPyConnection, tasks: Sequence[TaskVersion]) -> None:
    connection.execute("CREATE OR REPLACE TEMP TABLE tasks (task VARCHAR, version VARCHAR, applies_to VARCHAR)")
    for task in tasks:
        connection.execute("INSERT INTO temp.tasks VALUES (?, ?, ?)", [task.name, task.version, task.applies_to])


def _stage_waiting(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """What earlier pending files ask for and nobody has tagged yet (a tagger deletes its file when done)."""
    connection.execute("CREATE OR REPLACE TEMP TABLE waiting (text_hash VARCHAR, task VARCHAR)")
    if files:
        paths = ", ".join(quoted(str(path)) for path in files)
        connection.execute(
            f"""
            INSERT INTO temp.waiting
            SELECT text_hash, unnest(tasks)
            FROM read_json([{paths}], columns = {{text_hash: 'VARCHAR', tasks: 'VARCHAR[]'}},
                format = 'newline_delimited')
            """  # noqa: S608 - quoted paths
        )


_MISSING = """
WITH texts AS (
    SELECT
        text_hash,
        any_value(coalesce(full_text, text) ORDER BY mention_id) AS text,
        coalesce(bool_and(is_official), false) AS is_official,
        coalesce(bool_or(is_official), false) AS by_official,
        NOT coalesce(bool_and(is_official), false) AS by_customer
    FROM raw.mentions
    WHERE text_hash <> '' AND trim(coalesce(full_text, text, '')) <> ''
    GROUP BY text_hash
),
wanted AS (
    SELECT texts.text_hash, tasks.task, tasks.version
    FROM texts
    JOIN temp.tasks
        ON tasks.applies_to = 'all'
        OR (tasks.applies_to = 'customer' AND texts.by_customer)
        OR (tasks.applies_to = 'official' AND texts.by_official)
),
missing AS (
    SELECT text_hash, list(task ORDER BY task) AS tasks
    FROM wanted
    ANTI JOIN raw.tags
        ON tags.text_hash = wanted.text_hash AND tags.task = wanted.task AND tags.model_version = wanted.version
    ANTI JOIN temp.waiting ON waiting.text_hash = wanted.text_hash AND waiting.task = wanted.task
    GROUP BY text_hash
)
SELECT text_hash, texts.text, texts.is_official, missing.tasks
FROM missing JOIN texts USING (text_hash)
ORDER BY text_hash
"""


def _chunks(cursor: duckdb.DuckDBPyConnection, size: int) -> Iterator[list[dict[str, Any]]]:
    while rows := cursor.fetchmany(size):
        yield [dict(zip(("text_hash", "text", "is_official", "tasks"), row, strict=True)) for row in rows]
