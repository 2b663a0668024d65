"""Complaints, questions and praise of the published copy as `Post` values, in the order a person should read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digests.model import Post, PostList
from digests.published import Published, Row

# What the lists and alerts read of a complaint; `occurred_at` is published_at or, where a source gives no time,
# the first sighting.
COMPLAINT_POSTS = """
SELECT c.mention_id, c.source, c.state, c.title, c.text, c.place, c.url, c.rating, c.published_at, c.occurred_at,
    c.topics, c.team, c.severity, c.severity_reason, c.urgencies, c.reach, c.places, c.last_checked_at, c.answered_at,
    c.cluster_id
FROM complaints AS c
WHERE c.brand = $brand
"""


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


def as_post(row: Row, topics: Topics, *, now: datetime) -> Post:
    """One row of `COMPLAINT_POSTS` (or a row with some of its columns) as a value."""
    known = [topics[topic] for topic in row.get("topics") or () if topic in topics]
    since = row.get("occurred_at")
    return Post(
        mention_id=row["mention_id"], source=row["source"], state=row.get("state") or "", title=row.get("title") or "",
        text=row.get("text") or "", place=row.get("place") or "", url=row.get("url") or "",
        published_at=row.get("published_at"), dated=row.get("published_at") is not None,
        waiting=max(now - since, now - now) if since else None, rating=row.get("rating"),
        reach=int(row.get("reach") or 0), topics=tuple(topic.name for topic in known),
        team=next((topic.team for topic in known if topic.team), ""),
        question=next((topic.question for topic in known if topic.question), ""),
        severity=int(row.get("severity") or 1), reasons=_reasons(row), copies=int(row.get("places") or 1),
        checked_at=row.get("last_checked_at"),
    )


def _reasons(row: Row) -> tuple[str, ...]:
    """The kinds of urgency that were read, else the words that made the severity."""
    urgencies: Sequence[str] = row.get("urgencies") or ()
    if urgencies:
        return tuple(urgencies)
    return (row["severity_reason"],) if row.get("severity_reason") else ()


def urgent_first(posts: Iterable[Post]) -> list[Post]:
    """Reopened ones first; then by severity, reach and waiting time, all descending; ties by id."""
    def order(post: Post) -> tuple[bool, int, int, float, str]:
        waited = post.waiting.total_seconds() if post.waiting else 0.0
        return (post.state != "reopened", -post.severity, -post.reach, -waited, post.mention_id)
    return sorted(posts, key=order)


def first_of(posts: Sequence[Post], at_most: int) -> PostList:
    """The first posts of a ranking, and how many there are."""
    return PostList(posts=tuple(posts[:at_most]), total=len(posts))
