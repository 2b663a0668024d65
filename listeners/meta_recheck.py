"""A second look at recent posts of Meta's graphs, each by its id, to see which have been deleted.

Meta does not promise that somebody else's post can be read by its id. So only a post that has answered to its id
before, and no longer does, is called deleted; where ids are not answered at all, asking rests for a week.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from contracts.clock import from_iso, to_iso
from contracts.errors import Forbidden, SourceChanged
from listeners.contract import Ask, Credential, Listener, Page
from listeners.meta import Gone, gone_means_gone, graph_get
from listeners.vanished import KIND

_UNANSWERED = 5
_BELIEVABLE = 5
_RESTS = timedelta(days=7)


class Recheck:
    """The mark of recent posts: {"posts": {id: [written, has it answered to its id]}, "looked_at", "rests_from"}.

    Options: posts of `recheck_days` (3) are looked at once in `recheck_hours` (24), at most `recheck_posts` (200).
    """

    def __init__(self, ask: Ask, listener: Listener, token: Credential) -> None:
        self._ask = ask
        self._listener = listener
        self._token = token
        self._mark: dict[str, Any] = ask.findings.mark.setdefault("recheck", {})
        self._posts: dict[str, list[Any]] = self._mark.setdefault("posts", {})

    def note(self, post_id: str, written: datetime) -> None:
        """A post that the source has just shown."""
        self._posts.setdefault(post_id, [to_iso(written), False])

    def pages(self) -> Iterator[Page]:
        """At most one page with the ids of posts that are gone."""
        now, option = self._ask.now, self._ask.settings.option
        horizon = to_iso(now - timedelta(days=option("recheck_days", 3.0)))
        for post_id in [known for known, (written, _) in self._posts.items() if written < horizon]:
            del self._posts[post_id]
        if self._is_recent("looked_at", timedelta(hours=option("recheck_hours", 24.0))):
            return
        if self._is_recent("rests_from", _RESTS):
            return
        gone = self._look(list(self._posts)[-option("recheck_posts", 200) :])
        self._mark["looked_at"] = to_iso(now)
        known = sum(answers for _, answers in self._posts.values())
        if len(gone) > _BELIEVABLE and 2 * len(gone) > known:
            self._ask.findings.lack(
                "changed",
                f"{self._ask.settings.name}: {len(gone)} of {known} posts no longer answer to their ids; check the "
                "token's rights. Nothing is taken for deleted",
            )
        elif gone:
            yield Page(kind=KIND, body=gone)
            for post_id in gone:
                self._posts.pop(post_id, None)

    def _look(self, post_ids: list[str]) -> list[str]:
        gone: list[str] = []
        answered = unanswered = 0
        meanings = gone_means_gone(self._ask.settings.name)
        for post_id in post_ids:
            post = self._posts[post_id]
            try:
                graph_get(self._ask, self._listener, f"/{post_id}", {"fields": "id"}, self._token, meanings=meanings)
                post[1] = True
                answered += 1
            except (SourceChanged, Forbidden) as error:
                if post[1] and isinstance(error, Gone):
                    gone.append(post_id)
                unanswered += 1
            if not answered and not gone and unanswered >= _UNANSWERED:
                self._mark["rests_from"] = to_iso(self._ask.now)
                break
        return gone

    def _is_recent(self, name: str, span: timedelta) -> bool:
        at = self._mark.get(name)
        return isinstance(at, str) and from_iso(at) + span > self._ask.now
