"""Finders of personal numbers: e-mails, resident numbers, cards, business numbers, orders, accounts, phones.

Each finder takes folded text (see `nlp.normalise.fold`) and yields (start, end) spans.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nlp.checksums import is_business_number, is_card_number, is_day, is_ean13, is_resident_number

Finder = Callable[[str], Iterator[tuple[int, int]]]

# A context word inside a mask ("[전화번호]") says nothing about the number beside it.
_OUTSIDE_MASK = r"(?<!\[)"


def _finder(pattern: str, accept: Callable[[re.Match[str]], bool] | None = None) -> Finder:
    """Spans of group 'x' where the pattern has one, else of the whole match."""
    compiled = re.compile(pattern, re.IGNORECASE)
    group: str | int = "x" if "x" in compiled.groupindex else 0

    def find(text: str) -> Iterator[tuple[int, int]]:
        for match in compiled.finditer(text):
            if accept is None or accept(match):
                yield match.span(group)

    return find


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _before(match: re.Match[str], words: str, reach: int = 15) -> bool:
    start = match.start()
    return re.search(_OUTSIDE_MASK + f"(?:{words})", match.string[max(0, start - reach) : start]) is not None


# --- e-mail -------------------------------------------------------------------------------------------
_MAIL_HOSTS = r"naver|gmail|daum|hanmail|nate|kakao|hotmail|outlook|icloud|yahoo|korea|dreamwiz|lycos"
_AT = r"\s?(?:@|골뱅이|\(at\)|\[at\]|\(골뱅이\))\s?"
_EMAIL = rf"""(?<![a-z0-9._%+-])[a-z0-9_%+-][a-z0-9._%+-]*(?:
    @[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{{2,}}
    |{_AT}(?:{_MAIL_HOSTS})(?:\s?(?:\.|점|닷|dot)\s?(?:co\.kr|com|net|kr|컴|콤|넷))?(?![a-z0-9])
)"""

# --- resident and foreigner registration numbers -----------------------------------------------------
_BIRTH = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_RESIDENT = rf"(?<!\d){_BIRTH}(?P<sep>\s?[-.~_]\s?|\s)?[1-8](?:\d{{6}}|[*●○x#]{{6}})(?![\d*])"
_RESIDENT_SHORT = rf"{_OUTSIDE_MASK}(?:주민|외국인\s?등록|등록번호)\D{{0,12}}(?P<x>{_BIRTH}\s?-\s?[1-8]?)(?!\d)"


def _is_resident(match: re.Match[str]) -> bool:
    """Numbers given out since October 2020 have random digits and no valid checksum any more.

    So a written separator, a possible birthday and a possible 7th digit are enough. Thirteen digits in a
    row may as well be a bar code: those that are one (EAN-13) stay unless the other checksum or a word
    before them says resident number.
    """
    if match["sep"]:
        return True
    digits = _digits(match[0])
    if len(digits) < 13 or is_resident_number(digits) or _before(match, "주민|등록번호|외국인"):
        return True
    if digits[6] in "3478" and digits[:2] > "39":
        return False  # born this century, yet later than 2039
    return not is_ean13(digits)


# --- cards ---------------------------------------------------------------------------------------------
_CARD = r"(?<![\d-])(?:\d{4}([-. ]?)\d{4}\1\d{4}\1\d{4}|3[47]\d{2}([-. ]?)\d{6}\2\d{5})(?![\d-])"
_CARD_STARRED = (
    r"(?<![\d-])\d{4}([-. ])(?:\d{2,4}[*x]{2,4}|[*x]{4}|\d{4})\1(?:[*x]{4}|[*x]{2}\d{2})\1[\d*x]{4}(?![\d-])"
)


def _is_card(match: re.Match[str]) -> bool:
    digits = _digits(match[0])
    if digits[0] not in "34569" and not "2221" <= digits[:4] <= "2720":
        return False
    return is_card_number(digits) or _before(match, "카드", 12)


# --- business numbers ---------------------------------------------------------------------------------
_BUSINESS = r"(?<![\d-])\d{3}(?:-\d{2}-|\s\d{2}\s|)\d{5}(?![\d-])"


def _is_business(match: re.Match[str]) -> bool:
    if _before(match, "사업자"):
        return True
    return not match[0].isdigit() and is_business_number(_digits(match[0]))


# --- orders, waybills, customs codes ----------------------------------------------------------------
_LINKING = r"[\s:=#(는은이가도]{0,5}(?:no\.?\s?)?"
_ORDER_NAMED = (
    rf"{_OUTSIDE_MASK}(?:주문\s?(?:번호|no\.?|id|코드|내역)|예약\s?번호|접수\s?번호"
    r"|order[\s_]?(?:no|number|id|num)\b|order\s?\#)"
    rf"{_LINKING}(?P<x>(?=(?:[a-z-]*\d){{5}})[a-z]{{0,6}}[-_]?\d[a-z0-9_-]{{4,29}})"
)
_ORDER_DATED = (
    r"(?<![\d.-])(?:[a-z]{1,6}-?)?(?P<day>20\d{6})(?:[-_](?P<tail>[0-9a-z]{4,12})|(?P<run>\d{5,10}))(?![\d-])"
)
_WAYBILL = (
    rf"{_OUTSIDE_MASK}(?:운송장|송장|등기)\s?(?:번호|no\.?)?{_LINKING}"
    r"(?P<x>\d{4}[-\s]?\d{4}[-\s]?\d{2,5}|\d{9,14})(?!\d)"
)
_CUSTOMS = r"(?<![a-z0-9])p\d{12}(?!\d)"


def _is_dated_order(match: re.Match[str]) -> bool:
    """A day with a running number; two days are a range, not an order."""
    tail = match["tail"] or ""
    return is_day(match["day"]) and not is_day(tail) and (not tail or any(c.isdigit() for c in tail))


# --- bank accounts ---------------------------------------------------------------------------------------
_BANK = (
    r"국민|신한|우리|하나|농협|기업|축협|카카오|토스|케이|새마을금고|우체국|수협|신협|제일|씨티|부산|대구|광주"
    r"|전북|경남|제주|산업|카뱅|토뱅|케뱅|kb|nh|ibk|sc|im"
)
_ACCOUNT_SHAPE = r"\d{2,6}-\d{2,6}-\d{2,8}(?:-\d{1,4})?"
_ACCOUNT_NAMED = (
    rf"(?:{_OUTSIDE_MASK}(?:계좌|입금|예금주|통장)|(?:{_BANK})\s?(?:은행|뱅크)|농협|카뱅|토뱅|새마을금고|신협|수협|우체국)"
    rf"(?:(?!운송장|송장|택배|등기)[^\d\n]){{0,12}}(?P<x>{_ACCOUNT_SHAPE}|\d{{10,16}})(?![\d-])"
)
_ACCOUNT_BANK = rf"(?:{_BANK})\s?(?:은행|뱅크)?[\s:)(,]{{0,3}}(?P<x>{_ACCOUNT_SHAPE})(?![\d-])"
_ACCOUNT_AFTER = (
    rf"(?<![\d-])(?P<x>{_ACCOUNT_SHAPE}|\d{{10,16}})[\s(,]{{0,2}}(?:{_BANK})"
    r"(?:은행|뱅크|\s?[가-힣]{2,4}\)?(?:$|[\s.,]))"
)


def _is_account(match: re.Match[str]) -> bool:
    return 9 <= len(_digits(match["x"])) <= 16 and not re.fullmatch(r"20\d\d-\d\d?-\d\d?", match["x"])


# --- phones ------------------------------------------------------------------------------------------------
_SEP = r"[-.)~_/,\s]{0,3}"
_COUNTRY = r"(?:(?:\+|00)\s?82[-.\s]?\(?0?\)?|\(?82\)?[-.\s]\(?0?\)?|\(?0)"
_MOBILE = rf"(?<![\d])(?<!\d[-.]){_COUNTRY}1[016789]{_SEP}(?:\d{{3,4}}|[*x]{{3,4}}){_SEP}(?:\d{{4}}|[*x]{{4}})(?!\d)"
_AREA = r"(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50\d)"
_LANDLINE = (
    rf"(?<!\d)(?<!\d[-.])(?:(?:\+|00)\s?82[-.\s]?\(?0?\)?|\(?0){_AREA}"
    r"(?:\)\s?|\s?[-.]\s?|\s)\d{3,4}(?:\s?[-.]\s?|\s)\d{4}(?!\d)"
)
_LANDLINE_RUN = r"(?<![\d.-])0(?:70|50\d)\d{8}(?!\d)"
_SHOP_LINE = (
    r"(?<![\d-])1(?:5(?:22|44|66|77|88|99)|6(?:00|44|61|66|68|70|88)|8(?:00|11|33|55|77|99))-\d{4}(?![\d-]|\s?[원년~])"
)
_PHONE_WORD = r"전화|연락처|연락|핸드폰|휴대폰|휴대전화|폰번호|폰번|hp|tel|phone|☎|☏|📞|문자"
_PHONE_NAMED = (
    rf"{_OUTSIDE_MASK}(?:{_PHONE_WORD})(?:번호)?[\s:)는은이가]{{0,4}}"
    r"(?P<x>0\d{8,10}|\d{3,4}[-.\s]\d{4})(?![\d-]|\s?(?:원|년|개))"
)
_PHONE_TAIL = (
    rf"(?:{_PHONE_WORD}|번호)\s?(?:번호\s?)?(?:뒷|뒤|끝)\s?(?:자리|번호|4자리|네자리)[\s:는은이가]{{0,4}}"
    r"(?P<x>\d{4})(?!\d)"
)
_SPOKEN = "[0-9공영빵일이삼사오육륙칠팔구oㅇ]"
_MOBILE_SPOKEN = (
    rf"(?<![0-9가-힣a-z])[공영빵0oㅇ][일1][공영빵0oㅇ]{_SEP}(?:{_SPOKEN}\s?){{3,4}}{_SEP}"
    rf"(?:{_SPOKEN}\s?){{3}}{_SPOKEN}(?![0-9])"
)


NUMBER_FINDERS: tuple[tuple[str, Finder], ...] = (
    ("이메일", _finder(_EMAIL.replace("\n", "").replace("    ", ""))),
    ("통관번호", _finder(_CUSTOMS)),
    ("운송장번호", _finder(_WAYBILL)),
    ("주문번호", _finder(_ORDER_NAMED)),
    ("주민등록번호", _finder(_RESIDENT, _is_resident)),
    ("주민등록번호", _finder(_RESIDENT_SHORT)),
    ("카드번호", _finder(_CARD, _is_card)),
    ("카드번호", _finder(_CARD_STARRED)),
    ("전화번호", _finder(_MOBILE)),
    ("사업자번호", _finder(_BUSINESS, _is_business)),
    ("주문번호", _finder(_ORDER_DATED, _is_dated_order)),
    ("계좌번호", _finder(_ACCOUNT_NAMED, _is_account)),
    ("계좌번호", _finder(_ACCOUNT_BANK, _is_account)),
    ("계좌번호", _finder(_ACCOUNT_AFTER, _is_account)),
    ("전화번호", _finder(_LANDLINE)),
    ("전화번호", _finder(_LANDLINE_RUN)),
    ("전화번호", _finder(_SHOP_LINE)),
    ("전화번호", _finder(_PHONE_NAMED)),
    ("전화번호", _finder(_PHONE_TAIL)),
    ("전화번호", _finder(_MOBILE_SPOKEN)),
)
"""Kind and finder, the more certain first: an earlier match keeps its place."""
