"""The shop's own community and shop pages, as gnuboard5 serves them: lists, views, RSS, product Q&A, reviews."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.board_pages import alert, board_list, board_view, rss, shop_questions, shop_reviews
from sandbox.clock import KST
from sandbox.items import Seen
from sandbox.world import World

ROWS = 15
SHOP_ROWS = 10
ROBOTS = """User-agent: *
Crawl-delay: 0.02
Disallow: /board/adm/
Disallow: /board/staff
Disallow: /board/*bo_table=staff
Disallow: /board/bbs/login.php
Disallow: /board/bbs/register.php
Disallow: /board/bbs/search.php
"""
_GONE = "글이 존재하지 않습니다.\n\n글이 삭제되었거나 이동된 경우입니다."
_SECRET = "비밀글은 글쓴이와 관리자만 볼 수 있습니다."


class BoardServer:
    """Site root `/board`; both the short addresses (/board/free/123) and the long ones answer."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.boards: Mapping[str, Mapping[str, Any]] = world.shop["boards"]

    def routes(self) -> list[Route]:
        """The most special paths first: `/board/{table}` would swallow them."""
        return [
            Route("/robots.txt", self.robots),
            Route("/board/bbs/board.php", self.long_address),
            Route("/board/bbs/rss.php", self.rss),
            Route("/board/bbs/login.php", self.login),
            Route("/board/shop/itemqa.php", self.questions),
            Route("/board/shop/itemqalist.php", self.questions),
            Route("/board/shop/itemuse.php", self.reviews),
            Route("/board/shop/itemuselist.php", self.reviews),
            Route("/board", self.front),
            Route("/board/", self.front),
            Route("/board/{table}", self.short_list),
            Route("/board/{table}/{wr_id:int}", self.short_view),
        ]

    async def robots(self, request: Request) -> Response:
        """What crawlers may do here."""
        return PlainTextResponse(ROBOTS)

    async def front(self, request: Request) -> Response:
        """The front page is the free board."""
        return RedirectResponse("/board/free")

    async def login(self, request: Request) -> Response:
        """Nothing for a crawler."""
        return alert("회원만 이용할 수 있습니다.")

    async def long_address(self, request: Request) -> Response:
        """`board.php?bo_table=free[&wr_id=123][&page=2]`."""
        table, wr_id = request.query_params.get("bo_table", ""), request.query_params.get("wr_id", "")
        return self._view(request, table, wr_id) if wr_id else self._list(request, table)

    async def short_list(self, request: Request) -> Response:
        """`/board/free?page=2`."""
        return self._list(request, request.path_params["table"])

    async def short_view(self, request: Request) -> Response:
        """`/board/free/123`."""
        return self._view(request, request.path_params["table"], str(request.path_params["wr_id"]))

    async def rss(self, request: Request) -> Response:
        """The newest posts that are not secret, where the board's owner has switched RSS on."""
        table = request.query_params.get("bo_table", "")
        if table not in self.boards:
            return alert("존재하지 않는 게시판입니다.")
        if not self.boards[table]["rss"]:
            return HTMLResponse("RSS 보기가 금지되어 있습니다.")
        posts = [seen for seen in self._posts(table) if "secret" not in seen.item.extra][:ROWS]
        text = rss(_root(request), self.world.shop["name"], table, self.boards[table]["title"], posts)
        return Response(text, media_type="text/xml")

    async def questions(self, request: Request) -> Response:
        """Product Q&A of one product (`it_id=`) or of all."""
        return self._shop(request, "question", shop_questions)

    async def reviews(self, request: Request) -> Response:
        """Product reviews of one product (`it_id=`) or of all."""
        return self._shop(request, "review", shop_reviews)

    def _posts(self, table: str) -> list[Seen]:
        return [seen for seen in self.world.seen("board") if seen.item.place == table and seen.item.is_root]

    def _list(self, request: Request, table: str) -> Response:
        if table not in self.boards:
            return alert("존재하지 않는 게시판입니다.")
        posts = self._posts(table)
        if words := request.query_params.get("stx", "").strip():
            posts = [seen for seen in posts if _matches(seen, words, request.query_params.get("sfl", "wr_subject"))]
        page = _page_number(request)
        notices = [seen for seen in posts if "notice" in seen.item.extra]
        ordinary = [seen for seen in posts if "notice" not in seen.item.extra]
        shown = ordinary[(page - 1) * ROWS : page * ROWS]
        top = notices if page == 1 and not words else []
        rows = [self._row(seen, 0) for seen in top]
        rows += [self._row(seen, len(ordinary) - (page - 1) * ROWS - at) for at, seen in enumerate(shown)]
        html = board_list(
            root=_root(request), table=table, board=self.boards[table], rows=rows, total=len(ordinary), page=page,
            pages=max(1, -(-len(ordinary) // ROWS)), now=self.world.now(),
        )
        today = self.world.now().astimezone(KST).replace(hour=0, minute=0, second=0, microsecond=0)
        return _conditional(request, html, max([today, *(self._changed(seen) for seen in [*top, *shown])]))

    def _row(self, seen: Seen, number: int) -> dict[str, Any]:
        return {"seen": seen, "number": number, "comments": len(self.world.thread(seen.item.key))}

    def _view(self, request: Request, table: str, wr_id: str) -> Response:
        if table not in self.boards:
            return alert("존재하지 않는 게시판입니다.")
        for seen in self._posts(table):
            if seen.item.native_id == wr_id:
                break
        else:
            return alert(_GONE)
        if "secret" in seen.item.extra:
            return alert(_SECRET)
        html = board_view(
            root=_root(request), table=table, board=self.boards[table], seen=seen,
            comments=self.world.thread(seen.item.key),
        )
        return _conditional(request, html, self._changed(seen))

    def _changed(self, seen: Seen) -> datetime:
        return max([seen.changed_at, *(one.changed_at for one in self.world.thread(seen.item.key))])

    def _shop(self, request: Request, kind: str, page_of: Any) -> Response:
        product = request.query_params.get("it_id", "")
        products: Mapping[str, Mapping[str, Any]] = self.world.shop["products"]
        if product and product not in products:
            return alert("자료가 없습니다.")
        found = [
            seen for seen in self.world.seen("shop")
            if seen.item.is_root and seen.item.extra["kind"] == kind and product in ("", seen.item.place)
        ]
        page = _page_number(request)
        shown = found[(page - 1) * SHOP_ROWS : page * SHOP_ROWS]
        html: str = page_of(
            root=_root(request), path=request.url.path, product=product, products=products, total=len(found),
            rows=[{"seen": seen, "answers": self.world.replies(seen.item.key)} for seen in shown], page=page,
            pages=max(1, -(-len(found) // SHOP_ROWS)), shop=self.world.shop,
        )
        changes = [seen.changed_at for one in shown for seen in (one, *self.world.replies(one.item.key))]
        return _conditional(request, html, max(changes, default=self.world.anchor))


def _root(request: Request) -> str:
    return str(request.base_url).rstrip("/") + "/board"


def _page_number(request: Request) -> int:
    text = request.query_params.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() else 1


def _matches(seen: Seen, words: str, where: str) -> bool:
    fields = {"wr_subject": seen.title, "wr_content": seen.text, "wr_subject||wr_content": f"{seen.title}\n{seen.text}"}
    return all(word in fields.get(where, seen.title) for word in words.split())


def _conditional(request: Request, html: str, changed: datetime) -> Response:
    """200 with ETag and Last-Modified, or 304 when the client has this page."""
    etag = f'"{hashlib.sha256(html.encode("utf-8", "surrogatepass")).hexdigest()[:20]}"'
    headers = {"ETag": etag, "Last-Modified": format_datetime(changed.astimezone(UTC), usegmt=True)}
    given = request.headers.get("if-none-match")
    if given is not None:
        same = etag in (one.strip().removeprefix("W/") for one in given.split(","))
    else:
        same = _not_since(request.headers.get("if-modified-since"), changed)
    return Response(status_code=304, headers=headers) if same else HTMLResponse(html, headers=headers)


def _not_since(given: str | None, changed: datetime) -> bool:
    try:
        return given is not None and changed.replace(microsecond=0) <= parsedate_to_datetime(given)
    except (TypeError, ValueError):
        return False
