"""A shop on Naver: the signed token, answers without times, late answers, deletions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from contracts.errors import CredentialsRejected, Forbidden
from contracts.mention import Kind, Mention
from listeners.contract import Page, Refused
from listeners.sources.naver_commerce import NaverCommerce

KEYS = {"client_id": "sandboxcommerce00000001", "client_secret": "$2a$04$sandboxsandboxsandboxu"}

TOKEN = [Route("/v1/oauth2/token", lambda request: JSONResponse({"access_token": "t"}), methods=["POST"])]
NO_INQUIRIES = [Route("/v1/pay-user/inquiries", lambda request: JSONResponse({"content": [], "totalPages": 0}))]


def source(sandbox, bench, **options):
    return bench.settings("naver_commerce", f"{sandbox.url}/commerce", keys=KEYS, **options)


def test_late_answers_and_deletions_are_seen(sandbox, bench):
    final = sandbox.now
    sandbox.now = final - timedelta(days=5)
    first = bench.run(NaverCommerce(), source(sandbox, bench), now=sandbox.now)
    (before,) = [one for one in bench.mentions("naver_commerce").values() if "사은품" in one.text]
    assert str(first.outcome) == "complete" and before.answered is False

    sandbox.now = final - timedelta(days=2)
    bench.run(NaverCommerce(), source(sandbox, bench), now=sandbox.now)
    found = bench.mentions("naver_commerce")
    question, answer = found[before.native_id], found[f"{before.native_id}#answer"]
    assert question.answered and question.answered_at is None and question.answers_checked_at == sandbox.now
    assert answer.is_official and answer.published_at is None
    assert (answer.not_before, answer.not_after) == (final - timedelta(days=5), sandbox.now)
    (deleted,) = [one for one in source_items(sandbox, final) if one.deleted_at is not None]
    sandbox.now = final - timedelta(hours=20)
    bench.run(NaverCommerce(), source(sandbox, bench), now=sandbox.now)
    alive = bench.mentions("naver_commerce")[f"qna-{deleted.native_id}"]
    sandbox.now = final + timedelta(days=1)
    bench.run(NaverCommerce(), source(sandbox, bench), now=sandbox.now)
    found = bench.mentions("naver_commerce")
    gone = found[alive.native_id]
    assert alive.text and gone.deleted_at == sandbox.now and gone.text == ""
    # When the answer appeared does not drift with every look.
    assert found[answer.native_id].not_after == answer.not_after


def source_items(sandbox, anchor):
    from sandbox.world import World

    return World.load(anchor, now=lambda: anchor).items("naver_commerce")


def test_inquiries_carry_their_times_and_no_names(sandbox, bench):
    coverage = bench.run(NaverCommerce(), source(sandbox, bench))
    found = bench.mentions("naver_commerce")
    (refund,) = [one for one in found.values() if one.title == "환불 금액이 다릅니다"]
    assert refund.kind is Kind.INQUIRY and refund.place == "환불" and refund.author_key
    assert refund.answered and refund.answered_at > refund.published_at
    (angry,) = [one for one in found.values() if one.title == "삼겹살이 상해서 왔어요"]
    assert angry.answered is False and angry.answers_checked_at is not None
    for personal in ("김모아", "customer-20311", "2026110112345671", "hani", "access_token"):
        assert personal not in bench.landed_text()
    assert coverage.requests == 3
    assert bench.run(NaverCommerce(), source(sandbox, bench)).new == 0


def test_pages_to_the_end_and_a_page_that_repeats(serving, bench):
    repeats = []

    def questions(request):
        number = 1 if repeats else int(request.query_params["page"])
        items = [question(one) for one in range(250)][100 * (number - 1) : 100 * number]
        return JSONResponse({"contents": items, "totalPages": 3})

    app = Starlette(routes=[*TOKEN, Route("/v1/contents/qnas", questions), *NO_INQUIRIES])
    with serving(app) as url:
        using = bench.settings("naver_commerce", url, keys=KEYS)
        assert bench.run(NaverCommerce(), using).seen == 250
        repeats.append(True)
        coverage = bench.run(NaverCommerce(), using)
    assert (coverage.reason, str(coverage.outcome)) == ("repeated", "partial")
    assert all(one.deleted_at is None for one in bench.mentions("naver_commerce").values())


@pytest.mark.parametrize("keys", [{**KEYS, "client_secret": "not a salt"}, {**KEYS, "client_id": "x"}, {}])
def test_wrong_keys(sandbox, bench, keys):
    with pytest.raises(CredentialsRejected):
        bench.run(NaverCommerce(), bench.settings("naver_commerce", f"{sandbox.url}/commerce", keys=keys))


@pytest.mark.parametrize(("status", "code", "error"), [(403, "GW.AUTHN", Forbidden), (429, "GW.QUOTA_LIMIT", None)])
def test_refusals_of_the_gateway(serving, bench, status, code, error):
    app = Starlette(
        routes=[
            *TOKEN,
            Route("/v1/contents/qnas", lambda request: JSONResponse({"code": code, "message": "no"}, status)),
        ]
    )
    with serving(app) as url:
        using = bench.settings("naver_commerce", url, keys=KEYS)
        if error:
            with pytest.raises(error, match="IP address"):
                bench.run(NaverCommerce(), using)
        else:
            assert bench.run(NaverCommerce(), using).reason == "quota"


def test_a_lost_right_is_no_deletion(serving, bench):
    body = {"contents": [question(number) for number in range(8)], "totalPages": 1}
    app = Starlette(
        routes=[
            *TOKEN,
            Route("/v1/contents/qnas", lambda request: JSONResponse(body)),
            *NO_INQUIRIES,
        ]
    )
    with serving(app) as url:
        using = bench.settings("naver_commerce", url, keys=KEYS)
        bench.run(NaverCommerce(), using)
        body["contents"] = []
        coverage = bench.run(NaverCommerce(), using)
    assert coverage.reason == "changed" and "rights" in coverage.message
    assert all(one.deleted_at is None for one in bench.mentions("naver_commerce").values())


def question(number):
    return {
        "questionId": number,
        "question": "언제 오나요",
        "answered": False,
        "maskedWriterId": "abcd****",
        "createDate": "2026-11-20T12:00:00.000+09:00",
    }


def test_check_stores_nothing(sandbox, bench):
    assert "questions in the last day" in bench.check(NaverCommerce(), source(sandbox, bench))
    assert bench.landed_text() == ""


def test_goldens(golden):
    golden(NaverCommerce(), "questions")
    golden(NaverCommerce(), "inquiries")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=5,
)
NAMES = (
    "questionId",
    "question",
    "answer",
    "answered",
    "createDate",
    "inquiryNo",
    "inquiryContent",
    "maskedWriterId",
    "inquiryRegistrationDateTime",
    "answerRegistrationDateTime",
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), JSON) | JSON, max_size=4))
def test_parse_gives_mentions_or_refusals_for_anything(context, items):
    for kind, name in (("qna", "contents"), ("inquiry", "content")):
        page = Page(kind=kind, body={name: items})
        assert all(isinstance(one, Mention | Refused) for one in NaverCommerce().parse(page, context("naver_commerce")))
