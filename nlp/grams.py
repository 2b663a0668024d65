"""A text prepared once for every rule, and what a rule needs of it: letters and pairs of letters ("grams").

They are of lower-case letters without white space. What a regular expression needs is read off its own parse tree.
`nlp.sieve` tells by them which rules can't hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]  # the parse tree has no public name since 3.11
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from nlp.normalise import normalise

Grams = frozenset[str]
Needs = tuple[Grams, ...]
"""What must occur: of each of these sets at least one gram (one or two letters)."""
_MOST = 64
_WIDEST_CLASS = 16
_SEGMENT = re.compile(r"[^\n.!?~…;]+")
_ENGLISH_WORD = re.compile(r"[A-Za-z]{3}")


class Prepared(NamedTuple):
    """A text as rules read it, its lower-case letters without white space, and whether it may hold English."""

    text: str
    letters: str
    latin: bool


class Segment(NamedTuple):
    """A sentence or less of a text, where it begins there, and its words (parted by spaces and commas)."""

    text: str
    start: int
    words: list[str]


@lru_cache(maxsize=4_096)
def prepared(text: str) -> Prepared:
    """Normalise a text: once, though many tasks ask (the tagger's chunks are smaller)."""
    plain = normalise(text)
    return Prepared(plain, "".join(plain.lower().split()), _ENGLISH_WORD.search(plain) is not None)


@lru_cache(maxsize=4_096)
def segments(plain: str) -> tuple[Segment, ...]:
    """The segments of a normalised text."""
    return tuple(
        Segment(match[0], match.start(), match[0].replace(",", " ").split()) for match in _SEGMENT.finditer(plain)
    )


def needs_of(expression: str) -> Needs:
    """The sets of grams of which a match of this regular expression holds one each; () where nothing is sure."""
    return tuple(_of_sequence(tree(expression)))


def weakness(grams: Grams) -> tuple[float, int]:
    """Few and long grams are the strongest need: what sorts first lets the fewest texts pass."""
    return sum(1.0 if len(gram) > 1 else 4.0 for gram in grams), len(grams)


def tree(expression: str) -> Any:
    """The parse tree of a regular expression. Raises re.error."""
    return parser.parse(expression)


def ways(expression: str) -> list[str]:
    """The alternatives of a regular expression that is one choice ('a|b(c|d)' -> 'a', 'b(c|d)'): each has its needs."""
    found, depth, inside, begun, position = [], 0, False, 0, 0
    while position < len(expression):
        sign = expression[position]
        if sign == "\\":
            position += 1
        elif sign in "[]":
            inside = sign == "["
        elif not inside:
            depth += {"(": 1, ")": -1}.get(sign, 0)
            if sign == "|" and not depth:
                found.append(expression[begun:position])
                begun = position + 1
        position += 1
    return [*found, expression[begun:]]


def _of_sequence(tree: Any) -> list[Grams]:
    """The needs of parts that follow each other: literals side by side make pairs, white space is no part."""
    found: list[Grams] = []
    run = ""
    for operator, argument in tree:
        if operator is sre.LITERAL:
            run += "" if chr(argument).isspace() else chr(argument).lower()
            continue
        if _is_space(operator, argument):
            continue
        found += _of_run(run)
        run = ""
        found += _of_part(operator, argument)
    found += _of_run(run)
    return sorted({grams for grams in found if grams}, key=weakness)[:2]


def _of_run(run: str) -> list[Grams]:
    if len(run) < 2:
        return [frozenset(run)] if run else []
    return [frozenset({run[:2]}), frozenset({run[-2:]})]


def _of_part(operator: Any, argument: Any) -> list[Grams]:
    if operator is sre.SUBPATTERN:
        return _of_sequence(argument[-1])
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT) and argument[0] > 0:
        return _of_sequence(argument[2])
    if operator is sre.BRANCH:
        return _of_branch(argument[1])
    if operator is sre.IN:
        return _of_class(argument)
    return []


def _of_branch(ways: Sequence[Any]) -> list[Grams]:
    """The union over the ways of the strongest need of each; nothing when a way needs nothing."""
    union: frozenset[str] = frozenset()
    for way in ways:
        needs = _of_sequence(way)
        if not needs:
            return []
        union |= needs[0]
    return [union] if len(union) <= _MOST else []


def _of_class(items: Sequence[tuple[Any, Any]]) -> list[Grams]:
    letters: set[str] = set()
    for operator, argument in items:
        if operator is not sre.LITERAL or chr(argument).isspace():
            return []
        letters.add(chr(argument).lower())
    return [frozenset(letters)] if len(letters) <= _WIDEST_CLASS else []


def _is_space(operator: Any, argument: Any) -> bool:
    """White space, however often: it is left out of a text's grams, so it parts nothing."""
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return len(argument[2]) == 1 and _is_space(*argument[2][0])
    if operator is sre.IN:
        return list(argument) == [(sre.CATEGORY, sre.CATEGORY_SPACE)]
    return operator is sre.LITERAL and chr(argument).isspace()
