"""The contract of every listener: each fault ends as the taxonomy says, and nothing that came is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.coverage import Outcome
from contracts.errors import RateLimited, SourceUnavailable
from tests.listeners.faking.bench import Bench
from tests.listeners.faking.situations import FAULTS, HICCUPS, end_of, in_situation
from tests.listeners.faking.world import NOW, QUARANTINED


@in_situation(*FAULTS)
def test_a_fault_on_the_second_page_loses_nothing(bench: Bench, situation: str) -> None:
    bench.strike(situation)
    _ends(bench, situation)
    assert len(bench.ids()) == bench.fake.received(situation)
    bench.mend()
    assert bench.run(timedelta(minutes=15)).outcome is Outcome.COMPLETE
    # A record that was set apart is not asked for again where a source gives each only once.
    set_apart = 1 if end_of(bench.fake, situation) == QUARANTINED else 0
    assert bench.ids() <= bench.expected() and len(bench.expected() - bench.ids()) <= set_apart


def _ends(bench: Bench, situation: str) -> None:
    """Run, and look how it ended: an error with one clear line, or a coverage that says why it is partial."""
    end = end_of(bench.fake, situation)
    if isinstance(end, str):
        coverage = bench.run()
        assert coverage.quarantined == (1 if end == QUARANTINED else 0)
        assert (coverage.outcome, coverage.reason) == (
            (Outcome.COMPLETE, "") if end == QUARANTINED else (Outcome.PARTIAL, end)
        )
        line = coverage.message
    else:
        with pytest.raises(end) as caught:
            bench.run()
        line = str(caught.value)
        (row,) = bench.house.rows("coverage")
        assert row["outcome"] == ("partial" if bench.fake.received(situation) else "failed")
        assert row["reason"] and row["message"] == line
    assert line.startswith(f"{bench.fake.name}: ") or end == QUARANTINED
    assert "\n" not in line and len(line) < 400
    assert not any(key in line for key in bench.fake.keys.values())


@in_situation("hang")
def test_a_hang_ends_with_its_time_out(bench: Bench) -> None:
    bench.strike("hang")
    with pytest.raises(SourceUnavailable, match="time-out"):
        bench.run(timeout=0.3)
    bench.mend()
    bench.run()
    assert bench.ids() == bench.expected()


@in_situation(*(f"{mode}, then fine" for mode in HICCUPS))
def test_one_hiccup_is_not_noticed(bench: Bench, situation: str) -> None:
    bench.strike(situation.removesuffix(", then fine"), times=1)
    assert bench.run().outcome is Outcome.COMPLETE
    assert bench.ids() == bench.expected()


@in_situation("429 until later")
def test_429_with_a_far_retry_after_says_until_when(bench: Bench) -> None:
    bench.strike("429", retry_after="3600")
    with pytest.raises(RateLimited) as caught:
        bench.run()
    assert caught.value.until is not None
    assert timedelta(minutes=59) < caught.value.until - NOW < timedelta(minutes=62)
    assert len(bench.ids()) == bench.fake.received("429")
    bench.mend()
    bench.run(timedelta(hours=2))
    assert bench.ids() == bench.expected()


@in_situation("429 for a moment")
def test_429_with_a_near_retry_after_is_waited_for(bench: Bench) -> None:
    bench.strike("429", times=1, retry_after="0")
    assert bench.run().outcome is Outcome.COMPLETE
    assert bench.ids() == bench.expected()


@in_situation("429")
def test_429_without_a_time_names_none(bench: Bench) -> None:
    """A limit that names no time: a used-up quota ends quietly, a rate limit is raised without a time."""
    bench.strike("429")
    if end_of(bench.fake, "429") is RateLimited:
        with pytest.raises(RateLimited) as caught:
            bench.run()
        assert caught.value.until is None
    else:
        assert bench.run().outcome is Outcome.PARTIAL
    (coverage,) = bench.house.rows("coverage")
    assert coverage["reason"] == ("rate_limit" if end_of(bench.fake, "429") is RateLimited else "quota")
