"""Naver's two hosts and Kakao's Daum search."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from sandbox.items import look
from sandbox.words import Query

LEGACY = {"X-Naver-Client-Id": "sandbox-naver-id", "X-Naver-Client-Secret": "sandbox-naver-secret"}
HUB = {"X-NCP-APIGW-API-KEY-ID": "sandbox-naver-id", "X-NCP-APIGW-API-KEY": "sandbox-naver-secret"}
KAKAO = {"Authorization": "KakaoAK sandbox-kakao-key"}


def naver_pages(stage: Any, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        given = {"query": "모아담", "display": 20, "start": len(items) + 1, "sort": "date"}
        page = stage.get(path, params=given, headers=headers).json()
        items += page["items"]
        if len(items) >= page["total"]:
            return items


def test_both_naver_hosts_give_the_same_cafe_articles_without_dates_or_authors(stage: Any) -> None:
    legacy = naver_pages(stage, "/naver/v1/search/cafearticle.json", LEGACY)
    assert legacy == naver_pages(stage, "/naver-hub/search/v1/cafearticle", HUB)
    assert len(legacy) == len({item["link"] for item in legacy}) == stage.world.counts()["naver_cafe"]
    assert {frozenset(item) for item in legacy} == {
        frozenset({"title", "link", "description", "cafename", "cafeurl"}),
    }
    assert all("<b>" in item["title"] + item["description"] for item in legacy)


@pytest.mark.parametrize(
    ("vertical", "field", "pattern"),
    [
        ("blog", "postdate", r"\d{8}"), ("kin", "link", r"https://kin.*"),
        ("news", "pubDate", r"\w{3}, \d\d \w{3} \d{4} .* \+0900"),
    ],
)
def test_other_verticals_have_their_own_fields(stage: Any, vertical: str, field: str, pattern: str) -> None:
    items = naver_pages(stage, f"/naver/v1/search/{vertical}.json", LEGACY)
    assert items
    assert all(re.fullmatch(pattern, item[field]) for item in items)


@pytest.mark.parametrize(
    ("path", "headers", "given", "status", "code"),
    [
        ("/naver/v1/search/cafearticle.json", {}, {"query": "모아담"}, 401, "024"),
        ("/naver/v1/search/cafearticle.json", LEGACY, {}, 400, "SE01"),
        ("/naver/v1/search/cafearticle.json", LEGACY, {"query": "모아담", "display": 101}, 400, "SE02"),
        ("/naver/v1/search/cafearticle.json", LEGACY, {"query": "모아담", "start": 1001}, 400, "SE03"),
        ("/naver/v1/search/cafearticle.json", LEGACY, {"query": "모아담", "sort": "new"}, 400, "SE04"),
        ("/naver/v1/search/cafes.json", LEGACY, {"query": "모아담"}, 404, "SE05"),
        ("/naver-hub/search/v1/cafearticle", LEGACY, {"query": "모아담"}, 401, "200"),
        ("/naver-hub/search/v1/shop", HUB, {"query": "모아담"}, 404, "300"),
        ("/kakao/v2/search/cafe", {}, {"query": "모아담"}, 401, "AccessDeniedError"),
        ("/kakao/v2/search/cafe", KAKAO, {}, 400, "MissingParameter"),
        ("/kakao/v2/search/cafe", KAKAO, {"query": "모아담", "page": 51}, 400, "InvalidArgument"),
    ],
)
def test_refusals_have_the_real_bodies(
    stage: Any, path: str, headers: dict[str, str], given: dict[str, Any], status: int, code: str
) -> None:
    answer = stage.get(path, params=given, headers=headers)
    body = answer.json()
    found = body.get("errorCode") or body.get("errorType") or body["error"]["errorCode"]
    assert (answer.status_code, found) == (status, code)


def test_kakao_pages_to_its_end_with_dates(stage: Any) -> None:
    documents: list[dict[str, Any]] = []
    for page in range(1, 51):
        given = {"query": "모아담", "size": 7, "page": page, "sort": "recency"}
        body = stage.get("/kakao/v2/search/cafe", params=given, headers=KAKAO).json()
        documents += body["documents"]
        if body["meta"]["is_end"]:
            break
    assert len(documents) == len({document["url"] for document in documents}) == body["meta"]["pageable_count"]
    assert len(documents) == stage.world.counts()["daum_cafe"] < body["meta"]["total_count"]
    dates = [document["datetime"] for document in documents]
    assert dates == sorted(dates, reverse=True)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+09:00", date) for date in dates)


def test_an_hour_brings_only_the_posts_of_that_hour(stage: Any) -> None:
    links = {item["link"] for item in naver_pages(stage, "/naver/v1/search/cafearticle.json", LEGACY)}
    start = stage.time
    stage.forward(hours=2)
    later = {item["link"] for item in naver_pages(stage, "/naver/v1/search/cafearticle.json", LEGACY)}
    fresh = [i for i in stage.world.items("naver_cafe") if look(i, start) is None and look(i, stage.time)]
    assert links < later
    assert {link.rsplit("/", 1)[1] for link in later - links} == {item.native_id for item in fresh}


@pytest.mark.parametrize(
    ("query", "text", "hit"),
    [
        ("모아담", "사진을 모아 담아", True),
        ('"모아담"', "사진을 모아 담아", False),
        ("모아담 -어린이집", "모아담 어린이집", False),
        ("모아담 | 담담", "담담 밀폐용기", True),
        ("모아담 배송", "모아담 김치", False),
        ("", "모아담", False),
    ],
)
def test_portal_queries(query: str, text: str, hit: bool) -> None:
    assert Query.parse(query).hits(text) is hit


def test_a_snippet_marks_hits_and_escapes_everything_else() -> None:
    marked = Query.parse("모아담").marked('<script>alert("x")</script> 모아담 & 모아 담', 200)
    assert marked.count("<b>") == 2
    assert "<script>" not in marked
    assert html.unescape(re.sub("</?b>", "", marked)) == '<script>alert("x")</script> 모아담 & 모아 담'
