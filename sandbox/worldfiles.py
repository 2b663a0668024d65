"""The world's files (world/*.toml) read and checked: a slip in one is an error that names the place."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sandbox.clock import KST, moment
from sandbox.items import LABELS, Edit, Item, Label

WORLD = Path(__file__).with_name("world")
_X_EPOCH_MS = 1288834974657  # the first millisecond of X's snowflake ids
_FIELDS = frozenset({
    "at", "by", "text", "title", "label", "place", "official", "rating", "likes", "shares", "views", "ref", "to",
    "deleted", "edit", "reply", "extra", "source",
})


class WorldError(ValueError):
    """A world file says something impossible; the message names file, post and reason."""


@cache
def _documents() -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple((path.stem, tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(WORLD.glob("*.toml")))


def shop() -> dict[str, Any]:
    """The fictional shop itself: its name, accounts, products, cafés and boards."""
    return next(document for name, document in _documents() if name == "shop")


@lru_cache(maxsize=4)
def load_items(anchor: datetime) -> tuple[Item, ...]:
    """Every item of the world in order of time, past and future, with times set by the anchor. Raises WorldError."""
    official = frozenset(shop()["official"].values())
    items = [
        item
        for name, document in _documents()
        for row in document.get("post", ())
        for item in _thread(row.get("source", document.get("source", name)), row, anchor, official)
    ]
    _check_unique(items)
    return tuple(sorted(items, key=lambda item: (item.at, item.key)))


def _thread(source: str, row: Mapping[str, Any], anchor: datetime, official: frozenset[str]) -> Iterator[Item]:
    """The post and its replies, in the order of the file."""
    root = _item(source, row, anchor, official, root=None, parent=None)
    yield root
    previous = root
    for reply in row.get("reply", ()):
        parent = previous if reply.get("to") == "prev" else root
        item = _item(source, {"place": root.place, **reply}, anchor, official, root=root, parent=parent)
        if item.at <= parent.at:
            raise WorldError(f"{item.key}: answers something that is not written yet")
        yield item
        previous = item


def _item(
    source: str, row: Mapping[str, Any], anchor: datetime, official: frozenset[str], *,
    root: Item | None, parent: Item | None,
) -> Item:
    key = f"{source}/{row.get('at')}/{row.get('by')}"
    if unknown := set(row) - _FIELDS:
        raise WorldError(f"{key}: unknown fields {', '.join(sorted(unknown))}")
    author = str(row["by"])
    is_official = bool(row.get("official", author in official))
    try:
        at = moment(anchor, row["at"]) + timedelta(seconds=_number(key, 60))
        edits = tuple(_edit(edit, anchor) for edit in row.get("edit", ()))
        deleted_at = moment(anchor, row["deleted"]) if "deleted" in row else None
        label = _label(row.get("label", "official" if is_official else "neutral"))
    except (KeyError, ValueError) as error:
        raise WorldError(f"{key}: {error}") from error
    if any(edit.at <= at for edit in edits) or (deleted_at is not None and deleted_at <= at):
        raise WorldError(f"{key}: changes before it is written")
    place = str(row.get("place", ""))
    extra = {name: str(value) for name, value in row.get("extra", {}).items()}
    if "ref" in row:
        extra["ref"] = row["ref"]
    return Item(
        key=key, source=source, native_id=_native_id(source, key, place, at, anchor), at=at, author=author,
        text=row["text"].strip("\n"), title=row.get("title", ""), label=label, place=place, official=is_official,
        root=root.key if root else key, parent=parent.key if parent else "", rating=row.get("rating"),
        likes=row.get("likes", 0), shares=row.get("shares", 0), views=row.get("views", 0),
        edits=edits, deleted_at=deleted_at, extra=extra,
    )


def _edit(row: Mapping[str, Any], anchor: datetime) -> Edit:
    text = row.get("text")
    return Edit(
        at=moment(anchor, row["at"]), text=text.strip("\n") if text is not None else None, title=row.get("title"),
        rating=row.get("rating"), label=_label(row["label"]) if "label" in row else None,
    )


def _label(words: str) -> Label:
    kind, *topics = words.split()
    if kind not in LABELS:
        raise ValueError(f"label {kind!r} is none of {', '.join(sorted(LABELS))}")
    return Label(kind=kind, topics=tuple(topics))


def _number(key: str, below: int) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % below


def snowflake(key: str, at: datetime) -> str:
    """An id as X gives it: its first bits are the time, so that ids sort by time."""
    milliseconds = int(at.timestamp() * 1000) - _X_EPOCH_MS
    return str(milliseconds << 22 | _number(key, 1 << 22))


def _native_id(source: str, key: str, place: str, at: datetime, anchor: datetime) -> str:
    """What the source's server calls the item; ids grow with time, and one more post moves no other's id."""
    if source == "x":
        return snowflake(key, at)
    if source == "google_play":
        digest = hashlib.sha256(key.encode()).hexdigest()
        return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    midnight = datetime.combine(anchor.astimezone(KST).date(), datetime.min.time(), KST).astimezone(UTC)
    minutes = int((at - midnight).total_seconds() // 60) + 130_000
    return str(minutes if source == "board" else minutes + _number(place, 900) * 1000)


def _check_unique(items: list[Item]) -> None:
    keys: set[str] = set()
    ids: set[tuple[str, str, str]] = set()
    for item in items:
        native = (item.source, item.place, item.native_id)
        if item.key in keys or native in ids:
            raise WorldError(f"{item.key}: another one was written in the same place in the same minute")
        keys.add(item.key)
        ids.add(native)
