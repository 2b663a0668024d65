"""The analyst's pages: the data dictionary is what the code says, and every query of the cookbook answers."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from warehouse.dictionary import PAGE, render

COOKBOOK = PAGE.parent / "cookbook.md"
QUERIES = re.findall(r"```sql\n(.*?)```", COOKBOOK.read_text("utf-8"), flags=re.DOTALL)
# The sample week has no such case; the query must still be right.
MAY_BE_EMPTY = ("state = 'reopened'", "complaint_links", "only_boilerplate;", "version > 1")


def test_the_data_dictionary_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == render(), "stale: run `python -m warehouse.dictionary` and commit the page"


def test_the_cookbook_has_queries() -> None:
    assert len(QUERIES) >= 15


def test_every_query_of_the_cookbook_answers(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("SET threads = 1")
        for query in QUERIES:
            found = connection.execute(query).fetchall()
            assert found or any(mark in query for mark in MAY_BE_EMPTY), query
