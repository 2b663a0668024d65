"""Kakao's Daum search: cafés, blogs and the web page vertical, as dapi.kakao.com answers."""

from __future__ import annotations

import math

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import KST
from sandbox.items import Seen
from sandbox.refusals import refusal
from sandbox.words import Query
from sandbox.world import World

KEY = "sandbox-kakao-key"
SOURCES = {"cafe": "daum_cafe", "blog": "daum_blog", "web": "daum_web"}
SNIPPET = 200
MOST_PAGEABLE = 800


class KakaoServer:
    """`GET /v2/search/{cafe,blog,web}`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """One route for the three verticals."""
        return [Route("/kakao/v2/search/{vertical}", self.search)]

    async def search(self, request: Request) -> Response:
        """One page; `total_count` counts near-equal documents that `pageable_count` leaves out."""
        path, given = request.url.path, request.query_params
        if request.headers.get("authorization", "") != f"KakaoAK {KEY}":
            return refusal(path, 401)
        if request.path_params["vertical"] not in SOURCES:
            return refusal(path, 404)
        text = given.get("query", "").strip()
        if not text:
            return JSONResponse({"errorType": "MissingParameter", "message": "query parameter required"}, 400)
        sort = given.get("sort", "accuracy")
        if sort not in ("accuracy", "recency"):
            return refusal(path, 400, detail="sort is neither accuracy nor recency")
        page, size = given.get("page", "1"), given.get("size", "10")
        for name, value in (("page", page), ("size", size)):
            if problem := _problem(name, value):
                return refusal(path, 400, detail=problem)
        return self._page(request.path_params["vertical"], Query.parse(text), sort, int(page), int(size))

    def _page(self, vertical: str, query: Query, sort: str, page: int, size: int) -> Response:
        found = [seen for seen in self.world.seen(SOURCES[vertical]) if query.hits(seen.title, seen.text)]
        if sort == "accuracy":
            found.sort(key=lambda seen: query.hits(seen.title), reverse=True)
        pageable = min(len(found), MOST_PAGEABLE)
        shown = found[:pageable][(page - 1) * size : page * size]
        meta = {
            "total_count": math.ceil(len(found) * 1.4), "pageable_count": pageable, "is_end": page * size >= pageable,
        }
        return JSONResponse({"meta": meta, "documents": [self._document(vertical, seen, query) for seen in shown]})

    def _document(self, vertical: str, seen: Seen, query: Query) -> dict[str, str]:
        item = seen.item
        document = {
            "title": query.marked(seen.title, 80), "contents": query.marked(seen.text, SNIPPET), "url": "",
            "thumbnail": "", "datetime": item.at.astimezone(KST).isoformat(timespec="milliseconds"),
        }
        if vertical == "cafe":
            name = self.world.shop["daum_cafes"][item.place]
            board = item.extra.get("board", "1Abc")
            return document | {"cafename": name, "url": f"http://cafe.daum.net/{item.place}/{board}/{item.native_id}"}
        blog = item.extra.get("blog", item.author)
        return document | {"blogname": blog, "url": f"http://{item.author}.tistory.example.com/{item.native_id}"}


def _problem(name: str, value: str) -> str | None:
    if not (value.isascii() and value.isdigit()):
        return f"{name} is not a number"
    if int(value) > 50:
        return f"{name} is more than max"
    return f"{name} is less than min" if int(value) < 1 else None
