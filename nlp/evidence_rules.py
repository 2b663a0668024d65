"""evidence.toml, read and checked, as the expressions that `nlp.evidence` searches texts with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from contracts.errors import ConfigurationError
from nlp import rules

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


class Words:
    """Named expressions that begin with a letter, found by that letter: most places in a text are never tried."""

    def __init__(self, path: Path, named: Mapping[str, Sequence[str]]) -> None:
        by_letter: dict[str, dict[str, list[str]]] = {}
        for name, words in named.items():
            for word in words:
                by_letter.setdefault(word.removeprefix("^")[0], {}).setdefault(name, []).append(_begun(word))
        self._letters = re.compile(f"[{''.join(sorted(by_letter))}]")
        self._by_letter = {
            letter: _expression(path, "words", "|".join(f"(?P<{name}>{'|'.join(own)})" for name, own in groups.items()))
            for letter, groups in by_letter.items()
        }

    def find(self, text: str) -> Iterator[re.Match[str]]:
        """The matches in order, none inside another; each one's name is its `lastgroup`."""
        end = 0
        for letter in self._letters.finditer(text):
            match = self._by_letter[letter[0]].match(text, letter.start()) if letter.start() >= end else None
            if match:
                end = match.end()
                yield match


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The rule file, ready to search with.

    `products` finds a name, `names` gives the one that is compared; `bought` finds what was bought by the customer's
    own word, unless that begins as one of `no_product` does; `places` finds words for a channel and `tried` reads on
    from there; `sources` are the channel's ("naver_cafe,daum_cafe", or its id where there are none);
    `still_complains` cancels `taken_back`.
    """

    products: re.Pattern[str]
    names: Mapping[str, str]
    bought: re.Pattern[str]
    no_product: tuple[str, ...]
    places: Words
    tried: Mapping[str, re.Pattern[str]]
    sources: Mapping[str, str]
    events: Words
    taken_back: Words
    still_complains: re.Pattern[str]


@lru_cache(maxsize=4)
def load(path: Path, _changed: int, brand_words: tuple[str, ...]) -> Signs:
    """Read the file (again when it has `_changed`). Raises ConfigurationError naming file, place and remedy."""
    document = rules.read_toml(path)
    names = _names(path, document)
    parts, bought = _text(path, document, "parts"), _text(path, document, "bought")
    frames = [bought, *(rf"{re.escape(word)}\s?(?:에서)?(?:\s{bought})?" for word in brand_words)]
    channels = rules.tables(path, document, "channel", _CHANNEL_FIELDS)
    events = rules.tables(path, document, "event", _EVENT_FIELDS)
    return Signs(
        products=_products(path, names, parts),
        names={form.removeprefix("^"): product for form, product in names.items()},
        bought=_expression(path, "bought", rf"{_ALONE}(?:{'|'.join(frames)})\s{_WORD}"),
        no_product=tuple(_text(path, document, "no_product").split()),
        places=Words(path, {c["id"]: [*_words(path, c, "words"), *_words(path, c, "en")] for c in channels}),
        tried={c["id"]: _channel(path, c, _text(path, document, "wrote")) for c in channels},
        sources={c["id"]: _sources(path, c) for c in channels},
        events=Words(path, {event["id"]: _words(path, event, "words") for event in events}),
        taken_back=Words(path, {"taken_back": _words(path, {"id": "file", **document}, "taken_back")}),
        still_complains=_expression(path, "taken_back_unless", _text(path, document, "taken_back_unless")),
    )


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


def _products(path: Path, names: Iterable[str], parts: str) -> re.Pattern[str]:
    """The longest name first."""
    forms = sorted(names, key=lambda form: len(form.removeprefix("^")), reverse=True)
    one_of = "|".join(map(_begun, forms))
    letters = "".join(sorted({form.removeprefix("^")[0] for form in forms}))
    return _expression(path, "products", f"(?=[{letters}])(?P<name>{one_of})(?:{parts})?{_TAIL}")


def _channel(path: Path, table: Mapping[str, Any], wrote: str) -> re.Pattern[str]:
    korean = "|".join(map(_begun, _words(path, table, "words")))
    english = "|".join(["", *map(_begun, _words(path, table, "en"))])
    did = rf"(?:{korean})[^.!?\n안못]{{0,{_NEAR}}}?(?:{table.get('wrote', wrote)}){english}"
    return _expression(path, f"channel {table['id']!r}", did)


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
        _expression(path, f"{table['id']!r}: {name}", _begun(word))
    return listed


def _begun(word: str) -> str:
    return _ALONE + word[1:] if word.startswith("^") else word


def _text(path: Path, document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{path.name}: '{name}' is missing or no text; copy it from the bundled {FILE}")
    return value.strip()


def _expression(path: Path, place: str, source: str) -> re.Pattern[str]:
    try:
        return re.compile(source)
    except re.error as error:
        raise ConfigurationError(f"{path.name}: {place}: not a regular expression: {error}; mend it") from error
