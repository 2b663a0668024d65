"""Texts a second of the packaged sentiment model on one thread, against `session.run` alone.

`python benchmarks/sentiment_speed.py [--texts 4000] [--model FOLDER]`. Texts are the project's own sentences,
cut or repeated to 40 characters. "session" feeds ready arrays; "whole" also tokenises, batches and calibrates.
Each is the best of several alternating rounds, since a shared machine slows either at random.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import numpy as np

from nlp.backends import batches
from nlp.sentiment import sentiment_task
from nlp.train.own import sentences

LENGTH = 40


def texts_of(count: int) -> list[str]:
    """`count` distinct Korean texts of exactly 40 characters."""
    rows = [row.text for row in sentences(count, 0, seed=11)]
    joined = [f"{text} {other}"[:LENGTH] for text, other in zip(rows, reversed(rows), strict=True)]
    return [text.ljust(LENGTH, "요") for text in dict.fromkeys(joined)][:count]


def main() -> None:
    """Prints both speeds and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    task = sentiment_task(options.model, threads=options.threads)
    texts = texts_of(options.texts)
    rows = [window for text in task.backend.encode(texts) for window in text]
    ready = []
    for batch in batches([len(row) for row in rows]):
        ids = np.full((len(batch), max(len(rows[index]) for index in batch)), task.backend.pad, dtype=np.int64)
        for line, index in enumerate(batch):
            ids[line, : len(rows[index])] = rows[index]
        ready.append(ids)
    session, whole = [], []
    for _ in range(options.rounds):
        began = time.perf_counter()
        for ids in ready:
            task.backend.logits(ids)
        session.append(time.perf_counter() - began)
        began = time.perf_counter()
        task.probabilities(texts)
        whole.append(time.perf_counter() - began)
    alone, everything = len(texts) / min(session), len(texts) / min(whole)
    print(f"{task.model} {task.version}: {len(texts)} texts of {LENGTH} characters, {options.threads} thread(s)")
    print(f"session.run alone {alone:,.0f}/s, whole {everything:,.0f}/s ({everything / alone:.0%})")


if __name__ == "__main__":
    main()
