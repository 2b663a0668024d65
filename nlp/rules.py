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
from nlp.grams import Grams, Prepared, Segment, needs_of, segments, ways
from nlp.morphemes import analyse, know
from nlp.plain import find as find_plain
from nlp.plain_words import AMBIGUOUS, PlainWords, Sentence
from nlp.sieve import Sieve

BUNDLED = Path(__file__).parent / "rule_files"
VERSION = "3"

T = TypeVar("T")

_NONE: Grams = frozenset()
_WORD_END = re.compile(r"\S*")
_WORD_AND_NEXT = re.compile(r"\S*(?:\s(?:[수줄적것일]\S?\s)?\S+)?")
_WORD_AND_DENIAL = re.compile(r"\S*(?:\s(?:[수줄적것일]\S?\s)?[안않못없아말마줄까수적것일듯하]\S*)?")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """What makes one label: Korean patterns, English patterns, and expressions that veto within a sentence."""

    id: str
    ko: tuple[patterns.Pattern, ...] = ()
    en: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Hit(NamedTuple):
    """A rule that holds, the words that made it, and where they stand in the normalised text."""

    id: str
    evidence: str
    start: int
    end: int


Expression = tuple[Rule, str]
Candidate = tuple[Rule, patterns.Pattern]
Span = tuple[int, int, Candidate]


class RuleReader:
    """Finds the rules that hold in a text. Words are read by themselves first; Kiwi sees the rest."""

    def __init__(
        self,
        rules: Iterable[Rule],
        words: Iterable[str] = (),
        *,
        whole_text_veto: bool = False,
        shortcuts: bool = True,
    ) -> None:
        """`words` are taken for one noun each; `whole_text_veto` lets 'unless' look at all of a text.

        Without `shortcuts` every sentence goes to the analyser: slow, for tests.
        """
        self._rules = list(rules)
        self._whole_text_veto = whole_text_veto
        words = tuple(words)
        self._shortcuts = shortcuts
        self._plain = _plain_words(self._rules, words)
        self._literal = [pair for rule in self._rules for pair in _literal(rule)]
        self._english = [(rule, source) for rule in self._rules for source in rule.en]
        self._korean = [(rule, pattern) for rule in self._rules for pattern in rule.ko if not pattern.expression]
        expressions = [needs_of(source) for _, source in (*self._literal, *self._english)]
        self._sieve = Sieve(expressions + [pattern.needs for _, pattern in self._korean])
        know(words)

    def read(self, texts: Sequence[str]) -> Iterator[list[Hit]]:
        """For each text one hit a rule that holds, in order of appearance; evidence as in the normalised text."""
        for ready, passing in self._sieve.passing(texts):
            yield self._read_one(ready, passing) if passing else []

    def _read_one(self, ready: Prepared, passing: Sequence[int]) -> list[Hit]:
        english = len(self._literal)
        korean = english + len(self._english)
        hits: dict[str, Hit] = {}
        for hit in self._by_letters(ready.text, [self._literal[n] for n in passing if n < english]):
            hits.setdefault(hit.id, hit)
        if ready.latin:
            possible = [self._english[n - english] for n in passing if english <= n < korean]
            for hit in self._in_english(ready.text, possible):
                hits.setdefault(hit.id, hit)
        self._by_words(ready.text, [self._korean[n - korean] for n in passing if n >= korean], hits)
        if self._whole_text_veto:
            hits = {rule.id: hits[rule.id] for rule in self._rules if rule.id in hits and not _vetoed(rule, ready.text)}
        return sorted(hits.values(), key=lambda hit: (hit.start, hit.id))

    def _by_letters(self, text: str, candidates: Sequence[Expression]) -> list[Hit]:
        """What stands in the text letter by letter and is not vetoed there, the first places first."""
        found = []
        for rule, source in candidates:
            for match in patterns.compiled(source).finditer(text):
                if not _vetoed(rule, _sentence_around(text, match)):
                    found.append(Hit(rule.id, match[0].strip(), match.start(), match.end()))
                    break
        return sorted(found, key=lambda hit: (hit.start, hit.id))

    def _in_english(self, text: str, candidates: Sequence[Expression]) -> Iterator[Hit]:
        for rule, source in candidates:
            for match in patterns.compiled(source).finditer(text):
                if not patterns.is_denied_in_english(text, match) and not _vetoed(rule, _sentence_around(text, match)):
                    yield Hit(rule.id, match[0], match.start(), match.end())
                    break

    def _by_words(self, text: str, candidates: Sequence[Candidate], hits: dict[str, Hit]) -> None:
        """Adds the rules that hold by their Korean patterns; a rule that is known to hold is not asked again."""
        left = [candidate for candidate in candidates if candidate[0].id not in hits]
        if not left:
            return
        unclear: list[Span] = []
        for segment in segments(text):
            unclear += self._in_words(segment, left, hits) if self._shortcuts else _whole(segment, left)
        for start, end, group in _joined([span for span in unclear if span[2][0].id not in hits]):
            if any(rule.id not in hits for rule, _ in group):
                for hit in _analysed(text[start:end], start, group):
                    hits.setdefault(hit.id, hit)

    def _in_words(self, segment: Segment, candidates: Sequence[Candidate], hits: dict[str, Hit]) -> Iterator[Span]:
        """Adds what the words of one sentence say by themselves; yields the spans that only morphemes can tell."""
        possible, sentence = self._possible(segment, candidates)
        found = sentence.by_form.keys()
        for rule, pattern in possible:
            if rule.id in hits or any(map(found.isdisjoint, pattern.forms)):
                continue
            answer = find_plain(pattern.plain_elements, sentence)
            if answer.holds is False or _vetoed(rule, segment.text):
                continue
            if answer.holds:
                evidence = segment.text[answer.start : answer.end]
                hits[rule.id] = Hit(rule.id, evidence, segment.start + answer.start, segment.start + answer.end)
            else:
                start, end = _with_neighbours(segment.text, answer.start, answer.end)
                yield segment.start + start, segment.start + end, (rule, pattern)

    def _possible(self, segment: Segment, candidates: Sequence[Candidate]) -> tuple[list[Candidate], Sentence]:
        """The patterns whose rarest element is in a sentence, and its words as far as those patterns ask for them."""
        grams = segment.grams
        near = [candidate for candidate in candidates if not grams.isdisjoint(candidate[1].rarest.begins)]
        wanted = grams & _NONE.union(*[it.rarest.begins for _, it in near])
        sentence = self._plain.read(segment, wanted)
        found = sentence.by_form.keys()
        possible = [candidate for candidate in near if not found.isdisjoint(candidate[1].rarest.forms)]
        if possible and sentence.skipped:
            wanted |= grams & _NONE.union(*[it.begins for _, it in possible])
            sentence = self._plain.read(segment, wanted)
        return possible, sentence


