"""What the SQL models must know of the configuration, as data; written to schema `ref` at every build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb

from contracts.clock import to_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandRef:
    """A watched brand: its id and the name people read."""

    brand: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRef:
    """A topic, the team it goes to, and the question that team is asked."""

    topic: str
    name_ko: str
    name_en: str
    team: str
    question: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRef:
    """A team of the shop."""

    team: str
    name_ko: str
    name_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRef:
    """A source, what people call it, and whether it can show the brand's answers at all."""

    source: str
    name_ko: str
    name_en: str
    shows_answers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInterval:
    """Business hours: the brand's desk is open in [opens_at, closes_at), UTC; intervals of a brand don't overlap."""

    brand: str
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Everything configured that a model reads.

    `task_versions`: the current version of each tagging task; until a text has been read with it, its newest older
    reading stands in. `uncertain_below`: a model's score under which its reading is called uncertain.
    `model_overrules_rating_at`: the score from which the model's word beats the stars (design, section 5).
    `copy_similarity`: the estimated Jaccard similarity from which two texts are copies of each other.
    """

    brands: Sequence[BrandRef] = ()
    topics: Sequence[TopicRef] = ()
    teams: Sequence[TeamRef] = ()
    sources: Sequence[SourceRef] = ()
    business_hours: Sequence[OpenInterval] = ()
    task_versions: Mapping[str, str] = field(default_factory=dict)
    uncertain_below: float = 0.6
    rating_complaint_max: float = 2.0
    rating_praise_min: float = 4.0
    model_overrules_rating_at: float = 0.9
    copy_similarity: float = 0.5


_TABLES: dict[str, str] = {
    "brands": "brand VARCHAR, name VARCHAR",
    "topics": "topic VARCHAR, name_ko VARCHAR, name_en VARCHAR, team VARCHAR, question VARCHAR, place INTEGER",
    "teams": "team VARCHAR, name_ko VARCHAR, name_en VARCHAR",
    "sources": "source VARCHAR, name_ko VARCHAR, name_en VARCHAR, shows_answers BOOLEAN",
    "business_hours": "brand VARCHAR, opens_at TIMESTAMP, closes_at TIMESTAMP",
    "task_versions": "task VARCHAR, version VARCHAR",
    "settings": (
        "built_for TIMESTAMP, uncertain_below DOUBLE, rating_complaint_max DOUBLE, rating_praise_min DOUBLE, "
        "model_overrules_rating_at DOUBLE, copy_similarity DOUBLE"
    ),
}


def write(connection: duckdb.DuckDBPyConnection, reference: Reference, *, now: datetime) -> None:
    """Replace the tables of schema `ref`; `ref.settings` has one row and `built_for` is the build's "now"."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS ref")
    for table, rows in _rows(reference, now).items():
        connection.execute(f"CREATE OR REPLACE TABLE ref.{table} ({_TABLES[table]})")
        if not rows:
            continue
        columns = list(zip(*rows, strict=True))
        # Columns as lists: one statement however many rows (executemany takes a second per thousand).
        unnested = ", ".join(f"unnest(${n + 1})" for n in range(len(columns)))
        insert = f"INSERT INTO ref.{table} SELECT {unnested}"
        connection.execute(insert, [list(column) for column in columns])


def _rows(reference: Reference, now: datetime) -> dict[str, list[tuple[object, ...]]]:
    return {
        "brands": [(b.brand, b.name) for b in reference.brands],
        "topics": [
            (t.topic, t.name_ko, t.name_en, t.team, t.question, place) for place, t in enumerate(reference.topics)
        ],
        "teams": [(t.team, t.name_ko, t.name_en) for t in reference.teams],
        "sources": [(s.source, s.name_ko, s.name_en, s.shows_answers) for s in reference.sources],
        "business_hours": [(i.brand, _naive(i.opens_at), _naive(i.closes_at)) for i in reference.business_hours],
        "task_versions": list(reference.task_versions.items()),
        "settings": [
            (
                _naive(now), reference.uncertain_below, reference.rating_complaint_max, reference.rating_praise_min,
                reference.model_overrules_rating_at, reference.copy_similarity,
            )
        ],
    }


def _naive(moment: datetime) -> datetime:
    return to_utc(moment).astimezone(UTC).replace(tzinfo=None)
