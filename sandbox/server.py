"""All the stand-ins in one Starlette app, each below its own path prefix."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.board import BoardServer
from sandbox.desks import Server, desk_servers
from sandbox.faults import CONTROL, Faults
from sandbox.google_play import GooglePlayServer
from sandbox.kakao import KakaoServer
from sandbox.naver import NaverServer
from sandbox.refusals import refusal
from sandbox.world import World
from sandbox.x_api import XServer


def create_app(world: World) -> Starlette:
    """The app: /x, /naver, /naver-hub, /kakao, /googleplay, /board, /robots.txt and /_sandbox."""

    async def health(request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def about(request: Request) -> Response:
        return JSONResponse({
            "shop": world.shop["name"], "anchored_at": world.anchor.isoformat(), "now": world.now().isoformat(),
            "seen": world.counts(), "ever": len(world.items()),
        })

    async def not_found(request: Request, error: Exception) -> Response:
        return refusal(request.url.path, 404)

    servers: tuple[Server, ...] = (
        XServer(world), NaverServer(world), KakaoServer(world), GooglePlayServer(world), BoardServer(world),
        *desk_servers(world),
    )
    routes = [Route(f"{CONTROL}/health", health), Route(f"{CONTROL}/world", about)]
    for server in servers:
        routes += server.routes()
    return Starlette(routes=routes, middleware=[Middleware(Faults)], exception_handlers={404: not_found})
