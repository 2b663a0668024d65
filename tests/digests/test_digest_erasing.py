"""A deleted post's words leave the kept pages and mails; the other posts, the links and the numbers stay."""

from __future__ import annotations

import os
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from digests.delivery import Meta, deliver
from digests.erasing import ERASED, erase_quotes, erased
from digests.model import Alert, AlertMail, PostList, WeeklyDigest
from digests.render import render_alert, render_digest
from digests.sending import keep_pages
from digests.transport import Outbox
from storage.home import Home

LONG_AGO = 1_700_000_000


def kept(home: Home, digest: WeeklyDigest) -> list[Path]:
    """The digest's pages and mail, and an alert mail about its second post, written long ago."""
    second = digest.open_now.posts[1]
    alert = Alert(rule="safety", brand=digest.brand, subject="s", window="once", post=second, urgency=5)
    alerts = AlertMail(brand=digest.brand, audience=digest.audience, alerts=(alert,), now=digest.now)
    rendered = render_digest(digest)
    keep_pages(home, digest, rendered)
    for key, what in (("digest", rendered), ("alert", render_alert(alerts))):
        deliver(what, key=key, meta=Meta(what=key, brand="moadam", audience="cs-lead"), recipients=["a@example.com"],
                sender="gwidam@example.com", home=home, transport=Outbox(home.outbox), now=digest.now)
    files = [*home.digests.rglob("*.*"), *home.outbox.glob("*.eml")]
    for path in files:
        os.utime(path, (LONG_AGO, LONG_AGO))
    return files


def read(path: Path) -> str:
    """What a reader sees of a page or a mail's two bodies."""
    if path.suffix != ".eml":
        return path.read_text(encoding="utf-8")
    mail = message_from_bytes(path.read_bytes(), EmailMessage, policy=SMTP)
    return "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")


def test_words_leave_pages_and_mails_and_nothing_else_does(home: Home, busy_week: WeeklyDigest) -> None:
    files = kept(home, busy_week)
    hurt, praise = busy_week.open_now.posts[1], busy_week.praises[0]
    headers = [dict(message_from_bytes(path.read_bytes())) for path in home.outbox.glob("*.eml")]
    assert len(files) == 4 and all("손 베여서" in read(path) for path in files)
    assert erase_quotes(home, {hurt.mention_id, praise.mention_id}) == 3, "a page with its text, and two mails"
    for path in files:
        words = read(path)
        assert "손 베여서" not in words and "손편지" not in words and ERASED in words
        assert hurt.mention_id in words, "the number and the facts stay"
        assert path.suffix == ".eml" or busy_week.open_now.posts[0].text[:20] in words
        assert path.stat().st_mtime == LONG_AGO, "retention goes by the age"
    assert [dict(message_from_bytes(path.read_bytes())) for path in home.outbox.glob("*.eml")] == headers
    assert erase_quotes(home, {hurt.mention_id, praise.mention_id}) == 0


def test_what_was_written_after_the_answer_goes_with_its_own_post(busy_week: WeeklyDigest) -> None:
    again = replace(busy_week.open_now.posts[0], again_id="f" * 24)
    rendered = render_digest(replace(busy_week, open_now=PostList(posts=(again,), total=1)))
    page, text = erased(rendered.html, rendered.text, {"f" * 24})
    assert "어제 받은 것도" not in page + text
    assert "새 걸로 보내주신다고" in page and "새 걸로 보내주신다고" in text


@pytest.mark.parametrize("text", ["", "네"])
def test_a_post_of_few_words_or_none_takes_nothing_else_with_it(busy_week: WeeklyDigest, text: str) -> None:
    short = replace(busy_week.open_now.posts[3], text=text, mention_id="a" * 24)
    rendered = render_digest(replace(busy_week, open_now=PostList(posts=(short,), total=1)))
    page, kept_text = erased(rendered.html, rendered.text, {"a" * 24})
    assert f"“{text}”" not in page + kept_text
    assert kept_text.replace(ERASED, f"“{text}”") == rendered.text
