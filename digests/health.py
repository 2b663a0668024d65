"""How well the sources were read, and how far the model's reading can be trusted."""

from __future__ import annotations

from datetime import datetime, timedelta

from digests.model import Accuracy, SourceHealth
from digests.published import Published

GRACE = timedelta(hours=6)
"""A source counts as read to the end of a week when a complete run ended later than this before it."""

_RUNS = """
SELECT source, max_by(outcome, finished_at) AS outcome, max_by(reason, finished_at) AS reason,
    max_by(message, finished_at) AS message,
    max(finished_at) FILTER (outcome = 'complete') AS last_complete_at
FROM (
    -- A run asks several queries; it is as good as its worst one.
    SELECT source, run_id, max(finished_at) AS finished_at, max_by(outcome, badness) AS outcome,
        coalesce(max_by(reason, badness), '') AS reason, coalesce(max_by(message, badness), '') AS message
    FROM (SELECT *, coalesce(list_position(['complete', 'partial', 'failed'], outcome), 4) AS badness FROM coverage)
    WHERE brand = $brand
    GROUP BY source, run_id
)
GROUP BY source ORDER BY source
"""
_SEEN = """
SELECT source, max(first_seen_at) AS last_mention_at FROM mentions
WHERE brand = $brand AND NOT is_official
GROUP BY source
"""


def source_health(published: Published, *, brand: str, week_end: datetime, now: datetime) -> tuple[SourceHealth, ...]:
    """Every source that was ever asked about the brand, the troubled ones first.

    A source whose newest run is fine but ended before the week did is 'silent': nobody has looked since.
    Sources that were only imported from files have no runs and do not appear.
    """
    seen = {row["source"]: row["last_mention_at"] for row in published.rows(_SEEN, brand=brand)}
    until = min(week_end, now) - GRACE
    found = []
    for row in published.rows(_RUNS, brand=brand):
        complete_at = row["last_complete_at"]
        silent = row["outcome"] == "complete" and (complete_at is None or complete_at < until)
        found.append(SourceHealth(
            source=row["source"], outcome="silent" if silent else row["outcome"], last_complete_at=complete_at,
            last_mention_at=seen.get(row["source"]), reason=row["reason"], message=row["message"],
        ))
    return tuple(sorted(found, key=lambda source: (source.healthy, source.source)))


def accuracies(published: Published) -> tuple[Accuracy, ...]:
    """The models' live accuracy against the analysts' labels, where there are any."""
    rows = published.rows("SELECT task, correct, labelled FROM model_accuracy WHERE labelled > 0 ORDER BY task")
    return tuple(Accuracy(task=row["task"], right=row["correct"], labelled=row["labelled"]) for row in rows)
