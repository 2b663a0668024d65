"""Naver search: both hosts, the cap of 1,000, bounds of undated posts, and ids that do not change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.coverage import Outcome
from contracts.errors import ConfigurationError, ContractError
from listeners.contract import SourceSettings
from listeners.naver import blog_id, cafe_id
from listeners.sources.naver_cafe import NaverCafe

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class Search:
    """Newest first; a query of two words finds every tenth post."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply
        self.count = 3
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        self.asked.append((path, given, headers))
        numbers = list(range(self.count, 0, -1))
        numbers = numbers[::10] if " " in given["query"] else numbers
        start, display = int(given["start"]), int(given["display"])
        assert start <= 1000 and display <= 100
        address = "https://cafe.naver.com/salim/{}".format
        items = [
            {"title": f"모아담 {n}", "description": "글", "link": address(n), "cafename": "살림"}
            for n in numbers[start - 1 : start - 1 + display]
        ]
        body = {"total": len(numbers), "start": start, "display": len(items), "items": items}
        return self.reply(json.dumps(body).encode())


@pytest.fixture
def search(server: Any, reply: Any) -> Search:
    server.answer = Search(reply)
    return server.answer


def settings(server: Any, **options: Any) -> SourceSettings:
    keys = {"id": "the-client-id", "secret": "the-client-secret"}
    return SourceSettings(name="naver_cafe", base_url=server.url, credentials=keys, options=options)


def test_an_undated_post_lies_between_two_looks(search: Search, server: Any, house: Any) -> None:
    house.run(NaverCafe(), settings(server))
    search.count = 4
    later = NOW + timedelta(minutes=30)
    house.run(NaverCafe(), settings(server), now=later)
    house.run(NaverCafe(), settings(server), now=later + timedelta(hours=1))
    mentions = house.mentions("naver_cafe")
    assert (mentions["salim/1"].not_before, mentions["salim/1"].not_after) == (None, NOW)
    assert (mentions["salim/4"].not_before, mentions["salim/4"].not_after) == (NOW, later)
    assert all(m.published_at is None and m.answers_checked_at is None for m in mentions.values())


def test_hosts_and_headers(search: Search, server: Any, house: Any) -> None:
    house.run(NaverCafe(), settings(server))
    house.run(NaverCafe(), settings(server, api="legacy"))
    (hub, _, hub_headers), (legacy, _, legacy_headers) = search.asked
    assert (hub, hub_headers["x-ncp-apigw-api-key-id"]) == ("/search/v1/cafearticle", "the-client-id")
    assert (legacy, legacy_headers["x-naver-client-secret"]) == ("/v1/search/cafearticle.json", "the-client-secret")
    with pytest.raises(ConfigurationError, match="it is 'hub' or 'legacy'"):
        house.run(NaverCafe(), settings(server, api="old"))


def test_the_cap_is_recorded_and_the_query_split(search: Search, server: Any, house: Any) -> None:
    search.count = 2_000
    coverage = house.run(NaverCafe(), settings(server, narrower=["환불"]))
    assert (coverage.outcome, coverage.reason, coverage.cap_hit) == (Outcome.PARTIAL, "cap", True)
    assert coverage.query == "모아담 | 모아담 환불"
    assert coverage.seen == 1_000 + 100, "the newest thousand, and older ones through the narrower query"
    search.asked.clear()
    again = house.run(NaverCafe(), settings(server, narrower=["환불"]), now=NOW + timedelta(hours=1))
    assert (again.outcome, len(search.asked)) == (Outcome.COMPLETE, 1)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://cafe.naver.com/momcafe/12345", "momcafe/12345"),
        ("http://cafe.naver.com/momcafe/12345?art=abc", "momcafe/12345"),
        ("https://cafe.naver.com/f-e/cafes/29000/articles/778?boardtype=L", "29000/778"),
        ("https://cafe.naver.com/ArticleRead.nhn?clubid=29000&articleid=778", "29000/778"),
        ("https://openapi.naver.com/l?AAAC2L", "openapi.naver.com/l?AAAC2L"),
    ],
)
def test_cafe_ids(link: str, expected: str) -> None:
    assert cafe_id(link) == expected


@pytest.mark.parametrize("link", ["", "javascript:alert(1)", "https://[bad", "//cafe.naver.com/a/1"])
def test_no_address(link: str) -> None:
    with pytest.raises(ContractError):
        cafe_id(link)


def test_blog_ids() -> None:
    assert blog_id("https://m.blog.naver.com/haru/22") == blog_id("https://blog.naver.com/haru?Redirect=Log&logNo=22")
    assert blog_id("https://haru.tistory.com/31/") == "haru.tistory.com/31"
