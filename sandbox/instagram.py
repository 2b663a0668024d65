"""Instagram's hashtag search: an id for a hashtag, and its media of the last day, without authors; media by id."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.items import Seen
from sandbox.meta_graph import (
    account_id,
    graph_error,
    graph_object,
    graph_page,
    graph_time,
    no_such_object,
    refuse,
)
from sandbox.world import World

TOKEN = "sandbox-instagram-token"
USER_ID = "17841400000000001"
_PREFIX = "/instagram/v26.0"
_WINDOW = timedelta(hours=24)


class InstagramServer:
    """`/ig_hashtag_search`, `/{hashtag}/recent_media` and `/{media}`.

    As with Instagram, a media object is read by its id only with a token of the account that owns it: an item with
    `extra.owner = "shop"` stands on an account that the shop manages, all others are strangers'.
    """

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """The three; a media object's id is read last, since it stands where the search does."""
        return [
            Route(f"{_PREFIX}/ig_hashtag_search", self.search),
            Route(f"{_PREFIX}/{{hashtag}}/recent_media", self.media),
            Route(f"{_PREFIX}/{{media}}", self.by_id),
        ]

    async def search(self, request: Request) -> Response:
        """The id of a hashtag that somebody has used; error 24 for any other."""
        if (refused := self._refuse(request)) is not None:
            return refused
        wanted = request.query_params.get("q", "")
        if wanted not in self._hashtags().values():
            return graph_error(24, subcode=2207024)
        return JSONResponse({"data": [{"id": account_id(f"#{wanted}")}]})

    async def media(self, request: Request) -> Response:
        """What was posted within a day, newest first."""
        if (refused := self._refuse(request)) is not None:
            return refused
        hashtag = self._hashtags().get(request.path_params["hashtag"])
        if hashtag is None:
            return no_such_object(request.path_params["hashtag"])
        since = self.world.now() - _WINDOW
        found = [seen for seen in self.world.seen("instagram") if seen.item.place == hashtag and seen.item.at >= since]
        return graph_page(request, [_media(seen) for seen in found])

    async def by_id(self, request: Request) -> Response:
        """One's own media object; a stranger's and a deleted one are refused in the same words. Needs no user_id."""
        if (refused := refuse(request, TOKEN)) is not None:
            return refused
        wanted = request.path_params["media"]
        own = (_media(seen) for seen in self.world.seen("instagram") if seen.item.extra.get("owner") == "shop")
        found = next((media for media in own if media["id"] == wanted), None)
        return graph_object(request, found) if found else no_such_object(wanted)

    def _refuse(self, request: Request) -> Response | None:
        if (refused := refuse(request, TOKEN)) is not None:
            return refused
        return None if request.query_params.get("user_id") == USER_ID else graph_error(10)

    def _hashtags(self) -> dict[str, str]:
        places = {item.place for item in self.world.items("instagram")}
        return {account_id(f"#{place}"): place for place in places}


def _media(seen: Seen) -> dict[str, Any]:
    return {
        "id": f"1800{seen.item.native_id}", "caption": seen.text, "media_type": "IMAGE",
        "permalink": f"https://www.instagram.com/p/S{seen.item.native_id}/", "timestamp": graph_time(seen.item.at),
        "like_count": seen.likes, "comments_count": seen.views,
    }
