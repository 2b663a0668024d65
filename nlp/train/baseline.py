"""The bar to clear: character TF-IDF and logistic regression, and a paired test of the packaged model against it.

`python -m nlp.train baseline` fits it on the shippable rows (minutes, scikit-learn only) and prints, for each
labelled set, both polar accuracies and McNemar's test on the rows only one of them reads rightly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.evaluate_sets import SETS
from nlp.train.corpus import NEUTRAL, Row


@dataclass(frozen=True, slots=True)
class Paired:
    """One set: polar accuracy of both, rows only the one or the other reads rightly, two-sided p."""

    name: str
    texts: int
    linear: float
    model: float
    only_linear: int
    only_model: int
    p: float


def mcnemar(only_a: int, only_b: int) -> float:
    """Two-sided p of McNemar's test with continuity correction (McNemar 1947, Edwards 1948)."""
    both = only_a + only_b
    if not both:
        return 1.0
    statistic = max(0.0, abs(only_a - only_b) - 1) ** 2 / both
    return math.erfc(math.sqrt(statistic / 2))


def fit(rows: list[Row], movies_each_side: int, seed: int):  # type: ignore[no-untyped-def]
    """(vectoriser, classifier) on 100,000 film reviews a side (where there are as many) and all other rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(seed)
    order = [rows[index] for index in rng.permutation(len(rows))]
    used = [row for row in order if row.domain != "movie" and not row.domain.startswith("own")]
    for side in (0, 2):
        used += [row for row in order if row.domain == "movie" and row.target[side] > 0.9][:movies_each_side]
    vectoriser = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(1, 4), min_df=5, sublinear_tf=True, dtype=np.float32
    )  # fmt: skip
    features = vectoriser.fit_transform([row.text for row in used])
    classifier = LogisticRegression(C=4, max_iter=100, tol=1e-5)
    classifier.fit(features, [int(np.argmax(row.target)) for row in used])
    return vectoriser, classifier


def compare(data_dir: Path, vectoriser, classifier, probabilities) -> list[Paired]:  # type: ignore[no-untyped-def]
    """`probabilities(texts)` is the packaged model's (texts, 3); polar rows of every set that is there."""
    found = []
    for one in SETS:
        if not one.exists(data_dir):
            continue
        labelled = [row for row in one.load(data_dir) if row[1] != NEUTRAL]
        if not labelled:
            continue
        texts, truth = [text for text, _ in labelled], np.array([label for _, label in labelled]) == 2
        linear: NDArray[np.float64] = classifier.predict_proba(vectoriser.transform(texts))
        ours = probabilities(texts)
        a, b = (linear[:, 2] > linear[:, 0]) == truth, (ours[:, 2] > ours[:, 0]) == truth
        only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
        found.append(
            Paired(one.name, len(texts), float(a.mean()), float(b.mean()), only_a, only_b, mcnemar(only_a, only_b))
        )
    return found
