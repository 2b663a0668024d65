"""The Facebook page: whose thread a comment is in, the page's replies, and Meta's way of refusing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from contracts.errors import (
    ConfigurationError,
    CredentialsRejected,
    Forbidden,
    RateLimited,
    SourceChanged,
    SourceUnavailable,
)
from contracts.mention import Mention
from listeners.contract import Page, Refused, SourceSettings, WatchedBrand
from listeners.sources.facebook import Facebook

KEYS = {"token": "sandbox-facebook-token"}
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def source(sandbox, bench):
    return bench.settings("facebook", f"{sandbox.url}/facebook/v26.0", keys=KEYS)


def said(found: dict[str, Mention], words: str) -> Mention:
    (one,) = [mention for mention in found.values() if words in mention.text]
    return one


def test_a_reply_answers_only_the_comment_it_is_under(sandbox, bench):
    coverage = bench.run(Facebook(), source(sandbox, bench))
    found = bench.mentions("facebook")
    assert str(coverage.outcome) == "complete" and coverage.answers_to == sandbox.now
    full_price, answer = said(found, "정가로"), said(found, "쿠폰 적용이 늦어져")
    leak, same_here, other = said(found, "국물이 다"), said(found, "저도요"), said(found, "중량은 그대로")
    assert answer.is_official and answer.parent_native_id == full_price.native_id
    assert answer.thread_native_id == full_price.thread_native_id == full_price.native_id
    assert same_here.thread_native_id == leak.native_id != other.thread_native_id
    everybody = said(found, "파손 문의는")  # the page speaks to all below its own post: nobody's complaint is answered
    assert everybody.is_official and everybody.thread_native_id == everybody.native_id
    visitor, reply = said(found, "사기 아니에요"), said(found, "연결이 어려워")
    assert reply.thread_native_id == visitor.thread_native_id == visitor.native_id
    assert visitor.answers_checked_at == sandbox.now and visitor.author_key and not visitor.is_official
    assert said(found, "부러짐").author_key is None and said(found, "부러짐").shares == 15
    assert "한소라" not in visitor.to_json()["author_key"]
    assert '"name"' not in bench.landed_text() and "access_token" not in bench.landed_text()


def test_late_answers_edits_and_deletions(sandbox, bench):
    final = sandbox.now
    sandbox.now = final - timedelta(days=8, hours=4)
    bench.run(Facebook(), source(sandbox, bench), now=sandbox.now)
    assert not [one for one in bench.mentions("facebook").values() if "중량은 그대로" in one.text]
    sandbox.now = final
    second = bench.run(Facebook(), source(sandbox, bench))
    assert said(bench.mentions("facebook"), "중량은 그대로").is_official
    assert second.new == 8
    assert bench.run(Facebook(), source(sandbox, bench)).new == 0
    fresh = said(bench.mentions("facebook"), "껍데기도")
    sandbox.now += timedelta(days=1)
    bench.run(Facebook(), source(sandbox, bench), now=sandbox.now)
    gone = bench.mentions("facebook")[fresh.native_id]
    assert gone.deleted_at == sandbox.now and gone.text == ""
    assert sum(one.deleted_at is not None for one in bench.mentions("facebook").values()) == 1


def test_old_posts_that_wait_for_an_answer_are_read_again(server, reply, house):
    """A visitor's complaint of three weeks ago: a late answer, a late comment, and at last the post's deletion."""
    post = {"id": "p1", "message": "환불 언제 되나요", "created_time": "2026-11-03T03:00:00+0000", "from": {"id": "7"}}
    comments = [comment("c1", "저도 기다려요", "8")]
    asked: list[str] = []

    def answer(path, given, headers):
        asked.append(path)
        if path == "/p1/comments":
            gone = {"error": {"message": "(#100) no such object", "code": 100, "error_subcode": 33}}
            return reply(json.dumps({"data": comments} if comments else gone).encode(), 200 if comments else 400)
        shown = path.endswith("/feed") and int(given["since"]) < datetime(2026, 11, 3, tzinfo=UTC).timestamp()
        return reply(json.dumps({"data": [post] if shown else []}).encode())

    server.answer = answer
    options = {"page": "555", "older_days": 0.0}
    source = SourceSettings(name="facebook", base_url=server.url, credentials=KEYS, options=options)
    house.run(Facebook(), source)
    comments[:] = [comment("c2", "아직도요?", "9")]
    asked.clear()
    house.run(Facebook(), source, now=NOW + timedelta(days=1))
    assert asked == ["/555/feed", "/555/tagged", "/p1/comments"]
    found = house.mentions("facebook")
    assert found["c1"].deleted_at is not None and found["c2"].text == "아직도요?"
    asked.clear()
    house.run(Facebook(), source, now=NOW + timedelta(days=1, hours=1))
    assert asked == ["/555/feed", "/555/tagged"], "once a day is enough"
    comments.append(comment("c3", "안녕하세요, 오늘 환불해 드렸습니다.", "555"))
    house.run(Facebook(), source, now=NOW + timedelta(days=2, hours=1))
    late = house.mentions("facebook")["c3"]
    assert late.is_official and late.thread_native_id == "p1"
    asked.clear()
    house.run(Facebook(), source, now=NOW + timedelta(days=4))
    assert asked == ["/555/feed", "/555/tagged"], "answered: it rests for a week"
    comments.clear()
    house.run(Facebook(), source, now=NOW + timedelta(days=10))
    gone = {one for one, mention in house.mentions("facebook").items() if mention.deleted_at}
    assert gone == {"p1", "c1", "c2", "c3"}


def test_the_first_comment_on_an_own_post_of_long_ago_is_heard(sandbox, bench):
    """The demo's post of 75 days ago, on which somebody complains on the second day."""
    bench.run(Facebook(), source(sandbox, bench))
    assert not [one for one in bench.mentions("facebook").values() if "식기건조대" in one.text], "nothing to hear yet"
    sandbox.now += timedelta(days=1)
    bench.run(Facebook(), source(sandbox, bench), now=sandbox.now)
    late, own = (said(bench.mentions("facebook"), words) for words in ("품절이면 글이라도", "식기건조대"))
    assert late.answers_checked_at == sandbox.now and late.thread_native_id == late.native_id
    assert own.is_official and late.parent_native_id == own.native_id
    sandbox.now += timedelta(days=1)
    assert bench.run(Facebook(), source(sandbox, bench), now=sandbox.now).new == 0


