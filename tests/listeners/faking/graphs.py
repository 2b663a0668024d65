"""Meta's graphs (Facebook, Instagram, Threads), as their servers answer."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any, ClassVar

from tests.listeners.faking.world import HttpFake, Post

_NO_SUCH_OBJECT = {"error": {"message": "(#100) Object does not exist", "code": 100, "error_subcode": 33}}


class GraphFake(HttpFake):
    """What Meta's three have in common; `stamp` is the field of the time."""

    keys: ClassVar = {"token": "the-graph-token"}

    def native_id(self, post: Post) -> str:
        return f"17{post.number}"

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if self.listing not in path:
            found = self.other(path)
            return self.json(found) if found is not None else self.reply(json.dumps(_NO_SUCH_OBJECT).encode(), 400)
        start = 0 if self.repeats else int(given.get("after", "0"))
        body: dict[str, Any] = {"data": [self.record(post, self.item(post)) for post in self.page(start)]}
        if self.has_more(start):
            following = start + self.page_size
            body["paging"] = {"next": f"https://graph.example{path}?after={following}&access_token=stolen"}
        return self.json(body)

    def other(self, path: str) -> dict[str, Any] | None:
        return {"data": []}

    def by_id(self, path: str) -> dict[str, Any] | None:
        found = next((post for post in self.there() if path == f"/{self.native_id(post)}"), None)
        return {"id": self.native_id(found)} if found else None

    def item(self, post: Post) -> dict[str, Any]:
        at = post.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
        return {"id": self.native_id(post), self.text_field: at}


class FacebookFake(GraphFake):
    name = "facebook"
    options: ClassVar = {"page": "555"}
    listing = "/555/feed"
    text_field = "created_time"
    sees_deletions = True

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if "until" in given:
            return self.json({"data": []})  # nothing is older than the weeks that are always read
        return super().__call__(path, given, headers)

    def item(self, post: Post) -> dict[str, Any]:
        none = {"data": [], "summary": {"total_count": 0}}
        said = {"message": post.text, "from": {"id": "77", "name": "하루"}, "comments": none}
        return super().item(post) | said


class InstagramFake(GraphFake):
    name = "instagram"
    options: ClassVar = {"user_id": "9"}
    listing = "/recent_media"
    sees_deletions = True
    text_field = "timestamp"

    def other(self, path: str) -> dict[str, Any] | None:
        return self.by_id(path) if path[1:].startswith("17") else {"data": [{"id": "880"}]}

    def item(self, post: Post) -> dict[str, Any]:
        return super().item(post) | {"caption": post.text, "username": "하루"}


class ThreadsFake(GraphFake):
    name = "threads"
    asked_by_check = 2  # whose token it is, then the search
    listing = "/keyword_search"
    sees_deletions = True
    text_field = "timestamp"

    def other(self, path: str) -> dict[str, Any] | None:
        if path.endswith("/me"):
            return {"username": "moadam_cs"}
        return self.by_id(path) if path[1:].startswith("17") else {"data": []}

    def item(self, post: Post) -> dict[str, Any]:
        return super().item(post) | {"text": post.text, "username": "하루"}


GRAPHS = (FacebookFake, InstagramFake, ThreadsFake)
