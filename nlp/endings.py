"""What may follow the stem of a Korean verb, and what it does to what the verb says.

The stem's look (see `nlp.syllables`) says which endings may follow: 느리|고, 느려|요, 느렸|어요, 느린|데. An
ending states, or turns round together with the next word ("늦지 않아요", "늦을 줄 알았는데"), or makes it unreal
("늦으면"). Letters that are no ending say that the word is another one: 새|벽 is nothing that leaks.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from nlp.syllables import is_closed, is_joined, looks

Effect = Literal["states", "turns", "expects", "unreal", "denies", "unclear"]
"""turns: 지, before a possible denial. expects: ㄹ/을/ㄴ/은, before 줄, 까, 수 없다. denies: 지않 within the word."""
# "same": 어 vanished into the stem (비싸, 가), which therefore looks as before 지 ("비싸지 않아요").
Look = Literal[
    "plain", "closed", "ㄴ", "ㄹ", "ㅁ", "ㅂ", "past", "joined", "same", "ㅂ다", "no ㄹ", "twin", "vowel", "other"
]

_TAIL = r"[요용여욤욥염ㅠㅜㅋㅎㅡ;^)(\"':+*~]*"
_AFTER_ANY = (
    "(?:고|구요|구나|구만|네|다|지만|는데|던데|거든|더라|더군|자|기|게|도록|려|러|거나|니까|며|나요|나봐|나|는지|는|던|냐|길래|긴|든|니"
    "|십니다|시|신|셔|셨|세요|세용|으|은|을|음|습니다|읍니다|느|대|잖|더니|겠|죠|에요)"
)
_AFTER_CLOSED = "(?:[아어](?![하해했할한합])|았|었|여|였|습|읍)"  # 좋아하는 and 힘들어해서 are other verbs
_AFTER_JOINED = "(?:[서도야지져졌진집짐보봐봤봄본주줘줬줌준드버놓놨둬터라있내낸대댔요죠])"
_DENIED = re.compile(r"(?:지|질|진|지는|지도|지를|지가)\s?(?:않|못|안|말|마)")
_TURNS = re.compile(rf"(?:지|질|진|지는|지도|지를|지가){_TAIL}")
_PAST_UNREAL = r"(?:으면(?!서)|을까\s?봐|을지|더라도)"
_UNREAL: dict[Look, re.Pattern[str]] = {
    "plain": re.compile(rf"(?:{_PAST_UNREAL}|면(?!서)|려나)"),
    "closed": re.compile(rf"(?:[았었였]?{_PAST_UNREAL}|면(?!서)|려나|으려나)"),
    "past": re.compile(_PAST_UNREAL),
    "ㅂ다": re.compile("우면|울까봐|울지"),
    "ㄹ": re.compile("까봐|지|려나"),
}
_ENDS: dict[Look, re.Pattern[str]] = {
    "plain": re.compile(_AFTER_ANY),
    "closed": re.compile(f"(?:{_AFTER_ANY}|{_AFTER_CLOSED})"),
    "past": re.compile(rf"(?:{_AFTER_ANY}|[어지었라]|{_TAIL}$)"),
    "joined": re.compile(rf"(?:{_AFTER_JOINED}|{_TAIL}$)"),
    "same": re.compile(rf"(?:(?![지진집짐]){_AFTER_JOINED}|{_TAIL}$)"),
    "ㄴ": re.compile(rf"(?:[데다지듯거것게걸건적후뒤대가]|{_TAIL}$)"),
    "ㄹ": re.compile(rf"(?:[거것게걸꺼껄께듯때수만뿐라래랍란련]|정도|{_TAIL}$)"),
    "ㅁ": re.compile(rf"[이은을도에]?{_TAIL}$"),
    "ㅂ": re.compile("니다|니까|시다"),
    "ㅂ다": re.compile("[우워웠운울움]"),
    "no ㄹ": re.compile("네|니까|십니다"),
    "twin": re.compile("[는네니시십신세셨오]"),
    "vowel": re.compile("[어었은을음]"),
}
_FINALS, _DOUBLE_SIOT = 28, 20
_CHANGED: dict[int, Look] = {7: "vowel", 8: "no ㄹ", 17: "ㅂ다", 19: "vowel"}
"""What a stem becomes whose final consonant (ㄷ, ㄹ, ㅂ, ㅅ) changes; with any other it may be anything."""
_TWINS = frozenset({"줄", "살", "갈", "날"})
"""Stems that look like another's without their ㄹ: 준다 is 주다 or 줄다."""
_BY_FINAL: dict[str, Look] = {"": "joined", "ㄴ": "ㄴ", "ㄹ": "ㄹ", "ㅁ": "ㅁ", "ㅂ": "ㅂ", "ㅆ": "past"}


