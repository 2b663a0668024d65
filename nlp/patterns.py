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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from nlp.grams import Grams, Needs, tree, weakness
from nlp.morphemes import Morpheme
from nlp.syllables import beginnings

VERSION = "1"
GAP = 5
"""How many morphemes (particles and endings too) may stand between two elements."""

_NOUN_TAGS = ("N", "XR", "SL", "SN", "MAG", "MM", "XPN", "XSN", "IC", "UN", "W")
_NEGATIVE = r"(?:\b(?:not|never|no|none|without|hardly|cannot)\b|n't\b|\b(?:wont|dont|didnt|isnt|wasnt|cant)\b)"
_DENIAL = re.compile(rf"{_NEGATIVE}(?:\s+(?!and\b|but\b|so\b|because\b)[\w']+){{0,2}}\s*$", re.IGNORECASE)
_NEGATIVE_ITSELF = re.compile(rf"(?:\w+\s+){{0,3}}?\w*{_NEGATIVE}|no\s?(?:body|one)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\.")
_COMPOUND = 4
_DENIALS = frozenset("안못않없말")


class Word(NamedTuple):
    """One alternative of an element."""

    form: str
    negated: bool
    verb: bool


Element = dict[str, tuple[Word, ...]]
"""The choices of one element, by dictionary form (a form may be wanted negated as well as not)."""


class Rarest(NamedTuple):
    """One element of a pattern: how its words begin in a text, and their dictionary forms."""

    begins: Grams
    forms: frozenset[str]


@dataclass(frozen=True, eq=False)
class Pattern:
    """A Korean pattern: elements in order, each a choice of words; or the expression that stood between slashes."""

    source: str
    choices: tuple[tuple[Word, ...], ...] = ()
    expression: str = ""

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """The choices as morphemes are asked for them."""
        return tuple(map(_element, self.choices))

    @cached_property
    def plain_elements(self) -> list[dict[str, frozenset[bool]]]:
        """The elements as `nlp.plain.find` takes them."""
        return [
            {form: frozenset(word.negated for word in words) for form, words in element.items()}
            for element in self.elements
        ]

    @cached_property
    def needs(self) -> Needs:
        """What a text must hold to be read at all: for each element the beginning of one of its words."""
        begins = self._begins
        return (*begins, _DENIALS) if all(word.negated for word in self.choices[-1]) else begins

    @cached_property
    def begins(self) -> Grams:
        """How the words of all elements begin in a text."""
        return frozenset[str]().union(*self._begins)

    @cached_property
    def forms(self) -> tuple[frozenset[str], ...]:
        """The dictionary forms of each element: a sentence in which the pattern holds has one of each."""
        return tuple(map(frozenset, self.elements))

    @cached_property
    def rarest(self) -> Rarest:
        """The element that the fewest sentences have: what is looked for first."""
        number = min(range(len(self._begins)), key=lambda number: weakness(self._begins[number]))
        return Rarest(self._begins[number], self.forms[number])

    @cached_property
    def _begins(self) -> tuple[Grams, ...]:
        return tuple(frozenset(key for word in words for key in _beginnings(word)) for words in self.choices)


class PatternError(ValueError):
    """A pattern that cannot be read; the message says what is wrong with it."""


def parse(source: str) -> Pattern:
    """Read one Korean pattern. Raises PatternError."""
    text = source.strip()
    if len(text) > 2 and text.startswith("/") and text.endswith("/"):
        return Pattern(source, expression=expression(text[1:-1]))
    if not text:
        raise PatternError("it is empty")
    return Pattern(source, tuple(tuple(_word(part, source) for part in element.split("|")) for element in text.split()))


def _beginnings(word: Word) -> Iterator[str]:
    return beginnings(word.form, word.verb)


def _element(words: Sequence[Word]) -> Element:
    element: Element = {}
    for word in words:
        form = word.form if word.verb else word.form.lower()
        element[form] = (*element.get(form, ()), word)
    return element


def parse_english(source: str) -> str:
    """Read one English pattern. Raises PatternError."""
    return rf"(?<![A-Za-z])(?:{expression(source)})(?![A-Za-z])"


