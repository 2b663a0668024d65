"""Answers that promised something by a time: when it was due, and whether anything followed."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from contracts.clock import KST, day_bounds
from digests.published import Published

# The newest promise of a thread counts; any later official answer in the thread keeps or renews it.
_PROMISES = """
SELECT r.mention_id, max_by(r.promised, r.published_at) AS promised, max(r.published_at) AS promised_at
FROM responses AS r
WHERE r.brand = $brand AND list_contains(r.labels, 'promised') AND r.promised IS NOT NULL
    AND r.mention_id IS NOT NULL AND r.published_at > $since AND r.published_at <= $now
    AND NOT EXISTS (
        FROM responses AS later
        WHERE later.brand = r.brand AND later.thread_id = r.thread_id AND later.published_at > r.published_at
    )
GROUP BY r.mention_id
ORDER BY r.mention_id
"""
_DURATION = re.compile(r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?")
_DATE = re.compile(r"date:(\d{4})-(\d{2})-(\d{2})")


def overdue(published: Published, *, brand: str, since: datetime, now: datetime) -> dict[str, timedelta]:
    """mention_id of the complaint -> how long the promise made to it has been overdue."""
    late: dict[str, timedelta] = {}
    for row in published.rows(_PROMISES, brand=brand, since=since, now=now):
        due = due_at(row["promised"], row["promised_at"])
        if due is not None and due < now:
            late[row["mention_id"]] = now - due
    return late


def due_at(promised: str, said_at: datetime) -> datetime | None:
    """'P1D' or 'PT3H' after `said_at`, or the end of 'date:2026-11-25' in Seoul; None for anything else.

    A promise in days ("tomorrow", "within three days") is kept until the end of that day in Seoul.
    """
    if match := _DATE.fullmatch(promised):
        try:
            return day_bounds(date(int(match[1]), int(match[2]), int(match[3])))[1]
        except ValueError:
            return None
    match = _DURATION.fullmatch(promised)
    if not match or not any(match.groupdict().values()):
        return None
    length = timedelta(**{unit: int(value) for unit, value in match.groupdict().items() if value})
    if match["hours"] or match["minutes"]:
        return said_at + length
    return day_bounds((said_at + length).astimezone(KST).date())[1]
