"""Words read one by one: which of the rules' nouns and verbs a word may hold, and what its ending does to them.

A word (between spaces) is looked up once and remembered, so a common one costs a dictionary look-up. Where letters
may be several things ("고소", "배송비") the sense is 'unclear', and the analyser decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from nlp.endings import Effect, Look, effect, stems
from nlp.grams import Segment

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
        *["고소", "신고", "사기", "하자", "이상", "구리", "개선", "전기", "정도", "각", "탈", "입"],
        *["면", "날", "불", "피", "발", "볼", "품", "끝"],
    ]
)
AMBIGUOUS = re.compile("|".join(sorted(noun for noun in _AMBIGUOUS if len(noun) > 1)))
# Nouns of one letter that are themselves only as a word: 발 in 발판, 탈 in 탈팡 and 입 in 구입 are not.
_ALONE = frozenset({"각", "탈", "입", "면", "날", "불", "피", "발", "볼", "품", "끝", "또", "손", "혀", "눈", "목"})
# Nouns of one letter that end many others, and mean there what they mean alone: 고기양, 물맛, 쿠팡앱.
_ENDING = frozenset({"맛", "양", "앱"})
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


class Sentence:
    """A segment's words, and for each dictionary form where it stands: (word number, sense), in any order.

    `skipped`: the numbers of the words that nobody has looked at yet.
    """

    def __init__(self, segment: Segment) -> None:
        self._text, self.words = segment.text, segment.words
        self.by_form: dict[str, list[tuple[int, Sense]]] = {}
        self.skipped: Sequence[int] = range(len(segment.words))

    @cached_property
    def starts(self) -> list[int]:
        """Where each word begins."""
        starts, position = [], 0
        for word in self.words:
            position = self._text.index(word, position)
            starts.append(position)
            position += len(word)
        return starts


class Nouns(NamedTuple):
    """The nouns of two letters or more that begin alike, and those that hide the shorter ones they begin with."""

    nouns: list[str]
    whole: list[str]


_NOTHING = Word((), ())
_NO_NOUNS = Nouns([], [])


def _holds_one(grams: Collection[str], words: Sequence[str], number: int) -> bool:
    """Whether a word holds one of the grams; a word of one letter together with the next one's first."""
    word = words[number].lower()
    if len(word) == 1:
        word += "".join(words[number + 1 : number + 2])[:1].lower()
    return any(map(word.__contains__, grams))


