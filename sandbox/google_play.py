"""Google Play's reviews.list of one's own app: the last week only, only with text, pages by token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import cursors
from sandbox.items import Seen
from sandbox.refusals import refusal
from sandbox.world import World

TOKEN = "sandbox-googleplay-token"
WINDOW = timedelta(days=7)
PAGE = 50
MOST = 100


class GooglePlayServer:
    """`androidpublisher/v3/applications/{package}/reviews` and one review by its id."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """The list and the single review."""
        base = "/googleplay/androidpublisher/v3/applications/{package}/reviews"
        return [Route(base, self.reviews), Route(base + "/{review_id}", self.review)]

    async def reviews(self, request: Request) -> Response:
        """Newest change first. A token holds the place in the list, so that no page repeats another's reviews."""
        if (refused := self._refuse(request)) is not None:
            return refused
        size = request.query_params.get("maxResults", str(PAGE))
        if not size.isdigit() or not 1 <= int(size) <= MOST:
            return refusal(request.url.path, 400, detail=f"Invalid value at 'maxResults': {size}")
        recent = self._recent()
        start = cursors.start_of(request.query_params.get("token"), [seen.item.native_id for seen in recent])
        if start is None:
            return refusal(request.url.path, 400, detail="Invalid page token.")
        page = recent[start : start + int(size)]
        body: dict[str, Any] = {"reviews": [self._review(seen) for seen in page]} if page else {}
        if start + len(page) < len(recent):
            body["tokenPagination"] = {"nextPageToken": cursors.after(page[-1].item.native_id)}
        return JSONResponse(body)

    async def review(self, request: Request) -> Response:
        """One review of the last week."""
        if (refused := self._refuse(request)) is not None:
            return refused
        for seen in self._recent():
            if seen.item.native_id == request.path_params["review_id"]:
                return JSONResponse(self._review(seen))
        return refusal(request.url.path, 404, detail="Review not found.")

    def _refuse(self, request: Request) -> Response | None:
        if request.headers.get("authorization", "") != f"Bearer {TOKEN}":
            return refusal(request.url.path, 401)
        package = request.path_params["package"]
        if package != self.world.shop["app_package"]:
            return refusal(request.url.path, 404, detail=f"Package not found: {package}.")
        return None

    def _recent(self) -> list[Seen]:
        since = self.world.now() - WINDOW
        seen = self.world.seen("google_play")
        recent = [one for one in seen if one.item.is_root and one.text.strip() and one.changed_at >= since]
        return sorted(recent, key=lambda one: (one.changed_at, one.item.native_id), reverse=True)

    def _review(self, seen: Seen) -> dict[str, Any]:
        item = seen.item
        user = {
            "text": f"\t{seen.text}", "lastModified": _timestamp(seen.changed_at), "starRating": seen.rating,
            "reviewerLanguage": item.extra.get("language", "ko"), "device": item.extra.get("device", "a54x"),
            "androidOsVersion": 34, "appVersionCode": int(item.extra.get("version", "4.12.0").replace(".", "")),
            "appVersionName": item.extra.get("version", "4.12.0"), "thumbsUpCount": seen.likes, "thumbsDownCount": 0,
        }
        comments: list[dict[str, Any]] = [{"userComment": user}]
        if replies := self.world.replies(item.key):  # the developer has one reply a review: the newest one stands
            reply = replies[-1]
            comments.append({"developerComment": {"text": reply.text, "lastModified": _timestamp(reply.changed_at)}})
        return {"reviewId": item.native_id, "authorName": item.author, "comments": comments}


def _timestamp(at: datetime) -> dict[str, Any]:
    return {"seconds": str(int(at.timestamp())), "nanos": at.microsecond * 1000}

