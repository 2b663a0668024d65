"""The labelled sets a sentiment model is measured on: where each lies, what its labels mean, who may train on it."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.train import corpus
from nlp.train.corpus import COMPLAINT, NEUTRAL, PRAISE

# Of nlp/train/recipe.toml, [held_out]; a test holds the two together.
HELD_OUT_EACH_SIDE = 10_000
HELD_OUT_SEED = 20261121
BALANCED_EACH_SIDE = 6_000
HAND = Path(__file__).parent.parent / "tests" / "nlp" / "data" / "sentiment_hand.jsonl"
FRESH = HAND.with_name("sentiment_fresh.jsonl")
_NAMES = {"complaint": COMPLAINT, "neutral": NEUTRAL, "praise": PRAISE}

Labelled = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """One set. `korean` sets are pooled for the calibration error; `three_way` sets hold neutral rows too."""

    name: str
    file: str
    about: str
    korean: bool
    three_way: bool
    load: Callable[[Path], Labelled]

    def exists(self, data_dir: Path) -> bool:
        """Whether its file is there."""
        return self.path(data_dir).exists()

    def path(self, data_dir: Path) -> Path:
        """Its file: of the project's own sentences beside the tests, of the others in the data folder."""
        own = HAND.with_name(self.file)
        return own if own.suffix == HAND.suffix else data_dir / f"{self.file}.jsonl.gz"


def rows(data_dir: Path, name: str) -> Iterator[dict[str, Any]]:
    """The rows of one file of the data folder."""
    with gzip.open(data_dir / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def by_hash(found: Labelled) -> Labelled:
    """The same rows in an order that depends on the texts only: a prefix of it is a fair sample."""
    return sorted(found, key=lambda row: hashlib.sha256(row[0].encode()).hexdigest())


def _stars(name: str) -> Callable[[Path], Labelled]:
    """1-2 stars against 4-5; 3 stars say nothing about a side and are left out."""

    def load(data_dir: Path) -> Labelled:
        return by_hash(
            [
                (row["text"], COMPLAINT if row["rating"] <= 2 else PRAISE)
                for row in rows(data_dir, name)
                if row["rating"] != 3 and row["text"].strip()
            ]
        )

    return load


def _balanced(data_dir: Path) -> Labelled:
    found = _stars("app_reviews_ko_answered")(data_dir)
    sides = [[row for row in found if row[1] == side][:BALANCED_EACH_SIDE] for side in (COMPLAINT, PRAISE)]
    return by_hash(sides[0] + sides[1])


def _movies(data_dir: Path) -> Labelled:
    return by_hash(corpus.held_out_movies(data_dir, HELD_OUT_EACH_SIDE, HELD_OUT_SEED))


def _shop(data_dir: Path) -> Labelled:
    found = rows(data_dir, "shop_reviews_ko_dev")
    return by_hash([(row["text"], PRAISE if row["label"] == 1 else COMPLAINT) for row in found])


def _airline(data_dir: Path) -> Labelled:
    names = {"negative": COMPLAINT, "neutral": NEUTRAL, "positive": PRAISE}
    return by_hash([(row["text"], names[row["sentiment"]]) for row in rows(data_dir, "airline_tweets_en_dev")])


def _goemotions(data_dir: Path) -> Labelled:
    found = []
    for row in rows(data_dir, "comments_en_goemotions_dev"):
        target = corpus.go_target(row["emotions"])
        found.append((row["text"], target.index(max(target))))
    return by_hash(found)


def _food(data_dir: Path) -> Labelled:
    """Whole reviews whose aspects all point the same way."""
    polarities: dict[str, set[int]] = {}
    for row in rows(data_dir, "food_aspects_ko_dev"):
        polarities.setdefault(row["text"], set()).add(int(row["polarity"]))
    names = {-1: COMPLAINT, 1: PRAISE}
    return by_hash([(text, names[min(seen)]) for text, seen in polarities.items() if len(seen) == 1 and seen != {0}])


def _intents(data_dir: Path) -> Labelled:
    """Statements, questions and commands without a judgement: neutral is right."""
    return by_hash([(r["text"], NEUTRAL) for r in rows(data_dir, "intents_ko") if str(r["label"]) in {"1", "2", "3"}])


def _written(path: Path) -> Callable[[Path], Labelled]:
    def read(data_dir: Path) -> Labelled:
        with path.open(encoding="utf-8") as lines:
            return [(row["text"], _NAMES[row["label"]]) for row in map(json.loads, lines)]

    return read


SETS: tuple[LabelledSet, ...] = (
    LabelledSet("movie_held_out", "movie_reviews_ko", "film reviews, 1-4 against 9-10 points", True, False, _movies),
    LabelledSet("shop_dev", "shop_reviews_ko_dev", "shop reviews", True, False, _shop),
    LabelledSet(
        "app_2026", "app_reviews_ko_2026", "shopping-app reviews, 1-2 against 4-5 stars", True, False,
        _stars("app_reviews_ko_2026"),
    ),
    LabelledSet("app_answered", "app_reviews_ko_answered", "app reviews, balanced", True, False, _balanced),
    LabelledSet(
        "app_replies", "app_reviews_ko_replies", "one app's reviews, 1-2 against 4-5 stars", True, False,
        _stars("app_reviews_ko_replies"),
    ),
    LabelledSet("food", "food_aspects_ko_dev", "delivery reviews whose aspects agree", True, False, _food),
    LabelledSet("hand", HAND.name, "shop and app sentences written for gwidam", True, True, _written(HAND)),
    LabelledSet("fresh", FRESH.name, "more such sentences, nothing learnt from them", True, True, _written(FRESH)),
    LabelledSet("airline", "airline_tweets_en_dev", "tweets to airlines", False, True, _airline),
    LabelledSet("goemotions_en", "comments_en_goemotions_dev", "comments by emotion", False, True, _goemotions),
    LabelledSet("intents", "intents_ko", "statements, questions, commands: all neutral", False, True, _intents),
)  # fmt: skip


def fingerprint(path: Path) -> str:
    """First 16 hex digits of a file's SHA-256: says whether two measurements saw the same rows."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:16]
