"""X: posts that name the brand (recent search, mentions) and the brand's own timeline, which holds its answers.

X bills each post read, so the timeline answers "who was answered?" ten times cheaper than a search a thread.
Recent search reaches back seven days. https://docs.x.com/x-api
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.times import instant
from listeners.values import identifier, mapping, objects, text, whole
from listeners.x_client import XApi, queries
from listeners.x_streams import Streams, made_at, means_gone, post_ids

_BEARER = Credential(name="bearer", help="the app's Bearer Token from the X developer console (Keys and tokens)")


class X(Listener):
    """Search by the brand's terms, plus timeline and mentions of the handles in the brand's official.x."""

    name: ClassVar[str] = "x"
    title_ko: ClassVar[str] = "X(트위터)"
    title_en: ClassVar[str] = "X"
    base_url: ClassVar[str] = "https://api.x.com"
    shows_answers: ClassVar[bool] = True
    credentials: ClassVar[tuple[Credential, ...]] = (_BEARER,)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Timelines first (the answers), then mentions, searches, and a second look at recent posts.

        Each stream is read down to its newest post of the last run less an overlap. A stream that breaks
        off leaves a gap in the mark, which the next run reads first: a busy hour loses nothing.
        """
        run = Streams(ask, self._api(ask))
        handles = ask.brand.official.get(ask.settings.name, ())
        official = [run.user_id(handle) for handle in handles]
        extra = {"official_ids": official}
        for user_id in official:
            page = Page(kind="timeline", body=None, extra=extra)
            yield from run.stream(f"timeline {user_id}", page, run.api.timeline, user_id)
        run.note_answers(official)
        for user_id in official:
            page = Page(kind="mentions", body=None, extra=extra)
            yield from run.stream(f"mentions {user_id}", page, run.api.mentions, user_id)
        for query in _queries(ask):
            ask.findings.queries.append(query)
            page = Page(kind="search", body=None, extra={**extra, "query": query})
            yield from run.stream(f"search {query}", page, run.api.search, query)
        yield from run.second_look(Page(kind="lookup", body=None, extra=extra))

    def check(self, ask: Ask) -> str:
        """Search for one page, the least that X allows to ask for."""
        query = _queries(ask)[0]
        body = self._api(ask).search(query, max_results=10)
        return f"{ask.settings.name}: the key works; {len(body.get('data') or [])} recent posts for {query}"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A mention each post; for a lookup also one for each post that is gone."""
        items = objects(page.body, "data", context.source, required=False)
        official = {str(user_id) for user_id in page.extra.get("official_ids", ())}
        yield from parse_each(items, context, lambda item: _post(item, page, official, context), "data")
        if page.kind == "lookup":
            gone = objects(page.body, "errors", context.source, required=False)
            yield from parse_each(gone, context, lambda item: _gone(item, page, context), "errors")

    def _api(self, ask: Ask) -> XApi:
        base = ask.settings.base_url or self.base_url
        return XApi(ask.client, bearer=ask.settings.credential(_BEARER), base_url=base)


def _queries(ask: Ask) -> list[str]:
    return queries(
        ask.brand,
        handles=ask.brand.official.get(ask.settings.name, ()),
        languages=ask.settings.option("languages", ()),
        reshares=ask.settings.option("reshares", False),
    )


def _post(item: Any, page: Page, official: set[str], context: ParseContext) -> Iterator[Mention]:
    post = mapping(item)
    post_id, history = post_ids(post)
    if post_id != history[-1]:
        return  # an old version; the newest is read by its own id
    instant(text(post, "created_at", required=True))
    author = identifier(post, "author_id", required=False)
    references = _references(post)
    note = post.get("note_tweet")
    said = text(note, "text") if isinstance(note, Mapping) else ""
    metrics = post.get("public_metrics")
    metrics = metrics if isinstance(metrics, Mapping) else {}
    is_official = page.kind == "timeline" or author in official
    yield Mention(
        source=context.source,
        native_id=history[0],
        kind=Kind.RESHARE if "retweeted" in references else Kind.COMMENT if "replied_to" in references else Kind.POST,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        text=context.mask(html.unescape(said or text(post, "text", required=True))),
        url=f"https://x.com/i/status/{post_id}",
        thread_native_id=identifier(post, "conversation_id", required=False) or history[0],
        parent_native_id=references.get("replied_to"),
        reshare_of_native_id=references.get("retweeted"),
        author_key=context.author(author),
        is_official=is_official,
        likes=whole(metrics, "like_count"),
        replies=whole(metrics, "reply_count"),
        shares=whole(metrics, "retweet_count"),
        views=whole(metrics, "impression_count"),
        published_at=made_at(post, history[0]),
    )


def _references(post: Mapping[str, Any]) -> dict[str, str]:
    listed = post.get("referenced_tweets")
    found: dict[str, str] = {}
    for reference in listed if isinstance(listed, list) else []:
        named = mapping(reference, "referenced_tweets")
        found[identifier(named, "type")] = identifier(named, "id")
    return found


def _gone(item: Any, page: Page, context: ParseContext) -> Iterator[Mention]:
    error = mapping(item)
    asked: Mapping[str, str] = page.extra.get("native_ids", {})
    native_id = asked.get(identifier(error, "resource_id"))
    if native_id is None or not means_gone(error):
        return
    yield Mention(
        source=context.source, native_id=native_id, kind=Kind.POST, brands=(context.brand.id,),
        fetched_at=context.fetched_at, deleted_at=context.fetched_at,
    )
