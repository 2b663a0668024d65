"""Apple's two doors to the same reviews: the public feed with its traps, and App Store Connect with its signed key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox import app_store, app_store_connect
from sandbox.app_store_connect import ISSUER, KEY_ID, private_key

APP = "1600424242"
REVIEWS = f"/appstoreconnect/v1/apps/{APP}/customerReviews"


def feed(stage: Any, page: int, *, country: str = "kr", app: str = APP) -> Any:
    return stage.get(f"/itunes/{country}/rss/customerreviews/page={page}/id={app}/sortBy=mostRecent/json")


def bearer(now: datetime, *, key: Any = None, kid: str = KEY_ID, minutes: int = 19, **claims: Any) -> dict[str, str]:
    issued = int(now.timestamp())
    said = {"iss": ISSUER, "aud": "appstoreconnect-v1", "iat": issued, "exp": issued + minutes * 60, **claims}
    return {"Authorization": f"Bearer {jwt.encode(said, key or private_key(), 'ES256', headers={'kid': kid})}"}


def test_the_feed_pages_to_an_empty_page_without_an_entry(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_store, "PAGE", 7)
    answers = [feed(stage, number) for number in (1, 2, 3, 4)]
    assert {answer.headers["content-type"] for answer in answers} == {"text/javascript; charset=utf-8"}
    feeds = [answer.json()["feed"] for answer in answers]
    assert "im:rating" not in feeds[0]["entry"][0], "the first entry describes the app"
    assert "entry" not in feeds[3]
    labels = [entry["id"]["label"] for one in feeds[:3] for entry in one["entry"] if "im:rating" in entry]
    of_korea = [seen for seen in stage.world.seen("app_store_connect") if seen.item.is_root and seen.item.place == "kr"]
    assert len(set(labels)) == len(labels) == len(of_korea)
    assert "developerResponse" not in answers[0].text and "모아담입니다" not in answers[0].text


def test_one_entry_is_an_object_and_some_stores_have_no_app(stage: Any) -> None:
    stage.forward(days=-20)
    assert feed(stage, 1, country="us").json()["feed"]["entry"]["im:rating"] == {"label": "3"}
    refused = [feed(stage, 11), feed(stage, 1, country="de"), feed(stage, 1, app="1")]
    assert [answer.status_code for answer in refused] == [400, 400, 400]


def test_connect_follows_its_next_links_and_includes_the_responses(stage: Any) -> None:
    given: dict[str, Any] = {"include": "response", "sort": "-createdDate", "limit": 9}
    reviews: list[dict[str, Any]] = []
    responses: dict[str, dict[str, Any]] = {}
    following = stage.base + REVIEWS
    while following:
        answer = stage.get(following.removeprefix(stage.base), params=given, headers=bearer(stage.time))
        body, given = answer.json(), {}
        reviews += body["data"]
        responses |= {one["id"]: one["attributes"] for one in body["included"]}
        following = body["links"].get("next", "")
    dates = [datetime.fromisoformat(one["attributes"]["createdDate"]) for one in reviews]
    assert dates == sorted(dates, reverse=True)
    roots = [seen for seen in stage.world.seen("app_store_connect") if seen.item.is_root]
    assert len({one["id"] for one in reviews}) == len(reviews) == len(roots) == body["meta"]["paging"]["total"]
    (again,) = [one for one in reviews if one["attributes"]["title"] == "업데이트해도 똑같아요"]
    response = responses[again["relationships"]["response"]["data"]["id"]]
    assert response["lastModifiedDate"] < again["attributes"]["createdDate"], "it was edited after the response"
    assert [one["relationships"]["response"]["data"] for one in reviews].count(None) == len(reviews) - len(responses)


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": ec.generate_private_key(ec.SECP256R1())}, {"kid": "OTHERKEY01"}, {"aud": "someone-else"},
        {"iss": "another-team"}, {"minutes": 21}, {"minutes": -1}, {"iat": "soon"},
    ],
)
def test_connect_takes_only_a_token_signed_with_its_key_for_twenty_minutes(stage: Any, wrong: dict[str, Any]) -> None:
    assert stage.get(REVIEWS, headers=bearer(stage.time)).status_code == 200
    answer = stage.get(REVIEWS, headers=bearer(stage.time, **wrong))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "NOT_AUTHORIZED")
    assert stage.get(REVIEWS).status_code == 401


def test_connect_counts_the_requests_of_a_rolling_hour(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_store_connect, "HOURLY", 2)
    stage.forward(days=9)
    answers = [stage.get(REVIEWS, headers=bearer(stage.time)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[1].headers["X-Rate-Limit"] == "user-hour-lim:2;user-hour-rem:0;"
    assert answers[2].json()["errors"][0]["code"] == "RATE_LIMIT_EXCEEDED"
    stage.time += timedelta(minutes=61)
    assert stage.get(REVIEWS, headers=bearer(stage.time)).status_code == 200


def test_connect_refuses_another_app_and_a_wrong_limit(stage: Any) -> None:
    wrong = {"limit": "201"}, {"cursor": "nonsense"}
    answers = [stage.get(REVIEWS, params=given, headers=bearer(stage.time)) for given in wrong]
    answers.append(stage.get(REVIEWS.replace(APP, "7"), headers=bearer(stage.time)))
    assert [answer.status_code for answer in answers] == [400, 400, 404]
