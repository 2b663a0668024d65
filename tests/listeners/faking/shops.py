"""The shop's own desks at Naver Commerce and Cafe24, as their servers answer."""

from __future__ import annotations

from typing import Any, ClassVar

from tests.listeners.faking.world import KST, HttpFake, Post


class CommerceFake(HttpFake):
    name = "naver_commerce"
    keys: ClassVar = {"client_id": "the-client-id", "client_secret": "$2a$04$sandboxsandboxsandboxu"}
    listing = "/contents/qnas"
    text_field = "question"
    sees_deletions = True
    asked_by_check = 2  # a token, then the questions

    def native_id(self, post: Post) -> str:
        return f"qna-{post.number}"

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if path.endswith("/token"):
            return self.json({"access_token": "the-access-token", "expires_in": 10800})
        if self.listing not in path:
            return self.json({"content": [], "totalPages": 0})
        number = int(given["page"])
        items = [self.record(post, self._item(post)) for post in self.page((number - 1) * self.page_size)]
        more = self.has_more((number - 1) * self.page_size)
        return self.json({"contents": items, "totalPages": number + more, "totalElements": len(self.posts)})

    def _item(self, post: Post) -> dict[str, Any]:
        at = post.at.astimezone(KST).isoformat(timespec="milliseconds")
        return {
            "questionId": post.number, "question": post.text, "answered": False, "maskedWriterId": "손님****",
            "createDate": at,
        }  # fmt: skip


class Cafe24Fake(HttpFake):
    name = "cafe24"
    keys: ClassVar = {"token": "the-access-token"}
    options: ClassVar = {"boards": [6]}
    length_of_a_page = "listeners.sources.cafe24._PAGE_SIZE"
    listing = "/articles"
    sees_deletions = True
    lost_when = frozenset({"type", "long"})  # a title or stars are enough
    text_field = "content"

    def native_id(self, post: Post) -> str:
        return f"6/{post.number}"

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        articles = [
            self.record(post, {
                "article_no": post.number, "title": f"문의 {post.number}", "content": post.text, "writer": "하루",
                "created_date": post.at.isoformat(), "reply_status": "N", "secret": "F",
            })
            for post in self.page(int(given.get("offset", 0)))
        ]
        return self.json({"articles": articles})


SHOPS = (CommerceFake, Cafe24Fake)
