"""Reading X in streams: complete paging with gaps that the next run fills, costs, and a second look at recent posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.clock import from_iso, to_iso
from contracts.errors import ContractError, SourceChanged
from listeners.budget import Budget
from listeners.contract import Ask, Page
from listeners.times import instant
from listeners.values import identifier, mapping, text
from listeners.x_client import XApi, snowflake, snowflake_time

_POST_USD, _OWNED_USD, _USER_USD = 0.005, 0.001, 0.010  # a post, one's own or one's mentions, a user
_SEARCH_REACH = timedelta(days=7) - timedelta(minutes=5)
_MAX_PAGES = 500
_PAGE, _LEAST_PAGE = 100, 10
Call = Callable[..., Mapping[str, Any]]


class Streams:
    """One run's streams, counts and costs. Everything it learns goes into the findings' mark."""

    def __init__(self, ask: Ask, api: XApi) -> None:
        self.ask = ask
        self.api = api
        self.mark = ask.findings.mark
        self.streams: dict[str, Any] = self.mark.setdefault("streams", {})
        self.posts: dict[str, list[str]] = self.mark.setdefault("posts", {})
        self.read: set[str] = set()
        self.budget = _budget(ask)
        self.overlap = timedelta(minutes=ask.settings.option("overlap_minutes", 30.0))
        self.rechecked = timedelta(days=ask.settings.option("recheck_days", 3.0))
        self.source = ask.settings.name

    def user_id(self, handle: str) -> str:
        """The numeric id of a handle, asked once and kept in the mark."""
        handle = handle.lstrip("@")
        if handle.isdecimal():
            return handle
        known = self.mark.setdefault("users", {})
        if handle not in known:
            known[handle] = self.api.user_id(handle)
            self.ask.findings.cost_usd += _USER_USD
            self.budget.spend(0, cost_usd=_USER_USD)
        return str(known[handle])

    def stream(self, key: str, shape: Page, call: Call, subject: str) -> Iterator[Page]:
        """Every page of a stream: first the gaps that earlier runs left, then what is new."""
        stream = self.streams.setdefault(key, {"newest": "", "gaps": []})
        bottom = self._bottom(stream, search=shape.kind == "search")
        for low, high in [*(tuple(gap) for gap in stream["gaps"]), (str(bottom), "")]:
            yield from self._range(stream, shape, call, subject, low, high)

    def note_answers(self, official: list[str]) -> None:
        """After the timelines: the window in which every answer of the brand has been read."""
        if not official:
            return
        since = self.mark.setdefault("answers_from", to_iso(self.ask.since or self.ask.now - _SEARCH_REACH))
        self.ask.findings.answers_from = from_iso(since)
        self.ask.findings.answers_to = self.ask.now

    def second_look(self, shape: Page) -> Iterator[Page]:
        """Look up recent posts again, at most once in `recheck_hours`, to see edits and deletions."""
        every = timedelta(hours=self.ask.settings.option("recheck_hours", 24.0))
        last = self.mark.get("rechecked_at")
        horizon = self.ask.now - self.rechecked
        for native_id in [key for key, (_, made) in self.posts.items() if from_iso(made) < horizon]:
            del self.posts[native_id]
        if last and from_iso(last) + every > self.ask.now:
            return
        wanted = {latest: native for native, (latest, _) in self.posts.items() if latest not in self.read}
        while wanted:
            ids = list(wanted)[: self.budget.left or _PAGE][:_PAGE]
            self.budget.require()
            asked = {latest: wanted.pop(latest) for latest in ids}
            body = self.api.lookup(ids)
            yield Page(kind=shape.kind, body=body, extra={**shape.extra, "native_ids": asked})
            # An edited post answers to its old id with its old text; its newest version is asked for next.
            wanted |= {latest: native for latest, native in self._count(body, _POST_USD).items() if latest not in asked}
            wanted = {latest: native for latest, native in wanted.items() if latest not in self.read}
            for native_id in _gone_ids(body, asked):
                self.posts.pop(native_id, None)
        self.mark["rechecked_at"] = to_iso(self.ask.now)

    def _range(
        self, stream: dict[str, Any], shape: Page, call: Call, subject: str, low: str, high: str
    ) -> Iterator[Page]:
        """The posts in (low, high), newest first; `stream` always says what is still unread of them."""
        reached, token, tokens = high, "", set[str]()
        for _ in range(_MAX_PAGES):
            self.budget.require()
            body = call(subject, since_id=low, until_id=high, token=token, max_results=self._page_size())
            yield Page(kind=shape.kind, body=body, extra=shape.extra)
            price = _POST_USD if shape.kind == "search" else _OWNED_USD
            numbers = [int(post_id) for post_id in self._count(body, price)]
            if numbers:
                stream["newest"] = str(max([int(stream["newest"] or 0), *numbers]))
            stream["gaps"] = [gap for gap in stream["gaps"] if gap != [low, reached]]
            token = _next_token(body)
            if not token:
                return
            reached = str(min(numbers, default=reached))
            if reached:
                stream["gaps"].append([low, reached])
            if token in tokens:
                break
            tokens.add(token)
        raise SourceChanged(
            f"{self.source}: X's pages came to no end; the next run goes on from there", source=self.source
        )

    def _page_size(self) -> int:
        """A whole page, or what the budget still allows (X gives at least ten)."""
        left = self.budget.left
        return _PAGE if left is None else min(_PAGE, max(_LEAST_PAGE, left))

    def _bottom(self, stream: dict[str, Any], *, search: bool) -> int:
        now, since = self.ask.now, self.ask.since or self.ask.now - _SEARCH_REACH
        bottom = snowflake(since)
        if stream["newest"]:
            bottom = snowflake(snowflake_time(int(stream["newest"])) - self.overlap)
        floor = snowflake(now - _SEARCH_REACH)
        if not search or bottom >= floor:
            return bottom
        if stream["newest"]:
            self.ask.findings.cap_hit = True
            self.ask.findings.lack(
                "cap", f"{self.source}: the last search is over seven days ago, further than X's recent search reaches"
            )
        stream["gaps"] = [gap for gap in stream["gaps"] if int(gap[1]) > floor]
        for gap in stream["gaps"]:
            gap[0] = str(max(int(gap[0]), floor))
        return floor

    def _count(self, body: Mapping[str, Any], price: float) -> dict[str, str]:
        """Bill the posts of a page, each once a UTC day as X does; {newest version's id: native id} of them."""
        found: dict[str, str] = {}
        ids: list[str] = []
        data = body.get("data")
        for item in data if isinstance(data, list) else []:
            try:
                post_id, history = post_ids(mapping(item))
            except ContractError:
                continue  # parse refuses it
            ids.append(post_id)
            found[history[-1]] = history[0]
            made = made_at(item, history[0])
            if price == _POST_USD and made > self.ask.now - self.rechecked:
                self.posts[history[0]] = [history[-1], to_iso(made)]
        self.read |= set(ids)
        day = f"{self.ask.now.astimezone(UTC):%Y-%m-%d}"
        billed = self.budget.not_billed(day, ids)
        cost = len(billed) * price
        self.ask.findings.cost_usd += cost
        if billed:
            self.budget.spend(len(billed), cost_usd=cost, day=day, ids=billed)
        return found


def _budget(ask: Ask) -> Budget:
    """The calendar month's posts (UTC) within the option `monthly_posts`, for all brands of the account together."""
    limit = ask.settings.option("monthly_posts", 0)
    month = ask.now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (month + timedelta(days=32)).replace(day=1)
    return Budget(
        ask.usage, source=ask.settings.name, unit="posts", period=f"{month:%Y-%m}", limit=limit, ends_at=after,
        what=f"the month's budget of {limit:,} posts is read (option monthly_posts); it goes on in {after:%Y-%m}",
    )


def _next_token(body: Mapping[str, Any]) -> str:
    meta = body.get("meta")
    token = meta.get("next_token") if isinstance(meta, Mapping) else None
    return token if isinstance(token, str) else ""


def post_ids(post: Mapping[str, Any]) -> tuple[str, list[str]]:
    """A post's id and the ids of all its versions, oldest first; the oldest is what it is known by."""
    post_id = identifier(post, "id")
    if not post_id.isdecimal():
        raise ContractError("'id' is not a number")
    history = post.get("edit_history_tweet_ids")
    versions = [v for v in history if isinstance(v, str) and v.isdecimal()] if isinstance(history, list) else []
    return post_id, sorted({post_id, *versions}, key=int)


def made_at(post: Mapping[str, Any], native_id: str) -> datetime:
    """When the first version was posted: an edited post's created_at is that of the edit."""
    try:
        created = instant(text(post, "created_at", required=True))
    except ContractError:
        return snowflake_time(min(int(native_id), 1 << 62))
    return created if post.get("id") == native_id else snowflake_time(min(int(native_id), 1 << 62))


def means_gone(error: Mapping[str, Any]) -> bool:
    """Deleted, or hidden from everyone by its author: both are to be followed."""
    said = f"{error.get('type')} {error.get('title')}".lower()
    return "not-found" in said or "not found" in said or "not-authorized-for-resource" in said


def _gone_ids(body: Mapping[str, Any], asked: Mapping[str, str]) -> list[str]:
    errors = body.get("errors")
    gone = [e for e in errors if isinstance(e, Mapping) and means_gone(e)] if isinstance(errors, list) else []
    return [asked[str(error.get("resource_id"))] for error in gone if str(error.get("resource_id")) in asked]
