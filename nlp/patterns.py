"""The small language in which rules are written, matched on morphemes for Korean and on words for English.

Korean: ``배송|택배 늦다|느리다`` - one of the first words, then one of the second a few morphemes later.
Dictionary forms end in 다 and match every conjugation; anything else is a noun or an adverb, also one that
is written as two ("고객센터"). A word must not be negated ("안 늦어요", "늦지 않았어요"), unless it carries a
minus: ``배송 -오다`` is a parcel that did not come. ``/.../`` is a regular expression on the letters as they
stand, for words no dictionary has ("핵노맛").

English: plain regular expressions, matched at word bounds, ignoring case, not after "not", "never", "no".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlp.morphemes import Morpheme

VERSION = "1"
GAP = 5
"""How many morphemes (particles and endings too) may stand between two elements."""
_LETTER_GAP = 25

_NOUN_TAGS = ("N", "XR", "SL", "SN", "MAG", "MM", "XPN", "XSN", "IC", "UN", "W")
_NEGATIVE = r"(?:\b(?:not|never|no|none|without|hardly|cannot)\b|n't\b|\b(?:wont|dont|didnt|isnt|wasnt|cant)\b)"
_DENIAL = re.compile(rf"{_NEGATIVE}(?:\s+(?!and\b|but\b|so\b|because\b)[\w']+){{0,2}}\s*$", re.IGNORECASE)
_NEGATIVE_ITSELF = re.compile(rf"(?:\w+\s+){{0,3}}?\w*{_NEGATIVE}|no\s?(?:body|one)", re.IGNORECASE)
_INITIALS, _VOWELS, _FINALS = 19, 21, 28
# Vowels that a stem of one syllable may contract to before 아/어: 오-와, 주-줘, 지-져, 크-커, 되-돼.
_CONTRACTED = {8: (9,), 13: (14,), 20: (6,), 18: (4, 0), 11: (10,)}


@dataclass(frozen=True, slots=True)
class Word:
    """One alternative of an element."""

    form: str
    negated: bool
    verb: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """A Korean pattern: elements in order, each a choice of words; `quick` finds where it may match at all."""

    source: str
    elements: tuple[tuple[Word, ...], ...]
    quick: re.Pattern[str]
    literal: bool


class PatternError(ValueError):
    """A pattern that cannot be read; the message says what is wrong with it."""


def parse(source: str) -> Pattern:
    """Read one Korean pattern. Raises PatternError."""
    text = source.strip()
    if len(text) > 2 and text.startswith("/") and text.endswith("/"):
        return Pattern(source, (), expression(text[1:-1]), literal=True)
    elements = tuple(tuple(_word(part, source) for part in element.split("|")) for element in text.split())
    if not elements:
        raise PatternError("it is empty")
    quick = f".{{0,{_LETTER_GAP}}}?".join(
        "(?:" + "|".join(_surface(word) for word in element) + ")" for element in elements
    )
    return Pattern(source, elements, re.compile(quick), literal=False)


def parse_english(source: str) -> re.Pattern[str]:
    """Read one English pattern. Raises PatternError."""
    return expression(rf"(?<![A-Za-z])(?:{source})(?![A-Za-z])")


def first_surface(pattern: Pattern) -> str:
    """A regular expression for the letters a pattern begins with: where it fails, so does the pattern."""
    if pattern.literal:
        return pattern.quick.pattern
    return "|".join(_surface(word) for word in pattern.elements[0])


def is_denied_in_english(text: str, match: re.Match[str]) -> bool:
    """Whether 'not', 'never', 'no' or the like stands within three words before a match without one."""
    if _NEGATIVE_ITSELF.match(match[0]):
        return False
    return _DENIAL.search(text[max(0, match.start() - 30) : match.start()]) is not None


def expression(source: str) -> re.Pattern[str]:
    """A plain regular expression, ignoring case. Raises PatternError."""
    try:
        return re.compile(source, re.IGNORECASE)
    except re.error as error:
        raise PatternError(f"not a regular expression: {error}") from error


def _word(part: str, source: str) -> Word:
    negated = part.startswith("-")
    form = part.removeprefix("-")
    if not re.fullmatch(r"[가-힣A-Za-z0-9]+", form):
        raise PatternError(f"{part!r} in {source!r} is not a word; write words, '|' between choices, '-' before one")
    return Word(form, negated, verb=form.endswith("다") and len(form) > 1)


@lru_cache(maxsize=4096)
def _surface(word: Word) -> str:
    """Letters that must stand in a text wherever this word does; a verb's last stem syllable changes shape."""
    if not word.verb:
        return r"\s?".join(map(re.escape, word.form))
    stem = word.form[:-1]
    return re.escape(stem[:-1]) + _shapes(stem[-1])


