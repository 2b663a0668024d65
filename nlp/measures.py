"""Numbers about how well something reads: one `Measure` each, and counts of right and wrong labels behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number: what was measured on how many texts, and what it must reach (None: for information)."""

    name: str
    measure: str
    value: float
    texts: int
    target: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the value is at or above its target."""
        return self.target is None or self.value >= self.target


class Counts:
    """True and false positives and misses, label by label."""

    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()

    def add(self, wanted: set[str], found: set[str]) -> None:
        """Compare the labels of one text."""
        self.right.update(wanted & found)
        self.wrong.update(found - wanted)
        self.missed.update(wanted - found)

    def f1(self, label: str) -> float:
        """2TP / (2TP + FP + FN) of one label."""
        right = 2 * self.right[label]
        return right / max(1, right + self.wrong[label] + self.missed[label])

    def macro(self) -> float:
        """Mean F1 over every label that was wanted or found."""
        labels: Sequence[str] = sorted({*self.right, *self.wrong, *self.missed})
        return sum(map(self.f1, labels)) / max(1, len(labels))


def share(part: int, whole: int) -> float:
    """part / whole, and 0 of nothing."""
    return part / whole if whole else 0.0
