"""Plain cases told without the analyser: "배송이 너무 느려요" needs no morphemes to be read.

From a sentence's words (`nlp.plain_words`) a pattern holds, or can't hold, or is unclear and left to the
morphemes (`nlp.patterns.find`). Most are clear, and the analyser is most of what reading costs;
tests/nlp/test_plain.py holds the two to the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nlp.joints import joint
from nlp.plain_words import Sense, Sentence

_LONGEST_GAP = 16
_MANY_WORDS, _MOST_UNKNOWN = 6, 2
_NOT = frozenset({"안", "못"})
_DENIALS = frozenset("안못않없말아")
_DENIED_NEXT = re.compile("[안못](?:[되돼된될됐됨하해한할했함받오왔온와올옴]|들어|좋)")  # not 안내, 안전, 못지않게
_DENIES_NEXT = ("없", "아니", "아닙", "아닌", "아님")
_TURNS_NEXT = ("않", "못", "안", "말", "마")
_UNSURE_NEXT = ("줄", "까", "수", "적", "일")

Element = Mapping[str, frozenset[bool]]
"""One element of a pattern: dictionary form -> whether it must be negated (both may be wanted)."""


class Answer(NamedTuple):
    """Whether a pattern holds (None: unclear, ask the morphemes) and the letters that say so, or that are unclear."""

    holds: bool | None
    start: int = 0
    end: int = 0


NO = Answer(False)


def find(elements: Sequence[Element], sentence: Sentence) -> Answer:
    """Whether a pattern's elements follow each other in a sentence, as `nlp.patterns.find` would say."""
    answer = NO
    for number, sense in _places(elements[0], sentence):
        found = _from(elements, sentence, number, sense)
        if found.holds:
            return found
        answer = found if answer is NO else answer
    return answer


def _places(element: Element, sentence: Sentence) -> list[tuple[int, Sense]]:
    """Where the element's words stand, from the first one on, however the sentence's words came to be known."""
    places = [place for form, own in sentence.by_form.items() if form in element for place in own]
    if len(places) > 1:
        places.sort(key=_in_order)
    return places


def _in_order(place: tuple[int, Sense]) -> tuple[int, int, int, str]:
    """First what begins first; of what begins together the longest, which says most."""
    number, sense = place
    return number, sense.start, -sense.end, sense.form


def _from(elements: Sequence[Element], sentence: Sentence, number: int, sense: Sense) -> Answer:
    start = sentence.starts[number] + sense.start
    if len(elements) == 1:
        return Answer(_holds(elements[0], sentence, number, sense), start, sentence.starts[number] + sense.end)
    own = _holds(elements[0], sentence, number, sense) if sense.verb else (sense.effect != "unclear" or None)
    if own is False:
        return NO
    found = _following(elements[1:], sentence, number, sense)
    return NO if found.holds is False else Answer(found.holds and own, start, found.end)


def _following(elements: Sequence[Element], sentence: Sentence, number: int, first: Sense) -> Answer:
    """The next element, in the same word or in one that follows within the clause."""
    answer = NO
    for position, sense in _places(elements[0], sentence):
        linked = _linked(sentence, number, first, position, sense)
        if linked is False:
            continue
        found = _from(elements, sentence, position, sense)
        if found.holds and linked:
            return found
        if found.holds is not False and answer is NO:
            answer = found._replace(holds=None)
    return answer


def _linked(sentence: Sentence, number: int, first: Sense, position: int, second: Sense) -> bool | None:
    """Whether no clause ends between two words; None where that is not plain."""
    if position == number:
        return second.start >= first.end
    word = sentence.words[number]
    gap = sentence.starts[position] - sentence.starts[number] - first.end
    if position < number or position - number > _MANY_WORDS or gap > _LONGEST_GAP:
        return False
    clear = first.verb or first.bare or first.end >= len(word)
    if not clear and joint(word).ends:
        return False
    between = [joint(word) for word in sentence.words[number + 1 : position]]
    unknown = sum(not part.adverb for part in between)
    if unknown > _MOST_UNKNOWN or any(part.ends for part in between):
        return False
    return (clear and (not unknown or (between[0].particle and not between[0].adverb))) or None


def _holds(element: Element, sentence: Sentence, number: int, sense: Sense) -> bool | None:
    """Whether a sense is meant as wanted: negated or not, and neither feared nor supposed."""
    if sense.effect == "unreal":
        return False
    following = sentence.words[number + 1] if number + 1 < len(sentence.words) else ""
    if sense.effect == "unclear" or (sense.effect == "expects" and following.startswith(_UNSURE_NEXT)):
        return None if False in element[sense.form] or _may_be_denied(sentence, number) else False
    negated = _negated(sentence, number, sense, following)
    return None if negated is None else negated in element[sense.form]


def _may_be_denied(sentence: Sentence, number: int) -> bool:
    """Whether a word, the one before it or one of the next three has a letter of a denial."""
    return any(not _DENIALS.isdisjoint(word) for word in sentence.words[max(0, number - 1) : number + 4])


def _negated(sentence: Sentence, number: int, sense: Sense, following: str) -> bool | None:
    before = sentence.words[number - 1] if number and not sense.start else ""
    if sense.glued or sense.effect == "denies" or before in _NOT:
        return True
    if sense.effect == "turns":
        return following.startswith(_TURNS_NEXT)
    if sense.verb or not sense.bare:
        return False
    if following in _NOT or following.startswith(_DENIES_NEXT):
        return True
    if _DENIED_NEXT.match(following):
        return True
    return None if following.startswith(("안", "못")) else False
