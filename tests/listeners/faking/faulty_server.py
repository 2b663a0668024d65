"""An HTTP server on 127.0.0.1 that can break in every way a source does."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Reply:
    """What a fake source answers."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json; charset=utf-8"})


Answer = Callable[[str, dict[str, str], dict[str, str]], Reply]  # path, parameters, headers


@dataclass
class Fault:
    """Breaks the requests whose path holds `where`: lets `after` through, then hits `times` of them."""

    mode: str
    where: str = ""
    after: int = 0
    times: int = 1_000_000
    retry_after: str | None = None

    def hits(self, path: str) -> bool:
        if self.where not in path or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


class Server:
    """A real HTTP server on 127.0.0.1; `answer` makes the replies, `fault` breaks some of them."""

    def __init__(self) -> None:
        self.answer: Answer = lambda path, parameters, headers: Reply(b"{}")
        self.fault: Fault | None = None
        self.requests: list[str] = []
        self.released = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True  # head and body are two writes

            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.handle(self)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                server.handle(self)

            def log_message(self, *given: Any) -> None:
                return

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        self.requests.append(parts.path)
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        reply = self.answer(parts.path, parameters, {name.lower(): value for name, value in handler.headers.items()})
        fault = self.fault
        if fault is None or not fault.hits(parts.path):
            return _send(handler, reply)
        return self._break(handler, reply, fault)

    def _break(self, handler: BaseHTTPRequestHandler, reply: Reply, fault: Fault) -> None:
        half = reply.body[: len(reply.body) // 2]
        if fault.mode.isdecimal():
            headers = {"Content-Type": "application/json"}
            headers |= {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
            _send(handler, Reply(b'{"message": "no"}', int(fault.mode), headers))
        elif fault.mode == "hang":
            self.released.wait(20)
            handler.close_connection = True
        elif fault.mode in {"reset", "truncated"}:
            _send(handler, Reply(half, headers=reply.headers), length=len(reply.body))
            if fault.mode == "reset":  # closing with a pending linger of 0 sends RST
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
        elif fault.mode == "malformed":
            _send(handler, Reply(half, headers=reply.headers))
        elif fault.mode == "empty":
            _send(handler, Reply(b"", headers=reply.headers))
        elif fault.mode == "html":
            page = "<!doctype html><html><body><h1>시스템 점검 중입니다</h1></body></html>".encode()
            _send(handler, Reply(page, headers={"Content-Type": "text/html; charset=utf-8"}))
        else:
            _send(handler, Reply(b'{"text": "' + b"a" * 10_000_000 + b'"}', headers=reply.headers))


def _send(handler: BaseHTTPRequestHandler, reply: Reply, *, length: int | None = None) -> None:
    handler.send_response(reply.status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(reply.body) if length is None else length))
    handler.end_headers()
    try:
        handler.wfile.write(reply.body)
        handler.wfile.flush()
    except OSError:
        handler.close_connection = True  # the client had enough, which a size limit is for
