"""The labelled sets the rules are measured on: our own, under tests/nlp/data, and those of the data folder."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

OWN = Path(__file__).parent.parent / "tests" / "nlp" / "data"
TOPICS = OWN / "topics_labelled.tsv"
PERSONAL = OWN / "personal_data_labelled.txt"
FOOD = "food_aspects_ko_dev.jsonl.gz"
ADVERTISING = "brand_posts_ads_ko_dev.jsonl.gz"

_PERSONAL = re.compile(r"\{\{([^|}]+)\|([^}]*)\}\}")


class Personal(NamedTuple):
    """A text and the spans of personal data in it as (start, end)."""

    text: str
    spans: list[tuple[int, int]]


class Pair(NamedTuple):
    """Two posts, and whether one was copied from the other."""

    first: str
    second: str
    copied: bool


def topic_rows(path: Path = TOPICS) -> list[tuple[set[str], str]]:
    """(topic ids, sentence) of our own labelled sentences; 'none' is the empty set."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            labels, text = line.split("\t")
            rows.append((set(labels.split(",")) - {"none"}, text))
    return rows


def personal_rows(path: Path = PERSONAL) -> list[Personal]:
    """Our own lines, in which personal data is written {{kind|words}}."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_unwrapped(line) for line in lines if not line.startswith("#")]


def _unwrapped(line: str) -> Personal:
    text, position, spans = "", 0, []
    for match in _PERSONAL.finditer(line):
        text += line[position : match.start()]
        spans.append((len(text), len(text) + len(match[2])))
        text += match[2]
        position = match.end()
    return Personal(text + line[position:], spans)


def data_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a gzip JSON lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def copy_pairs(count: int = 200, seed: int = 20261122) -> list[Pair]:
    """Posts put together from our own sentences, each with an edited copy and with a post on the same matter.

    A copy is what people make of a text they carry to another cafe: a line before or after it, other spacing
    and punctuation, a word exchanged, a number changed, a sentence dropped. The other post shares one sentence
    in five or so, which is likeness without copying.
    """
    chance = random.Random(seed)
    sentences = [text for _, text in topic_rows() if re.search("[가-힣]", text)]
    pairs = []
    for _ in range(count):
        chosen = chance.sample(sentences, chance.randint(5, 7))
        others = [chosen[0], *chance.sample([s for s in sentences if s not in chosen], 4)]
        chance.shuffle(others)
        pairs.append(Pair(" ".join(chosen), _copied(chosen, chance), True))
        pairs.append(Pair(" ".join(chosen), " ".join(others), False))
    return pairs


_BEFORE = ("[펌] ", "다른 카페에서 퍼왔어요. ", "(스압주의) ", "저만 그런 거 아니죠? ", "")
_AFTER = (" 다들 조심하세요", " 출처: 맘카페", " ㅠㅠ", " 저도 그랬어요!!", "")
_SWAPS = (("너무", "진짜"), ("고객센터", "상담센터"), ("안 ", "않 "), ("왔어요", "왔네요"), ("배송", "택배"))


def _copied(sentences: list[str], chance: random.Random) -> str:
    kept = list(sentences)
    if chance.random() < 0.3:
        kept.pop(chance.randrange(len(kept)))
    text = chance.choice([" ", "\n", ".. "]).join(kept)
    for old, new in chance.sample(_SWAPS, 2):
        text = text.replace(old, new, 1)
    text = re.sub(r"\d", lambda m: str((int(m[0]) + 1) % 10), text, count=1)
    if chance.random() < 0.5:
        text = re.sub(r"\?|!|~", "", text)
    if chance.random() < 0.3:
        text = text.replace(" ", "", 6)
    return chance.choice(_BEFORE) + text + chance.choice(_AFTER)
