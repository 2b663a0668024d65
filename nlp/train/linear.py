"""The wide half: two linear models over hashed n-grams, praise against complaint and neutral against both.

Features are counts times inverse document frequency, each row of length one; liblinear's dual coordinate
descent fits 800,000 rows in half a minute on one core. No torch is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from contracts.errors import ConfigurationError
from nlp.train.encoded import Encoded, Flags, Floats
from nlp.train.features import Gram, Ints, hashed

# Share of a side from which a text has one: a film of 6 points has (0.60), one of 7 has none.
LEANS = 0.55


@dataclass(frozen=True, slots=True)
class Wide:
    """`table` (buckets, 3): polar and neutral weights with the feature scale in them, and the scale squared.

    Log odds of a text = bias + sum of its weights / root of its summed squares.
    """

    table: Floats
    bias: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Problem:
    """What both models are fitted on: `polar` and `neutral` say which rows each may see."""

    target: Floats
    weight: Floats
    neutral_weight: Floats
    polar: Flags
    neutral: Flags


def counts(
    ids: Sequence[ArrayLike], bases: Ints, families: list[Gram], buckets: int, chunk: int = 50_000
) -> sp.csr_matrix:
    """(texts, buckets) n-gram counts, float32."""
    parts = []
    for start in range(0, len(ids), chunk):
        piece = ids[start : start + chunk]
        row, column = hashed(piece, bases, families, buckets)
        part = sp.csr_matrix(
            (np.ones(len(row), dtype=np.float32), (row.astype(np.int32), column.astype(np.int32))),
            shape=(len(piece), buckets),
        )
        part.sum_duplicates()
        parts.append(part)
    return sp.vstack(parts, format="csr")


def idf_scale(x: sp.csr_matrix, min_count: int) -> Floats:
    """log(rows / (1 + rows with the bucket)) + 1 for each bucket; 0 for buckets in fewer than `min_count` rows."""
    rows_with = np.bincount(x.indices, minlength=x.shape[1])
    scale = np.log(x.shape[0] / (1 + rows_with)) + 1
    scale[rows_with < min_count] = 0
    return scale.astype(np.float32)


def scaled(x: sp.csr_matrix, scale: Floats) -> sp.csr_matrix:
    """Counts times scale; each row divided by the root of its summed count times squared scale."""
    y = x.copy()
    weights = scale[y.indices]
    norm = np.add.reduceat(np.append(y.data * weights**2, 0), y.indptr[:-1])
    norm[np.diff(y.indptr) == 0] = 1.0
    y.data = y.data * weights / np.repeat(np.sqrt(norm) + 1e-6, np.diff(y.indptr)).astype(np.float32)
    y.eliminate_zeros()
    return y


def problem(
    data: Encoded, weights: dict[str, float], neutral_weights: dict[str, float], movie_neutral: float
) -> Problem:  # fmt: skip
    """For polar every text that leans to a side, weighing as much as it leans; for neutral everything but most films.

    Praise of films is weighted down to the mass of film complaints, since there are nearly four times as many.
    Raises ConfigurationError where the weights do not name the texts' domains: every one of them, and no other.
    """
    target, domain = data.target, data.domain
    known = set(np.unique(domain).tolist())
    if amiss := (weights.keys() ^ known) | (neutral_weights.keys() - known):
        raise ConfigurationError(
            f"recipe, [wide.weight] and [wide.neutral_weight]: {', '.join(sorted(amiss))}; "
            f"the texts' domains, of which the first names every one, are {', '.join(sorted(known))}"
        )
    movie, lean = domain == "movie", target[:, 2] - target[:, 0]
    named = np.array([weights[name] for name in domain], dtype=np.float32)
    polar = np.maximum(target[:, 0], target[:, 2]) >= LEANS
    weight = named * np.abs(lean)
    praised = movie & polar & (lean > 0)
    weight[praised] *= weight[movie & polar & (lean < 0)].sum() / weight[praised].sum()
    neutral_weight = np.array([neutral_weights.get(name, -1) for name in domain], dtype=np.float32)
    neutral_weight = np.where(neutral_weight < 0, named, neutral_weight)
    neutral = ~movie | (np.random.default_rng(1).random(len(data)) < movie_neutral)
    return Problem(target, weight, neutral_weight, polar, neutral)


def fit(x: sp.csr_matrix, task: Problem, cost: float, seed: int = 0) -> tuple[Any, Any]:
    """(polar, neutral) classifiers on scaled rows `x`; the seed gives the order of liblinear's steps."""
    from sklearn.linear_model import LogisticRegression

    def one(use: Flags, truth: Flags, weight: Floats) -> Any:
        where = np.flatnonzero(use)
        model = LogisticRegression(C=cost, solver="liblinear", dual=True, max_iter=25, random_state=seed)
        return model.fit(x[where], truth[where], sample_weight=weight[where])

    return (
        one(task.polar, task.target[:, 2] > task.target[:, 0], task.weight),
        one(task.neutral, task.target[:, 1] > 0.5, task.neutral_weight),
    )


def as_table(models: tuple[Any, Any], scale: Floats) -> Wide:
    """The two classifiers as one table for the graph."""
    polar, neutral = models
    table = np.stack([polar.coef_[0] * scale, neutral.coef_[0] * scale, scale**2], axis=1).astype(np.float32)
    return Wide(table, (float(polar.intercept_[0]), float(neutral.intercept_[0])))
