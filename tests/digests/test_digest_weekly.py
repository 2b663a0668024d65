"""What the weekly digest counts and lists, read from a published copy as the warehouse makes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.errors import ConfigurationError
from digests.model import Audience, BrandName, Change, WeeklyDigest
from digests.phrases import waiting
from digests.sending import SentDigest, send_digest
from digests.settings import DigestOptions
from digests.transport import Outbox
from digests.weekly import collect
from storage.home import Home

NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)  # Monday 23 November, 08:00 in Seoul
BRAND, AUDIENCE = BrandName(id="moadam", name="모아담"), Audience(id="cs", recipients=("cs@example.com",))
WEEK_AGO = 24 * 7

Collect = Callable[..., WeeklyDigest]


@pytest.fixture
def weekly(world: Any) -> Collect:
    def collected(**options: int) -> WeeklyDigest:
        return collect(world.path, brand=BRAND, audience=AUDIENCE, week="2026-W47", now=NOW,
                       options=DigestOptions(**options))
    return collected


def test_counts_stand_beside_those_of_the_week_before(world: Any, weekly: Collect) -> None:
    world.complaint("배송이 너무 늦어요", hours=30, topics=["delivery_late"])
    world.complaint("뚜껑이 안 맞아요", hours=40, state="answered", topics=["defect"], first_response_minutes=90.0,
                    first_response_business_minutes=60.0)
    world.complaint("글 지웠습니다", hours=41, state="withdrawn")
    world.complaint("아직도 안 왔어요", hours=30 + WEEK_AGO, topics=["delivery_late"], source="x")
    world.mention("포장이 꼼꼼해서 좋았어요 감사합니다", hours=50, sentiment="praise", topics=["praise_packaging"])
    world.mention("제공받아 작성한 후기입니다", hours=50, sentiment="praise", is_advertising=True, counts=False)
    world.mention("답변드립니다", hours=29, is_official=True, counts=False)
    world.mention("아직 못 읽은 글", hours=20, sentiment=None, is_uncertain=None)

    digest = weekly()
    assert digest.mentions == Change(now=5, before=1)
    assert digest.complaints == Change(now=2, before=1)
    assert digest.praise == Change(now=1, before=0)
    assert digest.advertising == Change(now=1, before=0)
    assert digest.untagged == 1
    assert digest.states == {
        "answered": Change(now=1), "unaddressed": Change(now=1, before=1), "withdrawn": Change(now=1)}
    assert [(s.source, s.complaints.now, s.open) for s in digest.sources] == [("daum_cafe", 2, 1), ("x", 0, 0)]
    assert [(t.topic, t.team, t.complaints, t.open) for t in digest.topics] == [
        ("제품 불량", "사입팀", Change(now=1), 0), ("배송 지연", "배송팀", Change(now=1, before=1), 1)]
    assert digest.praised == (("꼼꼼한 포장", 1),)
    assert (digest.speed.answered, digest.speed.median_minutes, digest.speed.median_business_minutes) == (1, 90.0, 60.0)


def test_the_list_is_ranked_reopened_first_then_by_priority(world: Any, weekly: Collect) -> None:
    mild = world.complaint("색이 달라요", hours=20)
    hurt = world.complaint("손을 베였어요", hours=10, severity=5, urgencies=["safety"])
    wide = world.complaint("환불을 안 해줘요", hours=25, reach=900)
    again = world.mention("답변 받았는데 그대로예요", hours=2)
    back = world.complaint("또 깨져서 왔어요", hours=70, state="reopened", evidence_id=again["mention_id"])
    world.complaint("답 받았어요", hours=12, state="answered")
    world.complaint("카페 글", hours=12, state="not_observable", source="naver_cafe")

    digest = weekly(complaints=3)
    assert [p.mention_id for p in digest.open_now.posts] == [back, hurt, wide]
    assert (digest.open_now.total, digest.open_now.hidden) == (4, 1)
    assert digest.open_now.posts[0].again == "답변 받았는데 그대로예요"
    assert digest.open_now.posts[0].waiting == timedelta(hours=2)
    assert digest.open_now.posts[1].reasons == ("safety",)
    assert digest.open_now.posts[1].waiting == timedelta(hours=10)
    assert [p.source for p in digest.to_look.posts] == ["naver_cafe"]
    assert mild not in [p.mention_id for p in digest.open_now.posts]


def test_earlier_weeks_come_back_until_somebody_answers(world: Any, weekly: Collect) -> None:
    old = world.complaint("수거가 안 와요", hours=20 + WEEK_AGO * 2, topics=["delivery_late"])
    world.complaint("이미 답 받음", hours=20 + WEEK_AGO, state="answered")
    world.complaint("다음 주 글", hours=-2)

    digest = weekly()
    assert [p.mention_id for p in digest.earlier.posts] == [old]
    assert digest.earlier.posts[0].team == "배송팀"
    assert digest.open_now.total == 0


def test_a_complaint_elsewhere_of_the_same_customer_stands_beside_it(world: Any, weekly: Collect) -> None:
    here = world.complaint("냄비가 휘어서 왔어요", hours=20, source="x")
    there = world.complaint("게시판에도 썼어요", hours=60, source="board", place="자유게시판", state="answered")
    other = world.complaint("이불 냄새", hours=61, source="board", state="answered")
    for earlier, confidence in ((there, 0.8), (other, 0.4)):
        world.add("complaint_links", brand="moadam", earlier_id=earlier, later_id=here, confidence=confidence,
                  is_likely=confidence >= 0.6)
    digest = weekly()
    (post,) = digest.open_now.posts
    assert [(link.mention_id, link.source, link.state) for link in post.linked] == [(there, "board", "answered")]
    assert digest.complaints.now == 3, "a link changes no count"


def test_an_undated_post_says_so_and_waits_since_it_was_first_seen(world: Any, weekly: Collect) -> None:
    world.complaint("냄새가 나요", hours=57, state="not_observable", source="naver_cafe", published_at=None)
    world.complaint("날짜만 아는 글", hours=80, state="not_observable", source="google_play", published_at=None,
                    first_seen_at=NOW - timedelta(hours=2))
    by_day, undated = weekly().to_look.posts
    assert (undated.dated, undated.waiting) == (False, timedelta(hours=57))
    assert [waiting(post) for post in (by_day, undated)] == ["3일째", "발견 2일 9시간째"]


def test_unanswered_questions_stand_beside_the_complaints(world: Any, weekly: Collect) -> None:
    asked = {"brand": "moadam", "source": "board", "week": "2026-W47", "topics": [], "reach": 0}
    at = NOW - timedelta(hours=40)
    world.add("questions", mention_id="q1", text="언제 재입고되나요?", state="unaddressed", occurred_at=at, **asked)
    world.add("questions", mention_id="q2", text="매장은 어디예요?", state="answered", occurred_at=at, **asked)
    assert [p.mention_id for p in weekly().questions.posts] == ["q1"]


def test_stars_are_counted_whatever_the_model_read(world: Any, weekly: Collect) -> None:
    read = ((1, False, "complaint"), (2, True, "complaint"), (1, False, "praise"), (5, False, None))
    for rating, answered, sentiment in read:
        world.mention("리뷰", hours=30, source="google_play", rating=float(rating), is_answered=answered,
                      sentiment=sentiment)
    (star,) = weekly().stars
    assert (star.source, star.reviews, star.low, star.low_unanswered, star.high) == ("google_play", 4, 3, 2, 1)


def test_health_tells_failed_partial_and_silent_sources(world: Any, weekly: Collect) -> None:
    world.run("x", hours=1)
    world.run("daum_cafe", hours=90)
    world.run("daum_cafe", hours=1, outcome="partial", reason="quota")
    world.run("naver_cafe", hours=80)
    world.run("naver_cafe", hours=2, outcome="failed", reason="credentials", message="401")
    world.run("board", hours=60)
    health = {source.source: source for source in weekly().health}
    assert {name: s.outcome for name, s in health.items()} == {
        "x": "complete", "daum_cafe": "partial", "naver_cafe": "failed", "board": "silent"}
    assert health["naver_cafe"].reason == "credentials"
    assert health["naver_cafe"].last_complete_at == NOW - timedelta(hours=80)
    assert [source.source for source in weekly().unwell] == ["board", "daum_cafe", "naver_cafe"]


def test_another_brand_stays_out(world: Any, weekly: Collect) -> None:
    world.complaint("다른 가게 이야기", hours=10, brand="other")
    digest = weekly()
    assert (digest.complaints.now, digest.open_now.total) == (0, 0)


def test_a_missing_or_foreign_copy_is_one_clear_line(tmp_path: Path) -> None:
    asked = {"brand": BRAND, "audience": AUDIENCE, "week": "2026-W47", "now": NOW}
    with pytest.raises(ConfigurationError, match="gwidam run"):
        collect(tmp_path / "none.duckdb", **asked)
    foreign = tmp_path / "foreign.duckdb"
    duckdb.connect(str(foreign)).close()
    with pytest.raises(ConfigurationError, match="another version"):
        collect(foreign, **asked)
    with pytest.raises(ValueError, match="2026-W60"):
        collect(foreign, **{**asked, "week": "2026-W60"})


def send(home: Home, *, week: str = "2026-W47", **more: Any) -> SentDigest:
    return send_digest(home, brand=BRAND, audience=AUDIENCE, week=week, sender="gwidam@example.com",
                       transport=Outbox(home.outbox), now=NOW, **more)


def test_the_digest_leaves_once_and_its_pages_are_always_new(world: Any, home: Home) -> None:
    world.complaint("배송이 너무 늦어요", hours=30)
    assert world.path == home.published_file
    first = send(home)
    assert first.delivery is not None
    assert first.delivery.subject == "[귀담] 모아담 11월 3주차(W47) 미응답 불만 1건"
    assert "배송이 너무 늦어요" in first.html.read_text(encoding="utf-8")

    world.complaint("취소가 안 돼요", hours=20)
    assert world.path == home.published_file
    second = send(home)
    assert second.delivery is None
    assert "취소가 안 돼요" in second.text.read_text(encoding="utf-8")
    assert send(home, resend=True).delivery is not None
    assert len(list(home.outbox.iterdir())) == 2


def test_a_week_that_is_not_over_is_shown_but_not_mailed(world: Any, home: Home) -> None:
    world.complaint("오늘 올라온 글", hours=1)
    world.complaint("이번 주 첫 글", hours=-1)
    assert world.path == home.published_file
    sent = send(home, week="2026-W48")
    assert (sent.too_early, sent.delivery) == (True, None)
    assert "아직 끝나지 않은 주로, 11/23 08:00까지의 집계입니다." in sent.text.read_text(encoding="utf-8")
    assert list(home.outbox.iterdir()) == []
