"""What is no word of mouth: advertising, giveaways, job posts and reposts, by phrases strong and weak."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from contracts.errors import ConfigurationError
from nlp import patterns, rules
from nlp.grams import Prepared, Sieve, needs_of, prepared
from nlp.tasks import Finding

VERSION = "2"
FILE = "advertising.toml"
_ROOM_FOR_WEAK = 12
"""Letters a text must have for each weak phrase that is needed: a short text has no room for that many."""
LABELS = ("giveaway", "job_post", "repost", "advertising")
_FIELDS = {"id": True, "name_ko": True, "needs": True, "strong": False, "weak": False, "unless": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """One label: a strong phrase makes it alone, weak ones only `needs` together, `unless` cancels it."""

    id: str
    needs: int
    strong: re.Pattern[str] | None
    weak: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    strong_sieve: Sieve
    weak_sieve: Sieve


def reader(path: Path) -> Callable[[Sequence[str]], Iterator[list[Finding]]]:
    """A reader of noise: at most one finding a text, the phrases as evidence."""

    def read(texts: Sequence[str]) -> Iterator[list[Finding]]:
        kinds = _load(path, path.stat().st_mtime_ns)
        for text in texts:
            found = next((f for kind in kinds if (f := _read_one(kind, prepared(text)))), None)
            yield [found] if found else []

    return read


def check(path: Path) -> None:
    """Read the file and raise ConfigurationError where it is wrong."""
    _load(path, path.stat().st_mtime_ns)


def _read_one(kind: Noise, text: Prepared) -> Finding | None:
    evidence = _evidence(kind, text)
    if not evidence or any(pattern.search(text.text) for pattern in kind.unless):
        return None
    return Finding(kind.id, evidence)


def _evidence(kind: Noise, text: Prepared) -> str:
    if kind.strong and kind.strong_sieve.passing(text.grams):
        strong = kind.strong.search(text.text)
        if strong:
            return strong[0].strip()
    if len(text.text) < kind.needs * _ROOM_FOR_WEAK:
        return ""
    possible = kind.weak_sieve.passing(text.grams)
    weak: list[str] = []
    for left, number in zip(range(len(possible), 0, -1), possible, strict=True):
        if len(weak) + left < kind.needs:
            return ""
        match = kind.weak[number].search(text.text)
        if match:
            weak.append(match[0].strip())
        if len(weak) >= kind.needs:
            return ", ".join(weak)
    return ""


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> tuple[Noise, ...]:
    tables = rules.tables(path, rules.read_toml(path), "noise", _FIELDS)
    return tuple(_noise(path, table) for table in tables)


def _noise(path: Path, table: Mapping[str, Any]) -> Noise:
    place = f"{path.name}: noise {table['id']!r}"
    if table["id"] not in LABELS:
        raise ConfigurationError(f"{place}: no such label; known: {', '.join(LABELS)}")
    if not isinstance(table["needs"], int) or table["needs"] < 1:
        raise ConfigurationError(f"{place}: needs must be a whole number of weak phrases, 1 or more")
    strong = list(rules.each_pattern(place, "strong", table, patterns.expression))
    joined = re.compile("|".join(f"(?:{p.pattern})" for p in strong), re.IGNORECASE) if strong else None
    weak = tuple(rules.each_pattern(place, "weak", table, patterns.expression))
    return Noise(
        id=table["id"],
        needs=table["needs"],
        strong=joined,
        weak=weak,
        strong_sieve=Sieve([needs_of(pattern.pattern) for pattern in strong]),
        weak_sieve=Sieve([needs_of(pattern.pattern) for pattern in weak]),
        unless=tuple(rules.each_pattern(place, "unless", table, patterns.expression)),
    )
