"""The weekly digest as a value: one brand, one ISO week, read from the published copy."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from contracts.clock import iso_week, week_bounds
from digests.counts import WeekCounts, response_speed, star_counts, topic_counts
from digests.health import accuracies, source_health
from digests.model import Audience, BrandName, WeeklyDigest
from digests.posts import COMPLAINT_POSTS, WORST_FIRST, Topics, is_praise, post_list, topic_name, topic_names
from digests.published import Published, opened
from digests.settings import DigestOptions

_OPEN = COMPLAINT_POSTS + " AND c.state IN ('unaddressed', 'reopened')"
_OPEN_NOW = _OPEN + " AND c.week = $week" + WORST_FIRST
_EARLIER = _OPEN + " AND c.week < $week" + WORST_FIRST
_TO_LOOK = COMPLAINT_POSTS + " AND c.state = 'not_observable' AND c.week = $week" + WORST_FIRST
_QUESTIONS = """
SELECT mention_id, source, state, title, text, place, url, rating, published_at, occurred_at, topics, reach,
    last_checked_at, count(*) OVER () AS total
FROM questions
WHERE brand = $brand AND week = $week AND state = 'unaddressed' AND occurred_at <= $now
ORDER BY occurred_at, mention_id
"""
_PRAISE = """
SELECT mention_id, source, title, text, place, url, rating, published_at, occurred_at,
    count(*) OVER () AS total
FROM mentions
WHERE brand = $brand AND week = $week AND counts AND deleted_at IS NULL AND sentiment = 'praise'
    AND is_uncertain IS NOT true AND length(text) BETWEEN 15 AND 200 AND occurred_at <= $now
ORDER BY sentiment_score DESC, coalesce(likes, 0) DESC, mention_id
"""
_PRAISED = """
SELECT topic, count(*) AS praises
FROM (SELECT unnest(topics) AS topic FROM mentions
      WHERE brand = $brand AND week = $week AND counts AND deleted_at IS NULL AND sentiment = 'praise')
GROUP BY topic ORDER BY praises DESC, topic
"""


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
    asked = {"brand": brand.id, "week": week, "before": iso_week(start - timedelta(days=1))}
    with opened(published) as copy:
        topics = topic_names(copy)
        counts = WeekCounts(copy, **asked)
        lists = partial(post_list, copy, topics=topics, now=now, brand=brand.id, week=week)
        return WeeklyDigest(
            brand=brand, audience=audience, week=week, start=start, end=end, now=now,
            mentions=counts.mentions(), complaints=counts.complaints(), praise=counts.mentions("praise"),
            neutral=counts.mentions("neutral"), advertising=counts.advertising, states=counts.states(),
            sources=counts.sources(), stars=star_counts(copy, brand=brand.id, week=week),
            open_now=lists(_OPEN_NOW, at_most=options.complaints), earlier=lists(_EARLIER, at_most=options.earlier),
            to_look=lists(_TO_LOOK, at_most=options.to_look), questions=lists(_QUESTIONS, at_most=options.questions),
            speed=response_speed(copy, **asked), topics=topic_counts(copy, topics, at_most=options.topics, **asked),
            praises=lists(_PRAISE, at_most=options.praises).posts,
            praised=_praised(copy, topics, brand=brand.id, week=week),
            health=source_health(copy, brand=brand.id, week_end=end, now=now),
            uncertain=counts.mentions("uncertain").now, untagged=counts.mentions("untagged").now,
            accuracy=accuracies(copy),
        )


def _praised(copy: Published, topics: Topics, *, brand: str, week: str) -> tuple[tuple[str, int], ...]:
    """What was praised, by topic, with how often."""
    rows = copy.rows(_PRAISED, brand=brand, week=week)
    return tuple((topic_name(topics, row["topic"]), row["praises"]) for row in rows if is_praise(row["topic"]))[:3]
