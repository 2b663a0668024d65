"""How well urgency, names, answers, closings and languages are read, on sentences of our own in two halves.

The rules were mended on the first half only ("worked on"); the second ("untouched") says what to expect. Urgency
and closing have a set of their own besides, on all of which rules may be mended ("mending set").
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from nlp import about, language, replies, rule_sets, rules, urgency
from nlp.measures import Counts, Measure, share
from nlp.tasks import BrandWords, Finding, Reader, each

BRAND = BrandWords("moadam", ("모아담", "moadam"), (), ("모아담 어린이집",))
_PROMISED = "promised"


class OwnSet(NamedTuple):
    """A file of labelled sentences, who reads it, and what the untouched half must reach (macro-F1).

    `mending` is what the set that rules are mended on must reach, where there is one beside it.
    """

    name: str
    path: Path
    read: Reader
    floor: float
    mending: float | None = None


class Labelled(NamedTuple):
    """A sentence and its labels; a promise's due time stands in its label: 'promised=P3D'."""

    labels: set[str]
    text: str


def own_sets(topics_file: Path) -> list[OwnSet]:
    """The five sets, read with the rule files beside `topics_file` or the bundled ones."""
    folder = topics_file.parent
    urgency_file = rules.rule_file(folder, urgency.FILE)
    reply_file = rules.rule_file(folder, replies.FILE)
    languages = each(lambda text: [Finding(language.detect(text))])
    return [
        OwnSet("urgency", rule_sets.OWN / "urgency_labelled.tsv", urgency.reader(urgency_file), 0.84, 0.97),
        OwnSet("about", rule_sets.OWN / "about_labelled.tsv", about.reader([BRAND]), 0.92),
        OwnSet("replies", rule_sets.OWN / "replies_labelled.tsv", replies.reader(reply_file), 0.82),
        OwnSet("closing", rule_sets.OWN / "closing_labelled.tsv", replies.closing_reader(reply_file), 0.87, 0.97),
        OwnSet("language", rule_sets.OWN / "language_labelled.tsv", languages, 0.95),
    ]


def of_set(own: OwnSet) -> list[Measure]:
    """Macro-F1 on both halves and the mending set; for answers also the share of due times that are exactly right."""
    rows = _labelled(own.path)
    parts = [("worked on", rows[::2], None), ("untouched", rows[1::2], own.floor)]
    if own.mending is not None:
        parts.append(("mending set", _labelled(own.path.with_name(f"{own.name}_mended.tsv")), own.mending))
    measures = []
    for half, part, floor in parts:
        found = [_labels(findings) for findings in own.read([row.text for row in part])]
        counts = Counts()
        for row, labels in zip(part, found, strict=True):
            counts.add(set(map(_name, row.labels)), set(map(_name, labels)))
        name = f"{own.name} (own, {half})"
        measures.append(Measure(name=name, measure="macro-F1", value=counts.macro(), texts=len(part), target=floor))
        measures += _due_times(name, part, found)
    return measures


def _labelled(path: Path) -> list[Labelled]:
    return [Labelled(labels, text) for labels, text in rule_sets.topic_rows(path)]


def misread(own: OwnSet, half: int = 0) -> list[tuple[str, set[str], set[str]]]:
    """(text, missed, wrong) of one half: 0 is the half the rules are mended on, 1 is not to be looked at."""
    rows = rule_sets.topic_rows(own.path)[half::2]
    found = [_labels(findings) for findings in own.read([text for _, text in rows])]
    pairs = zip(rows, found, strict=True)
    return [(text, wanted - seen, seen - wanted) for (wanted, text), seen in pairs if wanted != seen]


def _due_times(name: str, rows: Sequence[Labelled], found: Sequence[set[str]]) -> list[Measure]:
    wanted = [({x for x in row.labels if _name(x) == _PROMISED}, seen) for row, seen in zip(rows, found, strict=True)]
    asked = [(labels, seen) for labels, seen in wanted if labels]
    if not asked:
        return []
    right = sum(labels <= seen for labels, seen in asked)
    return [Measure(name=name, measure="due times", value=share(right, len(asked)), texts=len(asked))]


def _labels(findings: Sequence[Finding]) -> set[str]:
    return {f"{f.label}={f.value}" if f.label == _PROMISED else f.label for f in findings if f.label != "severity"}


def _name(label: str) -> str:
    return label.partition("=")[0]
