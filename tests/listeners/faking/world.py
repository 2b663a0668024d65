"""The fake world every listener is held to: a list of posts, and how one source's server would give them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from contracts.errors import GwidamError

KST = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATE = datetime(2026, 11, 20, 23, 59, 59, tzinfo=KST)  # still the 20th in Seoul, and the 20th in UTC too
EARLY = datetime(2026, 11, 21, 0, 30, tzinfo=KST)  # already the 21st in Seoul, still the 20th in UTC
QUARANTINED = "quarantined"
# How a run ends: an error raised, a coverage reason of a run that ends quietly, or one bad record set apart.
End = type[GwidamError] | str


@dataclass
class Post:
    """One record of a fake world; `spoil` says how its record is wrong."""

    number: int
    at: datetime
    text: str
    spoil: str = ""
    gone: bool = False
    edited_at: datetime | None = None


def posts(count: int, apart: timedelta = timedelta(minutes=10)) -> list[Post]:
    """So many posts, newest first, two of them at the edges of a day in Seoul."""
    times = [LATE, EARLY, *(NOW - timedelta(minutes=30) - n * apart for n in range(count - 2))]
    newest_first = enumerate(sorted(times, reverse=True), start=1)
    return [Post(number, at, f"모아담 배송이 {number}일째 안 와요") for number, at in newest_first]


class Fake(ABC):
    """A source in its simplest honest form, newest first, over a list of posts.

    `ends` says where a fault ends otherwise than tests/listeners/faking/situations.py has it for all; `lacks`
    names the situations that this transport cannot be in, each with the reason. Both are checked for stale names.
    """

    name: ClassVar[str]
    keys: ClassVar[dict[str, str]] = {}
    options: ClassVar[dict[str, Any]] = {}
    transport: ClassVar[str] = "http"
    page_size: ClassVar[int] = 10
    # Where a listener counts on pages of a length: its constant, which the bench sets to page_size.
    length_of_a_page: ClassVar[str] = ""
    text_field: ClassVar[str] = "text"
    lost_when: ClassVar[frozenset[str]] = frozenset({"missing", "type", "long"})  # how a record becomes unusable
    sees_deletions: ClassVar[bool] = False
    asked_by_check: ClassVar[int] = 1
    ends: ClassVar[dict[str, End]] = {}
    lacks: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        self.repeats = False
        self.shifts = 0
        self.posts = posts(self.page_size + 3)

    @abstractmethod
    def native_id(self, post: Post) -> str: ...

    def received(self, mode: str) -> int:
        """How many records have come when the fault strikes: the first page."""
        return self.page_size

    def there(self) -> list[Post]:
        return [post for post in self.posts if not post.gone]

    def shown_again_and_again(self) -> list[Post]:
        """What a source that repeats its first page ever shows."""
        return self.there()[: self.page_size]

    def page(self, start: int) -> list[Post]:
        """The posts of a page; with `repeats` always the first, with `shifts` a new post pushed the others on."""
        start = 0 if self.repeats else max(0, start - (self.shifts if start else 0))
        return self.there()[start : start + self.page_size]

    def has_more(self, start: int) -> bool:
        return self.repeats or start + self.page_size < len(self.there()) + self.shifts

    def record(self, post: Post, record: dict[str, Any]) -> dict[str, Any]:
        """The record as it is sent: spoiled where the post says so."""
        if post.spoil == "unknown":
            record["brand_new_field"] = {"deep": [1, 2]}
        elif post.spoil == "missing":
            del record[self.text_field]
        elif post.spoil == "type":
            record[self.text_field] = {"not": ["a text"]}
        elif post.spoil == "long":
            record[self.text_field] = "가" * 300_000
        return record


class HttpFake(Fake):
    """A source asked over HTTP: called with path, parameters and headers, it makes the reply."""

    listing: ClassVar[str]  # the part of a path that marks the requests to break
    whole_requests: ClassVar[int] = 1  # how many of them go through before the second page is broken
    is_json: ClassVar[bool] = True

    def __init__(self, reply: Callable[..., Any]) -> None:
        super().__init__()
        self.reply = reply

    @abstractmethod
    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any: ...

    def json(self, value: Any) -> Any:
        return self.reply(json.dumps(value, ensure_ascii=False).encode())
