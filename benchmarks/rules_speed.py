"""What reading costs, task by task: CPU time per text against the sentiment model on the same texts.

    python benchmarks/rules_speed.py [FILE.jsonl.gz] [--texts 6000]

CPU time of one process and one thread. The tasks take turns in chunks as the tagger has them (2,000 texts), so that a
busy machine slows all of them alike; the first chunk warms up (words are learned, patterns compiled) and is not
counted. What customers say is read by every task but `reply`, which reads the shop's own answers instead.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from pathlib import Path

from contracts.keys import text_hash
from nlp.morphemes import analyse
from nlp.tagger import CHUNK, seldom_collecting
from nlp.tasks import BrandWords, NlpSettings, Task, build_tasks

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("GWIDAM_DATA", ROOT.parent / "shared" / "data"))
DEFAULT = ("app_reviews_ko_2026.jsonl.gz", "shop_reviews_ko_train.jsonl.gz")
ANSWERS_ONLY = "reply"
BRAND = BrandWords("moadam", ("모아담", "moadam"), (), ("모아담 어린이집",))


def main() -> None:
    """Print a table: task, CPU ms per text, texts a second, share of the sentiment model's cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[DATA / name for name in DEFAULT])
    parser.add_argument("--texts", type=int, default=6000, help="texts per file, the first 2,000 of them to warm up")
    options = parser.parse_args()
    tasks = build_tasks(NlpSettings(topics_file=ROOT / "config" / "topics.toml", brands=[BRAND]))
    for path in options.files:
        texts = _texts(path, options.texts)
        length = sum(len(text) for _, text in texts) / len(texts)
        print(f"{path.name}: {len(texts)} texts, {length:.0f} characters on average")
        with seldom_collecting():
            _table(tasks, texts)


def _texts(path: Path, count: int) -> list[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line)["text"] for _, line in zip(range(count), lines, strict=False)]
    return [(text_hash(text), text) for text in rows]


def _table(tasks: list[Task], texts: list[tuple[str, str]]) -> None:
    analyse("배송이 늦어지는 것 같아서 문의드렸더니")  # what loads or compiles once does so before the clock runs
    warm, texts = texts[:CHUNK], texts[CHUNK:]
    for task in tasks:
        list(task.tag(warm))
    costs = dict.fromkeys((task.name for task in tasks), 0.0)
    for start in range(0, len(texts), CHUNK):
        for task in tasks:
            begun = time.process_time()
            list(task.tag(texts[start : start + CHUNK]))
            costs[task.name] += (time.process_time() - begun) / len(texts)
    sentiment = costs.pop("sentiment")
    customers = sum(cost for name, cost in costs.items() if name != ANSWERS_ONLY)
    for name, cost in [("sentiment", sentiment), *costs.items(), (f"all but {ANSWERS_ONLY}", customers)]:
        print(f"  {name:18} {cost * 1000:7.3f} ms {1 / cost:9.0f} texts/s {cost / sentiment:7.0%} of sentiment")


if __name__ == "__main__":
    main()
