"""Threads: keyword search over public posts, and one's own replies."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.items import Seen
from sandbox.meta_graph import graph_error, graph_page, graph_time, refuse, since_until
from sandbox.words import Query
from sandbox.world import World

TOKEN = "sandbox-threads-token"
UNAPPROVED_TOKEN = "sandbox-threads-unapproved"
ME = "moadam_cs"
_PREFIX = "/threads/v1.0"


class ThreadsServer:
    """`/me`, `/me/replies` and `/keyword_search`; the unapproved token finds only its own posts."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """The three."""
        return [
            Route(f"{_PREFIX}/me", self.me),
            Route(f"{_PREFIX}/me/replies", self.replies),
            Route(f"{_PREFIX}/keyword_search", self.search),
        ]

    async def me(self, request: Request) -> Response:
        """Whose token it is."""
        if (refused := self._refuse(request)) is not None:
            return refused
        return JSONResponse({"id": "9000000001", "username": ME})

    async def replies(self, request: Request) -> Response:
        """What the account answered, newest first."""
        if (refused := self._refuse(request)) is not None:
            return refused
        first, last = since_until(request, self.world.now())
        own = [one for one in self.world.seen("threads") if one.item.author == ME and not one.item.is_root]
        return graph_page(request, [self._post(one) for one in own if first <= one.item.at <= last])

    async def search(self, request: Request) -> Response:
        """Posts and replies that hold the words, newest first."""
        if (refused := self._refuse(request)) is not None:
            return refused
        words = request.query_params.get("q", "").strip()
        if not words or request.query_params.get("search_type", "TOP") not in {"TOP", "RECENT"}:
            return graph_error(100)
        first, last = since_until(request, self.world.now())
        query, only_own = Query.parse(words), self._token(request) == UNAPPROVED_TOKEN
        found = [
            one for one in self.world.seen("threads")
            if first <= one.item.at <= last and query.hits(one.text) and (one.item.author == ME or not only_own)
        ]
        return graph_page(request, [self._post(one) for one in found])

    def _token(self, request: Request) -> str:
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def _refuse(self, request: Request) -> Response | None:
        return None if self._token(request) == UNAPPROVED_TOKEN else refuse(request, TOKEN)

    def _post(self, seen: Seen) -> dict[str, Any]:
        item = seen.item
        row: dict[str, Any] = {
            "id": _id(item.native_id), "text": seen.text, "username": item.author, "media_type": "TEXT_POST",
            "permalink": f"https://www.threads.net/@{item.author}/post/T{item.native_id}",
            "timestamp": graph_time(item.at), "has_replies": bool(self.world.replies(item.key)),
            "is_quote_post": False, "is_reply": not item.is_root,
        }
        if not item.is_root:
            row["root_post"] = {"id": _id(self.world.by_key[item.root].native_id)}
            row["replied_to"] = {"id": _id(self.world.by_key[item.parent].native_id)}
        return row


def _id(native_id: str) -> str:
    return f"1795{native_id}"
