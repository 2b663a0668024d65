"""Google Play's reviews: the last week, pages by token, the developer's word beside the customer's."""

from __future__ import annotations

from typing import Any

import pytest

KEY = {"Authorization": "Bearer sandbox-googleplay-token"}
PATH = "/googleplay/androidpublisher/v3/applications/kr.moadam.app/reviews"


def reviews(stage: Any, size: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token: str | None = None
    while True:
        given = {"maxResults": size} | ({"token": token} if token else {})
        body = stage.get(PATH, params=given, headers=KEY).json()
        found += body.get("reviews", [])
        token = body.get("tokenPagination", {}).get("nextPageToken")
        if token is None:
            return found


def test_pages_are_complete_and_of_the_last_week_by_change(stage: Any) -> None:
    found = reviews(stage, 7)
    assert found == reviews(stage, 100)
    assert len(found) == len({review["reviewId"] for review in found}) > 45
    changed = [int(review["comments"][0]["userComment"]["lastModified"]["seconds"]) for review in found]
    assert changed == sorted(changed, reverse=True)
    assert changed[-1] >= stage.time.timestamp() - 7 * 86400
    texts = " ".join(review["comments"][0]["userComment"]["text"] for review in found)
    assert "환불 버튼 생겼네요" in texts  # written long ago, edited this week
    assert "앱 깔끔하고" not in texts


def test_a_developers_reply_is_a_comment_of_its_own(stage: Any) -> None:
    by_author = {review["authorName"]: review["comments"] for review in reviews(stage, 100)}
    answered, again = by_author["hyejin lee"], by_author["권*아"]
    assert "4.12.1" in answered[1]["developerComment"]["text"]
    seconds = [int(next(iter(comment.values()))["lastModified"]["seconds"]) for comment in again]
    assert seconds[0] > seconds[1]  # the customer wrote again after the answer
    assert [len(by_author["박*영"]), by_author["박*영"][0]["userComment"]["starRating"]] == [1, 1]


@pytest.mark.parametrize(
    ("path", "headers", "given", "status", "word"),
    [
        (PATH, {}, {}, 401, "UNAUTHENTICATED"),
        (PATH.replace("kr.moadam.app", "kr.other"), KEY, {}, 404, "NOT_FOUND"),
        (PATH, KEY, {"token": "nonsense"}, 400, "INVALID_ARGUMENT"),
        (PATH, KEY, {"maxResults": "0"}, 400, "INVALID_ARGUMENT"),
    ],
)
def test_refusals(
    stage: Any, path: str, headers: dict[str, str], given: dict[str, str], status: int, word: str
) -> None:
    answer = stage.get(path, params=given, headers=headers)
    assert (answer.status_code, answer.json()["error"]["status"]) == (status, word)