def test_an_older_post_is_read_again_when_it_tells_of_another_comment(server, reply, house):
    """A post of two months ago: read when its count or its last change is another; what is gone is followed."""
    post = {"id": "p1", "message": "재입고", "created_time": "2026-09-20T03:00:00+0000", "from": {"id": "555"}}
    comments = [comment("c1", "또 품절이에요", "7"), comment("c2", "색이 달라요", "8")]
    asked: list[str] = []

    def answer(path, given, headers):
        if path == "/p1/comments":
            asked.append(path)
            return reply(json.dumps({"data": comments}).encode())
        updated, total = max(one["created_time"] for one in comments), {"total_count": len(comments)}
        shown = path.endswith("/feed") and "until" in given
        rows = [post | {"updated_time": updated, "comments": {"summary": total}}] if shown else []
        return reply(json.dumps({"data": rows}).encode())

    server.answer = answer
    settings = SourceSettings(name="facebook", base_url=server.url, credentials=KEYS, options={"page": "555"})
    house.run(Facebook(), settings)
    house.run(Facebook(), settings, now=NOW + timedelta(hours=23))
    assert asked == ["/p1/comments"] and set(house.mentions("facebook")) == {"p1", "c1", "c2"}
    del comments[0]
    house.run(Facebook(), settings, now=NOW + timedelta(days=1))
    gone = {one for one, mention in house.mentions("facebook").items() if mention.deleted_at}
    assert gone == {"c1"} and len(asked) == 2


def comment(native_id, message, author):
    at = "2026-11-20T03:04:05+0000"
    return {"id": native_id, "message": message, "from": {"id": author}, "created_time": at}


def test_pages_to_the_end_without_following_foreign_addresses(sandbox, bench, monkeypatch):
    whole = bench.run(Facebook(), source(sandbox, bench)).seen
    monkeypatch.setattr("listeners.sources.facebook.PAGE_SIZE", 2)
    coverage = bench.run(Facebook(), source(sandbox, bench))
    assert str(coverage.outcome) == "complete" and coverage.seen > 10 and whole > coverage.seen


