"""Words read one by one: which of the rules' nouns and verbs a word may hold, and what its ending does to them.

A word (between spaces) is looked up once and remembered, so a common one costs a dictionary look-up. Where letters
may be several things ("고소", "배송비") the sense is 'unclear', and the analyser decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from nlp.endings import Effect, Look, effect, stems
from nlp.grams import Grams, Needs, Segment

_HANGUL = re.compile("[가-힣]")
_REMEMBERED = 100_000
_PARTICLES = frozenset(
    [
        *["", "이", "가", "은", "는", "을", "를", "도", "만", "에", "의", "과", "와", "로", "랑", "나", "라", "요"],
        *["까지", "이랑", "으로", "에서", "이나", "조차", "마저", "에는", "에도", "에게", "한테", "부터", "보다"],
        *["처럼", "들", "들이", "들도", "이란", "이라", "이든", "이요", "뿐", "밖에", "께", "께서", "이며", "자체가"],
        *["님", "님이", "님은", "님도", "님께", "상태가", "상태는", "상태도", "ㅠ", "ㅠㅠ", "ㅜㅜ"],
        *["ㅡㅡ", "ㅋㅋ", "ㅎㅎ"],
    ]
)
_COPULA = re.compile(
    r"(?:이?에요|이?예요|입니다|이?네요?|임|인데.*|이고.*|이라.*|이었.*|였.*|이다|인지|이죠|이지만|인듯.*|이더.*)"
)
# Nouns whose letters are often something else: 고소하다 (nutty), 신고 (wearing), 하자 (let us do), 사기 (buying).
_AMBIGUOUS = frozenset(
    [
        *["고소", "신고", "사기", "하자", "기스", "이상", "구리", "개선", "전기", "부실", "정도", "각", "탈", "입"],
        *["면", "날", "불", "피", "발", "볼", "품", "끝", "또"],
    ]
)
# Nouns of one letter that are themselves only as a word: 발 in 발판, 탈 in 탈팡 and 입 in 구입 are not.
_ALONE = frozenset({"각", "탈", "입", "면", "날", "불", "피", "발", "볼", "품", "끝", "또", "손", "혀", "눈", "목"})
_MAKING = ("하다", "되다", "당하다", "시키다", "스럽다", "드리다", "받다")


class Sense(NamedTuple):
    """A noun or verb of the rules that a word may hold: its dictionary form, where it stands, what its ending does.

    `glued`: 안 or 못 is written together with it. `bare`: a noun with nothing or a particle after it.
    """

    form: str
    start: int
    end: int
    effect: Effect
    verb: bool
    glued: bool = False
    bare: bool = False


class Word(NamedTuple):
    """What a reader of rules finds in a word: its senses, and the nouns that it may begin and the next word end.

    `halves` are pairs of where such a noun begins and the rest that the next word must begin with.
    """

    senses: tuple[Sense, ...]
    halves: tuple[tuple[int, str], ...]


class Asked(Protocol):
    """A pattern as far as its words matter: their dictionary forms, and how they begin (see `nlp.letters`)."""

    @property
    def forms(self) -> frozenset[str]: ...
    @property
    def needs(self) -> Needs: ...


class Sentence(NamedTuple):
    """Words, where each begins, and for each dictionary form (word number, sense) in order."""

    words: list[str]
    starts: list[int]
    by_form: dict[str, list[tuple[int, Sense]]]


_NOTHING = Word((), ())


def _holds_one(grams: Collection[str], words: Sequence[str], number: int) -> bool:
    """Whether a word holds one of the grams; a word of one letter together with the next one's first."""
    word = words[number].lower()
    if len(word) == 1:
        word += "".join(words[number + 1 : number + 2])[:1].lower()
    return any(map(word.__contains__, grams))


def _starts(segment: Segment) -> list[int]:
    """Where each word of a segment begins."""
    starts, position = [], 0
    for word in segment.words:
        position = segment.text.index(word, position)
        starts.append(position)
        position += len(word)
    return starts


