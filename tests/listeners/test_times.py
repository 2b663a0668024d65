"""Times as Korean sources write them: exact, or a day that never becomes a midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from contracts.errors import ContractError
from listeners.times import When, clock, in_list, instant, korean, rfc822

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # 12:00 in Seoul


def utc(*parts: int) -> When:
    return When(at=datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-21", When(day=date(2026, 11, 21))),
        ("2026.11.21", When(day=date(2026, 11, 21))),
        ("2026. 11. 21.", When(day=date(2026, 11, 21))),
        ("20261121", When(day=date(2026, 11, 21))),
        ("2026년 11월 21일", When(day=date(2026, 11, 21))),
        ("26-11-21", When(day=date(2026, 11, 21))),
        ("2026-11-21 00:00:00", When(day=date(2026, 11, 21))),
        ("2026-11-21T00:00:00", When(day=date(2026, 11, 21))),
        ("2026-11-21T00:00:00+09:00", utc(2026, 11, 20, 15)),
        ("2026. 11. 21 오후 9:04:53", utc(2026, 11, 21, 12, 4, 53)),
        ("2026. 11. 21 오전 12:04:53", utc(2026, 11, 20, 15, 4, 53)),
        ("2026/11/21 9:04:53 PM", utc(2026, 11, 21, 12, 4, 53)),
        ("2026년 11월 21일 21시 4분", utc(2026, 11, 21, 12, 4)),
        ("2026.11.21. (토) 21:04", utc(2026, 11, 21, 12, 4)),
        ("26-11-21 21:04", utc(2026, 11, 21, 12, 4)),
        ("2026-11-21 21:04:05", utc(2026, 11, 21, 12, 4, 5)),
        ("2026-11-21T12:04:05.000Z", utc(2026, 11, 21, 12, 4, 5)),
    ],
)
def test_korean(written: str, expected: When) -> None:
    assert korean(written) == expected


@pytest.mark.parametrize(
    "written",
    ["", "어제", "2026-13-01", "2026-02-30", "21:04", "2026-11-21 25:00", "0001-01-01", "9999-12-31", "26-1-1 오후"],
)
def test_korean_refuses(written: str) -> None:
    with pytest.raises(ContractError):
        korean(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("11:59", utc(2026, 11, 22, 2, 59)),
        ("23:50", utc(2026, 11, 21, 14, 50)),  # not in the future: the page was made before midnight
        ("11-22", When(day=date(2026, 11, 22))),
        ("11-23", When(day=date(2026, 11, 23))),  # a clock that is a little ahead
        ("11-24", When(day=date(2025, 11, 24))),
        ("02-29", When(day=date(2024, 2, 29))),
        ("2026.11.19", When(day=date(2026, 11, 19))),
    ],
)
def test_a_date_without_a_year_or_a_day_is_read_against_the_fetch(written: str, expected: When) -> None:
    assert in_list(written, NOW) == expected


def test_a_new_year_is_crossed() -> None:
    january = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)  # 00:30 on 1 January in Seoul
    assert in_list("12-31", january) == When(day=date(2026, 12, 31))
    assert in_list("01-01", january) == When(day=date(2027, 1, 1))


def test_a_day_has_the_bounds_of_seoul() -> None:
    start, end = datetime(2026, 11, 20, 15, tzinfo=UTC), datetime(2026, 11, 21, 15, tzinfo=UTC)
    assert korean("2026-11-21").bounds == (start, end)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ContractError):
        instant("2026-11-20T03:04:05")
    assert instant("2026-11-20T03:04:05+0900").hour == 18
    assert rfc822("Sat, 21 Nov 2026 21:00:00 +0900").hour == 12
    assert clock("오후 12:01").hour == 12
