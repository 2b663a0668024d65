"""The feedback button: the watched folder, and the signed webhook that fills it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.errors import ConfigurationError
from contracts.mention import Kind, Mention
from listeners.contract import Page, Refused
from listeners.feedback_server import MAX_BYTES, RateLimit, create_app, serve, signature
from listeners.sources.feedback import Feedback

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
SECRET = "a-secret-of-at-least-16"
LINES = [
    {
        "native_id": "f1",
        "text": "주문한 지 열흘인데 배송 시작도 안 했어요. 010-1234-5678로 전화 주세요",
        "author": "kim@example.com",
        "published_at": "2026-11-20 21:04",
        "url": "https://shop.example/order?token=abc",
        "category": "배송",
    },
    {"native_id": "f2", "rating": 5, "text": "포장 꼼꼼해서 감동이에요ㅎㅎ", "published_at": "2026-11-21"},
    {"native_id": "f3", "nps": 3, "csat": 2, "text": "앱이 자꾸 꺼져요", "published_at": "2026-11-21T01:00:00+09:00"},
    {
        "native_id": "f4",
        "text": "쿠폰이 안 먹혀요",
        "answer_text": "다시 넣어 드렸습니다.",
        "answered_at": "2026-11-21 10:00",
    },
]


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def test_rows_become_mentions_once(bench, tmp_path):
    folder = tmp_path / "inbox"
    write(folder, "a.jsonl", LINES)
    write(folder, ".b.jsonl.1.part", [{"text": "아직 쓰는 중"}])
    source = bench.settings("feedback", folder=str(folder))
    first = bench.run(Feedback(), source)
    found = bench.mentions("feedback")
    assert (first.seen, first.new, str(first.outcome)) == (6, 6, "complete")
    assert "[전화번호]" in found["f1"].text and found["f1"].kind is Kind.INQUIRY
    assert found["f1"].url == "https://shop.example/order" and found["f1"].author_key
    assert found["f2"].rating == 5 and found["f2"].published_at is None and found["f2"].not_after is not None
    assert (found["f3"].score_kind, found["f3"].score_value) == ("nps", 3)
    assert (found["f3#csat"].score_kind, found["f3#csat"].score_value, found["f3#csat"].text) == ("csat", 2, "")
    assert found["f4"].answered and found["f4#answer"].is_official
    for secret in ("kim@example.com", "010-1234", "token=abc"):
        assert secret not in bench.landed_text()
    again = bench.run(Feedback(), source)
    assert (again.seen, again.new) == (0, 0)


def test_changed_file_is_read_again_and_a_broken_one_named(bench, tmp_path):
    folder = tmp_path / "inbox"
    write(folder, "a.jsonl", LINES[:1])
    (folder / "broken.csv").write_text("text,text\n가,나\n", encoding="utf-8")
    source = bench.settings("feedback", folder=str(folder))
    coverage = bench.run(Feedback(), source)
    assert str(coverage.outcome) == "partial" and "broken.csv" in coverage.message and coverage.new == 1
    write(folder, "a.jsonl", [{**LINES[0], "text": "해결됐어요"}, *LINES[1:2]])
    (folder / "broken.csv").write_text("메모,번호\n색이 사진이랑 달라요,7\n", encoding="cp949")
    columns = {"text": "메모", "native_id": "번호"}
    second = bench.run(Feedback(), bench.settings("feedback", folder=str(folder), columns=columns))
    assert str(second.outcome) == "complete"
    found = bench.mentions("feedback")
    assert found["f1"].text == "해결됐어요" and found["7"].text == "색이 사진이랑 달라요"


def test_bad_rows_are_quarantined_and_a_half_written_line_waits(bench, tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    rows = ['{"text": "좋아요"}', '{"rating": 9, "email": "a@b.kr"}', "[1]", '{"text": ["x"]}', "{}", '{"text": "쓰는 ']
    (folder / "a.jsonl").write_text("\n".join(rows), encoding="utf-8")
    coverage = bench.run(Feedback(), bench.settings("feedback", folder=str(folder)))
    assert (coverage.seen, coverage.quarantined) == (1, 4)
    assert "a@b.kr" not in bench.landed_text()


@pytest.mark.parametrize("options", [{}, {"folder": "/nowhere/at/all"}])
def test_missing_folder_is_one_clear_line(bench, options):
    with pytest.raises(ConfigurationError, match="folder"):
        bench.run(Feedback(), bench.settings("feedback", **options))


def test_golden(golden):
    golden(Feedback(), "rows")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "rating", "nps", "id"]), inner)
    ),
    max_leaves=8,
)
CELLS = st.dictionaries(
    st.sampled_from(
        ["native_id", "text", "title", "rating", "nps", "csat", "published_at", "answered", "url", "author"]
    ),
    JSON,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"line": st.integers(), "cells": CELLS | JSON}), max_size=4) | JSON)
def test_parse_gives_mentions_or_refusals_for_anything(context, body):
    for found in Feedback().parse(Page(kind="rows", body=body), context("feedback")):
        assert isinstance(found, Mention | Refused)


@pytest.fixture
def button(serving, tmp_path, context):
    """The webhook on a real port: (post, folder)."""
    folder, using = tmp_path / "inbox", context("feedback")
    folder.mkdir()
    app = create_app(
        folder, SECRET, mask=using.mask, author_key=using.author_key, now=NOW.timestamp, limit=RateLimit(60, burst=8)
    )
    with serving(app) as base:
        yield base, folder


def post(base: str, body: bytes, *, stamp: str | None = None, sign: str | None = None) -> requests.Response:
    stamp = stamp or STAMP
    headers = {"X-Gwidam-Timestamp": stamp, "X-Gwidam-Signature": sign or signature(SECRET, stamp, body)}
    return requests.post(f"{base}/feedback", data=body, headers=headers, timeout=5)


def test_signed_feedback_is_kept_masked_and_heard(button, bench):
    base, folder = button
    body = json.dumps(
        [{"text": "환불 언제 되나요 010-1111-2222", "author": "이순신", "page": "x"}, {"nps": 10}]
    ).encode()
    first, again = post(base, body), post(base, body)
    assert first.status_code == again.status_code == 202 and first.json() == again.json()
    (path,) = folder.iterdir()
    kept = path.read_text()
    assert (
        "010-1111" not in json.loads(kept.splitlines()[0])["text"]
        and "이순신" not in json.loads(kept.splitlines()[0]).values()
    )
    coverage = bench.run(Feedback(), bench.settings("feedback", folder=str(folder)))
    assert (coverage.new, coverage.quarantined) == (2, 0)
    assert next(iter(bench.mentions("feedback").values())).published_at == NOW


def test_refusals(button):
    base, folder = button
    good = b'{"text": "\xec\x95\x88\xeb\x85\x95"}'
    old = str(int(STAMP) - 3600)
    assert post(base, good, sign="sha256=00").status_code == 401
    assert post(base, good, stamp=old).status_code == 401
    assert post(base, b"{not json").status_code == 400
    assert post(base, b'{"rating": "many"}').status_code == 400
    assert post(base, b"[]").status_code == 400
    assert post(base, b"x" * (MAX_BYTES + 1)).status_code == 413
    assert requests.get(f"{base}/feedback", timeout=5).status_code == 405
    assert list(folder.iterdir()) == []
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(base, good), range(8)))
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited and int(limited[0].headers["Retry-After"]) >= 1


def test_rate_limit_refills():
    limit = RateLimit(per_minute=60, burst=2)
    assert [limit.wait("a", 0.0), limit.wait("a", 0.0), limit.wait("b", 0.0)] == [0, 0, 0]
    assert limit.wait("a", 0.5) == pytest.approx(0.5)
    assert limit.wait("a", 1.5) == 0


def test_serve_refuses_a_short_secret_and_a_taken_port(tmp_path, context, serving):
    using = context("feedback")
    with pytest.raises(ConfigurationError, match="secret"):
        serve(tmp_path, "short", port=1, mask=using.mask, author_key=using.author_key)
    with serving(create_app(tmp_path, SECRET, mask=using.mask, author_key=using.author_key)) as base:
        port = int(base.rsplit(":", 1)[1])
        with pytest.raises(ConfigurationError, match="port"):
            serve(tmp_path, SECRET, port=port, mask=using.mask, author_key=using.author_key)
