"""Where the sandbox answers: the one that runs already, or one of this process for as long as it is needed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from pipeline.environment import NOW_VARIABLE, current_time
from storage.home import Home

URL_VARIABLE = "GWIDAM_SANDBOX_URL"


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
    with running(home.sandbox, now=clock) as url:
        yield url


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/_sandbox/health", timeout=3).ok
    except requests.RequestException:
        return False
