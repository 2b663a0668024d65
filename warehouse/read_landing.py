"""One batch of landing files as the temporary table `landed`; lines that are no rows as `sifted_out`."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.connection import quoted
from warehouse.landing_rows import LandingKind
from warehouse.sift import BadLine, sift

MAXIMUM_LINE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedFile:
    """A file to load: where it is, its name relative to GWIDAM_HOME, and what tells a rewritten one apart."""

    path: Path
    name: str
    bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class BatchRead:
    """Rows read and lines put aside, by file name."""

    rows: Counter[str]
    bad: Counter[str]

    @property
    def quarantined(self) -> int:
        """Lines put aside in the whole batch."""
        return self.bad.total()


def read_batch(
    connection: duckdb.DuckDBPyConnection,
    kind: LandingKind,
    files: Sequence[LandedFile],
    *,
    aside: Path,
    loaded_at: str,
) -> BatchRead:
    """Read the files in one go; when that fails, go through those that cannot be read line by line.

    Fills temp table `landed` (the kind's columns, `landed_in`, `line_order`: a total order of the rows) and, where
    lines are bad, `sifted_out` (columns of raw.quarantine).
    """
    names = {str(file.path): file.name for file in files}
    try:
        _stage(connection, kind, names)
        suspects = _files_with_gaps(connection, kind)
    except duckdb.Error:
        suspects = {name for path, name in names.items() if not _is_sound(connection, kind, path, name)}
    bad: Counter[str] = Counter()
    if suspects:
        paths, faults = _sift_files(kind, files, suspects, aside)
        _stage(connection, kind, paths)
        _keep_faults(connection, kind, faults, loaded_at)
        bad.update({name: len(lines) for name, lines in faults.items()})
    rows = connection.execute("SELECT landed_in, count(*) FROM temp.landed GROUP BY landed_in").fetchall()
    return BatchRead(Counter(dict(rows)), bad)


def _stage(connection: duckdb.DuckDBPyConnection, kind: LandingKind, names: dict[str, str]) -> None:
    columns = ", ".join(f"{name}: {quoted(type_)}" for name, type_ in kind.columns.items())
    paths = ", ".join(quoted(path) for path in names)
    renames = ", ".join(f"{quoted(path)}: {quoted(name)}" for path, name in names.items())
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE landed AS
        SELECT * EXCLUDE (filename), map_extract_value(MAP {{{renames}}}, filename) AS landed_in,
            row_number() OVER () AS line_order
        FROM read_json([{paths}], columns = {{{columns}}}, format = 'newline_delimited', filename = true,
            maximum_object_size = {MAXIMUM_LINE_BYTES})
        """  # noqa: S608 - names from this room, paths quoted
    )


def _is_sound(connection: duckdb.DuckDBPyConnection, kind: LandingKind, path: str, name: str) -> bool:
    """Whether a file alone can be read and has no gaps; going through lines in Python is far slower."""
    try:
        _stage(connection, kind, {path: name})
    except duckdb.Error:
        return False
    return not _files_with_gaps(connection, kind)


def _files_with_gaps(connection: duckdb.DuckDBPyConnection, kind: LandingKind) -> set[str]:
    gaps = " OR ".join(f"{name} IS NULL" for name in kind.required)
    query = f"SELECT DISTINCT landed_in FROM temp.landed WHERE {gaps}"  # noqa: S608 - names from this room
    return {name for (name,) in connection.execute(query).fetchall()}


def _sift_files(
    kind: LandingKind, files: Sequence[LandedFile], suspects: set[str], aside: Path
) -> tuple[dict[str, str], dict[str, list[BadLine]]]:
    """The paths to read instead, by the name they stand for, and the bad lines of each file."""
    paths: dict[str, str] = {}
    faults: dict[str, list[BadLine]] = {}
    for number, file in enumerate(files):
        if file.name not in suspects:
            paths[str(file.path)] = file.name
            continue
        sifted = sift(file.path, kind)
        clean = aside / f"{number:06d}.jsonl.gz"
        with gzip.open(clean, "wt", encoding="utf-8", compresslevel=1) as handle:
            handle.writelines(line if line.endswith("\n") else line + "\n" for line in sifted.good)
        paths[str(clean)] = file.name
        if sifted.bad:
            faults[file.name] = sifted.bad
    return paths, faults


def _keep_faults(
    connection: duckdb.DuckDBPyConnection, kind: LandingKind, faults: dict[str, list[BadLine]], loaded_at: str
) -> None:
    connection.execute("CREATE OR REPLACE TEMP TABLE sifted_out AS FROM raw.quarantine LIMIT 0")
    rows = [
        (kind.name, name, f"line {bad.line}", bad.reason, bad.payload, loaded_at)
        for name, lines in faults.items()
        for bad in lines
    ]
    if rows:
        connection.executemany("INSERT INTO temp.sifted_out VALUES (?, ?, ?, ?, ?, ?)", rows)
