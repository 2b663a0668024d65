"""Blog posts through Kakao's search of Daum (Tistory, Brunch, Naver and others): snippet and time, no answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from listeners.contract import ParseContext
from listeners.kakao_search import KakaoSearch
from listeners.markup import snippet
from listeners.values import text


class DaumBlog(KakaoSearch):
    """Blog posts that hold a term of the brand."""

    name: ClassVar[str] = "daum_blog"
    title_ko: ClassVar[str] = "다음 블로그 검색"
    title_en: ClassVar[str] = "Daum blog search"
    vertical: ClassVar[str] = "blog"

    def details(self, document: Mapping[str, Any], context: ParseContext) -> dict[str, Any]:
        """The blog is the author."""
        blog = snippet(text(document, "blogname"))
        return {
            "author_key": context.author(blog), "is_official": context.brand.is_official(context.source, blog),
        }
