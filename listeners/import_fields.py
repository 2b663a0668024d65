"""The fields of an imported row: their names, how each value is read, and which columns belong to none."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from contracts.clock import KST
from contracts.errors import ConfigurationError, ContractError
from contracts.mention import Kind
from listeners.times import When, epoch, korean
from listeners.values import TEXT_LIMIT, clean

FIELDS = (
    "native_id", "brand", "thread_native_id", "parent_native_id", "kind", "title", "text", "url", "author",
    "is_official", "rating", "published_at", "answered", "answered_at", "answer_text", "likes", "replies", "shares",
    "views", "nps", "csat", "place", "product",
)
_YES = frozenset({"true", "t", "1", "1.0", "yes", "y", "o", "예", "네", "답변완료", "완료", "답변 완료", "처리완료"})
_NO = frozenset(
    {
        "false", "f", "0", "0.0", "no", "n", "x", "아니오", "아니요", "미답변", "답변대기", "답변 대기", "대기", "접수",
        "미처리",
    }
)
# What exports call our fields: for the hint in an error only, never to guess silently.
_USUAL = {
    "id": "native_id", "review_id": "native_id", "번호": "native_id", "date": "published_at",
    "review_date": "published_at", "created_at": "published_at", "작성일": "published_at", "등록일": "published_at",
    "타임스탬프": "published_at", "timestamp": "published_at", "score": "rating", "star": "rating", "stars": "rating",
    "별점": "rating", "평점": "rating", "content": "text", "body": "text", "review": "text", "comment": "text",
    "내용": "text", "리뷰": "text", "subject": "title", "제목": "title", "user": "author", "username": "author",
    "writer": "author", "작성자": "author", "reply": "answer_text", "답변": "answer_text", "답변내용": "answer_text",
    "reply_date": "answered_at", "답변일": "answered_at", "replied_at": "answered_at", "답변상태": "answered",
    "브랜드": "brand", "link": "url", "추천": "likes", "조회": "views", "조회수": "views", "상품명": "product",
}
_EMPTY = frozenset({"", "null", "none", "nan", "nat", "n/a", "-", "\\n"})


def columns_of(
    columns: Iterable[str], mapping: Mapping[str, str], ignore: Collection[str], name: str
) -> dict[str, str]:
    """Which column each field is read from: {field: column}.

    `mapping` is {field: column}. Raises ConfigurationError for a column that is no field, not mapped and
    not ignored, for a mapping to a field or column that is not there, and for a file without text and rating.
    """
    present = list(dict.fromkeys(columns))
    for field, column in mapping.items():
        if field not in FIELDS:
            raise ConfigurationError(f"--map {field}={column}: there is no field '{field}'{_closest(field, FIELDS)}")
        if column not in present:
            hint = _closest(column, present)
            raise ConfigurationError(f"--map {field}={column}: {name} has no column '{column}'{hint}")
    for column in ignore:
        if column not in present:
            raise ConfigurationError(f"--ignore {column}: {name} has no column '{column}'{_closest(column, present)}")
    found = dict(mapping)
    taken = set(mapping.values())
    for column in present:
        if column in FIELDS and column not in found and column not in ignore:
            found[column] = column
        elif column not in taken and column not in ignore:
            free = [field for field in FIELDS if field not in found]
            raise ConfigurationError(
                f"{name}: column '{column}' is no field of gwidam{_closest(column, free)}; "
                f"say --map FIELD={column} or --ignore {column} (fields: {', '.join(FIELDS)})"
            )
    if not {"text", "title", "rating", "nps", "csat"} & set(found):
        raise ConfigurationError(f"{name}: no column gives a text or a rating; say --map text=COLUMN")
    return found


def _closest(wrong: str, known: Iterable[str]) -> str:
    usual = _USUAL.get(wrong.lower().replace(" ", "_"))
    names = list(known)
    close = get_close_matches(wrong.lower(), names, n=1, cutoff=0.5)
    best = usual if usual in names else (close[0] if close else "")
    return f"; the closest is '{best}'" if best else ""


def words(value: object) -> str:
    """A text; numbers are written out, null is ''. Broken bytes and over 200,000 characters are refused."""
    if value is None:
        return ""
    if isinstance(value, float) and (math.isnan(value) or value.is_integer()):
        value = "" if math.isnan(value) else int(value)
    if not isinstance(value, str | int | float | date):
        raise ContractError("a text should be plain text, but is a structure")
    text = str(value)
    if len(text) > TEXT_LIMIT:
        raise ContractError(f"a text has {len(text):,} characters; {TEXT_LIMIT:,} are believable")
    if not text.isprintable() and any("\ud800" <= c <= "\udfff" for c in text):
        raise ContractError("the text holds bytes that are not in the file's encoding")
    return clean(text)


def flag(value: Any) -> bool | None:
    """Yes or no in English or Korean ('답변완료'); None for an empty cell; else ContractError."""
    if isinstance(value, bool) or value is None:
        return value
    found = words(value).lower()
    if found in _YES:
        return True
    if found in _NO:
        return False
    if found in _EMPTY:
        return None
    raise ContractError(f"{found[:40]!r} is neither yes nor no")


def number(value: Any) -> float | None:
    """A number; a trailing '점' or '%' and thousands commas are allowed; None for an empty cell."""
    if isinstance(value, bool):
        raise ContractError("true/false is no number")
    if isinstance(value, int | float) and not (isinstance(value, float) and math.isnan(value)):
        return float(value)
    found = words(value).removesuffix("점").removesuffix("%").strip()
    if found.lower() in _EMPTY:
        return None
    if found and set(found) <= {"★", "☆"}:
        return float(found.count("★"))
    try:
        result = float(found.replace(",", ""))
    except ValueError:
        raise ContractError(f"{found[:40]!r} is not a number") from None
    if not math.isfinite(result):
        raise ContractError(f"{found[:40]!r} is not a number")
    return result


def count(value: Any) -> int | None:
    """A whole number, not negative; None for an empty cell."""
    found = number(value)
    if found is None:
        return None
    if found < 0 or not found.is_integer() or found > 2**53:
        raise ContractError(f"{found:g} is not a count")
    return int(found)


def when(value: Any) -> When | None:
    """A time or a day; without an offset it is meant in Seoul; None for an empty cell."""
    if isinstance(value, datetime):
        return korean(value.isoformat())
    if isinstance(value, date):
        return When(day=value)
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 10**8 and value not in _DAYS:
        return When(at=epoch(value / 1000 if value > 10**11 else value))
    found = words(value)
    return None if found.lower() in _EMPTY else korean(found)


def kind(value: Any) -> Kind | None:
    """A kind by its name; None for an empty cell."""
    found = words(value).lower()
    if found in _EMPTY:
        return None
    try:
        return Kind(found)
    except ValueError:
        known = ", ".join(member.value for member in Kind)
        raise ContractError(f"{found[:40]!r} is no kind; there are: {known}") from None


_DAYS = range(19_950_101, 22_001_231)  # 20261121 is a day, not a number of seconds

READERS: Mapping[str, Callable[[Any], Any]] = {
    "is_official": flag, "answered": flag, "rating": number, "nps": number, "csat": number, "likes": count,
    "replies": count, "shares": count, "views": count, "published_at": when, "answered_at": when, "kind": kind,
}


def read_row(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """The row's fields, read; ContractError names the column of the first bad one."""
    found: dict[str, Any] = {}
    for field, column in columns.items():
        reader = READERS.get(field, words)
        try:
            found[field] = reader(row.get(column))
        except ContractError as error:
            raise ContractError(f"column '{column}': {error.message}") from None
    return found


def latest(moment: When | None) -> datetime | None:
    """The last instant a time can mean, for comparing with now."""
    if moment is None:
        return None
    return moment.at or moment.bounds[1]


def seoul_day(moment: When | None) -> date | None:
    """The day in Seoul."""
    if moment is None:
        return None
    return moment.day or (moment.at.astimezone(KST).date() if moment.at else None)
