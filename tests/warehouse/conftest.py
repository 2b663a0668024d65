"""A small shop's week as landing files, and shortcuts to land, build and look."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.coverage import Coverage, Outcome
from contracts.keys import text_hash
from contracts.mention import Kind, Mention
from contracts.records import Delivery, GoldLabel, Resolution
from contracts.tag import Tag
from storage.files import write_jsonl_gz
from storage.home import Home
from warehouse.build import build
from warehouse.load import load
from warehouse.publish import publish
from warehouse.reference import BrandRef, OpenInterval, Reference, SourceRef, TeamRef, TopicRef

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # Monday morning in Seoul; the last complete week is 2026-W47
VERSION = "1"


def mention(native_id: str, text: str, **fields: Any) -> Mention:
    """A board post of Tuesday, seen on Wednesday, with its thread looked at."""
    seen = NOW - timedelta(days=5)
    values: dict[str, Any] = {
        "source": "board", "native_id": native_id, "kind": Kind.POST, "brands": ("moadam",), "text": text,
        "fetched_at": seen, "published_at": NOW - timedelta(days=6), "answers_checked_at": seen,
        "url": f"https://board.example.com/{native_id}", "author_key": f"author-{native_id}",
    }
    return Mention(**{**values, **fields})


def tag(text: str, label: str, task: str = "sentiment", **fields: Any) -> Tag:
    """A reading of a text, sure of itself."""
    base = Tag(
        text_hash=text_hash(text), task=task, label=label, score=0.95, model="test", model_version=VERSION,
    )
    return base._replace(**fields)


def land(home: Home, name: str, rows: Iterable[Mention | Tag | Coverage | Resolution | Delivery | GoldLabel]) -> Path:
    """One landing file landing/<name>.jsonl.gz."""
    path = home.landing / f"{name}.jsonl.gz"
    write_jsonl_gz(path, [row.to_json() for row in rows])
    return path


def raw(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Every raw table without the times of loading, as sorted rows: what two homes must agree on."""
    connection = duckdb.connect(str(home.warehouse_file), read_only=True)
    try:
        query = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'raw' ORDER BY ALL"
        names = [name for (name,) in connection.execute(query).fetchall() if name not in ("migrations", "loaded_files")]
        return {name: sorted(connection.execute(f"FROM raw.{name}").fetchall(), key=repr) for name in names}
    finally:
        connection.close()


def reference() -> Reference:
    monday = NOW - timedelta(days=14)
    days = [monday + timedelta(days=day) for day in range(14) if (monday + timedelta(days=day)).weekday() < 5]
    return Reference(
        brands=[BrandRef(brand="moadam", name="모아담")],
        topics=[
            TopicRef(topic="late", name_ko="배송 지연", name_en="Late", team="delivery", question="언제 출고됐나요?"),
        ],
        teams=[TeamRef(team="delivery", name_ko="배송팀", name_en="Delivery")],
        sources=[
            SourceRef(source="board", name_ko="게시판", name_en="Board", shows_answers=True),
            SourceRef(source="naver_cafe", name_ko="네이버 카페", name_en="Naver Cafe", shows_answers=False),
        ],
        business_hours=[
            OpenInterval(brand="moadam", opens_at=day, closes_at=day + timedelta(hours=9)) for day in days
        ],
        task_versions={"sentiment": VERSION, "topic": VERSION},
    )


LATE = "2주째 배송 중이라고만 떠요. 문의 글에도 답이 없네요"
BROKEN = "냄비 뚜껑이 깨져서 왔습니다. 교환해 주세요"
SORRY = "불편을 드려 죄송합니다. 내일 새 제품을 보내 드리겠습니다."
CAFE = "모아담에서 산 접시 이 나갔는데 교환도 안 해주네요"
GOOD = "포장 꼼꼼하고 배송도 빨랐어요. 또 살게요!"
ASKS = "이 프라이팬 인덕션에서도 쓸 수 있나요?"


