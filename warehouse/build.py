"""Raw to marts: every SQL model rebuilt in one transaction, with comments on the marts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb

from storage.home import Home
from warehouse.connection import quoted, transaction, writing
from warehouse.migrate import migrate
from warehouse.models import Model, read_models
from warehouse.reference import Reference
from warehouse.reference import write as write_reference

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """How many models were built and how many rows each published table has now."""

    models: int
    rows: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """A JSON-able summary."""
        return asdict(self)


def build(home: Home, reference: Reference, *, now: datetime, wait_seconds: float = 600.0) -> BuildReport:
    """Rebuild all models from raw with this configuration; the old ones stay until the new ones are whole.

    The same raw rows, reference and `now` give the same tables. Raises SourceUnavailable when another process
    keeps the warehouse.
    """
    models = [model for model in read_models() if model.layer != "published"]
    with writing(home, wait_seconds=wait_seconds) as connection:
        migrate(connection)
        with transaction(connection):
            write_reference(connection, reference, now=now)
            build_models(connection, models)
            rows = {model.published_as: _count(connection, model) for model in models if model.published_as}
    log.info("built %d models", len(models))
    return BuildReport(models=len(models), rows=rows)


def build_models(connection: duckdb.DuckDBPyConnection, models: Sequence[Model]) -> None:
    """Create the given models in the given order; schemas too. Joins run in the order in which they are written."""
    # A table made in this transaction counts as empty: orders guessed from that met each with each of a brand.
    connection.execute("SET disabled_optimizers = 'join_order'")
    for schema in ("staging", "intermediate", "marts"):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for model in models:
        build_model(connection, model)


def build_model(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """CREATE OR REPLACE one table or view."""
    connection.execute(f"CREATE OR REPLACE {model.materialized} {model.full_name} AS {model.sql}")


def comment(connection: duckdb.DuckDBPyConnection, model: Model, name: str) -> None:
    """COMMENT ON the table or view `name` and on its columns, as the model's header has them."""
    said = {f"{model.materialized} {name}": model.description}
    said |= {f"COLUMN {name}.{column}": words for column, words in model.columns.items()}
    # One statement text a model: 350 of them apart take half as long again.
    connection.execute(";".join(f"COMMENT ON {what} IS {quoted(words)}" for what, words in said.items()))


def _count(connection: duckdb.DuckDBPyConnection, model: Model) -> int:
    query = f"SELECT count(*) FROM {model.full_name}"  # noqa: S608 - the name of a file of this room
    return int(connection.execute(query).fetchall()[0][0])