def is_denied_in_english(text: str, match: re.Match[str]) -> bool:
    """Whether 'not', 'never', 'no' or the like stands within three words before a match without one."""
    if _NEGATIVE_ITSELF.match(match[0]):
        return False
    return _DENIAL.search(text[max(0, match.start() - 30) : match.start()]) is not None


def expression(source: str) -> str:
    """A plain regular expression as it is, once it has been found to be one. Raises PatternError."""
    try:
        # What looks back is refused by the compiler only, where its width is not fixed.
        compiled(source) if "(?<" in source else tree(source)
    except re.error as error:
        raise PatternError(f"not a regular expression: {error}") from error
    return source


@cache
def compiled(source: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """The expression ready to search with: compiled when it is first searched for, not when it is read."""
    letters = _ESCAPED.sub("", source)
    if letters.lower() == letters.upper():
        flags &= ~re.IGNORECASE  # Hangul has no case: it compiles in three quarters of the time
    return re.compile(source, flags)


def _word(part: str, source: str) -> Word:
    negated = part.startswith("-")
    form = part.removeprefix("-")
    if not re.fullmatch(r"[가-힣A-Za-z0-9]+", form):
        raise PatternError(f"{part!r} in {source!r} is not a word; write words, '|' between choices, '-' before one")
    if form in {"안", "못"}:
        raise PatternError(f"{part!r} in {source!r} denies what follows; write the denied word with '-' before it")
    return Word(form, negated, verb=form.endswith("다") and len(form) > 1)


def readings(tokens: Sequence[Morpheme]) -> list[tuple[tuple[str, int], ...]]:
    """For each morpheme, the words that begin there as (dictionary form, end): itself, compounds, 하다-verbs.

    "고객/센터" is also "고객센터", "친절/하" also "친절하다"; a noun after a prefix is none ("불/친절").
    """
    return [tuple(_words_at(tokens, start)) for start in range(len(tokens))]


def _words_at(tokens: Sequence[Morpheme], start: int) -> Iterator[tuple[str, int]]:
    token = tokens[start]
    if token.tag[0] == "V" or token.tag in {"XSV", "XSA"}:
        yield token.form + "다", start + 1
        return
    if start + 1 < len(tokens) and tokens[start + 1].tag in {"XSV", "XSA", "VV", "VX"}:
        yield token.form + tokens[start + 1].form + "다", start + 2
    if start and tokens[start - 1].tag == "XPN" and tokens[start - 1].end == token.start:
        return
    joined = ""
    for position in range(start, min(start + _COMPOUND, len(tokens))):
        if not tokens[position].tag.startswith(_NOUN_TAGS):
            return
        joined += tokens[position].form.lower()
        yield joined, position + 1


def find(
    pattern: Pattern, tokens: Sequence[Morpheme], words: Sequence[tuple[tuple[str, int], ...]]
) -> tuple[int, int] | None:
    """(start, end) in letters of the pattern's first match among a text's morphemes and `readings`, or None."""
    for start in range(len(tokens)):
        last = _elements_at(pattern.elements, tokens, words, start)
        if last is not None:
            return tokens[start].start, tokens[last - 1].end
    return None


def _elements_at(
    elements: Sequence[Element], tokens: Sequence[Morpheme], words: Sequence[tuple[tuple[str, int], ...]], start: int
) -> int | None:
    """Where the elements end if the first one begins at `start` and each of the others follows closely."""
    for form, end in words[start]:
        for word in elements[0].get(form, ()):
            if len(elements) == 1:
                if _holds(word, tokens, start, end):
                    return end
            elif not word.verb or _holds(word, tokens, start, end):
                for following in range(end, _clause_end(word, tokens, end)):
                    last = _elements_at(elements[1:], tokens, words, following)
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
        manner = tokens[position].form == "게"  # 심하게 느려요: how it is, no clause of its own
        if tag == "EC" and not manner and not own_endings and not _is_auxiliary(tokens, position + 1):
            return position
        own_endings = own_endings and tag[0] in "EXV"
    return last


def _is_auxiliary(tokens: Sequence[Morpheme], position: int) -> bool:
    return position < len(tokens) and tokens[position].tag == "VX"


def _holds(word: Word, tokens: Sequence[Morpheme], start: int, end: int) -> bool:
    return _is_negated(tokens, start, end) == word.negated and not _is_unreal(tokens, end)


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
