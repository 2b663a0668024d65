"""The wide half: a three-class linear model over hashed n-grams, fitted whole with L-BFGS.

Features are scaled by how much they tell (naive-Bayes log ratios, Wang & Manning 2012, "Baselines and
Bigrams"), each row has length one, and the targets may be soft. No torch is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from nlp.train.features import Gram, Ints, hashed

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Wide:
    """`weights` (buckets, classes) already hold the feature scale; `squares` (buckets,) is scale squared;
    logits of a text = bias + sum of its weights / sqrt(sum of its squares)."""

    weights: Floats
    squares: Floats
    bias: Floats


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


def informative_scale(x: sp.csr_matrix, target: Floats, weight: Floats, minimum: int, floor: float) -> Floats:
    """How far each bucket's class shares are from the average, in log units; 0 for buckets seen too rarely.

    The larger of |log complaint:praise| and half of |log neutral:rest|, capped at 4, plus `floor`.
    """
    mass = np.asarray(x.T @ (target * weight[:, None]), dtype=np.float64) + 1.0
    share = mass / mass.sum(axis=0, keepdims=True)
    polar = np.abs(np.log(share[:, 0] / share[:, 2]))
    rest = (mass[:, 0] + mass[:, 2]) / (mass[:, 0] + mass[:, 2]).sum()
    neutral = np.abs(np.log(share[:, 1] / rest))
    scale = np.minimum(np.maximum(polar, 0.5 * neutral), 4.0) + floor
    seen = np.bincount(x.indices, minlength=x.shape[1])
    scale[seen < minimum] = 0.0
    return scale.astype(np.float32)


def scaled(x: sp.csr_matrix, scale: Floats) -> sp.csr_matrix:
    """Counts times scale, each row divided by the root of its summed squared scales."""
    y = x.copy()
    weights = scale[y.indices]
    norm = np.add.reduceat(np.append(y.data * weights**2, 0), y.indptr[:-1]) if y.nnz else np.zeros(y.shape[0])
    norm[np.diff(y.indptr) == 0] = 1.0
    y.data = y.data * weights / np.repeat(np.sqrt(norm) + 1e-6, np.diff(y.indptr)).astype(np.float32)
    y.eliminate_zeros()
    return y


def fit(
    x: sp.csr_matrix, scale: Floats, target: Floats, weight: Floats, penalty: float, iterations: int
) -> Wide:  # fmt: skip
    """Weighted soft-target cross entropy + penalty/2 * |w|^2, mean over rows; three classes."""
    active = np.flatnonzero(scale)
    x = x[:, active].tocsr()
    buckets, classes = len(active), target.shape[1]
    share = (weight / weight.sum()).astype(np.float32)
    transposed = x.T.tocsr()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = flat[:-classes].reshape(buckets, classes).astype(np.float32)
        logits = np.asarray(x @ w) + flat[-classes:]
        logits -= logits.max(axis=1, keepdims=True)
        log_z = np.log(np.exp(logits).sum(axis=1, keepdims=True))
        log_p = logits - log_z
        value = -float((share[:, None] * target * log_p).sum()) + penalty / 2 * float(flat[:-classes] @ flat[:-classes])
        residual = ((np.exp(log_p) - target) * share[:, None]).astype(np.float32)
        gradient = np.empty_like(flat)
        gradient[:-classes] = np.asarray(transposed @ residual, dtype=np.float64).ravel() + penalty * flat[:-classes]
        gradient[-classes:] = residual.sum(axis=0)
        return value, gradient

    start = np.zeros(buckets * classes + classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations, "maxcor": 6})
    weights = np.zeros((len(scale), classes), dtype=np.float32)
    weights[active] = found.x[:-classes].reshape(buckets, classes) * scale[active, None]
    return Wide(weights, scale**2, found.x[-classes:].astype(np.float32))


def logits(wide: Wide, x: sp.csr_matrix) -> Floats:
    """(texts, classes) of raw counts `x`."""
    norm = np.sqrt(np.asarray(x @ wide.squares)) + 1e-6
    return np.asarray(x @ wide.weights / norm[:, None] + wide.bias, dtype=np.float32)
