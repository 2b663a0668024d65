"""Blog posts through Naver search: title, snippet, blogger and the day, no answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from listeners.contract import Page, ParseContext
from listeners.markup import snippet
from listeners.naver import blog_id
from listeners.naver_search import NaverSearch
from listeners.times import korean
from listeners.values import text


class NaverBlog(NaverSearch):
    """Search results of the brand's terms; blogs outside Naver are among them."""

    name: ClassVar[str] = "naver_blog"
    title_ko: ClassVar[str] = "네이버 블로그"
    title_en: ClassVar[str] = "Naver blogs"
    vertical: ClassVar[str] = "blog"

    def native_id(self, link: str) -> str:
        """Blog and post number."""
        return blog_id(link)

    def details(self, found: Mapping[str, Any], page: Page, context: ParseContext) -> dict[str, Any]:
        """The day, and the blogger."""
        before, after = korean(text(found, "postdate", required=True)).bounds
        blogger, blog = snippet(text(found, "bloggername")), blog_id(text(found, "link")).split("/")[0]
        return {
            "author_key": context.author(text(found, "bloggerlink") or blogger), "not_before": before,
            "not_after": after, "is_official": context.brand.is_official(context.source, blogger, blog),
        }