def _shapes(syllable: str) -> str:
    """Every syllable with the same beginning: 느 -> 느는늘..., and where it contracts, 오 -> 와왔 too."""
    code = ord(syllable) - 0xAC00
    if not 0 <= code < _INITIALS * _VOWELS * _FINALS:
        return re.escape(syllable)
    initial, vowel = divmod(code // _FINALS, _VOWELS)
    vowels = (vowel, *_CONTRACTED.get(vowel, ()))
    ranges = []
    for each in vowels:
        first = 0xAC00 + (initial * _VOWELS + each) * _FINALS
        ranges.append(f"{chr(first)}-{chr(first + _FINALS - 1)}")
    return f"[{''.join(ranges)}]" if syllable != "하" else "[하-핳해-햏]"


def find(pattern: Pattern, tokens: Sequence[Morpheme]) -> tuple[int, int] | None:
    """(start, end) in letters of the pattern's first match among a text's morphemes, or None."""
    for start in range(len(tokens)):
        last = _elements_at(pattern.elements, tokens, start)
        if last is not None:
            return tokens[start].start, tokens[last - 1].end
    return None


def _elements_at(elements: Sequence[tuple[Word, ...]], tokens: Sequence[Morpheme], start: int) -> int | None:
    """Where the elements end if the first one begins at `start` and each of the others follows closely."""
    for word in elements[0]:
        end = _verb_at(word, tokens, start) if word.verb else _noun_at(word, tokens, start)
        if end is None:
            continue
        if len(elements) == 1:
            if _holds(word, tokens, start, end):
                return end
        elif not word.verb or _holds(word, tokens, start, end):
            for following in range(end, _clause_end(word, tokens, end)):
                last = _elements_at(elements[1:], tokens, following)
                if last is not None:
                    return last
    return None


def _clause_end(word: Word, tokens: Sequence[Morpheme], end: int) -> int:
    """How far the next element may stand: GAP morphemes, not past the end of the clause.

    "배송은 느린데 포장은 좋아요" praises no delivery. A verb's own ending is no bound ("깨져서 왔어요").
    """
    last = min(end + GAP + 1, len(tokens))
    own_endings = word.verb
    for position in range(end, last):
        tag = tokens[position].tag
        if tag in {"EF", "SF"}:
            return position
        if tag == "EC" and not own_endings and not _is_auxiliary(tokens, position + 1):
            return position
        own_endings = own_endings and tag[0] in "EXV"
    return last


def _is_auxiliary(tokens: Sequence[Morpheme], position: int) -> bool:
    return position < len(tokens) and tokens[position].tag == "VX"


def _holds(word: Word, tokens: Sequence[Morpheme], start: int, end: int) -> bool:
    return _is_negated(tokens, start, end) == word.negated and not _is_unreal(tokens, end)


def _verb_at(word: Word, tokens: Sequence[Morpheme], start: int) -> int | None:
    token = tokens[start]
    stem = word.form[:-1]
    if token.tag[0] == "V" or token.tag in {"XSV", "XSA"}:
        return start + 1 if token.form == stem else None
    # "만족하다": a noun or root and its 하다/되다.
    if start + 1 < len(tokens) and tokens[start + 1].tag in {"XSV", "XSA", "VV", "VX"}:
        return start + 2 if token.form + tokens[start + 1].form == stem else None
    return None


def _noun_at(word: Word, tokens: Sequence[Morpheme], start: int) -> int | None:
    if start and tokens[start - 1].tag == "XPN" and tokens[start - 1].end == tokens[start].start:
        return None
    joined = ""
    for position in range(start, len(tokens)):
        token = tokens[position]
        if not token.tag.startswith(_NOUN_TAGS) or not word.form.lower().startswith(joined + token.form.lower()):
            return None
        joined += token.form.lower()
        if len(joined) == len(word.form):
            return position + 1
    return None


def _is_negated(tokens: Sequence[Morpheme], start: int, end: int) -> bool:
    """안/못 before it, 지 않다/못하다/말다 after it, or 없다/아니다 after a noun ("문제 없어요")."""
    before = tokens[start - 1] if start else None
    if before and before.tag == "MAG" and before.form in {"안", "못"}:
        return True
    after = list(tokens[end : end + 5])
    if after and after[0].tag in {"XSV", "XSA"}:
        after = after[1:]
    elif tokens[end - 1].tag[0] == "N":
        if after and after[0].tag[0] == "J":
            after = after[1:]
        return bool(after) and after[0].form in {"없", "없이", "아니", "안", "못"}
    return _denied(after)


def _denied(after: Sequence[Morpheme]) -> bool:
    after = [token for token in after if token.tag not in {"EP", "JX", "JKO", "JKS"}]
    if len(after) < 2:
        return False
    if after[0].form in {"지", "진", "질", "기"} and after[1].form in {"않", "못하", "말", "안", "못"}:
        return True
    # "받을 수가 없어요", "늦은 적 없어요"
    return len(after) > 2 and after[0].tag == "ETM" and after[1].form in {"수", "적", "일"} and after[2].form == "없"


def _is_unreal(tokens: Sequence[Morpheme], end: int) -> bool:
    """Feared or supposed, not said to be so: "늦을까봐", "늦을 줄 알았는데", "늦으면"."""
    after = [token for token in tokens[end : end + 3] if token.tag not in {"EP", "XSV", "XSA"}]
    if not after:
        return False
    if after[0].form in {"을까", "ᆯ까", "을까봐", "ᆯ까봐", "면", "으면", "ᆯ지", "을지", "더라도", "려나"}:
        return True
    return len(after) > 1 and after[0].form in {"을", "ᆯ"} and after[1].form in {"줄", "까"}
