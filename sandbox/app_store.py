"""Apple's public review feed: fifty a page, ten pages, no developer replies, and a JSON made from XML.

It shows the same reviews as App Store Connect's stand-in: world/app_store.toml.
"""

from __future__ import annotations

import json
from datetime import timedelta, timezone
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox.items import Seen
from sandbox.world import World

SOURCE = "app_store_connect"  # under which the world keeps the reviews
PAGE = 50
LAST_PAGE = 10
STORES = ("kr", "us")
_CUPERTINO = timezone(timedelta(hours=-7))
_HOST = "https://itunes.apple.com"


class AppStoreServer:
    """`/{country}/rss/customerreviews/page={n}/id={app}/sortBy=mostRecent/json`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """The feed."""
        return [Route("/itunes/{country}/rss/customerreviews/page={page}/id={app}/sortBy=mostRecent/json", self.feed)]

    async def feed(self, request: Request) -> Response:
        """A page, newest change first. No `entry` where there is none, an object where there is one."""
        given = request.path_params
        country, number = given["country"], given["page"]
        if not number.isdigit() or not 1 <= int(number) <= LAST_PAGE:
            return HTMLResponse(f"<h1>CustomerReviews RSS page depth is limited to {LAST_PAGE}</h1>", status_code=400)
        if country not in STORES or given["app"] != self.world.shop["app_store_id"]:
            return HTMLResponse("<h1>Bad Request</h1>", status_code=400)
        reviews = self._reviews(country)
        start = (int(number) - 1) * PAGE
        entries: list[dict[str, Any]] = [self._review(seen, country) for seen in reviews[start : start + PAGE]]
        if int(number) == 1 and len(entries) > 1:
            entries.insert(0, self._app(country))
        feed: dict[str, Any] = {
            "author": {"name": {"label": "iTunes Store"}, "uri": {"label": "http://www.apple.com/uk/itunes/"}},
            "updated": {"label": self.world.now().astimezone(_CUPERTINO).isoformat(timespec="seconds")},
            "rights": {"label": "Copyright 2008 Apple Inc."}, "title": {"label": "iTunes Store: 사용자 리뷰"},
            "link": self._links(country, int(number), max(1, -(-len(reviews) // PAGE))),
        }
        if entries:
            feed["entry"] = entries if len(entries) > 1 else entries[0]
        return Response(json.dumps({"feed": feed}, ensure_ascii=False), media_type="text/javascript; charset=utf-8")

    def _reviews(self, country: str) -> list[Seen]:
        seen = [one for one in self.world.seen(SOURCE) if one.item.is_root and one.item.place == country]
        return sorted(seen, key=lambda one: (one.changed_at, one.item.key), reverse=True)

    def _links(self, country: str, number: int, last: int) -> list[dict[str, Any]]:
        """As Apple links: the feed itself as JSON, its neighbours as XML; the last page names itself as the next."""
        app = self.world.shop["app_store_id"]
        base = f"{_HOST}/{country}/rss/customerreviews"
        pages = {"first": 1, "last": last, "previous": max(1, number - 1), "next": min(last, number + 1)}
        here = f"page={number}/id={app}"
        hrefs = {"self": f"{base}/{here}/sortby=mostrecent/json"}
        for rel, page in pages.items():
            hrefs[rel] = f"{base}/page={page}/id={app}/sortby=mostrecent/xml?urlDesc=/customerreviews/{here}/json"
        return [{"attributes": {"rel": rel, "href": href}} for rel, href in hrefs.items()]

    def _app(self, country: str) -> dict[str, Any]:
        """The first entry of the first page describes the app and is no review."""
        app, name = self.world.shop["app_store_id"], self.world.shop["name"]
        return {
            "im:name": {"label": name}, "im:artist": {"label": f"{name} Inc."}, "title": {"label": f"{name} - {name}"},
            "id": {"label": f"{_HOST}/{country}/app/id{app}", "attributes": {"im:id": app}},
            "im:contentType": {"attributes": {"term": "Application", "label": "응용 프로그램"}},
        }

    def _review(self, seen: Seen, country: str) -> dict[str, Any]:
        item = seen.item
        labels = {
            "id": f"118{item.native_id.zfill(8)}", "title": seen.title, "im:rating": str(seen.rating),
            "im:version": item.extra.get("version", "4.12.0"), "im:voteSum": str(seen.likes),
            "im:voteCount": str(seen.likes),
            "updated": seen.changed_at.astimezone(_CUPERTINO).isoformat(timespec="seconds"),
        }
        return {name: {"label": value} for name, value in labels.items()} | {
            "author": {"uri": {"label": f"{_HOST}/{country}/reviews/id{item.native_id}"},
                       "name": {"label": item.author}, "label": ""},
            "content": {"label": seen.text, "attributes": {"type": "text"}},
            "link": {"attributes": {"rel": "related", "href": f"{_HOST}/{country}/review?id=0&type=Purple%20Software"}},
            "im:contentType": {"attributes": {"term": "Application", "label": "응용 프로그램"}},
        }
