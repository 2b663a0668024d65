"""Rows out of a file that somebody exported: CSV, TSV, JSON lines (plain or gzip), Parquet; streamed."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Protocol, TextIO

from contracts.errors import ConfigurationError, ContractError

SAMPLE = 1 << 20
FIELD_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stood: its first line (1-based; of Parquet, the row number) and its cells or why it is bad."""

    line: int
    cells: dict[str, Any]
    bad: ContractError | None = None
    raw: str = ""


class Table(Protocol):
    """A file that can be read row by row, as often as one likes."""

    def columns(self) -> list[str]:
        """Every column that occurs."""

    def rows(self) -> Iterator[Row]:
        """The rows in order, without the heading."""


def open_table(path: Path) -> Table:
    """The table of a file, by its name's ending; ConfigurationError when it cannot be read or is no known format."""
    if not path.is_file():
        raise ConfigurationError(f"there is no file {path}; check the name")
    if path.stat().st_size == 0:
        raise ConfigurationError(f"{path.name} is empty; export it again")
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".csv", ".tsv", ".txt")):
        return _Delimited(path, "\t" if name.endswith(".tsv") else None)
    if name.endswith((".jsonl", ".ndjson")):
        return _JsonLines(path)
    if name.endswith(".parquet"):
        return _Parquet(path)
    hint = "; save the sheet as CSV UTF-8" if name.endswith((".xlsx", ".xls")) else ""
    raise ConfigurationError(
        f"{path.name}: its format is not known by its name; there are .csv, .tsv, .jsonl (also .gz) and .parquet{hint}"
    )


