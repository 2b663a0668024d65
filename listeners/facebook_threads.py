"""What is remembered of a Facebook page's posts: who still waits for the page's word, which old ones have gone on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.clock import from_iso, to_iso
from contracts.errors import ContractError
from listeners.board_threads import Threads
from listeners.contract import Ask
from listeners.meta import plain_id
from listeners.times import instant
from listeners.values import text

_ANSWERED_HOURS = 7 * 24.0


class Thread:
    """A post's comments while they are read. Below the page's own post each comment begins a conversation."""

    def __init__(self, post_id: str, *, is_own: bool) -> None:
        self.post_id = post_id
        self.is_own = is_own
        self.roots: dict[str, str] = {}
        self._answered: set[str] = set()
        self._asked: set[str] = set() if is_own else {post_id}

    def add(self, comment: Mapping[str, Any], page_id: str) -> None:
        """One comment in the order of time: whose conversation it belongs to, and whether it answers it."""
        own, parent = plain_id(comment), parent_of(comment)
        if not own:
            return
        self.roots[own] = self.roots.get(parent, parent) if parent else own
        conversation = self.roots[own] if self.is_own else self.post_id
        (self._answered if author_of(comment) == page_id else self._asked).add(conversation)

    @property
    def state(self) -> str:
        """'open' while a conversation has no word of the page's; 'other' when nobody but the page has spoken."""
        return "open" if self._asked - self._answered else "answered" if self._asked else "other"


class ReadThreads:
    """The posts read in this run, and the memory of all: `threads` in the mark, the page's own apart."""

    def __init__(self, ask: Ask, page_id: str) -> None:
        self._ask = ask
        self.page_id = page_id
        self.posts: set[str] = set()
        self._known = {is_own: Threads(ask.findings.mark, "own" if is_own else "visitors") for is_own in (True, False)}

    def note(self, thread: Thread) -> None:
        """A thread that was read to its end."""
        self.posts.add(thread.post_id)
        ids = list(thread.roots) if thread.state != "other" else []
        known = self._known[thread.is_own]
        known.note(thread.post_id, now=self._ask.now, state=thread.state, comments=len(thread.roots), ids=ids)

    def due(self) -> list[Thread]:
        """Threads to be read again that were not in this run's lists (options `open_days`, `open_hours`)."""
        option = self._ask.settings.option
        how = {"open_days": option("open_days", 56.0), "open_hours": option("open_hours", 24.0)}
        return [
            Thread(post_id, is_own=is_own)
            for is_own, known in self._known.items()
            for post_id in known.due(self._ask.now, answered_hours=_ANSWERED_HOURS, **how)
            if post_id not in self.posts
        ]

    def comments(self, thread: Thread) -> list[str]:
        """The comments that were there at the last look."""
        return self._known[thread.is_own].comments(thread.post_id)

    def forget(self, thread: Thread) -> None:
        """Drop a post that is gone."""
        self._known[thread.is_own].forget(thread.post_id)


class OlderPosts:
    """Posts written before the weeks that are always read: which have been commented on since they were last listed.

    The list is read once in `open_hours` (24). The mark `older`: {"looked_at": time, "told": {post id: what it told}}.
    """

    def __init__(self, ask: Ask) -> None:
        self._now = ask.now
        self._mark: dict[str, Any] = ask.findings.mark.setdefault("older", {})
        self._told: dict[str, str] = self._mark.setdefault("told", {})
        self._listed: dict[str, str] = {}
        looked = self._mark.get("looked_at")
        self._looked = from_iso(looked) if isinstance(looked, str) else None
        self._rests = timedelta(hours=ask.settings.option("open_hours", 24.0))
        self._first = ask.since or ask.now - timedelta(days=56)

    @property
    def are_due(self) -> bool:
        """Whether it is time to list them again."""
        return self._looked is None or self._looked + self._rests <= self._now

    def has_changed(self, post: Mapping[str, Any]) -> bool:
        """Whether the post tells another last comment or number of comments; for one not listed before, since when."""
        known = self._told.get(plain_id(post))
        if known is not None:
            return known != _told(post)
        since = self._looked - timedelta(hours=1) if self._looked else self._first
        return (_updated(post) or self._now) >= since

    def note(self, post: Mapping[str, Any]) -> None:
        """A post whose comments are known as they stand now."""
        self._told[plain_id(post)] = self._listed[plain_id(post)] = _told(post)

    def end(self, *, is_whole: bool) -> None:
        """The list was read; when to its end, posts that are not in it are remembered no more."""
        self._mark["looked_at"] = to_iso(self._now)
        if is_whole:
            self._mark["told"] = self._listed


def _told(post: Mapping[str, Any]) -> str:
    """A few letters that change with the post's last comment and the number of its comments."""
    told = json.dumps([post.get("updated_time"), post.get("comments")], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _updated(post: Mapping[str, Any]) -> datetime | None:
    """When the post was written, edited or last commented on; None when it does not tell."""
    try:
        return instant(text(post, "updated_time", required=True))
    except ContractError:
        return None


def author_of(item: Mapping[str, Any]) -> str:
    """The id of who wrote it; '' where the author has not allowed the page to know."""
    author = item.get("from")
    return str(author.get("id") or "") if isinstance(author, Mapping) else ""


def parent_of(comment: Mapping[str, Any]) -> str:
    """The id of the comment it answers; '' for one directly below the post."""
    parent = comment.get("parent")
    return str(parent.get("id") or "") if isinstance(parent, Mapping) else ""
