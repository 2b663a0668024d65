"""Where the sandbox answers: the one that runs already, or one of this process for as long as it is needed."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from pipeline.environment import NOW_VARIABLE, current_time
from storage.files import write_bytes
from storage.home import Home

URL_VARIABLE = "GWIDAM_SANDBOX_URL"
PORT = 8765


@contextmanager
def sandbox_url(home: Home) -> Iterator[str]:
    """The base URL of the stand-in servers.

    GWIDAM_SANDBOX_URL names a running one (`gwidam sandbox`, `make up`). Otherwise one is started in this
    process on a free port; its world lives in the home, so both tell the same story. A replay (GWIDAM_NOW)
    is a replay of the world too.
    """
    given = os.environ.get(URL_VARIABLE, "").rstrip("/")
    if given and _answers(given):
        yield given
        return
    from sandbox.serve import running

    clock = current_time if os.environ.get(NOW_VARIABLE) else None
    with running(home.sandbox, now=clock, port=_port(home)) as url:
        yield url


def _port(home: Home) -> int:
    """The home's own port, so that a post keeps its address from run to run; another one while that is taken."""
    kept = home.sandbox / "port"
    wanted = int(kept.read_text()) if kept.exists() else PORT
    port = wanted if _is_free(wanted) else _free_port()
    if not kept.exists():
        write_bytes(kept, str(port).encode())
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy leads to this machine
            return session.get(f"{url}/_sandbox/health", timeout=3).ok
    except requests.RequestException:
        return False
