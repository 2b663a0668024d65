"""What is called deleted, and what is not: posts asked for by their ids, reviews that leave a list by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.listeners.faking.bench import Bench
from tests.listeners.faking.world import NOW

GRAPHS = pytest.mark.parametrize("bench", ["threads", "instagram"], indirect=True)
PLAY = pytest.mark.parametrize("bench", ["google_play"], indirect=True)


def deleted(bench: Bench) -> set[str]:
    return {one for one, found in bench.house.mentions(bench.fake.name).items() if found.deleted_at is not None}


@GRAPHS
def test_a_post_that_never_answered_to_its_id_is_not_called_deleted(bench: Bench, monkeypatch: Any) -> None:
    """A graph that gives nobody else's posts by id: five are tried, then asking rests for a week."""
    monkeypatch.setattr(type(bench.fake), "by_id", lambda fake, path: None)
    bench.run()
    first = bench.asked
    bench.fake.posts[1].gone = True
    bench.run(timedelta(hours=25))
    assert deleted(bench) == set()
    assert bench.asked - first < first, "nothing was asked for by its id again"


@GRAPHS
def test_when_most_posts_are_gone_at_once_it_is_rather_a_right_that_was_lost(bench: Bench, monkeypatch: Any) -> None:
    bench.run()
    monkeypatch.setattr(type(bench.fake), "by_id", lambda fake, path: None)
    coverage = bench.run(timedelta(hours=24))
    assert (coverage.reason, deleted(bench)) == ("changed", set())
    assert "Nothing is taken for deleted" in coverage.message


@GRAPHS
def test_a_second_look_is_taken_once_a_day_and_for_some_days(bench: Bench) -> None:
    bench.run()
    first = bench.asked
    bench.run(timedelta(hours=2))
    assert bench.asked - first <= 6
    bench.fake.posts[1].gone = True
    bench.run(timedelta(days=4))
    assert deleted(bench) == set(), "it was written more than recheck_days ago"


@PLAY
def test_a_review_without_its_text_is_not_deleted(bench: Bench, monkeypatch: Any) -> None:
    """It leaves the list, but still answers to its id."""
    bench.run()
    shown = bench.fake.posts[1]
    there = bench.fake.there
    monkeypatch.setattr(bench.fake, "page", lambda start: [p for p in there() if p is not shown][start : start + 100])
    bench.run(timedelta(hours=1))
    assert deleted(bench) == set()
    shown.gone = True
    bench.run(timedelta(hours=2))
    assert deleted(bench) == set(), "it had left the list before: nobody looks for it any more"


@PLAY
def test_a_review_older_than_a_week_leaves_by_itself(bench: Bench) -> None:
    bench.run()
    oldest = bench.fake.posts[-1]
    oldest.gone = True
    assert oldest.at > NOW - timedelta(days=7)
    bench.run(timedelta(days=6))
    assert deleted(bench) == set()
