"""Finding the elements of a board's page: of a page, only what the selectors can reach is read, and searched once.

BeautifulSoup makes an object of every tag and every word, and soupsieve looks at every one of them for each selector.
A board's page is mostly menus, so both are told where to look, as browsers do it: a selector's first part says which
branches of the page matter, its last part (an id, a class, a name) which elements it may match at all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import soupsieve
from bs4.element import Tag
from bs4.filter import SoupStrainer
from soupsieve import SelectorSyntaxError

from contracts.errors import ConfigurationError
from listeners.markup import soup

Key = tuple[str, str]  # ("id", …), ("class", …) or ("name", …)
_PART = re.compile(
    r"(?P<name>[a-zA-Z][\w-]*)?(?P<keys>(?:[#.][a-zA-Z_][\w-]*)*)"
    r"""(?P<attributes>(?:\[[a-zA-Z][\w-]*(?:[~|^$*]?=(?:[^\W\d][\w-]*|"[^"\\]*"|'[^'\\]*'))?\])*)"""
    r"(?P<place>:(?:(?:first|last|only)-(?:child|of-type)|nth-(?:last-)?(?:child|of-type)\((?:\d+|odd|even)\)))?"
)
_KEY = re.compile(r"([#.])([^#.]+)")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a selector such as 'td.title > a': what an element needs, and whether right below the part before.

    `rest` is the part as written when it asks for more (attributes, its place among its siblings), else ''.
    """

    keys: tuple[Key, ...]
    is_child: bool
    rest: str
    is_counted: bool


Path = tuple[Part, ...]


class Elements:
    """The elements of a page that `selectors` can find; other selectors may not be asked for.

    Gives what `soupsieve.select` would give on the whole page, in the page's order. '' finds nothing.
    """

    def __init__(self, html: str, selectors: tuple[str, ...]) -> None:
        self._page = soup(html, only=_reach(selectors))
        self._elements: list[Tag] = []
        self._parents: list[int] = []
        self._places: dict[Key, list[int]] = defaultdict(list)
        self._found: dict[str, list[Tag]] = {}
        self._firsts: dict[str, dict[int, Tag]] = {}
        self._note_places()

    def all(self, selector: str) -> list[Tag]:
        """Every element that the selector matches."""
        found = self._found.get(selector)
        if found is None:
            found = self._found[selector] = self._searched(selector) if selector else []
        return found

    def first(self, selector: str, within: Tag | None = None) -> Tag | None:
        """The first element that the selector matches on the page, or in an element of it."""
        if within is None or not selector:
            return next(iter(self.all(selector)), None)
        if paths_of(selector) is None:
            return soupsieve.select_one(selector, within)
        if selector not in self._firsts:
            self._firsts[selector] = _first_of_each(self.all(selector))
        return self._firsts[selector].get(id(within))

    def holds(self, selector: str, element: Tag) -> bool:
        """Whether the selector matches this element."""
        return any(found is element for found in self.all(selector))

    def _note_places(self) -> None:
        """The elements in the page's order by id, class and name; what is in a <template> is not on the page."""
        waiting: list[tuple[Tag, int]] = [(self._page, 0)]
        while waiting:
            element, parent = waiting.pop()
            place = len(self._elements)
            self._elements.append(element)
            self._parents.append(parent)
            for key in _keys(element.name, element.attrs):
                self._places[key].append(place)
            if element.name != "template":
                waiting += [(child, place) for child in reversed(element.contents) if isinstance(child, Tag)]

    def _searched(self, selector: str) -> list[Tag]:
        paths = paths_of(selector)
        if paths is None:
            return list(soupsieve.select(selector, self._page))
        places = {place for path in paths for place in self._ends(path)}
        return [self._elements[place] for place in sorted(places)]

    def _ends(self, path: Path) -> set[int]:
        """The places of the elements at the end of a path; the page itself, place 0, is never one."""
        part = path[-1]
        ends = set(self._places.get(part.keys[0], ()))
        for key in part.keys[1:]:
            ends.intersection_update(self._places.get(key, ()))
        if part.rest:  # soupsieve reads it when it is needed: its first reading takes a quarter of a second
            ends = {place for place in ends if soupsieve.match(part.rest, self._elements[place])}
        if len(path) == 1 or not ends:
            return ends
        above = self._ends(path[:-1])
        return {place for place in ends if self._is_below(place, above, part.is_child)}

    def _is_below(self, place: int, above: set[int], is_child: bool) -> bool:
        parent = self._parents[place]
        while parent and not is_child and parent not in above:
            parent = self._parents[parent]
        return parent in above


@lru_cache(maxsize=512)
def paths_of(selector: str) -> tuple[Path, ...] | None:
    """A selector taken apart: its alternatives, each a way down the page; ConfigurationError when it cannot be read.

    None for one that asks for more than ids, classes, names, attributes and places (':has(…)', 'a + b'): it is left
    to soupsieve, on the whole page.
    """
    paths = [_path(alternative) for alternative in selector.split(",")]
    if all(paths):
        return tuple(path for path in paths if path)
    try:
        soupsieve.compile(selector)
    except SelectorSyntaxError as error:
        raise ConfigurationError(
            f"the selector {selector!r} cannot be read; mend it in the source's options"
        ) from error
    return None


def _path(alternative: str) -> Path | None:
    parts: list[Part] = []
    is_child = False
    for word in alternative.replace(">", " > ").split():
        if word == ">":
            if is_child or not parts:
                return None
            is_child = True
            continue
        part = _part(word, is_child)
        if part is None:
            return None
        parts.append(part)
        is_child = False
    return None if is_child else tuple(parts)


def _part(word: str, is_child: bool) -> Part | None:
    found = _PART.fullmatch(word)
    if found is None:
        return None
    keys = [("id" if sign == "#" else "class", name) for sign, name in _KEY.findall(found["keys"])]
    if found["name"]:
        keys.append(("name", found["name"].lower()))
    if not keys:
        return None
    rest = word if found["attributes"] or found["place"] else ""
    return Part(tuple(keys), is_child, rest, bool(found["place"]))


class _Reach(SoupStrainer):
    """Lets BeautifulSoup keep the branches of a page that begin with one of the keys."""

    def __init__(self, keys: frozenset[Key]) -> None:
        super().__init__()
        self._keys = keys

    def allow_tag_creation(self, nsprefix: str | None, name: str, attrs: Any) -> bool:
        """Whether a tag outside of every kept branch begins one."""
        return not self._keys.isdisjoint(_keys(name, attrs or {}))


@lru_cache(maxsize=128)
def _reach(selectors: tuple[str, ...]) -> _Reach | None:
    """The branches in which these selectors can match; None when it may be anywhere."""
    paths = [paths_of(selector) for selector in selectors if selector]
    if any(path is None for path in paths):
        return None
    beginnings = [path[0] for alternatives in paths for path in alternatives or ()]
    if any(part.is_counted for part in beginnings):
        return None  # its siblings would be missing
    # A <template> is kept so that what is in it is seen to be in it.
    return _Reach(frozenset([("name", "template"), *(part.keys[0] for part in beginnings)]))


def _keys(name: str, attrs: Mapping[str, Any]) -> list[Key]:
    keys = [("name", name)]
    if "id" in attrs:
        keys.append(("id", attrs["id"]))
    if "class" in attrs:
        keys += [("class", one) for one in attrs["class"].split()]
    return keys


def _first_of_each(found: Sequence[Tag]) -> dict[int, Tag]:
    """For each element that holds one of those found, by its id(): the first of them."""
    firsts: dict[int, Tag] = {}
    for element in found:
        for holder in element.parents:
            if id(holder) in firsts:
                break
            firsts[id(holder)] = element
    return firsts
