"""What the listeners' tests share: one brand, one home, and an HTTP server that can break in every way."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from contracts.coverage import Coverage
from contracts.keys import author_key
from contracts.mention import Mention
from listeners.collect import collect
from listeners.contract import Listener, ParseContext, Refused, SourceSettings, WatchedBrand
from storage.files import read_jsonl_gz
from storage.home import Home

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
GOLDENS = Path(__file__).with_name("goldens")
BRAND = WatchedBrand(
    id="moadam",
    name="모아담",
    terms=("모아담",),
    official={"x": ("900",), "board": ("모아담고객센터",), "youtube": ("UCmoadam",), "cafe24": ("moadam_admin",)},
)
_PHONE = re.compile(r"01\d-?\d{3,4}-?\d{4}")


def mask(text: str) -> str:
    return _PHONE.sub("[전화번호]", text)


def hashed(source: str, author: str) -> str:
    return author_key(b"a secret of the tests", source, author)


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


@dataclass
class House:
    """Runs listeners again and again in one home, and reads what landed."""

    home: Home

    def run(self, listener: Listener, settings: SourceSettings, *, now: datetime = NOW, **more: Any) -> Coverage:
        brand = more.pop("brand", BRAND)
        return collect(
            listener, brand=brand, settings=settings, home=self.home, now=now, mask=mask, author_key=hashed, **more
        )

    def mentions(self, source: str) -> dict[str, Mention]:
        """The newest landed version of each mention by native id."""
        files = sorted(self.home.landed("mentions").joinpath(source).glob("*.gz"), key=lambda p: p.stat().st_mtime_ns)
        return {row["native_id"]: Mention.from_json(row) for path in files for row in read_jsonl_gz(path)}

    def rows(self, what: str) -> list[dict[str, Any]]:
        """Every row of landing/<what>."""
        return [row for path in sorted(self.home.landed(what).rglob("*.gz")) for row in read_jsonl_gz(path)]

    def everything(self) -> str:
        """All that touched the disk, as one text: what must not be in it is looked for here."""
        packed = [row for path in self.home.root.rglob("*.gz") for row in read_jsonl_gz(path)]
        plain = [path.read_text("utf-8") for path in self.home.root.rglob("*.json")]
        return "\n".join([*(json.dumps(row, ensure_ascii=False) for row in packed), *plain])


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(Home(tmp_path / "home"))


@pytest.fixture
def context_of() -> Callable[..., ParseContext]:
    def make(name: str, **options: Any) -> ParseContext:
        return ParseContext(
            brand=BRAND, settings=SourceSettings(name=name, options=options), fetched_at=NOW, mask=mask,
            author_key=hashed,
        )

    return make


@pytest.fixture
def simplified() -> Callable[[Mention | Refused], dict[str, Any]]:
    """A parsed record without what is empty, as goldens keep it."""

    def simplify(found: Mention | Refused) -> dict[str, Any]:
        if isinstance(found, Refused):
            return {"refused": found.reason, "payload": found.payload, "position": found.position}
        row = found.to_json()
        for name in ("mention_id", "full_text", "text_hash"):
            del row[name]
        row["is_official"] = row["is_official"] or None
        return {name: value for name, value in row.items() if value is not None and value != ""}

    return simplify


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def fault() -> type[Fault]:
    return Fault
