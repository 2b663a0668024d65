"""The configuration as the SQL models read it: brands, topics, teams, sources, business hours, versions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from contracts.clock import KST
from pipeline.config import Config
from pipeline.hours import open_intervals
from pipeline.reading import tasks

if TYPE_CHECKING:
    from warehouse.reference import OpenInterval, Reference, SourceRef

HOURS_BEFORE = timedelta(days=6 * 366)
"""First answers to complaints older than this have no business minutes."""
HOURS_AFTER = timedelta(days=7)


def reference(config: Config, now: datetime) -> Reference:
    """Everything configured that a model reads, for a build at `now`."""
    from nlp.sentiment import UNCERTAIN_BELOW
    from nlp.topics import load_teams, load_topics
    from warehouse.reference import BrandRef, Reference, TeamRef, TopicRef

    return Reference(
        brands=[BrandRef(brand=b.id, name=b.name) for b in config.brands],
        topics=[
            TopicRef(topic=t.id, name_ko=t.name_ko, name_en=t.name_en, team=t.team, question=t.question)
            for t in load_topics(config.topics_file)
        ],
        teams=[TeamRef(team=t.id, name_ko=t.name_ko, name_en=t.name_en) for t in load_teams(config.topics_file)],
        sources=_sources(config),
        business_hours=_hours(config, now),
        task_versions={task.name: task.version for task in tasks(config)},
        uncertain_below=UNCERTAIN_BELOW,
    )


def _sources(config: Config) -> list[SourceRef]:
    from listeners import registry
    from warehouse.reference import SourceRef

    known = registry.discover()
    return [
        SourceRef(source=name, name_ko=known[name].title_ko, name_en=known[name].title_en,
                  shows_answers=known[name].shows_answers)
        for name in known
    ]


def _hours(config: Config, now: datetime) -> list[OpenInterval]:
    from warehouse.reference import OpenInterval

    first, last = (now - HOURS_BEFORE).astimezone(KST).date(), (now + HOURS_AFTER).astimezone(KST).date()
    return [
        OpenInterval(brand=brand.id, opens_at=opens, closes_at=closes)
        for brand in config.brands
        for opens, closes in open_intervals(brand.hours, first, last)
    ]
