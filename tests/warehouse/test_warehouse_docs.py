"""The analyst's pages: the data dictionary is what the code says, and every query of the cookbook answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from warehouse.dictionary import PAGE, render
from warehouse.query import rows

COOKBOOK = PAGE.parent / "cookbook.md"
QUERIES = re.findall(r"```sql\n(.*?)```", COOKBOOK.read_text("utf-8"), flags=re.DOTALL)
# The sample week has no such case; the query must still be right.
MAY_BE_EMPTY = ("state = 'reopened'",)


def test_the_data_dictionary_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == render(), "stale: run `python -m warehouse.dictionary` and commit the page"


def test_the_cookbook_has_queries() -> None:
    assert len(QUERIES) >= 15


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_a_query_of_the_cookbook_answers(published: Path, query: str) -> None:
    found = rows(published, query)
    assert found or any(mark in query for mark in MAY_BE_EMPTY), query
