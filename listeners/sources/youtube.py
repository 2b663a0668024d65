"""Comments on YouTube: under the brand's own videos and under videos that are named; the channel's reply is the answer.

A page of comments costs one of 10,000 units a day, which begin anew at midnight Pacific time.
https://developers.google.com/youtube/v3/docs/commentThreads
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from contracts.clock import from_iso, to_iso, to_utc
from contracts.errors import (
    ConfigurationError,
    ContractError,
    CredentialsRejected,
    GwidamError,
    QuotaExhausted,
    SourceChanged,
)
from contracts.mention import Kind, Mention
from listeners.budget import Budget
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.http import Answer
from listeners.times import instant
from listeners.values import identifier, mapping, objects, text, whole
from listeners.youtube_titles import Titles

_KEY = Credential(name="key", help="an API key of a Google Cloud project with YouTube Data API v3 switched on")
_PACIFIC = ZoneInfo("America/Los_Angeles")
_MAX_PAGES = 200
_BY_ID = 20  # maxResults may not stand beside ids, so that no more than a page's usual size is asked for at once
_WANTED = {"part": "snippet,replies", "textFormat": "plainText"}
_EXPECTED = {"commentsDisabled": "comments disabled", "videoNotFound": "video gone"}


class YouTube(Listener):
    """Comments related to the channels in the brand's official.youtube, and to the option `videos`."""

    name: ClassVar[str] = "youtube"
    title_ko: ClassVar[str] = "유튜브 댓글"
    title_en: ClassVar[str] = "YouTube comments"
    base_url: ClassVar[str] = "https://youtube.googleapis.com"
    shows_answers: ClassVar[bool] = True
    credentials: ClassVar[tuple[Credential, ...]] = (_KEY,)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """New threads of each channel and video, then known threads, which may have been answered or gone on since."""
        run = _Run(ask, self)
        for subject in _subjects(ask):
            ask.findings.queries.append(next(iter(subject.values())))
            yield from run.threads(subject)
        yield from run.second_look()

    def check(self, ask: Ask) -> str:
        """Read one comment thread of the first subject."""
        subject = _subjects(ask)[0]
        body = _Run(ask, self).get("commentThreads", {**subject, "part": "snippet", "maxResults": 1})
        count = len(objects(body, "items", ask.settings.name))
        return f"{ask.settings.name}: the key works; {count} comment of {next(iter(subject.values()))}"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """The thread's first comment and its replies; what has gone since the last look."""
        items = objects(page.body, "items", context.source)
        yield from parse_each(items, context, lambda item: _thread(item, page, context), "items")
        for native_id in page.extra.get("gone", ()):
            yield Mention(
                source=context.source, native_id=native_id, kind=Kind.COMMENT, brands=(context.brand.id,),
                fetched_at=context.fetched_at, deleted_at=context.fetched_at,
            )


