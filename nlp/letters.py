"""Where the letters of a Korean pattern stand in a text, whatever they mean there.

A pattern is a list of elements, each a choice of words. What is found here is no reading yet: "상하다" stands in
"상해요", and the letters of "새다" in "새벽". It says cheaply where reading is worth while, and needs no regular
expression: those of all patterns of a rule file take seconds to compile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from nlp.syllables import beginnings, looks, shape

GAP = 16
"""How many letters may stand between two elements."""
_DENIAL_NEAR = 7
WORTH_COMPILING = 300
"""After so many searches a pattern is compiled into an expression, which searches faster from then on."""
_BEFORE = frozenset("안못않")
DENIALS = frozenset("안못않없말")
"""The letters one of which stands near every negated word."""
_ENDS_WORD = "이가은는을를도만안못"
_BEFORE_VERB = rf"(?:(?<![가-힣])|(?<=[{_ENDS_WORD}]))"


class Word(NamedTuple):
    """One alternative of an element."""

    form: str
    negated: bool
    verb: bool


class _Look(NamedTuple):
    """How a word may be written: `head`, and then one of `lasts` if there are any; a noun also with spaces in it."""

    head: str
    lasts: frozenset[str]
    verb: bool


class _Table(NamedTuple):
    """The looks of an element's words by their first two letters, and those of one letter by it; verbs come last.

    `firsts` are the letters that any of them begins with.
    """

    by_two: dict[str, list[_Look]]
    by_one: dict[str, list[_Look]]
    firsts: frozenset[str]


class Letters:
    """Finds a pattern's letters: each element in one of its looks, the next one joined to it or within GAP letters."""

    def __init__(self, elements: Sequence[Sequence[Word]]) -> None:
        self._words = elements
        self._searches = 0
        self._last = len(elements) - 1
        self.needs = [_beginnings(words) for words in elements]

    @cached_property
    def _tables(self) -> list[tuple[_Table, _Table]]:
        """For each element its words as they are and its negated words."""
        return [(_table(words, negated=False), _table(words, negated=True)) for words in self._words]

    @cached_property
    def _firsts(self) -> list[frozenset[str]]:
        """The letters each element may begin with."""
        return [
            stated.firsts | denied.firsts | (_BEFORE if denied.firsts else frozenset())
            for stated, denied in self._tables
        ]

    def search(self, text: str, grams: frozenset[str]) -> tuple[int, int] | None:
        """(start, end) of the first place in a text, or None; `grams` as in `nlp.grams.Prepared`, of it or of more."""
        self._searches += 1
        if self._searches <= WORTH_COMPILING:
            return self._by_hand(text, grams)
        match = self.expression.search(text)
        return match.span() if match else None

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """What finds the same places: ten times as fast, after milliseconds of compiling."""
        first, *others = self._words
        joined = (f"(?:{_any_of(words, alone=False)}|.{{0,{GAP}}}?{_any_of(words, alone=True)})" for words in others)
        return re.compile(_any_of(first, alone=True) + "".join(joined))

    def _by_hand(self, text: str, grams: frozenset[str]) -> tuple[int, int] | None:
        firsts = {gram[0] for gram in self.needs[0] & grams}
        firsts.update([letter.upper() for letter in firsts if letter.isascii()])
        if self._tables[0][1].firsts:
            firsts |= _BEFORE
        for start in sorted([place for letter in firsts for place in places(letter, text)]):
            end = self._from(0, text, start, alone=True)
            if end is not None:
                return start, end
        return None

    def _from(self, number: int, text: str, start: int, *, alone: bool) -> int | None:
        """Where the pattern ends if its element `number` begins at `start`."""
        for end in self._ends(number, text, start, alone):
            if number == self._last:
                return end
            last = self._after(number + 1, text, end)
            if last is not None:
                return last
        return None

    def _after(self, number: int, text: str, position: int) -> int | None:
        end = self._from(number, text, position, alone=False)
        if end is not None:
            return end
        firsts = self._firsts[number]
        for start in range(position, min(position + GAP + 1, len(text))):
            if text[start] in firsts:
                end = self._from(number, text, start, alone=True)
                if end is not None:
                    return end
        return None

    def _ends(self, number: int, text: str, start: int, alone: bool) -> list[int]:
        """Where the element may end; a negated word has 안, 못 or 않 before it, or a denial soon after it."""
        stated, denied = self._tables[number]
        ends = _ends(stated, text, start, alone)
        if denied.firsts:
            if text[start : start + 1] in _BEFORE:
                ends += _ends(denied, text, start + 1 + text[start + 1 : start + 2].isspace(), alone)
            found = _ends(denied, text, start, alone)
            ends += [end for end in found if not DENIALS.isdisjoint(text[end : end + _DENIAL_NEAR])]
        return ends


