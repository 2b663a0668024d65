"""The Korean a digest speaks: names of sources, states and reasons; times, ages and differences."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from contracts.clock import KST, week_bounds
from digests.plain import clean, cut

SOURCES = {
    "x": "X(트위터)", "naver_cafe": "네이버 카페", "naver_blog": "네이버 블로그", "naver_kin": "네이버 지식iN",
    "naver_news": "네이버 뉴스", "daum_cafe": "다음 카페", "daum_blog": "다음 블로그", "board": "게시판",
    "google_play": "구글 플레이", "app_store": "앱스토어", "app_store_connect": "앱스토어", "youtube": "유튜브",
    "facebook": "페이스북", "instagram": "인스타그램", "threads": "스레드", "cafe24": "카페24",
    "naver_commerce": "스마트스토어 문의", "mail": "고객 메일", "feedback": "고객 의견함",
    "survey": "설문", "survey_csv": "설문", "surveymonkey": "설문",
}
STATES = {
    "unaddressed": "미응답", "reopened": "재문의", "answered": "답변함", "answered_elsewhere": "다른 곳에서 답변",
    "resolved": "처리 완료", "not_observable": "확인 불가", "withdrawn": "철회",
}
OUTCOMES = {"complete": "정상", "partial": "일부만 수집", "failed": "수집 실패", "silent": "수집 기록 없음"}
REASONS = {
    "cap": "검색 결과 상한에 걸려 뒷부분을 읽지 못했습니다", "quota": "하루 사용량을 다 써서 멈췄습니다",
    "rate_limit": "호출 제한에 걸렸습니다", "robots": "사이트가 수집을 허용하지 않습니다(robots.txt)",
    "credentials": "인증 키가 거부되었습니다", "forbidden": "접근 권한이 없습니다",
    "unavailable": "서버가 응답하지 않았습니다", "changed": "응답 형식이 바뀌어 읽지 못했습니다",
}
RULES = {
    "safety": "안전·법적 대응", "reopened": "답변 후 재문의", "spreads": "빠르게 퍼지는 글", "spike": "불만 급증",
    "promise_overdue": "약속 기한 지남",
}
WEEKDAYS = "월화수목금토일"
_BOARDS = {"board 4": "상품 후기", "board 6": "상품 문의", "board 9": "1:1 문의", "shop": "상품 후기·문의"}
_COUNTRIES = {
    "kr": "한국", "kor": "한국", "us": "미국", "usa": "미국", "jp": "일본", "jpn": "일본", "cn": "중국", "chn": "중국",
    "tw": "대만", "twn": "대만", "hk": "홍콩", "hkg": "홍콩", "vn": "베트남", "vnm": "베트남",
}
_VIDEO_ID = re.compile(r"[\w-]{11}", re.ASCII)
_APP_ID = re.compile(r"\d+|\w+(\.\w+)+", re.ASCII)


def source_name(source: str) -> str:
    """'naver_cafe' -> '네이버 카페'; a source without a Korean name keeps its own."""
    return SOURCES.get(source) or clean(source)


def place_name(source: str, place: str) -> str:
    """A place as its visitors call it: '상품 문의' for Cafe24's 'board 6'; '' where there is only a number or an id."""
    place = clean(place)
    if source.startswith("youtube") and _VIDEO_ID.fullmatch(place):
        return "영상 댓글"
    if source.startswith(("app_store", "google_play")):
        return _COUNTRIES.get(place.lower()) or ("" if _APP_ID.fullmatch(place) else place)
    return _BOARDS.get(place) or ("" if re.fullmatch(r"board \d+", place) else place)


def state_name(state: str) -> str:
    return STATES.get(state) or clean(state)


def outcome_name(outcome: str) -> str:
    return OUTCOMES.get(outcome) or clean(outcome)


def reason_text(reason: str) -> str:
    """Why a source was not read to the end, for someone who does not operate it."""
    return REASONS.get(reason) or (f"원인: {cut(clean(reason), 40)}" if reason else "원인을 확인하고 있습니다")


def rule_name(rule: str) -> str:
    return RULES.get(rule) or clean(rule)


def week_of_month(week: str) -> tuple[int, int]:
    """'2026-W47' -> (11, 3): a week belongs to the month that holds its Thursday (KS X ISO 8601)."""
    thursday = week_bounds(week)[0].astimezone(KST) + timedelta(days=3)
    return thursday.month, (thursday.day - 1) // 7 + 1


def week_name(week: str) -> str:
    """'2026-W47' -> '11월 3주차'."""
    month, number = week_of_month(week)
    return f"{month}월 {number}주차"


def period(start: datetime, end: datetime) -> str:
    """'2026년 11월 16일(월) ~ 11월 22일(일)'."""
    first, last = start.astimezone(KST), end.astimezone(KST) - timedelta(days=1)
    year = f"{last.year}년 " if last.year != first.year else ""
    return f"{first.year}년 {day(first)} ~ {year}{day(last)}"


def day(moment: datetime) -> str:
    """'11월 16일(월)'."""
    local = moment.astimezone(KST)
    return f"{local.month}월 {local.day}일({WEEKDAYS[local.weekday()]})"


def clock(moment: datetime | None) -> str:
    """'11/21 09:00' in Seoul; '' for None."""
    return moment.astimezone(KST).strftime("%m/%d %H:%M") if moment else ""


def age(waiting: timedelta | None) -> str:
    """How long a post has waited: '3일 2시간째', '40분째', '방금'; '' when unknown."""
    if waiting is None:
        return ""
    minutes = int(waiting.total_seconds() // 60)
    if minutes < 1:
        return "방금"
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days >= 14:
        return f"{days}일째"
    if days:
        return f"{days}일 {hours}시간째" if hours else f"{days}일째"
    return f"{hours}시간째" if hours else f"{minutes}분째"


def duration(minutes: float | None) -> str:
    """'5시간 20분', '2일 3시간', '12분'; '-' for None."""
    if minutes is None:
        return "-"
    whole = round(minutes)
    days, hours, rest = whole // 1440, whole % 1440 // 60, whole % 60
    if days:
        return f"{days}일 {hours}시간" if hours else f"{days}일"
    if hours:
        return f"{hours}시간 {rest}분" if rest else f"{hours}시간"
    return f"{rest}분"


def business(minutes: float | None) -> str:
    """Business minutes as hours of work, never as days of 24 hours: '13시간 5분'."""
    if minutes is None:
        return "-"
    hours, rest = divmod(round(minutes), 60)
    return f"{hours}시간 {rest}분" if hours and rest else f"{hours}시간" if hours else f"{rest}분"


def number(value: float) -> str:
    """'1,234'."""
    return f"{value:,.0f}"


def difference(value: int) -> str:
    """Against the week before: '+6', '-3', '변동 없음'."""
    return "변동 없음" if value == 0 else f"{value:+,d}"


def stars(rating: float | None) -> str:
    """'★★☆☆☆' for 2; '' for None."""
    if rating is None:
        return ""
    full = max(0, min(5, round(rating)))
    return "★" * full + "☆" * (5 - full)
