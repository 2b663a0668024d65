"""What a text offers as evidence that another one tells of the same matter: product, events, places tried, details.

Linking is SQL's work in the warehouse; here each text is read by itself, by plain expressions on its letters (no
morphemes: a link needs several pieces of evidence, so one misread word does little harm). Nothing here is personal:
order numbers and names are masked before a text is read, and there is no key to hash them with (docs/adr/0404).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from nlp import evidence_rules
from nlp.evidence_rules import FILE, Begun, Signs, load
from nlp.patterns import compiled
from nlp.tasks import Finding

__all__ = ["FILE", "VERSION", "check", "reader"]

VERSION = f"1.{evidence_rules.VERSION}"
_GUESS = 0.6
_HAS_DETAIL = re.compile(r"\d|번|차례")
_NUMBERS = {"두": 2, "세": 3, "네": 4, "다섯": 5}
_DETAIL = re.compile(
    r"(?P<month>\d{1,2})월\s?(?P<day>\d{1,2})일"
    r"|(?<![\d./-])(?P<month2>\d{1,2})/(?P<day2>\d{1,2})(?![\d/])"
    r"|(?P<won>\d{1,3}(?:,\d{3})+|\d{4,7})\s?원"
    r"|(?P<man>\d{1,3})만\s?(?:(?P<cheon>\d)천)?\s?원"
    r"|(?P<count>\d{1,3})\s?(?P<unit>포기|알|병|통|세트|박스|상자|장|벌|켤레|캔|봉지|팩|그릇|마리|권|대|롤|매|송이)(?![가-힣]*째)"
    r"|(?P<what>전화|문의|연락|교환|수리|반품)[^.!?\n\d]{0,6}?(?P<times>\d{1,2}|두|세|네|다섯)\s?(?:번|차례)(?!\s?째)"
)


def reader(path: Path, brand_words: Sequence[str] = ()) -> Callable[[Sequence[str]], Iterator[list[Finding]]]:
    """A reader of evidence; each finding's `evidence` is the words that made it.

    'product' (value: the product's word; score 0.6 where the word is the customer's own), 'events' (value: ids in
    the order told, "ordered,broken,refused"; two or more), 'tried' (value: the sources it may stand in,
    "naver_cafe,daum_cafe", or the channel's id where gwidam cannot see it), 'detail' (value: "11-03", "39900원",
    "80포기", "전화 4번") and 'taken_back' (the complaint was a mistake, or is over: what an edit may say).
    """

    def read(texts: Sequence[str]) -> Iterator[list[Finding]]:
        signs = load(path, path.stat().st_mtime_ns, tuple(brand_words))
        for text, possible in signs.possible(texts):
            yield list(_read_one(text, signs, possible))

    return read


def check(path: Path) -> None:
    """Read the file and raise ConfigurationError where it is wrong."""
    load(path, path.stat().st_mtime_ns, ())


def _read_one(text: str, signs: Signs, possible: Mapping[str, Sequence[Begun]]) -> Iterator[Finding]:
    if "products" in possible or "bought" in possible:
        yield from _products(text, signs, possible)
    events = _events(text, signs, possible.get("events", ()))
    if len(events) > 1:
        yield Finding("events", " → ".join(events.values()), ",".join(events))
    if "places" in possible:
        yield from _tried(text, signs, possible["places"])
    if "taken_back" in possible:
        yield from _taken_back(text, signs, possible["taken_back"])
    if _HAS_DETAIL.search(text):
        yield from _details(text)


def _products(text: str, signs: Signs, possible: Mapping[str, Sequence[Begun]]) -> Iterator[Finding]:
    named: dict[str, str] = {}
    for name in signs.products.find(text, possible.get("products", ())):
        named.setdefault(signs.names[name], name)
    if not named and "bought" in possible:
        yield from _bought(text, signs)
    for product, words in named.items():
        # "김치통" beside "김치": the shorter word is about what is in it.
        if not any(product != other and product in other for other in named):
            yield Finding("product", words, product)


def _bought(text: str, signs: Signs) -> Iterator[Finding]:
    match = compiled(signs.bought, re.NOFLAG).search(text)
    if match and not match["word"].startswith(signs.no_product):
        yield Finding("product", match[0].strip(), match["word"].lower(), _GUESS)


def _events(text: str, signs: Signs, possible: Sequence[Begun]) -> dict[str, str]:
    """Event id -> the words that first told of it, in the order of the text; one event is no order."""
    found: dict[str, str] = {}
    if len({event for event, _ in possible}) > 1:
        for match in signs.events.find(text, possible):
            found.setdefault(str(match.lastgroup), match[0].strip())
    return found


def _tried(text: str, signs: Signs, possible: Sequence[Begun]) -> Iterator[Finding]:
    told: set[str] = set()
    for place in signs.places.find(text, possible):
        channel = str(place.lastgroup)
        match = compiled(signs.tried[channel], re.NOFLAG).match(text, place.start())
        if match and channel not in told:
            told.add(channel)
            yield Finding("tried", match[0].strip(), signs.sources[channel])


def _taken_back(text: str, signs: Signs, possible: Sequence[Begun]) -> Iterator[Finding]:
    match = next(signs.taken_back.find(text, possible), None)
    if match and not compiled(signs.still_complains, re.NOFLAG).search(text):
        yield Finding("taken_back", match[0])


def _details(text: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for match in _DETAIL.finditer(text):
        value = _detail(match)
        if value and value not in seen:
            seen.add(value)
            yield Finding("detail", match[0].strip(), value)


def _detail(match: re.Match[str]) -> str:
    """One form for each way of writing it; '' for what is no detail (a 13th month, one of a thing)."""
    if match["count"]:
        return f"{int(match['count'])}{match['unit']}" if int(match["count"]) > 1 else ""
    if match["what"]:
        times = _NUMBERS.get(match["times"]) or int(match["times"])
        return f"{match['what']} {times}번" if times > 1 else ""
    if match["won"] or match["man"]:
        won = int(match["won"].replace(",", "")) if match["won"] else 0
        return f"{won + 10_000 * int(match['man'] or 0) + 1_000 * int(match['cheon'] or 0)}원"
    month, day = int(match["month"] or match["month2"]), int(match["day"] or match["day2"])
    return f"{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else ""
