"""One's own Facebook page: its feed, posts that tag it, the comments below both, and the page's replies.

https://developers.facebook.com/docs/graph-api/reference/page/feed; there is no keyword search of public posts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from contracts.clock import from_iso, to_iso
from contracts.errors import ConfigurationError, ContractError, GwidamError
from contracts.mention import Kind, Mention
from listeners import vanished
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.facebook_threads import OlderPosts, ReadThreads, Thread, author_of, parent_of
from listeners.meta import Gone, gone_means_gone, graph_get, graph_pages, plain_id, whole_list
from listeners.times import instant
from listeners.values import identifier, mapping, objects, text, whole
from listeners.vanished import Presence, listed

TOKEN = Credential(
    name="token",
    help="a long-lived page token with pages_read_engagement and pages_read_user_content (docs/sources/facebook.md)",
)
PAGE_SIZE = 100
_POST = (
    "id,message,created_time,updated_time,permalink_url,from{id,name},shares,"
    "comments.filter(stream).limit(0).summary(true),reactions.limit(0).summary(true)"
)
_COMMENT = "id,message,from{id,name},created_time,parent{id},comment_count,like_count,is_hidden,permalink_url"
_LISTS = ("feed", "tagged")


class Facebook(Listener):
    """Posts of the last weeks (option `revisit_days`, 14) with all their comments, at every run.

    Older posts of the feed (`older_days`, 365) are listed once in `open_hours` (24); only those that were commented on
    since then are read again.
    """

    name: ClassVar[str] = "facebook"
    title_ko: ClassVar[str] = "페이스북 페이지"
    title_en: ClassVar[str] = "Facebook page"
    base_url: ClassVar[str] = "https://graph.facebook.com/v26.0"
    shows_answers: ClassVar[bool] = True
    credentials: ClassVar[tuple[Credential, ...]] = (TOKEN,)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Feed and tagged posts, each page after the comments of its posts; what is no longer there; late comments."""
        page_id, since = _page_id(ask), _since(ask)
        read = ReadThreads(ask, page_id)
        posts, comments = Presence(ask, "present_posts"), Presence(ask, "present_comments")
        for name in _LISTS:
            ask.findings.queries.append(f"{page_id}/{name}")
            params = {"fields": _POST, "limit": PAGE_SIZE, "since": int(since.timestamp())}
            for body in graph_pages(ask, self, f"/{page_id}/{name}", params, TOKEN):
                yield from self._with_comments(ask, body, read, posts, comments)
        if whole_list(ask):
            edge = since + timedelta(hours=1)
            yield from posts.gone(edge)
            yield from comments.gone(edge)
            ask.findings.answers_from, ask.findings.answers_to = since, ask.now
        ask.findings.mark["looked_at"] = to_iso(ask.now)
        yield from self._older_posts(ask, read, since)
        yield from self._older_threads(ask, read)

    def check(self, ask: Ask) -> str:
        """Read the newest post of the feed."""
        page_id = _page_id(ask)
        body = graph_get(ask, self, f"/{page_id}/feed", {"fields": "id", "limit": 1}, TOKEN)
        count = len(objects(body, "data", ask.settings.name))
        return f"{ask.settings.name}: page {page_id} can be read" + ("" if count else "; it has no posts")

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A mention a post or comment that has words; the page's own are official."""
        if page.kind == vanished.KIND:
            is_post = page.extra.get("list") == "present_posts"
            yield from vanished.deleted(page, context, Kind.POST if is_post else Kind.COMMENT)
            return
        build = _comment if page.kind == "comments" else _post
        items = objects(page.body, "data", context.source)
        yield from parse_each(items, context, lambda item: build(item, page.extra, context), "data")

    def _with_comments(
        self, ask: Ask, body: Any, read: ReadThreads, posts: Presence, comments: Presence
    ) -> Iterator[Page]:
        """The comments of a page's posts, then the page: a post is called looked at only when its comments were."""
        whole: list[str] = []
        try:
            for post in listed(body, "data"):
                post_id, written = plain_id(post), _written(post, ask.now)
                if not post_id:
                    continue  # parse refuses it
                posts.note(post_id, written)
                thread = Thread(post_id, is_own=author_of(post) == read.page_id)
                if not _has_no_comments(post):
                    yield from self._comments(ask, thread, read.page_id)
                    for comment_id in thread.roots:
                        comments.note(comment_id, written)
                read.note(thread)
                whole.append(post_id)
        except GwidamError:
            yield Page(kind="posts", body=body, extra={"page_id": read.page_id, "read": whole})
            raise
        yield Page(kind="posts", body=body, extra={"page_id": read.page_id, "read": whole})

    def _older_threads(self, ask: Ask, read: ReadThreads) -> Iterator[Page]:
        """Open complaints on posts older than `revisit_days`, once in `open_hours`: late answers and late comments."""
        for thread in read.due():
            yield from self._again(ask, read, thread)

    def _older_posts(self, ask: Ask, read: ReadThreads, before: datetime) -> Iterator[Page]:
        """Posts written `before`, as far back as `older_days`: each that has a comment which is not known yet."""
        older, days = OlderPosts(ask), ask.settings.option("older_days", 365.0)
        since = ask.now - timedelta(days=days)
        if not older.are_due or since >= before:
            return
        params = {
            "fields": _POST, "limit": PAGE_SIZE, "since": int(since.timestamp()), "until": int(before.timestamp()),
        }
        for body in graph_pages(ask, self, f"/{read.page_id}/feed", params, TOKEN):
            for post in listed(body, "data"):
                post_id = plain_id(post)
                if not post_id or post_id in read.posts:
                    continue
                if older.has_changed(post):
                    thread = Thread(post_id, is_own=author_of(post) == read.page_id)
                    yield from self._again(ask, read, thread, commented=not _has_no_comments(post))
                    if post_id in read.posts:  # else it went while it was read
                        extra = {"page_id": read.page_id, "read": [post_id]}
                        yield Page(kind="posts", body={"data": [post]}, extra=extra)
                older.note(post)
        older.end(is_whole=whole_list(ask))

    def _again(self, ask: Ask, read: ReadThreads, thread: Thread, *, commented: bool = True) -> Iterator[Page]:
        """A post's comments as they stand now, and those that have gone since the last look."""
        known = read.comments(thread)
        try:
            if commented:
                yield from self._comments(ask, thread, read.page_id)
        except Gone:
            yield from _gone_pages([thread.post_id], known)
            read.forget(thread)
            return
        yield from _gone_pages([], [one for one in known if one not in thread.roots])
        read.note(thread)

    def _comments(self, ask: Ask, thread: Thread, page_id: str) -> Iterator[Page]:
        params = {"fields": _COMMENT, "filter": "stream", "order": "chronological", "limit": PAGE_SIZE}
        path, meanings = f"/{thread.post_id}/comments", gone_means_gone(ask.settings.name)
        for body in graph_pages(ask, self, path, params, TOKEN, meanings=meanings):
            for comment in listed(body, "data"):
                thread.add(comment, page_id)
            yield Page(
                kind="comments", body=body,
                extra={
                    "page_id": page_id, "post": thread.post_id, "own_post": thread.is_own, "roots": dict(thread.roots)
                },
            )


