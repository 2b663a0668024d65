"""Text out of markup: search snippets with <b> and entities, and the text of a page's element."""

from __future__ import annotations

import html
import re

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from listeners.values import clean

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_BLOCKS = frozenset(["p", "div", "li", "tr", "br", "h1", "h2", "h3", "h4", "blockquote", "pre", "table", "ul", "ol"])
_SPACES = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r"\n\s*\n+")


def snippet(text: str) -> str:
    """A search result's title or description: tags removed without a space, entities unescaped once.

    Without a space, since sources mark hits in mid-word ('주식<b>형</b>').
    """
    return clean(html.unescape(_TAG.sub("", text)))


def soup(text: str) -> BeautifulSoup:
    """A page, parsed leniently."""
    return BeautifulSoup(text, "lxml")


def element_text(element: Tag | None) -> str:
    """What a person reads in an element: a line for each block, no scripts, spaces folded; '' for None."""
    if element is None:
        return ""
    parts: list[str] = []
    _collect(element, parts, 0)
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(parts).split("\n"))
    return clean(_LINES.sub("\n", "\n".join(lines)))


def _collect(element: Tag, parts: list[str], depth: int) -> None:
    for child in element.children:
        _take(child, parts, depth)


def _take(child: PageElement, parts: list[str], depth: int) -> None:
    if type(child) is NavigableString:
        parts.append(str(child).replace("\n", " ").replace("\r", " "))
    elif isinstance(child, Tag) and child.name not in {"script", "style", "template"} and depth < 200:
        block = child.name in _BLOCKS
        if block:
            parts.append("\n")
        _collect(child, parts, depth + 1)
        if block:
            parts.append("\n")


def attribute(element: Tag | None, name: str) -> str:
    """An attribute as text; '' when absent."""
    value = element.get(name) if element is not None else None
    if isinstance(value, list):
        value = " ".join(value)
    return value or ""
