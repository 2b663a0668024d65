"""X as tweepy sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
import tweepy
from requests.adapters import HTTPAdapter

from sandbox.items import look
from sandbox.x_posts import user_id
from sandbox.x_query import Post, QueryError, parse

OWN = user_id("moadam_cs")
QUERY = "(모아담 OR moadam OR @moadam_cs) -is:retweet -from:moadam_cs"


class Rebase(HTTPAdapter):
    """Sends what tweepy addresses to api.twitter.com to the sandbox instead."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = request.url.replace("https://api.twitter.com", self.base + "/x", 1)
        return super().send(request, *args, **{**kwargs, "timeout": 10})


def client(base: str, bearer: str = "sandbox-x-bearer") -> tweepy.Client:
    made = tweepy.Client(bearer, return_type=dict, wait_on_rate_limit=False)
    made.session.mount("https://api.twitter.com", Rebase(base))
    return made


def every_id(stage: Any, size: int, **given: Any) -> list[str]:
    paginator = tweepy.Paginator(client(stage.base).search_recent_tweets, QUERY, max_results=size, **given)
    return [tweet["id"] for page in paginator for tweet in page.get("data", [])]


def test_pages_are_complete_without_a_double_and_hold_seven_days_only(stage: Any) -> None:
    ids = every_id(stage, 10)
    assert ids == every_id(stage, 100)
    assert ids == sorted(set(ids), key=int, reverse=True)
    since = stage.time - timedelta(days=7)
    named = {
        item.native_id for item in stage.world.items("x")
        if since <= item.at <= stage.time and look(item, stage.time) and not item.official and not item.edits
        and item.extra.get("retweet_of") is None and ("모아담" in item.text or "moadam" in item.text)
    }
    assert len(named) > 70
    assert named <= set(ids)


def test_since_id_gives_what_an_hour_brought(stage: Any) -> None:
    before = set(every_id(stage, 100))
    newest = max(before, key=int)
    stage.forward(hours=4)
    fresh = every_id(stage, 100, since_id=newest)
    assert fresh
    assert before.isdisjoint(fresh)
    assert set(every_id(stage, 100)) - before == set(fresh)


@pytest.mark.parametrize("bearer", ["wrong", ""])
def test_a_wrong_key_is_401(stage: Any, bearer: str) -> None:
    with pytest.raises(tweepy.Unauthorized):
        client(stage.base, bearer or "x").search_recent_tweets(QUERY)


@pytest.mark.parametrize(
    "given",
    [
        {"query": "lang:ko -is:retweet"}, {"query": "모아담 (배송"}, {"query": "모아담 colour:red"},
        {"query": "담" * 513},
        {"query": "모아담", "start_time": "2026-11-01T00:00:00Z"}, {"query": "모아담", "max_results": 5},
        {"query": "모아담", "since_id": "1990000000000000000"}, {"query": "모아담", "next_token": "b26v89c19zqg8o3f"},
    ],
)
def test_a_bad_request_is_400_with_its_reason(stage: Any, given: dict[str, Any]) -> None:
    with pytest.raises(tweepy.BadRequest) as caught:
        client(stage.base).search_recent_tweets(**given)
    assert caught.value.response.json()["errors"][0]["message"]


def test_the_brands_timeline_reaches_back_and_tells_whom_it_answered(stage: Any) -> None:
    me = client(stage.base).get_user(username="moadam_cs")["data"]
    assert me["id"] == OWN
    pages = tweepy.Paginator(
        client(stage.base).get_users_tweets, OWN, max_results=5,
        tweet_fields=["referenced_tweets", "conversation_id", "created_at"],
    )
    tweets = [tweet for page in pages for tweet in page["data"]]
    assert len(tweets) == len({tweet["id"] for tweet in tweets}) > 15
    answered = {ref["id"] for tweet in tweets for ref in tweet.get("referenced_tweets", [])}
    asked = stage.world.by_key["x/-52 09:40/hyunwoo_b"]
    assert asked.native_id in answered
    assert asked.native_id in {tweet["conversation_id"] for tweet in tweets}


