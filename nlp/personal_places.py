"""Finders of street addresses and car plates. Folded text in, (start, end) spans out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Finder = Callable[[str], Iterator[tuple[int, int]]]

_REGION = (
    r"(?:(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주|충청[북남]|전라[북남]|경상[북남])"
    r"(?:특별자치도|특별자치시|특별시|광역시|도|시)?)"
)
_DISTRICT = r"[가-힣]{1,5}(?:시|군|구)"
_SMALL = r"[가-힣]{1,5}\d{0,2}(?:읍|면|동|가|리)"
_ROAD = r"[가-힣A-Za-z0-9.]{1,10}?(?<!으)(?:로|길)(?:\s?\d{1,4}[가나다라마바사]?번?길)?"
# What counts something is not a house number: "강남구 매장으로 3번", "우동 2그릇".
_COUNTED = (
    r"(?!\d|\s?(?:번(?!지|길)|개|일|시|분|명|회|원|주|달|년|월|차|층\s?매장|그릇|인분|만|천|백|퍼|%|kg|g|ml|cm|배|점|위"
    r"|가지|종|장|마리|세트|박스|통|곳))"
)
_NUMBER = rf"(?:지하\s?)?\d{{1,5}}(?:-\d{{1,5}})?(?:번지)?{_COUNTED}"
_HOME = (
    r"(?:아파트|아파텔|빌라|오피스텔|빌딩|타워|맨션|연립|원룸|빌리지|캐슬|자이|푸르지오|래미안|힐스테이트|아이파크|더샵"
    r"|e편한세상|하이츠|파크뷰|주공|apt)"
)
_UNIT = r"(?:[A-Za-z가-힣]?\d{1,4}|[가-하A-Za-z])동\s?(?:\d{1,2}층\s?)?[BbA-Za-z]?\d{1,5}호"
_DETAIL = (
    rf"(?:[,\s(]{{0,3}}(?:{_UNIT}|[가-힣A-Za-z0-9]{{1,12}}{_HOME}(?:\s?\d{{1,2}}차|\s?\d{{1,2}}단지)?"
    rf"|지하\s?\d층|\d{{1,3}}층(?!\s?매장)|[BbA-Z]?\d{{1,5}}호|(?<=[,\s(])[가-힣]{{1,5}}\d?동(?=[),\s])|\d{{1,4}}동)\)?)*"
)
_ZIP = r"(?:[(\[]?\d{5}[)\]]?\s)?"
_END = r"(?![0-9])"

_ROAD_ADDRESS = (
    rf"{_ZIP}(?:{_REGION}\s+(?:{_DISTRICT}\s?){{0,2}}|(?:{_DISTRICT}\s){{1,2}})(?:{_SMALL}\s)?"
    rf"{_ROAD}\s?{_NUMBER}{_DETAIL}{_END}"
)
_LOT_ADDRESS = (
    rf"{_ZIP}(?:{_REGION}\s+)?(?:{_DISTRICT}\s){{1,2}}(?:{_SMALL}\s){{0,2}}{_SMALL}\s?(?:산\s?)?"
    rf"{_NUMBER}{_DETAIL}{_END}"
)
_LOT_NAMED = rf"(?:{_REGION}\s+)?(?:{_SMALL}\s){{0,1}}{_SMALL}\s?\d{{1,4}}(?:-\d{{1,4}})?번지{_DETAIL}{_END}"
_ROAD_WITH_UNIT = (
    rf"{_ROAD}\s?\d{{1,4}}(?:-\d{{1,4}})?[,\s]{{1,2}}"
    rf"(?:{_UNIT}|(?:[가-힣A-Za-z0-9]{{1,12}}{_HOME}\s?)?(?:{_UNIT}|\d{{1,3}}층|\d{{2,5}}호))"
)
_DISTRICT_HOME = (
    rf"(?:{_REGION}\s+)?(?:{_DISTRICT}\s){{0,2}}(?:{_SMALL}\s)?[가-힣A-Za-z0-9]{{0,12}}{_HOME}\s?"
    r"(?:\d{1,2}단지\s?)?(?:\d{1,4}동\s?\d{1,5}호|\d{3,5}호|\d{3,4}동)"
)
_UNIT_ALONE = r"(?<![\d가-힣])\d{1,4}동\s?\d{1,5}호(?!선|기|점)"
_UNIT_DASH = rf"[가-힣A-Za-z0-9]{{1,12}}{_HOME}\s?\d{{2,4}}-\d{{3,4}}(?!\d)"
_NAMED = (
    r"(?<!\[)(?:배송지|주소|받는\s?곳|수령지|보내실\s?곳|사는\s?곳)[\s:는은]{1,3}"
    rf"(?P<x>(?:[가-힣]{{1,6}}\s){{0,2}}{_ROAD}\s?{_NUMBER}{_DETAIL}){_END}"
)

# Letters that plates really carry; 배 is a parcel van, 아바사자 a taxi or bus, 하허호 a rented car.
_PLATE_LETTER = "[가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주아바사자배하허호]"
_PLATE = (
    r"(?<![\d가-힣])(?:(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주)\s?)?"
    rf"\d{{2,3}}(?:{_PLATE_LETTER}|{_PLATE_LETTER}(?<![도호구주수])\s)\d{{4}}(?!\d|\s?(?:원|개|명|번|시|ml|g|kg|점|년|회|만|호|동|장|세트|박스))"
)


def _finder(pattern: str, accept: Callable[[re.Match[str]], bool] | None = None) -> Finder:
    compiled = re.compile(pattern)
    group: str | int = "x" if "x" in compiled.groupindex else 0

    def find(text: str) -> Iterator[tuple[int, int]]:
        for match in compiled.finditer(text):
            if accept is None or accept(match):
                yield match.span(group)

    return find


PLACE_FINDERS: tuple[tuple[str, Finder], ...] = (
    ("주소", _finder(_ROAD_ADDRESS)),
    ("주소", _finder(_LOT_ADDRESS)),
    ("주소", _finder(_LOT_NAMED)),
    ("주소", _finder(_ROAD_WITH_UNIT)),
    ("주소", _finder(_DISTRICT_HOME)),
    ("주소", _finder(_UNIT_DASH)),
    ("주소", _finder(_NAMED)),
    ("주소", _finder(_UNIT_ALONE)),
    ("차량번호", _finder(_PLATE)),
)
"""Kind and finder, the longer form first."""
