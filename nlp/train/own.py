"""Fills the project's own sentence patterns (own_ko.toml, own_en.toml) into training rows, with typing noise."""

from __future__ import annotations

import random
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from nlp.train.corpus import COMPLAINT, HARD, NEUTRAL, PRAISE, Row

_SLOT = re.compile(r"\{(\w+)\}")
# Of `each`: complaint, neutral, praise. People write to companies in English on X mostly to complain.
_SHARES = {"ko": (1.0, 1.0, 1.0), "en": (1.4, 1.0, 0.8)}
_MASKS = ("[전화번호]", "[이메일]", "[주문번호]", "[주소]", "[계좌번호]")


@cache
def patterns(language: str) -> dict[str, Any]:
    """The patterns by class, and the slots, of 'ko' or 'en'."""
    return tomllib.loads((Path(__file__).parent / f"own_{language}.toml").read_text(encoding="utf-8"))


def fill(pattern: str, slots: dict[str, list[str]], rng: random.Random) -> str:
    """One sentence: every {slot} replaced by a random filler, nested slots too."""
    text = pattern
    while match := _SLOT.search(text):
        text = text[: match.start()] + rng.choice(slots[match[1]]) + text[match.end() :]
    return " ".join(text.split())


def sentences(each_ko: int, each_en: int, seed: int) -> list[Row]:
    """About `each_ko` and `each_en` sentences a class, some of them several
    patterns joined, one in three with typing noise."""
    rng = random.Random(seed)
    rows: list[Row] = []
    for language, each in (("ko", each_ko), ("en", each_en)):
        own = patterns(language)
        slots, questions = own["slots"], own["neutral"]
        classes = ((COMPLAINT, own["complaint"]), (NEUTRAL, questions), (PRAISE, own["praise"]))
        for (label, lines), share in zip(classes, _SHARES[language], strict=True):
            for number in range(round(each * share)):
                text = fill(lines[number % len(lines)], slots, rng)
                while rng.random() < (0.1 if label == NEUTRAL else 0.3):
                    joiner = rng.choice((" ", ". ", " ", "! " if label == PRAISE else ".. "))
                    text += joiner + fill(rng.choice(lines), slots, rng)
                if label == COMPLAINT and rng.random() < 0.08:
                    text = fill(rng.choice(questions), slots, rng) + " " + text
                if rng.random() < 0.04:
                    text += " " + rng.choice(_MASKS)
                domain = f"own_{language}"
                rows.append(Row(noisy(text, rng) if rng.random() < 0.33 else text, HARD[label], domain))
    return rows


def noisy(text: str, rng: random.Random) -> str:
    """The same text as a hurried thumb types it: lost spaces, repeated or dropped characters, signs, capitals."""
    roll = rng.random()
    if roll < 0.3:
        return "".join(c for c in text if c != " " or rng.random() > 0.5)
    if roll < 0.4:
        return text.replace(" ", "")
    if roll < 0.6 and len(text) > 4:
        at = rng.randrange(len(text))
        return text[:at] + text[at + 1 :] if rng.random() < 0.5 else text[:at] + text[at] * 2 + text[at:]
    if roll < 0.7:
        return text.upper() if text.isascii() else text + rng.choice(("ㅋㅋ", "..", "ㅎ", "~", "!!"))
    if roll < 0.85:
        return text.replace("요", rng.choice(("용", "여", "욤", "요ㅎ")), 1)
    return re.sub(r"[.!?~,]", "", text)
