"""One believable week of a fictional shop, as a digest value and as a published copy."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.clock import iso_week, week_bounds
from digests.model import (
    Accuracy,
    Audience,
    BrandName,
    Change,
    Linked,
    Post,
    PostList,
    ResponseSpeed,
    SourceCount,
    SourceHealth,
    StarCount,
    TopicCount,
    WeeklyDigest,
)
from storage.home import Home
from warehouse.build import build
from warehouse.publish import publish
from warehouse.reference import BrandRef, Reference, TeamRef, TopicRef

WEEK = "2026-W47"
NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)  # Monday 23 November, 08:00 in Seoul
BRAND = BrandName(id="moadam", name="모아담")
AUDIENCE = Audience(id="cs-lead", name="고객서비스 책임자", recipients=("cs-lead@example.com",))


def post(number: int, text: str, *, hours: float, **fields: object) -> Post:
    """A post that has stood there for `hours`."""
    values: dict[str, object] = {
        "mention_id": f"{number:024x}", "source": "daum_cafe", "text": text, "state": "unaddressed",
        "published_at": NOW - timedelta(hours=hours), "waiting": timedelta(hours=hours),
        "checked_at": NOW - timedelta(minutes=35), "url": f"https://cafe.example.com/living/{number}",
    }
    return Post(**{**values, **fields})  # type: ignore[arg-type]


def source_count(
    source: str, mentions: tuple[int, int], complaints: tuple[int, int], waiting: int, unseen: int = 0
) -> SourceCount:
    """Counts as (this week, the week before)."""
    return SourceCount(
        source=source, mentions=Change(now=mentions[0], before=mentions[1]),
        complaints=Change(now=complaints[0], before=complaints[1]), open=waiting, unseen=unseen,
    )


def sample_digest() -> WeeklyDigest:
    """A busy week with every part filled and one source down."""
    start, end = week_bounds(WEEK)
    open_now = (
        post(
            1,
            "지난번에 새 걸로 보내주신다고 해서 기다렸는데 또 뚜껑 깨진 게 왔어요. 사진까지 다 보내드렸는데 "
            "이번에도 확인 중이라고만 하시네요ㅠㅠ 세 번째 말씀드립니다.",
            hours=26.4, state="reopened", source="board", place="고객게시판", topics=("파손", "답변 지연"),
            team="배송팀", reach=42, severity=3, reasons=("repeat",), url="https://board.example.com/free/311",
            question="재발송 송장과 포장 상태 사진이 남아 있나요?",
            again="어제 받은 것도 똑같이 깨져 있어요. 이번에는 환불해 주세요.",
            evidence="답변·처리(2026-11-21 14:10) 뒤에 같은 고객이 다시 불만을 남김(2026-11-22 19:45)",
        ),
        post(
            2,
            "모아담 유리 반찬통 전자레인지 돌리다 금이 가더니 그대로 터졌어요. 손 베여서 응급실 다녀왔습니다. "
            "저만 그런 게 아닌 것 같아서 소비자원에 신고하려고요. 같은 제품 쓰시는 분들 꼭 확인하세요!! "
            "고객센터는 주말이라 전화도 안 받고 게시판 글은 답이 없네요.",
            hours=74.2, place="살림의 여왕들", topics=("제품 불량", "안전"), team="사입팀", reach=1_280, severity=5,
            reasons=("safety", "legal"), copies=4, question="같은 생산분에서 파손 접수가 더 있었나요?",
        ),
        post(
            3, "배송 2주째 감감무소식인데 취소도 안 받아준대요 내규가 그렇다고ㅋㅋㅋ 내 돈인데요?",
            hours=51.0, source="x", topics=("배송 지연", "취소·환불"), team="배송팀", reach=356, severity=3,
            reasons=("churn",), question="출고가 늦어진 까닭과 새 도착 예정일은 언제인가요?",
            url="https://x.example.com/i/status/1992",
            linked=(Linked(mention_id=f"{311:024x}", source="board", place="고객게시판", day="11/19",
                           url="https://board.example.com/free/298", state="answered"),),
        ),
        post(
            4, "앱 업데이트하고 나서 장바구니만 누르면 튕깁니다. 지웠다 깔아도 똑같아요. 살 마음이 싹 사라짐",
            hours=30.5, source="google_play", rating=1.0, topics=("앱 오류",), team="개발팀", reach=12, severity=2,
            question="어느 기종과 버전에서 되풀이되나요?", url="https://play.example.com/reviews/9",
        ),
        post(
            5, "상세페이지엔 아이보리인데 받아보니 그냥 노란색이에요 화면이랑 너무 달라요",
            hours=19.2, place="집밥 연구소", topics=("색상 차이",), team="촬영팀", reach=8,
            question="실물과 사진의 색 차이가 얼마나 나나요?",
        ),
    )
    return WeeklyDigest(
        brand=BRAND, audience=AUDIENCE, week=WEEK, start=start, end=end, now=NOW,
        mentions=Change(now=143, before=128), complaints=Change(now=41, before=35), praise=Change(now=52, before=49),
        neutral=Change(now=50, before=44), advertising=Change(now=17, before=12),
        states={
            "unaddressed": Change(now=10, before=6), "reopened": Change(now=2, before=1),
            "answered": Change(now=20, before=22), "resolved": Change(now=3, before=4),
            "not_observable": Change(now=5, before=2), "withdrawn": Change(now=1, before=0),
        },
        sources=(
            source_count("daum_cafe", (38, 31), (14, 9), 5), source_count("x", (35, 40), (9, 11), 3),
            source_count("google_play", (31, 25), (8, 7), 2), source_count("board", (22, 20), (5, 6), 2),
            source_count("naver_cafe", (17, 12), (5, 2), 0, 5),
        ),
        stars=(StarCount(source="google_play", reviews=31, low=8, low_unanswered=2, high=19),),
        open_now=PostList(posts=open_now, total=12),
        earlier=PostList(posts=(
            post(
                6, "교환 신청한 지 열흘 넘었는데 수거도 안 옵니다. 도대체 언제 오나요?",
                hours=11 * 24 + 5, source="board", place="고객게시판", topics=("교환·환불",), team="CS팀", severity=3,
                reasons=("repeat",), reach=20, question="수거 접수가 택배사에 넘어갔나요?",
            ),
        ), total=4),
        questions=PostList(posts=(
            post(
                7, "스텐 냄비 24cm 재입고 언제 되나요? 알림 신청은 해뒀어요",
                hours=40, source="board", place="고객게시판", topics=("재고",), team="사입팀",
            ),
        ), total=1),
        to_look=PostList(posts=(
            post(
                8, "모아담 반찬통 뚜껑 실리콘에서 냄새나는 분 계세요? 저는 삶아도 안 빠져서 환불 문의 중이에요",
                hours=57, source="naver_cafe", place="살림 초보방", state="not_observable", dated=False,
                published_at=None, topics=("제품 불량",), team="사입팀",
                evidence="이 출처는 답변 여부를 보여 주지 않음: 직접 확인 필요",
            ),
        ), total=5),
        speed=ResponseSpeed(
            answered=23, median_minutes=1_160.0, median_business_minutes=318.5, median_minutes_before=905.0,
            pasted=4,
        ),
        topics=(
            TopicCount(topic="배송 지연", team="배송팀", complaints=Change(now=13, before=6), open=4),
            TopicCount(topic="제품 불량", team="사입팀", complaints=Change(now=9, before=8), open=3),
            TopicCount(topic="교환·환불", team="CS팀", complaints=Change(now=7, before=9), open=2),
            TopicCount(topic="앱 오류", team="개발팀", complaints=Change(now=6, before=2), open=2),
        ),
        praises=(
            post(
                9, "포장 진짜 꼼꼼해요 유리인데 하나도 안 깨지고 왔어요ㅎㅎ 손편지 감동",
                hours=60, source="google_play", rating=5.0, state="",
            ),
            post(10, "냄비 3년째 쓰는데 아직도 새것 같아요. 엄마도 하나 사드렸어요", hours=90, source="x", state=""),
        ),
        praised=(("꼼꼼한 포장", 14), ("빠른 배송", 11), ("품질", 9)),
        health=(
            SourceHealth(source="x", outcome="complete", last_complete_at=NOW - timedelta(minutes=20),
                         last_mention_at=NOW - timedelta(hours=1)),
            SourceHealth(source="daum_cafe", outcome="complete", last_complete_at=NOW - timedelta(minutes=35),
                         last_mention_at=NOW - timedelta(hours=3)),
            SourceHealth(source="board", outcome="complete", last_complete_at=NOW - timedelta(minutes=35),
                         last_mention_at=NOW - timedelta(hours=5)),
            SourceHealth(source="google_play", outcome="complete", last_complete_at=NOW - timedelta(minutes=55),
                         last_mention_at=NOW - timedelta(hours=9)),
            SourceHealth(source="naver_cafe", outcome="failed", reason="credentials", message="naver_cafe: 401 (024)",
                         last_complete_at=NOW - timedelta(days=3, hours=14), last_mention_at=NOW - timedelta(days=4)),
        ),
        uncertain=6, accuracy=(Accuracy(task="sentiment", right=92, labelled=100),),
    )


def calm_digest() -> WeeklyDigest:
    """A week without complaints, everything read."""
    busy = sample_digest()
    health = tuple(replace(s, outcome="complete", reason="", message="", last_complete_at=NOW) for s in busy.health)
    return WeeklyDigest(
        brand=BRAND, audience=AUDIENCE, week=WEEK, start=busy.start, end=busy.end, now=NOW,
        mentions=Change(now=23, before=31), complaints=Change(), praise=Change(now=9, before=12),
        neutral=Change(now=14, before=19), advertising=Change(), states={}, health=health,
    )


@pytest.fixture
def busy_week() -> WeeklyDigest:
    return sample_digest()


@pytest.fixture
def calm_week() -> WeeklyDigest:
    return calm_digest()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "var").ensure()


TOPICS = (
    TopicRef(topic="delivery_late", name_ko="배송 지연", name_en="late delivery", team="delivery",
             question="출고가 늦어진 까닭은 무엇인가요?"),
    TopicRef(topic="defect", name_ko="제품 불량", name_en="defect", team="buying",
             question="같은 생산분에서 접수가 더 있었나요?"),
    TopicRef(topic="praise_packaging", name_ko="꼼꼼한 포장", name_en="careful packaging", team="packaging"),
)
TEAMS = (
    TeamRef(team="delivery", name_ko="배송팀"), TeamRef(team="buying", name_ko="사입팀"),
    TeamRef(team="packaging", name_ko="포장팀"),
)


@pytest.fixture(scope="session")
def empty_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published copy as the warehouse really makes it, without a single mention."""
    home = Home(tmp_path_factory.mktemp("empty") / "var").ensure()
    reference = Reference(brands=[BrandRef(brand="moadam", name="모아담")], topics=TOPICS, teams=TEAMS)
    build(home, reference, now=NOW)
    return publish(home, now=NOW).path


