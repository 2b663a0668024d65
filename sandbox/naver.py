"""Naver search: the legacy open API and the API HUB, for café articles, blogs, KnowledgeiN and news."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import KST
from sandbox.items import Seen
from sandbox.refusals import refusal
from sandbox.words import Query
from sandbox.world import World

CLIENT_ID = "sandbox-naver-id"
CLIENT_SECRET = "sandbox-naver-secret"
SOURCES = {
    "cafearticle": "naver_cafe", "blog": "naver_blog", "kin": "naver_kin", "news": "naver_news", "webkr": "naver_web",
}
SNIPPET = 160
_WRONG = {
    "display": ("SE02", "Invalid display value (부적절한 display 값입니다.)"),
    "start": ("SE03", "Invalid start value (부적절한 start 값입니다.)"),
    "sort": ("SE04", "Invalid sort value (부적절한 sort 값입니다.)"),
}


class NaverServer:
    """Both hosts over one index. A café article has no date, no author, no body: as in the real answers."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """Legacy paths end in .json or .xml; the HUB takes `format=`."""
        return [
            Route("/naver/v1/search/{vertical}.{form}", self.legacy),
            Route("/naver-hub/search/v1/{vertical}", self.hub),
        ]

    async def legacy(self, request: Request) -> Response:
        """`openapi.naver.com/v1/search/…`."""
        if not _key_is_right(request, "x-naver-client-id", "x-naver-client-secret"):
            return refusal(request.url.path, 401)
        return self._search(request, request.path_params["form"])

    async def hub(self, request: Request) -> Response:
        """`naverapihub.apigw.ntruss.com/search/v1/…`."""
        if not _key_is_right(request, "x-ncp-apigw-api-key-id", "x-ncp-apigw-api-key"):
            return refusal(request.url.path, 401)
        return self._search(request, request.query_params.get("format", "json"))

    def _search(self, request: Request, form: str) -> Response:
        path, given = request.url.path, request.query_params
        vertical = request.path_params["vertical"]
        if vertical not in SOURCES or form not in ("json", "xml"):
            return refusal(path, 404)
        text = given.get("query", "").strip()
        if not text:
            return refusal(path, 400)
        display, start = _number(given.get("display", "10"), 100), _number(given.get("start", "1"), 1000)
        sort = given.get("sort", "sim")
        bad = {"display": display is None, "start": start is None, "sort": sort not in ("sim", "date", "point")}
        for name, is_bad in bad.items():
            if is_bad:
                return _wrong_value(path, name)
        assert display is not None and start is not None
        found = self._found(SOURCES[vertical], Query.parse(text), sort)
        return self._answer(found, Query.parse(text), vertical, start, display, form)

    def _found(self, source: str, query: Query, sort: str) -> list[Seen]:
        found = [seen for seen in self.world.seen(source) if query.hits(seen.title, seen.text)]
        if sort == "sim":
            found.sort(key=lambda seen: query.hits(seen.title), reverse=True)
        return found

    def _answer(
        self, found: list[Seen], query: Query, vertical: str, start: int, display: int, form: str
    ) -> Response:
        page = found[start - 1 : start - 1 + display]
        items = [self._document(vertical, seen, query) for seen in page]
        built = self.world.now().astimezone(KST).strftime("%a, %d %b %Y %H:%M:%S +0900")
        body = {"lastBuildDate": built, "total": len(found), "start": start, "display": len(items), "items": items}
        return JSONResponse(body) if form == "json" else Response(_as_xml(body), media_type="text/xml; charset=UTF-8")

    def _document(self, vertical: str, seen: Seen, query: Query) -> dict[str, str]:
        item = seen.item
        document = {"title": query.marked(seen.title, 80), "link": "", "description": query.marked(seen.text, SNIPPET)}
        fields: dict[str, Callable[[], dict[str, str]]] = {
            "cafearticle": lambda: self._cafe(item.place, item.native_id),
            "blog": lambda: _blog(item.author, item.extra.get("blog", item.author), item.native_id, item.at),
            "news": lambda: _news(item.place, item.native_id, item.at),
            "kin": lambda: {
                "link": f"https://kin.naver.com/qna/detail.naver?d1id=8&dirId=80103&docId=4{item.native_id}",
            },
        }
        return document | fields[vertical]()

    def _cafe(self, place: str, number: str) -> dict[str, str]:
        cafe_url = f"https://cafe.naver.com/{place}"
        return {
            "link": f"{cafe_url}/{number}", "cafename": self.world.shop["naver_cafes"][place], "cafeurl": cafe_url,
        }


def _blog(author: str, name: str, number: str, at: datetime) -> dict[str, str]:
    return {
        "link": f"https://blog.naver.com/{author}/22{number}", "bloggername": name,
        "bloggerlink": f"blog.naver.com/{author}", "postdate": at.astimezone(KST).strftime("%Y%m%d"),
    }


def _news(place: str, number: str, at: datetime) -> dict[str, str]:
    link = f"https://news.example.com/{place}/{number}"
    return {"originallink": link, "link": link, "pubDate": format_datetime(at.astimezone(KST))}


def _key_is_right(request: Request, id_header: str, secret_header: str) -> bool:
    return (request.headers.get(id_header), request.headers.get(secret_header)) == (CLIENT_ID, CLIENT_SECRET)


def _number(text: str, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= most else None


def _wrong_value(path: str, name: str) -> Response:
    if path.startswith("/naver-hub"):
        return refusal(path, 400, detail=f"Invalid {name} value.")
    code, message = _WRONG[name]
    return JSONResponse({"errorMessage": message, "errorCode": code}, status_code=400)


def _as_xml(body: dict[str, Any]) -> str:
    rows = "".join(
        "<item>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in item.items()) + "</item>"
        for item in body["items"]
    )
    head = "".join(f"<{name}>{body[name]}</{name}>" for name in ("lastBuildDate", "total", "start", "display"))
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{rows}</channel></rss>'
