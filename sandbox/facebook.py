"""The shop's Facebook page: its feed, the posts that tag it, and the comments below both."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.items import Seen
from sandbox.meta_graph import account_id, graph_page, graph_time, no_such_object, refuse, since_until
from sandbox.world import World

TOKEN = "sandbox-facebook-token"
PAGE_ID = "1000000001"
_PREFIX = "/facebook/v26.0"


class FacebookServer:
    """`/{page}/feed`, `/{page}/tagged` and `/{post}/comments`; an author who granted nothing has no `from`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """The page's lists and a post's comments."""
        return [
            Route(f"{_PREFIX}/{{page}}/feed", self.posts),
            Route(f"{_PREFIX}/{{page}}/tagged", self.posts),
            Route(f"{_PREFIX}/{{post}}/comments", self.comments),
        ]

    async def posts(self, request: Request) -> Response:
        """Newest first, between since and until."""
        if (refused := refuse(request, TOKEN)) is not None:
            return refused
        if request.path_params["page"] != PAGE_ID:
            return no_such_object(request.path_params["page"])
        first, last = since_until(request, self.world.now())
        place = request.url.path.rsplit("/", 1)[1]
        found = [seen for seen in self._roots() if seen.item.place == place and first <= seen.item.at <= last]
        stream = "comments.filter(stream)" in request.query_params.get("fields", "")
        return graph_page(request, [self._post(seen, stream) for seen in found])

    async def comments(self, request: Request) -> Response:
        """With filter=stream all of them, replies too; else those directly below the post. Oldest first."""
        if (refused := refuse(request, TOKEN)) is not None:
            return refused
        for root in self._roots():
            if self._post_id(root) == request.path_params["post"]:
                stream = request.query_params.get("filter") == "stream"
                below = self.world.thread(root.item.key) if stream else self.world.replies(root.item.key)
                below = sorted(below, key=lambda seen: (seen.item.at, seen.item.key))
                return graph_page(request, [self._comment(seen, root) for seen in below])
        return no_such_object(request.path_params["post"])

    def _roots(self) -> list[Seen]:
        return [seen for seen in self.world.seen("facebook") if seen.item.is_root]

    def _post_id(self, seen: Seen) -> str:
        owner = PAGE_ID if seen.item.place == "feed" else account_id(seen.item.author)
        return f"{owner}_{seen.item.native_id}"

    def _from(self, seen: Seen) -> dict[str, Any]:
        if seen.item.official:
            return {"from": {"id": PAGE_ID, "name": "모아담"}}
        if seen.item.place == "tagged":
            return {}
        return {"from": {"id": account_id(seen.item.author), "name": seen.item.author}}

    def _post(self, seen: Seen, stream: bool) -> dict[str, Any]:
        """Comments are counted as their filter counts them; a comment moves `updated_time`."""
        item, below = seen.item, self.world.thread(seen.item.key)
        changed = max([seen.changed_at, *(one.item.at for one in below)])
        counted = below if stream else self.world.replies(item.key)
        row: dict[str, Any] = {
            "id": self._post_id(seen), "message": seen.text, "created_time": graph_time(item.at),
            "updated_time": graph_time(changed), **self._from(seen),
            "permalink_url": f"https://www.facebook.com/{PAGE_ID}/posts/{item.native_id}",
            "comments": {"data": [], "summary": {"order": "ranked", "total_count": len(counted), "can_comment": True}},
            "reactions": {"data": [], "summary": {"total_count": seen.likes, "viewer_reaction": "NONE"}},
        }
        return row | ({"shares": {"count": seen.shares}} if seen.shares else {})

    def _comment(self, seen: Seen, root: Seen) -> dict[str, Any]:
        item = seen.item
        row: dict[str, Any] = {
            "id": f"{root.item.native_id}_{item.native_id}", "message": seen.text, "like_count": seen.likes,
            "created_time": graph_time(item.at), "comment_count": len(self.world.replies(item.key)), "is_hidden": False,
            "permalink_url": f"https://www.facebook.com/{PAGE_ID}/posts/{root.item.native_id}?comment_id={item.native_id}",
            **self._from(seen),
        }
        if item.parent != root.item.key:
            parent = self.world.by_key[item.parent]
            row["parent"] = {"id": f"{root.item.native_id}_{parent.native_id}"}
        return row
