"""The feedback button's watched folder: a file is a page, and what breaks is a file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, ClassVar

from contracts.errors import ConfigurationError
from tests.listeners.faking.world import QUARANTINED, Fake, Post

_NO_SERVER = "a folder is no server: nobody refuses, limits or stalls a reading of it"


class FeedbackFake(Fake):
    """Two files of rows; faults spoil the second, or take the folder away."""

    name = "feedback"
    transport = "folder"
    asked_by_check = 0
    ends: ClassVar = {
        "404": ConfigurationError, "truncated": "changed", "malformed": "changed", "html": "changed",
        "10 MB": QUARANTINED,
    }
    lacks: ClassVar = {
        "401": f"{_NO_SERVER} (the webhook that fills it: tests/listeners/desks/test_feedback.py)",
        "403": "a file's rights are the operating system's; the tests run as root, whom they do not bind",
        "429": f"{_NO_SERVER} (the webhook that fills it: tests/listeners/desks/test_feedback.py)",
        "429 until later": _NO_SERVER,
        "429 for a moment": _NO_SERVER,
        "500": _NO_SERVER,
        "500, then fine": _NO_SERVER,
        "reset": "a local file has no line that could be cut; half a file is the situation 'truncated'",
        "reset, then fine": "a local file has no line that could be cut",
        "truncated, then fine": "a cut file stays cut until it is written anew: the next run reads it",
        "hang": _NO_SERVER,
        "empty": "an empty file is a file in which no row has been written yet",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.broken = ""

    def native_id(self, post: Post) -> str:
        return f"f{post.number}"

    def received(self, mode: str) -> int:
        return 0 if mode == "404" else self.page_size

    def write(self) -> None:
        """Bring the folder up to date: as ever, or with its fault."""
        if self.broken == "404":
            for path in self.folder.glob("*"):
                path.unlink()
            self.folder.rmdir()
            return
        self.folder.mkdir(exist_ok=True)
        files = self._files()
        for path in self.folder.iterdir():
            if path.name not in files:
                path.unlink()
        for name, content in files.items():
            path = self.folder / name
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)

    def _files(self) -> dict[str, bytes]:
        if self.repeats:
            return {f"copy-{number}.jsonl": self._rows(0) for number in range(5)}
        files = {f"page-{start:06d}.jsonl": self._rows(start) for start in range(0, len(self.there()), self.page_size)}
        if self.broken:
            last = max(files)
            content = files.pop(last)
            files |= _spoiled(self.broken, last, content)
        return files

    def _rows(self, start: int) -> bytes:
        return b"".join(json.dumps(self._row(post), ensure_ascii=False).encode() + b"\n" for post in self.page(start))

    def _row(self, post: Post) -> dict[str, Any]:
        row = {"native_id": self.native_id(post), "text": post.text, "author": "하루"}
        return self.record(post, row | {"published_at": post.at.isoformat()})


def _spoiled(mode: str, name: str, content: bytes) -> dict[str, bytes]:
    if mode == "truncated":
        packed = gzip.compress(content)
        return {f"{name}.gz": packed[: len(packed) // 2]}
    if mode == "malformed":
        return {name.replace("jsonl", "csv"): "text,text\n가,나\n".encode()}
    if mode == "html":
        return {name: "<!doctype html>\n<html><body>\n<h1>시스템 점검 중입니다</h1>\n</body></html>\n".encode()}
    row = {"native_id": "huge", "text": "a" * 10_000_000}
    return {name: json.dumps(row).encode() + b"\n"}
