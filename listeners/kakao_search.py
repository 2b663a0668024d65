"""A vertical of Kakao's search of Daum as a source: what cafes and blogs have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.kakao import KEY, check_search, document_id, search_pages
from listeners.markup import snippet
from listeners.times import instant
from listeners.values import mapping, objects, text


class KakaoSearch(Listener):
    """Search results of the brand's terms, newest first, down to what the last run had seen."""

    base_url: ClassVar[str] = "https://dapi.kakao.com"
    credentials: ClassVar[tuple[Credential, ...]] = (KEY,)
    vertical: ClassVar[str]

    @abstractmethod
    def details(self, document: Mapping[str, Any], context: ParseContext) -> dict[str, Any]:
        """The mention's fields that only this vertical gives: its place, its author."""

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Pages of 50 a term, until is_end, the mark (less an overlap), or the cap of 50 pages."""
        yield from search_pages(ask, ask.url(self, f"/v2/search/{self.vertical}"), kind=self.vertical)

    def check(self, ask: Ask) -> str:
        """Search once for the first term."""
        return check_search(ask, ask.url(self, f"/v2/search/{self.vertical}"))

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A post a document; title and text are the search's snippets."""
        items = objects(page.body, "documents", context.source)
        yield from parse_each(items, context, lambda item: self._mention(item, context), "documents")

    def _mention(self, item: Any, context: ParseContext) -> Iterator[Mention]:
        document = mapping(item)
        url = text(document, "url", required=True)
        fields: dict[str, Any] = {
            "source": context.source, "native_id": document_id(url), "kind": Kind.POST,
            "brands": (context.brand.id,), "fetched_at": context.fetched_at, "url": url,
            "title": context.mask(snippet(text(document, "title"))),
            "text": context.mask(snippet(text(document, "contents"))),
            "published_at": instant(text(document, "datetime", required=True)),
        }
        yield Mention(**fields | self.details(document, context))
