"""Sets of rules read from TOML: each says which words make its label. Topics, urgency, replies all work so."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from contracts.errors import ConfigurationError
from nlp import patterns
from nlp.morphemes import analyse, know
from nlp.normalise import normalise

BUNDLED = Path(__file__).parent / "rule_files"
VERSION = "1"

T = TypeVar("T")

_SEGMENT = re.compile(r"[^\n.!?~…;]+")
_MARGIN = 14
_WORD_END = re.compile(r"\S*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What makes one label: Korean patterns, English patterns, and expressions that veto within a sentence."""

    id: str
    ko: tuple[patterns.Pattern, ...] = ()
    en: tuple[re.Pattern[str], ...] = ()
    unless: tuple[re.Pattern[str], ...] = ()


class Hit(NamedTuple):
    """A rule that holds, the words that made it, and where they stand in the normalised text."""

    id: str
    evidence: str
    start: int
    end: int


class RuleReader:
    """Finds the rules that hold in a text. Kiwi sees only pieces in which a pattern's letters occur."""

    def __init__(self, rules: Iterable[Rule], words: Iterable[str] = (), *, whole_text_veto: bool = False) -> None:
        """`words` are taken for one noun each; `whole_text_veto` lets 'unless' look at all of a text."""
        self._rules = list(rules)
        self._whole_text_veto = whole_text_veto
        self._groups = _by_first_element(self._rules)
        self._english = [(rule, pattern) for rule in self._rules for pattern in rule.en]
        know(words)

    def read(self, text: str) -> list[Hit]:
        """One hit a rule that holds, in order of appearance; evidence as it stands in the normalised text."""
        text = normalise(text)
        hits: dict[str, Hit] = {}
        for hit in (*self._korean(text), *self._in_english(text)):
            hits.setdefault(hit.id, hit)
        if self._whole_text_veto:
            hits = {rule.id: hits[rule.id] for rule in self._rules if rule.id in hits and not _vetoed(rule, text)}
        return sorted(hits.values(), key=lambda hit: (hit.start, hit.id))

    def _korean(self, text: str) -> Iterator[Hit]:
        candidates = [pair for first, pairs in self._groups if first.search(text) for pair in pairs]
        if not candidates:
            return
        for segment in _SEGMENT.finditer(text):
            yield from _in_segment(segment[0], segment.start(), candidates)

    def _in_english(self, text: str) -> Iterator[Hit]:
        if not self._english or not re.search("[A-Za-z]{3}", text):
            return
        for rule, pattern in self._english:
            for match in pattern.finditer(text):
                if not patterns.is_denied_in_english(text, match) and not _vetoed(rule, text):
                    yield Hit(rule.id, match[0], match.start(), match.end())
                    break


Candidate = tuple[Rule, patterns.Pattern]


def _in_segment(segment: str, offset: int, candidates: Sequence[Candidate]) -> Iterator[Hit]:
    near: list[tuple[Rule, patterns.Pattern, re.Match[str]]] = []
    for rule, pattern in candidates:
        match = pattern.quick.search(segment)
        if match and not _vetoed(rule, segment):
            if pattern.literal:
                yield Hit(rule.id, match[0].strip(), offset + match.start(), offset + match.end())
            else:
                near.append((rule, pattern, match))
    if not near:
        return
    start = segment.rfind(" ", 0, max(0, min(match.start() for *_, match in near) - _MARGIN)) + 1
    reach = max(match.end() for *_, match in near) + _MARGIN
    end = _word_end(segment, min(reach, len(segment)))
    piece = segment[start:end]
    tokens = analyse(piece)
    for rule, pattern, _ in near:
        span = patterns.find(pattern, tokens)
        if span:
            first, last = span[0], _word_end(piece, span[1])
            yield Hit(rule.id, piece[first:last], offset + start + first, offset + start + last)


def _word_end(text: str, position: int) -> int:
    match = _WORD_END.match(text, position)
    return match.end() if match else position


def _vetoed(rule: Rule, segment: str) -> bool:
    return any(pattern.search(segment) for pattern in rule.unless)


def _by_first_element(rules: Iterable[Rule]) -> list[tuple[re.Pattern[str], list[Candidate]]]:
    """Patterns grouped by how they begin, so that most texts cost one search a group."""
    groups: dict[str, list[Candidate]] = {}
    for rule in rules:
        for pattern in rule.ko:
            groups.setdefault(patterns.first_surface(pattern), []).append((rule, pattern))
    return [(re.compile(first, re.IGNORECASE), pairs) for first, pairs in groups.items()]


# --- reading TOML, with errors that name file, rule, field and remedy --------------------------------------


def read_bytes(path: Path) -> bytes:
    """The file as it is. Raises ConfigurationError when it is missing."""
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path.name}: not readable in {path.parent}; copy it from the project's config/"
        raise ConfigurationError(message) from error


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises ConfigurationError when it is missing or no TOML."""
    try:
        return tomllib.loads(read_bytes(path).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path.name}: not readable as TOML: {error}; mend that line") from error


def rule_file(folder: Path, name: str) -> Path:
    """The user's `name` in the configuration folder, else the bundled one."""
    own = folder / name
    return own if own.is_file() else BUNDLED / name


def tables(path: Path, document: Mapping[str, Any], kind: str, fields: Mapping[str, bool]) -> list[dict[str, Any]]:
    """The [[kind]] tables, checked: `fields` names what may stand there, True for what must; ids are unique."""
    found = document.get(kind, [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise ConfigurationError(f"{path.name}: '{kind}' must be written as [[{kind}]] blocks")
    seen: set[str] = set()
    for number, table in enumerate(found, start=1):
        place = f"{path.name}: {kind} {table.get('id', f'number {number}')!r}"
        for name in table:
            if name not in fields:
                near = difflib.get_close_matches(name, fields, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(fields)}"
                raise ConfigurationError(f"{place}: unknown field '{name}'{hint}")
        for name, needed in fields.items():
            if needed and not table.get(name):
                raise ConfigurationError(f"{place}: '{name}' is missing; add {name} = ...")
        if table["id"] in seen:
            raise ConfigurationError(f"{place}: the id stands twice; give one of them another id")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", str(table["id"])):
            raise ConfigurationError(f"{place}: an id is lower case letters, digits and _ (it goes into reports)")
        seen.add(table["id"])
    return found


def rule_of(path: Path, kind: str, table: Mapping[str, Any]) -> Rule:
    """The patterns of one table: its 'ko', 'en' and 'unless' lists. Raises ConfigurationError."""
    place = f"{path.name}: {kind} {table['id']!r}"
    return Rule(
        id=table["id"],
        ko=tuple(each_pattern(place, "ko", table, patterns.parse)),
        en=tuple(each_pattern(place, "en", table, patterns.parse_english)),
        unless=tuple(each_pattern(place, "unless", table, patterns.expression)),
    )


def each_pattern(place: str, name: str, table: Mapping[str, Any], parse: Callable[[str], T]) -> Iterator[T]:
    """The parsed patterns of one list in a table. Raises ConfigurationError naming place, pattern and remedy."""
    listed = table.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise ConfigurationError(f'{place}: {name} must be a list of patterns: {name} = ["...", "..."]')
    for item in listed:
        try:
            yield parse(item)
        except patterns.PatternError as error:
            raise ConfigurationError(f"{place}: {name} pattern {item!r}: {error}") from error
