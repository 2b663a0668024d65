"""Blog posts through Kakao's search of Daum (Tistory, Brunch, Naver and others): snippet and time, no answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.kakao import KEY, check_search, document_id, search_pages
from listeners.markup import snippet
from listeners.times import instant
from listeners.values import mapping, objects, text


class DaumBlog(Listener):
    """Search results of the brand's terms, newest first, down to what the last run had seen."""

    name: ClassVar[str] = "daum_blog"
    title_ko: ClassVar[str] = "다음 블로그 검색"
    title_en: ClassVar[str] = "Daum blog search"
    base_url: ClassVar[str] = "https://dapi.kakao.com"
    credentials: ClassVar[tuple[Credential, ...]] = (KEY,)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Pages of 50 a term, until is_end, the mark (less an overlap), or the cap of 50 pages."""
        yield from search_pages(ask, ask.url(self, "/v2/search/blog"), kind="blog")

    def check(self, ask: Ask) -> str:
        """Search once for the first term."""
        return check_search(ask, ask.url(self, "/v2/search/blog"))

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A post a document; title and text are the search's snippets."""
        items = objects(page.body, "documents", context.source)
        yield from parse_each(items, context, lambda item: _post(item, context), "documents")


def _post(item: Any, context: ParseContext) -> Iterator[Mention]:
    document = mapping(item)
    url = text(document, "url", required=True)
    blog = snippet(text(document, "blogname"))
    yield Mention(
        source=context.source,
        native_id=document_id(url),
        kind=Kind.POST,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        title=context.mask(snippet(text(document, "title"))),
        text=context.mask(snippet(text(document, "contents"))),
        url=url,
        author_key=context.author(blog),
        is_official=context.brand.is_official(context.source, blog),
        published_at=instant(text(document, "datetime", required=True)),
    )
