"""What the SQL models must know of the configuration, as data; written to schema `ref` at every build."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb

from contracts.clock import to_utc
from warehouse.connection import quoted


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
class LinkRules:
    """When two complaints may be one customer's: within `days` of each other, by evidence worth `possible` or more.

    `points` is what each kind of evidence is worth at its full strength; a sum of `likely` or more is shown to people.
    What more than `sharers` complaints of one period of `days` name (a product, a topic) tells nobody apart and brings
    no pair together. Texts less alike than `similarity` (estimated Jaccard) are not alike.
    """

    days: int = 14
    sharers: int = 60
    similarity: float = 0.15
    possible: float = 0.35
    likely: float = 0.6
    points: Mapping[str, float] = field(default_factory=lambda: dict(LINK_POINTS))


LINK_POINTS: Mapping[str, float] = {
    "author": 0.5, "tried": 0.35, "text": 0.3, "detail": 0.3, "product": 0.15, "events": 0.15, "topic": 0.1,
}
"""Two customers with the same trouble share product, topic and events (0.4): that alone never makes a link likely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Everything configured that a model reads.

    `task_versions`: the current version of each tagging task; until a text has been read with it, its newest older
    reading stands in. `uncertain_below`: a model's score under which its reading is called uncertain.
    `model_overrules_rating_at`: the score from which the model's word beats the stars (design, section 5).
    `copy_similarity`: the estimated Jaccard similarity from which two texts are copies of each other.
    `boilerplate_times`: how often the brand must answer in the same words for them to be called boilerplate; the same
    are answers whose estimated similarity is at least `boilerplate_similarity`.
    `links`: how complaints of one customer in different places are told (docs/adr/0404).
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
    boilerplate_times: int = 3
    boilerplate_similarity: float = 0.8
    links: LinkRules = LinkRules()


_TABLES: dict[str, str] = {
    "brands": "brand VARCHAR, name VARCHAR",
    "topics": "topic VARCHAR, name_ko VARCHAR, name_en VARCHAR, team VARCHAR, question VARCHAR, place INTEGER",
    "teams": "team VARCHAR, name_ko VARCHAR, name_en VARCHAR",
    "sources": "source VARCHAR, name_ko VARCHAR, name_en VARCHAR, shows_answers BOOLEAN",
    "business_hours": "brand VARCHAR, opens_at TIMESTAMP, closes_at TIMESTAMP",
    "task_versions": "task VARCHAR, version VARCHAR",
    "settings": (
        "built_for TIMESTAMP, uncertain_below DOUBLE, rating_complaint_max DOUBLE, rating_praise_min DOUBLE, "
        "model_overrules_rating_at DOUBLE, copy_similarity DOUBLE, link_days INTEGER, link_sharers INTEGER, "
        "link_similarity DOUBLE, link_possible DOUBLE, link_likely DOUBLE, boilerplate_times INTEGER, "
        "boilerplate_similarity DOUBLE"
    ),
    "link_points": "kind VARCHAR, points DOUBLE",
}


def write(connection: duckdb.DuckDBPyConnection, reference: Reference, *, now: datetime) -> None:
    """Replace the tables of schema `ref`; `ref.settings` has one row and `built_for` is the build's "now"."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS ref")
    for table, rows in _rows(reference, now).items():
        connection.execute(f"CREATE OR REPLACE TABLE ref.{table} ({_TABLES[table]})")
        types = dict(column.split(" ") for column in _TABLES[table].split(", "))
        # As one JSON text: executemany takes a second per thousand rows, lists as parameters as long.
        text = json.dumps([dict(zip(types, row, strict=True)) for row in rows], ensure_ascii=False, default=str)
        read = f"from_json($1, {quoted(json.dumps([types]))})"
        connection.execute(f"INSERT INTO ref.{table} SELECT unnest({read}, recursive := true)", [text])


def _rows(reference: Reference, now: datetime) -> dict[str, list[tuple[object, ...]]]:
    links = reference.links
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
                reference.model_overrules_rating_at, reference.copy_similarity, links.days, links.sharers,
                links.similarity, links.possible, links.likely, reference.boilerplate_times,
                reference.boilerplate_similarity,
            )
        ],
        "link_points": list(links.points.items()),
    }


def _naive(moment: datetime) -> datetime:
    return to_utc(moment).astimezone(UTC).replace(tzinfo=None)
