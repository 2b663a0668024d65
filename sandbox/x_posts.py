"""The world's items as X shows them: versions of edited posts, references, metrics, users."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.items import Item, Seen
from sandbox.world import World
from sandbox.worldfiles import snowflake
from sandbox.x_query import Post

DEFAULT_FIELDS = ("id", "text", "edit_history_tweet_ids")
_SHORT_RETWEET = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class XPost:
    """One version of a post. An edit makes a new version with an id of its own; `history` names them all."""

    id: str
    history: tuple[str, ...]
    created_at: datetime
    text: str
    seen: Seen
    references: tuple[tuple[str, str], ...]  # (type, id)
    conversation_id: str
    reply_to: str  # username, '' when it is no reply

    @property
    def username(self) -> str:
        return self.seen.item.author

    @property
    def language(self) -> str:
        """Hangul anywhere makes it Korean; X guesses better, but not about these."""
        if re.search(r"[가-힣ㄱ-ㅎㅏ-ㅣ]", self.text):
            return "ko"
        return "en" if re.search(r"[A-Za-z]{2}", self.text) else "und"

    def for_query(self) -> Post:
        """What search operators look at."""
        kinds = {"replied_to": "reply", "quoted": "quote", "retweeted": "retweet"}
        return Post(
            text=self.text, username=self.username, language=self.language, conversation_id=self.conversation_id,
            kinds=frozenset(kinds[kind] for kind, _ in self.references), to_username=self.reply_to,
            referenced=frozenset(post_id for _, post_id in self.references),
        )


def user_id(username: str) -> str:
    """A numeric id for a handle."""
    return str(int.from_bytes(hashlib.sha256(f"x-user/{username.lower()}".encode()).digest()[:6], "big"))


def user(world: World, username: str) -> dict[str, str]:
    """The default user object."""
    names: dict[str, str] = world.shop["x_names"]
    return {"id": user_id(username), "name": names.get(username, username), "username": username}


def current_posts(world: World) -> list[XPost]:
    """The newest version of every post that exists now, newest first."""
    posts = [_version(world, seen, len(_ids(seen)) - 1) for seen in world.seen("x")]
    return sorted(posts, key=lambda post: int(post.id), reverse=True)


def post_by_id(world: World, post_id: str) -> XPost | None:
    """A post by the id of any of its versions; a deleted chain is gone with all its versions."""
    for seen in world.seen("x"):
        ids = _ids(seen)
        if post_id in ids:
            return _version(world, seen, ids.index(post_id))
    return None


def _edits_so_far(seen: Seen) -> list[Any]:
    return [edit for edit in seen.item.edits if edit.at <= seen.changed_at and edit.text is not None]


def _ids(seen: Seen) -> tuple[str, ...]:
    later = (snowflake(f"{seen.item.key}/{number}", edit.at) for number, edit in enumerate(_edits_so_far(seen)))
    return (seen.item.native_id, *later)


def _version(world: World, seen: Seen, number: int) -> XPost:
    item = seen.item
    edits = _edits_so_far(seen)
    ids = _ids(seen)
    root = world.by_key[item.root]
    return XPost(
        id=ids[number], history=ids, created_at=edits[number - 1].at if number else item.at,
        text=_text(world, item, edits[number - 1].text if number else item.text), seen=seen,
        references=_references(world, item), conversation_id=root.native_id,
        reply_to=world.by_key[item.parent].author if item.parent else "",
    )


def _text(world: World, item: Item, text: str) -> str:
    if "retweet_of" not in item.extra:
        return text
    original = world.by_ref[item.extra["retweet_of"]]
    full = f"RT @{original.author}: {original.text}"
    return full if len(full) <= _SHORT_RETWEET else full[: _SHORT_RETWEET - 1] + "…"


def _references(world: World, item: Item) -> tuple[tuple[str, str], ...]:
    references: list[tuple[str, str]] = []
    if item.parent:
        references.append(("replied_to", world.by_key[item.parent].native_id))
    for name, kind in (("quote_of", "quoted"), ("retweet_of", "retweeted")):
        if name in item.extra:
            references.append((kind, world.by_ref[item.extra[name]].native_id))
    return tuple(references)


def render(world: World, post: XPost, fields: Iterable[str]) -> dict[str, Any]:
    """The post as JSON with the default and the asked fields."""
    seen = post.seen
    everything: dict[str, Any] = {
        "id": post.id, "text": post.text, "edit_history_tweet_ids": list(post.history),
        "author_id": user_id(post.username), "conversation_id": post.conversation_id,
        "created_at": instant(post.created_at), "lang": post.language,
        "public_metrics": {
            "retweet_count": seen.shares, "reply_count": len(world.replies(seen.item.key)), "like_count": seen.likes,
            "quote_count": seen.shares // 8, "bookmark_count": seen.likes // 20,
            "impression_count": max(seen.views, seen.likes * 40 + seen.shares * 90),
        },
        "possibly_sensitive": False, "reply_settings": "everyone",
    }
    if post.references:
        everything["referenced_tweets"] = [{"type": kind, "id": post_id} for kind, post_id in post.references]
    if post.reply_to:
        everything["in_reply_to_user_id"] = user_id(post.reply_to)
    wanted = {*DEFAULT_FIELDS, *fields}
    return {name: value for name, value in everything.items() if name in wanted}


def instant(at: datetime) -> str:
    """`2026-11-20T03:04:05.000Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
