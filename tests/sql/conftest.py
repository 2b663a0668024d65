"""SQL cases: tests/sql/<model>/<case>.yaml gives rows of some tables and the rows the model must make of them.

    about: one line that says the rule
    given:
      raw.mentions:            # columns left out take the defaults below, else NULL
        - {mention_id: a, text: "…"}
    expect:                    # these columns, these rows, in any order
      - {mention_id: a, state: unaddressed}

Mentions are called by short names (a, b, …): the names become their true keys on the way in, so that threads and
parents meet by `thread_native_id: a`, and names again on the way out.

Only the models between the given tables and the tested one are built, inside a transaction that is rolled back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from contracts.keys import mention_id
from warehouse.build import build_model, build_models
from warehouse.migrate import migrate
from warehouse.models import Model, read_models
from warehouse.reference import Reference, write

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SEEN = "2026-11-19 00:00:00"
DEFAULTS: dict[str, dict[str, Any]] = {
    "raw.mentions": {
        "source": "board", "kind": "post", "is_official": False, "first_seen_at": SEEN, "last_seen_at": SEEN,
    },
    "raw.mention_brands": {"brand": "moadam", "first_seen_at": SEEN},
    "raw.deletions": {"deleted_at": SEEN, "seen_at": SEEN},
    "raw.tags": {
        "task": "sentiment", "value": "", "model_version": "1", "model": "test", "score": 0.95, "evidence": "",
        "loaded_at": SEEN,
    },
    "raw.gold": {"task": "sentiment", "labelled_by": "analyst", "labelled_at": SEEN},
    "raw.coverage": {
        "run_id": "run", "source": "board", "brand": "moadam", "query": "", "started_at": SEEN, "finished_at": SEEN,
        "outcome": "complete",
    },
    "raw.resolutions": {"how": "phone", "note": "", "recorded_at": SEEN},
}


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    if file_path.suffix == ".yaml":
        return CaseFile.from_parent(parent, path=file_path)
    return None


class CaseFile(pytest.File):
    """One YAML file, one case."""

    def collect(self) -> Iterator[pytest.Item]:
        yield Case.from_parent(self, name=f"{self.path.parent.name}.{self.path.stem}")


class Case(pytest.Item):
    """Insert what is given, build what lies between, compare."""

    def runtest(self) -> None:
        case = yaml.load(self.path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        model = _models()[self.path.parent.name]
        connection = _empty_warehouse()
        connection.execute("BEGIN TRANSACTION")
        try:
            keys = _keys(case["given"].get("raw.mentions", []))
            for table, rows in case["given"].items():
                _insert(connection, table, rows, keys)
            for between in _between(set(case["given"]), model):
                build_model(connection, between)
            found = _rows(connection, model, list(case["expect"][0]) if case["expect"] else ["*"])
        finally:
            connection.execute("ROLLBACK")
        names = {key: name for name, key in keys.items()}
        found = [{column: names.get(value, value) if isinstance(value, str) else value for column, value in row.items()}
                 for row in found]
        expected = [{name: _plain(value) for name, value in row.items()} for row in case["expect"]]
        assert sorted(found, key=repr) == sorted(expected, key=repr), case["about"]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        return f"{self.path.name}\n{excinfo.value}"

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name


@cache
def _models() -> Mapping[str, Model]:
    return {model.name: model for model in read_models() if model.layer != "published"}


@cache
def _empty_warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 1")  # a handful of rows: handing work around costs more than the work
    migrate(connection)
    write(connection, Reference(task_versions={"sentiment": "1"}), now=NOW)
    build_models(connection, list(_models().values()))
    return connection


def _keys(mentions: list[dict[str, Any]]) -> dict[str, str]:
    return {row["mention_id"]: mention_id(row.get("source", "board"), row["mention_id"]) for row in mentions}


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]], keys: Mapping[str, str]
) -> None:
    kinds = dict(connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})").fetchall())
    for row in rows:
        full = DEFAULTS.get(table, {}) | row
        if table == "raw.mentions":
            full = {"native_id": row["mention_id"], "text_hash": row["mention_id"]} | full
        if table.startswith("raw.") and "mention_id" in full:
            full["mention_id"] = keys.get(full["mention_id"], full["mention_id"])
        shape = json.dumps({name: kinds[name] for name in full})
        # As one JSON text: for every single value DuckDB looks anew for a pandas that is not there.
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT unnest(from_json_strict($1, '{shape}'))",
            [json.dumps(full, ensure_ascii=False, default=str)],
        )


def _between(given: set[str], target: Model) -> list[Model]:
    """The target and those of its ancestors that rest on a given table, in building order."""
    touched = set(given)
    built = []
    for model in _models().values():
        if model.full_name not in given and (model.references & touched or model is target):
            touched.add(model.full_name)
            built.append(model)
    needed = {target.full_name}
    for model in reversed(built):
        if model.full_name in needed:
            needed |= model.references
    return [model for model in built if model.full_name in needed]


def _rows(connection: duckdb.DuckDBPyConnection, model: Model, columns: list[str]) -> list[dict[str, Any]]:
    cursor = connection.execute(f"SELECT {', '.join(columns)} FROM {model.full_name}")
    names = [column[0] for column in cursor.description]
    return [{n: _plain(v) for n, v in zip(names, row, strict=True)} for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, date):
        return f"{value.isoformat()} 00:00:00"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(float(value), 4)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
