"""The numbers of a week and of the week before, counted in the published copy."""

from __future__ import annotations

from collections.abc import Sequence

from digests.model import Change, ResponseSpeed, SourceCount, StarCount, TopicCount
from digests.posts import Topics, is_praise, topic_name
from digests.published import Published

_MENTIONS = """
SELECT source, week = $week AS is_now, count(*) AS mentions,
    count(*) FILTER (sentiment = 'praise') AS praise, count(*) FILTER (sentiment = 'neutral') AS neutral,
    count(*) FILTER (sentiment IS NULL) AS untagged, count(*) FILTER (is_uncertain) AS uncertain
FROM mentions
WHERE brand = $brand AND week IN ($week, $before) AND counts AND deleted_at IS NULL
GROUP BY ALL ORDER BY ALL
"""
_ADVERTISING = """
SELECT count(*) FILTER (week = $week) AS now, count(*) FILTER (week = $before) AS before
FROM mentions WHERE brand = $brand AND week IN ($week, $before) AND is_advertising AND deleted_at IS NULL
"""
_COMPLAINTS = """
SELECT source, state, week = $week AS is_now, count(*) AS complaints
FROM complaints WHERE brand = $brand AND week IN ($week, $before)
GROUP BY ALL ORDER BY ALL
"""
_SPEED = """
SELECT count(first_response_minutes) FILTER (week = $week) AS answered,
    median(first_response_minutes) FILTER (week = $week) AS minutes,
    median(first_response_business_minutes) FILTER (week = $week) AS business_minutes,
    median(first_response_minutes) FILTER (week = $before) AS minutes_before,
    count(*) FILTER (week = $week AND only_boilerplate) AS pasted
FROM complaints WHERE brand = $brand AND week IN ($week, $before)
"""
_TOPICS = """
SELECT topic, count(*) FILTER (week = $week) AS now, count(*) FILTER (week = $before) AS before,
    count(*) FILTER (week = $week AND state IN ('unaddressed', 'reopened')) AS open
FROM (SELECT unnest(topics) AS topic, week, state FROM complaints
      WHERE brand = $brand AND week IN ($week, $before) AND state <> 'withdrawn')
GROUP BY topic
HAVING now > 0
ORDER BY now DESC, before, topic
"""
_STARS = """
SELECT source, count(*) AS reviews, count(*) FILTER (rating <= 2) AS low, count(*) FILTER (rating >= 4) AS high,
    count(*) FILTER (rating <= 2 AND NOT is_answered) AS low_unanswered
FROM mentions
WHERE brand = $brand AND week = $week AND rating IS NOT NULL AND NOT is_official AND deleted_at IS NULL
GROUP BY source ORDER BY reviews DESC, source
"""


class WeekCounts:
    """The week's mentions and complaints by source and state; filled once, asked many times."""

    def __init__(self, published: Published, *, brand: str, week: str, before: str) -> None:
        asked = {"brand": brand, "week": week, "before": before}
        self._mentions = published.rows(_MENTIONS, **asked)
        self._complaints = published.rows(_COMPLAINTS, **asked)
        advertising = published.row(_ADVERTISING, **asked)
        self.advertising = Change(now=advertising["now"], before=advertising["before"])

    def mentions(self, what: str = "mentions", source: str | None = None) -> Change:
        """`what`: 'mentions', 'praise', 'neutral', 'untagged' or 'uncertain'."""
        rows = [row for row in self._mentions if source in (None, row["source"])]
        return Change(now=sum(row[what] for row in rows if row["is_now"]),
                      before=sum(row[what] for row in rows if not row["is_now"]))

    def complaints(self, *, source: str | None = None, states: Sequence[str] = ()) -> Change:
        """Complaints of a source and of some states; unless said otherwise all but the withdrawn ones."""
        rows = [row for row in self._complaints if source in (None, row["source"])
                and (row["state"] in states if states else row["state"] != "withdrawn")]
        return Change(now=sum(row["complaints"] for row in rows if row["is_now"]),
                      before=sum(row["complaints"] for row in rows if not row["is_now"]))

    def states(self) -> dict[str, Change]:
        return {state: self.complaints(states=[state]) for state in sorted({row["state"] for row in self._complaints})}

    def sources(self) -> tuple[SourceCount, ...]:
        """Every source that gave something in either week, most complaints first."""
        names = {row["source"] for row in self._mentions} | {row["source"] for row in self._complaints}
        counts = [
            SourceCount(
                source=name, mentions=self.mentions(source=name), complaints=self.complaints(source=name),
                open=self.complaints(source=name, states=("unaddressed", "reopened")).now,
                unseen=self.complaints(source=name, states=("not_observable",)).now,
            )
            for name in names
        ]
        return tuple(sorted(counts, key=lambda c: (-c.complaints.now, -c.mentions.now, c.source)))


def response_speed(published: Published, *, brand: str, week: str, before: str) -> ResponseSpeed:
    """Medians of the first answers to complaints published in the week."""
    row = published.row(_SPEED, brand=brand, week=week, before=before)
    return ResponseSpeed(
        answered=row["answered"], median_minutes=row["minutes"], median_business_minutes=row["business_minutes"],
        median_minutes_before=row["minutes_before"], pasted=row["pasted"],
    )


def topic_counts(
    published: Published, topics: Topics, *, brand: str, week: str, before: str, at_most: int
) -> tuple[TopicCount, ...]:
    """The topics complained about most; a complaint with two topics counts in both."""
    rows = published.rows(_TOPICS, brand=brand, week=week, before=before)
    complained = [row for row in rows if not is_praise(row["topic"])]
    return tuple(
        TopicCount(
            topic=topic_name(topics, row["topic"]),
            team=topics[row["topic"]].team if row["topic"] in topics else "",
            complaints=Change(now=row["now"], before=row["before"]), open=row["open"],
        )
        for row in complained[:at_most]
    )


def star_counts(published: Published, *, brand: str, week: str) -> tuple[StarCount, ...]:
    """Reviews with stars, whatever the model read in them."""
    return tuple(StarCount(**row) for row in published.rows(_STARS, brand=brand, week=week))
