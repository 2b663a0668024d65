"""Hangul syllables by arithmetic: which letters a verb stem may show in a text, whatever its ending.

A syllable is initial, vowel and final (Unicode chapter 3.12: 0xAC00 + (initial * 21 + vowel) * 28 + final).
The last syllable of a stem changes its final (늘다 - 는, 춥다 - 추운) and some vowels contract with the
ending 아/어 (오다 - 와, 주다 - 줘, 지다 - 져, 크다 - 커, 되다 - 돼); 르 doubles its ㄹ (빠르다 - 빨라).
"""

from __future__ import annotations

from collections.abc import Iterator

_FIRST, _VOWELS, _FINALS = 0xAC00, 21, 28
_COUNT = 19 * _VOWELS * _FINALS
_RIEUL_FINAL = 8
_A, _EO, _EU = 0, 4, 18
# vowel -> what it becomes before 아/어: ㅗ ㅘ, ㅜ ㅝ, ㅣ ㅕ, ㅡ ㅓ ㅏ, ㅚ ㅙ.
_CONTRACTED = {8: (9,), 13: (14,), 20: (6,), _EU: (_EO, _A), 11: (10,)}
_SWALLOWING = frozenset({0, 1, 4, 5, 6})  # ㅏ ㅐ ㅓ ㅔ ㅕ
_FINAL_LETTERS = {4: "ㄴ", 8: "ㄹ", 10: "ㅁ", 16: "ㅁ", 17: "ㅂ", 20: "ㅆ"}
_IRREGULAR = {"하": (1,), "러": (1,)}
# Finals: none 0, ㄴ 4, ㄷ 7, ㄹ 8, ㄻ 10, ㅁ 16, ㅂ 17, ㅅ 19, ㅆ 20, ㅎ 27. Of stems with ㄷ or ㅅ only some change it
# (듣다 - 들어, but 받다 - 받아), of those with ㅂ or ㅎ all but some (춥다 - 추워, but 입다 - 입어; 하얗다 - 하얀, but
# 좋다 - 좋은).
_OPEN_FINALS, _PAST_FINALS = (0, 4, 8, 16, 17, 20), (0, 20)
_CLOSED_FINALS = {7: (7, 8), 8: (8, 0, 4, 10, 17), 17: (17, 0), 19: (19, 0), 27: (27, 0, 4, 8, 16)}
_CHANGING_ONLY = {7: frozenset("걷듣묻싣긷붇눋"), 19: frozenset("낫붓잇짓긋젓")}
_KEEPING = {17: frozenset("입잡씹뽑집접좁업꼽"), 27: frozenset("좋넣놓낳닿쌓찧땋")}


def beginnings(form: str, verb: bool) -> Iterator[str]:
    """The first two letters (one, where the word is that short) that the word may show in a text."""
    if not verb:
        yield form[:2].lower()
        return
    stem = form[:-1]
    if len(stem) > 2 or not _is_syllable(stem[-1]):
        yield stem[:2]
        doubled = _doubled(stem[:-1], stem[-1]) if _is_syllable(stem[-1]) else ""
        if doubled:
            yield doubled[:2]
    elif len(stem) == 1:
        yield from _variants(stem)
    else:
        yield from (stem[0] + last for last in _variants(stem[1]))
        doubled = _doubled(stem[0], stem[1])
        yield from (doubled + letter for letter in "라러랐렀" if doubled)


def looks(stem: str) -> Iterator[tuple[str, str]]:
    """(look, final) of a verb stem: its last syllable's looks with their final consonant ('' where it has none)."""
    head, last = stem[:-1], stem[-1]
    if not _is_syllable(last):
        yield stem, ""
        return
    for letter in _variants(last):
        yield head + letter, _FINAL_LETTERS.get((ord(letter) - _FIRST) % _FINALS, "")
    doubled = _doubled(head, last)
    if doubled:
        yield from ((doubled + letter, final) for letter, final in zip("라러랐렀", ("", "", "ㅆ", "ㅆ"), strict=True))


def is_closed(syllable: str) -> bool:
    """Whether a syllable ends in a consonant."""
    return _is_syllable(syllable) and (ord(syllable) - _FIRST) % _FINALS > 0


def is_joined(syllable: str) -> bool:
    """Whether 아 or 어 would not show after this syllable: 가, 서, 깨, 펴, 해."""
    if not _is_syllable(syllable) or is_closed(syllable):
        return False
    return (ord(syllable) - _FIRST) // _FINALS % _VOWELS in _SWALLOWING


def _doubled(head: str, last: str) -> str:
    """'빠', '르' -> '빨'; '' where nothing doubles."""
    if last != "르" or not head or not _is_syllable(head[-1]) or (ord(head[-1]) - _FIRST) % _FINALS:
        return ""
    return head[:-1] + chr(ord(head[-1]) + _RIEUL_FINAL)


def _variants(syllable: str) -> list[str]:
    """Every look of a stem's last syllable: 늦 stays, 춥 - 추, 늘 - 느 는 늡, 오 - 온 올 옴 옵 왔 와."""
    rest, final = divmod(ord(syllable) - _FIRST, _FINALS)
    initial, vowel = divmod(rest, _VOWELS)
    if final:
        kept = syllable not in _CHANGING_ONLY.get(final, syllable) or syllable in _KEEPING.get(final, ())
        finals = (final,) if kept else _CLOSED_FINALS.get(final, (final,))
        return [_letter(initial, vowel, other) for other in finals]
    contracted = _IRREGULAR.get(syllable, _CONTRACTED.get(vowel, ()))
    looks = [_letter(initial, vowel, other) for other in _OPEN_FINALS]
    return looks + [_letter(initial, other, end) for other in contracted for end in _PAST_FINALS]


def _letter(initial: int, vowel: int, final: int) -> str:
    return chr(_FIRST + (initial * _VOWELS + vowel) * _FINALS + final)


def _is_syllable(letter: str) -> bool:
    return 0 <= ord(letter) - _FIRST < _COUNT
