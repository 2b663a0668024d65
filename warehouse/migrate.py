"""Append-only, ordered migrations of the raw tables: migrations/NNNN_name.sql, each applied once."""

from __future__ import annotations

from pathlib import Path

import duckdb

from contracts.errors import ConfigurationError
from warehouse.connection import transaction

FOLDER = Path(__file__).parent / "migrations"


def migrate(connection: duckdb.DuckDBPyConnection, *, folder: Path = FOLDER) -> list[str]:
    """Apply what is not applied yet, one transaction each; returns the names applied now.

    Raises ConfigurationError when the warehouse knows a migration this version of gwidam does not have.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS raw.migrations (name VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL)"
    )
    applied = {name for (name,) in connection.execute("SELECT name FROM raw.migrations").fetchall()}
    files = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    unknown = applied - {file.stem for file in files}
    if unknown:
        raise ConfigurationError(
            f"the warehouse was written by a newer gwidam (migrations {', '.join(sorted(unknown))}); "
            "update gwidam, or use another GWIDAM_HOME"
        )
    fresh = [file for file in files if file.stem not in applied]
    for file in fresh:
        with transaction(connection):
            connection.execute(file.read_text(encoding="utf-8"))
            # The only clock in the warehouse: when the file was altered, read by nobody but a person.
            connection.execute("INSERT INTO raw.migrations VALUES (?, now()::TIMESTAMP)", [file.stem])
    return [file.stem for file in fresh]
