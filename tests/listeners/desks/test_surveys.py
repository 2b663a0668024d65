"""Surveys: a Google Form's answer sheet, and SurveyMonkey."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contracts.errors import (
    ConfigurationError,
    ContractError,
    CredentialsRejected,
    RateLimited,
    SourceChanged,
    SourceUnavailable,
)
from contracts.mention import Kind, Mention
from listeners.contract import Page, Refused
from listeners.scores import score_of
from listeners.sources.survey_csv import SurveyCsv
from listeners.sources.surveymonkey import SurveyMonkey

COLUMNS = {
    "nps": "모아담을 주변에 추천하고 싶으신가요? (0~10)",
    "csat": "이번 구매에 얼마나 만족하셨나요?",
    "text": "모아담에 하고 싶은 말씀을 들려주세요",
}
SHEET = {"sheet": "sandbox-sheet", "columns": COLUMNS}
MONKEY = {"keys": {"token": "sandbox-surveymonkey-token"}, "surveys": ["411000001"]}


@pytest.mark.parametrize(
    ("written", "score"),
    [
        ("9", 9),
        ("10 (매우 추천)", 10),
        ("5점", 5),
        ("매우 만족", 5),
        ("매우불만족", 1),
        ("보통", 3),
        (" ", None),
        (4, 4),
        ("0", 0),
    ],
)
def test_scores(written, score):
    assert score_of(written) == score


def test_a_score_in_unknown_words_is_refused_until_named():
    with pytest.raises(ContractError, match="labels"):
        score_of("그럭저럭")
    assert score_of("그럭저럭", {"그럭저럭": 3}) == 3


def test_a_sheet_is_heard_whole_and_once(sandbox, bench):
    source = bench.settings("survey_csv", f"{sandbox.url}/sheets", **SHEET)
    first = bench.run(SurveyCsv(), source)
    found = bench.mentions("survey_csv")
    assert (str(first.outcome), first.quarantined) == ("complete", 0)
    assert first.seen == first.new == 2 * 12
    nps = [one for one in found.values() if one.score_kind == "nps"]
    csat = [one for one in found.values() if one.score_kind == "csat"]
    assert len(nps) == len(csat) == 12 and all(one.kind is Kind.SURVEY for one in found.values())
    eggs = next(one for one in nps if "유정란" in one.text)
    assert eggs.score_value == 2 and "\n" in eggs.text and eggs.published_at.minute == 55
    assert {one.score_value for one in csat} == {1, 2, 3, 5, 4}
    assert "010-0000" not in bench.landed_text()  # nobody asked for that column
    sandbox.now += timedelta(days=1)
    assert bench.run(SurveyCsv(), source).new == 0


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({}, ConfigurationError, "columns"),
        ({"columns": COLUMNS}, ConfigurationError, "sheet"),
        ({"sheet": "private", "columns": COLUMNS}, CredentialsRejected, "공유"),
        ({**SHEET, "columns": {"nps": "추천하고 싶으신가요"}}, SourceChanged, "closest"),
        ({**SHEET, "columns": {"npss": "x"}}, ConfigurationError, "did you mean 'nps'"),
    ],
)
def test_a_sheet_that_cannot_be_read_says_why(sandbox, bench, options, error, match):
    with pytest.raises(error, match=match):
        bench.run(SurveyCsv(), bench.settings("survey_csv", f"{sandbox.url}/sheets", **options))


def test_an_american_sheet_in_cp949_with_bad_rows(serving, bench):
    sheet = (
        "Timestamp,점수,의견\n11/20/2026 21:04:53,9,좋아요\n11/20/2026 21:04:53,11,최고\n어제,3,별로\n,,\n,5,언젠가\n"
    )
    app = Starlette(routes=[Route("/spreadsheets/d/e/pub1/pub", lambda request: Response(sheet.encode("cp949")))])
    with serving(app) as url:
        source = bench.settings("survey_csv", url, published="pub1", columns={"nps": "점수", "text": "의견"})
        coverage = bench.run(SurveyCsv(), source)
    assert (coverage.seen, coverage.quarantined) == (2, 2)
    good = next(one for one in bench.mentions("survey_csv").values() if one.text == "좋아요")
    assert good.published_at == datetime(2026, 11, 20, 12, 4, 53, tzinfo=UTC)


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
    assert "12 answers" in bench.check(SurveyCsv(), bench.settings("survey_csv", f"{sandbox.url}/sheets", **SHEET))
    assert bench.landed_text() == ""


def test_a_refused_answer_shows_no_name(context):
    answers = {"id": "9", "pages": [{"questions": [{"id": "904", "answers": [{"text": "김모아"}]}]}]}
    (refused,) = SurveyMonkey().parse(Page(kind="answers", body={"data": [answers]}), context("surveymonkey"))
    assert isinstance(refused, Refused) and "김모아" not in refused.payload and '"9"' in refused.payload


def test_goldens(golden):
    golden(SurveyCsv(), "answers")
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


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(JSON, max_size=3), JSON)
def test_parse_gives_mentions_or_refusals_for_anything(context, items, details):
    for listener, page in (
        (SurveyCsv(), Page(kind="answers", body=items)),
        (SurveyMonkey(), Page(kind="answers", body={"data": items}, extra={"details": details})),
    ):
        for found in listener.parse(page, context(listener.name)):
            assert isinstance(found, Mention | Refused)
