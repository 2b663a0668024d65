"""Boards in HTML (gnuboard5, Rhymix, Cafe24 skins) and gnuboard5's shop pages; never logs in, obeys robots.txt.

A list gives the numbers of posts, each post's page its exact time and its comments: the shop's own comment
is the answer. Threads without one are looked at again for `open_days`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from contracts.errors import ConfigurationError, ContractError, Forbidden, SourceChanged, SourceUnavailable
from contracts.mention import Kind, Mention
from listeners.board_pages import Comment, ListRow, Refusal, View, read_list, read_view
from listeners.board_rss import feed_rows
from listeners.board_skins import skin_of
from listeners.board_threads import Threads
from listeners.contract import Ask, Listener, Page, ParseContext, Refused, WatchedBrand
from listeners.gnuboard_shop import parse_shop, shop_pages
from listeners.http import Answer
from listeners.robots import Robots
from listeners.times import When

_GONE = (404, 410)
_BAD_VIEWS = 5


class Board(Listener):
    """The boards named by the option `boards` of one site, in the look named by `preset`.

    With `own` (the default) every post concerns the brand; on somebody else's site set it to false: then
    only threads that name the brand are taken.
    """

    name: ClassVar[str] = "board"
    title_ko: ClassVar[str] = "게시판"
    title_en: ClassVar[str] = "Boards"
    shows_answers: ClassVar[bool] = True
    crawls: ClassVar[bool] = True

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """New posts oldest first, then known threads that may have been answered, then the shop's pages."""
        site = _Site(ask)
        closed: list[Forbidden] = []
        for board in site.boards:
            ask.findings.queries.append(board)
            try:
                yield from site.posts(board)
            except Forbidden as error:  # one closed board keeps nobody from reading the others
                closed.append(error)
                ask.findings.lack("robots" if "robots.txt" in error.message else "forbidden", error.message)
        yield from shop_pages(ask, site.get)
        if len(closed) == len(site.boards):
            raise closed[0]

    def check(self, ask: Ask) -> str:
        """Read the first page of the first board, and count its posts."""
        site = _Site(ask)
        rows = read_list(site.list_page(site.boards[0], 1).text, site.skin, ask.now, ask.settings.name).rows
        return f"{ask.settings.name}: {site.boards[0]} can be read; {len(rows)} posts on its first page"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A post and its comments; what has gone since the last look; the shop's questions and reviews."""
        if page.kind in {"questions", "reviews"}:
            yield from parse_shop(page, context)
        elif page.kind == "gone":
            yield from (_gone(native_id, context) for native_id in page.extra["native_ids"])
        else:
            try:
                found = list(_thread(page, context))
            except ContractError as error:
                yield context.refused(error, "", f"{page.extra.get('board')}/{page.extra.get('id')}")
                return
            yield from found