def week() -> dict[str, list[Any]]:
    """Landing files by name: complaints answered and not, a cafe post, praise, a question, a star review."""
    noon = NOW - timedelta(days=6)
    return {
        "mentions/board/run1-001": [
            mention("late", LATE, likes=4, views=350),
            mention("broken", BROKEN),
            mention("sorry", SORRY, is_official=True, thread_native_id="broken", parent_native_id="broken",
                    published_at=noon + timedelta(hours=3), author_key=None),
            mention("good", GOOD),
            mention("asks", ASKS, kind=Kind.QUESTION),
            mention("before", LATE, published_at=noon - timedelta(days=7), author_key="other", kind=Kind.RESHARE,
                    reshare_of_native_id="late", likes=2),
            mention("old", "지난주에 산 그릇도 금이 갔어요", published_at=noon - timedelta(days=7), answered=True,
                    answered_at=noon - timedelta(days=6)),
        ],
        "mentions/naver_cafe/run1-001": [
            mention("cafe", CAFE, source="naver_cafe", published_at=None, answers_checked_at=None, author_key=None,
                    not_before=noon, not_after=noon + timedelta(hours=6)),
        ],
        "mentions/google_play/run1-001": [
            mention("star1", "업데이트하고 결제가 안 돼요", source="google_play", kind=Kind.REVIEW, rating=1.0,
                    answered=False, author_key=None),
            mention("star5", "최고예요", source="google_play", kind=Kind.REVIEW, rating=5.0, author_key=None),
        ],
        "tags/one": [
            tag(LATE, "complaint"), tag(BROKEN, "complaint"), tag(CAFE, "complaint"), tag(GOOD, "praise"),
            tag(ASKS, "neutral"), tag("지난주에 산 그릇도 금이 갔어요", "complaint", score=0.5),
            tag(LATE, "late", task="topic", evidence="2주째 배송"), tag(BROKEN, "none", task="topic"),
            tag(LATE, "severity", task="urgency", value="3", evidence="2주째"),
        ],
        "coverage/run1": [
            Coverage(run_id="run1", source=source, brand="moadam", query="모아담", started_at=NOW - timedelta(hours=2),
                     finished_at=NOW - timedelta(hours=1), outcome=outcome, seen=7, new=7, reason=reason)
            for source, outcome, reason in (
                ("board", Outcome.COMPLETE, ""), ("naver_cafe", Outcome.PARTIAL, "cap"),
            )
        ],
        "resolutions/r1": [
            Resolution(
                resolution_id="r1", mention_id=mention("old", "x").mention_id, resolved_at=NOW - timedelta(days=8),
                how="phone", note="새 그릇으로 교환", recorded_at=NOW - timedelta(days=8),
            ),
        ],
        "deliveries/d1": [
            Delivery(
                key="d1", what="digest", brand="moadam", audience="cs-lead", week="2026-W46", rule="", mention_id="",
                recipients="cs-lead@example.com", subject="지난주 불만", path="outbox/d1.eml", message_id="<d1>",
                transport="outbox", delivered_at=NOW - timedelta(days=7),
            ),
            Delivery(
                key="a1", what="alert", brand="moadam", audience="cs-lead", week="", rule="spreads", mention_id="late",
                recipients="cs-lead@example.com", subject="번지는 불만", path="outbox/a1.eml", message_id="<a1>",
                transport="outbox", delivered_at=NOW - timedelta(days=3),
            ),
        ],
        "gold/g1": [
            GoldLabel(text_hash=text_hash(BROKEN), task="sentiment", label="complaint", labelled_by="analyst",
                      labelled_at=NOW),
        ],
    }


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").ensure()


@pytest.fixture
def landed(home: Home) -> Home:
    """A home with the week's landing files, nothing loaded yet."""
    for name, rows in week().items():
        land(home, name, rows)
    return home


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The week loaded, built and published once, for tests that only read; `built` is a copy to change."""
    home = Home(tmp_path_factory.mktemp("week") / "home").ensure()
    for name, rows in week().items():
        land(home, name, rows)
    load(home, now=NOW)
    build(home, reference(), now=NOW)
    publish(home, now=NOW)
    return home


@pytest.fixture
def built(sample: Home, tmp_path: Path) -> Home:
    """A home of the test's own, as `sample` is: the files' times too, by which the ledger knows them."""
    return Home(shutil.copytree(sample.root, tmp_path / "built"))


@pytest.fixture(scope="session")
def published(sample: Home) -> Path:
    """The published copy of the week, for tests that only read."""
    return sample.published_file
