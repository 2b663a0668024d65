"""News articles through Naver search: title, snippet and time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from listeners.contract import Page, ParseContext
from listeners.naver import page_id
from listeners.naver_search import NaverSearch
from listeners.times import rfc822
from listeners.values import text


class NaverNews(NaverSearch):
    """Search results of the brand's terms."""

    name: ClassVar[str] = "naver_news"
    title_ko: ClassVar[str] = "네이버 뉴스"
    title_en: ClassVar[str] = "Naver news"
    vertical: ClassVar[str] = "news"

    def native_id(self, link: str) -> str:
        """The page's address."""
        return page_id(link)

    def details(self, found: Mapping[str, Any], page: Page, context: ParseContext) -> dict[str, Any]:
        """The time; an article is known by its original address where it is told."""
        known = text(found, "originallink") or text(found, "link")
        return {"native_id": page_id(known), "published_at": rfc822(text(found, "pubDate", required=True))}
