"""The weekly digest as a value: one brand, one ISO week, read from the published copy."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from contracts.clock import iso_week, week_bounds
from digests.counts import WeekCounts, response_speed, star_counts, topic_counts
from digests.health import accuracies, source_health
from digests.model import Audience, BrandName, Post, PostList, WeeklyDigest
from digests.posts import COMPLAINT_POSTS, Topics, as_post, first_of, topic_name, topic_names, urgent_first
from digests.published import Published, opened
from digests.settings import DigestOptions

_OPEN = ("unaddressed", "reopened")
_QUESTIONS = """
SELECT mention_id, source, title, text, place, url, rating, published_at, occurred_at, topics, reach,
    last_checked_at, 'unaddressed' AS state
FROM questions
WHERE brand = $brand AND week = $week AND state = 'unaddressed'
ORDER BY occurred_at, mention_id
"""
_PRAISE = """
SELECT mention_id, source, title, text, place, url, rating, published_at, occurred_at
FROM mentions
WHERE brand = $brand AND week = $week AND counts AND sentiment = 'praise' AND NOT is_uncertain
    AND length(text) BETWEEN 15 AND 200
ORDER BY coalesce(likes, 0) DESC, sentiment_score DESC, mention_id
LIMIT $at_most
"""
_PRAISED = """
SELECT topic, count(*) AS praises
FROM (SELECT unnest(topics) AS topic FROM mentions
      WHERE brand = $brand AND week = $week AND counts AND sentiment = 'praise')
GROUP BY topic ORDER BY praises DESC, topic LIMIT 3
"""


class _Week(NamedTuple):
    brand: str
    week: str
    before: str
    now: datetime


def collect(
    published: Path, *, brand: BrandName, audience: Audience, week: str, now: datetime,
    options: DigestOptions | None = None,
) -> WeeklyDigest:
    """Everything the digest of `week` ('2026-W47') says about a brand, as of `now`.

    Raises ValueError for what is no ISO week, ConfigurationError when the published copy is missing or was
    made by another version.
    """
    options = options or DigestOptions()
    start, end = week_bounds(week)
    about = _Week(brand.id, week, iso_week(start - timedelta(days=1)), now)
    asked = {"brand": about.brand, "week": about.week, "before": about.before}
    with opened(published) as copy:
        topics = topic_names(copy)
        counts = WeekCounts(copy, **asked)
        return WeeklyDigest(
            brand=brand, audience=audience, week=week, start=start, end=end, now=now,
            mentions=counts.mentions(), complaints=counts.complaints(), praise=counts.mentions("praise"),
            neutral=counts.mentions("neutral"), advertising=counts.advertising, states=counts.states(),
            sources=counts.sources(), stars=star_counts(copy, brand=brand.id, week=week),
            open_now=first_of(_complaints(copy, about, topics, this_week=True, states=_OPEN), options.complaints),
            earlier=first_of(_complaints(copy, about, topics, this_week=False, states=_OPEN), options.earlier),
            to_look=first_of(_complaints(copy, about, topics, this_week=True, states=("not_observable",)),
                             options.to_look),
            questions=_questions(copy, about, topics, options.questions),
            speed=response_speed(copy, **asked),
            topics=topic_counts(copy, topics, at_most=options.topics, **asked),
            praises=_praises(copy, about, topics, options.praises), praised=_praised(copy, about, topics),
            health=source_health(copy, brand=brand.id, week_end=end, now=now),
            uncertain=counts.mentions("uncertain").now, untagged=counts.mentions("untagged").now,
            accuracy=accuracies(copy),
        )


def _complaints(
    copy: Published, about: _Week, topics: Topics, *, this_week: bool, states: tuple[str, ...]
) -> list[Post]:
    """Complaints of the week, or of all weeks before it, in these states, ranked."""
    sql = COMPLAINT_POSTS + " AND c.state IN (SELECT unnest($states)) AND if($this, week = $week, week < $week)"
    rows = copy.rows(sql, brand=about.brand, week=about.week, states=list(states), this=this_week)
    return urgent_first(as_post(row, topics, now=about.now) for row in rows)


def _questions(copy: Published, about: _Week, topics: Topics, at_most: int) -> PostList:
    rows = copy.rows(_QUESTIONS, brand=about.brand, week=about.week)
    return first_of([as_post(row, topics, now=about.now) for row in rows], at_most)


def _praises(copy: Published, about: _Week, topics: Topics, at_most: int) -> tuple[Post, ...]:
    rows = copy.rows(_PRAISE, brand=about.brand, week=about.week, at_most=at_most)
    return tuple(as_post(row, topics, now=about.now) for row in rows)


def _praised(copy: Published, about: _Week, topics: Topics) -> tuple[tuple[str, int], ...]:
    rows = copy.rows(_PRAISED, brand=about.brand, week=about.week)
    return tuple((topic_name(topics, row["topic"]), row["praises"]) for row in rows)
