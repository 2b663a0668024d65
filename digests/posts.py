"""Complaints, questions and praise of the published copy as `Post` values, in the order a person should read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from digests.model import Linked, Post, PostList
from digests.published import Published, Row

# What lists and alerts read of a complaint, with the words in which it was raised again and with at most two complaints
# elsewhere that may be the same customer's. The order is that of the
# published view `unaddressed` (20 x severity + 10 x log10(1 + reach) + days waited, at most 14), as of $now,
# with the reopened ones before all others.
COMPLAINT_POSTS = """
SELECT c.mention_id, c.source, c.state, c.title, c.text, c.place, c.url, c.rating, c.published_at, c.occurred_at,
    c.first_seen_at, c.topics, c.severity, c.severity_reason, c.urgencies, c.reach, c.places, c.evidence,
    c.last_checked_at, c.is_uncertain, c.answered_at, again.text AS again, again.occurred_at AS again_at,
    again.mention_id AS again_id, linked.others AS linked,
    count(*) OVER () AS total,
    20 * c.severity + 10 * log10(1 + c.reach)
        + least(14, greatest(0, date_diff('minute', c.occurred_at, $now) / 1440.0)) AS priority
FROM complaints AS c
LEFT JOIN (
    -- Of its own, so that all but a few rows need no join: the words that reopened the complaint.
    SELECT r.mention_id AS complaint_id, m.mention_id, m.text, m.occurred_at
    FROM complaints AS r JOIN mentions AS m ON m.mention_id = r.evidence_id AND m.brand = r.brand
    WHERE r.brand = $brand AND r.state = 'reopened' AND r.evidence_id <> r.mention_id
) AS again ON again.complaint_id = c.mention_id
LEFT JOIN (
    SELECT pairs.mention_id, list({
        'mention_id': o.mention_id, 'source': o.source, 'place': o.place, 'url': o.url, 'state': o.state,
        'day': CASE WHEN o.has_exact_time THEN strftime(o.occurred_at + INTERVAL 9 HOUR, '%m/%d') END
    } ORDER BY pairs.confidence DESC, o.mention_id)[:2] AS others
    FROM (
        SELECT earlier_id AS mention_id, later_id AS other_id, confidence FROM complaint_links
        WHERE brand = $brand AND is_likely
        UNION ALL
        SELECT later_id, earlier_id, confidence FROM complaint_links WHERE brand = $brand AND is_likely
    ) AS pairs JOIN complaints AS o ON o.mention_id = pairs.other_id AND o.brand = $brand
    GROUP BY pairs.mention_id
) AS linked ON linked.mention_id = c.mention_id
WHERE c.brand = $brand
"""
_CHECKED = " · 마지막 확인"  # what follows is last_checked_at, told apart
WORST_FIRST = " ORDER BY c.state <> 'reopened', priority DESC, c.occurred_at, c.mention_id"


@dataclass(frozen=True, slots=True)
class TopicName:
    """A topic as people read it."""

    name: str
    team: str
    question: str


Topics = Mapping[str, TopicName]


def topic_names(published: Published) -> dict[str, TopicName]:
    """Topic id -> its Korean name, its team's Korean name and the fact-check question."""
    rows = published.rows(
        "SELECT t.topic, t.name_ko, coalesce(teams.name_ko, t.team, '') AS team, coalesce(t.question, '') AS question "
        "FROM topics AS t LEFT JOIN teams USING (team)"
    )
    return {row["topic"]: TopicName(row["name_ko"], row["team"], row["question"]) for row in rows}


def topic_name(topics: Topics, topic: str) -> str:
    """The Korean name; a topic that is no longer configured keeps its id."""
    return topics[topic].name if topic in topics else topic


def is_praise(topic: str) -> bool:
    """Praise topics say what was liked; read in a complaint they are nobody's task and no reason for alarm."""
    return topic.startswith("praise_")


def as_post(row: Row, topics: Topics, *, now: datetime) -> Post:
    """One row of `COMPLAINT_POSTS` (or a row with some of its columns) as a value."""
    known = [topics[topic] for topic in row.get("topics") or () if topic in topics and not is_praise(topic)]
    since = row.get("again_at") or row.get("occurred_at")
    return Post(
        mention_id=row["mention_id"], source=row["source"], state=row.get("state") or "", title=row.get("title") or "",
        text=row.get("text") or "", again=row.get("again") or "", again_id=row.get("again_id") or "",
        place=row.get("place") or "",
        url=row.get("url") or "", published_at=row.get("published_at"), dated=_dated(row),
        waiting=max(now - since, timedelta(0)) if since else None, rating=row.get("rating"),
        reach=int(row.get("reach") or 0), topics=tuple(topic.name for topic in known),
        team=next((topic.team for topic in known if topic.team), ""),
        question=next((topic.question for topic in known if topic.question), ""),
        severity=int(row.get("severity") or 1), reasons=_reasons(row), copies=int(row.get("places") or 1),
        uncertain=bool(row.get("is_uncertain")), evidence=(row.get("evidence") or "").partition(_CHECKED)[0],
        checked_at=row.get("last_checked_at"), linked=tuple(map(_linked, row.get("linked") or ())),
    )


def _linked(row: Row) -> Linked:
    return Linked(**{name: value or "" for name, value in row.items()})


def _dated(row: Row) -> bool:
    """Whether the time is the source's (exact, or its day), not that of the first sighting."""
    seen, occurred = row.get("first_seen_at"), row.get("occurred_at")
    return row.get("published_at") is not None or bool(seen and occurred and seen - occurred > timedelta(days=1))


def _reasons(row: Row) -> tuple[str, ...]:
    """The kinds of urgency that were read, else the words that made the severity."""
    urgencies: Sequence[str] = row.get("urgencies") or ()
    if urgencies:
        return tuple(urgencies)
    return (row["severity_reason"],) if row.get("severity_reason") else ()


def post_list(
    published: Published, sql: str, topics: Topics, *, at_most: int, now: datetime, **values: Any
) -> PostList:
    """The first `at_most` posts of an ordered SELECT that has a column `total`, and how many there are in all."""
    rows = published.rows(sql + " LIMIT $at_most", at_most=max(1, at_most), now=now, **values)
    posts = tuple(as_post(row, topics, now=now) for row in rows)
    return PostList(posts=posts[:at_most], total=rows[0]["total"] if rows else 0)