class _Run:
    """One run's requests and mark: newest {subject: time}, open {thread: first seen}, rests {thread: read}."""

    def __init__(self, ask: Ask, listener: YouTube) -> None:
        self.ask = ask
        self.listener = listener
        self.mark = ask.findings.mark
        self.newest: dict[str, str] = self.mark.setdefault("newest", {})
        self.open: dict[str, str] = self.mark.setdefault("open", {})
        self.rests: dict[str, str] = self.mark.setdefault("rests", {})
        self.budget = _budget(ask)
        self.titles = Titles(ask.findings, self.get)
        self.read: set[str] = set()

    def threads(self, subject: Mapping[str, str]) -> Iterator[Page]:
        """Threads newest first down to the last run's newest less an overlap; the mark moves when all are read."""
        name = next(iter(subject.values()))
        overlap = timedelta(hours=self.ask.settings.option("overlap_hours", 24.0))
        marked = self.newest.get(name)
        bottom = from_iso(marked) - overlap if marked else self.ask.since or self.ask.now - timedelta(days=56)
        newest, token, tokens = marked or "", "", set[str]()
        for _ in range(_MAX_PAGES):
            given = {**subject, **_WANTED, "order": "time", "maxResults": 100} | ({"pageToken": token} if token else {})
            body = self.get("commentThreads", given, expected=True)
            if body is None:
                return
            yield from self._page(body)
            times = _times(body)
            newest = max([newest, *map(to_iso, times)])
            token = body.get("nextPageToken") if isinstance(body.get("nextPageToken"), str) else ""
            if not token or (times and min(times) < bottom):
                if newest:
                    self.newest[name] = newest
                return
            if token in tokens:
                break
            tokens.add(token)
        raise SourceChanged(f"{self.ask.settings.name}: YouTube's pages came to no end", source=self.ask.settings.name)

    def second_look(self) -> Iterator[Page]:
        """Known threads are asked for again by id for `open_days`, twenty at a unit; an answered one once a day."""
        horizon = self.ask.now - timedelta(days=self.ask.settings.option("open_days", 14.0))
        for thread_id in [known for known, first in self.open.items() if from_iso(first) < horizon]:
            self._forget(thread_id)
        yesterday = to_iso(self.ask.now - timedelta(days=1))
        wanted = [one for one in self.open if one not in self.read and self.rests.get(one, "") <= yesterday]
        for start in range(0, len(wanted), _BY_ID):
            ids = wanted[start : start + _BY_ID]
            body = self.get("commentThreads", {"id": ",".join(ids), **_WANTED})
            there = {str(item.get("id")) for item in _items(body)}
            gone = [thread_id for thread_id in ids if thread_id not in there]
            yield from self._page(body, gone)
            for thread_id in gone:
                self._forget(thread_id)

    def get(self, what: str, given: Mapping[str, Any], *, expected: bool = False) -> Any:
        """One request, counted in units; None for a refusal that is a count (`expected`): comments are off."""
        self.budget.require()
        self.budget.spend(1)
        url = self.ask.url(self.listener, f"/youtube/v3/{what}")
        headers = {"X-Goog-Api-Key": self.ask.settings.credential(_KEY)}
        accept = (403, 404) if expected else ()
        answer = self.ask.client.get(url, params=given, headers=headers, accept=accept, explain=self._explained)
        if answer.status >= 400:
            known = _EXPECTED.get(_reason(answer))
            if known is None:
                raise self._explained(answer) or self.ask.client.refusal(answer)
            self.ask.findings.skipped[known] += 1
            return None
        return self.ask.client.decoded(answer)

    def _page(self, body: Any, gone: list[str] | None = None) -> Iterator[Page]:
        """The page as it came, then each thread again whose replies were not all in it."""
        titles = self.titles.of(map(_video_of, _items(body)))
        yield Page(kind="threads", body=body, extra={"gone": gone or [], "titles": titles})
        for item in _items(body):
            thread_id, replies = str(item.get("id")), _replies(item)
            if _lacks_replies(item):
                replies = self._all_replies(thread_id)
                whole_thread = {**item, "replies": {"comments": replies}}
                yield Page(kind="threads", body={"items": [whole_thread]}, extra={"whole": True, "titles": titles})
            self.read.add(thread_id)
            official = self.ask.brand.official.get(self.ask.settings.name, ())
            self.open.setdefault(thread_id, to_iso(self.ask.now))
            self.rests.pop(thread_id, None)
            if any(_channel_of(reply.get("snippet")) in official for reply in replies):
                self.rests[thread_id] = to_iso(self.ask.now)

    def _forget(self, thread_id: str) -> None:
        self.open.pop(thread_id, None)
        self.rests.pop(thread_id, None)

    def _all_replies(self, thread_id: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        token = ""
        for _ in range(_MAX_PAGES):
            given = {"parentId": thread_id, "part": "snippet", "maxResults": 100, "textFormat": "plainText"}
            body = self.get("comments", given | ({"pageToken": token} if token else {}))
            found += _items(body)
            following = body.get("nextPageToken")
            if not isinstance(following, str) or following == token:
                break
            token = following
        return found

    def _exhausted(self, why: str) -> QuotaExhausted:
        name = self.ask.settings.name
        message = f"{name}: {why}; it begins anew at midnight Pacific time"
        return QuotaExhausted(message, resets_at=self.budget.usage.ends_at, source=name)

    def _explained(self, answer: Answer) -> GwidamError | None:
        reason, name = _reason(answer), self.ask.settings.name
        if reason in {"quotaExceeded", "dailyLimitExceeded"}:
            return self._exhausted("YouTube's daily quota is used up")
        if answer.status == 400 and "API key" in answer.text[:2_000]:
            return CredentialsRejected(f"{name}: the API key is not valid; {_KEY.help}", source=name)
        return None


def _budget(ask: Ask) -> Budget:
    """The day's units in Pacific time within the option `daily_units` (9,000), for all brands of the key together."""
    limit = ask.settings.option("daily_units", 9_000)
    day = ask.now.astimezone(_PACIFIC).date()
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), _PACIFIC)
    return Budget(
        ask.usage, source=ask.settings.name, unit="units", period=f"{day}", limit=limit, ends_at=to_utc(midnight),
        what=f"the day's budget of {limit:,} units is used up; it begins anew at midnight Pacific time",
    )


