"""Public Instagram posts under the brand's hashtags (Graph API, hashtag search).

No author, no comments, and only about the last day: who was answered cannot be seen.
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login/hashtag-search
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from contracts.clock import from_iso, to_iso
from contracts.errors import ConfigurationError, ContractError, GwidamError, QuotaExhausted, SourceChanged
from contracts.mention import Kind, Mention
from listeners import vanished
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.meta import graph_get, graph_pages, plain_id
from listeners.meta_recheck import Recheck
from listeners.times import instant
from listeners.values import identifier, mapping, objects, text, whole
from listeners.vanished import listed

TOKEN = Credential(
    name="token",
    help="a token with instagram_basic and the approved feature Instagram Public Content Access "
    "(docs/sources/instagram.md)",
)
PAGE_SIZE = 50
WINDOW = timedelta(hours=24)
MOST_HASHTAGS = 30
_MEDIA = "id,caption,media_type,permalink,timestamp,like_count,comments_count"
_NOT_IN_HASHTAG = re.compile(r"[^\w]", re.UNICODE)


class Instagram(Listener):
    """Recent media of the option `hashtags`, or else of the brand's terms."""

    name: ClassVar[str] = "instagram"
    title_ko: ClassVar[str] = "인스타그램 해시태그"
    title_en: ClassVar[str] = "Instagram hashtags"
    base_url: ClassVar[str] = "https://graph.facebook.com/v26.0"
    credentials: ClassVar[tuple[Credential, ...]] = (TOKEN,)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Each hashtag's last day, whole: the overlap with the last run shows edits; a second look, deletions."""
        recheck = Recheck(ask, self, TOKEN)
        user = _user(ask)
        looked = ask.mark.get("looked_at")
        if isinstance(looked, str) and ask.now - from_iso(looked) > WINDOW:
            ask.findings.lack(
                "window", f"{ask.settings.name}: Instagram shows one day, the last run was at {looked}; ask more often"
            )
        for hashtag in _hashtags(ask):
            ask.findings.queries.append(f"#{hashtag}")
            hashtag_id = self._id(ask, user, hashtag)
            if hashtag_id is None:
                ask.findings.skipped["unused hashtag"] += 1
                continue
            params = {"user_id": user, "fields": _MEDIA, "limit": PAGE_SIZE}
            for body in graph_pages(ask, self, f"/{hashtag_id}/recent_media", params, TOKEN):
                yield Page(kind="media", body=body, extra={"hashtag": hashtag})
                for media in listed(body, "data"):
                    if plain_id(media):
                        recheck.note(plain_id(media), _written(media, ask.now))
        ask.findings.mark["looked_at"] = to_iso(ask.now)
        yield from recheck.pages()

    def check(self, ask: Ask) -> str:
        """Look up the first hashtag."""
        hashtag = _hashtags(ask)[0]
        body = graph_get(ask, self, "/ig_hashtag_search", {"user_id": _user(ask), "q": hashtag}, TOKEN)
        found = objects(body, "data", ask.settings.name)
        return f"{ask.settings.name}: the token works; #{hashtag} {'is in use' if found else 'is not in use yet'}"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A mention a post with a caption. What is deleted is to be erased."""
        if page.kind == vanished.KIND:
            yield from vanished.deleted(page, context, Kind.POST)
            return
        items = objects(page.body, "data", context.source)
        yield from parse_each(items, context, lambda item: _media(item, page, context), "data")

    def _id(self, ask: Ask, user: str, hashtag: str) -> str | None:
        """A hashtag's id, asked once and kept: an account may ask for 30 different hashtags a week."""
        known = dict(ask.findings.mark.get("ids", {}))
        if isinstance(known.get(hashtag), str):
            return str(known[hashtag])
        try:
            body = graph_get(
                ask, self, "/ig_hashtag_search", {"user_id": user, "q": hashtag}, TOKEN, meanings=_meanings(ask)
            )
        except _Unused:
            return None
        items = objects(body, "data", ask.settings.name)
        found = plain_id(items[0]) if items and isinstance(items[0], dict) else ""
        if found:
            ask.findings.mark["ids"] = known | {hashtag: found}
        return found or None


class _Unused(SourceChanged):
    """Nobody has used the hashtag yet: an expected refusal, counted."""


def _meanings(ask: Ask) -> dict[int, GwidamError]:
    name = ask.settings.name
    return {
        24: _Unused(f"{name}: the hashtag does not exist", source=name),
        18: QuotaExhausted(
            f"{name}: {MOST_HASHTAGS} different hashtags were asked for in a week; name fewer in the option hashtags",
            resets_at=ask.now + timedelta(days=7), source=name,
        ),
    }


def _user(ask: Ask) -> str:
    user = ask.settings.option("user_id", "")
    if not user:
        raise ConfigurationError(
            f"{ask.settings.name}: no account is named; set the option user_id to the id of your Instagram "
            "professional account",
            source=ask.settings.name,
        )
    return user


def _hashtags(ask: Ask) -> list[str]:
    """The hashtags without '#', spaces and emoji, which Instagram does not take."""
    given: tuple[str, ...] = ask.settings.option("hashtags", ask.brand.terms)
    found = list(dict.fromkeys(plain for tag in given if (plain := _NOT_IN_HASHTAG.sub("", str(tag)).casefold())))
    if len(found) > MOST_HASHTAGS:
        raise ConfigurationError(
            f"{ask.settings.name}: {len(found)} hashtags are named; Instagram allows {MOST_HASHTAGS} a week",
            source=ask.settings.name,
        )
    return found


def _written(media: Mapping[str, Any], now: datetime) -> datetime:
    try:
        return instant(text(media, "timestamp"))
    except ContractError:
        return now  # parse refuses the record


def _media(item: Any, page: Page, context: ParseContext) -> Iterator[Mention]:
    media = mapping(item)
    caption = text(media, "caption")
    if not caption:
        return  # found by a hashtag in a comment
    yield Mention(
        source=context.source,
        native_id=identifier(media, "id"),
        kind=Kind.POST,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        text=context.mask(caption),
        url=text(media, "permalink"),
        likes=whole(media, "like_count"),
        replies=whole(media, "comments_count"),
        published_at=instant(text(media, "timestamp", required=True)),
        place=f"#{page.extra.get('hashtag', '')}",
    )
