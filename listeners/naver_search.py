"""A vertical of Naver's search as a source: what cafes, blogs, KnowledgeiN and news have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.markup import snippet
from listeners.naver import KEYS, bounds, check_search, search_pages
from listeners.values import mapping, objects, text


class NaverSearch(Listener):
    """Search results of the brand's terms: title, snippet and link, and what a vertical's `details` add."""

    credentials: ClassVar[tuple[Credential, ...]] = KEYS
    vertical: ClassVar[str]
    kind: ClassVar[Kind] = Kind.POST

    @abstractmethod
    def native_id(self, link: str) -> str:
        """What a result is known by, out of its address. Raises ContractError when it is none."""

    @abstractmethod
    def details(self, found: Mapping[str, Any], page: Page, context: ParseContext) -> dict[str, Any]:
        """The mention's fields that only this vertical gives: its time, its place, its author."""

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Pages of 100 a term, newest first, until a whole page is known or the cap of 1,000."""
        yield from search_pages(ask, self.vertical, self.native_id)

    def check(self, ask: Ask) -> str:
        """Search once for the first term."""
        return check_search(ask, self.vertical)

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A mention a result."""
        items = objects(page.body, "items", context.source)
        yield from parse_each(items, context, lambda item: self._mention(item, page, context), "items")

    def first_sight(self, found: Mapping[str, Any], page: Page, context: ParseContext) -> dict[str, Any]:
        """The bounds of an undated result: the last look without it, and the first with it."""
        not_before, first_seen = bounds(page, self.native_id(text(found, "link", required=True)))
        return {"not_before": not_before, "not_after": first_seen or context.fetched_at}

    def _mention(self, item: Any, page: Page, context: ParseContext) -> Iterator[Mention]:
        found = mapping(item)
        link = text(found, "link", required=True)
        fields: dict[str, Any] = {
            "source": context.source, "native_id": self.native_id(link), "kind": self.kind,
            "brands": (context.brand.id,), "fetched_at": context.fetched_at, "url": link,
            "title": context.mask(snippet(text(found, "title"))),
            "text": context.mask(snippet(text(found, "description"))),
        }
        yield Mention(**fields | self.details(found, page, context))
