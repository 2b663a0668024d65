"""YouTube's comments: whole pages, replies that have to be asked for, refusals by reason, and units that run out."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import youtube

KEY = {"X-Goog-Api-Key": youtube.KEY}
THREADS = "/youtube/youtube/v3/commentThreads"
COMMENTS = "/youtube/youtube/v3/comments"
OURS = {"part": "snippet,replies", "allThreadsRelatedToChannelId": youtube.CHANNEL}


def pages(stage: Any, path: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        body = stage.get(path, params={**given, **token}, headers=KEY).json()
        found += body["items"]
        if "nextPageToken" not in body:
            return found
        token = {"pageToken": body["nextPageToken"]}


def test_threads_of_the_channel_come_newest_first_once_and_whole(stage: Any) -> None:
    found = pages(stage, THREADS, {**OURS, "maxResults": 4})
    times = [item["snippet"]["topLevelComment"]["snippet"]["publishedAt"] for item in found]
    assert times == sorted(times, reverse=True)
    roots = [seen for seen in stage.world.seen("youtube") if seen.item.is_root and seen.item.place != "rvSalimJin7"]
    assert len({item["id"] for item in found}) == len(found) == len(roots)
    assert {item["snippet"]["channelId"] for item in found} == {youtube.CHANNEL}


def test_a_page_stays_itself_while_new_comments_arrive(stage: Any) -> None:
    first = stage.get(THREADS, params={**OURS, "maxResults": 3}, headers=KEY).json()
    following = {**OURS, "maxResults": 3, "pageToken": first["nextPageToken"]}
    before = stage.get(THREADS, params=following, headers=KEY).json()["items"]
    stage.forward(hours=12)
    newest = stage.get(THREADS, params={**OURS, "maxResults": 3}, headers=KEY).json()["items"]
    assert newest[0]["id"] != first["items"][0]["id"]
    after = stage.get(THREADS, params=following, headers=KEY).json()["items"]
    assert [item["id"] for item in before] == [item["id"] for item in after]


def test_a_long_threads_answer_is_only_among_all_its_replies(stage: Any) -> None:
    (thread,) = [item for item in pages(stage, THREADS, OURS) if item["snippet"]["totalReplyCount"] > 5]
    shown = thread["replies"]["comments"]
    given = {"part": "snippet", "parentId": thread["id"], "maxResults": 3, "textFormat": "plainText"}
    replies = pages(stage, COMMENTS, given)
    assert len(shown) == 5 < len(replies) == thread["snippet"]["totalReplyCount"]
    channels = [[one["snippet"]["authorChannelId"]["value"] for one in ones] for ones in (shown, replies)]
    assert youtube.CHANNEL not in channels[0] and youtube.CHANNEL in channels[1]
    assert all(one["id"].startswith(thread["id"] + ".") for one in replies)


@pytest.mark.parametrize(
    ("headers", "given", "status", "reason"),
    [
        ({}, OURS, 403, "forbidden"),
        ({"X-Goog-Api-Key": "wrong"}, OURS, 400, "badRequest"),
        (KEY, {"part": "snippet"}, 400, "missingRequiredParameter"),
        (KEY, {**OURS, "videoId": "mdKimjang01"}, 400, "incompatibleParameters"),
        (KEY, {"part": "snippet", "id": "Ugx1", "maxResults": 50}, 400, "incompatibleParameters"),
        (KEY, {**OURS, "maxResults": 101}, 400, "invalidParameter"),
        (KEY, {**OURS, "pageToken": "nonsense"}, 400, "invalidPageToken"),
        (KEY, {"part": "snippet", "videoId": "rvSilent001"}, 403, "commentsDisabled"),
        (KEY, {"part": "snippet", "videoId": "gone"}, 404, "videoNotFound"),
        (KEY, {"part": "snippet", "allThreadsRelatedToChannelId": "UCother"}, 404, "channelNotFound"),
    ],
)
def test_refusals_name_their_reason(
    stage: Any, headers: dict[str, str], given: dict[str, Any], status: int, reason: str
) -> None:
    answer = stage.get(THREADS, params=given, headers=headers)
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (status, reason)


def test_the_days_units_end_and_begin_anew_at_midnight_pacific(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(youtube, "DAILY_UNITS", 3)
    stage.forward(days=30)  # a day of its own; 12:30 in Seoul is 19:30 in California
    asked = [stage.get(THREADS, params=OURS, headers=KEY) for _ in range(4)]
    assert [answer.status_code for answer in asked] == [200, 200, 200, 403]
    assert asked[3].json()["error"]["errors"][0]["reason"] == "quotaExceeded"
    stage.forward(hours=4)
    assert stage.get(THREADS, params=OURS, headers=KEY).status_code == 403
    stage.forward(hours=1)
    assert stage.get(THREADS, params=OURS, headers=KEY).status_code == 200
