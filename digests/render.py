"""A digest or an alert as subject, HTML and plain text. Collected words are data: cleaned, escaped, no template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from digests import alert_phrases, phrases, wording
from digests.erasing import marked
from digests.model import AlertMail, Post, PostList, Rendered, WeeklyDigest
from digests.plain import clean, cut, header, quote_of, safe_url

_TEMPLATES = Path(__file__).parent / "templates"
# Gmail hides what comes after 102 kilobytes of a mail's HTML behind a link.
LARGEST = 100_000
_POST_BYTES = 2_500
_LISTS = ("open_now", "earlier", "to_look", "questions")


def render_digest(digest: WeeklyDigest) -> Rendered:
    """The weekly mail, of at most LARGEST bytes of HTML as long as a list has a post to leave out.

    Pure: the same digest gives the same bytes. A post that is left out is counted as hidden.
    """
    rendered = _digest(digest)
    while (over := len(rendered.html.encode()) - LARGEST) > 0 and (shorter := _shorter(digest, over)) != digest:
        digest = shorter
        rendered = _digest(digest)
    return rendered


def _shorter(digest: WeeklyDigest, over: int) -> WeeklyDigest:
    """The longest list without its last posts, about as many as take `over` bytes, rather fewer."""
    name = max(_LISTS, key=lambda name: len(getattr(digest, name).posts))
    posts: PostList = getattr(digest, name)
    fewer = max(1, over // _POST_BYTES)
    changed: dict[str, Any] = {name: replace(posts, posts=posts.posts[:-fewer])}
    return replace(digest, **changed)


def _digest(digest: WeeklyDigest) -> Rendered:
    subject = digest_subject(digest)
    values = {
        "d": digest, "period": wording.period(digest.start, digest.end), "lead": phrases.lead(digest),
        "waiting": phrases.waiting_change(digest), "states": phrases.states(digest), "speed": phrases.speed(digest),
        "praised": phrases.praised(digest), "notes": phrases.notes(digest), "closing": phrases.closing(digest),
        "preheader": _preheader(digest), "preheader_said": [p.mention_id for p in digest.open_now.posts[:1]],
    }
    return _rendered("digest", subject, values)


def render_alert(mail: AlertMail) -> Rendered:
    """An alert mail of one or more alerts. Pure."""
    subject = alert_phrases.subject(mail)
    values = {
        "mail": mail, "lead": alert_phrases.lead(mail), "sections": alert_phrases.sections(mail),
        "closing": alert_phrases.closing(mail),
        "preheader": cut(" ".join(quote_of(a.post.title, a.post.text, 90) for a in mail.alerts[:2]), 120),
        "preheader_said": [a.post.mention_id for a in mail.alerts[:2]],
    }
    return _rendered("alert", subject, values)


def digest_subject(digest: WeeklyDigest) -> str:
    """'[귀담] 모아담 11월 3주차(W47) 미응답 불만 12건'; says so when a source was not read to the end."""
    waiting = phrases.waiting_change(digest).now
    left = f"미응답 불만 {wording.number(waiting)}건" if waiting else "미응답 불만 없음"
    week = f"{wording.week_name(digest.week)}({digest.week.partition('-')[2]})"
    warning = " · 수집 누락 있음" if digest.unwell else ""
    return header(f"[귀담] {digest.brand.name} {week} {left}{warning}")


def _preheader(digest: WeeklyDigest) -> str:
    """What a mail program shows beside the subject: the first complaint, or the calm."""
    if digest.open_now.posts:
        first = digest.open_now.posts[0]
        return cut(f"1. {phrases.where(first)}: {quote_of(first.title, first.text, 90)}", 120)
    return " ".join(phrases.lead(digest)[:2])


def _rendered(name: str, subject: str, values: Mapping[str, Any]) -> Rendered:
    html = _environment().get_template(f"{name}.html.j2").render(subject=subject, style=_style(), **values)
    text = _environment().get_template(f"{name}.txt.j2").render(subject=subject, **values)
    return Rendered(subject=subject, html=_inlined(html.lstrip()), text=_tidy(text))


def _inlined(html: str) -> str:
    """Styles as attributes; the charset goes first again, since a browser looks for it in the first 1,024 bytes."""
    inlined = _inliner().inline(re.sub(r"\n\s*\n", "\n", html))
    return inlined.replace("<head>", '<head><meta charset="utf-8">', 1).rstrip() + "\n"


def _tidy(text: str) -> str:
    """No trailing white space, no more than one empty line in a row, one line break at the end."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines).strip() + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
    )
    environment.filters.update({
        "number": wording.number, "difference": wording.difference, "week_name": wording.week_name,
        "clock": wording.clock, "source_name": wording.source_name, "outcome_name": wording.outcome_name,
        "plain": clean, "safe_url": safe_url, "quoted": _quoted, "where": phrases.where, "waiting": phrases.waiting,
        "topics": phrases.topics, "about": phrases.about, "severe": phrases.severe, "again": phrases.again,
        "asked": phrases.asked, "linked": phrases.linked, "urgent": phrases.urgent, "marked": marked,
        "checked": phrases.checked, "state_label": phrases.state_label, "trouble": phrases.trouble,
        "waiting_there": phrases.waiting_there,
    })
    return environment


def _quoted(post: Post, limit: int) -> str:
    """A post's words in Korean quotation marks, or that it has none."""
    words = quote_of(post.title, post.text, limit)
    return f"“{words}”" if words else "(글 없이 별점만 남김)" if post.rating is not None else "(내용 없음)"


@cache
def _style() -> Markup:
    return Markup((_TEMPLATES / "_style.css").read_text(encoding="utf-8"))  # our own file, no collected words


@cache
def _inliner() -> css_inline.CSSInliner:
    """Mail programs read style attributes; the rules for phones and dark screens stay where some read them."""
    return css_inline.CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False)
