"""Instagram hashtags: one day, no authors, thirty hashtags a week."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from contracts.errors import ConfigurationError, CredentialsRejected, Forbidden
from contracts.mention import Mention
from listeners.contract import Page, Refused
from listeners.sources.instagram import Instagram

OPTIONS = {"keys": {"token": "sandbox-instagram-token"}, "user_id": "17841400000000001"}


def source(sandbox, bench, **more):
    return bench.settings("instagram", f"{sandbox.url}/instagram/v26.0", **{**OPTIONS, **more})


def test_a_day_of_each_hashtag_and_its_id_is_asked_once(sandbox, bench):
    first = bench.run(Instagram(), source(sandbox, bench))
    found = bench.mentions("instagram")
    assert (str(first.outcome), first.seen, first.requests) == ("complete", 4, 7)  # two ids, media, four posts by id
    assert "unused hashtag 1" in first.message
    assert all(one.author_key is None and one.answers_checked_at is None for one in found.values())
    sandbox.now += timedelta(hours=23)
    second = bench.run(Instagram(), source(sandbox, bench), now=sandbox.now)
    assert (second.new, second.requests, str(second.outcome)) == (1, 2, "complete")


def test_a_gap_of_more_than_a_day_is_told(sandbox, bench):
    bench.run(Instagram(), source(sandbox, bench))
    sandbox.now += timedelta(hours=30)
    coverage = bench.run(Instagram(), source(sandbox, bench), now=sandbox.now)
    assert (str(coverage.outcome), coverage.reason) == ("partial", "window")


@pytest.mark.parametrize(
    ("more", "error", "match"),
    [
        ({"user_id": ""}, ConfigurationError, "user_id"),
        ({"user_id": "1"}, Forbidden, "approved"),
        ({"keys": {"token": "old"}}, CredentialsRejected, "instagram.md"),
        ({"hashtags": [f"tag{number}" for number in range(31)]}, ConfigurationError, "30 a week"),
    ],
)
def test_refusals(sandbox, bench, more, error, match):
    with pytest.raises(error, match=match):
        bench.run(Instagram(), source(sandbox, bench, **more))


def test_the_weeks_hashtags_used_up_ends_quietly(serving, bench):
    body = {"error": {"message": "(#18) Max calls per hashtag exceeded", "code": 18}}
    app = Starlette(routes=[Route("/ig_hashtag_search", lambda request: JSONResponse(body, 400))])
    with serving(app) as url:
        coverage = bench.run(Instagram(), bench.settings("instagram", url, **OPTIONS))
    assert (coverage.reason, str(coverage.outcome)) == ("quota", "partial")


def test_hashtags_lose_what_instagram_does_not_take(sandbox, bench):
    coverage = bench.run(Instagram(), source(sandbox, bench, hashtags=["#모아 담🥢"]))
    assert coverage.query == "#모아담" and coverage.seen == 4


def test_check(sandbox, bench):
    assert "in use" in bench.check(Instagram(), source(sandbox, bench))


def test_goldens(golden):
    golden(Instagram(), "media")


JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=2)
NAMES = ("id", "caption", "timestamp", "permalink", "like_count", "comments_count")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), JSON) | JSON, max_size=4))
def test_parse_gives_mentions_or_refusals_for_anything(context, items):
    page = Page(kind="media", body={"data": items}, extra={"hashtag": "모아담"})
    assert all(isinstance(one, Mention | Refused) for one in Instagram().parse(page, context("instagram")))
