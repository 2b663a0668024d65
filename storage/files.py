"""Files that are either absent or whole: written beside their place, flushed to disk, then renamed."""

from __future__ import annotations

import gzip
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

PART = ".part"


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that appears at `path` only if the block ends without an error.

    The half-written file is `.<name>.<pid>.part` in the same folder; one left by a killed process is
    never read (no reader takes `.part`) and is swept by `sweep_parts`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        with aside.open("wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a small file whole."""
    with written_whole(path) as handle:
        handle.write(content)
    return path


def write_json(path: Path, value: Any) -> Path:
    """Write one JSON value whole, UTF-8, sorted keys, on one line (indents take Python's slow writer)."""
    return write_bytes(path, json.dumps(value, ensure_ascii=False, sort_keys=True).encode())


def write_jsonl_gz(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as gzip JSON lines, whole or not at all; the bytes depend on the rows only. Returns the count."""
    count = 0
    with (
        written_whole(path) as handle,
        gzip.GzipFile(fileobj=handle, mode="wb", mtime=0, filename="") as packed,
        io.TextIOWrapper(packed, encoding="utf-8", errors="backslashreplace", newline="\n") as text,
    ):
        for row in rows:
            text.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count


def read_jsonl_gz(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file written by `write_jsonl_gz`."""
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            yield json.loads(line)


def sweep_parts(folder: Path, *, now: datetime, older_than: timedelta = timedelta(hours=12)) -> int:
    """Delete what killed processes left half-written below `folder`; returns how many.

    Only files untouched for `older_than`: another process may be writing a younger one this moment.
    """
    count = 0
    for aside in folder.rglob(f".*{PART}"):
        with suppress(FileNotFoundError):  # its writer has just renamed it
            if datetime.fromtimestamp(aside.stat().st_mtime, UTC) < now - older_than:
                aside.unlink()
                count += 1
    return count
