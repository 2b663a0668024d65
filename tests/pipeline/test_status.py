"""`gwidam status`: what a paid or limited source has used of its budget stands there before anything is published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from listeners.budget import Budget, usage_file
from pipeline import show
from pipeline.environment import environment
from pipeline.status import status

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def x_row(now: datetime = NOW) -> dict[str, object]:
    (row,) = [row for row in status(environment(), now=now)["sources"] if row["source"] == "x"]
    return row


def budget(limit: int) -> Budget:
    return Budget(
        usage_file(environment().home.state, "x"), source="x", unit="posts", period="2026-11", limit=limit,
        ends_at=datetime(2026, 12, 1, tzinfo=UTC), what="the budget is read",
    )


def test_posts_read_budget_and_dollars_of_the_month() -> None:
    assert (x_row()["used"], x_row()["cost_usd"]) == ("", "")
    budget(50_000).spend(12_345, cost_usd=61.725)
    assert (x_row()["used"], x_row()["cost_usd"]) == ("12,345 of 50,000 posts (2026-11)", "61.73")
    budget(12_400).spend(55, cost_usd=0.275)
    assert x_row()["used"] == "12,400 of 12,400 posts (2026-11, none left)"
    assert x_row(NOW + timedelta(days=10))["used"] == "0 of 12,400 posts (since 2026-12-01)"


def test_without_a_budget_only_what_was_read_is_told() -> None:
    budget(0).spend(7, cost_usd=0.035)
    assert x_row()["used"] == "7 posts (2026-11)"


def test_in_a_pipe_a_source_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(show, "out", show.console())
    read = status(environment(), now=NOW)
    read["sources"] = [{**row, "message": "지난주에 답변이 없던 글 " * 40 + "끝"} for row in read["sources"]]
    show.status(read)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(read["sources"]) + len(read["facts"])
    assert sum(line.rstrip().endswith("끝") for line in lines) == len(read["sources"])
