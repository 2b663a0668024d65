"""How digest and alert look: goldens, hostile words, calm and troubled weeks, and a real browser's eyes."""

from __future__ import annotations

import html
import os
import re
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.clock import week_bounds
from digests import phrases, wording
from digests.model import Alert, AlertMail, BrandName, Linked, Post, PostList, Rendered, SourceHealth, WeeklyDigest
from digests.plain import clean, cut, safe_url
from digests.render import LARGEST, render_alert, render_digest

GOLDENS = Path(__file__).parent / "goldens"
UPDATE = bool(os.environ.get("GWIDAM_UPDATE_GOLDENS"))
HOSTILE = (
    "{{ 7*7 }} {% for x in y %} <script>alert(1)</script> <img src=x onerror=alert(1)> "
    "=HYPERLINK(\"http://evil.example\") \u202egnp.exe\u2066 \x00\x1b[31m\r\nBcc: all@example.com </style></title>"
)


@pytest.mark.parametrize(("source", "place", "read"), [
    ("naver_cafe", "살림의 여왕들", "네이버 카페 · 살림의 여왕들"),
    ("cafe24", "상품 Q&A", "카페24 · 상품 Q&A"),
    ("cafe24", "board 6", "카페24 · 상품 문의"),
    ("cafe24", "board 3001", "카페24"),
    ("youtube", "김장 김치, 국물 안 새게 담는 법", "유튜브 · 김장 김치, 국물 안 새게 담는 법"),
    ("youtube", "dQw4w9WgXcQ", "유튜브 · 영상 댓글"),
    ("app_store_connect", "KOR", "앱스토어 · 한국"),
    ("google_play", "kr.moadam.app", "구글 플레이"),
    ("board", "shop", "게시판 · 상품 후기·문의"),
    ("x", "", "X(트위터)"),
])
def test_a_place_is_told_by_a_name_and_never_by_an_id(source: str, place: str, read: str) -> None:
    assert phrases.where(Linked(mention_id="0", source=source, place=place)) == read


def alert_mail(digest: WeeklyDigest, *, summary: bool = False) -> AlertMail:
    """The digest's second post as an alert for two reasons, and a spike."""
    reopened, hurt, late = digest.open_now.posts[:3]
    common: dict[str, Any] = {"brand": digest.brand, "window": "once"}
    alerts = (
        Alert(rule="safety", subject=hurt.mention_id, post=hurt, urgency=5, **common),
        Alert(rule="spreads", subject=hurt.mention_id, post=hurt, urgency=3, facts={"reach": hurt.reach}, **common),
    )
    if summary:
        alerts += (
            Alert(rule="reopened", subject=reopened.mention_id, post=reopened, urgency=4, **common),
            Alert(rule="spike", subject="delivery_late", post=late, urgency=2, topic="배송 지연",
                  facts={"count": 14, "usual": 2.1, "hours": 24}, **common),
        )
    return AlertMail(brand=digest.brand, audience=digest.audience, alerts=alerts, now=digest.now, summary=summary)


def hostile(digest: WeeklyDigest) -> WeeklyDigest:
    """The same week with every collected field hostile."""
    bad = Post(
        mention_id="0" * 24, source="daum_cafe", text=HOSTILE, again=HOSTILE, state="reopened", place=HOSTILE,
        url="javascript:alert(1)", topics=(HOSTILE,), team=HOSTILE, question=HOSTILE, severity=5, reasons=(HOSTILE,),
        evidence=HOSTILE,
    )
    return replace(
        digest, brand=BrandName(id="moadam", name=HOSTILE), open_now=PostList(posts=(bad,), total=1),
        praises=(bad,), praised=((HOSTILE, 3),), topics=(replace(digest.topics[0], topic=HOSTILE, team=HOSTILE),),
        health=(SourceHealth(source="x", outcome="failed", reason=HOSTILE, message=HOSTILE),),
    )


def check_golden(name: str, rendered: Rendered) -> None:
    """Compare with the kept files; GWIDAM_UPDATE_GOLDENS=1 writes them anew."""
    for ending, content in (("html", rendered.html), ("txt", f"Subject: {rendered.subject}\n\n{rendered.text}")):
        path = GOLDENS / f"{name}.{ending}"
        if UPDATE:
            path.write_text(content, encoding="utf-8")
        assert content == path.read_text(encoding="utf-8"), (
            f"{path.name} differs; look at it, and if it is better: GWIDAM_UPDATE_GOLDENS=1 pytest tests/digests"
        )


