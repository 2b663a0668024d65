"""Cafe24's Admin API: boards with their articles and comments, OAuth tokens that are renewed, a leaky bucket."""

from __future__ import annotations

import base64
import hashlib
import html
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import KST
from sandbox.items import Item, Seen, look
from sandbox.leaky_bucket import CallLimits
from sandbox.world import World

CLIENT_ID = "sandboxcafe24client001"
CLIENT_SECRET = "sandboxcafe24secret001"
TOKEN = "sandbox-cafe24-token"
REFRESH_TOKEN = "sandbox-cafe24-refresh-0"
MALL = "moadam"
BOARDS = {"4": "상품 사용후기", "6": "상품 Q&A", "9": "1:1 맞춤상담"}
_TYPES = {"4": 5, "6": 6, "9": 7}
MOST = 100
LAST_OFFSET = 8_000
LIVES = timedelta(hours=2)
REFRESH_LIVES = timedelta(days=14)
_SOURCE = "cafe24"
_COMMENTED = "4"  # the reviews, whose answers are comments; the other boards' answers are articles


class Cafe24Server:
    """`/api/v2/oauth/token`, `/api/v2/admin/boards`, their `/{board}/articles` and the articles' `/comments`.

    TOKEN opens the boards always; a renewed one for two hours. Each renewal ends the refresh token it was made with.
    `clock` (seconds) drives the bucket alone.
    """

    def __init__(self, world: World, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.world = world
        self.limits = CallLimits(clock)
        self.renewals = 0
        self.refresh_token = REFRESH_TOKEN
        self.good_until: dict[str, datetime] = {}

    def routes(self) -> list[Route]:
        """The token and the three lists."""
        boards = "/cafe24/api/v2/admin/boards"
        articles = boards + "/{board}/articles"
        return [
            Route("/cafe24/api/v2/oauth/token", self.token, methods=["POST"]), Route(boards, self.boards),
            Route(articles, self.articles), Route(articles + "/{article}/comments", self.comments),
        ]

    async def token(self, request: Request) -> Response:
        """A new pair of tokens for the newest refresh token; times without an offset, in Seoul."""
        given = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization", "") != f"Basic {wanted}":
            return _oauth_error(401, "invalid_client", "The client credentials are invalid")
        if given.get("grant_type") != "refresh_token":
            return _oauth_error(400, "unsupported_grant_type", "The grant type is not supported")
        if given.get("refresh_token") != self.refresh_token:
            return _oauth_error(400, "invalid_grant", "Invalid refresh_token")
        self.renewals += 1
        self.refresh_token = f"{REFRESH_TOKEN[:-1]}{self.renewals}"
        now, access = self.world.now(), f"{TOKEN}-{self.renewals}"
        self.good_until[access] = now + LIVES
        return JSONResponse({
            "access_token": access, "expires_at": _in_seoul(now + LIVES), "refresh_token": self.refresh_token,
            "refresh_token_expires_at": _in_seoul(now + REFRESH_LIVES), "client_id": CLIENT_ID, "mall_id": MALL,
            "user_id": MALL, "scopes": ["mall.read_community"], "issued_at": _in_seoul(now), "shop_no": "1",
        })

    async def boards(self, request: Request) -> Response:
        """The mall's boards with their names."""
        if (refused := self._refuse(request)) is not None:
            return refused
        rows = [
            {"shop_no": 1, "board_no": int(number), "board_type": _TYPES[number], "board_name": name, "use_board": "T"}
            for number, name in BOARDS.items()
        ]
        return JSONResponse({"boards": rows}, headers=self.limits.headers())

    async def articles(self, request: Request) -> Response:
        """Articles written on the days between start_date and end_date, the newest first, deleted ones marked so."""
        board = request.path_params["board"]
        if (refused := self._refuse(request)) is not None:
            return refused
        try:
            first, last = _days(request)
            offset, limit = _paging(request)
        except ValueError:
            return self._error(422, "An invalid request is entered.")
        found = [
            (item, seen) for item, seen in self._written(board)
            if first <= item.at.astimezone(KST).date() <= last and (item.is_root or board != _COMMENTED)
        ]
        shown = [self._article(item, seen) for item, seen in found[offset : offset + limit]]
        return JSONResponse({"articles": shown}, headers=self.limits.headers())

    async def comments(self, request: Request) -> Response:
        """What was said below a review, the oldest first."""
        board, number = request.path_params["board"], request.path_params["article"]
        if (refused := self._refuse(request)) is not None:
            return refused
        try:
            offset, limit = _paging(request)
        except ValueError:
            return self._error(422, "An invalid request is entered.")
        for item, _ in self._written(board):
            if item.native_id == number and item.is_root:
                below = self.world.thread(item.key) if board == _COMMENTED else []
                shown = [self._comment(seen) for seen in below[offset : offset + limit]]
                return JSONResponse({"comments": shown}, headers=self.limits.headers())
        return self._error(404, "The article does not exist.")

    def _refuse(self, request: Request) -> Response | None:
        """Bucket, then token, then board."""
        if not self.limits.take():
            return self._error(429, "Too Many Requests")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != TOKEN and token not in self.good_until:
            return self._error(401, "The access_token is invalid. (invalid_token)")
        if token != TOKEN and self.good_until[token] <= self.world.now():
            return self._error(401, "access_token time expired. (invalid_token)")
        if request.path_params.get("board", "4") not in BOARDS:
            return self._error(404, "The board does not exist.")
        return None

    def _error(self, status: int, message: str) -> Response:
        error = {"code": status, "message": message, "more_info": {}}
        return JSONResponse({"error": error}, status_code=status, headers=self.limits.headers())

    def _written(self, board: str) -> list[tuple[Item, Seen]]:
        """Every item of a board, as it looks now or looked before it was deleted, the newest first."""
        now, found = self.world.now(), []
        for item in self.world.items(_SOURCE):
            last_there = item.deleted_at - timedelta(seconds=1) if item.deleted_at else now
            seen = look(item, min(now, last_there))
            if seen is not None and item.place == board:
                found.append((item, seen))
        return found[::-1]

    def _article(self, item: Item, seen: Seen) -> dict[str, Any]:
        """An article; an answer names the article it answers, any other one names itself as its parent."""
        answered = not item.is_root or any(one.item.official for one in self.world.replies(item.key))
        is_question = item.is_root and item.place != _COMMENTED
        status = "C" if answered else item.extra.get("status", "N")
        title = seen.title if item.is_root else f"Re: {self.world.by_key[item.root].title}"
        return self._row(item, seen) | {
            "article_no": int(item.native_id), "parent_article_no": int(self.world.by_key[item.root].native_id),
            "product_no": int(item.extra.get("product", "M0")[1:]), "reply_sequence": 1,
            "reply_depth": 0 if item.is_root else 1, "title": title, "supplier_id": "", "nick_name": "",
            "rating": seen.rating or 0, "reply_mail": "N", "display": "T", "notice": "F", "fixed": "F",
            "deleted": "F" if self.world.look(item.key) else "T", "order_id": item.extra.get("order", ""),
            "attach_file_urls": [], "hit": seen.views, "reply_status": status if is_question else None,
            "reply": "T" if is_question and item.place == "9" and answered else "F",
            "reply_user_id": MALL if is_question and answered else "",
        }

    def _comment(self, seen: Seen) -> dict[str, Any]:
        item = seen.item
        parent = self.world.by_key[item.parent]
        return self._row(item, seen) | {
            "article_no": int(self.world.by_key[item.root].native_id), "comment_no": int(item.native_id),
            "parent_comment_no": None if parent.is_root else int(parent.native_id), "rating": None,
            "attach_file_urls": [],
        }

    def _row(self, item: Item, seen: Seen) -> dict[str, Any]:
        """What articles and comments share. The mall's own account writes under the shop's name."""
        paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in seen.text.split("\n"))
        member = MALL if item.official else f"m{hashlib.sha256(item.author.encode()).hexdigest()[:8]}"
        return {
            "shop_no": 1, "board_no": int(item.place), "content": paragraphs,
            "created_date": item.at.astimezone(KST).isoformat(timespec="seconds"),
            "writer": self.world.shop["name"] if item.official else item.author, "member_id": member,
            "writer_email": f"{member}@sandbox.example", "client_ip": "203.0.113.24",
            "secret": item.extra.get("secret", "F"), "input_channel": "M",
        }


def _days(request: Request) -> tuple[date, date]:
    """Both days, at most a year apart; all days without them. Raises ValueError."""
    given = request.query_params
    if "start_date" not in given and "end_date" not in given:
        return date.min, date.max
    first, last = date.fromisoformat(given.get("start_date", "")), date.fromisoformat(given.get("end_date", ""))
    if not timedelta(0) <= last - first <= timedelta(days=366):
        raise ValueError("the days")
    return first, last


def _paging(request: Request) -> tuple[int, int]:
    offset, limit = int(request.query_params.get("offset", "0")), int(request.query_params.get("limit", "10"))
    if not 0 <= offset <= LAST_OFFSET or not 1 <= limit <= MOST:
        raise ValueError("the paging")
    return offset, limit


def _oauth_error(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=status)


def _in_seoul(at: datetime) -> str:
    return f"{at.astimezone(KST):%Y-%m-%dT%H:%M:%S}.000"