def encoding_of(sample: bytes, *, whole: bool) -> str:
    """The encoding of a file's beginning: UTF-8 (with or without BOM), UTF-16, CP949, or the best guess."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if not whole:
        sample = sample[: sample.rfind(b"\n") + 1] or sample[:-4]
    for name in ("utf-8-sig", "cp949"):
        try:
            sample.decode(name)
            return name
        except UnicodeDecodeError:
            continue
    from charset_normalizer import from_bytes

    # A few broken bytes in a UTF-8 file spoil their rows, not the file.
    if len(sample.decode("utf-8", "ignore").encode()) > 0.99 * len(sample):
        return "utf-8-sig"
    best = from_bytes(sample[:65_536], cp_isolation=["utf-8", "cp949", "johab", "utf-16"]).best()
    return best.encoding if best else "utf-8-sig"


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """The file as text; bytes outside its encoding become lone surrogates, so that their row is found."""
    packed = path.name.lower().endswith(".gz")
    try:
        with gzip.open(path, "rb") if packed else path.open("rb") as handle:
            sample = handle.read(SAMPLE)
            encoding = encoding_of(sample, whole=len(sample) < SAMPLE)
            handle.seek(0)
            with io.TextIOWrapper(handle, encoding, errors="surrogateescape", newline="") as text:
                yield text
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ConfigurationError(f"{path.name} is cut off or no gzip file ({error}); export it again") from error


class _Delimited:
    def __init__(self, path: Path, delimiter: str | None) -> None:
        self._path = path
        self._delimiter = delimiter

    def columns(self) -> list[str]:
        with _opened(self._path) as handle:
            return self._heading(self._reader(handle))

    def rows(self) -> Iterator[Row]:
        with _opened(self._path) as handle:
            reader = self._reader(handle)
            heading = self._heading(reader)
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    if "unexpected end of data" in str(error):
                        raise ConfigurationError(
                            f"{self._path.name}: a quote opened at line {line} is never closed, so the rest cannot be "
                            "told into rows; what came before is imported. Mend the quote and import the file again"
                        ) from error
                    yield Row(line, {}, ContractError(f"broken row: {error}"))
                    continue
                if cells and any(cells):
                    yield self._row(line, heading, cells)

    def _row(self, line: int, heading: list[str], cells: list[str]) -> Row:
        while len(cells) > len(heading) and not cells[-1]:
            cells.pop()
        if len(cells) != len(heading):
            error = ContractError(f"{len(cells)} cells under {len(heading)} columns")
            return Row(line, {}, error, raw=" | ".join(cells)[:8_000])
        return Row(line, dict(zip(heading, cells, strict=True)))

    def _reader(self, handle: TextIO) -> Any:
        csv.field_size_limit(FIELD_LIMIT)
        return csv.reader(handle, delimiter=self._delimiter or self._sniffed(handle), strict=True)

    def _sniffed(self, handle: TextIO) -> str:
        heading = handle.readline()
        handle.seek(0)
        return max((",", "\t", ";", "|"), key=heading.count)

    def _heading(self, reader: Any) -> list[str]:
        try:
            heading = [cell.strip().lstrip("\ufeff") for cell in next(reader)]
        except (StopIteration, csv.Error) as error:
            raise ConfigurationError(
                f"{self._path.name} has no heading line; export it with its column names"
            ) from error
        while heading and not heading[-1]:
            heading.pop()
        twice = sorted({cell for cell in heading if heading.count(cell) > 1})
        if not heading or "" in heading or twice:
            wrong = f"'{twice[0]}' stands there twice" if twice else "a column has no name"
            raise ConfigurationError(f"{self._path.name}: the heading line is not usable: {wrong}")
        return heading


class _JsonLines:
    def __init__(self, path: Path) -> None:
        self._path = path

    def columns(self) -> list[str]:
        """Read once through: a column may turn up late, and must be known before anything is written."""
        found: dict[str, None] = {}
        good = False
        for row in self.rows():
            good = good or row.bad is None
            found.update(dict.fromkeys(row.cells))
        if not good:
            raise ConfigurationError(f"{self._path.name} holds no JSON object on any line; write one object a line")
        return list(found)

    def rows(self) -> Iterator[Row]:
        with _opened(self._path) as handle:
            for line, written in enumerate(handle, start=1):
                if not written.strip():
                    continue
                try:
                    value = json.loads(written)
                except (ValueError, RecursionError):
                    yield Row(line, {}, ContractError("the line is no JSON object"), raw=written[:8_000])
                    continue
                if isinstance(value, dict):
                    yield Row(line, value)
                else:
                    yield Row(line, {}, ContractError("the line is JSON, but no object"), raw=written[:8_000])


class _Parquet:
    def __init__(self, path: Path) -> None:
        self._path = path

    def columns(self) -> list[str]:
        with self._opened() as connection:
            return [name for name, _ in self._described(connection)]

    def rows(self) -> Iterator[Row]:
        with self._opened() as connection:
            described = self._described(connection)
            zoned = [name for name, kind in described if kind == "TIMESTAMP WITH TIME ZONE"]
            # DuckDB needs an extension to hand out zoned times; microseconds since 1970 need none.
            changes = ", ".join(f"make_timestamp(epoch_us({_quoted(name)})) AS {_quoted(name)}" for name in zoned)
            star = f"* REPLACE ({changes})" if changes else "*"
            result = connection.execute(f"SELECT {star} FROM read_parquet(?)", [str(self._path)])  # noqa: S608
            line = 0
            while batch := result.fetchmany(2_000):
                for values in batch:
                    line += 1
                    cells = {name: value for (name, _), value in zip(described, values, strict=True)}
                    cells |= {name: cells[name].replace(tzinfo=UTC) for name in zoned if cells[name] is not None}
                    yield Row(line, cells)

    def _described(self, connection: Any) -> list[tuple[str, str]]:
        found = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(self._path)]).fetchall()
        return [(row[0], row[1]) for row in found]

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        import duckdb

        connection = duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})
        try:
            yield connection
        except duckdb.Error as error:
            first = str(error).splitlines()[0][:160]
            raise ConfigurationError(f"{self._path.name} cannot be read as Parquet ({first})") from error
        finally:
            connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
