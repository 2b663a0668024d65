"""Near-duplicates: a signature that is a pure function of the text. Matching signatures is SQL's work.

MinHash (Broder 1997) over character 4-grams of the text's skeleton (`nlp.normalise.skeleton`: letters and
digits only), so that spacing, punctuation, emoji, links and ㅋㅋ do not matter. Locality-sensitive hashing
cuts the 64 values into bands: two texts that share a band are candidates, and the share of equal values
estimates their Jaccard similarity.

The values are those of datasketch 2's scheme "affine32", computed for many texts at once and without importing
it (docs/adr/0403): a test holds them to the library's own.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from contracts.keys import digest_key
from nlp.normalise import skeleton
from nlp.tasks import Finding

Values = NDArray[np.uint32]

VERSION = "1"
GRAM = 4
VALUES = 64
ROWS_PER_BAND = 4
SHORTEST = 20
"""Skeletons with fewer characters say too little to be a copy of anything ("배송 빨라요 좋아요")."""

_SEED = 42
_PRIME = 16777619
_FMIX = ((16, 0x85EBCA6B), (13, 0xC2B2AE35))  # MurmurHash3's 32-bit finalizer, by Austin Appleby
_AT_ONCE = 2_048
"""Letters hashed at a time: 64 values of each make half a megabyte, which stays in the processor's cache."""
_BANDS_HEX, _HASHES_HEX = VALUES // ROWS_PER_BAND * 8, VALUES * 4


def read(texts: Sequence[str]) -> Iterator[list[Finding]]:
    """'minhash' with {"bands": [16 x 8 hex], "hashes": 64 x 4 hex} and 'exact' for each text long enough.

    `exact` is a key of the skeleton: equal means the same letters. The bands carry 32 bits each, the
    hashes 16 bits each: two texts are alike where the same positions hold the same four hex digits.
    """
    skeletons = [skeleton(text) for text in texts]
    signatures = _encoded([letters for letters in skeletons if len(letters) >= SHORTEST])
    for letters in skeletons:
        if len(letters) < SHORTEST:
            yield []
        else:
            yield [Finding("minhash", value=next(signatures)), Finding("exact", value=digest_key(letters))]


def minhashes(texts: Sequence[str]) -> Iterator[Values]:
    """For each text (of GRAM characters or more) the 64 minima (uint32) over its character 4-grams, in their order."""
    for block in _blocks(texts):
        yield from _minima(block)


def share_band(first: str, second: str) -> bool:
    """Whether two 'minhash' values are candidates: one of the bands is the same at the same place."""
    return any(a == b for a, b in zip(json.loads(first)["bands"], json.loads(second)["bands"], strict=True))


def similarity(first: str, second: str) -> float:
    """Estimated Jaccard similarity of two 'minhash' values: the share of equal positions, 0 to 1."""
    left: str = json.loads(first)["hashes"]
    right: str = json.loads(second)["hashes"]
    same = sum(left[i : i + 4] == right[i : i + 4] for i in range(0, VALUES * 4, 4))
    return same / VALUES


def _encoded(texts: Sequence[str]) -> Iterator[str]:
    """The 'minhash' values of texts."""
    for block in _blocks(texts):
        values = _minima(block)
        stored, size = values.tobytes(), ROWS_PER_BAND * values.itemsize
        checks = [zlib.crc32(stored[start : start + size]) for start in range(0, len(stored), size)]
        bands = np.array(checks, dtype=">u4").tobytes().hex()
        hashes = values.astype(">u2").tobytes().hex()
        for place in range(len(block)):
            own = bands[place * _BANDS_HEX : (place + 1) * _BANDS_HEX]
            listed = '","'.join([own[start : start + 8] for start in range(0, _BANDS_HEX, 8)])
            yield f'{{"bands":["{listed}"],"hashes":"{hashes[place * _HASHES_HEX : (place + 1) * _HASHES_HEX]}"}}'


def _blocks(texts: Sequence[str]) -> Iterator[list[str]]:
    block: list[str] = []
    size = 0
    for text in texts:
        block.append(text)
        size += len(text)
        if size >= _AT_ONCE:
            yield block
            block, size = [], 0
    if block:
        yield block


def _minima(texts: Sequence[str]) -> Values:
    """(texts, 64): every gram permuted 64 times (a * h + b modulo 2**32, a odd), and the least value of each text."""
    grams = _grams("".join(texts))
    factors, addends = _permutations()
    permuted = factors[:, None] * grams[None, :]
    permuted += addends[:, None]
    ends = np.cumsum([len(text) for text in texts])
    # Each text's grams, and those that reach into the next text, by turns; what follows the last one is nothing.
    bounds = np.column_stack([np.append(0, ends[:-1]), ends - GRAM + 1]).ravel()[:-1]
    return np.ascontiguousarray(np.minimum.reduceat(permuted, bounds, axis=1)[:, ::2].T)


def _grams(letters: str) -> Values:
    """Each gram as one number: a polynomial of its code points, modulo 2**32, and MurmurHash3's finalizer."""
    points = np.frombuffer(letters.encode("utf-32-le"), dtype=np.uint32)
    grams = np.zeros(len(points) - GRAM + 1, dtype=np.uint32)
    for offset in range(GRAM):
        grams = grams * np.uint32(_PRIME) + points[offset : offset + len(grams)]
    for shift, factor in _FMIX:
        grams = (grams ^ (grams >> np.uint32(shift))) * np.uint32(factor)
    return grams ^ (grams >> np.uint32(16))


@lru_cache(maxsize=1)
def _permutations() -> tuple[Values, Values]:
    chance = np.random.RandomState(_SEED)
    factors = chance.randint(0, 1 << 31, VALUES, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, chance.randint(0, 1 << 32, VALUES, dtype=np.uint32)