class _Site:
    """One site in one run: its addresses, its robots.txt, what is known of its boards."""

    def __init__(self, ask: Ask) -> None:
        settings = ask.settings
        if not settings.base_url:
            raise ConfigurationError(f"{settings.name}: set base_url to the board's site", source=settings.name)
        self.ask = ask
        self.boards: tuple[str, ...] = settings.option("boards", ())
        if not self.boards:
            raise ConfigurationError(f'{settings.name}: set the option boards = ["free", …]', source=settings.name)
        self.skin = skin_of(settings.option("preset", "gnuboard5"), settings.option("selectors", {}), settings.name)
        self.robots = Robots(ask.client)
        if "pause_seconds" not in settings.options:
            ask.client.pause_at_least(1.0)
        self.since = ask.since or ask.now - timedelta(days=56)
        self.bad_views = 0

    def get(self, path: str, *, accept: tuple[int, ...] = (), headers: dict[str, str] | None = None) -> Answer:
        """A page of the site, if its robots.txt allows it."""
        url = f"{self.ask.settings.base_url.rstrip('/')}/{path}"
        self.robots.require(url)
        answer = self.ask.client.get(url, accept=accept, headers=headers, follow=True)
        page = answer.body.lower()
        if b"<html" in page and b"</html" not in page:
            name = self.ask.settings.name
            raise SourceUnavailable(f"{name}: {path.partition('?')[0]} broke off; it will be asked again", source=name)
        return answer

    def list_page(self, board: str, page: int) -> Answer:
        """One page of a board."""
        return self.get(self.skin.list_path.format(board=quote(board, safe="/"), page=page))

    def posts(self, board: str) -> Iterator[Page]:
        """The threads of a board that are new, changed, or due for another look."""
        threads = Threads(self.ask.findings.mark, board)
        read: set[str] = set()
        for row in reversed(self._fresh_rows(board, threads)):
            read.add(row.id)
            if row.is_secret:
                self.ask.findings.skipped["secret"] += 1
                threads.note(row.id, now=self.ask.now, state="other", comments=row.comments, ids=[])
            else:
                yield from self._view(board, row.id, threads, row.comments)
        for post_id in threads.due(self.ask.now, open_days=self.ask.settings.option("open_days", 14.0)):
            if post_id not in read:
                yield from self._view(board, post_id, threads, None)

    def _fresh_rows(self, board: str, threads: Threads) -> list[ListRow]:
        """Rows of new and changed posts, newest first: from the feed when it reaches back far enough, else lists."""
        if self.ask.settings.option("rss", False) and self.skin.rss_path:
            path = self.skin.rss_path.format(board=quote(board, safe=""))
            rows = feed_rows(self.ask, board, lambda headers: self.get(path, headers=headers, accept=(304,)), self.skin)
            if rows is not None and (not rows or any(threads.is_known(row.id) for row in rows)):
                return [row for row in rows if not threads.is_known(row.id)]
        return self._listed(board, threads)

    def _listed(self, board: str, threads: Threads) -> list[ListRow]:
        """Rows of new and changed posts out of the lists, down to known posts, to `since`, or to the last page."""
        fresh: dict[str, ListRow] = {}
        before: set[str] = set()
        name, most = self.ask.settings.name, self.ask.settings.option("max_pages", 40)
        for number in range(1, most + 1):
            page = read_list(self.list_page(board, number).text, self.skin, self.ask.now, name)
            posts = [row for row in page.rows if not row.is_notice]
            taken = [row for row in page.rows if row.is_notice or not _is_before(row.written, self.since)]
            fresh |= {row.id: row for row in taken if threads.has_changed(row.id, row.comments)}
            if posts and before.issuperset(row.id for row in posts) and number < page.last:
                self.ask.findings.lack("repeated", f"{name}: {board} gave a page twice; the rest stays to be read")
                threads.is_unfinished = True
                return list(fresh.values())
            old = all(row.is_notice for row in taken)
            ended = before.issuperset(row.id for row in posts) or old or number >= page.last > 0
            known = all(threads.is_known(row.id) for row in posts)
            if ended or (known and not threads.is_unfinished):
                threads.is_unfinished = False
                return list(fresh.values())
            before |= {row.id for row in posts}
        self.ask.findings.cap_hit = True
        self.ask.findings.lack("cap", f"{name}: {board} has more than {most} new pages (option max_pages)")
        return list(fresh.values())

    def _view(self, board: str, post_id: str, threads: Threads, comments: int | None) -> Iterator[Page]:
        answer = self.get(self.skin.view_path.format(board=quote(board, safe="/"), id=post_id), accept=_GONE)
        seen, text = threads.comments(post_id), answer.text
        extra = {"board": board, "id": post_id, "comments": seen}
        found = Refusal(is_gone=True) if answer.status in _GONE else self._read(text)
        if isinstance(found, Refusal):
            yield from self._refused(found, board, post_id, threads, seen, comments)
            return
        yield Page(kind="view", body=text, url=answer.url, extra=extra)
        if found is None:
            threads.note(post_id, now=self.ask.now, state="other", comments=comments or 0, ids=[])
            return
        state = _state(found, self.ask.brand, self.ask.settings.name, own=self.ask.settings.option("own", True))
        ids = [comment.id for comment in found.comments] if state != "other" else []
        threads.note(post_id, now=self.ask.now, state=state, comments=len(found.comments), ids=ids)

    def _refused(
        self,
        found: Refusal,
        board: str,
        post_id: str,
        threads: Threads,
        seen: list[str],
        comments: int | None,
    ) -> Iterator[Page]:
        if not found.is_gone:
            self.ask.findings.skipped["closed"] += 1
            threads.note(post_id, now=self.ask.now, state="other", comments=comments or 0, ids=[])
        elif threads.is_known(post_id):
            gone = [f"{board}/{post_id}", *(f"{board}/{post_id}#c{comment}" for comment in seen)]
            yield Page(kind="gone", body="", extra={"native_ids": gone})
            threads.forget(post_id)

    def _read(self, text: str) -> View | Refusal | None:
        """The post; None for a page that parse will refuse. Several in a row mean that the skin has changed."""
        try:
            found = read_view(text, self.skin, self.ask.now)
        except ContractError as error:
            self.bad_views += 1
            if self.bad_views >= _BAD_VIEWS:
                name = self.ask.settings.name
                raise SourceChanged(
                    f"{name}: {_BAD_VIEWS} posts in a row cannot be read ({error.message}); mend the selectors",
                    source=name,
                ) from error
            return None
        self.bad_views = 0
        return found


