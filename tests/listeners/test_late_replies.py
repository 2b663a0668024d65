"""YouTube and Cafe24: answers that come later, long threads, and quotas that run out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.coverage import Outcome
from contracts.errors import ConfigurationError, CredentialsRejected
from listeners.contract import SourceSettings, WatchedBrand
from listeners.sources.cafe24 import Cafe24
from listeners.sources.youtube import YouTube

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class Tube:
    """One channel's threads; a page shows at most two replies of each."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply
        self.threads: dict[str, tuple[datetime, list[tuple[str, str]]]] = {}
        self.newest_only = ""
        self.title = "에어프라이어 한 달 써 본 후기"
        self.refusal: tuple[int, dict[str, Any]] | None = None
        self.asked: list[str] = []

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if path.endswith("/videos"):
            return self.json([{"id": video, "snippet": {"title": self.title}} for video in given["id"].split(",")])
        self.asked.append(given.get("id") or given.get("parentId") or given.get("videoId") or "new")
        if self.refusal:
            status, error = self.refusal
            return self.reply(json.dumps({"error": error}).encode(), status)
        if path.endswith("/comments"):
            return self.json(self.replies(given["parentId"]))
        names = [name for name in self.threads if name in given.get("id", self.newest_only or name).split(",")]
        return self.json([self.thread(name) for name in sorted(names, key=lambda n: self.threads[n][0], reverse=True)])

    def json(self, items: list[dict[str, Any]]) -> Any:
        return self.reply(json.dumps({"items": items}).encode())

    def replies(self, name: str) -> list[dict[str, Any]]:
        at, listed = self.threads[name]
        return [self.comment(f"{name}.{n}", text, channel, at) for n, (channel, text) in enumerate(listed)]

    def thread(self, name: str) -> dict[str, Any]:
        at, listed = self.threads[name]
        top = self.comment(name, "모아담 별로예요", "UCother", at)
        snippet = {"videoId": "v1", "topLevelComment": top, "totalReplyCount": len(listed)}
        return {"id": name, "snippet": snippet, "replies": {"comments": self.replies(name)[:2]}}

    def comment(self, name: str, text: str, channel: str, at: datetime) -> dict[str, Any]:
        said = {"textDisplay": text, "authorChannelId": {"value": channel}, "publishedAt": at.isoformat()}
        return {"id": name, "snippet": said}


@pytest.fixture
def tube(server: Any, reply: Any) -> Tube:
    server.answer = Tube(reply)
    return server.answer


def youtube(server: Any, **options: Any) -> SourceSettings:
    return SourceSettings(
        name="youtube", base_url=server.url, credentials={"key": "the-api-key"},
        options={"retry_backoff_seconds": 0, **options},
    )


def test_a_late_reply_of_the_channel_is_found(tube: Tube, server: Any, house: Any) -> None:
    tube.threads["a"] = (NOW - timedelta(days=5), [])
    tube.threads["b"] = (NOW - timedelta(days=4), [("UCmoadam", "안녕하세요, 모아담입니다.")])
    house.run(YouTube(), youtube(server))
    tube.threads["a"][1].append(("UCmoadam", "늦어서 죄송합니다."))
    tube.threads["c"] = (NOW, [])
    tube.newest_only = "c"
    tube.asked.clear()
    house.run(YouTube(), youtube(server), now=NOW + timedelta(hours=1))
    assert tube.asked == ["new", "a"], "the new thread, and the open one by its id; the answered one rests"
    answer = house.mentions("youtube")["a.0"]
    assert (answer.is_official, answer.thread_native_id) == (True, "a")
    assert house.mentions("youtube")["a"].answers_checked_at == NOW + timedelta(hours=1)


def test_a_video_is_named_by_its_title_without_what_reaches_somebody(tube: Tube, server: Any, house: Any) -> None:
    tube.threads["a"] = (NOW, [("UCmoadam", "고맙습니다.")])
    tube.title = "솔직 후기 | 협찬 문의 010-0000-1234, me@sandbox.example"
    house.run(YouTube(), youtube(server))
    assert {one.place for one in house.mentions("youtube").values()} == {"솔직 후기 | 협찬 문의 …, …"}
    assert not [word for word in ("0000-1234", "sandbox.example") if word in house.everything()]
    requests = len(server.requests)
    house.run(YouTube(), youtube(server), now=NOW + timedelta(hours=1))
    assert len(server.requests) == requests + 1, "the title is asked for once"


