"""One writer at a time: an advisory file lock that the operating system frees when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.errors import SourceUnavailable


@contextmanager
def exclusive(path: Path, *, wait_seconds: float = 600.0) -> Iterator[None]:
    """Hold `path` exclusively. Raises SourceUnavailable when another process keeps it for `wait_seconds`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    with path.open("a+") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    handle.seek(0)
                    holder = handle.read(32).strip() or "unknown"
                    raise SourceUnavailable(
                        f"{path.name} has been held by process {holder} for {wait_seconds:.0f} s; "
                        "wait for that run to end, or stop it, and try again"
                    ) from None
                time.sleep(0.2)
        handle.seek(0)
        handle.truncate()
        handle.write(str(os.getpid()))
        handle.flush()
        yield
