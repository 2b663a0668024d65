"""Starting the stand-ins: in the foreground for a person, or in a thread for a run or a test."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import uvicorn

from sandbox.clock import anchored, utc_now
from sandbox.server import create_app
from sandbox.world import World

START_SECONDS = 20.0


def world_at(home_sandbox: Path, *, now: Callable[[], datetime] | None = None, anchor: datetime | None = None) -> World:
    """The world of this home; `anchor` is used only the first time, before there is an anchor.json."""
    clock = now or utc_now
    return World.load(anchored(home_sandbox, first_use=anchor or clock()), now=clock)


def serve(home_sandbox: Path, host: str = "127.0.0.1", port: int = 8765) -> None:
    """Serve until SIGINT or SIGTERM. Raises OSError when the port is taken."""
    config = uvicorn.Config(create_app(world_at(home_sandbox)), log_level="critical", timeout_graceful_shutdown=1)
    with _listening(host, port) as sock:
        sys.stdout.write(f"sandbox: http://{host}:{sock.getsockname()[1]} (Ctrl+C ends it)\n")
        sys.stdout.flush()
        try:
            uvicorn.Server(config).run(sockets=[sock])
        except KeyboardInterrupt:
            return


@contextmanager
def running(
    home_sandbox: Path, *, now: Callable[[], datetime] | None = None, anchor: datetime | None = None, port: int = 0
) -> Iterator[str]:
    """The stand-ins on 127.0.0.1 while the block runs; yields their base URL.

    `port` 0 is any free one. Raises OSError when a port that was asked for is taken.
    """
    app = create_app(world_at(home_sandbox, now=now, anchor=anchor))
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, lifespan="off")
    server = uvicorn.Server(config)
    with _listening("127.0.0.1", port) as sock:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="sandbox", daemon=True)
        thread.start()
        try:
            _wait_until_started(server, thread)
            yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the sandbox did not start; run `python -m sandbox` to see why")
        time.sleep(0.005)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(128)  # from here on a client that is too early waits instead of being refused
        yield sock
    finally:
        sock.close()
