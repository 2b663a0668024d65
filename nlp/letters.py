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
WORTH_COMPILING = 30
"""After so many searches a pattern is compiled into an expression, which searches faster from then on."""
_BEFORE = frozenset("안못않")
DENIALS = frozenset("안못않없말")
"""The letters one of which stands near every negated word."""
_ENDS_WORD = frozenset("이가은는을를도만안못")
_BEFORE_VERB = r"(?:(?<![가-힣])|(?<=[이가은는을를도만안못]))"


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


_Table = dict[str, list[_Look]]
"""The looks of the words of an element by their first letter, in the order of the words, verbs last."""


class Letters:
    """Finds a pattern's letters: each element in one of its looks, the next one joined to it or within GAP letters."""

    def __init__(self, elements: Sequence[Sequence[Word]]) -> None:
        self._words = elements
        self._searches = 0
        self._tables = [(_table(words, negated=False), _table(words, negated=True)) for words in elements]
        self._last = len(elements) - 1
        self.needs = [_beginnings(words) for words in elements]

    def search(self, text: str) -> tuple[int, int] | None:
        """(start, end) of the first place in a text, or None."""
        self._searches += 1
        if self._searches <= WORTH_COMPILING:
            return self._by_hand(text)
        match = self.expression.search(text)
        return match.span() if match else None

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """What finds the same places: ten times as fast, after milliseconds of compiling."""
        first, *others = self._words
        joined = (f"(?:{_any_of(words, alone=False)}|.{{0,{GAP}}}?{_any_of(words, alone=True)})" for words in others)
        return re.compile(_any_of(first, alone=True) + "".join(joined))

    def _by_hand(self, text: str) -> tuple[int, int] | None:
        stated, denied = self._tables[0]
        for start, letter in enumerate(text):
            if letter in stated or (denied and (letter in denied or letter in _BEFORE)):
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
        stated, denied = self._tables[number]
        for start in range(position, min(position + GAP + 1, len(text))):
            letter = text[start]
            if letter in stated or (denied and (letter in denied or letter in _BEFORE)):
                end = self._from(number, text, start, alone=True)
                if end is not None:
                    return end
        return None

    def _ends(self, number: int, text: str, start: int, alone: bool) -> Iterator[int]:
        """Where the element may end; a negated word has 안, 못 or 않 before it, or a denial soon after it."""
        stated, denied = self._tables[number]
        yield from _ends(stated, text, start, alone)
        if not denied:
            return
        if text[start : start + 1] in _BEFORE:
            yield from _ends(denied, text, start + 1 + text[start + 1 : start + 2].isspace(), alone)
        for end in _ends(denied, text, start, alone):
            if not DENIALS.isdisjoint(text[end : end + _DENIAL_NEAR]):
                yield end


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


def _table(words: Sequence[Word], *, negated: bool) -> _Table:
    table: _Table = {}
    chosen = [word for word in words if word.negated == negated]
    for word in sorted(chosen, key=lambda word: word.verb):
        for look in _verb_looks(word.form[:-1]) if word.verb else [_Look(word.form, frozenset(), False)]:
            table.setdefault(look.head[0], []).append(look)
    return table


def _verb_looks(stem: str) -> Iterator[_Look]:
    """느리 -> 느 with 리, 려, 린 ... as its last letter; a stem of one letter is a head by itself."""
    lasts: dict[str, list[str]] = {}
    for look, _ in looks(stem):
        lasts.setdefault(look[:-1], []).append(look[-1])
    for head, letters in lasts.items():
        if head:
            yield _Look(head, frozenset(letters), True)
        else:
            yield from (_Look(letter, frozenset(), True) for letter in letters)


def _ends(table: _Table, text: str, start: int, alone: bool) -> Iterator[int]:
    """Where the words of a table end that begin at `start`; a verb that stands `alone` begins a word or follows
    a particle, 안 or 못: "상해요" is no part of "이상해요"."""
    listed = table.get(text[start : start + 1])
    if not listed:
        return
    no_verb = alone and start > 0 and "가" <= text[start - 1] <= "힣" and text[start - 1] not in _ENDS_WORD
    for look in listed:
        if not look.verb:
            end = _noun_end(look.head, text, start)
            if end:
                yield end
        elif not no_verb and text.startswith(look.head, start):
            end = start + len(look.head)
            if not look.lasts:
                yield end
            elif text[end : end + 1] in look.lasts:
                yield end + 1


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
