"""Puts a report's numbers into a model card, between two marks, so that the card can't say what wasn't measured."""

from __future__ import annotations

from math import sqrt
from pathlib import Path

from nlp.evaluate import Report, SetReport
from nlp.sentiment_model import LABELS

BEGIN, END = "<!-- numbers: written by gwidam evaluate -->", "<!-- end of numbers -->"


def numbers(report: Report) -> str:
    """The tables, without any text of a data set."""
    lines = [
        f"Model version `{report.version}`. `polar`: complaint against praise on rows that are one; `strict`: the",
        "same rows with neutral counted as wrong; ECE: 15 bins over the three-way confidence; `uncertain`: share below",
        f"the threshold of {report.uncertain_below}. ±: 95 % sampling error of `polar`. Macro-F1 is over the classes",
        "that a set has (for `intents` that is neutral's F1 alone).",
        "",
        "| set | texts | polar | strict | accuracy | macro-F1 | ECE | uncertain |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in report.sets:
        cells = [_polar(one), *map(_cell, (one.strict, one.accuracy, one.macro_f1, one.ece))]
        lines.append(f"| {one.name}: {one.about} | {one.texts:,} | {' | '.join(cells)} | {one.uncertain:.1%} |")
    if report.pooled_korean_ece is not None:
        lines += ["", f"ECE pooled over the texts of the Korean sets: **{report.pooled_korean_ece:.4f}**."]
    lines += ["", "| set | " + " | ".join(f"{label}: precision / recall" for label in LABELS) + " | fingerprint |"]
    lines.append("|---|---|---|---|---|")
    for one in report.sets:
        cells = [_both(one, index, label) for index, label in enumerate(LABELS)]
        lines.append(f"| {one.name} | {' | '.join(cells)} | `{one.fingerprint}` |")
    lines += ["", "The fingerprint is the first 16 hex digits of the file's SHA-256."]
    return "\n".join(lines)


def write_numbers(card: Path, report: Report) -> None:
    """Replaces what stands between the marks (or appends it). Other words of the card stay as they are."""
    text = card.read_text(encoding="utf-8") if card.exists() else f"# {report.model}\n"
    block = f"{BEGIN}\n{numbers(report)}\n{END}"
    if BEGIN in text and END in text:
        text = text[: text.index(BEGIN)] + block + text[text.index(END) + len(END) :]
    else:
        text = text.rstrip() + "\n\n" + block + "\n"
    card.write_text(text, encoding="utf-8")


def _polar(one: SetReport) -> str:
    """With 1.96 standard errors of a share, sqrt(p (1 - p) / n)."""
    if one.polar is None:
        return ""
    texts = sum(sum(row) for row, label in zip(one.confusion, LABELS, strict=True) if label != "neutral")
    return f"{one.polar:.3f} ± {1.96 * sqrt(one.polar * (1 - one.polar) / texts):.3f}"


def _both(one: SetReport, index: int, label: str) -> str:
    """Precision and recall; a set without a text of the class says nothing of them."""
    return f"{one.precision[label]:.3f} / {one.recall[label]:.3f}" if sum(one.confusion[index]) else "–"


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
