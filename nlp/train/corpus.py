"""Training rows from the data folder: only files marked "ship: yes" in its data.md are ever opened here.

A row is (text, target, domain); the target is a probability over complaint, neutral, praise, so
that a middle rating or a mixed set of emotions says exactly how little it knows.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMPLAINT, NEUTRAL, PRAISE = 0, 1, 2

# The only files whose rows may enter the weights.
SHIPPABLE = (
    "movie_reviews_ko",
    "shop_reviews_ko_train",
    "shop_reviews_ko_unlabelled",
    "comments_ko_kote",
    "comments_en_goemotions_train",
    "sentences_en_uci",
    "comments_ko_goemotions",
    "game_reviews_ko",
    "daily_talk_ko",
)

Target = tuple[float, float, float]

# (complaint, neutral, praise) for a film rating of 1-10. 1-4 and 9-10 are the task's two sides; the
# middle is kept as a soft hint, since it says which words are lukewarm.
MOVIE_TARGETS: dict[int, Target] = {
    1: (0.98, 0.01, 0.01),
    2: (0.97, 0.02, 0.01),
    3: (0.95, 0.03, 0.02),
    4: (0.92, 0.05, 0.03),
    5: (0.75, 0.10, 0.15),
    6: (0.60, 0.12, 0.28),
    7: (0.35, 0.15, 0.50),
    8: (0.12, 0.08, 0.80),
    9: (0.04, 0.03, 0.93),
    10: (0.02, 0.02, 0.96),
}
HARD: dict[int, Target] = {COMPLAINT: (0.98, 0.01, 0.01), NEUTRAL: (0.02, 0.96, 0.02), PRAISE: (0.01, 0.01, 0.98)}

# KOTE's 44 emotions by index (the order is in data.md).
KOTE_COMPLAINT = {0, 3, 6, 9, 10, 12, 19, 20, 21, 22, 23, 31, 34, 36, 38}
KOTE_PRAISE = {1, 2, 4, 7, 8, 13, 14, 15, 16, 28, 32, 40, 42, 43}
KOTE_NEUTRAL = {24, 29, 33, 39}

GO_COMPLAINT = {"anger", "annoyance", "disappointment", "disapproval", "disgust"}
GO_SAD = {"sadness", "fear", "grief", "remorse", "embarrassment", "nervousness"}
GO_PRAISE = {
    "admiration", "amusement", "approval", "caring", "excitement", "gratitude", "joy", "love", "optimism",
    "pride", "relief",
}  # fmt: skip
GO_NEUTRAL = {"neutral", "curiosity", "confusion", "realization", "surprise", "desire"}

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Row:
    """One training text; `domain` names where it came from, and the recipe how much that counts."""

    text: str
    target: Target
    domain: str


def read(data_dir: Path, name: str) -> Iterator[dict[str, Any]]:
    """The rows of a shippable file. Raises ValueError for any other file: nothing else may be learnt from."""
    if name not in SHIPPABLE:
        raise ValueError(f"{name} is not marked 'ship: yes': it may be measured on, never trained on")
    with gzip.open(data_dir / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def text_key(text: str) -> str:
    """What makes two texts the same for holding out: letters and digits only, case and spacing ignored."""
    return re.sub(r"[\W_]+", "", text).lower() or _SPACES.sub("", text)


def _rank(text: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}\x1f{text}".encode()).hexdigest()


def held_out_movies(data_dir: Path, each_side: int, seed: int) -> list[tuple[str, int]]:
    """(text, complaint or praise) of the film reviews nobody trains on: the same ones for the same seed.

    Distinct texts (by `text_key`) of 1-4 and of 9-10 points, `each_side` of each, chosen by a hash of the
    text, so that the choice depends on neither the file's order nor a random generator.
    """
    sides: dict[int, dict[str, str]] = {COMPLAINT: {}, PRAISE: {}}
    for row in read(data_dir, "movie_reviews_ko"):
        rating = row["rating"]
        if rating <= 4 or rating >= 9:
            key = text_key(row["text"])
            if len(key) > 1:
                sides[COMPLAINT if rating <= 4 else PRAISE].setdefault(key, row["text"])
    both = sides[COMPLAINT].keys() & sides[PRAISE].keys()
    chosen: list[tuple[str, int]] = []
    for side, texts in sides.items():
        keys = sorted((key for key in texts if key not in both), key=lambda key: _rank(key, seed))
        chosen += [(texts[key], side) for key in keys[:each_side]]
    return chosen


def load(data_dir: Path, *, each_side: int, seed: int) -> list[Row]:
    """Every labelled shippable row but the held-out film reviews."""
    banned = {text_key(text) for text, _ in held_out_movies(data_dir, each_side, seed)}
    rows: list[Row] = []
    for row in read(data_dir, "movie_reviews_ko"):
        if text_key(row["text"]) not in banned:
            rating = int(row["rating"])
            rows.append(Row(row["text"], MOVIE_TARGETS[rating], "movie"))
    for row in read(data_dir, "shop_reviews_ko_train"):
        rows.append(Row(row["text"], HARD[COMPLAINT if row["rating"] <= 2 else PRAISE], "shop"))
    for row in read(data_dir, "game_reviews_ko"):
        rows.append(Row(row["text"], HARD[PRAISE if row["label"] == 1 else COMPLAINT], "game"))
    for row in read(data_dir, "comments_ko_kote"):
        rows.append(Row(row["text"], kote_target(row["labels"]), "kote"))
    for row in read(data_dir, "comments_en_goemotions_train"):
        rows.append(Row(row["text"], go_target(row["emotions"]), "goemotions_en"))
    for row in read(data_dir, "comments_ko_goemotions"):
        rows.append(Row(row["text"], go_target(row["emotions"]), "goemotions_ko"))
    for row in read(data_dir, "sentences_en_uci"):
        rows.append(Row(row["text"], HARD[PRAISE if row["label"] == 1 else COMPLAINT], "uci"))
    for row in read(data_dir, "daily_talk_ko"):
        if str(row["label"]) == "0":
            rows.append(Row(row["q"], (0.06, 0.88, 0.06), "daily"))
        rows.append(Row(row["text"], (0.04, 0.88, 0.08), "daily"))
    return rows


def kote_target(labels: list[int]) -> Target:
    """Shares of complaint, neutral and praise emotions; a bare 'no emotion' (24) is neutral."""
    bad = len(KOTE_COMPLAINT.intersection(labels))
    good = len(KOTE_PRAISE.intersection(labels))
    none = 2 * (24 in labels) + 0.4 * len((KOTE_NEUTRAL - {24}).intersection(labels))
    return _shares(bad, none, good)


def go_target(emotions: list[str]) -> Target:
    """Shares of complaint, neutral and praise emotions; sadness and fear are only half a complaint."""
    bad = len(GO_COMPLAINT.intersection(emotions)) + 0.5 * len(GO_SAD.intersection(emotions))
    good = len(GO_PRAISE.intersection(emotions))
    none = len(GO_NEUTRAL.intersection(emotions)) + 0.5 * len(GO_SAD.intersection(emotions))
    return _shares(bad, none, good)


def _shares(bad: float, none: float, good: float) -> Target:
    total = bad + none + good
    if not total:
        return 0.1, 0.8, 0.1
    floor = 0.01
    scale = (1 - 3 * floor) / total
    return floor + bad * scale, floor + none * scale, floor + good * scale


def unlabelled(data_dir: Path) -> list[str]:
    """Shop texts without stars: for the tokenizer and for soft labels from a teacher."""
    return [row["text"] for row in read(data_dir, "shop_reviews_ko_unlabelled")]
