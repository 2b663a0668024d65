"""Which language a text is in: 'ko', 'en' or 'other'. Cheap (regex only), because every text is asked."""

from __future__ import annotations

import re
from functools import lru_cache

VERSION = "2"

_LINK = re.compile(r"https?://\S+|www\.\S+|[@#][A-Za-z0-9_]+|\[[가-힣]{2,8}\]")
_MAY_LINK = re.compile(r"[@#\[]|://|www\.")
_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣᄀ-ᇿ]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]+")
_ACCENTED = re.compile(r"[À-ɏḀ-ỿ]")
_FOREIGN = re.compile(r"[぀-ヿ㐀-䶿一-鿿Ͱ-ϿЀ-ԯ֐-׿؀-ۿ฀-๿ऀ-ॿ]+")
_WORD = re.compile(r"[a-zà-ɏḁ-ỿ']+")
_ENGLISH = frozenset(
    re.findall(
        r"\S+",
        "the a an and is are was were be been i you he she it we they my your this that of to in for on with not no "
        "so but very have has had do does did will would can could at from by as if or just please thank thanks good "
        "great bad worst best never always still why how when what order app service delivery refund ",
    )
)
# Words that are frequent in a language of Latin letters and rare in English.
_NOT_ENGLISH = frozenset(
    re.findall(
        r"\S+",
        "el los las que por para pero muy una con está les des est une pas pour avec très je vous der die und ist "
        "nicht ein eine das mit che per della sono non il é não um uma com muito você yang dan tidak ini itu saya "
        "untuk dengan bagus barang sudah kirim cepat sangat bisa tapi ada nya ve bir çok için değil không và là của "
        "tôi rất được hàng giao ",
    )
)


@lru_cache(maxsize=4_096)
def detect(text: str) -> str:
    """'ko' when Hangul carries the text, 'en' for English, 'other' for the rest and for no letters at all.

    A Korean text often holds English names and an English one hardly ever Hangul, so a fifth of the letters
    is enough for Korean. Links, handles and masked items are not looked at.
    """
    if _MAY_LINK.search(text):
        text = _LINK.sub(" ", text)
    hangul = _letters(_HANGUL, text)
    if hangul * 2 > len(text):
        return "ko"  # whatever the rest is
    latin, foreign = _letters(_LATIN, text), _letters(_FOREIGN, text)
    letters = hangul + latin + foreign
    if not letters:
        return "other"
    # A Hangul syllable says as much as two or three Latin letters.
    if hangul * 5 >= letters and hangul >= foreign:
        return "ko"
    if foreign >= latin / 4:
        return "other"
    return "en" if _is_english(text) else "other"


def _letters(script: re.Pattern[str], text: str) -> int:
    return sum(map(len, script.findall(text)))


def _is_english(text: str) -> bool:
    words = _WORD.findall(text.lower())
    english = sum(word in _ENGLISH for word in words)
    not_english = sum(word in _NOT_ENGLISH for word in words)
    if english or not_english:
        return english > not_english
    # A word or two on loan (café, naïve) make no other language.
    return sum(bool(_ACCENTED.search(word)) for word in words) * 3 < max(1, len(words))
