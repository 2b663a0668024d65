"""Whether a text is about the brand or only shares its name, brand by brand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from nlp.grams import prepared
from nlp.morphemes import analyse, know
from nlp.syllables import is_closed
from nlp.tasks import BrandWords, Finding

VERSION = "3"
_AROUND = 30

# What may follow a name: nothing, a particle, or one of the words shops are spoken of with.
_PARTICLE = (
    r"(?:이?라고|이?라는|이?라서|이?라도|이?랑|에서|에서는|에게|에는|에도|에다|한테|께서|으로|로는|로|까지|부터|처럼|보다|마다|만큼"
    r"|이나|나|이든|조차|밖에|측|쪽|님|씨|몰|샵|앱|점|것|거|도|만|의|에|은|는|이|가|을|를|과|와|야|아|요|여)*"
)
# Endings of a verb: a name that is one with them ("사진을 모아담아") is no name. Some look like particles,
# so those are left to the morphemes.
_SURE_VERB = (
    r"(?:아요|아서|아야|았|아\s?(?:보|주|놓|두|드리|왔|봤|줬)|고(?:\s|$|자|서|싶)|습니다|는데|은데|으면|으니|을게|을까|을래|자(?:\s|$|고)"
    r"|기(?:로|만|는|도|에|가|\s|$)|네(?:\s|$|요)|지(?:\s|$|만|도|않)|겨|긴|길|아낸|아냈)"
)
# 는 and 던 follow a consonant only as endings; after an object or before what holds things, so do 은 and 을.
_ENDS_CLOSED = re.compile(r"(?:는|던)")
_OBJECT_BEFORE = re.compile(r"(?:을|를|만|씩|가득|한데|고이|차곡차곡|정성껏)\s$")
_VERB_BEFORE = re.compile(r"(?:은|을|기|고|아|자)")
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?~\n])\W*$")
_HOLDER_NEXT = re.compile(r"을\s(?:봉투|봉지|통|그릇|상자|바구니|가방|곳|데|것|수|때)")


def reader(brands: Sequence[BrandWords]) -> Callable[[Sequence[str]], Iterator[list[Finding]]]:
    """A reader of names: for each brand named, 'about' or 'homonym' with the brand as value."""
    known = tuple(brands)
    begun = ["".join(term.lower().split())[:2] for brand in known for term in brand.terms]

    def read(texts: Sequence[str]) -> Iterator[list[Finding]]:
        know(term for brand in known for term in brand.terms)
        for text in texts:
            ready = prepared(text)
            if any(map(ready.letters.__contains__, begun)):
                yield [finding for brand in known if (finding := _of_brand(brand, ready.text))]
            else:
                yield []

    return read


def _of_brand(brand: BrandWords, text: str) -> Finding | None:
    """'homonym' when every place is excluded, lacks the required company, or is a verb; None if never named."""
    names = [match for match in _names(brand.terms).finditer(text)]
    if not names:
        return None
    excluded = _excluded(brand.exclude, text)
    free = [match for match in names if not any(start <= match.start() < end for start, end, _ in excluded)]
    if not free:
        return Finding("homonym", f"exclude: {excluded[0][2]}", brand.id)
    if brand.include and not any(word.lower() in text.lower() for word in brand.include):
        return Finding("homonym", f"none of: {', '.join(brand.include)}", brand.id)
    for match in free:
        if _is_name(text, match):
            return Finding("about", match[0], brand.id)
    return Finding("homonym", f"no name: {_word_at(text, free[0])}", brand.id)


@lru_cache(maxsize=256)
def _names(terms: tuple[str, ...]) -> re.Pattern[str]:
    def one(term: str) -> str:
        spaced = r"\s?".join(map(re.escape, term.split()))
        # A Latin name is a word of its own; before a Korean one no other syllable ("끌어모아담").
        if re.fullmatch(r"[A-Za-z0-9 ._-]+", term):
            return rf"(?<![A-Za-z0-9])@?{spaced}(?![A-Za-z])"
        return rf"(?<![가-힣]){spaced}"

    return re.compile("|".join(one(term) for term in terms) or r"(?!)", re.IGNORECASE)


def _excluded(exclude: Sequence[str], text: str) -> list[tuple[int, int, str]]:
    spans = []
    for phrase in exclude:
        pattern = r"\s?".join(map(re.escape, phrase.split()))
        spans += [(match.start(), match.end(), phrase) for match in re.finditer(pattern, text, re.IGNORECASE)]
    return spans


def _is_name(text: str, match: re.Match[str]) -> bool:
    if not re.search("[가-힣]", match[0]):
        return True
    after = text[match.end() :]
    if _is_verb(text, match, after):
        return False
    if not re.match("[가-힣]", after) or re.match(rf"{_PARTICLE}(?![가-힣])", after) is None:
        return not re.match(_SURE_VERB, after)
    if not re.match(r"(?:은|을|아|음|는|기|고|자)", after) or _SENTENCE_BEGINS.search(text[: match.start()]):
        return True  # no ending of a verb, or nothing said yet that could be put together
    return _reads_as_name(text, match)


def _is_verb(text: str, match: re.Match[str], after: str) -> bool:
    if is_closed(match[0][-1]) and _ENDS_CLOSED.match(after):
        return True
    object_before = _OBJECT_BEFORE.search(text[: match.start()])
    return bool((object_before and _VERB_BEFORE.match(after)) or _HOLDER_NEXT.match(after))


def _reads_as_name(text: str, match: re.Match[str]) -> bool:
    """Whether the analyser takes the place for one noun ("모아담은 늦어요") or a verb ("사진을 모아담은 책")."""
    start = max(0, match.start() - _AROUND)
    for token in analyse(text[start : match.end() + _AROUND]):
        if token.start + start == match.start():
            return token.tag.startswith(("N", "SL", "U"))
    return False


def _word_at(text: str, match: re.Match[str]) -> str:
    tail = re.match(r"\S*", text[match.start() :])
    return tail[0] if tail else match[0]
