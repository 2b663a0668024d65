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
from nlp.grams import needs_of
from nlp.sieve import Sieve
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
    strong: tuple[str, ...]
    weak: tuple[str, ...]
    unless: tuple[str, ...]


class Phrases:
    """All kinds of noise, read in many texts."""

    def __init__(self, kinds: Sequence[Noise]) -> None:
        self._kinds = tuple(kinds)
        self._owners = [
            (number, strong, source)
            for number, kind in enumerate(kinds)
            for strong, sources in ((True, kind.strong), (False, kind.weak))
            for source in sources
        ]
        self._sieve = Sieve([needs_of(source) for _, _, source in self._owners])

    def read(self, texts: Sequence[str]) -> Iterator[Finding | None]:
        """The first kind of noise that each text is."""
        for ready, items, _ in self._sieve.passing(texts):
            possible: dict[int, tuple[list[str], list[str]]] = {}
            for number, strong, source in map(self._owners.__getitem__, items):
                possible.setdefault(number, ([], []))[0 if strong else 1].append(source)
            kinds = ((self._kinds[number], *own) for number, own in possible.items())
            yield next((found for kind in kinds if (found := _read_one(*kind, ready.text))), None)


def reader(path: Path) -> Callable[[Sequence[str]], Iterator[list[Finding]]]:
    """A reader of noise: at most one finding a text, the phrases as evidence."""

    def read(texts: Sequence[str]) -> Iterator[list[Finding]]:
        for found in _load(path, path.stat().st_mtime_ns).read(texts):
            yield [found] if found else []

    return read


def check(path: Path) -> None:
    """Read the file and raise ConfigurationError where it is wrong."""
    _load(path, path.stat().st_mtime_ns)


def _read_one(kind: Noise, strong: Sequence[str], weak: Sequence[str], text: str) -> Finding | None:
    evidence = _first(strong, text) or _together(weak, kind.needs, text)
    if not evidence or any(patterns.compiled(source).search(text) for source in kind.unless):
        return None
    return Finding(kind.id, evidence)


def _first(phrases: Sequence[str], text: str) -> str:
    """The phrase that stands first in the text, as it stands there."""
    matches = [match for source in phrases if (match := patterns.compiled(source).search(text))]
    return min(matches, key=re.Match.start)[0].strip() if matches else ""


def _together(phrases: Sequence[str], needs: int, text: str) -> str:
    """As many phrases as are needed, in the order of the file; '' where there are fewer."""
    if len(text) < needs * _ROOM_FOR_WEAK:
        return ""
    found: list[str] = []
    for left, source in zip(range(len(phrases), 0, -1), phrases, strict=True):
        if len(found) + left < needs:
            return ""
        match = patterns.compiled(source).search(text)
        if match:
            found.append(match[0].strip())
        if len(found) >= needs:
            return ", ".join(found)
    return ""


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> Phrases:
    tables = rules.tables(path, rules.read_toml(path), "noise", _FIELDS)
    return Phrases([_noise(path, table) for table in tables])


def _noise(path: Path, table: Mapping[str, Any]) -> Noise:
    place = f"{path.name}: noise {table['id']!r}"
    if table["id"] not in LABELS:
        raise ConfigurationError(f"{place}: no such label; known: {', '.join(LABELS)}")
    if not isinstance(table["needs"], int) or table["needs"] < 1:
        raise ConfigurationError(f"{place}: needs must be a whole number of weak phrases, 1 or more")
    strong, weak, unless = (
        tuple(rules.each_pattern(place, name, table, patterns.expression)) for name in ("strong", "weak", "unless")
    )
    return Noise(id=table["id"], needs=table["needs"], strong=strong, weak=weak, unless=unless)
