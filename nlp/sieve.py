"""A sieve: which rules can't hold in a text, by the letters and pairs of letters that it has.

A rule that needs "배송" needs the pair 배송; a text without it is never searched. Many texts are sieved at once, as
numbers in arrays: asking each text for each rule's letters would cost more than most rules.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nlp.grams import Grams, Needs, Prepared, prepared

_BORDER = "\n"
"""Stands before each text of a block, and is never in one: `Prepared.letters` are without white space."""
_AT_ONCE = 32_768
"""Letters sieved at a time: longer blocks leave the processor's cache."""


class Passing(NamedTuple):
    """A text, the numbers of the items that may hold in it (in order), and those of the known grams that it has."""

    ready: Prepared
    items: list[int]
    grams: list[int]


class Sieve:
    """Finds the items whose needs are met by what a text has.

    Every known gram has a number, and a row of bits for each place in the lists of needs: one bit an item. The rows of
    a text's grams put together say which needs are met; an item passes if all of its are. Row 0 stands for no gram:
    what an item has no need for is met by any text.
    """

    def __init__(self, needs: Sequence[Needs]) -> None:
        """`needs[i]` are those of item i, any number of them."""
        known = ["", *sorted({gram for item in needs for grams in item for gram in grams})]
        number = {gram: row for row, gram in enumerate(known)}
        places = max(map(len, needs), default=1) or 1
        met = np.zeros((len(known), places, -(-len(needs) // 64) * 64), dtype=bool)
        for item, own in enumerate(needs):
            met[0, len(own) :, item] = True
            for place, grams in enumerate(own):
                met[[number[gram] for gram in grams], place, item] = True
        self._known = known
        self._met = np.packbits(met, axis=2, bitorder="little").view(np.uint64)
        letters = {letter: place for place, letter in enumerate(sorted(set("".join(known))), start=1)}
        self._letter = np.zeros(sys.maxunicode + 1, dtype=np.uint16)
        self._alone = np.zeros(len(letters) + 1, dtype=np.uint16)
        self._pair = np.zeros((len(letters) + 1, len(letters) + 1), dtype=np.uint16)
        for letter, place in letters.items():
            self._letter[ord(letter)] = place
            self._alone[place] = number.get(letter, 0)
        for gram in known:
            if len(gram) == 2:
                self._pair[letters[gram[0]], letters[gram[1]]] = number[gram]

    def passing(self, texts: Sequence[str]) -> Iterator[Passing]:
        """What may hold in each of the texts, in their order."""
        block: list[Prepared] = []
        size = 0
        for ready in map(prepared, texts):
            block.append(ready)
            size += len(ready.letters)
            if size >= _AT_ONCE:
                yield from self._of_block(block)
                block, size = [], 0
        if block:
            yield from self._of_block(block)

    def _of_block(self, block: Sequence[Prepared]) -> Iterator[Passing]:
        rows = self._rows([ready.letters for ready in block])
        begins = np.flatnonzero(rows == 0)
        passed = np.bitwise_and.reduce(np.bitwise_or.reduceat(self._met[rows], begins), axis=1)
        bits = np.flatnonzero(np.unpackbits(passed.view(np.uint8), bitorder="little").view(np.bool_))
        of_text, items = np.divmod(bits, passed.shape[1] * 64)
        ends = np.searchsorted(of_text, np.arange(len(block) + 1)).tolist()
        listed, grams, borders = items.tolist(), rows.tolist(), [*begins.tolist(), len(rows)]
        for place, ready in enumerate(block):
            own = listed[ends[place] : ends[place + 1]]
            yield Passing(ready, own, grams[borders[place] + 1 : borders[place + 1]])

    def letters(self, grams: Sequence[int]) -> Grams:
        """The letters and pairs that have these numbers."""
        return frozenset([self._known[gram] for gram in grams])

    def _rows(self, texts: Sequence[str]) -> NDArray[np.uint16]:
        """The numbers of the known grams in the order of the texts; each text begins with a 0."""
        joined = "".join([_BORDER + text for text in texts])
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        letters = self._letter[points]
        rows = np.zeros((len(points), 2), dtype=np.uint16)
        rows[:, 0] = self._alone[letters]
        rows[:-1, 1] = self._pair[letters[:-1], letters[1:]]
        kept = rows != 0
        kept[:, 0] |= points == ord(_BORDER)
        found: NDArray[np.uint16] = rows[kept]
        return found
