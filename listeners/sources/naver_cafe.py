"""Naver cafe posts through Naver search: title, snippet and cafe name, no date, no author, no answers.

cafe.naver.com forbids crawling, so whether a post was answered, or is still there, can never be seen.
https://api.ncloud-docs.com/docs/naverapihub-search
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from listeners.contract import Page, ParseContext
from listeners.markup import snippet
from listeners.naver import cafe_id
from listeners.naver_search import NaverSearch
from listeners.values import text


class NaverCafe(NaverSearch):
    """Search results of the brand's terms. An undated post lies between the last look and the first sight of it."""

    name: ClassVar[str] = "naver_cafe"
    title_ko: ClassVar[str] = "네이버 카페"
    title_en: ClassVar[str] = "Naver cafes"
    vertical: ClassVar[str] = "cafearticle"

    def native_id(self, link: str) -> str:
        """Cafe and article number."""
        return cafe_id(link)

    def details(self, found: Mapping[str, Any], page: Page, context: ParseContext) -> dict[str, Any]:
        """Bounds by the looks with and without it, and the cafe's name."""
        return self.first_sight(found, page, context) | {"place": context.mask(snippet(text(found, "cafename")))}
