"""evidence.toml, read and checked, as the expressions that `nlp.evidence` searches texts with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from contracts.errors import ConfigurationError
from nlp import patterns, rules
from nlp.grams import needs_of
from nlp.patterns import compiled
from nlp.sieve import Sieve

FILE = "evidence.toml"
VERSION = "1"

_EVENT_FIELDS = {"id": True, "name_ko": True, "words": True}
_CHANNEL_FIELDS = {"id": True, "name_ko": True, "words": True, "sources": False, "wrote": False, "en": False}
_NEAR = 12
"""Letters between a place and what one did there ("게시판에도 두 번이나 올렸는데"), none of them a denial."""
_ALONE = r"(?<![가-힣])"
_TAIL = (
    r"(?:이랑|에서|에는|에도|으로|까지|부터|처럼|보다|마저|조차|인데|이라|이에요|입니다|예요|이요|하고|때문|들"
    r"|이|가|은|는|을|를|도|의|만|에|로|랑|과|와|요)*(?![가-힣])"
)
_WORD = r"(?P<word>[가-힣A-Za-z0-9]{2,12}?)(?:이|가|은|는|을|를|도|에서)(?![가-힣A-Za-z0-9])"


Begun = tuple[str, str]
"""A named expression's name, and the letter that it begins with."""


class Words:
    """Named expressions that begin with a letter, found by that letter: most places in a text are never tried."""

    def __init__(self, named: Mapping[str, Sequence[str]]) -> None:
        by_letter: dict[str, dict[str, list[str]]] = {}
        self.items: list[tuple[Begun, str]] = []
        for name, words in named.items():
            for word in words:
                letter = word.removeprefix("^")[0]
                self.items.append(((name, letter), word.removeprefix("^")))
                by_letter.setdefault(letter, {}).setdefault(name, []).append(_begun(word))
        self._by_letter = {letter: _one_of(groups) for letter, groups in by_letter.items()}

    def find(self, text: str, begun: Iterable[Begun]) -> Iterator[re.Match[str]]:
        """The matches in order, none inside another; each one's name is its `lastgroup`.

        `begun`: which of the items a text may hold, see `Signs.possible`.
        """
        end = 0
        for start in _places(begun, text):
            match = compiled(self._by_letter[text[start]], re.NOFLAG).match(text, start) if start >= end else None
            if match:
                end = match.end()
                yield match


class Names:
    """Plain words, and what may follow them."""

    def __init__(self, forms: Sequence[str], after: str) -> None:
        """Longer `forms` first; ^ before one wants a word to begin there."""
        self.items = [(("name", form.removeprefix("^")[0]), form.removeprefix("^")) for form in forms]
        self._after = after
        self._by_letter: dict[str, list[tuple[str, bool]]] = {}
        for form in forms:
            word = form.removeprefix("^")
            self._by_letter.setdefault(word[0], []).append((word, word != form))

    def find(self, text: str, begun: Iterable[Begun]) -> Iterator[str]:
        """The names in order, none inside another; `begun` as in `Words.find`."""
        end = 0
        for start in _places(begun, text):
            for name, alone in self._by_letter[text[start]] if start >= end else ():
                if text.startswith(name, start) and not (alone and start and "가" <= text[start - 1] <= "힣"):
                    match = compiled(self._after, re.NOFLAG).match(text, start + len(name))
                    if match:
                        end = match.end()
                        yield name
                        break


def _places(begun: Iterable[Begun], text: str) -> list[int]:
    """Where the letters stand that any of the items begins with."""
    letters = {letter for _, letter in begun}
    return [place for place, letter in enumerate(text) if letter in letters]


def _one_of(groups: Mapping[str, Sequence[str]]) -> str:
    named = (f"(?P<{name}>{'|'.join(words)})" for name, words in groups.items())
    return f"(?:{'|'.join(named)})"