class PlainWords:
    """The nouns and verbs of a set of rules, and the words seen so far."""

    def __init__(self, nouns: Iterable[str], verbs: Iterable[str], whole: Iterable[str] = ()) -> None:
        """`whole` are nouns that hide the shorter ones they begin with: 배송비 is no 배송."""
        self._nouns = frozenset(nouns)
        self._by_head: dict[str, Nouns] = {}
        self._halves: dict[str, list[str]] = {}
        self._stems: dict[str, list[tuple[str, Look]]] = {}
        self._seen: dict[str, Word] = {}
        for noun in sorted(self._nouns, key=lambda noun: (len(noun), noun)):
            if len(noun) > 1:
                self._by_head.setdefault(noun[:2], Nouns([], [])).nouns.append(noun)
            for cut in range(1, len(noun)):
                self._halves.setdefault(noun[:cut], []).append(noun[cut:])
        self._half_ends = frozenset(half[-2:] for half in self._halves)
        for noun in sorted(whole, key=len, reverse=True):
            self._by_head.setdefault(noun[:2], Nouns([], [])).whole.append(noun)
        for verb in sorted(set(verbs)):
            for look, kind in stems(verb):
                self._stems.setdefault(look, []).append((verb, kind))
        lengths: dict[str, set[int]] = {}
        for look in self._stems:
            lengths.setdefault(look[:1], set()).add(len(look))
        self._stem_lengths = {letter: sorted(own) for letter, own in lengths.items()}

    def read(self, sentence: Sentence, wanted: Collection[str]) -> None:
        """Adds the senses of the sentence's skipped words; a new word is looked at only if it holds a `wanted` gram."""
        words, by_form = sentence.words, sentence.by_form
        skipped = []
        for number in sentence.skipped:
            word = self._seen.get(words[number])
            if word is None:
                if not _holds_one(wanted, words, number):
                    skipped.append(number)
                    continue
                word = self._learn(words[number])
            for sense in word.senses:
                by_form.setdefault(sense.form, []).append((number, sense))
            if word.halves:
                for sense in self._split(word.halves, words[number : number + 2]):
                    by_form.setdefault(sense.form, []).append((number, sense))
        sentence.skipped = skipped

    def _learn(self, text: str) -> Word:
        if len(self._seen) > _REMEMBERED:
            self._seen.clear()
        senses, halves = self._senses(text), self._halves_of(text)
        word = self._seen[text] = Word(senses, halves) if senses or halves else _NOTHING
        return word

    def _halves_of(self, word: str) -> tuple[tuple[int, str], ...]:
        """One letter of a noun's first half must be a word itself."""
        if word[-2:] not in self._half_ends:
            return ()
        starts = range(max(0, len(word) - 8), max(1, len(word) - 1))
        return tuple((start, rest) for start in starts for rest in self._halves.get(word[start:].lower(), ()))

    def _split(self, halves: Sequence[tuple[int, str]], pair: Sequence[str]) -> Iterator[Sense]:
        """Nouns of which one half ends a word and the other begins the next."""
        if len(pair) < 2:
            return
        first, second = pair
        for start, rest in halves:
            if second.lower().startswith(rest):
                end = len(first) - start + len(rest)
                if sense := self._noun(first[start:] + second, 0, end):
                    yield sense._replace(start=start, end=start + end + 1)

    def _senses(self, word: str) -> tuple[Sense, ...]:
        found = self._verbs(word, 0, sure=True)
        hidden = bool(found) and len(word) > 1 and word[:2] in self._stems  # 맛 is no word of its own in 맛있다
        after_nouns = {0}
        for start, end in self._noun_spans(word.lower(), after_nouns):
            if (start or end > 1 or not hidden) and (sense := self._noun(word, start, end)):
                found.append(sense)
                after_nouns.update([end + length for length in (0, 1, 2) if word[end : end + length] in _PARTICLES])
        for start in range(1, len(word)):
            if start in after_nouns:
                found += self._verbs(word, start, sure=True)
            elif word[start - 1] in "안못":
                found += self._verbs(word, start, sure=start == 1 or start - 1 in after_nouns, glued=True)
            elif start > 2 and word[start - 1] in "이가은는을를도만":
                found += self._verbs(word, start, sure=False)
        return tuple(found)

    def _noun_spans(self, word: str, after_nouns: Container[int]) -> Iterator[tuple[int, int]]:
        """Where nouns stand; one letter is one where a word begins or a noun ends (색 is none in 백색)."""
        begun = covered = 0
        for start, letter in enumerate(word):
            nouns, wholes = self._by_head.get(word[start : start + 2], _NO_NOUNS)
            for whole in wholes:
                if start + len(whole) > covered and word.startswith(whole, start):
                    begun, covered = start, start + len(whole)
            if letter in self._nouns and (start in after_nouns or letter in _ENDING):
                nouns = [letter, *nouns]
            for noun in nouns:
                end = start + len(noun)
                if word.startswith(noun, start) and (end > covered or (start == begun and end == covered)):
                    yield start, end

    def _noun(self, word: str, start: int, end: int) -> Sense | None:
        form, rest = word[start:end].lower(), word[end:]
        bare, short = rest in _PARTICLES, end - start == 1
        named = bare or _COPULA.fullmatch(rest) is not None
        if form in _ALONE and (start or not named):
            return None
        if short and not named and not self._goes_on(word, end):
            return None
        alone = start != 1 or short or word[0].lower() in self._nouns
        made = "states" if named else _made(rest) or ("states" if short or _HANGUL.match(rest) else "unclear")
        return Sense(form, start, end, made if alone and form not in _AMBIGUOUS else "unclear", False, bare=bare)

    def _goes_on(self, word: str, end: int) -> bool:
        """Whether a verb or noun follows a noun within its word: 맛|좋아요, 돈|이|아까워요, 잘|사용하고."""
        for start in [end + length for length in (0, 1, 2) if word[end : end + length] in _PARTICLES]:
            nouns = self._by_head.get(word[start : start + 2], _NO_NOUNS).nouns
            if self._verbs(word, start, sure=True) or any(map(word[start:].startswith, nouns)):
                return True
        return False

    def _verbs(self, word: str, start: int, *, sure: bool, glued: bool = False) -> list[Sense]:
        found = []
        for length in self._stem_lengths.get(word[start : start + 1], ()):
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