def graph(comments, feed=None, **headers):
    post = {"id": "p1", "message": "글", "created_time": "2026-11-20T03:04:05+0000", "from": {"id": "7"}}
    app = Starlette(
        routes=[
            Route("/1000000001/feed", lambda request: JSONResponse(feed or {"data": [post]}, headers=headers)),
            Route("/1000000001/tagged", lambda request: JSONResponse({"data": []})),
            Route("/p1/comments", comments),
        ]
    )
    return app


def failing(status, code, headers=None):
    body = {"error": {"message": "secret-token is bad", "type": "OAuthException", "code": code}}
    return lambda request: JSONResponse(body, status, headers)


BUSY = {"X-Business-Use-Case-Usage": '{"1": [{"call_count": 100, "estimated_time_to_regain_access": 30}]}'}


@pytest.mark.parametrize(
    ("status", "code", "headers", "error"),
    [
        (400, 190, None, CredentialsRejected),
        (401, 190, None, CredentialsRejected),
        (400, 10, None, Forbidden),
        (403, 200, None, Forbidden),
        (400, 4, BUSY, RateLimited),
        (400, 80001, None, RateLimited),
        (500, 2, None, SourceUnavailable),
        (400, 1, None, SourceUnavailable),
        (400, 100, None, SourceChanged),
    ],
)
def test_what_a_refusal_means_and_nothing_received_is_lost(serving, bench, status, code, headers, error):
    with serving(graph(failing(status, code, headers))) as url, pytest.raises(error) as caught:
        bench.run(Facebook(), bench.settings("facebook", url, keys={"token": "secret-token"}))
    assert "secret-token" not in str(caught.value)
    kept = bench.mentions("facebook")[
        "p1"
    ]  # the post was received; its comments were not, so nobody looked for answers
    assert kept.answers_checked_at is None
    if headers:
        assert caught.value.until is not None


def test_a_nearly_used_up_allowance_stops_before_it_is_used_up(serving, bench):
    feed = {
        "data": [],
        "paging": {"next": "https://evil.example/1000000001/feed?after=x&access_token=stolen"},
    }
    app = graph(lambda request: JSONResponse({"data": []}), feed, **{"X-App-Usage": '{"call_count": 97}'})
    with serving(app) as url, pytest.raises(RateLimited, match="97%"):
        bench.run(Facebook(), bench.settings("facebook", url, keys=KEYS))


def test_a_page_that_repeats_ends(serving, bench):
    feed = {
        "data": [{"id": "p1", "message": "글", "created_time": "2026-11-20T03:04:05+0000"}],
        "paging": {"next": "https://graph.example/feed?after=x"},
    }
    with serving(graph(lambda request: JSONResponse({"data": []}), feed)) as url:
        coverage = bench.run(Facebook(), bench.settings("facebook", url, keys=KEYS))
    assert coverage.reason == "repeated" and coverage.answers_to is None


def test_no_page_named(bench):
    brand = WatchedBrand(id="b", name="b", terms=("b",))
    with pytest.raises(ConfigurationError, match="official"):
        bench.run(Facebook(), bench.settings("facebook", "http://127.0.0.1:9", keys=KEYS), brand=brand)


def test_check(sandbox, bench):
    assert "can be read" in bench.check(Facebook(), source(sandbox, bench))


def test_goldens(golden):
    golden(Facebook(), "posts")
    golden(Facebook(), "comments")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "summary", "total_count"]), inner)
    ),
    max_leaves=6,
)
NAMES = ("id", "message", "from", "created_time", "parent", "comments", "shares", "like_count", "permalink_url")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), JSON) | JSON, max_size=4))
def test_parse_gives_mentions_or_refusals_for_anything(context, items):
    for kind in ("posts", "comments"):
        page = Page(kind=kind, body={"data": items}, extra={"page_id": "1", "post": "p", "own_post": True, "roots": {}})
        assert all(isinstance(one, Mention | Refused) for one in Facebook().parse(page, context("facebook")))
