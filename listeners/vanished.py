"""Posts that were in a list and are no longer: for sources that show a complete list but announce no deletions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from contracts.clock import from_iso, to_iso
from contracts.mention import Kind, Mention
from listeners.contract import Ask, Page, ParseContext

KIND = "gone"
_BELIEVABLE = 5
_KEPT = 20_000


class Presence:
    """Which posts of a window were there at the last run and at this one; kept in the mark under `name`.

    Call `note` for every post seen, and `gone` once the window has been read to its end: never after an
    error, a cap or a repeated page, since what was not read is not gone.
    """

    def __init__(self, ask: Ask, name: str = "present") -> None:
        self._ask = ask
        self._name = name
        before = ask.mark.get(name, {})
        self._before: dict[str, str] = dict(before) if isinstance(before, dict) else {}
        self._now: dict[str, str] = {}

    def note(self, native_id: str, at: datetime) -> None:
        """A post, and when it was written."""
        self._now[native_id] = to_iso(at)

    def gone(self, since: datetime) -> Iterator[Page]:
        """At most one page with the ids that the last run saw, written since `since`, and this one did not.

        When most of a list is gone at once, it is rather a right that was lost: named, and nothing is erased.
        """
        within = {one for one, at in self._before.items() if from_iso(at) >= since}
        missing = sorted(within - set(self._now))
        if len(missing) > _BELIEVABLE and 2 * len(missing) > len(within):
            self._ask.findings.lack(
                "changed",
                f"{self._ask.settings.name}: {len(missing)} of {len(within)} posts are missing at once; check the "
                "key's rights. Nothing is taken for deleted",
            )
            return
        if missing:
            yield Page(kind=KIND, body=missing, extra={"list": self._name})
        self._ask.findings.mark[self._name] = dict(list(self._now.items())[-_KEPT:])


def deleted(page: Page, context: ParseContext, kind: Kind) -> Iterator[Mention]:
    """The mentions that say which posts are deleted: their texts are to be erased."""
    for native_id in page.body if isinstance(page.body, list) else []:
        if isinstance(native_id, str) and native_id:
            yield Mention(
                source=context.source, native_id=native_id, kind=kind, brands=(context.brand.id,),
                fetched_at=context.fetched_at, deleted_at=context.fetched_at,
            )


def listed(body: Any, name: str) -> list[Any]:
    """The items of `body[name]` that are objects; parse says what is wrong with the others."""
    items = body.get(name) if isinstance(body, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
