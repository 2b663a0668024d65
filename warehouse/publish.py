"""The published copy: the stable names in one fresh DuckDB file, put in place by a rename."""

from __future__ import annotations

import logging
import os
from datetime import datetime
from pathlib import Path

import duckdb

from contracts.clock import to_iso
from storage.home import Home
from warehouse import checks
from warehouse.build import comment
from warehouse.connection import quoted, writing
from warehouse.models import Model, read_models

log = logging.getLogger(__name__)


def publish(home: Home, *, now: datetime, wait_seconds: float = 600.0) -> Path:
    """Write published/gwidam.duckdb anew and rename it into place; who has the old one open keeps reading it.

    Only the stable names go in (design, section 9), each with its comments. Raises TerminalError when a check of
    level fail does not hold: the copy people already have then stays.
    """
    models = read_models()
    home.published.mkdir(parents=True, exist_ok=True)
    aside = home.published / f".gwidam.{os.getpid()}.duckdb"
    with writing(home, wait_seconds=wait_seconds) as connection:
        checks.demand(checks.run_on(connection))
        # Nobody else publishes while the lock is held: what lies here was left by a killed run.
        for left in home.published.glob(".gwidam.*.duckdb*"):
            left.unlink()
        _write_copy(connection, models, aside)
        aside.replace(home.published_file)
    log.info("published at %s", to_iso(now))
    return home.published_file


def _write_copy(connection: duckdb.DuckDBPyConnection, models: list[Model], aside: Path) -> None:
    own = str(connection.execute("SELECT current_database()").fetchall()[0][0])
    aside.unlink(missing_ok=True)
    connection.execute(f"ATTACH {quoted(str(aside))} AS published_copy")
    try:
        for model in models:
            if model.published_as and model.layer == "marts":
                name = f"published_copy.main.{model.published_as}"
                order = ", ".join(model.grain)
                # Sorted by key: the same marts give the same file, and a reader's filter skips blocks.
                connection.execute(
                    f"CREATE TABLE {name} AS FROM {model.full_name} ORDER BY {order}"
                )
                comment(connection, model, name)
        # Views are bound where they will be read: inside the copy.
        connection.execute("USE published_copy.main")
        for model in models:
            if model.layer == "published":
                connection.execute(f"CREATE VIEW main.{model.published_as} AS {model.sql}")
                comment(connection, model, f"main.{model.published_as}")
    finally:
        connection.execute(f'USE "{own}".main')
        connection.execute("DETACH published_copy")