def test_a_long_thread_is_read_to_its_end(tube: Tube, server: Any, house: Any) -> None:
    tube.threads["a"] = (NOW, [("UCx", f"저도요 {n}") for n in range(5)])
    house.run(YouTube(), youtube(server))
    assert set(house.mentions("youtube")) == {"a", *(f"a.{n}" for n in range(5))}
    assert tube.asked == ["new", "a"]


def test_a_thread_that_is_gone_is_followed(tube: Tube, server: Any, house: Any) -> None:
    tube.threads["a"] = (NOW - timedelta(days=3), [])
    house.run(YouTube(), youtube(server))
    del tube.threads["a"]
    house.run(YouTube(), youtube(server), now=NOW + timedelta(hours=1))
    assert house.mentions("youtube")["a"].deleted_at == NOW + timedelta(hours=1)


def test_refusals_of_youtube(tube: Tube, server: Any, house: Any) -> None:
    brand = WatchedBrand(id="moadam", name="모아담", terms=("모아담",))
    tube.refusal = (403, {"code": 403, "message": "quota", "errors": [{"reason": "quotaExceeded"}]})
    coverage = house.run(YouTube(), youtube(server))
    assert (coverage.outcome, coverage.reason) == (Outcome.PARTIAL, "quota")
    tube.refusal = (403, {"code": 403, "message": "off", "errors": [{"reason": "commentsDisabled"}]})
    coverage = house.run(YouTube(), youtube(server, videos=["v9"]), brand=brand)
    assert (coverage.outcome, coverage.message) == (Outcome.COMPLETE, "skipped: comments disabled 1")
    tube.refusal = (400, {"code": 400, "message": "API key not valid. Please pass a valid API key."})
    with pytest.raises(CredentialsRejected, match="the API key is not valid"):
        house.run(YouTube(), youtube(server))
    with pytest.raises(ConfigurationError, match=r"official\.youtube"):
        house.run(YouTube(), youtube(server), brand=brand)


def test_the_days_units_are_a_budget(tube: Tube, server: Any, house: Any) -> None:
    tube.threads["a"] = (NOW, [])
    assert house.run(YouTube(), youtube(server, daily_units=1)).outcome is Outcome.COMPLETE
    spent = house.run(YouTube(), youtube(server, daily_units=1), now=NOW + timedelta(hours=1))
    assert (spent.reason, spent.requests) == ("quota", 0)
    midnight = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)  # in California
    assert house.run(YouTube(), youtube(server, daily_units=1), now=midnight).requests == 1


def test_cafe24_reads_a_reviews_comments_until_it_is_answered(server: Any, reply: Any, house: Any) -> None:
    comments: list[dict[str, Any]] = []
    asked: list[str] = []

    def answer(path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        asked.append(path)
        assert headers["x-cafe24-api-version"]
        at = (NOW - timedelta(days=1)).isoformat()
        article = {"article_no": 41, "title": "소음", "content": "심해요", "rating": 1, "created_date": at}
        body: dict[str, Any] = {"comments": comments} if path.endswith("/comments") else {"articles": [article]}
        if path.endswith("/boards"):
            body = {"boards": [{"board_no": 4, "board_name": "상품 사용후기"}]}
        return reply(json.dumps(body).encode(), 200, {"X-Api-Call-Limit": "1/40"})

    server.answer = answer
    settings = SourceSettings(
        name="cafe24", base_url=server.url, credentials={"token": "the-token"}, options={"boards": [4]}
    )
    first = house.run(Cafe24(), settings)
    assert (first.seen, first.answers_to) == (1, NOW)
    assert house.mentions("cafe24")["4/41"].place == "상품 사용후기"
    made = {"comment_no": 9, "content": "죄송합니다", "member_id": "moadam_admin", "created_date": NOW.isoformat()}
    comments.append(made)
    house.run(Cafe24(), settings, now=NOW + timedelta(hours=1))
    assert house.mentions("cafe24")["4/41#c9"].is_official
    asked.clear()
    house.run(Cafe24(), settings, now=NOW + timedelta(hours=2))
    assert len(asked) == 1, "an answered review rests for a day"
