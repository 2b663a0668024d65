"""Reading texts by rules: a sieve drops the rules that can't hold, words are read by themselves, Kiwi sees the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from nlp import patterns
from nlp.grams import Grams, Segment, needs_of, segments, ways
from nlp.morphemes import analyse, know
from nlp.plain import find as find_plain
from nlp.plain_words import AMBIGUOUS, PlainWords, Sentence
from nlp.rules import Rule
from nlp.sieve import Sieve

VERSION = "4"

_NONE: Grams = frozenset()
_WORD_END = re.compile(r"\S*")
_WORD_AND_NEXT = re.compile(r"\S*(?:\s(?:[수줄적것일]\S?\s)?\S+)?")
_WORD_AND_DENIAL = re.compile(r"\S*(?:\s(?:[수줄적것일]\S?\s)?[안않못없아말마줄까수적것일듯하]\S*)?")


class Hit(NamedTuple):
    """A rule that holds, the words that made it, and where they stand in the normalised text."""

    id: str
    evidence: str
    start: int
    end: int


Expression = tuple[Rule, str]
Candidate = tuple[Rule, patterns.Pattern]
Span = tuple[int, int, Candidate]


class Reading:
    """One text while it is read: the hits so far, by rule, and the vetoes that its letters allow."""

    def __init__(self, text: str, vetoes: Iterable[Expression]) -> None:
        self.text = text
        self.hits: dict[str, Hit] = {}
        self._vetoes: dict[str, list[str]] = {}
        for rule, source in vetoes:
            self._vetoes.setdefault(rule.id, []).append(source)

    def add(self, hits: Iterable[Hit]) -> None:
        """Of each rule the first hit is kept."""
        for hit in hits:
            self.hits.setdefault(hit.id, hit)

    def vetoed(self, rule: str, part: str) -> bool:
        """Whether one of the rule's 'unless' stands in a part of the text."""
        return any(patterns.compiled(source).search(part) for source in self._vetoes.get(rule, ()))


class RuleReader:
    """Finds the rules that hold in texts."""

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
        rules, words = tuple(rules), tuple(words)
        self._whole_text_veto, self._shortcuts = whole_text_veto, shortcuts
        self._plain = _plain_words(rules, words)
        self._literal = [pair for rule in rules for pair in _literal(rule)]
        self._english = [(rule, source) for rule in rules for source in rule.en]
        self._korean = [(rule, pattern) for rule in rules for pattern in rule.ko if not pattern.expression]
        self._vetoes = [(rule, way) for rule in rules for source in rule.unless for way in ways(source)]
        self._sieve = Sieve(
            [
                *(needs_of(source) for _, source in (*self._literal, *self._english)),
                *(pattern.needs for _, pattern in self._korean),
                *(needs_of(source) for _, source in self._vetoes),
            ]
        )
        know(words)

    def read(self, texts: Sequence[str]) -> Iterator[list[Hit]]:
        """For each text one hit a rule that holds, in order of appearance; evidence as in the normalised text."""
        english, korean, vetoes = accumulate([len(self._literal), len(self._english), len(self._korean)])
        for ready, passing, grams in self._sieve.passing(texts):
            if not passing or passing[0] >= vetoes:
                yield []
                continue
            reading = Reading(ready.text, [self._vetoes[n - vetoes] for n in passing if n >= vetoes])
            reading.add(_by_letters(reading, [self._literal[n] for n in passing if n < english]))
            if ready.latin:
                possible = [self._english[n - english] for n in passing if english <= n < korean]
                reading.add(_in_english(reading, possible))
            left = [self._korean[n - korean] for n in passing if korean <= n < vetoes]
            left = [candidate for candidate in left if candidate[0].id not in reading.hits]
            if left:
                self._by_words(reading, left, self._sieve.letters(grams))
            hits = list(reading.hits.values())
            if self._whole_text_veto:
                hits = [hit for hit in hits if not reading.vetoed(hit.id, reading.text)]
            yield sorted(hits, key=lambda hit: (hit.start, hit.id))

    def _by_words(self, reading: Reading, left: Sequence[Candidate], grams: Grams) -> None:
        """Adds the rules that hold by their Korean patterns; a rule that is known to hold is not asked again."""
        hits = reading.hits
        unclear: list[Span] = []
        parts = segments(reading.text)
        for segment in parts:
            if self._shortcuts:
                unclear += self._in_words(reading, segment, left, grams if len(parts) == 1 else _of(segment, grams))
            else:
                unclear += _whole(reading, segment, left)
        for start, end, group in _joined([span for span in unclear if span[2][0].id not in hits]):
            if any(rule.id not in hits for rule, _ in group):
                reading.add(_analysed(reading.text[start:end], start, group))

    def _in_words(
        self, reading: Reading, segment: Segment, candidates: Sequence[Candidate], grams: Grams
    ) -> Iterator[Span]:
        """Adds what the words of one sentence say by themselves; yields the spans that only morphemes can tell."""
        possible, sentence = self._possible(segment, candidates, grams)
        found = sentence.by_form.keys()
        for rule, pattern in possible:
            if rule.id in reading.hits or any(map(found.isdisjoint, pattern.forms)):
                continue
            answer = find_plain(pattern.plain_elements, sentence)
            if answer.holds is False or reading.vetoed(rule.id, segment.text):
                continue
            if answer.holds:
                evidence = segment.text[answer.start : answer.end]
                reading.add([Hit(rule.id, evidence, segment.start + answer.start, segment.start + answer.end)])
            else:
                start, end = _with_neighbours(segment.text, answer.start, answer.end)
                yield segment.start + start, segment.start + end, (rule, pattern)

    def _possible(
        self, segment: Segment, candidates: Sequence[Candidate], grams: Grams
    ) -> tuple[list[Candidate], Sentence]:
        """The patterns whose rarest element is in a sentence, and its words as far as those patterns ask for them."""
        near = [candidate for candidate in candidates if not grams.isdisjoint(candidate[1].rarest.begins)]
        sentence = Sentence(segment)
        if not near:
            return [], sentence
        self._plain.read(sentence, _NONE.union(*[grams & it.rarest.begins for _, it in near]))
        found = sentence.by_form.keys()
        possible = [candidate for candidate in near if not found.isdisjoint(candidate[1].rarest.forms)]
        others = [grams & it.begins for _, it in possible if len(it.forms) > 1]
        if others and sentence.skipped:
            self._plain.read(sentence, _NONE.union(*others))
        return possible, sentence


