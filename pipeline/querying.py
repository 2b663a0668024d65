"""`gwidam query`: one SELECT on the published copy, as a table or as CSV that no spreadsheet can run."""

from __future__ import annotations

import csv as csv_module
import sys
from typing import Any

from rich.markup import escape
from rich.table import Table

from contracts.errors import ConfigurationError
from pipeline import show
from pipeline.environment import Environment

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def query(env: Environment, sql: str, *, csv: bool) -> None:
    """Print the rows. Raises ConfigurationError when nothing is published or the SQL is wrong."""
    import duckdb

    from warehouse.query import rows

    if not env.home.published_file.exists():
        raise ConfigurationError("nothing is published yet; run `gwidam run` first")
    try:
        found = rows(env.home.published_file, sql)
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise ConfigurationError(f"query: {said}; docs/data_dictionary.md lists the names") from None
    if csv:
        _csv(found)
    else:
        _table(found)


def _csv(found: list[dict[str, Any]]) -> None:
    writer = csv_module.writer(sys.stdout)
    if found:
        writer.writerow(found[0].keys())
    for row in found:
        writer.writerow([_harmless(value) for value in row.values()])


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection)."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _table(found: list[dict[str, Any]]) -> None:
    if not found:
        show.out.print("no rows")
        return
    table = Table(*(escape(name) for name in found[0]), box=None)
    for row in found:
        table.add_row(*("" if value is None else escape(" ".join(str(value).split())) for value in row.values()))
    show.out.print(table)
    show.out.print(f"[dim]{len(found):,} rows[/dim]")
