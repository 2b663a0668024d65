"""Daum cafe posts through Kakao's search API; they carry a time but never show answers.

https://developers.kakao.com/docs/latest/ko/daum-search/dev-guide
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from listeners.contract import ParseContext
from listeners.kakao_search import KakaoSearch
from listeners.markup import snippet
from listeners.values import text


class DaumCafe(KakaoSearch):
    """Cafe posts that hold a term of the brand."""

    name: ClassVar[str] = "daum_cafe"
    title_ko: ClassVar[str] = "다음 카페"
    title_en: ClassVar[str] = "Daum cafes"
    vertical: ClassVar[str] = "cafe"

    def details(self, document: Mapping[str, Any], context: ParseContext) -> dict[str, Any]:
        """The cafe's name."""
        return {"place": context.mask(snippet(text(document, "cafename")))}
