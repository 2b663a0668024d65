"""The wide half: two linear models over hashed n-grams, praise against complaint and neutral against both.

Features are counts times inverse document frequency, each row of length one; liblinear's dual coordinate
descent fits 800,000 rows in half a minute on one core. No torch is needed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from nlp.train.corpus import Row, text_key
from nlp.train.features import Gram, Ints, hashed

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


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


def counts(ids: list[list[int]], bases: Ints, families: list[Gram], buckets: int, chunk: int = 50_000) -> sp.csr_matrix:
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
    rows: list[Row], weights: dict[str, float], neutral_weights: dict[str, float], movie_neutral: float
) -> Problem:  # fmt: skip
    """Rows with a side (film reviews of 1-4 and 9-10 points) for polar; for neutral everything but most films.

    Film praise is weighted down to the mass of film complaints, since there are nearly four times as many.
    """
    target = np.array([row.target for row in rows], dtype=np.float32)
    domain = np.array([row.domain for row in rows])
    movie, praise = domain == "movie", target[:, 2] > target[:, 0]
    weight = np.array([weights[name] for name in domain], dtype=np.float32)
    polar = np.maximum(target[:, 0], target[:, 2]) > np.where(movie, 0.9, 0.6)
    weight[movie & praise] *= (movie & polar & ~praise).sum() / (movie & polar & praise).sum()
    neutral_weight = np.array([neutral_weights.get(name, -1) for name in domain], dtype=np.float32)
    neutral_weight = np.where(neutral_weight < 0, weight, neutral_weight)
    neutral = ~movie | (np.random.default_rng(1).random(len(rows)) < movie_neutral)
    return Problem(target, weight, neutral_weight, polar, neutral)


def fit(x: sp.csr_matrix, task: Problem, rows: Flags, cost: float) -> tuple[Any, Any]:
    """(polar, neutral) classifiers on scaled rows `x` where `rows` is true."""
    from sklearn.linear_model import LogisticRegression

    def one(use: Flags, truth: Flags, weight: Floats) -> Any:
        where = np.flatnonzero(use & rows)
        model = LogisticRegression(C=cost, solver="liblinear", dual=True, max_iter=25)
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


def fold_of(text: str, folds: int) -> int:
    """Which fold a text is in; equal texts are in the same one."""
    digest = hashlib.sha256(f"fold{text_key(text)}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % folds


def out_of_fold(x: sp.csr_matrix, task: Problem, texts: list[str], folds: int, cost: float) -> Floats:
    """(texts, 2) polar and neutral log odds, each from models that did not see the text."""
    fold = np.array([fold_of(text, folds) for text in texts])
    found = np.zeros((len(texts), 2), dtype=np.float32)
    for number in range(folds):
        models = fit(x, task, fold != number, cost)
        here = np.flatnonzero(fold == number)
        for column, model in enumerate(models):
            found[here, column] = model.decision_function(x[here])
    return found