def _of(segment: Segment, grams: Grams) -> Grams:
    """Those of a text's grams that one segment of it has."""
    letters = "".join(segment.words).lower()
    return frozenset([gram for gram in grams if gram in letters])


def _by_letters(reading: Reading, candidates: Sequence[Expression]) -> list[Hit]:
    """What stands in the text letter by letter and is not vetoed there, the first places first."""
    found = []
    for rule, source in candidates:
        for match in patterns.compiled(source).finditer(reading.text):
            if not reading.vetoed(rule.id, _sentence_around(reading.text, match)):
                found.append(Hit(rule.id, match[0].strip(), match.start(), match.end()))
                break
    return sorted(found, key=lambda hit: (hit.start, hit.id))


def _in_english(reading: Reading, candidates: Sequence[Expression]) -> Iterator[Hit]:
    text = reading.text
    for rule, source in candidates:
        for match in patterns.compiled(source).finditer(text):
            denied = patterns.is_denied_in_english(text, match)
            if not denied and not reading.vetoed(rule.id, _sentence_around(text, match)):
                yield Hit(rule.id, match[0], match.start(), match.end())
                break


def _whole(reading: Reading, segment: Segment, candidates: Sequence[Candidate]) -> list[Span]:
    """All of a segment for every pattern: what is analysed when words are not read by themselves."""
    end = segment.start + len(segment.text)
    return [(segment.start, end, (rule, it)) for rule, it in candidates if not reading.vetoed(rule.id, segment.text)]


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


def _literal(rule: Rule) -> list[Expression]:
    """Every alternative of a rule's /.../ patterns by itself, so that each is searched only where its letters stand."""
    return [(rule, source) for pattern in rule.ko if pattern.expression for source in ways(pattern.expression)]


def _plain_words(rules: Iterable[Rule], whole: Iterable[str]) -> PlainWords:
    words = [word for rule in rules for pattern in rule.ko for choice in pattern.choices for word in choice]
    return PlainWords((w.form.lower() for w in words if not w.verb), {w.form for w in words if w.verb}, whole)
