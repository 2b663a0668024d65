"""Reading the published copy: never locked, never changed, and nothing of it trusted to be new enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from contracts.errors import ConfigurationError, SourceUnavailable

Row = dict[str, Any]


class Published:
    """An open published copy; see `opened`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def rows(self, sql: str, **values: Any) -> list[Row]:
        """The rows of one SELECT with named parameters ($name); times come back as aware UTC.

        Raises ConfigurationError when the copy lacks a name that the digest reads.
        """
        try:
            cursor = self._connection.execute(sql, {name: _naive(value) for name, value in values.items()})
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise ConfigurationError(
                f"{self._path} was published by another version of gwidam ({str(error).splitlines()[0]}); "
                "run `gwidam run --no-listen` to build and publish it anew"
            ) from None
        names = [column[0] for column in cursor.description or ()]
        return [{n: _aware(v) for n, v in zip(names, row, strict=True)} for row in cursor.fetchall()]

    def row(self, sql: str, **values: Any) -> Row:
        """The only row of a SELECT that always gives one."""
        return self.rows(sql, **values)[0]


@contextmanager
def opened(path: Path) -> Iterator[Published]:
    """The published copy, read-only. Raises ConfigurationError when there is none yet."""
    if not path.exists():
        raise ConfigurationError(f"no published copy at {path}; run `gwidam run` first")
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.IOException as error:
        raise SourceUnavailable(f"{path} cannot be opened: {str(error).splitlines()[0]}; try again") from None
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET threads = 1")  # many small questions: handing the work around costs a fifth more
        yield Published(connection, path)
    finally:
        connection.close()


def _naive(value: Any) -> Any:
    """Times are stored as UTC without a zone."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _aware(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
