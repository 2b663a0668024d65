"""Questions on Naver KnowledgeiN through Naver search: title and snippet, no date, no answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from contracts.mention import Kind
from listeners.contract import Page, ParseContext
from listeners.naver import kin_id
from listeners.naver_search import NaverSearch


class NaverKin(NaverSearch):
    """Search results of the brand's terms. An undated question lies between the last look and the first sight of it."""

    name: ClassVar[str] = "naver_kin"
    title_ko: ClassVar[str] = "네이버 지식iN"
    title_en: ClassVar[str] = "Naver KnowledgeiN"
    vertical: ClassVar[str] = "kin"
    kind: ClassVar[Kind] = Kind.QUESTION

    def native_id(self, link: str) -> str:
        """The document's number."""
        return kin_id(link)

    def details(self, found: Mapping[str, Any], page: Page, context: ParseContext) -> dict[str, Any]:
        """Bounds by the looks with and without it."""
        return self.first_sight(found, page, context)
