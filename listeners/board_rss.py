"""A board's RSS feed as a cheap look for new posts: asked conditionally, so that an unchanged feed costs nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from contracts.errors import ContractError
from listeners.board_pages import ListRow
from listeners.board_skins import Skin
from listeners.contract import Ask
from listeners.http import Answer
from listeners.times import When, instant, rfc822


def feed_rows(
    ask: Ask, board: str, get: Callable[[dict[str, str]], Answer], skin: Skin
) -> list[ListRow] | None:
    """The feed's posts, newest first; [] when nothing changed; None when the feed is off (the list is read then)."""
    kept: dict[str, dict[str, str]] = ask.findings.mark.setdefault("feeds", {})
    tags = kept.get(board, {})
    named = {"If-None-Match": tags.get("etag", ""), "If-Modified-Since": tags.get("modified", "")}
    answer = get({name: value for name, value in named.items() if value})
    if answer.status == 304:
        return []
    rows = read_feed(answer.body, skin)
    if rows is not None:
        headers = answer.headers
        kept[board] = {"etag": headers.get("etag", ""), "modified": headers.get("last-modified", "")}
    return rows


def read_feed(body: bytes, skin: Skin) -> list[ListRow] | None:
    """The posts of an RSS feed; None when it is no feed (gnuboard5 answers 'RSS 보기가 금지되어 있습니다.')."""
    import feedparser

    feed = feedparser.parse(body)
    if not feed.get("version"):
        return None
    rows = []
    for entry in feed.entries:
        number = re.search(skin.id_pattern, str(entry.get("link", "")))
        if number:
            rows.append(
                ListRow(id=number[1], comments=0, written=_written(entry), is_secret=False, is_notice=False)
            )
    return rows


def _written(entry: Any) -> When | None:
    for read, name in ((instant, "updated"), (rfc822, "published"), (instant, "date")):
        try:
            return When(at=read(str(entry.get(name, ""))))
        except ContractError:
            continue
    return None
