"""Hashed n-grams of token ids: the reference in numpy that network.py repeats inside the graph.

An n-gram at position t is h = (offset + sum over k of ids[t + k] * factor[k]) mod buckets, with factors and
offset of its own for each (kind, length). "exact" n-grams see the word marks, "base" ones do not, so that a
missing space changes only half of what is seen. A prime number of buckets spreads neighbouring ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Gram:
    """One n-gram family: its kind ('exact' or 'base'), length, and hash constants."""

    kind: str
    factors: tuple[int, ...]
    offset: int

    @property
    def length(self) -> int:
        """How many tokens one n-gram covers."""
        return len(self.factors)


def grams(spec: list[str], seed: int) -> list[Gram]:
    """'e3' is an exact 3-gram, 'b4' a base 4-gram, 'b:101' two base tokens with any one between them.

    Constants come from the seed and the name only; the tokens that do not count have the factor 0.
    """
    found = []
    for name in spec:
        kind = {"e": "exact", "b": "base"}[name[0]]
        counts = name[2:] if name[1] == ":" else "1" * int(name[1:])
        rng = np.random.default_rng([seed, ord(name[0]), len(counts), *([int(counts)] if "0" in counts else [])])
        constants = [int(value) for value in rng.integers(1 << 20, 1 << 31, size=len(counts) + 1)]
        factors = tuple(value * int(one) for value, one in zip(constants, counts, strict=False))
        found.append(Gram(kind, factors, constants[-1]))
    return found


def hashed(ids: Sequence[ArrayLike], bases: Ints, families: list[Gram], buckets: int) -> tuple[Ints, Ints]:
    """(row, bucket) of every n-gram of every text; `ids` hold [CLS] and [SEP] already."""
    lengths = np.array([len(row) for row in ids], dtype=np.int64)
    flat = np.concatenate([np.asarray(row, dtype=np.int64) for row in ids])
    row_of = np.repeat(np.arange(len(ids), dtype=np.int64), lengths)
    end = np.repeat(np.cumsum(lengths), lengths)
    position = np.arange(len(flat), dtype=np.int64)
    rows, columns = [], []
    for gram in families:
        tokens = flat if gram.kind == "exact" else bases[flat]
        padded = np.concatenate([tokens, np.zeros(gram.length, dtype=np.int64)])
        value = np.full(len(flat), gram.offset, dtype=np.int64)
        for shift, factor in enumerate(gram.factors):
            if factor:
                value += padded[shift : shift + len(flat)] * factor
        whole = position + gram.length <= end
        rows.append(row_of[whole])
        columns.append((value % buckets)[whole])
    return np.concatenate(rows), np.concatenate(columns)
