"""Surveys: a Google Form's answer sheet as CSV."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import Response
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

COLUMNS = {
    "nps": "모아담을 주변에 추천하고 싶으신가요? (0~10)",
    "csat": "이번 구매에 얼마나 만족하셨나요?",
    "text": "모아담에 하고 싶은 말씀을 들려주세요",
}
SHEET = {"sheet": "sandbox-sheet", "columns": COLUMNS}


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


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("401", CredentialsRejected),
        ("404", SourceChanged),
        ("429", RateLimited),
        ("500", SourceUnavailable),
        ("reset", SourceUnavailable),
        ("truncate", SourceUnavailable),
        ("empty", SourceChanged),
    ],
)
def test_what_a_refusal_means(sandbox, bench, mode, error):
    sandbox.fault("/sheets", mode, times=9)
    source = bench.settings("survey_csv", f"{sandbox.url}/sheets", **SHEET)
    with pytest.raises(error):
        bench.run(SurveyCsv(), source)
    assert bench.coverage()[-1]["outcome"] == "failed"


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


def test_checks_store_nothing(sandbox, bench):
    assert "12 answers" in bench.check(SurveyCsv(), bench.settings("survey_csv", f"{sandbox.url}/sheets", **SHEET))
    assert bench.landed_text() == ""


def test_goldens(golden):
    golden(SurveyCsv(), "answers")


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
@given(st.lists(JSON, max_size=3))
def test_parse_gives_mentions_or_refusals_for_anything(context, items):
    for found in SurveyCsv().parse(Page(kind="answers", body=items), context("survey_csv")):
        assert isinstance(found, Mention | Refused)
