"""SurveyMonkey: paging, edits, the day's quota, scores with their words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from contracts.errors import (
    CredentialsRejected,
    RateLimited,
    SourceChanged,
    SourceUnavailable,
)
from contracts.mention import Mention
from listeners.contract import Page, Refused
from listeners.sources.surveymonkey import SurveyMonkey

MONKEY = {"keys": {"token": "sandbox-surveymonkey-token"}, "surveys": ["411000001"]}


def test_surveymonkey_is_heard_and_edits_are_followed(sandbox, bench):
    source = bench.settings("surveymonkey", f"{sandbox.url}/surveymonkey", **MONKEY)
    sandbox.now -= timedelta(days=14, hours=6)
    first = bench.run(SurveyMonkey(), source, now=sandbox.now)
    (before,) = [one for one in bench.mentions("surveymonkey").values() if "안 된다는" in one.text]
    sandbox.now += timedelta(days=14, hours=6)
    second = bench.run(SurveyMonkey(), source)
    found = bench.mentions("surveymonkey")
    assert first.seen == 2 * 5 and second.new == 2 * 5 and second.seen == 2 * 6
    after = found[before.native_id]
    assert "교환받았습니다" in after.text and after.published_at == before.published_at
    assert (after.score_kind, after.score_value, found[f"{after.native_id}#csat"].score_value) == ("nps", 5, 2)
    assert "respondent_id" in after.url
    assert "203.0.113.9" not in bench.landed_text() and "010-0000" not in bench.landed_text()
    third = bench.run(SurveyMonkey(), source)
    assert third.new == 0 and third.requests == 2


def test_surveymonkey_pages_to_the_end(sandbox, bench, monkeypatch):
    monkeypatch.setattr("listeners.sources.surveymonkey.PAGE_SIZE", 3)
    coverage = bench.run(SurveyMonkey(), bench.settings("surveymonkey", f"{sandbox.url}/surveymonkey", **MONKEY))
    assert (coverage.seen, coverage.requests, str(coverage.outcome)) == (20, 5, "complete")


@pytest.mark.parametrize(
    ("mode", "order", "error"),
    [
        ("401", {}, CredentialsRejected),
        ("429", {"retry_after": 60}, RateLimited),
        ("html", {}, SourceChanged),
        ("malformed", {}, SourceChanged),
        ("reset", {"times": 9}, SourceUnavailable),
        ("500", {"times": 9}, SourceUnavailable),
    ],
)
def test_surveymonkey_keeps_what_came_before_a_refusal(sandbox, bench, monkeypatch, mode, order, error):
    monkeypatch.setattr("listeners.sources.surveymonkey.PAGE_SIZE", 4)
    sandbox.fault("/surveymonkey", mode, after=2, **order)
    source = bench.settings("surveymonkey", f"{sandbox.url}/surveymonkey", **MONKEY)
    with pytest.raises(error):
        bench.run(SurveyMonkey(), source)
    assert len(bench.mentions("surveymonkey")) == 8 and bench.coverage()[-1]["outcome"] == "partial"


def test_surveymonkey_quota_of_the_day_ends_the_run_quietly(serving, bench):
    headers = {"X-Ratelimit-App-Global-Day-Remaining": "0", "X-Ratelimit-App-Global-Day-Reset": "3600"}
    body = {"error": {"id": "1040", "name": "Rate limit reached", "http_status_code": 429}}
    app = Starlette(
        routes=[
            Route("/v3/surveys/1/details", lambda request: JSONResponse({"pages": []})),
            Route("/v3/surveys/1/responses/bulk", lambda request: JSONResponse(body, 429, headers)),
        ]
    )
    with serving(app) as url:
        coverage = bench.run(SurveyMonkey(), bench.settings("surveymonkey", url, keys={"token": "t"}, surveys=["1"]))
    assert (str(coverage.outcome), coverage.reason) == ("partial", "quota")


def test_checks_store_nothing(sandbox, bench):
    monkey = bench.settings("surveymonkey", f"{sandbox.url}/surveymonkey", **MONKEY)
    assert "csat, nps, text" in bench.check(SurveyMonkey(), monkey)
    assert bench.landed_text() == ""


def test_a_refused_answer_shows_no_name(context):
    answers = {"id": "9", "pages": [{"questions": [{"id": "904", "answers": [{"text": "김모아"}]}]}]}
    (refused,) = SurveyMonkey().parse(Page(kind="answers", body={"data": [answers]}), context("surveymonkey"))
    assert isinstance(refused, Refused) and "김모아" not in refused.payload and '"9"' in refused.payload


def test_goldens(golden):
    golden(SurveyMonkey(), "answers")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "pages", "questions", "answers", "text", "choice_id", "cells", "nps"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(JSON, max_size=3), JSON)
def test_parse_gives_mentions_or_refusals_for_anything(context, items, details):
    page = Page(kind="answers", body={"data": items}, extra={"details": details})
    for found in SurveyMonkey().parse(page, context("surveymonkey")):
        assert isinstance(found, Mention | Refused)
