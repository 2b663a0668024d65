"""Topics and teams as configured in topics.toml, and the task that finds them in texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from contracts.errors import ConfigurationError
from nlp import patterns, rules
from nlp.rule_reader import RuleReader
from nlp.tasks import Finding

VERSION = "1"

_TOPIC_FIELDS = {
    "id": True, "name_ko": True, "name_en": True, "team": True, "question": True, "polarity": True,
    "ko": False, "en": False, "unless": False,
}  # fmt: skip
_TEAM_FIELDS = {"id": True, "name_ko": True, "name_en": True}
_POLARITIES = ("complaint", "praise", "any")
_SET = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Who in the shop can fix a topic."""

    id: str
    name_ko: str
    name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing customers talk about; `question` is the fact-check question that the digest puts to the team."""

    id: str
    name_ko: str
    name_en: str
    team: str
    question: str
    polarity: str
    rule: rules.Rule


def load_topics(path: Path) -> tuple[Topic, ...]:
    """The topics of a topics.toml, checked. Raises ConfigurationError naming file, topic, field and remedy."""
    return _load(path)[1]


def load_teams(path: Path) -> tuple[Team, ...]:
    """The teams of a topics.toml, checked. Raises ConfigurationError."""
    return _load(path)[0]


def reader(path: Path, brand_words: Sequence[str] = ()) -> Callable[[Sequence[str]], Iterator[list[Finding]]]:
    """A reader of topics: one finding a topic, evidence the words that made it. Loads on first use."""

    def read(texts: Sequence[str]) -> Iterator[list[Finding]]:
        engine = _engine(path, path.stat().st_mtime_ns, tuple(brand_words))
        for hits in engine.read(texts):
            yield [Finding(hit.id, hit.evidence) for hit in hits]

    return read


@lru_cache(maxsize=8)
def _engine(path: Path, _changed: int, brand_words: tuple[str, ...]) -> RuleReader:
    _, topics, words = _load(path)
    return RuleReader((topic.rule for topic in topics), words=(*words, *brand_words))


def _load(path: Path) -> tuple[tuple[Team, ...], tuple[Topic, ...], tuple[str, ...]]:
    document = rules.read_toml(path)
    teams = tuple(Team(**table) for table in rules.tables(path, document, "team", _TEAM_FIELDS))
    sets = _sets(path, document)
    known = {team.id for team in teams}
    tables = rules.tables(path, document, "topic", _TOPIC_FIELDS)
    if not tables:
        raise ConfigurationError(f"{path.name}: no [[topic]] in it; copy the blocks you need from config/topics.toml")
    return teams, tuple(_topic(path, table, known, sets) for table in tables), _words(path, document)


def _topic(path: Path, table: Mapping[str, Any], teams: set[str], sets: Mapping[str, str]) -> Topic:
    place = f"{path.name}: topic {table['id']!r}"
    if table["team"] not in teams:
        known = ", ".join(sorted(teams))
        raise ConfigurationError(f"{place}: team '{table['team']}' has no [[team]] block; known: {known}")
    if table["polarity"] not in _POLARITIES:
        raise ConfigurationError(f"{place}: polarity must be one of {', '.join(_POLARITIES)}")
    if not table.get("ko") and not table.get("en"):
        raise ConfigurationError(f"{place}: no patterns; add ko = [...] or en = [...]")
    expanded = {**table, "ko": [_expand(place, item, sets) for item in table.get("ko", [])]}
    names = {name: table[name] for name in ("id", "name_ko", "name_en", "team", "question", "polarity")}
    return Topic(**names, rule=rules.rule_of(path, "topic", expanded))


def _expand(place: str, pattern: object, sets: Mapping[str, str]) -> object:
    if not isinstance(pattern, str) or pattern.startswith("/"):
        return pattern

    def words(match: re.Match[str]) -> str:
        if match[1] not in sets:
            known = ", ".join(sorted(sets)) or "none"
            raise ConfigurationError(f"{place}: ko pattern {pattern!r}: no set '{match[1]}' in [sets]; known: {known}")
        return sets[match[1]]

    return _SET.sub(words, pattern)


def _sets(path: Path, document: Mapping[str, Any]) -> dict[str, str]:
    sets = document.get("sets", {})
    if not isinstance(sets, dict) or not all(isinstance(words, str) for words in sets.values()):
        raise ConfigurationError(f'{path.name}: [sets] must hold lines such as delivery = "배송|택배"')
    for name, words in sets.items():
        try:
            patterns.parse(words)
        except patterns.PatternError as error:
            raise ConfigurationError(f"{path.name}: set '{name}': {error}") from error
    return sets


def _words(path: Path, document: Mapping[str, Any]) -> tuple[str, ...]:
    words = document.get("words", [])
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        raise ConfigurationError(f'{path.name}: words must be a list of nouns: words = ["배송비", ...]')
    return tuple(words)
