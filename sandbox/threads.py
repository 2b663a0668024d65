"""Threads: keyword search over public posts, one's own replies, and posts by id."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.items import Seen
from sandbox.meta_graph import (
    graph_error,
    graph_object,
    graph_page,
    graph_time,
    no_such_object,
    refuse,
    since_until,
)
from sandbox.words import Query
from sandbox.world import World

TOKEN = "sandbox-threads-token"
UNAPPROVED_TOKEN = "sandbox-threads-unapproved"
ME = "moadam_cs"
_PREFIX = "/threads/v1.0"


class ThreadsServer:
    """`/me`, `/me/replies`, `/keyword_search` and `/{post}`; the unapproved token finds only its own posts."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """The four; a post's id is read last, since it stands where /me does."""
        return [
            Route(f"{_PREFIX}/me", self.me),
            Route(f"{_PREFIX}/me/replies", self.replies),
            Route(f"{_PREFIX}/keyword_search", self.search),
            Route(f"{_PREFIX}/{{post}}", self.by_id),
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
        query = Query.parse(words)
        found = [one for one in self._open_to(request) if first <= one.item.at <= last and query.hits(one.text)]
        return graph_page(request, [self._post(one) for one in found])

    async def by_id(self, request: Request) -> Response:
        """A post that the search could find; any other, and a deleted one, are refused in the same words."""
        if (refused := self._refuse(request)) is not None:
            return refused
        wanted = request.path_params["post"]
        found = next((one for one in self._open_to(request) if _id(one.item.native_id) == wanted), None)
        return graph_object(request, self._post(found)) if found else no_such_object(wanted)

    def _open_to(self, request: Request) -> list[Seen]:
        """What a token may read: public posts once the app is approved, before that only one's own."""
        only_own = self._token(request) == UNAPPROVED_TOKEN
        return [one for one in self.world.seen("threads") if one.item.author == ME or not only_own]

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