def _any_of(words: Sequence[Word], *, alone: bool) -> str:
    """The looks of an element's words as an expression, in the order of `_ends`."""
    found = []
    for negated in (False, True):
        chosen = [word for word in words if word.negated == negated]
        nouns = [r"\s?".join(map(re.escape, word.form)) for word in chosen if not word.verb]
        verbs = [shape(word.form[:-1]) for word in chosen if word.verb]
        if verbs:
            nouns.append((_BEFORE_VERB if alone else "") + f"(?:{'|'.join(verbs)})")
        if nouns:
            letters = f"(?:{'|'.join(nouns)})"
            found.append(rf"(?:안|못|않)\s?{letters}|{letters}(?=.{{0,6}}?[안못않없말])" if negated else letters)
    return f"(?:{'|'.join(found)})"


def _beginnings(words: Sequence[Word]) -> frozenset[str]:
    """The first two letters (one, where a word is that short) of every look, lower case: one of them must occur."""
    return frozenset(key for word in words for key in beginnings(word.form, word.verb))


def places(letter: str, text: str) -> Iterator[int]:
    """Where a letter stands in a text."""
    place = text.find(letter)
    while place >= 0:
        yield place
        place = text.find(letter, place + 1)


def _table(words: Sequence[Word], *, negated: bool) -> _Table:
    chosen = sorted((word for word in words if word.negated == negated), key=lambda word: word.verb)
    listed = [look for word in chosen for look in _word_looks(word)]
    by_one: dict[str, list[_Look]] = {}
    by_two: dict[str, list[_Look]] = {}
    for look in listed:
        if len(look.head) == 1 and not look.lasts:
            by_one.setdefault(look.head, []).append(look)
        for key in _keys(look):
            by_two.setdefault(key, []).append(look)
    for key, own in by_two.items():
        if key[0] in by_one:
            own[:] = [look for look in listed if look in own or look in by_one[key[0]]]
    return _Table(by_two, by_one, frozenset(look.head[0] for look in listed))


def _keys(look: _Look) -> set[str]:
    """The two letters that a look may begin with; within a noun there may be a space."""
    if len(look.head) == 1:  # none if that is all of it
        return {look.head + last for last in look.lasts}
    return {look.head[:2]} if look.verb else {look.head[:2], look.head[0] + " ", look.head[0] + "\n"}


def _word_looks(word: Word) -> Iterator[_Look]:
    """A noun as it is; of 느리다 느, then 리, 려, 린 ... as its last letter; of 오다 the heads 오, 와, 온 ..."""
    if not word.verb:
        yield _Look(word.form, frozenset(), False)
        return
    lasts: dict[str, list[str]] = {}
    for look, _ in looks(word.form[:-1]):
        lasts.setdefault(look[:-1], []).append(look[-1])
    for head, letters in lasts.items():
        if head:
            yield _Look(head, frozenset(letters), True)
        else:
            yield from (_Look(letter, frozenset(), True) for letter in letters)


def _ends(table: _Table, text: str, start: int, alone: bool) -> list[int]:
    """Where the words of a table end that begin at `start`; a verb that stands `alone` begins a word or follows
    a particle, 안 or 못: "상해요" is no part of "이상해요"."""
    listed = table.by_two.get(text[start : start + 2]) or table.by_one.get(text[start : start + 1])
    if not listed:
        return []
    no_verb = alone and start > 0 and "가" <= text[start - 1] <= "힣" and text[start - 1] not in _ENDS_WORD
    possible = [look for look in listed if not look.verb] if no_verb else listed
    ends = [_verb_end(look, text, start) if look.verb else _noun_end(look.head, text, start) for look in possible]
    return [end for end in ends if end]


def _verb_end(look: _Look, text: str, start: int) -> int:
    """Where a verb's look ends that begins at `start`; 0 where it doesn't."""
    end = start + len(look.head)
    if not text.startswith(look.head, start) or (look.lasts and text[end : end + 1] not in look.lasts):
        return 0
    return end + bool(look.lasts)


def _noun_end(noun: str, text: str, start: int) -> int:
    """Where a noun ends that begins at `start`, a space between any two of its letters allowed; 0 where it doesn't."""
    if text.startswith(noun, start):
        return start + len(noun)
    position = start
    for letter in noun:
        if position > start and text[position : position + 1].isspace():
            position += 1
        if text[position : position + 1] != letter:
            return 0
        position += 1
    return position
