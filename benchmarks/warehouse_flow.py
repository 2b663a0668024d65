"""How long landing -> raw -> marts -> published copy takes: `python benchmarks/warehouse_flow.py [ROWS]`.

Made-up mentions (each text different), each with six tags; a fresh home in a temporary folder. Prints seconds and
the sizes of both files; the second load is the same files rewritten, as after a re-poll.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.clock import to_iso
from contracts.keys import mention_id, text_hash
from storage.files import write_jsonl_gz
from storage.home import Home
from warehouse.build import build
from warehouse.load import load
from warehouse.pending import TaskVersion, export
from warehouse.publish import publish
from warehouse.query import rows
from warehouse.reference import BrandRef, Reference

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TASKS = ("sentiment", "topic", "advertising", "urgency", "closing", "language")
WORDS = (
    "배송", "포장", "냄비", "접시", "교환", "환불", "색상", "답변", "전화", "쿠폰", "결제", "파손", "늦어요",
    "깨졌어요", "좋아요", "안돼요", "왔어요", "주세요",
)
FILE_ROWS = 50_000


def mentions(count: int) -> Iterator[dict[str, Any]]:
    """Landing rows: one brand, four sources, nine weeks, a third of them answered by the source's word."""
    chance = random.Random(7)
    for number in range(count):
        text = f"{number}번 {' '.join(chance.choices(WORDS, k=12))}"
        source = chance.choice(("x", "board", "daum_cafe", "google_play"))
        yield {
            "mention_id": mention_id(source, str(number)), "source": source, "native_id": str(number), "kind": "post",
            "brands": ["moadam"], "text": text, "full_text": text, "text_hash": text_hash(text), "title": "",
            "url": f"https://example.com/{number}", "author_key": f"{number % 5000:024x}", "is_official": False,
            "published_at": to_iso(NOW - timedelta(minutes=chance.randrange(90_000))), "fetched_at": to_iso(NOW),
            "likes": chance.randrange(50), "answered": chance.random() < 0.3, "answers_checked_at": to_iso(NOW),
        }


def tags(count: int) -> Iterator[dict[str, Any]]:
    """Six tags for each text."""
    chance = random.Random(11)
    for row in mentions(count):
        for task in TASKS:
            label = chance.choice(("complaint", "praise", "neutral")) if task == "sentiment" else "none"
            yield {
                "text_hash": row["text_hash"], "task": task, "label": label, "score": 0.9, "model": "bench",
                "model_version": "1", "evidence": "", "value": "",
            }


def land(folder: Path, made: Iterator[dict[str, Any]]) -> None:
    """Rows in files of 50,000, as a listener or a tagger would leave them."""
    part: list[dict[str, Any]] = []
    number = 0
    for row in made:
        part.append(row)
        if len(part) == FILE_ROWS:
            write_jsonl_gz(folder / f"bench-{number:03d}.jsonl.gz", part)
            part, number = [], number + 1
    if part:
        write_jsonl_gz(folder / f"bench-{number:03d}.jsonl.gz", part)


def timed(what: str, step: Callable[[], Any]) -> None:
    """Run and print one step."""
    start = time.perf_counter()
    step()
    print(f"{what:<28}{time.perf_counter() - start:8.1f} s")


def main(count: int) -> None:
    """Every step once."""
    reference = Reference(brands=[BrandRef(brand="moadam", name="모아담")], task_versions=dict.fromkeys(TASKS, "1"))
    asked = [TaskVersion(name=task, version="1", applies_to="all") for task in TASKS]
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder)).ensure()
        land(home.landed("mentions") / "bench", mentions(count))
        timed(f"load {count:,} mentions", lambda: load(home, now=NOW))
        timed("export pending", lambda: export(home, asked))
        land(home.landed("tags"), tags(count))
        timed(f"load {6 * count:,} tags", lambda: load(home, now=NOW))
        timed("build", lambda: build(home, reference, now=NOW))
        timed("check and publish", lambda: publish(home, now=NOW))
        timed("SELECT * FROM unaddressed", lambda: rows(home.published_file, "FROM unaddressed LIMIT 100"))
        for path in home.landed("mentions").rglob("*.jsonl.gz"):
            path.touch()
        timed("load the mentions again", lambda: load(home, now=NOW))
        for path in (home.warehouse_file, home.published_file):
            print(f"{path.parent.name + '/' + path.name:<28}{path.stat().st_size / 1e6:8.1f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
