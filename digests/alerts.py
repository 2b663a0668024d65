"""Which complaints deserve a mail now: the rules of digests.toml over the published copy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from digests.model import Alert, BrandName, Post
from digests.posts import COMPLAINT_POSTS, WORST_FIRST, Topics, as_post, is_praise, topic_name, topic_names
from digests.promises import overdue
from digests.published import Published, Row, opened
from digests.settings import AlertRule, PromiseOverdue, Reopened, Safety, Spike, Spreads

_WATCHED = COMPLAINT_POSTS + """
    AND c.state IN ('unaddressed', 'reopened', 'not_observable')
    AND greatest(c.occurred_at, again.occurred_at) > $since
""" + WORST_FIRST
_PROMISED_TO = COMPLAINT_POSTS + """
    AND c.mention_id IN (SELECT unnest($ids)) AND c.state IN ('answered', 'reopened')
""" + WORST_FIRST
_SPIKES = """
WITH topical AS (
    SELECT unnest(topics) AS topic, occurred_at FROM complaints WHERE brand = $brand AND state <> 'withdrawn'
),
history AS (
    -- How many days there are to compare with: a brand that is new here has no usual yet.
    SELECT least($days, date_diff('minute', min(occurred_at), $start) / 1440.0) AS days
    FROM complaints WHERE brand = $brand
)
SELECT topic, any_value(days) AS days,
    count(*) FILTER (occurred_at > $start) AS count,
    count(*) FILTER (occurred_at > $start - to_days($days) AND occurred_at <= $start) / any_value(days) AS daily
FROM topical, history
WHERE days >= 7
GROUP BY topic
ORDER BY topic
"""
_URGENCY = {"safety": 5, "reopened": 4, "spreads": 3, "spike": 2, "promise_overdue": 1}


@dataclass(frozen=True, slots=True)
class _Look:
    """One evaluation: where, for whom, when."""

    copy: Published
    brand: BrandName
    topics: Topics
    now: datetime

    def rows(self, hours: float) -> list[Row]:
        """The open complaints of the last hours, worst first; one raised again is as new as its newest words."""
        return self.copy.rows(_WATCHED, brand=self.brand.id, since=self.now - timedelta(hours=hours), now=self.now)

    def post(self, row: Row) -> Post:
        return as_post(row, self.topics, now=self.now)

    def alert(self, rule: AlertRule, post: Post, *, window: str, subject: str = "", **more: Any) -> Alert:
        return Alert(rule=rule.rule, brand=self.brand, subject=subject or post.mention_id, window=window, post=post,
                     urgency=_URGENCY[rule.rule], **more)


def due(published: Path, *, brand: BrandName, rules: Sequence[AlertRule], now: datetime) -> list[Alert]:
    """Every alert that holds at `now`, most urgent first, whether or not it went out before.

    Raises ConfigurationError when the published copy is missing or was made by another version.
    """
    with opened(published) as copy:
        look = _Look(copy, brand, topic_names(copy), now)
        alerts = [alert for rule in rules for alert in _RULES[type(rule)](look, rule)]
    return sorted(alerts, key=lambda a: (-a.urgency, -a.post.severity, -a.post.reach, a.key))


def _spreads(look: _Look, rule: Spreads) -> list[Alert]:
    """Reached many, or many for its age. The window is the doubling: 300, 600, 1,200 are told once each."""
    alerts = []
    for post in map(look.post, look.rows(rule.published_within_hours)):
        hours = post.waiting.total_seconds() / 3600 if post.waiting else math.inf
        fast = post.dated and hours <= rule.fast_hours and post.reach >= rule.fast_reach
        if post.reach >= rule.reach or fast:
            doubled = int(math.log2(post.reach / rule.reach)) + 1 if post.reach >= rule.reach else 0
            alerts.append(look.alert(rule, post, window=f"x{doubled}", facts={"reach": post.reach}))
    return alerts


def _safety(look: _Look, rule: Safety) -> list[Alert]:
    posts = [look.post(row) for row in look.rows(rule.published_within_hours)
             if set(row["urgencies"] or ()) & set(rule.kinds)]
    return [look.alert(rule, post, window="once") for post in posts if post.severity >= rule.severity]


def _reopened(look: _Look, rule: Reopened) -> list[Alert]:
    """Told again when the customer writes again after one more answer."""
    rows = [row for row in look.rows(rule.published_within_hours) if row["state"] == "reopened"]
    return [look.alert(rule, look.post(row), window=_stamp(row["again_at"])) for row in rows]


def _spike(look: _Look, rule: Spike) -> list[Alert]:
    """Today against the usual day, scaled to the rule's hours. One alert a topic and day of Seoul."""
    start = look.now - timedelta(hours=rule.hours)
    counts = look.copy.rows(_SPIKES, brand=look.brand.id, start=start, days=rule.days)
    open_rows = look.rows(rule.hours)
    alerts = []
    for row in counts:
        usual = row["daily"] * rule.hours / 24
        posts = [look.post(r) for r in open_rows if row["topic"] in (r["topics"] or ())]
        much = row["count"] >= rule.complaints and row["count"] > rule.times * usual
        if posts and much and not is_praise(row["topic"]):
            alerts.append(look.alert(
                rule, posts[0], subject=row["topic"], window=_stamp(look.now)[:8],
                topic=topic_name(look.topics, row["topic"]),
                facts={"count": row["count"], "usual": usual, "hours": rule.hours},
            ))
    return alerts


def _promise_overdue(look: _Look, rule: PromiseOverdue) -> list[Alert]:
    """Told once a promise; only complaints that nobody has settled since."""
    since = look.now - timedelta(hours=rule.published_within_hours)
    late = overdue(look.copy, brand=look.brand.id, since=since, now=look.now)
    rows = look.copy.rows(_PROMISED_TO, brand=look.brand.id, now=look.now, ids=list(late))
    return [
        look.alert(rule, post, window=_stamp(look.now - late[post.mention_id]),
                   facts={"overdue_minutes": late[post.mention_id].total_seconds() / 60})
        for post in map(look.post, rows)
    ]


def _stamp(moment: datetime | None) -> str:
    return moment.strftime("%Y%m%dT%H%M") if moment else "once"


_RULES: dict[type, Callable[[_Look, Any], list[Alert]]] = {
    Spreads: _spreads, Spike: _spike, Safety: _safety, Reopened: _reopened, PromiseOverdue: _promise_overdue,
}
