"""Threads: the search, the brand's own replies as answers, and an app that is not approved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from contracts.errors import CredentialsRejected, SourceChanged
from contracts.mention import Kind, Mention
from listeners.contract import Page, Refused
from listeners.sources.threads import Threads

KEYS = {"token": "sandbox-threads-token"}


def source(sandbox, bench, **more):
    return bench.settings("threads", f"{sandbox.url}/threads/v1.0", **{"keys": KEYS, **more})


def test_posts_and_answers_meet_in_their_thread(sandbox, bench):
    coverage = bench.run(Threads(), source(sandbox, bench))
    found = bench.mentions("threads")
    assert str(coverage.outcome) == "complete" and coverage.answers_to == sandbox.now
    (question,) = [one for one in found.values() if "해지하려는데" in one.text]
    (answer,) = [one for one in found.values() if "마이페이지" in one.text]
    assert answer.is_official and answer.author_key is None and answer.kind is Kind.COMMENT
    assert answer.thread_native_id == question.native_id == answer.parent_native_id
    own = [one for one in found.values() if "주문이 몰려" in one.text]
    assert own[0].is_official and own[0].kind is Kind.POST
    again = bench.run(Threads(), source(sandbox, bench))
    assert again.new == 0


def test_only_what_is_new_is_asked_for(sandbox, bench):
    final = sandbox.now
    sandbox.now = final - timedelta(days=5)
    first = bench.run(Threads(), source(sandbox, bench), now=sandbox.now)
    sandbox.now = final
    second = bench.run(Threads(), source(sandbox, bench))
    assert first.new and second.new == 5
    assert second.seen < first.seen + second.new


def test_an_app_without_approval_is_told(sandbox, bench):
    using = source(sandbox, bench, keys={"token": "sandbox-threads-unapproved"})
    coverage = bench.run(Threads(), using)
    assert (coverage.reason, str(coverage.outcome)) == ("approval", "partial")
    assert "not approved" in bench.check(Threads(), using)
    assert "works" in bench.check(Threads(), source(sandbox, bench))


def threads(replies, me=None):
    return Starlette(
        routes=[
            Route("/me", lambda request: JSONResponse(me or {"username": "moadam_cs"})),
            Route("/keyword_search", lambda request: JSONResponse({"data": []})),
            Route("/me/replies", lambda request: replies),
        ]
    )


def test_replies_that_may_not_be_read_leave_answers_unknown(serving, bench):
    refused = JSONResponse({"error": {"message": "(#10) no permission", "code": 10}}, 400)
    with serving(threads(refused)) as url:
        coverage = bench.run(Threads(), bench.settings("threads", url, keys=KEYS))
    assert (coverage.reason, coverage.answers_to) == ("forbidden", None)


def test_refusals(sandbox, bench, serving):
    with pytest.raises(CredentialsRejected, match=r"threads\.md"):
        bench.run(Threads(), source(sandbox, bench, keys={"token": "old"}))
    with (
        serving(threads(JSONResponse({"data": []}), me={"id": 1})) as url,
        pytest.raises(SourceChanged, match="username"),
    ):
        bench.run(Threads(), bench.settings("threads", url, keys=KEYS))


def test_goldens(golden):
    golden(Threads(), "posts")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("id"), inner),
    max_leaves=4,
)
NAMES = ("id", "text", "username", "timestamp", "permalink", "is_reply", "root_post", "replied_to")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), JSON) | JSON, max_size=4))
def test_parse_gives_mentions_or_refusals_for_anything(context, items):
    page = Page(kind="posts", body={"data": items}, extra={"me": "moadam_cs"})
    assert all(isinstance(one, Mention | Refused) for one in Threads().parse(page, context("threads")))
