"""Faults on demand: a control endpoint orders them, and an ASGI layer around the servers plays them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import asdict, dataclass, fields
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.refusals import refusal

CONTROL = "/_sandbox"
STATUSES = frozenset({"400", "401", "402", "403", "404", "429", "500", "502", "503"})
MODES = STATUSES | {"hang", "html", "truncate", "malformed", "reset", "empty"}
_MAINTENANCE = """<!doctype html>
<html lang="ko"><head><title>점검 안내</title></head><body><h1>서비스 점검 중입니다</h1></body></html>"""


@dataclass(kw_only=True)
class Fault:
    """One order: answer requests below `path_prefix` in this way.

    `after` requests go through untouched first; then `times` are hit (-1: until cleared).
    `retry_after` is in seconds (429 and 503 only); a hang lasts `seconds`.
    """

    path_prefix: str
    mode: str
    times: int = 1
    after: int = 0
    retry_after: int | None = None
    seconds: float = 60.0

    @classmethod
    def from_json(cls, body: Any) -> Fault:
        """Raises ValueError with a line that says what is wrong."""
        if not isinstance(body, dict) or not {"path_prefix", "mode"} <= set(body):
            raise ValueError("a fault needs path_prefix and mode")
        if unknown := set(body) - {f.name for f in fields(cls)}:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        if str(body["mode"]) not in MODES:
            raise ValueError(f"mode is one of {', '.join(sorted(MODES))}")
        return cls(**{**body, "mode": str(body["mode"])})


class Faults:
    """ASGI middleware that holds the orders in memory; a fresh server has none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.orders: list[Fault] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == f"{CONTROL}/faults":
            await (await self._control(Request(scope, receive)))(scope, receive, send)
        elif (fault := self._due(scope["path"])) is not None:
            await self._play(fault, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _control(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.orders.clear()
        elif request.method == "POST":
            try:
                self.orders.append(Fault.from_json(await request.json()))
            except ValueError as error:
                return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"faults": [asdict(order) for order in self.orders]})

    def _due(self, path: str) -> Fault | None:
        for order in self.orders:
            if not path.startswith(order.path_prefix) or order.times == 0:
                continue
            if order.after > 0:
                order.after -= 1
                continue
            if order.times > 0:
                order.times -= 1
            return order
        return None

    async def _play(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.mode in STATUSES:
            response = refusal(scope["path"], int(fault.mode), retry_after=fault.retry_after)
            await response(scope, receive, send)
        elif fault.mode == "hang":
            await _hang(fault.seconds, receive)
        elif fault.mode == "html":
            await HTMLResponse(_MAINTENANCE)(scope, receive, send)
        elif fault.mode == "empty":
            await Response(b"", media_type="application/json")(scope, receive, send)
        else:
            await self._break(fault.mode, scope, receive, send)

    async def _break(self, mode: str, scope: Scope, receive: Receive, send: Send) -> None:
        """The right answer, broken: cut but honest about its length, cut in mid-body, or cut by a reset."""
        start, body = await _answer(self.app, scope, receive)
        half = body[: len(body) // 2]
        length = len(half) if mode == "malformed" else len(body)
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        start["headers"] = [*headers, (b"content-length", str(length).encode())]
        await send(start)
        await send({"type": "http.response.body", "body": half, "more_body": mode != "malformed"})
        if mode != "malformed":
            await asyncio.sleep(0.05)  # lets the half reach the client before the line goes dead
            _cut(receive, abort=mode == "reset")


async def _answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    messages: list[Message] = []

    async def collect(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, collect)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


async def _hang(seconds: float, receive: Receive) -> None:
    """Say nothing until the client gives up, at most `seconds`; then drop the line."""

    async def client_gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(client_gone(), timeout=seconds)
    _cut(receive, abort=True)


def _cut(receive: Receive, *, abort: bool) -> None:
    """Close the connection under the request: ASGI has no word for it, but uvicorn's cycle holds the transport."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        return
    if abort:
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close sends RST, not FIN
        transport.abort()
    else:
        transport.close()
