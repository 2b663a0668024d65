"""Words read one by one: which of the rules' nouns and verbs a word may hold, and what its ending does to them.

A word (between spaces) is looked up once and remembered, so a common one costs a dictionary look-up. Where letters
may be several things ("고소", "배송비") the sense is 'unclear', and the analyser decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from nlp.endings import Effect, Look, effect, stems

_WORD = re.compile(r"[^\s,]+")
_HANGUL = re.compile("[가-힣]")
_REMEMBERED = 100_000
_LONGEST_STEM = 6
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
_ADVERBS = frozenset(
    [
        *["너무", "너무나", "넘", "정말", "정말로", "진짜", "진짜로", "진심", "좀", "조금", "아주", "엄청", "완전"],
        *["참", "매우", "꽤", "더", "많이", "겁나", "항상", "늘", "역시", "또", "다", "생각보다", "무척", "굉장히"],
        *["훨씬"],
        *["그냥", "자꾸", "계속", "아직도", "아직", "여전히", "전혀", "아예", "도무지", "도대체", "제대로", "하나도"],
        *["너무도", "상당히", "살짝", "약간", "매번", "왜", "왜이리", "왜이렇게", "이렇게", "그렇게", "이리", "다들"],
        *["모두", "전부", "제일", "가장", "최고로", "워낙", "원래", "대체로", "확실히", "나름", "그다지", "별로"],
        *["갈수록", "점점", "오히려"],
    ]
)
_CLAUSE_ENDS = re.compile(
    r"(?:지만|(?<![라다])는데도?|은데도?|인데도?|던데|니까|면서|려고|더니|고나니|고나서|하고|해서|[아어]서|[아어해]도|거나|습니다|입니다|합니다"
    r"|됩니다|네요|세요|[아어해에예]요|구요|고요)$"
)
_WITH_PARTICLE = re.compile(r"(?:[이가은을를에의로]|들은|들이|[가-힣]는)$")


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
    """A word as it stands, its senses, and how it parts what is before it from what is after.

    `adverb`: not at all. `particle`: a noun with its particle, most likely. `ends`: here a clause ends.
    """

    text: str
    senses: tuple[Sense, ...]
    adverb: bool
    particle: bool
    ends: bool


class Sentence(NamedTuple):
    """Words, where each begins, and for each dictionary form (word number, sense) in order."""

    words: list[Word]
    starts: list[int]
    by_form: dict[str, list[tuple[int, Sense]]]


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

    def read(self, sentence: str) -> Sentence:
        """The words of a sentence with their senses; nouns written as two words ("개인정보 유출") too."""
        if len(self._seen) > _REMEMBERED:
            self._seen.clear()
        matches = list(_WORD.finditer(sentence))
        words = [self._seen.get(match[0]) or self._learn(match[0]) for match in matches]
        by_form: dict[str, list[tuple[int, Sense]]] = {}
        for number, word in enumerate(words):
            for sense in word.senses:
                by_form.setdefault(sense.form, []).append((number, sense))
        for number, (first, second) in enumerate(pairwise(words)):
            for sense in self._split(first.text, second.text):
                by_form.setdefault(sense.form, []).append((number, sense))
        return Sentence(words, [match.start() for match in matches], by_form)

    def _learn(self, text: str) -> Word:
        adverb = text in _ADVERBS or text in {"안", "못"} or text.startswith("너무너무")
        ends = not adverb and bool(_CLAUSE_ENDS.search(text[-6:]))
        word = Word(text, tuple(self._senses(text)), adverb, bool(_WITH_PARTICLE.search(text[-2:])), ends)
        self._seen[text] = word
        return word

    def _split(self, first: str, second: str) -> Iterator[Sense]:
        """Nouns of which one half ends a word and the other begins the next; one letter must be a word itself."""
        if first[-1] not in self._half_ends:
            return
        for start in range(max(0, len(first) - 8), len(first)):
            for rest in self._halves.get(first[start:].lower(), ()):
                if (start == 0 or len(first) - start > 1) and second.lower().startswith(rest):
                    end = len(first) - start + len(rest)
                    for sense in self._noun(first[start:] + second, 0, end):
                        yield sense._replace(start=start, end=start + end + 1)

    def _senses(self, word: str) -> Iterator[Sense]:
        verbs = list(self._verb(word, 0, sure=True))
        yield from verbs
        hidden = bool(verbs) and word[:2] in self._stems  # 맛 is no word of its own in 맛있다
        after_nouns: set[int] = set()
        for start, end in self._noun_spans(word.lower()):
            if start or end > 1 or not hidden:
                yield from self._noun(word, start, end)
                after_nouns |= {end + length for length in (0, 1, 2) if word[end : end + length] in _PARTICLES}
        for start in range(1, len(word)):
            if start in after_nouns:
                yield from self._verb(word, start, sure=True)
            elif word[start - 1] in "안못":
                yield from self._verb(word, start, sure=start == 1 or start - 1 in after_nouns, glued=True)
            elif start > 2 and word[start - 1] in "이가은는을를도만":
                yield from self._verb(word, start, sure=False)

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

    def _verb(self, word: str, start: int, *, sure: bool, glued: bool = False) -> Iterator[Sense]:
        for end in range(start + 1, min(len(word), start + _LONGEST_STEM) + 1):
            for verb, look in self._stems.get(word[start:end], ()):
                does = effect(look, word[end:])
                if does:
                    yield Sense(verb, start, len(word), does if sure else "unclear", True, glued)


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
