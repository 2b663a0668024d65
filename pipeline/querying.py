"""`gwidam query`: one SELECT on the published copy, as a table or as CSV that no spreadsheet can run."""

from __future__ import annotations

import sys
from typing import Any

from rich.markup import escape
from rich.table import Table

from contracts.errors import ConfigurationError
from pipeline import show
from pipeline.csv_files import write_rows
from pipeline.environment import Environment


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
        write_rows(sys.stdout, found)
    else:
        table(found)


def table(found: list[dict[str, Any]]) -> None:
    if not found:
        show.out.print("no rows")
        return
    table = Table(*(escape(name) for name in found[0]), box=None)
    for row in found:
        table.add_row(*("" if value is None else escape(" ".join(str(value).split())) for value in row.values()))
    show.out.print(table)
    show.out.print(f"[dim]{len(found):,} rows[/dim]")
