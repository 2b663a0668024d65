"""The app stores, as their servers answer."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.listeners.faking.world import HttpFake, Post


class GooglePlayFake(HttpFake):
    name = "google_play"
    keys: ClassVar = {"token": "the-access-token"}
    options: ClassVar = {"package": "kr.moadam.app"}
    listing = "/reviews"
    sees_deletions = True
    lost_when = frozenset({"type", "long"})  # a title or stars are enough

    def native_id(self, post: Post) -> str:
        return f"gp-{post.number}"

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if not path.endswith("/reviews"):
            found = [post for post in self.there() if path.endswith(f"/{self.native_id(post)}")]
            return self.json(self._review(found[0])) if found else self.reply(b'{"error": {"code": 404}}', 404)
        start = int(given.get("token", "t0")[1:])
        reviews = [self._review(post) for post in self.page(start)]
        body: dict[str, Any] = {"reviews": reviews} if reviews else {}
        if self.has_more(start):
            body["tokenPagination"] = {"nextPageToken": "t0" if self.repeats else f"t{start + self.page_size}"}
        return self.json(body)

    def _review(self, post: Post) -> dict[str, Any]:
        modified = {"seconds": str(int((post.edited_at or post.at).timestamp())), "nanos": 0}
        comment = self.record(post, {"text": post.text, "lastModified": modified, "starRating": 1})
        return {"reviewId": self.native_id(post), "authorName": "김*수", "comments": [{"userComment": comment}]}


class AppStoreFake(HttpFake):
    name = "app_store"
    options: ClassVar = {"app_id": "123456789"}
    listing = "/rss/"
    lost_when = frozenset({"type", "long"})  # a title or stars are enough
    text_field = "content"

    def native_id(self, post: Post) -> str:
        return f"kr/{post.number}"

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        start = (int(path.split("page=")[1].split("/")[0]) - 1) * self.page_size
        reviews = [self._review(post) for post in self.page(start)]
        feed: dict[str, Any] = {"author": {}, "link": []} | ({"entry": reviews} if reviews else {})
        return self.json({"feed": feed})

    def _review(self, post: Post) -> dict[str, Any]:
        review = {
            "id": str(post.number), "title": f"리뷰 {post.number}", "content": post.text, "im:rating": "1",
            "updated": post.at.astimezone(timezone(timedelta(hours=-7))).isoformat(),
        }
        labels = {name: {"label": value} for name, value in self.record(post, review).items()}
        return labels | {"author": {"name": {"label": "하루"}}}


class AppStoreConnectFake(HttpFake):
    name = "app_store_connect"
    keys: ClassVar = {
        "issuer_id": "the-issuer", "key_id": "the-key-id",
        "private_key": ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode(),
    }
    options: ClassVar = {"app_id": "123456789"}
    listing = "/customerReviews"
    lost_when = frozenset({"type", "long"})  # a title or stars are enough
    text_field = "body"

    def native_id(self, post: Post) -> str:
        return f"asc-{post.number}"

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        start = int(given.get("cursor", "c0")[1:])
        cursor = "c0" if self.repeats else f"c{start + self.page_size}"
        links = {"next": f"https://elsewhere.example/v1/x?cursor={cursor}"} if self.has_more(start) else {}
        return self.json({"data": [self._review(post) for post in self.page(start)], "links": links})

    def _review(self, post: Post) -> dict[str, Any]:
        said = {"rating": 1, "title": "", "body": post.text, "reviewerNickname": "하루", "territory": "KOR"}
        said["createdDate"] = post.at.isoformat()
        return {"type": "customerReviews", "id": self.native_id(post), "attributes": self.record(post, said)}


APPS = (GooglePlayFake, AppStoreFake, AppStoreConnectFake)
