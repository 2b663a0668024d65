"""The published copy: the stable names in one fresh DuckDB file, put in place by a rename."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from contracts.clock import to_iso
from storage.home import Home
from warehouse import checks
from warehouse.build import comment
from warehouse.connection import quoted, transaction, writing
from warehouse.models import Model, read_models

COPY = "published_copy"
log = logging.getLogger(__name__)


class Published(NamedTuple):
    """The published copy, and the summary of the checks on what is in it."""

    path: Path
    checked: dict[str, Any]


def publish(home: Home, *, now: datetime, wait_seconds: float = 600.0) -> Published:
    """Check, then write published/gwidam.duckdb anew and rename it into place; who has the old one open keeps it.

    Only the stable names go in (design, section 9), each with its comments. Raises TerminalError when a check of
    level fail does not hold: the copy people already have then stays.
    """
    models = read_models()
    home.published.mkdir(parents=True, exist_ok=True)
    aside = home.published / f".gwidam.{os.getpid()}.duckdb"
    with writing(home, wait_seconds=wait_seconds) as connection:
        checked = checks.demand(checks.run_on(connection))
        # Nobody else publishes while the lock is held: what lies here was left by a killed run.
        for left in home.published.glob(".gwidam.*.duckdb*"):
            left.unlink()
        write_copy(connection, models, str(aside))
        connection.execute(f"DETACH {COPY}")
        aside.replace(home.published_file)
    log.info("published at %s", to_iso(now))
    return Published(home.published_file, checked)


def write_copy(connection: duckdb.DuckDBPyConnection, models: Sequence[Model], target: str) -> None:
    """Attach `target` (a path that is not there yet, or ':memory:') as `published_copy` and fill it.

    Tables are sorted by key: the same marts give the same rows in the same order.
    """
    own = str(connection.execute("SELECT current_database()").fetchall()[0][0])
    connection.execute(f"ATTACH {quoted(target)} AS {COPY}")
    with transaction(connection):  # one flush to disk instead of one for each comment
        for model in models:
            if model.layer == "marts" and model.published_as:
                name = f"{COPY}.main.{model.published_as}"
                connection.execute(f"CREATE TABLE {name} AS FROM {model.full_name} ORDER BY {', '.join(model.grain)}")
                comment(connection, model, name)
    # Views are bound where they will be read: inside the copy.
    connection.execute(f"USE {COPY}.main")
    try:
        with transaction(connection):
            for model in models:
                if model.layer == "published":
                    connection.execute(f"CREATE VIEW main.{model.published_as} AS {model.sql}")
                    comment(connection, model, f"main.{model.published_as}")
    finally:
        connection.execute(f'USE "{own}".main')