def _is_before(written: When | None, since: Any) -> bool:
    if written is None:
        return False
    end = written.at or written.bounds[1]
    return end is not None and end <= since


def _is_official(brand: WatchedBrand, source: str, one: View | Comment) -> bool:
    return one.is_member and brand.is_official(source, one.author)


def _concerns(view: View, brand: WatchedBrand, own: bool) -> bool:
    return own or brand.is_named_in(view.title, view.text)


def _state(view: View, brand: WatchedBrand, source: str, *, own: bool) -> str:
    named = _concerns(view, brand, own) or any(brand.is_named_in(comment.text) for comment in view.comments)
    if not named:
        return "other"
    if _is_official(brand, source, view):
        return "answered"
    return "answered" if any(_is_official(brand, source, comment) for comment in view.comments) else "open"


def _thread(page: Page, context: ParseContext) -> Iterator[Mention]:
    """The post and its comments as mentions; on somebody else's site only what concerns the brand."""
    settings = context.settings
    skin = skin_of(settings.option("preset", "gnuboard5"), settings.option("selectors", {}), context.source)
    view = read_view(page.body if isinstance(page.body, str) else "", skin, context.fetched_at)
    if isinstance(view, Refusal):
        return
    board, post_id = str(page.extra.get("board", "")), str(page.extra.get("id", ""))
    root = f"{board}/{post_id}"
    whole = _concerns(view, context.brand, settings.option("own", True))
    if whole:
        yield _post(view, root, page, context)
    parents: list[str] = []
    for comment in view.comments:
        native_id = f"{root}#c{comment.id}"
        del parents[comment.depth :]
        parent = parents[-1] if parents else root
        parents += [native_id] * (comment.depth + 1 - len(parents))
        taken = whole or context.brand.is_named_in(comment.text) or _is_official(context.brand, context.source, comment)
        if taken and comment.text and not comment.is_secret:
            yield _comment(comment, native_id, root, parent, page, context)
    there = {comment.id for comment in view.comments}
    yield from (_gone(f"{root}#c{c}", context) for c in page.extra.get("comments", ()) if c not in there)


def _post(view: View, root: str, page: Page, context: ParseContext) -> Mention:
    not_before, not_after = view.written.bounds
    return Mention(
        source=context.source,
        native_id=root,
        kind=Kind.POST,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        title=context.mask(view.title),
        text=context.mask(view.text),
        url=page.url,
        thread_native_id=root,
        author_key=context.author(view.author),
        is_official=_is_official(context.brand, context.source, view),
        likes=view.likes,
        replies=len(view.comments),
        views=view.views,
        published_at=view.written.at,
        not_before=not_before,
        not_after=not_after,
        answers_checked_at=context.fetched_at,
        place=_place(page, context),
    )


def _comment(comment: Comment, native_id: str, root: str, parent: str, page: Page, context: ParseContext) -> Mention:
    not_before, not_after = comment.written.bounds
    return Mention(
        source=context.source,
        native_id=native_id,
        kind=Kind.COMMENT,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        text=context.mask(comment.text),
        url=f"{page.url}#c_{comment.id}" if page.url else "",
        thread_native_id=root,
        parent_native_id=parent,
        author_key=context.author(comment.author),
        is_official=_is_official(context.brand, context.source, comment),
        published_at=comment.written.at,
        not_before=not_before,
        not_after=not_after,
        answers_checked_at=context.fetched_at,
        place=_place(page, context),
    )


def _gone(native_id: str, context: ParseContext) -> Mention:
    return Mention(
        source=context.source, native_id=native_id, kind=Kind.COMMENT if "#c" in native_id else Kind.POST,
        brands=(context.brand.id,), fetched_at=context.fetched_at, deleted_at=context.fetched_at,
    )


def _place(page: Page, context: ParseContext) -> str:
    """The board's name as people know it: the option `names` ({free = "자유게시판"}), else its id."""
    board = str(page.extra.get("board", ""))
    names: dict[str, Any] = context.settings.option("names", {})
    return str(names.get(board, board))