def _gone_pages(post_ids: list[str], comment_ids: list[str]) -> Iterator[Page]:
    if post_ids:
        yield Page(kind=vanished.KIND, body=post_ids, extra={"list": "present_posts"})
    if comment_ids:
        yield Page(kind=vanished.KIND, body=comment_ids, extra={"list": "present_comments"})


def _page_id(ask: Ask) -> str:
    official = ask.brand.official.get(ask.settings.name, ())
    page_id: str = ask.settings.option("page", official[0] if official else "")
    if not page_id:
        raise ConfigurationError(
            f"{ask.settings.name}: no page is named for {ask.brand.id}; set official.{ask.settings.name} = "
            '["<page id>"] in brands.toml',
            source=ask.settings.name,
        )
    return page_id


def _since(ask: Ask) -> datetime:
    looked = ask.mark.get("looked_at")
    if not isinstance(looked, str):
        return ask.since or ask.now - timedelta(days=56)
    revisit = ask.now - timedelta(days=ask.settings.option("revisit_days", 14.0))
    return min(revisit, from_iso(looked) - timedelta(days=1))


def _written(item: Mapping[str, Any], now: datetime) -> datetime:
    try:
        return instant(text(item, "created_time"))
    except ContractError:
        return now  # parse refuses the record


def _from(item: Mapping[str, Any]) -> str | None:
    """Who wrote it; None where the author has not allowed the page to know."""
    author = item.get("from")
    if not isinstance(author, Mapping):
        return None
    return identifier(author, "id", required=False) or None


def _has_no_comments(post: Mapping[str, Any]) -> bool:
    try:
        return _total(post, "comments") == 0
    except ContractError:
        return False  # parse refuses the post


def _total(item: Mapping[str, Any], name: str) -> int | None:
    """`name.summary.total_count`; None when it is not told."""
    value = item.get(name)
    summary = value.get("summary") if isinstance(value, Mapping) else None
    return whole(summary, "total_count") if isinstance(summary, Mapping) else None


def _post(item: Any, extra: Mapping[str, Any], context: ParseContext) -> Iterator[Mention]:
    post = mapping(item)
    native_id, message = identifier(post, "id"), text(post, "message")
    if not message:
        return  # a picture or a shared link without a word
    author = _from(post)
    official = author is not None and author == extra.get("page_id")
    shares = post.get("shares")
    yield Mention(
        source=context.source,
        native_id=native_id,
        kind=Kind.POST,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        text=context.mask(message),
        url=text(post, "permalink_url"),
        thread_native_id=native_id,
        author_key=None if official else context.author(author),
        is_official=official,
        likes=_total(post, "reactions"),
        replies=_total(post, "comments"),
        shares=whole(shares, "count") if isinstance(shares, Mapping) else None,
        published_at=instant(text(post, "created_time", required=True)),
        answers_checked_at=context.fetched_at if native_id in extra.get("read", ()) and not official else None,
    )


def _comment(item: Any, extra: Mapping[str, Any], context: ParseContext) -> Iterator[Mention]:
    """A comment. Below the page's own post each comment begins a thread of its own: a reply to one answers no other."""
    comment = mapping(item)
    native_id, message, post = identifier(comment, "id"), text(comment, "message"), str(extra.get("post", ""))
    author = _from(comment)
    official = author is not None and author == extra.get("page_id")
    if not message and not official:
        return  # a sticker
    root = str(mapping(extra.get("roots", {})).get(native_id, parent_of(comment) or native_id))
    yield Mention(
        source=context.source,
        native_id=native_id,
        kind=Kind.COMMENT,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        text=context.mask(message) or "[사진 또는 스티커]",
        url=text(comment, "permalink_url"),
        thread_native_id=root if extra.get("own_post") else post or root,
        parent_native_id=parent_of(comment) or post or None,
        author_key=None if official else context.author(author),
        is_official=official,
        likes=whole(comment, "like_count"),
        replies=whole(comment, "comment_count"),
        published_at=instant(text(comment, "created_time", required=True)),
        answers_checked_at=None if official else context.fetched_at,
    )