def test_mentions_name_the_brand_and_hold_none_of_its_own_posts(stage: Any) -> None:
    page = client(stage.base).get_users_mentions(OWN, max_results=100, tweet_fields=["author_id"])
    assert page["meta"]["result_count"] == len(page["data"]) > 15
    assert all("@moadam_cs" in tweet["text"] and tweet["author_id"] != OWN for tweet in page["data"])


def test_a_deleted_post_stands_under_errors_and_an_edited_one_has_a_history(stage: Any) -> None:
    gone = stage.world.by_key["x/-1 15:47/delete_later_"].native_id
    edited = stage.world.by_key["x/-1 16:05/edit_queen"].native_id
    answer = client(stage.base).get_tweets([gone, edited])
    assert [error["resource_id"] for error in answer["errors"]] == [gone]
    first, last = answer["data"][0]["edit_history_tweet_ids"]
    assert (first, answer["data"][0]["text"]) == (edited, "모아담 또 배송 안옴 진짜 최악")
    newest = client(stage.base).get_tweets([last])["data"][0]
    assert "경비실" in newest["text"]
    found = every_id(stage, 100)
    assert last in found
    assert not {first, gone} & set(found)


def test_the_rate_limit_says_when_to_come_back(stage: Any) -> None:
    window = int(stage.time.timestamp()) // 900
    key = {"Authorization": "Bearer sandbox-x-bearer"}
    answers = [stage.get("/x/2/usage/tweets", headers=key) for _ in range(51)]
    assert [answer.status_code for answer in answers] == [200] * 50 + [429]
    assert [answers[at].headers["x-rate-limit-remaining"] for at in (0, 49, 50)] == ["49", "0", "0"]
    assert int(answers[50].headers["x-rate-limit-reset"]) == (window + 1) * 900
    assert "retry-after" not in answers[50].headers
    stage.forward(minutes=16)
    assert stage.get("/x/2/usage/tweets", headers=key).status_code == 200


def test_tweepy_reads_the_refusal_and_the_counts(stage: Any) -> None:
    fault = {"path_prefix": "/x", "mode": "429", "retry_after": 60}
    requests.post(stage.base + "/_sandbox/faults", json=fault, timeout=10)
    with pytest.raises(tweepy.TooManyRequests) as caught:
        client(stage.base).get_recent_tweets_count("모아담")
    assert caught.value.reset_time
    assert client(stage.base).get_recent_tweets_count("모아담")["meta"]["total_tweet_count"] > 50


def post(text: str, **given: Any) -> Post:
    usual = {"username": "kim", "language": "ko", "conversation_id": "1", "kinds": frozenset(), "to_username": "",
             "referenced": frozenset()}
    return Post(text=text, **{**usual, **given})


@pytest.mark.parametrize(
    ("query", "text", "hit"),
    [
        ("모아담 배송", "모아담에서 배송이 늦네", True),
        ("모아담 OR 담모아 배송", "모아담 최고", True),
        ("(모아담 OR 담모아) 배송", "모아담 최고", False),
        ('"모아담 앱"', "모아담  앱 튕김", True),
        ('"모아담 앱"', "모아담 새 앱", False),
        ("moadam", "love @moadam_cs", False),
        ("@moadam_cs", "@moadam_cs 답 좀", True),
        ("모아담 -어린이집", "모아담 어린이집", False),
        ('모아담 -"모아담 어린이집"', "모아담 김치", True),
        ("모아담 -(김치 OR 쌀)", "모아담 쌀", False),
        ("from:KIM", "무엇이든", True),
        ("모아담 -is:retweet lang:ko", "모아담", True),
    ],
)
def test_the_query_language(query: str, text: str, hit: bool) -> None:
    assert parse(query)(post(text)) is hit


@pytest.mark.parametrize("query", ["", "-모아담", "is:retweet", "(모아담", "모아담)", "모아담 OR"])
def test_a_query_that_cannot_be_read(query: str) -> None:
    with pytest.raises(QueryError):
        parse(query)