def _whole(segment: Segment, candidates: Sequence[Candidate]) -> list[Span]:
    """All of a segment for every pattern: what is analysed when words are not read by themselves."""
    end = segment.start + len(segment.text)
    return [(segment.start, end, (rule, it)) for rule, it in candidates if not _vetoed(rule, segment.text)]


def _analysed(piece: str, offset: int, candidates: Sequence[Candidate]) -> Iterator[Hit]:
    tokens = analyse(piece)
    words = patterns.readings(tokens)
    for rule, pattern in candidates:
        span = patterns.find(pattern, tokens, words)
        if span:
            end = _word_end(piece, span[1])
            yield Hit(rule.id, piece[span[0] : end], offset + span[0], offset + end)


def _with_neighbours(segment: str, start: int, end: int) -> tuple[int, int]:
    """The span in whole words, and what may deny it: one letter before it ("안 ..."), what follows ("... 수 없어요").

    Every letter costs the analyser time. Only where letters mean several things does it need their company.
    """
    begin = segment.rfind(" ", 0, start) + 1
    before = segment.rfind(" ", 0, max(0, begin - 1)) + 1
    ambiguous = AMBIGUOUS.search(segment, start, end)
    match = (_WORD_AND_NEXT if ambiguous else _WORD_AND_DENIAL).match(segment, end)
    return before if ambiguous or begin - before == 2 else begin, match.end() if match else end


def _joined(spans: list[Span]) -> Iterator[tuple[int, int, list[Candidate]]]:
    """Overlapping spans as one, so that no word is analysed twice."""
    group: list[Candidate] = []
    first = last = -1
    for start, end, candidate in sorted(spans, key=lambda span: (span[0], span[1])):
        if group and start >= last:
            yield first, last, group
            group = []
        first = start if not group else first
        last = max(last, end)
        group = [*group, candidate]
    if group:
        yield first, last, group


def _word_end(text: str, position: int) -> int:
    match = _WORD_END.match(text, position)
    return match.end() if match else position


def _sentence_around(text: str, match: re.Match[str]) -> str:
    start = max(text.rfind(mark, 0, match.start()) for mark in "\n.!?") + 1
    ends = [place for mark in "\n.!?" if (place := text.find(mark, match.end())) >= 0]
    return text[start : min(ends, default=len(text))]


def _vetoed(rule: Rule, sentence: str) -> bool:
    return any(patterns.compiled(source).search(sentence) for source in rule.unless)


def _literal(rule: Rule) -> list[Expression]:
    """Every alternative of a rule's /.../ patterns by itself, so that each is searched only where its letters stand."""
    return [(rule, source) for pattern in rule.ko if pattern.expression for source in ways(pattern.expression)]


def _plain_words(rules: Iterable[Rule], whole: Iterable[str]) -> PlainWords:
    words = [word for rule in rules for pattern in rule.ko for choice in pattern.choices for word in choice]
    return PlainWords((w.form.lower() for w in words if not w.verb), {w.form for w in words if w.verb}, whole)


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
