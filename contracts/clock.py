"""Time as the project sees it: stored in UTC, decided in Asia/Seoul. "Now" is always an argument."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")
_WEEK = re.compile(r"^(\d{4})-W(\d{2})$")


def to_utc(moment: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime: a guess would be off by 9 hours."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment.isoformat()}: attach a time zone before storing it")
    return moment.astimezone(UTC)


def to_iso(moment: datetime) -> str:
    """UTC ISO 8601 with a Z, to the second or finer: '2026-11-20T03:04:05Z'."""
    return to_utc(moment).isoformat().replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """The inverse of `to_iso`; any offset is accepted, a missing one is a ValueError."""
    return to_utc(datetime.fromisoformat(text))


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """[start, end) of a calendar day in Seoul, in UTC: what is known when only the day is."""
    start = datetime(day.year, day.month, day.day, tzinfo=KST)
    return to_utc(start), to_utc(start + timedelta(days=1))


def iso_week(moment: datetime) -> str:
    """The ISO week (Monday to Sunday in Seoul) that holds the instant: '2026-W47'."""
    year, week, _ = moment.astimezone(KST).isocalendar()
    return f"{year}-W{week:02d}"


def week_bounds(week: str) -> tuple[datetime, datetime]:
    """[Monday 00:00, next Monday 00:00) in Seoul of an ISO week such as '2026-W47', in UTC.

    Raises ValueError for anything that is not a real ISO week.
    """
    match = _WEEK.match(week)
    if not match:
        raise ValueError(f"{week!r} is not an ISO week; write it as 2026-W47")
    try:
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError as error:
        raise ValueError(f"{week!r} does not exist: {error}") from error
    return day_bounds(monday)[0], day_bounds(monday + timedelta(days=7))[0]


def last_complete_week(now: datetime) -> str:
    """The newest ISO week that has ended in Seoul before `now`: what Monday morning's digest is about."""
    return iso_week(now - timedelta(days=7))
