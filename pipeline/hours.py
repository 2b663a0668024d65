"""Business hours as open intervals, ready for SQL to measure overlaps with."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import holidays

from contracts.clock import KST
from pipeline.config import Hours

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def open_intervals(hours: Hours, first: date, last: date) -> list[tuple[datetime, datetime]]:
    """The [opens, closes) intervals, UTC, of every open day from `first` to `last` (Seoul days, inclusive).

    A lunch break splits a day in two. Public holidays come from the `holidays` package (substitute days
    included); `closed` adds the shop's own.
    """
    years = range(first.year, last.year + 1)
    public = holidays.country_holidays(hours.holidays, years=years) if hours.holidays else {}
    closed = set(hours.closed)
    intervals: list[tuple[datetime, datetime]] = []
    day = first
    while day <= last:
        if _DAYS[day.weekday()] in hours.days and day not in public and day not in closed:
            intervals.extend(_day(hours, day))
        day += timedelta(days=1)
    return intervals


def _day(hours: Hours, day: date) -> list[tuple[datetime, datetime]]:
    edges = [hours.open, *(hours.lunch or ()), hours.close]
    moments = [_at(day, edge) for edge in edges]
    return [(opens, closes) for opens, closes in zip(moments[::2], moments[1::2], strict=True) if opens < closes]


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, tzinfo=KST).astimezone(UTC)
