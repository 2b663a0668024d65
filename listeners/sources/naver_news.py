"""News articles through Naver search: title, snippet and time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.markup import snippet
from listeners.naver import KEYS, check_search, page_id, search_pages
from listeners.times import rfc822
from listeners.values import mapping, objects, text


class NaverNews(Listener):
    """Search results of the brand's terms."""

    name: ClassVar[str] = "naver_news"
    title_ko: ClassVar[str] = "네이버 뉴스"
    title_en: ClassVar[str] = "Naver news"
    credentials: ClassVar[tuple[Credential, ...]] = KEYS

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Pages of 100 a term, newest first, until a whole page is known or the cap of 1,000."""
        yield from search_pages(ask, "news", page_id)

    def check(self, ask: Ask) -> str:
        """Search once for the first term."""
        return check_search(ask, "news")

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """An article a result, known by its original address."""
        items = objects(page.body, "items", context.source)
        yield from parse_each(items, context, lambda item: _article(item, page, context), "items")


def _article(item: Any, page: Page, context: ParseContext) -> Iterator[Mention]:
    found = mapping(item)
    link = text(found, "link", required=True)
    native_id = page_id(link)
    original = text(found, "originallink")
    native_id = page_id(original) if original else native_id
    yield Mention(
        source=context.source,
        native_id=native_id,
        kind=Kind.POST,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        title=context.mask(snippet(text(found, "title"))),
        text=context.mask(snippet(text(found, "description"))),
        url=link,
        published_at=rfc822(text(found, "pubDate", required=True)),
    )
