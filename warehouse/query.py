"""Reading the published copy: one SELECT, rows as dictionaries, times timezone-aware."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.connection import connect


def rows(published: Path, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """The rows of a query on a published file, opened read-only; TIMESTAMP columns come back as UTC datetimes.

    Aware datetimes among `params` are compared in UTC. Raises duckdb.Error for wrong SQL and SourceUnavailable
    when the file is not there or is held by a writer (nothing of gwidam writes to it).
    """
    connection = connect(published, read_only=True)
    try:
        connection.execute("SET enable_external_access = false")
        cursor = connection.execute(sql, [_stored(value) for value in params])
        names = [column[0] for column in cursor.description or ()]
        return [{n: _aware(v) for n, v in zip(names, row, strict=True)} for row in cursor.fetchall()]
    finally:
        connection.close()


def _stored(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
