"""By when a reply promises something: "내일까지", "3영업일 이내", "이번 주 내로", "11월 25일까지"."""

from __future__ import annotations

import re
from typing import NamedTuple

VERSION = "1"


class Due(NamedTuple):
    """The words, and the time as `value`: see `find`."""

    words: str
    value: str


_NUMBERS = {"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "일주일": 7, "한": 1, "두": 2, "세": 3, "네": 4}
_LIMIT = r"\s?(?:이내|내|안|까지|뒤|후|정도|쯤|만|중)(?:로|에|으로|까지)?"
_AMOUNT = r"(?P<low>\d{1,3}|한|두|세|네)?\s?(?:[~-]\s?(?P<n>\d{1,3}))?"

_AFTER = re.compile(
    rf"(?:영업일\s?(?:기준\s?)?)?{_AMOUNT}\s?"
    rf"(?P<unit>영업일|일(?!\s?\()|시간|분(?!들|께|의)|주일?|개월|달)(?P<limit>{_LIMIT})"
)
_WORD_AFTER = re.compile(rf"(?P<n>하루|이틀|사흘|나흘|닷새|일주일)(?P<limit>{_LIMIT})")
_UNITS = {"시간": "PT{}H", "분": "PT{}M", "주": "P{}W", "주일": "P{}W", "개월": "P{}M", "달": "P{}M", "일": "P{}D"}
_NAMED = (
    (re.compile(r"(?:오늘|금일)\s?(?:중|안|내|까지|오후|저녁|밤)(?:으로|에|로|까지)?"), "date:today"),
    (re.compile(r"(?:내일|명일|익일)\s?(?:중|안|내|까지|오전|오후|저녁|바로)?(?:으로|에|로|까지)?"), "date:tomorrow"),
    (re.compile(r"(?:모레|내일\s?모레)(?:까지|에|\s?중)?"), "date:+2"),
    (re.compile(r"(?:이번\s?주|금주)\s?(?:내|중|안|까지)?(?:로|에|으로)?"), "date:this_week"),
    (re.compile(r"(?:다음\s?주|차주|내주)\s?(?:내|중|안|까지|초)?(?:로|에|으로)?"), "date:next_week"),
    (re.compile(r"(?:이번\s?달|이달|금월)\s?(?:내|중|안|말|까지)(?:로|에|으로|까지)?"), "date:this_month"),
    (re.compile(r"(?:다음\s?달|익월|차월)\s?(?:내|중|초|말|까지)?(?:로|에|으로|까지)?"), "date:next_month"),
)
_WEEKDAY = re.compile(
    r"(?P<next>다음\s?주\s?|차주\s?)?(?P<day>[월화수목금토일])요일(?:까지|\s?중|\s?(?:오전|오후)|에|\s?이내)"
)
_WEEKDAYS = dict(zip("월화수목금토일", ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), strict=True))
_DATE = re.compile(
    r"(?:(?P<month>\d{1,2})\s?(?:월|[/.])\s?)(?P<day>\d{1,2})\s?일?(?:\([월화수목금토일]\))?\s?(?:까지|이내|에|중|경|전)"
)
_ENGLISH_AFTER = (
    r"within (?:the next )?(?P<n>\d{1,3})(?:\s?[-–]\s?(?P<m>\d+))? (?P<unit>business days?|hours?|days?|weeks?)"
)
_ENGLISH = (
    (re.compile(_ENGLISH_AFTER, re.I), ""),
    (re.compile(r"by (?:tomorrow|the end of tomorrow)|\btomorrow\b", re.I), "date:tomorrow"),
    (re.compile(r"(?:by )?(?:the )?end of (?:the )?(?:day|today)|\btoday\b", re.I), "date:today"),
    (re.compile(r"(?:by )?(?:the )?end of (?:this|the) week|\bthis week\b", re.I), "date:this_week"),
    (re.compile(r"\bnext week\b", re.I), "date:next_week"),
)
# A time alone is no promise: something must be done by it, in the same sentence, by the brand.
_ACT = re.compile(
    r"(?:하겠|드리겠|드릴|해\s?드|될\s?예정|할\s?예정|예정(?:입니다|이며|이오니|으로)|됩니다|되며|될\s?것|보내|발송|출고|입고|처리|연락|답변|회신"
    r"|입금|환불|안내|완료|배송|도착|수거|회수|배포|업데이트|복구|we.?ll|\bwill\b|\bexpect)",
    re.I,
)
_NOT_OURS = re.compile(
    r"(?:했|하였|되었|됐|였|드렸|보냈)습니다|하신|주세요|주시기|부탁|바랍니다|하셔야|받으신|구매|수령\s?후|수령일|경과|지난"
    r"|초과|이미|^(?!.*we.?(?:ll|\s+will)).*(?:please|could you)",
    re.I,
)
_SENTENCE = re.compile(r"[^\n.!?]+(?:\.\d+[^\n.!?]*)*")


def find(text: str) -> Due | None:
    """The first promised time of a reply, or None.

    Values: an ISO 8601 duration from the reply ('P3D', 'PT24H', 'P1W'), 'business:3' for working days,
    'date:today' | 'date:tomorrow' | 'date:+2' | 'date:this_week' | 'date:next_week' | 'date:this_month' |
    'date:next_month' | 'date:fri' | 'date:next_week_fri', or 'date:11-25' (month-day, the next one).
    """
    for sentence in _SENTENCE.finditer(text):
        if not _ACT.search(sentence[0]) or _NOT_OURS.search(sentence[0]):
            continue
        due = _korean(sentence[0]) or _english(sentence[0])
        if due:
            return due
    return None


def _korean(sentence: str) -> Due | None:
    match = _DATE.search(sentence)
    if match and 1 <= int(match["month"]) <= 12 and 1 <= int(match["day"]) <= 31:
        return Due(match[0], f"date:{int(match['month']):02d}-{int(match['day']):02d}")
    match = _WEEKDAY.search(sentence)
    if match:
        return Due(match[0], f"date:{'next_week_' if match['next'] else ''}{_WEEKDAYS[match['day']]}")
    match = _AFTER.search(sentence)
    if match and (match["n"] or match["low"]):
        return _after(match)
    match = _WORD_AFTER.search(sentence)
    if match:
        return Due(match[0], f"P{_NUMBERS[match['n']]}D")
    for pattern, value in _NAMED:
        match = pattern.search(sentence)
        if match:
            return Due(match[0], value)
    return None


def _after(match: re.Match[str]) -> Due:
    number = match["n"] or match["low"]
    count = int(number) if number.isdigit() else _NUMBERS[number]
    if match["unit"] == "영업일" or "영업일" in match[0]:
        return Due(match[0], f"business:{count}")
    return Due(match[0], _UNITS[match["unit"]].format(count))


def _english(sentence: str) -> Due | None:
    for pattern, value in _ENGLISH:
        match = pattern.search(sentence)
        if match and value:
            return Due(match[0], value)
        if match:
            count, unit = int(match["m"] or match["n"]), match["unit"].lower()
            if unit.startswith("business"):
                return Due(match[0], f"business:{count}")
            return Due(match[0], {"h": "PT{}H", "d": "P{}D", "w": "P{}W"}[unit[0]].format(count))
    return None
