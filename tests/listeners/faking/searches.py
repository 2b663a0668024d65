"""X, Naver's and Kakao's searches, YouTube, and the template, as their servers answer."""

from __future__ import annotations

from datetime import UTC
from email.utils import format_datetime
from html import escape
from typing import Any, ClassVar

from listeners.x_client import snowflake
from tests.listeners.faking.world import KST, HttpFake, Post


class XFake(HttpFake):
    name = "x"
    keys: ClassVar = {"bearer": "the-bearer-key"}
    listing = "/search/recent"
    sees_deletions = True

    def native_id(self, post: Post) -> str:
        return str(snowflake(post.at) + post.number)

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if path == "/2/tweets":
            asked = given["ids"].split(",")
            gone = set(asked) - {self.native_id(post) for post in self.there()}
            kind = "https://api.x.com/2/problems/resource-not-found"
            errors = [{"resource_id": one, "type": kind} for one in sorted(gone)]
            found = [self._tweet(post) for post in self.there() if self.native_id(post) in asked]
            return self.json({"data": found, "errors": errors})
        if self.listing not in path:
            return self.json({"meta": {"result_count": 0}})
        since, until = int(given.get("since_id", 0)), int(given.get("until_id", 1 << 62))
        window = [post for post in self.there() if since < int(self.native_id(post)) < until]
        start = 0 if self.repeats else int(given.get("next_token", "n0")[1:])
        page = window[max(0, start - (self.shifts if start else 0)) :][: self.page_size]
        more = self.repeats or start + self.page_size < len(window) + self.shifts
        meta = {"result_count": len(page)} | ({"next_token": f"n{start + self.page_size}"} if more else {})
        return self.json({"data": [self._tweet(post) for post in page], "meta": meta} if page else {"meta": meta})

    def _tweet(self, post: Post) -> dict[str, Any]:
        one = self.native_id(post)
        return self.record(post, {
            "id": one, "text": post.text, "edit_history_tweet_ids": [one], "author_id": "77", "conversation_id": one,
            "created_at": post.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "public_metrics": {"like_count": 3, "reply_count": 0, "retweet_count": 1, "impression_count": 90},
        })


class NaverFake(HttpFake):
    keys: ClassVar = {"id": "the-client-id", "secret": "the-client-secret"}
    length_of_a_page = "listeners.naver.DISPLAY"
    listing = "/search/v1/"
    lost_when = frozenset({"type", "long"})  # a title or stars are enough
    text_field = "description"
    ends: ClassVar = {"429": "quota"}  # without a time it is the day's quota, which ends a run quietly
    link: ClassVar[str]
    known_as: ClassVar[str]

    def native_id(self, post: Post) -> str:
        return self.known_as.format(post.number)

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        start = int(given["start"]) - 1
        items = [self.record(post, self._item(post)) for post in self.page(start)]
        total = 5_000 if self.repeats else len(self.there()) + self.shifts
        return self.json({"total": total, "start": start + 1, "display": len(items), "items": items})

    def _item(self, post: Post) -> dict[str, Any]:
        at = post.at.astimezone(KST)
        return {
            "title": f"<b>모아담</b> 질문 {post.number}", "link": self.link.format(post.number),
            "description": escape(post.text), "cafename": "살림터", "cafeurl": "https://cafe.naver.com/salim",
            "bloggername": "하루", "bloggerlink": "blog.naver.com/haru", "postdate": at.strftime("%Y%m%d"),
            "pubDate": format_datetime(at), "originallink": self.link.format(post.number),
        }


class NaverCafeFake(NaverFake):
    name = "naver_cafe"
    link = "https://cafe.naver.com/salim/{}?art=ZXh0ZXJuYWw"
    known_as = "salim/{}"


class NaverBlogFake(NaverFake):
    name = "naver_blog"
    link = "https://blog.naver.com/haru/{}"
    known_as = "haru/{}"


class NaverKinFake(NaverFake):
    name = "naver_kin"
    link = "https://kin.naver.com/qna/detail.naver?d1id=8&docId={}"
    known_as = "{}"


class NaverNewsFake(NaverFake):
    name = "naver_news"
    link = "https://news.example.com/a/{}"
    known_as = "news.example.com/a/{}"


class DaumCafeFake(HttpFake):
    name = "daum_cafe"
    keys: ClassVar = {"key": "the-rest-key"}
    listing = "/v2/search/"
    lost_when = frozenset({"type", "long"})  # a title or stars are enough
    text_field = "contents"
    ends: ClassVar = {"429": "quota"}  # without a time it is the day's quota, which ends a run quietly
    url: ClassVar[str] = "http://cafe.daum.net/salim/AbC/{}"

    def native_id(self, post: Post) -> str:
        return f"salim/AbC/{post.number}"

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        start = (int(given["page"]) - 1) * self.page_size
        documents = [
            self.record(post, {
                "title": f"<b>모아담</b> {post.number}", "contents": post.text, "url": self.url.format(post.number),
                "cafename": "살림", "blogname": "하루", "datetime": post.at.astimezone(KST).isoformat(),
            })
            for post in self.page(start)
        ]
        count = len(self.there())
        meta = {"total_count": count, "pageable_count": count, "is_end": not self.has_more(start)}
        return self.json({"meta": meta, "documents": documents})


class DaumBlogFake(DaumCafeFake):
    name = "daum_blog"
    url = "https://haru.tistory.com/{}"

    def native_id(self, post: Post) -> str:
        return f"haru.tistory.com/{post.number}"


class YouTubeFake(HttpFake):
    name = "youtube"
    keys: ClassVar = {"key": "the-api-key"}
    listing = "/commentThreads"
    text_field = "textDisplay"
    sees_deletions = True

    def native_id(self, post: Post) -> str:
        return f"Ug{post.number}"

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if "id" in given:
            asked = given["id"].split(",")
            return self.json({"items": [self._thread(p) for p in self.there() if self.native_id(p) in asked]})
        start = int(given.get("pageToken", "p0")[1:])
        more = {"nextPageToken": "p0" if self.repeats else f"p{start + self.page_size}"} if self.has_more(start) else {}
        return self.json({"items": [self._thread(post) for post in self.page(start)], **more})

    def _thread(self, post: Post) -> dict[str, Any]:
        at = post.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        said = {"textDisplay": post.text, "authorDisplayName": "하루", "publishedAt": at, "likeCount": 2}
        top = {"id": self.native_id(post), "snippet": self.record(post, said)}
        return {"id": top["id"], "snippet": {"videoId": "v1", "topLevelComment": top, "totalReplyCount": 0}}


class TemplateFake(HttpFake):
    name = "_template"
    keys: ClassVar = {"key": "the-forum-key"}
    listing = "/api/search"
    text_field = "body"

    def native_id(self, post: Post) -> str:
        return str(post.number)

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        start = int(given.get("cursor", "c0")[1:])
        more = {"next": "c0" if self.repeats else f"c{start + self.page_size}"} if self.has_more(start) else {}
        return self.json({"posts": [self._post(post) for post in self.page(start)], **more})

    def _post(self, post: Post) -> dict[str, Any]:
        record = {"id": post.number, "body": post.text, "author": "하루", "written_at": post.at.isoformat()}
        return self.record(post, record)


SEARCHES = (
    XFake, NaverCafeFake, NaverBlogFake, NaverKinFake, NaverNewsFake, DaumCafeFake, DaumBlogFake, YouTubeFake,
    TemplateFake,
)
