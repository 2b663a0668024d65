"""Long texts are read whole: cut into overlapping windows of tokens, and their readings put together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
OVERLAP = 16
MIN_TOKENS = 24


def windows(ids: Sequence[int], size: int) -> list[list[int]]:
    """`ids` with its first and last special token -> windows of at most `size` tokens, each with both.

    Neighbours share `OVERLAP` tokens, so that no phrase is cut for both; the last one is full-length
    wherever the text is.
    """
    if len(ids) <= size:
        return [list(ids)]
    first, body, last = ids[0], ids[1:-1], ids[-1]
    room = size - 2
    starts = [*range(0, len(body) - room, room - OVERLAP), len(body) - room]
    return [[first, *body[start : start + room], last] for start in starts]


def together(probabilities: Floats, tokens: Sequence[int]) -> Floats:
    """One text's (complaint, neutral, praise) from its windows' (windows, 3), weighted by their tokens.

    A window without a judgement must not outvote one with it: complaint and praise are averaged over the
    windows by how much judgement each holds, and neutral is half the average, half the least neutral window.
    """
    if len(probabilities) == 1:
        return np.asarray(probabilities[0], dtype=np.float32)
    weight = np.asarray(tokens, dtype=np.float64)
    weight /= weight.sum()
    judged = 1 - probabilities[:, 1]
    long_enough = np.asarray(tokens) >= MIN_TOKENS
    least = probabilities[long_enough, 1].min() if long_enough.any() else probabilities[:, 1].min()
    neutral = 0.5 * float(weight @ probabilities[:, 1]) + 0.5 * float(least)
    sides = weight @ (probabilities[:, [0, 2]])
    # Windows that hold a judgement count by how strong it is, not only by how long they are.
    sharp = (weight * judged) @ probabilities[:, [0, 2]] + 1e-9
    sides = 0.5 * sides / (sides.sum() + 1e-9) + 0.5 * sharp / sharp.sum()
    return np.array([sides[0] * (1 - neutral), neutral, sides[1] * (1 - neutral)], dtype=np.float32)