def test_goldens(busy_week: WeeklyDigest, calm_week: WeeklyDigest) -> None:
    check_golden("busy_week", render_digest(busy_week))
    check_golden("calm_week", render_digest(calm_week))
    check_golden("alert", render_alert(alert_mail(busy_week)))
    check_golden("alert_summary", render_alert(alert_mail(busy_week, summary=True)))


def test_a_mail_stays_below_what_gmail_shows(busy_week: WeeklyDigest) -> None:
    many = PostList(posts=busy_week.open_now.posts * 60, total=500)
    rendered = render_digest(replace(busy_week, open_now=many))
    shown = rendered.html.count('class="card card-')
    assert 80_000 < len(rendered.html.encode()) <= LARGEST
    left = int(re.findall(r"이 밖에 ([\d,]+)건이 더", rendered.html)[0])
    ranked = max(int(rank) for rank in re.findall(r'class="rank"[^>]*>(\d+)\.', rendered.html))
    assert left == 500 - ranked and shown >= ranked


def test_hostile_words_stay_words(busy_week: WeeklyDigest) -> None:
    bad = hostile(busy_week)
    common: dict[str, Any] = {"brand": bad.brand, "window": "once", "post": bad.open_now.posts[0]}
    mail = AlertMail(brand=bad.brand, audience=bad.audience, now=bad.now, alerts=(
        Alert(rule="safety", subject="s", urgency=5, **common),
        Alert(rule="spike", subject="t", urgency=2, topic=HOSTILE, facts={"count": 9, "usual": 1, "hours": 24},
              **common),
    ))
    for rendered in (render_digest(bad), render_alert(mail)):
        assert "{{ 7*7 }}" in rendered.text
        assert "{{ 7*7 }}" in rendered.html
        assert "<script" not in rendered.html
        assert "<img" not in rendered.html
        assert "javascript:" not in rendered.html + rendered.text
        assert rendered.html.count("</title>") == 1
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", rendered.html + rendered.text)
        assert not re.search("[\r\n]", rendered.subject)
        assert len(rendered.subject) <= 150


def test_a_review_of_stars_only_is_not_an_empty_quote(busy_week: WeeklyDigest) -> None:
    silent = replace(busy_week.open_now.posts[3], text="", title="")
    rendered = render_digest(replace(busy_week, open_now=PostList(posts=(silent,), total=1)))
    assert "(글 없이 별점만 남김)" in rendered.text
    assert "“”" not in rendered.text + rendered.html


def test_links_are_http_and_open_safely(busy_week: WeeklyDigest) -> None:
    links = re.findall(r"<a [^>]*>", render_digest(busy_week).html)
    assert len(links) == 11
    assert all('href="https://' in link and 'rel="noopener noreferrer"' in link for link in links)


@pytest.mark.parametrize(("url", "kept"), [
    ("https://cafe.example.com/a?b=1&c=2#d", "https://cafe.example.com/a?b=1&c=2#d"),
    ("http://카페.example/글", "http://%EC%B9%B4%ED%8E%98.example/%EA%B8%80"),
    ("javascript:alert(1)", ""), ("data:text/html,hi", ""), ("//evil.example", ""), ("https://", ""), ("", ""),
    ("https://bank.example@evil.example/", ""), ("https://a.example/\r\nX: y", ""), ("https://a.example/ b", ""),
    ("https://[::1", ""), ("https://a.example/\u202egnp", ""), ("https://a.example/" + "a" * 3000, ""),
    ('https://a.example/"><script>', "https://a.example/%22%3E%3Cscript%3E"),
])
def test_safe_url(url: str, kept: str) -> None:
    assert safe_url(url) == kept


@pytest.mark.parametrize(("text", "limit", "kept"), [
    ("짧은 글", 10, "짧은 글"),
    ("첫 문장입니다. 둘째 문장은 길어서 잘립니다", 16, "첫 문장입니다. …"),
    ("짧다. 둘째 문장은 길어서 중간에 잘립니다", 18, "짧다. 둘째 문장은 길어서…"),
    ("가족사진👨‍👩‍👧‍👦끝", 8, "가족사진…"),
    ("국기🇰🇷🇰🇷", 5, "국기🇰🇷…"),
    ("손👍🏽입니다", 3, "손…"),
    ("띄어쓰기없이아주길게쓴글", 6, "띄어쓰기없…"),
])
def test_cut_keeps_letters_whole(text: str, limit: int, kept: str) -> None:
    assert cut(text, limit) == kept
    assert len(cut(text, limit)) <= limit


