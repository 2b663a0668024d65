"""`World`: the shop's customers and what they have written up to now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sandbox.clock import utc_now
from sandbox.items import Item, Seen, look
from sandbox.worldfiles import WorldError, load_items, shop


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that is ever said, and the clock that decides what of it exists.

    For one anchor and one `now` every server answers the same, byte for byte.
    """

    anchor: datetime
    now: Callable[[], datetime]
    shop: Mapping[str, Any]
    by_key: Mapping[str, Item]
    by_ref: Mapping[str, Item]
    _by_source: Mapping[str, tuple[Item, ...]] = field(repr=False)
    _children: Mapping[str, tuple[Item, ...]] = field(repr=False)

    @classmethod
    def load(cls, anchor: datetime, now: Callable[[], datetime] = utc_now) -> Self:
        """Read the world's files. Raises WorldError when one of them is wrong."""
        items = load_items(anchor)
        by_source: dict[str, list[Item]] = {}
        children: dict[str, list[Item]] = {}
        for item in items:
            by_source.setdefault(item.source, []).append(item)
            children.setdefault(item.parent, []).append(item)
        by_ref = {item.extra["ref"]: item for item in items if "ref" in item.extra}
        for item in items:
            for name in ("retweet_of", "quote_of", "copy_of"):
                if name in item.extra and item.extra[name] not in by_ref:
                    raise WorldError(f"{item.key}: {name} {item.extra[name]!r} is no ref")
        return cls(
            anchor=anchor, now=now, shop=shop(), by_key={item.key: item for item in items}, by_ref=by_ref,
            _by_source={source: tuple(of_source) for source, of_source in by_source.items()},
            _children={parent: tuple(below) for parent, below in children.items() if parent},
        )

    def items(self, source: str | None = None) -> list[Item]:
        """The key for tests: all items, also future and deleted ones, with their hidden labels, oldest first."""
        if source is not None:
            return list(self._by_source.get(source, ()))
        return list(self.by_key.values())

    def seen(self, source: str) -> list[Seen]:
        """What can be seen on a source now, newest first."""
        now = self.now()
        looks = (look(item, now) for item in self._by_source.get(source, ()))
        return [seen for seen in looks if seen is not None][::-1]

    def replies(self, key: str) -> list[Seen]:
        """What answers an item directly and can be seen now, oldest first."""
        now = self.now()
        looks = (look(item, now) for item in self._children.get(key, ()))
        return [seen for seen in looks if seen is not None]

    def thread(self, root: str) -> list[Seen]:
        """Everything below an item, each reply under what it answers, as it can be seen now."""
        below: list[Seen] = []
        for seen in self.replies(root):
            below += [seen, *self.thread(seen.item.key)]
        return below

    def look(self, key: str) -> Seen | None:
        """One item as it looks now."""
        return look(self.by_key[key], self.now())

    def counts(self) -> dict[str, int]:
        """How many items each source shows now."""
        return dict(Counter({source: len(self.seen(source)) for source in self._by_source}))
