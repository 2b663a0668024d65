"""What is remembered of a Facebook page's posts: which conversations below them still wait for the page's word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from listeners.board_threads import Threads
from listeners.contract import Ask
from listeners.meta import plain_id

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


def author_of(item: Mapping[str, Any]) -> str:
    """The id of who wrote it; '' where the author has not allowed the page to know."""
    author = item.get("from")
    return str(author.get("id") or "") if isinstance(author, Mapping) else ""


def parent_of(comment: Mapping[str, Any]) -> str:
    """The id of the comment it answers; '' for one directly below the post."""
    parent = comment.get("parent")
    return str(parent.get("id") or "") if isinstance(parent, Mapping) else ""
