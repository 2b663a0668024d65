"""Measures a sentiment model on every labelled set of the data folder, and says what it saw."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import expected_calibration_error
from nlp.evaluate_sets import SETS, LabelledSet, fingerprint
from nlp.sentiment import SentimentTask
from nlp.sentiment_model import LABELS
from nlp.train.corpus import NEUTRAL

if TYPE_CHECKING:
    from rich.console import Console

WORST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReport:
    """One set's numbers. `polar`: complaint against praise on rows that are one of them; `strict`: the same
    rows with neutral counted as wrong; None where a set has no such rows. `confusion[truth][read]` counts."""

    name: str
    about: str
    texts: int
    fingerprint: str
    korean: bool
    accuracy: float
    macro_f1: float
    polar: float | None
    strict: float | None
    ece: float
    uncertain: float
    precision: dict[str, float]
    recall: dict[str, float]
    confusion: list[list[int]]
    texts_per_second: float
    worst: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What `evaluate` found. `missing` are sets whose file is not in the data folder."""

    model: str
    version: str
    uncertain_below: float
    pooled_korean_ece: float | None
    sets: list[SetReport]
    missing: list[str]

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)


def evaluate(
    data_dir: Path,
    *,
    task: SentimentTask,
    limit: int | None = None,
    only: Sequence[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Reads every set that is there (the first `limit` rows in hash order, `only` these sets)."""
    reports, missing = [], []
    pooled: list[tuple[NDArray[Any], NDArray[Any]]] = []
    for one in SETS:
        if only is not None and one.name not in only:
            continue
        if not one.exists(data_dir):
            missing.append(one.name)
            continue
        if progress:
            progress(one.name)
        labelled = one.load(data_dir)[:limit]
        truth = np.array([label for _, label in labelled])
        task.probabilities([labelled[0][0]])  # so that loading is not timed
        began = time.perf_counter()
        probabilities = task.probabilities([text for text, _ in labelled])
        seconds = time.perf_counter() - began
        reports.append(measured(one, data_dir, labelled, probabilities, seconds, task.uncertain_below))
        if one.korean:
            pooled.append((probabilities, truth))
    ece = None
    if pooled:
        ece = expected_calibration_error(np.concatenate([p for p, _ in pooled]), np.concatenate([t for _, t in pooled]))
    return Report(
        model=task.model,
        version=task.version,
        uncertain_below=task.uncertain_below,
        pooled_korean_ece=ece,
        sets=reports,
        missing=missing,
    )


def measured(
    one: LabelledSet, data_dir: Path, labelled: list[tuple[str, int]], probabilities: NDArray[Any], seconds: float,
    uncertain_below: float,
) -> SetReport:  # fmt: skip
    """One set's numbers from its (texts, 3) probabilities."""
    truth = np.array([label for _, label in labelled])
    read = probabilities.argmax(axis=1)
    confusion = np.zeros((3, 3), dtype=np.int64)
    np.add.at(confusion, (truth, read), 1)
    right = np.diag(confusion)
    precision = right / np.maximum(confusion.sum(axis=0), 1)
    recall = right / np.maximum(confusion.sum(axis=1), 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    present = confusion.sum(axis=1) > 0
    sided = truth != NEUTRAL
    polar = strict = None
    if sided.any():
        polar = float(((probabilities[sided, 2] > probabilities[sided, 0]) == (truth[sided] == 2)).mean())
        strict = float((read[sided] == truth[sided]).mean())
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(read != truth)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:WORST]
    return SetReport(
        name=one.name,
        about=one.about,
        texts=len(truth),
        fingerprint=fingerprint(one.path(data_dir)),
        korean=one.korean,
        accuracy=float((read == truth).mean()),
        macro_f1=float(f1[present].mean()),
        polar=polar,
        strict=strict,
        ece=expected_calibration_error(probabilities, truth),
        uncertain=float((confidence < uncertain_below).mean()),
        precision={label: float(value) for label, value in zip(LABELS, precision, strict=True)},
        recall={label: float(value) for label, value in zip(LABELS, recall, strict=True)},
        confusion=[[int(value) for value in row] for row in confusion],
        texts_per_second=len(truth) / max(seconds, 1e-9),
        worst=[
            {
                "text": labelled[index][0][:160],
                "truth": LABELS[truth[index]],
                "read": LABELS[read[index]],
                "score": round(float(confidence[index]), 4),
            }
            for index in worst
        ],
    )


def render(report: Report, console: Console) -> None:
    """The report as tables: one line a set, then confusions and the worst confident mistakes."""
    from rich.table import Table

    table = Table(title=f"{report.model} {report.version}")
    for column in ("set", "texts", "polar", "strict", "accuracy", "macro-F1", "ECE", "uncertain", "texts/s"):
        table.add_column(column, justify="left" if column == "set" else "right")
    for one in report.sets:
        table.add_row(
            one.name, f"{one.texts:,}", _number(one.polar), _number(one.strict), _number(one.accuracy),
            _number(one.macro_f1), _number(one.ece), f"{one.uncertain:.1%}", f"{one.texts_per_second:,.0f}",
        )  # fmt: skip
    console.print(table)
    if report.pooled_korean_ece is not None:
        console.print(f"ECE pooled over the Korean sets: {report.pooled_korean_ece:.4f}")
    classes = Table(title="Precision / recall, and confusion (truth: read as complaint, neutral, praise)")
    for column in ("set", *LABELS, "confusion"):
        classes.add_column(column)
    for one in report.sets:
        cells = [f"{one.precision[label]:.3f} / {one.recall[label]:.3f}" for label in LABELS]
        classes.add_row(one.name, *cells, " · ".join(str(row) for row in one.confusion))
    console.print(classes)
    for one in report.sets:
        for mistake in one.worst:
            console.print(
                f"{one.name}: {mistake['truth']} read as {mistake['read']} ({mistake['score']:.2f}): {mistake['text']}",
                style="dim", markup=False, highlight=False,
            )  # fmt: skip
    if report.missing:
        console.print(f"Not in the data folder, skipped: {', '.join(report.missing)}", style="yellow")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