@lru_cache(maxsize=50_000)
def effect(look: Look, rest: str) -> Effect | None:
    """What the letters after a stem's look do; None when they are no ending, so that this is no such verb."""
    if look == "other" or (look == "ㄹ" and rest.startswith(("줄", "까요"))):
        return "unclear"
    if look in ("plain", "closed") and rest[:1] in _NOMINAL and (turned := _turned(rest)):
        return turned
    if look in _UNREAL and _UNREAL[look].match(rest):
        return "unreal"
    if not _ENDS[look].match(rest):
        # 빠른|배송: what follows a long stem with ㄴ is most likely a noun.
        return "unclear" if look == "ㄴ" else None
    if look in ("vowel", "twin"):  # 들어 is 듣다, 들다 or the beginning of 들어가다; 주는 is 주다 or 줄다
        return "unclear"
    return "expects" if rest in _EXPECTING or (look in ("ㄹ", "ㄴ") and not rest) else "states"


_NOMINAL = frozenset("지질진")
_EXPECTING = frozenset({"을", "은", "운", "울"})


def _turned(rest: str) -> Effect | None:
    """지 and what becomes of it: denied within the word, perhaps by the next one, or 지만 ('but')."""
    if _DENIED.match(rest):
        return "denies"
    if _TURNS.fullmatch(rest):
        return "turns"
    return "unclear" if rest.startswith("지") and not rest.startswith("지만") else None


@lru_cache(maxsize=4_000)
def stems(verb: str) -> tuple[tuple[str, Look], ...]:
    """Every look of a verb's stem with its kind: 느리 plain, 느려 joined, 느렸 past, 느린 ㄴ ..."""
    stem = verb[:-1]
    if is_closed(stem[-1]):
        return tuple((look, _closed_kind(stem, look, final)) for look, final in looks(stem))
    found: list[tuple[str, Look]] = [(stem, "plain")]
    if _swallows(stem):
        found.append((stem, "same"))
    return (*found, *((look, _BY_FINAL[final]) for look, final in looks(stem) if look not in (stem, _unjoined(stem))))


def _closed_kind(stem: str, look: str, final: str) -> Look:
    """A stem that ends in a consonant: as it is, without its ㄹ (길 - 긴), or changed (춥 - 추, 듣 - 들)."""
    if look == stem:
        return "closed"
    if stem in _TWINS:
        return "other" if final else "twin"
    changed = _CHANGED.get((ord(stem[-1]) - ord("가")) % _FINALS, "other")
    return _BY_FINAL[final] if changed == "no ㄹ" and final else changed


def _unjoined(stem: str) -> str:
    """The stem with ㅆ under it where 어 would not vanish into it: 있 is no past of 이다."""
    return "" if _swallows(stem) else stem[:-1] + chr(ord(stem[-1]) + _DOUBLE_SIOT)


def _swallows(stem: str) -> bool:
    """Whether 어 vanishes into the stem: 가요, 갔어요. Of 되다 many write so: 되요, 됬어요 for 돼요, 됐어요."""
    return is_joined(stem[-1]) or stem[-1] == "되"
