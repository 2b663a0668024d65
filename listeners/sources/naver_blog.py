"""Blog posts through Naver search: title, snippet, blogger and the day, no answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.markup import snippet
from listeners.naver import KEYS, blog_id, check_search, search_pages
from listeners.times import korean
from listeners.values import mapping, objects, text


class NaverBlog(Listener):
    """Search results of the brand's terms; blogs outside Naver are among them."""

    name: ClassVar[str] = "naver_blog"
    title_ko: ClassVar[str] = "네이버 블로그"
    title_en: ClassVar[str] = "Naver blogs"
    credentials: ClassVar[tuple[Credential, ...]] = KEYS

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Pages of 100 a term, newest first, until a whole page is known or the cap of 1,000."""
        yield from search_pages(ask, "blog", blog_id)

    def check(self, ask: Ask) -> str:
        """Search once for the first term."""
        return check_search(ask, "blog")

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A post a result; its time is known to the day."""
        items = objects(page.body, "items", context.source)
        yield from parse_each(items, context, lambda item: _post(item, page, context), "items")


def _post(item: Any, page: Page, context: ParseContext) -> Iterator[Mention]:
    found = mapping(item)
    link = text(found, "link", required=True)
    native_id = blog_id(link)
    before, after = korean(text(found, "postdate", required=True)).bounds
    blogger = snippet(text(found, "bloggername"))
    yield Mention(
        source=context.source,
        native_id=native_id,
        kind=Kind.POST,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        title=context.mask(snippet(text(found, "title"))),
        text=context.mask(snippet(text(found, "description"))),
        url=link,
        author_key=context.author(text(found, "bloggerlink") or blogger),
        is_official=context.brand.is_official(context.source, blogger, blog_id(link).split("/")[0]),
        not_before=before,
        not_after=after,
    )