class World:
    """A published copy to put rows into; what a row does not say is filled with the ordinary."""

    def __init__(self, path: Path) -> None:
        self._file = path
        self._rows: list[tuple[str, dict[str, Any]]] = []
        self._count = 0

    @property
    def path(self) -> Path:
        """The file, with everything that was added."""
        if self._rows:
            with duckdb.connect(str(self._file)) as connection:
                connection.execute("SET threads = 1")
                for (table, columns), rows in self._alike().items():
                    described = f"SELECT column_name, column_type FROM (DESCRIBE {table})"
                    kinds = dict(connection.execute(described).fetchall())
                    shape = json.dumps([{name: kinds[name] for name in columns}])
                    # As one JSON text: for every single value DuckDB looks anew for a pandas that is not there.
                    each = f"SELECT unnest(from_json_strict($1, '{shape}')) AS row"
                    text = json.dumps(rows, ensure_ascii=False, default=str)
                    connection.execute(f"INSERT INTO {table} BY NAME SELECT unnest(row) FROM ({each})", [text])
        self._rows = []
        return self._file

    def _alike(self) -> dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]]:
        """Rows of one table with the same columns go in together: one by one takes ten milliseconds each."""
        alike: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = {}
        for table, row in self._rows:
            alike.setdefault((table, tuple(sorted(row))), []).append(row)
        return alike

    def add(self, table: str, **row: Any) -> None:
        """One row into one table of the copy; aware times become UTC."""
        self._rows.append((table, {
            k: v.astimezone(UTC).replace(tzinfo=None) if isinstance(v, datetime) else v for k, v in row.items()
        }))

    def mention(self, text: str, *, hours: float, **more: Any) -> dict[str, Any]:
        """A customer's mention `hours` before now."""
        self._count += 1
        at = NOW - timedelta(hours=hours)
        row: dict[str, Any] = {
            "mention_id": f"{self._count:024x}", "brand": "moadam", "source": "daum_cafe", "kind": "post", "text": text,
            "url": f"https://cafe.example.com/{self._count}", "published_at": at, "occurred_at": at,
            "first_seen_at": at + timedelta(minutes=20), "week": iso_week(at), "is_official": False, "counts": True,
            "is_advertising": False, "sentiment": "neutral", "is_uncertain": False, "is_answered": False, "topics": [],
            "reach": 0, **more,
        }
        self.add("mentions", **row)
        return row

    def complaint(self, text: str, *, hours: float, state: str = "unaddressed", **more: Any) -> str:
        """A complaint and its mention; returns its id."""
        known = {"source", "place", "url", "rating", "topics", "reach", "published_at", "first_seen_at", "title"}
        said = self.mention(text, hours=hours, sentiment="complaint", **{k: v for k, v in more.items() if k in known})
        shared = {k: v for k, v in said.items() if k not in {
            "is_official", "counts", "is_advertising", "sentiment", "is_answered"}}
        checked = NOW - timedelta(minutes=35)
        self.add("complaints", **{
            **shared, "state": state, "severity": 1, "severity_reason": "", "urgencies": [], "places": 1,
            "evidence": "근거 문장 · 마지막 확인: 2026-11-23 07:25 (한국 시간)", "evidence_id": said["mention_id"],
            "last_checked_at": checked, "cluster_id": said["mention_id"], **more,
        })
        return str(said["mention_id"])

    def run(self, source: str, *, hours: float, outcome: str = "complete", reason: str = "", message: str = "") -> None:
        """A listening run that ended `hours` before now."""
        ended = NOW - timedelta(hours=hours)
        self._count += 1
        self.add("coverage", run_id=f"run-{self._count}", source=source, brand="moadam", query="모아담",
                 started_at=ended - timedelta(minutes=1), finished_at=ended, outcome=outcome, reason=reason,
                 message=message)


@pytest.fixture
def world(empty_copy: Path, home: Home) -> World:
    """The home's published copy, empty at first."""
    shutil.copyfile(empty_copy, home.published_file)
    return World(home.published_file)