class PlainWords:
    """The nouns and verbs of a set of rules, and the words seen so far."""

    def __init__(self, nouns: Iterable[str], verbs: Iterable[str], whole: Iterable[str] = ()) -> None:
        """`whole` are nouns that hide the shorter ones they begin with: 배송비 is no 배송."""
        self._nouns = frozenset(nouns)
        self._initials = frozenset(noun[:1] for noun in self._nouns)
        self._by_head: dict[str, list[str]] = {}
        self._halves: dict[str, list[str]] = {}
        self._whole: dict[str, list[str]] = {}
        self._stems: dict[str, list[tuple[str, Look]]] = {}
        self._seen: dict[str, Word] = {}
        for noun in sorted(self._nouns, key=lambda noun: (len(noun), noun)):
            self._by_head.setdefault(noun[:2], []).append(noun)
            for cut in range(1, len(noun)):
                self._halves.setdefault(noun[:cut], []).append(noun[cut:])
        self._half_ends = frozenset(half[-1] for half in self._halves)
        for noun in whole:
            self._whole.setdefault(noun[:2], []).append(noun)
        for verb in sorted(set(verbs)):
            for look, kind in stems(verb):
                self._stems.setdefault(look, []).append((verb, kind))
        lengths: dict[str, set[int]] = {}
        for look in self._stems:
            lengths.setdefault(look[:1], set()).add(len(look))
        self._stem_lengths = {letter: sorted(own) for letter, own in lengths.items()}

    def read(self, segment: Segment, asked: Sequence[Asked], grams: Grams) -> Sentence:
        """The words of a segment with those senses that are asked for; a new word is looked at only where it matters.

        `grams` are those of the text. Nouns written as two words ("개인정보 유출") come last in `by_form`.
        """
        words, forms = segment.words, [one.forms for one in asked]
        senses: list[tuple[int, Sense]] = []
        split: list[tuple[int, Sense]] = []
        for number, word in enumerate(self._words(segment.words, asked, grams)):
            senses += [(number, sense) for sense in word.senses]
            if word.halves:
                split += [(number, sense) for sense in self._split(word.halves, words[number : number + 2])]
        by_form: dict[str, list[tuple[int, Sense]]] = {}
        for number, sense in (*senses, *split):
            if any([sense.form in own for own in forms]):
                by_form.setdefault(sense.form, []).append((number, sense))
        return Sentence(words, _starts(segment) if by_form else [], by_form)

    def _words(self, words: Sequence[str], asked: Sequence[Asked], grams: Grams) -> Iterator[Word]:
        wanted: set[str] | None = None
        for number, text in enumerate(words):
            known = self._seen.get(text)
            if known is None:
                wanted = wanted or {gram for one in asked for need in one.needs for gram in grams & need}
                known = self._learn(text) if _holds_one(wanted, words, number) else _NOTHING
            yield known

    def _learn(self, text: str) -> Word:
        if len(self._seen) > _REMEMBERED:
            self._seen.clear()
        senses, halves = tuple(self._senses(text)), self._halves_of(text)
        word = self._seen[text] = Word(senses, halves) if senses or halves else _NOTHING
        return word

    def _halves_of(self, word: str) -> tuple[tuple[int, str], ...]:
        """One letter of a noun's first half must be a word itself."""
        if word[-1] not in self._half_ends:
            return ()
        starts = [start for start in range(max(0, len(word) - 8), len(word)) if start == 0 or len(word) - start > 1]
        return tuple((start, rest) for start in starts for rest in self._halves.get(word[start:].lower(), ()))

    def _split(self, halves: Sequence[tuple[int, str]], pair: Sequence[str]) -> Iterator[Sense]:
        """Nouns of which one half ends a word and the other begins the next."""
        if len(pair) < 2:
            return
        first, second = pair
        for start, rest in halves:
            if second.lower().startswith(rest):
                end = len(first) - start + len(rest)
                for sense in self._noun(first[start:] + second, 0, end):
                    yield sense._replace(start=start, end=start + end + 1)

    def _senses(self, word: str) -> Iterator[Sense]:
        verbs = self._verbs(word, 0, sure=True)
        yield from verbs
        hidden = bool(verbs) and word[:2] in self._stems  # 맛 is no word of its own in 맛있다
        after_nouns: set[int] = set()
        for start, end in self._noun_spans(word.lower()):
            if start or end > 1 or not hidden:
                yield from self._noun(word, start, end)
                after_nouns |= {end + length for length in (0, 1, 2) if word[end : end + length] in _PARTICLES}
        for start in range(1, len(word)):
            if word[start] not in self._stem_lengths:
                continue
            if start in after_nouns:
                yield from self._verbs(word, start, sure=True)
            elif word[start - 1] in "안못":
                yield from self._verbs(word, start, sure=start == 1 or start - 1 in after_nouns, glued=True)
            elif start > 2 and word[start - 1] in "이가은는을를도만":
                yield from self._verbs(word, start, sure=False)

    def _noun_spans(self, word: str) -> Iterator[tuple[int, int]]:
        for start, letter in enumerate(word):
            if letter not in self._initials:
                continue
            head = word[start : start + 2]
            hidden = self._hidden(word, start) if head in self._whole else 0
            for key in (letter, head) if len(head) > 1 else (letter,):
                for noun in self._by_head.get(key, ()):
                    if len(noun) >= hidden and word.startswith(noun, start):
                        yield start, start + len(noun)

    def _hidden(self, word: str, start: int) -> int:
        """The length of the whole noun that stands there: shorter ones are no words of their own."""
        wholes = self._whole[word[start : start + 2]]
        return max((len(whole) for whole in wholes if word.startswith(whole, start)), default=0)

    def _noun(self, word: str, start: int, end: int) -> Iterator[Sense]:
        form, rest = word[start:end].lower(), word[end:]
        if start and form in _ALONE:
            return
        alone = not start or (len(form) > 1 and (start > 1 or word[:start].lower() in self._nouns))
        sure = alone and form not in _AMBIGUOUS
        if rest in _PARTICLES:
            yield Sense(form, start, end, "states" if sure else "unclear", False, bare=True)
        elif _COPULA.fullmatch(rest):
            yield Sense(form, start, end, "states" if sure else "unclear", False)
        elif form not in _ALONE:
            made = _made(rest) or ("states" if len(form) > 1 and _HANGUL.match(rest) else "unclear")
            yield Sense(form, start, end, made if sure else "unclear", False)

    def _verbs(self, word: str, start: int, *, sure: bool, glued: bool = False) -> list[Sense]:
        found = []
        for length in self._stem_lengths.get(word[start], ()):
            end = start + length
            for verb, look in self._stems.get(word[start:end], ()) if end <= len(word) else ():
                does = effect(look, word[end:])
                if does:
                    found.append(Sense(verb, start, len(word), does if sure else "unclear", True, glued))
        return found


@lru_cache(maxsize=20_000)
def _made(rest: str) -> Effect | None:
    """What the ending does when a noun is made a verb: 반품|하는, 불량|스러워요, 파손|됐어요."""
    for length in (1, 2, 3):
        for look in _making_stems().get(rest[:length], ()):
            does = effect(look, rest[length:])
            if does:
                return does
    return None


@lru_cache(maxsize=1)
def _making_stems() -> dict[str, list[Look]]:
    found: dict[str, list[Look]] = {}
    for verb in _MAKING:
        for look, kind in stems(verb):
            found.setdefault(look, []).append(kind)
    return found