class Signs:
    """The rule file, ready to search with.

    `products` finds a name, `names` gives the one that is compared; `bought` finds what was bought by the customer's
    own word, unless that begins as one of `no_product` does; `places` finds words for a channel and `tried` reads on
    from there; `sources` are the channel's ("naver_cafe,daum_cafe", or its id where there are none);
    `still_complains` cancels `taken_back`.
    """

    def __init__(self, path: Path, document: Mapping[str, Any], brand_words: Sequence[str]) -> None:
        channels = rules.tables(path, document, "channel", _CHANNEL_FIELDS)
        events = rules.tables(path, document, "event", _EVENT_FIELDS)
        names, wrote = _names(path, document), _text(path, document, "wrote")
        forms = sorted(names, key=lambda form: len(form.removeprefix("^")), reverse=True)
        self.products = Names(forms, rf"(?:{_text(path, document, 'parts')})?{_TAIL}")
        self.names = {form.removeprefix("^"): product for form, product in names.items()}
        self.bought = _bought(_text(path, document, "bought"), brand_words)
        self.no_product = tuple(_text(path, document, "no_product").split())
        self.places = Words({c["id"]: [*_words(path, c, "words"), *_words(path, c, "en")] for c in channels})
        self.tried = {c["id"]: _channel(path, c, wrote) for c in channels}
        self.sources = {c["id"]: _sources(path, c) for c in channels}
        self.events = Words({event["id"]: _words(path, event, "words") for event in events})
        self.taken_back = Words({"taken_back": _words(path, {"id": "file", **document}, "taken_back")})
        self.still_complains = _text(path, document, "taken_back_unless")
        groups = (("products", self.products), ("places", self.places), ("events", self.events),
                  ("taken_back", self.taken_back))  # fmt: skip
        self._items: list[tuple[str, Begun]] = [("bought", ("bought", ""))]
        self._items += [(kind, begun) for kind, words in groups for begun, _ in words.items]
        sources = [self.bought, *(source for _, words in groups for _, source in words.items)]
        self._sieve = Sieve([needs_of(source) for source in sources])

    def possible(self, texts: Sequence[str]) -> Iterator[tuple[str, dict[str, list[Begun]]]]:
        """Each text as rules read it, and what it may hold: items by the attribute they belong to."""
        for ready, items, _ in self._sieve.passing(texts):
            found: dict[str, list[Begun]] = {}
            for kind, begun in map(self._items.__getitem__, items):
                found.setdefault(kind, []).append(begun)
            yield ready.text, found


@lru_cache(maxsize=4)
def load(path: Path, _changed: int, brand_words: tuple[str, ...]) -> Signs:
    """Read the file (again when it has `_changed`). Raises ConfigurationError naming file, place and remedy."""
    return Signs(path, rules.read_toml(path), brand_words)


def _names(path: Path, document: Mapping[str, Any]) -> dict[str, str]:
    """Every way to name a product -> the name that is compared."""
    listed = document.get("products", [])
    if not isinstance(listed, list) or not listed or not all(isinstance(line, str) and line.strip() for line in listed):
        raise ConfigurationError(f'{path.name}: products must be a list such as ["냄비", "계란 = 달걀|유정란"]')
    names: dict[str, str] = {}
    for line in listed:
        product, _, others = (part.strip() for part in line.partition("="))
        for form in [product, *filter(None, others.split("|"))]:
            if not re.fullmatch(r"\^?[가-힣A-Za-z0-9]+", form):
                raise ConfigurationError(f"{path.name}: products: {form!r} in {line!r} is no word; write it unspaced")
            names[form] = product.removeprefix("^")
    return names


def _bought(bought: str, brand_words: Sequence[str]) -> str:
    frames = [bought, *(rf"{re.escape(word)}\s?(?:에서)?(?:\s{bought})?" for word in brand_words)]
    return rf"{_ALONE}(?:{'|'.join(frames)})\s{_WORD}"


def _channel(path: Path, table: Mapping[str, Any], wrote: str) -> str:
    korean = "|".join(map(_begun, _words(path, table, "words")))
    english = "|".join(["", *map(_begun, _words(path, table, "en"))])
    own = _checked(path, f"channel {table['id']!r}", table.get("wrote", wrote))
    return rf"(?:{korean})[^.!?\n안못]{{0,{_NEAR}}}?(?:{own}){english}"


def _sources(path: Path, table: Mapping[str, Any]) -> str:
    sources = table.get("sources") or [table["id"]]
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        raise ConfigurationError(f'{path.name}: channel {table["id"]!r}: sources must be a list of names: ["x"]')
    return ",".join(sources)


def _words(path: Path, table: Mapping[str, Any], name: str) -> list[str]:
    listed = table.get(name, [])
    place = f"{path.name}: {table['id']!r}: {name}"
    if not isinstance(listed, list) or not all(isinstance(word, str) for word in listed):
        raise ConfigurationError(f'{place} must be a list of expressions: {name} = ["..."]')
    for word in listed:
        if not re.match(r"\^?[가-힣A-Za-z0-9]", word):
            raise ConfigurationError(f"{place}: {word!r} must begin with a letter, or with ^ and a letter; split it up")
        _checked(path, f"{table['id']!r}: {name}", word.removeprefix("^"))
    return listed


def _begun(word: str) -> str:
    return _ALONE + word[1:] if word.startswith("^") else word


def _text(path: Path, document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{path.name}: '{name}' is missing or no text; copy it from the bundled {FILE}")
    return _checked(path, name, value.strip())


def _checked(path: Path, place: str, source: str) -> str:
    try:
        return patterns.expression(source)
    except patterns.PatternError as error:
        raise ConfigurationError(f"{path.name}: {place}: {error}; mend it") from error
