"""The one writer's door to the warehouse file: a lock first, then a connection that is never held across steps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from contracts.errors import SourceUnavailable
from storage.home import Home
from storage.locks import exclusive

LOCK_NAME = "warehouse.lock"
SMALL_BYTES = 64 * 1024 * 1024


@contextmanager
def writing(home: Home, *, wait_seconds: float = 600.0) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse open for writing, alone: holds `locks/warehouse.lock` until the block ends.

    Raises SourceUnavailable when another process keeps the warehouse for `wait_seconds`.
    """
    home.warehouse_file.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(home.locks / LOCK_NAME, wait_seconds=wait_seconds):
        connection = connect(home.warehouse_file, wait_seconds=wait_seconds)
        try:
            if home.warehouse_file.stat().st_size < SMALL_BYTES:
                think_small(connection)
            yield connection
        finally:
            connection.close()


def connect(path: Path, *, read_only: bool = False, wait_seconds: float = 30.0) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file with UTC as session zone, waiting while another process has it open.

    Raises SourceUnavailable when the file stays locked (somebody has the warehouse itself open in a client).
    """
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            connection = duckdb.connect(str(path), read_only=read_only)
            break
        except duckdb.IOException as error:
            if "lock" not in str(error).lower() or time.monotonic() >= deadline:
                raise _unavailable(path, error) from error
            time.sleep(0.2)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def think_small(connection: duckdb.DuckDBPyConnection) -> None:
    """For some ten thousand mentions, sharing work out among threads and packing texts cost more than the work."""
    connection.execute("SET threads = 1")
    connection.execute("SET disabled_compression_methods = 'fsst'")


def _unavailable(path: Path, error: duckdb.IOException) -> SourceUnavailable:
    first_line = str(error).splitlines()[0]
    return SourceUnavailable(
        f"{path.name} cannot be opened: {first_line}; close the program that has it open "
        "(analysts open published/gwidam.duckdb instead) and try again"
    )


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of the block or nothing of it."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def quoted(text: str) -> str:
    """A SQL string literal; for the places where DuckDB takes no parameter."""
    return "'" + text.replace("'", "''") + "'"
