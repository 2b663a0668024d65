"""Tagging one pending file: read it, ask every task, write the tags whole, drop the pending file."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from contracts.tag import Tag
from nlp import language
from nlp.tasks import NONE, Task
from storage.files import read_jsonl_gz, write_jsonl_gz

CHUNK = 2_000
_COLLECT_AFTER = 50_000
# Copies are found and languages counted in any language; everything else reads Korean and English only.
_ANY_LANGUAGE = frozenset({"language", "signature"})

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagReport:
    """What tagging one file came to. `other_language` texts were passed through with 'none' tags."""

    texts: int = 0
    tags: int = 0
    other_language: int = 0
    path: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, as a command prints them or a scheduler keeps them."""
        return asdict(self) | {"path": str(self.path) if self.path else None}


def tag_pending(
    pending: Path,
    tags_dir: Path,
    tasks: Sequence[Task],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> TagReport:
    """Tag the texts of one pending file into `tags_dir`/<same name>, then delete the pending file.

    A row is {"text_hash", "text", "is_official", "tasks": [names]}; without "tasks" every task that
    applies is asked. The tags appear whole or not at all, and the pending file goes last, so a killed
    run is repeated with the same result. A pending file that is gone was tagged by somebody else: an
    empty report. `progress(done, total)` counts texts.
    """
    try:
        rows = list(read_jsonl_gz(pending))
    except FileNotFoundError:
        return TagReport()
    counts = {"tags": 0, "other": 0}
    target = tags_dir / pending.name
    with seldom_collecting():
        write_jsonl_gz(target, (tag.to_json() for tag in _tags(rows, tasks, counts, progress)))
    pending.unlink(missing_ok=True)
    return TagReport(texts=len(rows), tags=counts["tags"], other_language=counts["other"], path=target)


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Python's collector looks for cycles every 50,000 objects instead of every 700.

    Reading makes many small objects and hardly a cycle: looking so often was a tenth of what the rules cost.
    """
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _tags(
    rows: Sequence[Row],
    tasks: Sequence[Task],
    counts: dict[str, int],
    progress: Callable[[int, int], None] | None,
) -> Iterator[Tag]:
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        foreign = {row["text_hash"] for row in chunk if language.detect(row["text"]) == "other"}
        counts["other"] += len(foreign)
        for task in tasks:
            wanted = [row for row in chunk if _wants(row, task)]
            for tag in _of_task(task, wanted, foreign):
                counts["tags"] += 1
                yield tag
        if progress:
            progress(start + len(chunk), len(rows))


def _wants(row: Row, task: Task) -> bool:
    asked = row.get("tasks")
    if asked is not None:
        return task.name in asked
    if task.applies_to == "all":
        return True
    return (task.applies_to == "official") == bool(row.get("is_official"))


def _of_task(task: Task, rows: Sequence[Row], foreign: set[str]) -> Iterator[Tag]:
    skipped = set() if task.name in _ANY_LANGUAGE else foreign
    readable = [(row["text_hash"], row["text"]) for row in rows if row["text_hash"] not in skipped]
    if readable:
        yield from task.tag(readable)
    for row in rows:
        if row["text_hash"] in skipped:
            yield Tag(
                text_hash=row["text_hash"],
                task=task.name,
                label=NONE,
                score=1.0,
                model=task.model,
                model_version=task.version,
                evidence="language: other",
            )
