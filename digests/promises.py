"""Answers that promised something by a time: when it was due, and whether anything followed."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
_DURATION = re.compile(
    r"P(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?"
)
_WORKING_DAYS = re.compile(r"business:(\d{1,3})")
_MONTH_DAY = re.compile(r"date:(\d{2})-(\d{2})")
_WEEKDAY = re.compile(r"date:(next_week_)?(mon|tue|wed|thu|fri|sat|sun)")
_DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which a brand works; where nothing is known of a day, Monday to Friday."""

    open_days: frozenset[date] = frozenset()

    def works_on(self, day: date) -> bool:
        """Whether the desk is open on this day of Seoul."""
        known = bool(self.open_days) and min(self.open_days) <= day <= max(self.open_days)
        return day in self.open_days if known else day.weekday() < 5


WEEKDAYS = Calendar()
_OPEN_DAYS = "SELECT day FROM business_days WHERE brand = $brand AND day >= $since::DATE - 1"


def overdue(published: Published, *, brand: str, since: datetime, now: datetime) -> dict[str, timedelta]:
    """mention_id of the complaint -> how long the promise made to it has been overdue."""
    late: dict[str, timedelta] = {}
    promises = published.rows(_PROMISES, brand=brand, since=since, now=now)
    days = published.rows(_OPEN_DAYS, brand=brand, since=since) if promises else []
    calendar = Calendar(frozenset(row["day"] for row in days))
    for row in promises:
        due = due_at(row["promised"], row["promised_at"], calendar)
        if due is not None and due < now:
            late[row["mention_id"]] = now - due
    return late


def due_at(promised: str, said_at: datetime, calendar: Calendar = WEEKDAYS) -> datetime | None:
    """When a promise read as `promised` is due; None for what is no promise of a time.

    Durations in hours or minutes run from `said_at`. All others are kept until the end of a day in Seoul:
    'P3D' (a month is 30 days), 'business:3' (days on which the brand works: no holidays),
    'date:today', 'date:tomorrow', 'date:+2', 'date:this_week', 'date:next_month', 'date:fri',
    'date:next_week_fri', 'date:11-25' (the next one).
    """
    match = _DURATION.fullmatch(promised)
    if match and any(match.groupdict().values()):
        given = {unit: int(value) for unit, value in match.groupdict().items() if value}
        length = timedelta(days=30 * given.pop("months", 0)) + timedelta(**given)
        if match["hours"] or match["minutes"]:
            return said_at + length
        return _end(said_at.astimezone(KST).date() + length)
    day = _day(promised, said_at.astimezone(KST).date(), calendar)
    return _end(day) if day else None


def _end(day: date) -> datetime:
    return day_bounds(day)[1]


def _day(promised: str, said: date, calendar: Calendar) -> date | None:
    """The last day of the promise, or None."""
    sunday = said + timedelta(days=6 - said.weekday())
    named = {
        "date:today": said, "date:tomorrow": said + timedelta(days=1), "date:+2": said + timedelta(days=2),
        "date:this_week": sunday, "date:next_week": sunday + timedelta(days=7),
        "date:this_month": _month_end(said), "date:next_month": _month_end(_month_end(said) + timedelta(days=1)),
    }
    if promised in named:
        return named[promised]
    if match := _WORKING_DAYS.fullmatch(promised):
        return _working_days_after(said, int(match[1]), calendar)
    if match := _WEEKDAY.fullmatch(promised):
        number = _DAY_NAMES.index(match[2])
        return sunday + timedelta(days=number + 1) if match[1] else said + timedelta(days=(number - said.weekday()) % 7)
    if match := _MONTH_DAY.fullmatch(promised):
        return _next_month_day(said, int(match[1]), int(match[2]))
    return None


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _working_days_after(said: date, count: int, calendar: Calendar) -> date:
    day = said
    while count:
        day += timedelta(days=1)
        count -= calendar.works_on(day)
    return day


def _next_month_day(said: date, month: int, number: int) -> date | None:
    for year in (said.year, said.year + 1):
        try:
            day = date(year, month, number)
        except ValueError:
            continue
        if day >= said:
            return day
    return None
