"""What a listener of whole threads (boards, a Facebook page) remembers: which are known, still open, or quiet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.clock import from_iso, to_iso

KNOWN_LIMIT = 5_000


class Threads:
    """The mark of one board: {post id: {"n": comments, "at": first seen, "state": …, "looked": …, "c": [ids]}}.

    States: `open` (about the brand, no answer of the brand yet), `answered`, `other` (not about the brand,
    secret or closed to guests).
    """

    def __init__(self, mark: dict[str, Any], board: str) -> None:
        self._threads: dict[str, dict[str, Any]] = mark.setdefault("threads", {}).setdefault(board, {})
        self._unfinished: dict[str, bool] = mark.setdefault("unfinished", {})
        self._board = board

    @property
    def is_unfinished(self) -> bool:
        """Whether the last reading of the lists broke off: then a page of known posts is not the end."""
        return self._board in self._unfinished

    @is_unfinished.setter
    def is_unfinished(self, value: bool) -> None:
        if value:
            self._unfinished[self._board] = True
        else:
            self._unfinished.pop(self._board, None)

    def is_known(self, post_id: str) -> bool:
        """Whether the post has been read (or passed over) before."""
        return post_id in self._threads

    def has_changed(self, post_id: str, comments: int) -> bool:
        """Whether a post is new, or a thread of the brand has another number of comments than when it was read."""
        known = self._threads.get(post_id)
        return known is None or (known["state"] != "other" and known["n"] != comments)

    def comments(self, post_id: str) -> list[str]:
        """The comments that were there at the last look."""
        return list(self._threads.get(post_id, {}).get("c", ()))

    def note(self, post_id: str, *, now: datetime, state: str, comments: int, ids: list[str]) -> None:
        """Remember a look at a thread."""
        looked = to_iso(now)
        first = self._threads.pop(post_id, {}).get("at", looked)
        self._threads[post_id] = {"n": comments, "at": first, "state": state, "looked": looked, "c": ids}
        while len(self._threads) > KNOWN_LIMIT:
            del self._threads[next(iter(self._threads))]

    def forget(self, post_id: str) -> None:
        """Drop a thread that is gone."""
        self._threads.pop(post_id, None)

    def due(
        self, now: datetime, *, open_days: float, open_hours: float = 0.0, answered_hours: float = 24.0
    ) -> list[str]:
        """Threads to look at again for late answers, edits and deletions, those looked at longest ago first.

        Open threads once in `open_hours` (0: every time), answered ones once in `answered_hours`, both for
        `open_days` after they were first seen.
        """
        horizon = now - timedelta(days=open_days)
        rests = {"open": timedelta(hours=open_hours), "answered": timedelta(hours=answered_hours)}
        due = [
            (known["looked"], post_id)
            for post_id, known in self._threads.items()
            if from_iso(known["at"]) >= horizon and _is_due(known, now, rests)
        ]
        return [post_id for _, post_id in sorted(due)]


def _is_due(known: Mapping[str, Any], now: datetime, rests: Mapping[str, timedelta]) -> bool:
    looked, rest = from_iso(known["looked"]), rests.get(known["state"])
    return rest is not None and looked < now and looked + rest <= now
