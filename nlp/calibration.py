"""Turning logits into probabilities that mean what they say, and measuring whether they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CLASSES = 3


def softmax(logits: NDArray[Any]) -> Floats:
    """Row-wise probabilities of (texts, classes)."""
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = shifted - shifted.max(axis=1, keepdims=True)
    exponent = np.exp(shifted)
    return np.asarray(exponent / exponent.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log odds rescaled one by one: polar (praise against complaint) and neutral (against both).

    `polar` and `neutral` are (scale, shift). The identity leaves the model as it was trained.
    """

    polar: tuple[float, float] = (1.0, 0.0)
    neutral: tuple[float, float] = (1.0, 0.0)

    def probabilities(self, logits: NDArray[Any]) -> Floats:
        """(texts, 3) logits of complaint, neutral, praise -> (texts, 3) probabilities."""
        polar, neutral = log_odds(logits)
        return from_log_odds(
            self.polar[0] * polar + self.polar[1],
            self.neutral[0] * neutral + self.neutral[1],
        )

    def to_json(self) -> dict[str, list[float]]:
        """As kept in a model's config.json."""
        return {"polar": [round(v, 4) for v in self.polar], "neutral": [round(v, 4) for v in self.neutral]}

    @classmethod
    def from_json(cls, row: Mapping[str, Any] | None) -> Calibration:
        """The inverse of `to_json`; None is the identity."""
        if not row:
            return cls()
        return cls(polar=(float(row["polar"][0]), float(row["polar"][1])),
                   neutral=(float(row["neutral"][0]), float(row["neutral"][1])))  # fmt: skip


def log_odds(logits: NDArray[Any]) -> tuple[Floats, Floats]:
    """(polar, neutral) log odds of (texts, 3) logits."""
    values = np.asarray(logits, dtype=np.float64)
    polar = values[:, 2] - values[:, 0]
    return polar, values[:, 1] - np.logaddexp(values[:, 0], values[:, 2])


def from_log_odds(polar: Floats, neutral: Floats) -> Floats:
    """The inverse of `log_odds`, as probabilities (texts, 3)."""
    p_neutral = _sigmoid(neutral)
    p_praise = _sigmoid(polar) * (1 - p_neutral)
    return np.stack([1 - p_neutral - p_praise, p_neutral, p_praise], axis=1)


def fit(logits: NDArray[Any], labels: NDArray[Any], weights: NDArray[Any] | None = None) -> Calibration:
    """Platt scaling of both log odds on labels 0 (complaint), 1 (neutral), 2 (praise), by Newton's method.

    Platt (1999), "Probabilistic outputs for support vector machines"; polar sees polar rows only.
    """
    polar, neutral = log_odds(logits)
    truth = np.asarray(labels)
    weight = np.ones(len(truth)) if weights is None else np.asarray(weights, dtype=np.float64)
    sided = truth != 1
    return Calibration(
        polar=_platt(polar[sided], truth[sided] == 2, weight[sided]),
        neutral=_platt(neutral, truth == 1, weight),
    )


def expected_calibration_error(probabilities: NDArray[Any], labels: NDArray[Any], bins: int = 15) -> float:
    """Mean distance between confidence and accuracy over `bins` equal bins of the top class's probability.

    Guo et al. (2017), "On Calibration of Modern Neural Networks".
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == np.asarray(labels)
    where = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    error = 0.0
    for number in range(bins):
        here = where == number
        if here.any():
            error += here.mean() * abs(float(confidence[here].mean()) - float(right[here].mean()))
    return float(error)


def _sigmoid(value: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -60, 60))))


def _platt(odds: Floats, truth: NDArray[np.bool_], weight: Floats) -> tuple[float, float]:
    if not len(odds) or truth.all() or not truth.any():
        return 1.0, 0.0
    inputs = np.stack([odds, np.ones(len(odds))], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(50):
        p = _sigmoid(inputs @ found)
        gradient = inputs.T @ (weight * (p - truth)) / weight.sum() + 1e-4 * (found - [1.0, 0.0])
        curvature = (inputs * (weight * p * (1 - p))[:, None]).T @ inputs / weight.sum() + 1e-4 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        found = found - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-8:
            break
    return float(found[0]), float(found[1])
