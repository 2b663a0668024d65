"""Threads: public posts that hold the brand's terms (keyword search), and the brand's own replies as the answers.

https://developers.facebook.com/docs/threads/keyword-search. Without the approval of threads_keyword_search the
search silently finds only the account's own posts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from contracts.clock import from_iso, to_iso
from contracts.errors import ContractError, Forbidden, SourceChanged
from contracts.mention import Kind, Mention
from listeners import vanished
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.meta import graph_get, graph_pages, plain_id, whole_list
from listeners.meta_recheck import Recheck
from listeners.times import instant
from listeners.values import identifier, mapping, objects, text
from listeners.vanished import listed

TOKEN = Credential(
    name="token",
    help="a Threads token of the brand's account with threads_basic, threads_keyword_search (approved) and "
    "threads_read_replies (docs/sources/threads.md)",
)
PAGE_SIZE = 100
_FIELDS = (
    "id,text,username,permalink,timestamp,media_type,has_replies,is_reply,root_post,replied_to,is_quote_post,topic_tag"
)


class Threads(Listener):
    """Recent posts of each term down to the mark, less an overlap; then the brand's own replies of that time."""

    name: ClassVar[str] = "threads"
    title_ko: ClassVar[str] = "스레드"
    title_en: ClassVar[str] = "Threads"
    base_url: ClassVar[str] = "https://graph.threads.net/v1.0"
    shows_answers: ClassVar[bool] = True
    credentials: ClassVar[tuple[Credential, ...]] = (TOKEN,)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """The terms' posts; /me/replies, whose whole window shows who is unanswered; a second look for deletions."""
        me = self._me(ask)
        posts, others = 0, 0
        recheck = Recheck(ask, self, TOKEN)
        for term in ask.brand.terms:
            ask.findings.queries.append(term)
            newest = since = _since(ask, term)
            for body in graph_pages(ask, self, "/keyword_search", _search(term, since, ask.now), TOKEN):
                yield Page(kind="posts", body=body, extra={"me": me})
                found = listed(body, "data")
                posts += len(found)
                others += sum(post.get("username") != me for post in found)
                times = {plain_id(post): moment for post in found if (moment := _written(post)) is not None}
                newest = max([newest, *times.values()])
                for post_id, written in times.items():
                    if post_id:
                        recheck.note(post_id, written)
            ask.findings.mark[f"term:{term}"] = to_iso(min(newest, ask.now))
        if posts and not others:
            ask.findings.lack(
                "approval",
                f"{ask.settings.name}: the search found only posts of @{me}; the app is not approved for "
                "threads_keyword_search, so nobody else's posts are heard",
            )
        yield from self._own_replies(ask, me)
        yield from recheck.pages()

    def check(self, ask: Ask) -> str:
        """Search once, and say when only one's own posts are found."""
        me = self._me(ask)
        week = ask.now - timedelta(days=7)
        body = graph_get(ask, self, "/keyword_search", _search(ask.brand.terms[0], week, ask.now), TOKEN)
        found = listed(body, "data")
        if found and all(post.get("username") == me for post in found):
            return f"{ask.settings.name}: only @{me}'s own posts are found: threads_keyword_search is not approved yet"
        return f"{ask.settings.name}: the token of @{me} works; {len(found)} posts in a week for '{ask.brand.terms[0]}'"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A mention a post or reply with words; the brand's own are official. What is deleted is to be erased."""
        if page.kind == vanished.KIND:
            yield from vanished.deleted(page, context, Kind.POST)
            return
        items = objects(page.body, "data", context.source)
        yield from parse_each(items, context, lambda item: _post(item, page.extra, context), "data")

    def _me(self, ask: Ask) -> str:
        found = graph_get(ask, self, "/me", {"fields": "id,username"}, TOKEN).get("username")
        if not isinstance(found, str) or not found:
            raise SourceChanged(f"{ask.settings.name}: /me gives no username; check base_url", source=ask.settings.name)
        return found

    def _own_replies(self, ask: Ask, me: str) -> Iterator[Page]:
        """What the brand answered since the oldest post that is still watched (option `revisit_days`, 14)."""
        since = _answers_since(ask)
        params = {"fields": _FIELDS, "limit": PAGE_SIZE, "since": int(since.timestamp())}
        try:
            for body in graph_pages(ask, self, "/me/replies", params, TOKEN):
                yield Page(kind="replies", body=body, extra={"me": me})
        except Forbidden:
            ask.findings.lack(
                "forbidden", f"{ask.settings.name}: @{me}'s replies cannot be read, so answers are not seen; add "
                "threads_read_replies to the token"
            )
            return
        if whole_list(ask):
            ask.findings.answers_from, ask.findings.answers_to = since, ask.now
        ask.findings.mark["replies"] = to_iso(ask.now)


def _search(term: str, since: datetime, now: datetime) -> dict[str, Any]:
    return {
        "q": term, "search_type": "RECENT", "search_mode": "KEYWORD", "fields": _FIELDS, "limit": PAGE_SIZE,
        "since": int(since.timestamp()), "until": int(now.timestamp()) + 1,
    }


def _since(ask: Ask, term: str) -> datetime:
    overlap = timedelta(hours=ask.settings.option("overlap_hours", 24.0))
    marked = ask.mark.get(f"term:{term}")
    return from_iso(marked) - overlap if isinstance(marked, str) else (ask.since or ask.now - timedelta(days=56))


def _answers_since(ask: Ask) -> datetime:
    looked = ask.mark.get("replies")
    if not isinstance(looked, str):
        return ask.since or ask.now - timedelta(days=56)
    revisit = ask.now - timedelta(days=ask.settings.option("revisit_days", 14.0))
    return min(revisit, from_iso(looked) - timedelta(days=1))


def _written(post: Mapping[str, Any]) -> datetime | None:
    try:
        return instant(text(post, "timestamp"))
    except ContractError:
        return None  # parse refuses the record


def _post(item: Any, extra: Mapping[str, Any], context: ParseContext) -> Iterator[Mention]:
    post = mapping(item)
    native_id, said, author = identifier(post, "id"), text(post, "text"), text(post, "username")
    official = bool(author) and (author == extra.get("me") or context.brand.is_official(context.source, author))
    if not said and not official:
        return  # a picture, or a repost without a word
    yield Mention(
        source=context.source,
        native_id=native_id,
        kind=Kind.COMMENT if post.get("is_reply") is True else Kind.POST,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        text=context.mask(said) or "[사진]",
        url=text(post, "permalink"),
        thread_native_id=_id_in(post, "root_post") or _id_in(post, "replied_to") or native_id,
        parent_native_id=_id_in(post, "replied_to") or None,
        author_key=None if official else context.author(author or None),
        is_official=official,
        published_at=instant(text(post, "timestamp", required=True)),
    )


def _id_in(post: Mapping[str, Any], name: str) -> str:
    value = post.get(name)
    return identifier(value, "id", required=False) if isinstance(value, Mapping) else ""
