"""Cafe24's boards: whole lists with answers below, tokens that are renewed once, and a bucket that leaks."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sandbox.cafe24 import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, TOKEN, Cafe24Server

KEY = {"Authorization": f"Bearer {TOKEN}"}
BOARDS = "/cafe24/api/v2/admin/boards"
WINDOW = {"start_date": "2026-09-25", "end_date": "2026-11-22"}


def listed(stage: Any, board: int, size: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        given = {**WINDOW, "limit": size, "offset": len(found)}
        page = stage.get(f"{BOARDS}/{board}/articles", params=given, headers=KEY).json()["articles"]
        found += page
        if len(page) < size:
            return found


def renew(stage: Any, token: str, secret: str = CLIENT_SECRET) -> requests.Response:
    url = f"{stage.base}/cafe24/api/v2/oauth/token"
    given = {"grant_type": "refresh_token", "refresh_token": token}
    return requests.post(url, data=given, auth=(CLIENT_ID, secret), timeout=10)


def test_a_board_pages_by_offset_and_an_answer_names_its_question(stage: Any) -> None:
    articles = listed(stage, 6, 4)
    assert articles == listed(stage, 6, 100)
    numbers = [article["article_no"] for article in articles]
    assert len(set(numbers)) == len(numbers) > 8
    by_number = dict(zip(numbers, articles, strict=True))
    answers = [article for article in articles if article["reply_depth"]]
    assert {by_number[one["parent_article_no"]]["reply_status"] for one in answers} == {"C"}
    assert {one["member_id"] for one in answers} == {"moadam"}
    questions = [article for article in articles if not article["reply_depth"]]
    assert all(one["parent_article_no"] == one["article_no"] for one in questions)
    assert {one["reply_status"] for one in questions} == {"N", "P", "C"}


def test_reviews_are_answered_in_comments_and_a_deleted_one_says_so(stage: Any) -> None:
    stage.forward(days=2)
    reviews = listed(stage, 4, 100)
    assert [one["title"] for one in reviews if one["deleted"] == "T"] == ["댓글알바 티나요"]
    (repair,) = [one for one in reviews if one["title"] == "청소기 AS 두 달째"]
    comments = f"{BOARDS}/4/articles/{repair['article_no']}/comments"
    said = [stage.get(comments, params={"limit": 1, "offset": at}, headers=KEY).json()["comments"] for at in range(3)]
    assert [[one["member_id"] == "moadam" for one in page] for page in said] == [[True], [False], []]


@pytest.mark.parametrize(
    ("path", "headers", "given", "status"),
    [
        ("/4/articles", {}, {}, 401), ("/4/articles", {"Authorization": "Bearer other"}, {}, 401),
        ("/5/articles", KEY, {}, 404), ("/4/articles/1/comments", KEY, {}, 404),
        ("/4/articles", KEY, {"limit": 101}, 422), ("/4/articles", KEY, {"offset": 8001}, 422),
        ("/4/articles", KEY, {"start_date": "2025-01-01", "end_date": "2026-11-22"}, 422),
        ("/4/articles", KEY, {"start_date": "2026-11-01"}, 422),
    ],
)
def test_refusals(stage: Any, path: str, headers: dict[str, str], given: dict[str, Any], status: int) -> None:
    answer = stage.get(BOARDS + path, params=given, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)


def test_a_refresh_token_serves_once_and_its_access_token_two_hours(stage: Any) -> None:
    tokens = renew(stage, REFRESH_TOKEN).json()
    assert (tokens["issued_at"], tokens["expires_at"]) == ("2026-11-22T12:30:00.000", "2026-11-22T14:30:00.000")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert stage.get(f"{BOARDS}/4/articles", headers=headers).status_code == 200
    assert [renew(stage, REFRESH_TOKEN).json()["error"], renew(stage, "x", "wrong").json()["error"]] == [
        "invalid_grant", "invalid_client",
    ]
    stage.forward(hours=2)
    expired = stage.get(f"{BOARDS}/4/articles", headers=headers)
    assert expired.status_code == 401 and "expired" in expired.json()["error"]["message"]
    assert renew(stage, tokens["refresh_token"]).json()["refresh_token"] not in (REFRESH_TOKEN, tokens["refresh_token"])


def test_the_bucket_holds_forty_and_leaks_two_a_second(stage: Any) -> None:
    clock = [0.0]
    client = TestClient(Starlette(routes=Cafe24Server(stage.world, clock=lambda: clock[0]).routes()))

    def call() -> Any:
        return client.get(f"{BOARDS}/4/articles", headers=KEY)

    answers = [call() for _ in range(41)]
    assert [answer.status_code for answer in answers] == [200] * 40 + [429]
    assert [answers[at].headers["X-Api-Call-Limit"] for at in (0, 39, 40)] == ["1/40", "40/40", "40/40"]
    clock[0] = 1.0
    assert [call().status_code for _ in range(3)] == [200, 200, 429]
    clock[0] = 3600.0
    assert call().headers["X-Api-Call-Limit"] == "1/40"


def test_three_thousand_calls_in_ten_minutes_are_the_most(stage: Any) -> None:
    clock = [0.0]
    server = Cafe24Server(stage.world, clock=lambda: clock[0])
    for _ in range(3_000):
        clock[0] += 0.1
        server.limits.take()
    assert not server.limits.take()
    headers = server.limits.headers()
    assert (headers["X-Cafe24-Call-Usage"], headers["X-Cafe24-Call-Remain"]) == ("100.03", "301")
    clock[0] += 302
    assert server.limits.take() and "X-Cafe24-Call-Remain" not in server.limits.headers()