def test_clean_composes_and_keeps_emoji() -> None:
    assert clean("  가\u0301족\n\n사진 👨‍👩‍👧\u200b ") == "가\u0301족 사진 👨‍👩‍👧"
    assert clean("\u1100\u1161") == "가"


def test_a_week_with_a_dead_source_says_so_loudly(busy_week: WeeklyDigest, calm_week: WeeklyDigest) -> None:
    dead = (SourceHealth(source="naver_cafe", outcome="failed", reason="credentials"),)
    for week in (busy_week, replace(calm_week, health=dead)):
        rendered = render_digest(week)
        assert rendered.subject.endswith("· 수집 누락 있음")
        for body in (rendered.html, rendered.text):
            assert "수집이 온전하지 않은 곳이 있어" in body
            assert "네이버 카페: 수집 실패. 인증 키가 거부되었습니다." in body
            assert "모두 끝까지 살펴봤습니다" not in body


def test_a_calm_week_is_short(calm_week: WeeklyDigest) -> None:
    rendered = render_digest(calm_week)
    assert rendered.subject == "[귀담] 모아담 11월 3주차(W47) 미응답 불만 없음"
    assert len(rendered.text.splitlines()) < 30
    assert "등록된 곳은 모두 끝까지 살펴봤습니다." in rendered.text
    assert "먼저 답해야 할 글" not in rendered.text


@pytest.mark.parametrize(("week", "name"), [
    ("2026-W47", "11월 3주차"), ("2026-W01", "1월 1주차"), ("2026-W53", "12월 5주차"), ("2026-W40", "10월 1주차"),
])
def test_a_week_belongs_to_the_month_of_its_thursday(week: str, name: str) -> None:
    assert wording.week_name(week) == name


def test_a_period_across_years_names_both() -> None:
    assert wording.period(*week_bounds("2026-W53")) == "2026년 12월 28일(월) ~ 2027년 1월 3일(일)"


@pytest.fixture
def chromium() -> str:
    found = shutil.which("chromium")
    if found is None and not os.environ.get("CI"):
        pytest.skip("no chromium here (CI has one): apt-get install chromium fonts-nanum")
    assert found, "CI must install chromium (.ci/run)"
    return found


def browse(chromium: str, page: Path, *options: str) -> str:
    """Run headless Chromium on a page; returns what it prints."""
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
         f"--user-data-dir={page.parent / 'profile'}", *options, page.as_uri()],
        check=True, capture_output=True, text=True, timeout=120,
    )
    return done.stdout


def test_a_browser_shows_it_and_a_phone_needs_no_sideways_scroll(
    busy_week: WeeklyDigest, chromium: str, tmp_path: Path
) -> None:
    page, shot, phone = tmp_path / "digest.html", tmp_path / "digest.png", tmp_path / "phone.html"
    mail = render_digest(busy_week).html
    page.write_text(mail, encoding="utf-8")
    browse(chromium, page, "--window-size=600,1500", f"--screenshot={shot}")
    rows = png_rows(shot)
    assert len(rows) == 1500
    assert len(set(rows)) > 300, "the page is (nearly) blank"

    frame = f'<iframe srcdoc="{html.escape(mail)}" style="border:0;width:'
    phone.write_text(
        f'<meta charset=utf-8><body>{frame}600px"></iframe>{frame}375px"></iframe>{frame}320px"></iframe>'
        "<script>onload = () => { const widths = [...document.querySelectorAll('iframe')].map("
        "f => f.contentDocument.documentElement.scrollWidth); document.body.textContent = 'widths ' + widths }"
        "</script>",
        encoding="utf-8",
    )
    assert "widths 600,375,320" in browse(chromium, phone, "--window-size=1400,900", "--dump-dom")


def png_rows(path: Path) -> list[bytes]:
    """The rows of an 8-bit PNG as stored (filtered): enough to tell a page from a blank one."""
    content = path.read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    packed, at = b"", 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at:at + 4])
        if content[at + 4:at + 8] == b"IDAT":
            packed += content[at + 8:at + 8 + length]
        at += 12 + length
    pixels = zlib.decompress(packed)
    stride = len(pixels) // height
    assert stride > width
    return [pixels[n * stride:(n + 1) * stride] for n in range(height)]
