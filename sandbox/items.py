"""What the world is made of: items (one utterance each), their edits, and how they look at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

GROWTH = timedelta(hours=48)
SENTIMENTS = frozenset({"complaint", "praise", "neutral"})
LABELS = SENTIMENTS | {"question", "ad", "giveaway", "job", "homonym", "closing", "reshare", "official", "other"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a person says an item is; never served. `topics` are the world's own words, not topics.toml's ids."""

    kind: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """From `at` on the item reads like this; a field that is None stays as it was."""

    at: datetime
    text: str | None = None
    title: str | None = None
    rating: int | None = None
    label: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One utterance of the world, with everything that will ever happen to it.

    `key` names it in the world files and never changes; `native_id` is what the source's server calls it.
    `likes`, `shares` and `views` are where the numbers end up, two days after it was written.
    """

    key: str
    source: str
    native_id: str
    at: datetime
    author: str
    text: str
    label: Label
    title: str = ""
    place: str = ""
    official: bool = False
    root: str = ""
    parent: str = ""
    rating: int | None = None
    likes: int = 0
    shares: int = 0
    views: int = 0
    edits: tuple[Edit, ...] = ()
    deleted_at: datetime | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_root(self) -> bool:
        """Whether it began its thread."""
        return not self.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An item as anyone can see it at one moment."""

    item: Item
    text: str
    title: str
    rating: int | None
    label: Label
    changed_at: datetime
    likes: int
    shares: int
    views: int


def look(item: Item, now: datetime) -> Seen | None:
    """How the item looks at `now`; None before it is written and after it is deleted."""
    if item.at > now or (item.deleted_at is not None and item.deleted_at <= now):
        return None
    text, title, rating, label, changed_at = item.text, item.title, item.rating, item.label, item.at
    for edit in item.edits:
        if edit.at <= now:
            text = edit.text if edit.text is not None else text
            title = edit.title if edit.title is not None else title
            rating = edit.rating if edit.rating is not None else rating
            label = edit.label or label
            changed_at = edit.at
    return Seen(
        item=item, text=text, title=title, rating=rating, label=label, changed_at=changed_at,
        likes=_grown(item.likes, item.at, now), shares=_grown(item.shares, item.at, now),
        views=_grown(item.views, item.at, now),
    )


def _grown(final: int, since: datetime, now: datetime) -> int:
    """Quick at first, full after two days, the same for everyone who asks at the same moment."""
    part = min((now - since) / GROWTH, 1.0)
    return int(final * (1 - (1 - part) ** 3))
