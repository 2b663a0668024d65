"""Plain cases told without the analyser: "배송이 너무 느려요" needs no morphemes to be read.

A word (between spaces) is plain when it is one of the rules' nouns with at most a particle, one of their verbs
in a form that states something ("느려요", "느렸습니다", "안 와요", "오지 않아요"), a noun and a verb written
together, or an adverb. Forms that may go on or turn round ("느리지", "느린", "느리면") are not plain; what is
not plain is left to the morphemes. This saves most of the analyser's cost and changes next to no result:
tests/nlp/test_plain.py holds it to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from nlp.syllables import Forms, forms

_WORD = re.compile(r"[^\s,]+")
_LONGEST = 14

_PARTICLES = frozenset(
    re.findall(
        r"\S+",
        "이 가 은 는 을 를 도 만 에 의 과 와 로 랑 까지 이랑 으로 에서 이나 조차 자체가 상태가 상태는 상태도 "
        "마저 에는 에도",
    )
) | {""}
_ADVERBS = frozenset(
    re.findall(
        r"\S+",
        "너무너무 너무나 너무 넘 정말 진짜 좀 조금 아주 엄청 완전 참 매우 꽤 더 많이 겁나 항상 늘 역시 또 다 "
        "생각보다 무척 "
        "굉장히 훨씬 그냥 자꾸 계속 아직도 아직 여전히 전혀 아예 도무지 도대체 제대로 하나도 정말로 진짜로 "
        "진심 너무도 상당히 "
        "살짝 약간 매번",
    )
)
# Endings that close a statement or lead on without turning it round: after a stem with a final consonant,
# after one without, and after the past.
_CLOSED = re.findall(
    r"\S+",
    "고 고요 구요 네 네요 네여 네용 습니다 은데 는데 은데요 는데요 지만 아요 어요 아용 어용 아서 어서 아 "
    "어 음 다 으며 며 던데 "
    "더라고요 더라구요 더군요 거든요",
)
_OPEN = [
    "",
    *re.findall(r"\S+", "요 여 용 욤 서 고 고요 구요 네 네요 네여 네용 며 지만 다 던데 더라고요 더라구요 거든요"),
]
_PAST = re.findall(r"\S+", "어요 습니다 네요 네 는데 는데요 음 다 고 고요 지만 어 어서 거든요 던데 어용 더라고요")
_MADE = frozenset(
    re.findall(
        r"\S+",
        "해요 합니다 하고 하네요 했어요 했습니다 했네요 했음 하세요 하시고 하셔서 하셨어요 하십니다 해서 함 "
        "해 하며 하고요 하구요 "
        "했고 입니다 이에요 예요 이네요 네요 임 이다 이고 됐어요 됐습니다 됨 됐네요 되었습니다 돼서 되어 됐음 "
        "되네요 돼요 됩니다 "
        "당했어요 당함",
    )
)
_DENIED = re.compile(
    r"(?:않|못)(?:아요|아서|네요|네|았어요|았습니다|습니다|음|는다|고|아|해요|하네요|합니다|함|했어요|했습니다|았네요)(?![가-힣])"
)
_DENIAL_PARTICLES = ("", "도", "는", "를", "가", "질")
_DENIES_NEXT = re.compile(r"\s*(?:없|아니|안|못|않|아님|하나|1도)")


class Unit(NamedTuple):
    """One plain word: its dictionary form, whether it is negated, and where it stands; form '' is an adverb."""

    form: str
    negated: bool
    start: int
    end: int


class PlainWords:
    """The nouns and verbs of a set of rules, with every plain look of each."""

    def __init__(self, nouns: Iterable[str], verbs: Iterable[str]) -> None:
        self._nouns = frozenset(nouns)
        self._verbs: dict[str, set[str]] = {}
        for verb in set(verbs):
            for look in _looks(verb[:-1]):
                self._verbs.setdefault(look, set()).add(verb)
        self._stems = frozenset(verb[:-1] for verb in verbs)

    def units(self, sentence: str) -> list[list[Unit]]:
        """Runs of plain words, each run unbroken by a word that is not plain; a word may have several readings."""
        runs: list[list[Unit]] = [[]]
        words = list(_WORD.finditer(sentence))
        for number, word in enumerate(words):
            following = words[number + 1][0] if number + 1 < len(words) else ""
            before = words[number - 1][0] if number else ""
            found = list(self._read(word, before, following))
            if found:
                runs[-1] += found
            elif word[0] not in {"안", "못"} and not _DENIED.match(word[0]):
                runs.append([])
        return [run for run in runs if run]

    def _read(self, word: re.Match[str], before: str, following: str) -> Iterator[Unit]:
        text, start, end = word[0], word.start(), word.end()
        if text in _ADVERBS:
            yield Unit("", False, start, end)
            return
        if len(text) > _LONGEST:
            return
        yield from self._verb(text, start, end, before in {"안", "못"}, following)
        for length in range(1, len(text) + 1):
            if text[:length].lower() in self._nouns:
                yield from self._noun(text, length, start, before in {"안", "못"}, following)

    def _verb(self, text: str, start: int, end: int, denied: bool, following: str) -> Iterator[Unit]:
        for form in self._verbs.get(text, ()):
            yield Unit(form, denied, start, end)
        if text[0] in "안못" and not denied:
            for form in self._verbs.get(text[1:], ()):
                yield Unit(form, True, start, end)
        stem, _, particle = text.rpartition("지")
        if stem in self._stems and particle in _DENIAL_PARTICLES and _DENIED.match(following):
            yield Unit(stem + "다", True, start, end + 1 + len(following))

    def _noun(self, text: str, length: int, start: int, denied: bool, following: str) -> Iterator[Unit]:
        noun, rest, end = text[:length].lower(), text[length:], start + len(text)
        if rest in _PARTICLES:
            yield Unit(noun, bool(_DENIES_NEXT.match(following)), start, end)
        elif rest in _MADE:
            yield Unit(noun, denied, start, end)
        for cut in range(min(3, len(rest))):
            if rest[:cut] in _PARTICLES:
                for unit in self._verb(rest[cut:], start + length + cut, end, False, following):
                    denies = unit.negated or unit.form in {"없다", "아니다"}
                    yield Unit(noun, denies, start, start + length + cut)
                    yield unit


def find(elements: Sequence[dict[str, bool]], runs: Sequence[Sequence[Unit]]) -> tuple[int, int] | None:
    """(start, end) of the first plain match of elements, each {form: negated}; None where there is none.

    With two elements the first must be a noun: only adverbs may stand between them.
    """
    for run in runs:
        for number, unit in enumerate(run):
            if unit.form not in elements[0]:
                continue
            if len(elements) == 1:
                if unit.negated == elements[0][unit.form]:
                    return unit.start, unit.end
                continue
            end = _next(elements[1], run, number)
            if end is not None:
                return unit.start, end
    return None


def _next(element: dict[str, bool], run: Sequence[Unit], number: int) -> int | None:
    begun = run[number].end
    for unit in run[number + 1 :]:
        if unit.start < begun:
            continue
        if unit.form in element and unit.negated == element[unit.form]:
            return unit.end
        if unit.form and unit.start > begun:
            return None
    return None


def _looks(stem: str) -> Iterator[str]:
    head, last = stem[:-1], stem[-1]
    shapes = forms(last)
    if shapes is None:
        yield from (stem + ending for ending in _CLOSED)
        for vowel in "았었":
            yield from (f"{stem}{vowel}{ending}" for ending in _PAST)
        return
    yield from _open_looks(head, shapes)
    doubled = shapes.doubled(head)
    if doubled:
        for vowel, past in (("라", "랐"), ("러", "렀")):
            yield from (doubled + vowel + ending for ending in _OPEN)
            yield from (doubled + past + ending for ending in _PAST)


def _open_looks(head: str, shapes: Forms) -> Iterator[str]:
    for letter in shapes.open:
        yield from (head + letter + ending for ending in _OPEN)
    for letter in shapes.past:
        yield from (head + letter + ending for ending in _PAST)
    yield from (head + letter for letter in shapes.mieum)
    yield from (head + letter + "니다" for letter in shapes.bieup)
    for letter in shapes.nieun:
        yield from (head + letter + ending for ending in ("데", "데요", "다"))
