"""How well the rules read, set by set, against what they must reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp import advertising, personal_data, reading_evaluation, rule_sets, rules, signature, topics
from nlp.measures import Counts, Measure, share

if TYPE_CHECKING:
    from rich.console import Console

COPY_SIMILARITY = 0.5
"""Two texts that share a band and this share of their signature are copies; the warehouse holds the same."""

# Which topics speak of an aspect of the delivery reviews: complaint topics, praise topic.
ASPECTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "배달": (
        frozenset({"delivery_late", "delivery_lost", "delivery_wrong_item", "delivery_damaged"}),
        frozenset({"praise_delivery"}),
    ),
    "양": (frozenset({"portion_small"}), frozenset({"praise_portion"})),
    "맛": (frozenset({"taste_bad"}), frozenset({"praise_taste"})),
    "가격": (frozenset({"price_benefit"}), frozenset({"praise_price"})),
    "서비스": (frozenset({"rude_service", "no_answer"}), frozenset({"praise_service"})),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Every measure, and the names of sets that are not there."""

    measures: list[Measure]
    missing: list[str]

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)


def evaluate(data_dir: Path, topics_file: Path, *, limit: int | None = None) -> Report:
    """Measure the rules on every set that is there; `limit` takes the first rows of the large ones only."""
    folder = topics_file.parent
    noise_file = rules.rule_file(folder, advertising.FILE)
    sets: list[tuple[Path, Callable[[], list[Measure]]]] = [
        (rule_sets.TOPICS, lambda: of_topics(topics_file)),
        (data_dir / rule_sets.FOOD, lambda: of_aspects(data_dir / rule_sets.FOOD, topics_file, limit)),
        (data_dir / rule_sets.ADVERTISING, lambda: of_advertising(data_dir / rule_sets.ADVERTISING, noise_file, limit)),
        (rule_sets.PERSONAL, of_personal_data),
        (rule_sets.TOPICS, of_copies),
        *((own.path, partial(reading_evaluation.of_set, own)) for own in reading_evaluation.own_sets(topics_file)),
    ]
    measures: list[Measure] = []
    missing = {path.name for path, _ in sets if not path.is_file()}
    for path, measure in sets:
        if path.name not in missing:
            measures += measure()
    return Report(measures=measures, missing=sorted(missing))


def of_topics(topics_file: Path) -> list[Measure]:
    """Macro-F1 over the topics that our own labelled sentences name, or that were found in them."""
    labelled = rule_sets.topic_rows()
    found = topics.reader(topics_file)([text for _, text in labelled])
    counts = Counts()
    for (wanted, _), findings in zip(labelled, found, strict=True):
        counts.add(wanted, {finding.label for finding in findings})
    name = "topics (own sentences)"
    return [Measure(name=name, measure="macro-F1", value=counts.macro(), texts=len(labelled), target=0.75)]


def of_aspects(path: Path, topics_file: Path, limit: int | None = None) -> list[Measure]:
    """Aspect and polarity of delivery reviews; each row asks for one aspect only, so only that one is judged.

    An aspect's complaint and its praise are two labels; a row of polarity 0 wants neither.
    """
    rows = list(rule_sets.data_rows(path))[:limit]
    found = topics.reader(topics_file)([row["text"] for row in rows])
    counts = Counts()
    for row, findings in zip(rows, found, strict=True):
        labels = {finding.label for finding in findings}
        complaint, praise = ASPECTS[row["aspect"]]
        seen = {name for name, ids in (("-1", complaint), ("1", praise)) if labels & ids}
        wanted = {row["polarity"]} - {"0"}
        counts.add({f"{row['aspect']} {p}" for p in wanted}, {f"{row['aspect']} {p}" for p in seen})
    measure = "macro-F1 of aspect and polarity"
    return [Measure(name=path.name, measure=measure, value=counts.macro(), texts=len(rows), target=0.70)]


def of_advertising(path: Path, noise_file: Path, limit: int | None = None) -> list[Measure]:
    """Any noise label against the set's 0 and 1."""
    rows = list(rule_sets.data_rows(path))[:limit]
    found = [bool(findings) for findings in advertising.reader(noise_file)([row["text"] for row in rows])]
    hits = sum(seen and row["label"] == 1 for seen, row in zip(found, rows, strict=True))
    return [
        Measure(name=path.name, measure="precision", value=share(hits, sum(found)), texts=len(rows), target=0.90),
        Measure(
            name=path.name,
            measure="recall",
            value=share(hits, sum(row["label"] for row in rows)),
            texts=len(rows),
            target=0.60,
        ),
    ]


def of_personal_data() -> list[Measure]:
    """Labelled spans that are masked wholly, and masks that lie on a labelled span."""
    rows = rule_sets.personal_rows()
    wanted = hidden = masks = right = 0
    for text, spans in rows:
        found = personal_data.spans(text)
        wanted += len(spans)
        hidden += sum(any(s <= start and end <= e for s, e in found) for start, end in spans)
        masks += len(found)
        right += sum(any(s < end and start < e for start, end in spans) for s, e in found)
    name = "personal data (own lines)"
    return [
        Measure(name=name, measure="recall", value=share(hidden, wanted), texts=len(rows), target=0.99),
        Measure(name=name, measure="precision", value=share(right, masks), texts=len(rows), target=0.98),
    ]


def of_copies() -> list[Measure]:
    """Edited copies told from posts on the same matter, by a shared band and the signature's similarity."""
    pairs = rule_sets.copy_pairs()
    firsts = [findings[0].value for findings in signature.read([pair.first for pair in pairs])]
    seconds = [findings[0].value for findings in signature.read([pair.second for pair in pairs])]
    alike = [_alike(first, second) for first, second in zip(firsts, seconds, strict=True)]
    hits = sum(seen and pair.copied for seen, pair in zip(alike, pairs, strict=True))
    name = "copies (own posts, edited)"
    copied = sum(pair.copied for pair in pairs)
    return [
        Measure(name=name, measure="recall", value=share(hits, copied), texts=len(pairs), target=0.95),
        Measure(name=name, measure="precision", value=share(hits, sum(alike)), texts=len(pairs), target=0.98),
    ]


def render(report: Report, console: Console) -> None:
    """A table for the terminal; what is not reached says by how much."""
    from rich.table import Table

    table = Table("set", "measure", "value", "must reach", "texts", title="rules")
    for measure in report.measures:
        short = "" if measure.reached else f"  short by {(measure.target or 0) - measure.value:.3f}"
        target = "" if measure.target is None else f"{measure.target:.2f}{short}"
        table.add_row(measure.name, measure.measure, f"{measure.value:.3f}", target, str(measure.texts))
    console.print(table)
    for name in report.missing:
        console.print(f"not measured, no such file: {name}")


def _alike(first: str, second: str) -> bool:
    return signature.share_band(first, second) and signature.similarity(first, second) >= COPY_SIMILARITY
