"""Naver cafe posts through Naver search: title, snippet and cafe name, no date, no author, no answers.

cafe.naver.com forbids crawling, so whether a post was answered can never be seen: not observable.
https://api.ncloud-docs.com/docs/naverapihub-search
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.markup import snippet
from listeners.naver import KEYS, bounds, cafe_id, check_search, search_pages
from listeners.values import mapping, objects, text


class NaverCafe(Listener):
    """Search results of the brand's terms. An undated post lies between the last look and the first sight of it."""

    name: ClassVar[str] = "naver_cafe"
    title_ko: ClassVar[str] = "네이버 카페"
    title_en: ClassVar[str] = "Naver cafes"
    credentials: ClassVar[tuple[Credential, ...]] = KEYS

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Pages of 100 a term, newest first, until a whole page is known or the cap of 1,000."""
        yield from search_pages(ask, "cafearticle", cafe_id)

    def check(self, ask: Ask) -> str:
        """Search once for the first term."""
        return check_search(ask, "cafearticle")

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A post a result; its time is bounded by when it was not there yet and when it was first seen."""
        items = objects(page.body, "items", context.source)
        yield from parse_each(items, context, lambda item: _post(item, page, context), "items")


def _post(item: Any, page: Page, context: ParseContext) -> Iterator[Mention]:
    found = mapping(item)
    link = text(found, "link", required=True)
    native_id = cafe_id(link)
    not_before, first_seen = bounds(page, native_id)
    yield Mention(
        source=context.source,
        native_id=native_id,
        kind=Kind.POST,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        title=context.mask(snippet(text(found, "title"))),
        text=context.mask(snippet(text(found, "description"))),
        url=link,
        not_before=not_before,
        not_after=first_seen or context.fetched_at,
        place=context.mask(snippet(text(found, "cafename"))),
    )
