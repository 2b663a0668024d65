"""Masking personal data: numbers, addresses and accounts are replaced before anything touches a disk.

Only regular expressions and checksums, so that every listener can afford it. Positions are found in a
folded copy of the same length (full-width digits, odd dashes), in an order in which the more certain
kind goes first; what is ambiguous (a price, a size, a date, a product code) stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nlp.normalise import compose, fold
from nlp.personal_numbers import NUMBER_FINDERS
from nlp.personal_places import PLACE_FINDERS

VERSION = "1"

Span = tuple[int, int]
Finder = tuple[str, Callable[[str], Iterator[Span]]]

_WORTH_LOOKING = re.compile(r"[0-9０-９@＠]|골뱅이|공일|영일|[공영]1")
_FINDERS: tuple[Finder, ...] = (*NUMBER_FINDERS, *PLACE_FINDERS)


def mask(text: str) -> str:
    """The text with personal data replaced by '[전화번호]', '[이메일]', '[주소]' and the like.

    Pure and idempotent: mask(mask(t)) == mask(t). Also composes the text (NFC) and drops invisible
    characters, which people use to get numbers past filters.
    """
    text = compose(text)
    # Every replacement removes at least one digit or an @, so this ends; a second round only matters when
    # a number touched another one.
    while _WORTH_LOOKING.search(text):
        masked = _mask_once(text)
        if masked == text:
            return text
        text = masked
    return text


def spans(text: str) -> list[tuple[int, int]]:
    """Where personal data stands in a text that is composed already, as (start, end)."""
    return [(start, end) for start, end, _ in _spans(fold(text))]


def _mask_once(text: str) -> str:
    parts, position = [], 0
    for start, end, kind in _spans(fold(text)):
        parts += [text[position:start], f"[{kind}]"]
        position = end
    return "".join(parts) + text[position:]


def _spans(folded: str) -> list[tuple[int, int, str]]:
    taken: list[tuple[int, int, str]] = []
    for kind, find in _FINDERS:
        for start, end in find(folded):
            if all(end <= other_start or start >= other_end for other_start, other_end, _ in taken):
                taken.append((start, end, kind))
    return sorted(taken)