def _subjects(ask: Ask) -> list[dict[str, str]]:
    channels = ask.brand.official.get(ask.settings.name, ())
    videos: tuple[str, ...] = ask.settings.option("videos", ())
    found = [{"allThreadsRelatedToChannelId": channel} for channel in channels]
    found += [{"videoId": video} for video in videos]
    if not found:
        raise ConfigurationError(
            f"{ask.settings.name}: nothing to read for {ask.brand.id}; set the brand's official.{ask.settings.name} to "
            'its channel id ("UC…"), or the option videos',
            source=ask.settings.name,
        )
    return found


def _reason(answer: Answer) -> str:
    body = answer.json()
    error = body.get("error") if isinstance(body, Mapping) else None
    errors = error.get("errors") if isinstance(error, Mapping) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("reason", "")) if isinstance(first, Mapping) else ""


def _items(body: Any) -> list[Mapping[str, Any]]:
    items = body.get("items") if isinstance(body, Mapping) else None
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _replies(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    replies = item.get("replies")
    listed = replies.get("comments") if isinstance(replies, Mapping) else None
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _lacks_replies(item: Mapping[str, Any]) -> bool:
    snippet = item.get("snippet")
    total = snippet.get("totalReplyCount") if isinstance(snippet, Mapping) else None
    return isinstance(total, int) and total > len(_replies(item))


def _times(body: Any) -> list[datetime]:
    found = []
    for item in _items(body):
        try:
            top = mapping(mapping(item["snippet"])["topLevelComment"])
            found.append(instant(text(mapping(top["snippet"]), "publishedAt", required=True)))
        except (ContractError, KeyError):
            continue  # parse refuses it
    return found


def _video_of(item: Mapping[str, Any]) -> str:
    snippet = item.get("snippet")
    video = snippet.get("videoId") if isinstance(snippet, Mapping) else None
    return video if isinstance(video, str) else ""


def _channel_of(snippet: Any) -> str:
    author = snippet.get("authorChannelId") if isinstance(snippet, Mapping) else None
    value = author.get("value") if isinstance(author, Mapping) else None
    return value if isinstance(value, str) else ""


def _thread(item: Any, page: Page, context: ParseContext) -> Iterator[Mention]:
    thread = mapping(item)
    snippet = mapping(thread.get("snippet"), "snippet")
    video = identifier(snippet, "videoId", required=False)
    top = mapping(snippet.get("topLevelComment"), "topLevelComment")
    thread_id = identifier(top, "id")
    is_whole = bool(page.extra.get("whole")) or not _lacks_replies(thread)
    title = mapping(page.extra.get("titles", {})).get(video)
    place = context.mask(title) if isinstance(title, str) else video
    count = whole(snippet, "totalReplyCount")
    yield _comment(top, thread_id, video, context, is_whole=is_whole, replies=count, place=place)
    for reply in _replies(thread):
        yield _comment(reply, thread_id, video, context, is_whole=is_whole, place=place)


def _comment(
    comment: Mapping[str, Any],
    thread_id: str,
    video: str,
    context: ParseContext,
    *,
    is_whole: bool,
    place: str,
    replies: int | None = None,
) -> Mention:
    native_id = identifier(comment, "id")
    snippet = mapping(comment.get("snippet"), "snippet")
    channel = _channel_of(snippet)
    return Mention(
        source=context.source,
        native_id=native_id,
        kind=Kind.COMMENT,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        text=context.mask(text(snippet, "textOriginal") or text(snippet, "textDisplay", required=True)),
        url=f"https://www.youtube.com/watch?v={video}&lc={native_id}" if video else "",
        thread_native_id=thread_id,
        parent_native_id=None if native_id == thread_id else thread_id,
        author_key=context.author(channel or text(snippet, "authorDisplayName")),
        is_official=context.brand.is_official(context.source, channel),
        likes=whole(snippet, "likeCount"),
        replies=replies,
        published_at=instant(text(snippet, "publishedAt", required=True)),
        answers_checked_at=context.fetched_at if is_whole else None,
        place=place,
    )
