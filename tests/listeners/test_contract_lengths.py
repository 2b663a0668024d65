"""The contract of every listener: pages as long as the real source gives them; the other tests make them short."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.coverage import Outcome
from tests.listeners.faking.bench import HttpBench, bench_of
from tests.listeners.faking.house import House
from tests.listeners.faking.situations import FAKES
from tests.listeners.faking.world import HttpFake, posts

# How a listener says how long a page may be, and the most that the source's documentation allows.
ASKED = {
    "x": ("max_results", 100),
    "naver_cafe": ("display", 100), "naver_blog": ("display", 100),
    "naver_kin": ("display", 100), "naver_news": ("display", 100),
    "daum_cafe": ("size", 50), "daum_blog": ("size", 50),
    "youtube": ("maxResults", 100),
    "google_play": ("maxResults", 100),
    "app_store_connect": ("limit", 200),
    "naver_commerce": ("size", 100),  # questions; inquiries would give 200
    "cafe24": ("limit", 100),
    "facebook": ("limit", 100), "instagram": ("limit", 50), "threads": ("limit", 100),
    "surveymonkey": ("per_page", 100),
}  # fmt: skip
# Nobody asks for a length: Apple's feed has 50 reviews a page; the others are cut into pages of 20 and 500 here.
GIVEN = {"app_store": 50, "mail": 20, "feedback": 501, "survey_csv": 501}
# A board's pages are as long as its owner likes, the template's forum is nobody's.
UNKNOWN = {"board", "_template"}


def test_every_source_has_its_length() -> None:
    assert {*ASKED, *GIVEN, *UNKNOWN} == set(FAKES), "add the new source's page length above"


@pytest.mark.parametrize("name", [*ASKED, *GIVEN])
def test_a_full_page_and_one_more_are_read_whole(
    name: str, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameter, length = ASKED.get(name) or ("", GIVEN.get(name, 0))
    asked: list[str] = []
    monkeypatch.setattr(FAKES[name], "page_size", length)
    with bench_of(FAKES[name], house, tmp_path) as bench:
        bench.fake.posts[:] = posts(length + 1, apart=timedelta(minutes=9))
        if isinstance(bench, HttpBench) and isinstance(fake := bench.fake, HttpFake):
            def answer(path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
                if fake.listing in path and parameter in given:
                    asked.append(given[parameter])
                return fake(path, given, headers)

            bench.server.answer = answer
        coverage = bench.run()
        assert (coverage.outcome, coverage.seen) == (Outcome.COMPLETE, length + 1)
        assert bench.ids() == bench.expected()
    assert set(asked) == ({str(length)} if parameter else set())
    assert len(asked) >= 2 or not parameter, "the page after a full one was asked for"
