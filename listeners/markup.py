"""Text out of markup: search snippets with <b> and entities, and the text of a page's element."""

from __future__ import annotations

import html
import re
import threading
from typing import Any

from bs4 import BeautifulSoup
from bs4.builder._lxml import LXMLTreeBuilder
from bs4.element import AttributeDict, NavigableString, PageElement, Tag
from bs4.filter import SoupStrainer

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


class _Builder(LXMLTreeBuilder):
    """BeautifulSoup's builder of trees by lxml, without what a page of HTML has no use for: half of its cost.

    It keeps its parser from page to page, leaves `class` the one text that it is, and does not look for name spaces,
    which lxml's HTML parser never gives.
    """

    attribute_dict_class = AttributeDict
    _kept: Any = None

    def parser_for(self, encoding: str | None) -> Any:
        """The parser kept for text; a fresh one for bytes."""
        if encoding is not None:
            return super().parser_for(encoding)
        if self._kept is None:
            self._kept = super().parser_for(None)
        return self._kept

    def start(self, tag: Any, attrib: Any, nsmap: Any = None) -> None:
        """A tag begins."""
        assert self.soup is not None
        self.soup.handle_starttag(tag, None, None, attrib)

    def end(self, tag: Any) -> None:
        """A tag ends."""
        assert self.soup is not None
        self.soup.handle_endtag(tag)


class _Kept(threading.local):
    builder: _Builder | None = None


_kept = _Kept()


def soup(text: str, *, only: SoupStrainer | None = None) -> BeautifulSoup:
    """A page, parsed leniently; with `only`, the branches of it that are let through."""
    builder, _kept.builder = _kept.builder or _Builder(multi_valued_attributes=None), None
    page = BeautifulSoup(text, builder=builder, parse_only=only)
    _kept.builder = builder  # not after an error
    return page


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
    return str(value or "")
