"""Near-duplicates: a signature that is a pure function of the text. Matching signatures is SQL's work.

MinHash (Broder 1997) over character 4-grams of the text's skeleton (`nlp.normalise.skeleton`: letters and
digits only), so that spacing, punctuation, emoji, links and ㅋㅋ do not matter. Locality-sensitive hashing
cuts the 64 values into bands: two texts that share a band are candidates, and the share of equal values
estimates their Jaccard similarity.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from contracts.keys import digest_key
from nlp.normalise import skeleton
from nlp.tasks import Finding

VERSION = "1"
GRAM = 4
VALUES = 64
ROWS_PER_BAND = 4
BANDS = VALUES // ROWS_PER_BAND
SHORTEST = 20
"""Skeletons with fewer characters say too little to be a copy of anything ("배송 빨라요 좋아요")."""

_SEED = 42
_PRIME = 16777619


def read(texts: Sequence[str]) -> Iterator[list[Finding]]:
    """'minhash' with {"bands": [16 x 8 hex], "hashes": 64 x 4 hex} and 'exact' for each text long enough.

    `exact` is a key of the skeleton: equal means the same letters. The bands carry 32 bits each, the
    hashes 16 bits each: two texts are alike where the same positions hold the same four hex digits.
    """
    for text in texts:
        letters = skeleton(text)
        if len(letters) < SHORTEST:
            yield []
            continue
        yield [Finding("minhash", value=_encode(minhash(letters))), Finding("exact", value=digest_key(letters))]


def minhash(letters: str) -> Any:
    """64 minima (numpy uint32) over the text's character 4-grams, by datasketch's 'affine32' scheme."""
    import numpy as np

    points = np.frombuffer(letters.encode("utf-32-le"), dtype=np.uint32)
    grams = np.zeros(max(1, len(points) - GRAM + 1), dtype=np.uint32)
    for offset in range(min(GRAM, len(points))):
        grams = grams * np.uint32(_PRIME) + points[offset : offset + len(grams)]
    signature = _minhash()
    signature.clear()
    signature.update_batch(grams.tolist())
    return signature.digest()


def share_band(first: str, second: str) -> bool:
    """Whether two 'minhash' values are candidates: one of the bands is the same at the same place."""
    return any(a == b for a, b in zip(json.loads(first)["bands"], json.loads(second)["bands"], strict=True))


def similarity(first: str, second: str) -> float:
    """Estimated Jaccard similarity of two 'minhash' values: the share of equal positions, 0 to 1."""
    left: str = json.loads(first)["hashes"]
    right: str = json.loads(second)["hashes"]
    same = sum(left[i : i + 4] == right[i : i + 4] for i in range(0, VALUES * 4, 4))
    return same / VALUES


@lru_cache(maxsize=1)
def _minhash() -> Any:
    from datasketch import MinHash

    # The letters are hashed already (a polynomial of four code points, modulo 2**32).
    return MinHash(num_perm=VALUES, seed=_SEED, hashfunc=int, scheme="affine32")


def _encode(values: Any) -> str:
    bands = [f"{zlib.crc32(values[i : i + ROWS_PER_BAND].tobytes()):08x}" for i in range(0, VALUES, ROWS_PER_BAND)]
    hashes = values.astype(">u2").tobytes().hex()
    return json.dumps({"bands": bands, "hashes": hashes}, separators=(",", ":"))
