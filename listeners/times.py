"""Times as Korean sources write them. A time is exact, or only a day: a day never becomes a false midnight."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from contracts.clock import KST, day_bounds, to_utc
from contracts.errors import ContractError

_OLDEST = datetime(1995, 1, 1, tzinfo=UTC)
_SEP = r"\s*[-./]\s*"
_DAY = re.compile(rf"(\d{{4}}|\d{{2}})(?:{_SEP}|년\s*)(\d{{1,2}})(?:{_SEP}|월\s*)(\d{{1,2}})(?:일|\.)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CLOCK = re.compile(
    r"(?:\([월화수목금토일]\)\s*)?(?P<half>오전|오후|AM|PM|am|pm)?\s*(?P<h>\d{1,2})(?::|시\s*)(?P<m>\d{1,2})"
    r"(?:(?::|분\s*)(?P<s>\d{1,2})(?:\.\d+)?초?)?분?\s*(?P<late>AM|PM|am|pm)?"
)
_TODAY = re.compile(r"\d{1,2}:\d{2}")
_THIS_YEAR = re.compile(r"(\d{1,2})[-./](\d{1,2})\.?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_bounds = lru_cache(maxsize=4_096)(day_bounds)


@dataclass(frozen=True, slots=True)
class When:
    """A moment: exact (`at`), or a calendar day in Seoul (`day`); never both."""

    at: datetime | None = None
    day: date | None = None

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """[start, end) of the day in UTC; (None, None) for an exact time."""
        return _bounds(self.day) if self.day else (None, None)

    @property
    def first(self) -> datetime:
        """The earliest instant it can mean."""
        if self.at is not None:
            return self.at
        assert self.day is not None
        return day_bounds(self.day)[0]


def instant(text: str) -> datetime:
    """An exact time in ISO 8601 with an offset ('2026-11-20T03:04:05.000Z', '+0900'), in UTC; else ContractError."""
    try:
        return _sane(datetime.fromisoformat(text.strip()), text)
    except ValueError as error:
        raise ContractError(f"{text[:40]!r} is not an exact time with an offset") from error


def rfc822(text: str) -> datetime:
    """A time of RSS or mail ('Sat, 21 Nov 2026 21:00:00 +0900'), in UTC; else ContractError."""
    try:
        return _sane(parsedate_to_datetime(text), text)
    except (ValueError, TypeError, IndexError) as error:
        raise ContractError(f"{text[:40]!r} is not an RFC 822 time") from error


def epoch(seconds: float, *, what: str = "the time") -> datetime:
    """Seconds since 1970, in UTC; else ContractError."""
    try:
        return _sane(datetime.fromtimestamp(seconds, UTC), str(seconds))
    except (ValueError, OverflowError, OSError, TypeError) as error:
        raise ContractError(f"{what} is not a number of seconds since 1970") from error


@lru_cache(maxsize=4_096)
def korean(text: str) -> When:
    """A date or time as people and Korean tools write it; without an offset it is meant in Seoul.

    '2026-11-21', '2026.11.21', '2026. 11. 21 오후 9:04:53', '26-11-21 21:04', '2026년 11월 21일 21시 4분',
    '20261121', ISO 8601. A midnight to the second counts as the day: exports write dates so.
    Raises ContractError for anything else.
    """
    text = text.strip()
    if _ISO.match(text):
        return _from_iso(text)
    compact = _COMPACT.fullmatch(text)
    match = compact or _DAY.match(text)
    if not match:
        raise ContractError(f"{text[:40]!r} is not a date that we can read; write 2026-11-21 or 2026-11-21 21:04")
    year = int(match[1]) + (2000 if len(match[1]) == 2 else 0)
    day = _date(year, int(match[2]), int(match[3]), text)
    rest = "" if compact else text[match.end():].strip()
    if not rest:
        return When(day=day)
    return _at(day, clock(rest))


def clock(text: str) -> time:
    """A time of day ('21:04', '오후 9:04:53', '9:04 PM'); else ContractError."""
    match = _CLOCK.fullmatch(text.strip())
    if not match:
        raise ContractError(f"{text[:40]!r} is not a time of day")
    hour, half = int(match["h"]), (match["half"] or match["late"] or "").lower()
    if half in {"오후", "pm"} and hour < 12:
        hour += 12
    if half in {"오전", "am"} and hour == 12:
        hour = 0
    try:
        return time(hour, int(match["m"]), int(match["s"] or 0))
    except ValueError as error:
        raise ContractError(f"{text[:40]!r} is not a time of day") from error


@lru_cache(maxsize=4_096)  # a page of a list says the same day again and again
def in_list(text: str, fetched_at: datetime) -> When:
    """A board list's date: '21:04' is today, '11-20' the latest such day that is not in the future (Seoul).

    gnuboard5 writes HH:MM for today's posts and MM-DD without a year for older ones.
    """
    text = text.strip()
    here = fetched_at.astimezone(KST)
    if _TODAY.fullmatch(text):
        at = datetime.combine(here.date(), clock(text), KST)
        # Read just after midnight, a page made before it still says 23:59.
        return When(at=to_utc(at if at <= here + timedelta(minutes=5) else at - timedelta(days=1)))
    short = _THIS_YEAR.fullmatch(text)
    if not short:
        return korean(text)
    for year in range(here.year, here.year - 9, -1):  # 9: 29 February may be eight years away
        try:
            day = date(year, int(short[1]), int(short[2]))
        except ValueError:
            continue
        if day <= here.date() + timedelta(days=1):
            return When(day=day)
    raise ContractError(f"{text!r} is not a day of the year")


def _from_iso(text: str) -> When:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ContractError(f"{text[:40]!r} is not a time that exists") from error
    if moment.tzinfo is not None:
        return When(at=_sane(moment, text))
    return _at(moment.date(), moment.time())


def _at(day: date, of_day: time) -> When:
    if of_day == time(0):
        return When(day=day)
    return When(at=_sane(datetime.combine(day, of_day, KST), day.isoformat()))


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise ContractError(f"{text[:40]!r} is not a day that exists") from error
    if found < _OLDEST.date() or year > 2200:
        raise ContractError(f"{text[:40]!r} is too far away to be believed")
    return found


def _sane(moment: datetime, text: str) -> datetime:
    try:
        moment = to_utc(moment)
    except OverflowError as error:
        raise ContractError(f"{text[:40]!r} is too far away to be believed") from error
    if moment < _OLDEST or moment.year > 2200:
        raise ContractError(f"{text[:40]!r} is too far away to be believed")
    return moment
