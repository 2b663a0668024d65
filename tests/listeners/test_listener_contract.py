"""One contract for every source asked over HTTP: whatever the server does, each run ends as the taxonomy says."""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from contracts.coverage import Outcome
from contracts.errors import CredentialsRejected, Forbidden, GwidamError, RateLimited, SourceChanged, SourceUnavailable
from listeners import registry
from listeners.collect import make_ask
from listeners.contract import SourceSettings
from listeners.sources._template import Template
from listeners.x_client import snowflake

KST = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATE = datetime(2026, 11, 20, 23, 59, 59, tzinfo=KST)  # still the 20th in Seoul, and the 20th in UTC too
EARLY = datetime(2026, 11, 21, 0, 30, tzinfo=KST)  # already the 21st in Seoul, still the 20th in UTC


@dataclass
class Post:
    """One record of a fake world; `spoil` says how its record is wrong."""

    number: int
    at: datetime
    text: str
    spoil: str = ""
    gone: bool = False
    edited_at: datetime | None = None


class Fake(ABC):
    """A source's server in its simplest honest form, newest first, over a list of posts."""

    name: ClassVar[str]
    keys: ClassVar[dict[str, str]] = {}
    options: ClassVar[dict[str, Any]] = {}
    page_size: ClassVar[int]
    listing: ClassVar[str]  # the part of a path that marks the requests to break
    received_before_fault: ClassVar[int]
    text_field: ClassVar[str] = "text"
    text_may_be_missing: ClassVar[bool] = False  # a title or stars are enough
    sees_deletions: ClassVar[bool] = False
    is_json: ClassVar[bool] = True
    without_pause: ClassVar[str] = "rate_limit"  # what a 429 that names no time means here

    def __init__(self, reply: Callable[..., Any]) -> None:
        self.reply = reply
        self.repeats = False
        self.shifts = 0
        count = self.page_size + 3
        times = [LATE, EARLY, *(NOW - timedelta(minutes=30 + 10 * n) for n in range(count - 2))]
        newest_first = enumerate(sorted(times, reverse=True), start=1)
        self.posts = [Post(number, at, f"모아담 배송이 {number}일째 안 와요") for number, at in newest_first]

    @abstractmethod
    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any: ...

    @abstractmethod
    def native_id(self, post: Post) -> str: ...

    def there(self) -> list[Post]:
        return [post for post in self.posts if not post.gone]

    def page(self, start: int) -> list[Post]:
        """The posts of a page; with `repeats` always the first, with `shifts` a new post pushed the others on."""
        start = 0 if self.repeats else max(0, start - (self.shifts if start else 0))
        return self.there()[start : start + self.page_size]

    def has_more(self, start: int) -> bool:
        return self.repeats or start + self.page_size < len(self.there()) + self.shifts

    def record(self, post: Post, record: dict[str, Any]) -> dict[str, Any]:
        """The record as it is sent: spoiled where the post says so."""
        if post.spoil == "unknown":
            record["brand_new_field"] = {"deep": [1, 2]}
        elif post.spoil == "missing":
            del record[self.text_field]
        elif post.spoil == "type":
            record[self.text_field] = {"not": ["a text"]}
        elif post.spoil == "long":
            record[self.text_field] = "가" * 300_000
        return record

    def json(self, value: Any) -> Any:
        return self.reply(json.dumps(value, ensure_ascii=False).encode())


class XFake(Fake):
    name = "x"
    keys: ClassVar = {"bearer": "the-bearer-key"}
    page_size = 100
    listing = "/search/recent"
    received_before_fault = 100
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


class NaverFake(Fake):
    keys: ClassVar = {"id": "the-client-id", "secret": "the-client-secret"}
    page_size = 100
    listing = "/search/v1/"
    text_may_be_missing = True
    received_before_fault = 100
    text_field = "description"
    without_pause = "quota"
    link: ClassVar[str]

    def native_id(self, post: Post) -> str:
        raise NotImplementedError

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

    def native_id(self, post: Post) -> str:
        return f"salim/{post.number}"


class NaverBlogFake(NaverFake):
    name = "naver_blog"
    link = "https://blog.naver.com/haru/{}"

    def native_id(self, post: Post) -> str:
        return f"haru/{post.number}"


class NaverKinFake(NaverFake):
    name = "naver_kin"
    link = "https://kin.naver.com/qna/detail.naver?d1id=8&docId={}"

    def native_id(self, post: Post) -> str:
        return str(post.number)


class NaverNewsFake(NaverFake):
    name = "naver_news"
    link = "https://news.example.com/a/{}"

    def native_id(self, post: Post) -> str:
        return f"news.example.com/a/{post.number}"


class DaumCafeFake(Fake):
    name = "daum_cafe"
    keys: ClassVar = {"key": "the-rest-key"}
    page_size = 50
    listing = "/v2/search/"
    text_may_be_missing = True
    received_before_fault = 50
    text_field = "contents"
    without_pause = "quota"
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


class GooglePlayFake(Fake):
    name = "google_play"
    keys: ClassVar = {"token": "the-access-token"}
    options: ClassVar = {"package": "kr.moadam.app"}
    page_size = 100
    listing = "/reviews"
    text_may_be_missing = True
    received_before_fault = 100

    def native_id(self, post: Post) -> str:
        return f"gp-{post.number}"

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
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


class BoardFake(Fake):
    name = "board"
    options: ClassVar = {"boards": ["free"], "pause_seconds": 0}
    page_size = 6
    listing = "/list"
    received_before_fault = 0  # the lists are read before the posts
    sees_deletions = True
    is_json = False

    def native_id(self, post: Post) -> str:
        return f"free/{post.number}"

    def __init__(self, reply: Callable[..., Any]) -> None:
        super().__init__(reply)
        selectors = {"list_path": "list?page={page}", "view_path": "view/{id}"}
        self.options = {**BoardFake.options, "selectors": selectors}

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if path == "/robots.txt":
            return self.reply(b"User-agent: *\nDisallow: /adm\n", headers={"Content-Type": "text/plain"})
        html = self._list(given) if path == "/list" else self._view(int(path.rsplit("/", 1)[1]))
        html = f"<!doctype html><html><body>{html}</body></html>"
        return self.reply(html.encode(), headers={"Content-Type": "text/html; charset=utf-8"})

    def _list(self, given: dict[str, str]) -> str:
        start = (int(given["page"]) - 1) * self.page_size
        rows = "".join(
            f'<tr><td class="td_subject"><div class="bo_tit"><a href="/view?wr_id={post.number}">제목</a></div></td>'
            f'<td class="td_datetime">{post.at.astimezone(KST):%m-%d}</td></tr>'
            for post in self.page(start)
        )
        link = '<a class="pg_page" href="/list?page=99">99</a>' if self.has_more(start) else ""
        empty = '<tr><td class="empty_table">게시물이 없습니다.</td></tr>'
        table = f'<table class="tbl_head01"><tbody>{rows or empty}</tbody></table>'
        return f'<div id="bo_list">{table}</div><nav class="pg_wrap">{link}</nav>'

    def _view(self, number: int) -> str:
        post = next((post for post in self.there() if post.number == number), None)
        if post is None:
            return '<div id="validation_check"><p>글이 존재하지 않습니다.</p></div>'
        date = {"missing": "", "type": "엊그제쯤"}.get(post.spoil, f"{post.at.astimezone(KST):%y-%m-%d %H:%M:%S}")
        text = "가" * 300_000 if post.spoil == "long" else escape(post.text)
        new = "<aside>새로 생긴 상자</aside>" if post.spoil == "unknown" else ""
        return (
            f'<h2 id="bo_v_title"><span class="bo_v_tit">제목 {number}</span></h2><section id="bo_v_info">'
            f'<span class="sv_guest">손님</span><strong class="if_date">작성일 {date}</strong></section>{new}'
            f'<div id="bo_v_con">{text}</div><section id="bo_vc"></section>'
        )


class AppStoreFake(Fake):
    name = "app_store"
    options: ClassVar = {"app_id": "123456789"}
    page_size = 50
    listing = "/rss/"
    text_may_be_missing = True
    received_before_fault = 50
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


class YouTubeFake(Fake):
    name = "youtube"
    keys: ClassVar = {"key": "the-api-key"}
    page_size = 100
    listing = "/commentThreads"
    received_before_fault = 100
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


class TemplateFake(Fake):
    name = "_template"
    keys: ClassVar = {"key": "the-forum-key"}
    page_size = 20
    listing = "/api/search"
    received_before_fault = 20
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


class AppStoreConnectFake(Fake):
    name = "app_store_connect"
    keys: ClassVar = {
        "issuer_id": "the-issuer", "key_id": "the-key-id",
        "private_key": ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode(),
    }
    options: ClassVar = {"app_id": "123456789"}
    page_size = 200
    listing = "/customerReviews"
    text_may_be_missing = True
    received_before_fault = 200
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


class Cafe24Fake(Fake):
    name = "cafe24"
    keys: ClassVar = {"token": "the-access-token"}
    options: ClassVar = {"boards": [6]}
    page_size = 100
    listing = "/articles"
    text_may_be_missing = True
    received_before_fault = 100
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


FAKES: dict[str, type[Fake]] = {
    fake.name: fake
    for fake in (
        XFake, NaverCafeFake, NaverBlogFake, NaverKinFake, NaverNewsFake, DaumCafeFake, DaumBlogFake, GooglePlayFake,
        BoardFake, AppStoreFake, YouTubeFake, Cafe24Fake, AppStoreConnectFake, TemplateFake,
    )
}


@dataclass
class Bench:
    """One listener against its fake."""

    fake: Fake
    server: Any
    house: Any
    fault_of: Callable[..., Any]
    listener: Any = field(init=False)

    def __post_init__(self) -> None:
        self.listener = Template() if self.fake.name == Template.name else registry.get(self.fake.name)
        self.server.answer = self.fake

    def settings(self, timeout: float = 20.0) -> SourceSettings:
        return SourceSettings(
            name=self.fake.name, base_url=self.server.url, credentials=self.fake.keys, timeout_seconds=timeout,
            options={"retry_backoff_seconds": 0, **self.fake.options},
        )

    def run(self, later: timedelta = timedelta(0), timeout: float = 20.0) -> Any:
        return self.house.run(self.listener, self.settings(timeout), now=NOW + later)

    def fault(self, mode: str, **how: Any) -> None:
        self.server.fault = self.fault_of(mode=mode, where=self.fake.listing, **how)

    def ids(self) -> set[str]:
        return set(self.house.mentions(self.fake.name))

    def expected(self) -> set[str]:
        return {self.fake.native_id(post) for post in self.fake.posts}


@pytest.fixture(params=sorted(FAKES))
def bench(request: pytest.FixtureRequest, server: Any, house: Any) -> Bench:
    shared = _conftest()
    return Bench(FAKES[request.param](shared.Reply), server, house, shared.Fault)


def _conftest() -> Any:
    """The types of the neighbouring conftest.py, which importlib mode gives no name to import."""
    spec = spec_from_file_location("listeners_conftest", Path(__file__).with_name("conftest.py"))
    assert spec and spec.loader
    module = module_from_spec(spec)
    sys.modules.setdefault(spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_every_source_is_held_to_a_contract() -> None:
    """A source that is not asked over HTTP, or needs a longer stand-in, has tests of its own under desks/."""
    desks = "".join(path.read_text("utf-8") for path in Path(__file__).with_name("desks").glob("test_*.py"))
    assert set(FAKES) - {Template.name} <= set(registry.names())
    missing = {name for name in set(registry.names()) - set(FAKES) if f"listeners.sources.{name} import" not in desks}
    assert not missing, f"give {sorted(missing)} a fake in FAKES, or a test of its own under tests/listeners/desks/"


def test_normal_pages_come_whole_and_once(bench: Bench) -> None:
    coverage = bench.run()
    assert (coverage.outcome, coverage.reason) == (Outcome.COMPLETE, "")
    assert coverage.seen == coverage.new == len(bench.fake.posts)
    assert bench.ids() == bench.expected()
    again = bench.run(timedelta(hours=1))
    assert again.new == 0 and bench.ids() == bench.expected()


def test_time_zone_edge(bench: Bench) -> None:
    """23:59:59 and 00:30 in Seoul stay on their own day, whether the source gives times, days or nothing."""
    bench.run()
    mentions = bench.house.mentions(bench.fake.name)
    for moment in (LATE, EARLY):
        post = next(post for post in bench.fake.posts if post.at == moment)
        found = mentions[bench.fake.native_id(post)]
        if found.published_at is not None:
            assert found.published_at == moment.astimezone(UTC)
        else:
            assert found.not_after is not None
            assert (found.not_before or moment) <= moment < found.not_after


def test_empty(bench: Bench) -> None:
    bench.fake.posts.clear()
    coverage = bench.run()
    assert (coverage.outcome, coverage.seen, bench.ids()) == (Outcome.COMPLETE, 0, set())


def test_one_page_for_ever(bench: Bench) -> None:
    """Terminates, says so or ends as complete, and has every post that was ever shown, once."""
    bench.fake.repeats = True
    try:
        bench.run()
    except SourceChanged:
        assert bench.house.rows("coverage")[0]["outcome"] == "partial"
    assert bench.ids() == {bench.fake.native_id(post) for post in bench.fake.there()[: bench.fake.page_size]}
    assert len(bench.server.requests) < 20 + bench.fake.page_size
    bench.fake.repeats = False
    bench.run(timedelta(hours=1))
    assert bench.ids() == bench.expected()


def test_an_item_on_two_pages(bench: Bench) -> None:
    bench.fake.shifts = 2
    coverage = bench.run()
    assert coverage.seen == len(bench.fake.posts)
    assert bench.ids() == bench.expected()


def test_an_item_edited_and_one_deleted_between_runs(bench: Bench) -> None:
    bench.run()
    edited, deleted = bench.fake.posts[0], bench.fake.posts[1]
    edited.text, edited.edited_at = "모아담 배송이 드디어 왔어요", NOW
    deleted.gone = True
    coverage = bench.run(timedelta(hours=25))
    mentions = bench.house.mentions(bench.fake.name)
    assert coverage.new == 0
    assert mentions[bench.fake.native_id(edited)].text == "모아담 배송이 드디어 왔어요"
    gone = mentions[bench.fake.native_id(deleted)]
    assert (gone.deleted_at is not None, gone.text == "") == (bench.fake.sees_deletions,) * 2
    assert all(mentions[bench.fake.native_id(post)].deleted_at is None for post in bench.fake.posts[2:])


FAULTS: list[tuple[str, type[GwidamError]]] = [
    ("401", CredentialsRejected),
    ("403", Forbidden),
    ("404", SourceChanged),
    ("500", SourceUnavailable),
    ("reset", SourceUnavailable),
    ("truncated", SourceUnavailable),
    ("malformed", SourceChanged),
    ("html", SourceChanged),
    ("empty", SourceChanged),
    ("10 MB", SourceChanged),
]


@pytest.mark.parametrize(("mode", "kind"), FAULTS, ids=[mode for mode, _ in FAULTS])
def test_a_fault_on_the_second_page_loses_nothing(bench: Bench, mode: str, kind: type[GwidamError]) -> None:
    bench.fault(mode, after=1)
    if mode == "malformed" and not bench.fake.is_json:
        kind = SourceUnavailable  # a page without its end
    with pytest.raises(kind) as caught:
        bench.run()
    line = str(caught.value)
    assert line.startswith(f"{bench.fake.name}: ") and "\n" not in line and len(line) < 400
    assert not any(key in line for key in bench.fake.keys.values())
    assert len(bench.ids()) == bench.fake.received_before_fault
    (coverage,) = bench.house.rows("coverage")
    assert coverage["outcome"] == ("partial" if bench.fake.received_before_fault else "failed")
    assert coverage["reason"] and coverage["message"] == line
    bench.server.fault = None
    assert bench.run(timedelta(minutes=15)).outcome is Outcome.COMPLETE
    assert bench.ids() == bench.expected()


def test_a_hang_ends_with_its_time_out(bench: Bench) -> None:
    bench.fault("hang")
    with pytest.raises(SourceUnavailable, match="time-out"):
        bench.run(timeout=0.3)
    bench.server.fault = None
    bench.server.released.set()
    bench.run()
    assert bench.ids() == bench.expected()


@pytest.mark.parametrize("mode", ["500", "reset", "truncated"])
def test_one_hiccup_is_not_noticed(bench: Bench, mode: str) -> None:
    bench.fault(mode, after=1, times=1)
    assert bench.run().outcome is Outcome.COMPLETE
    assert bench.ids() == bench.expected()


def test_429_with_a_far_retry_after_says_until_when(bench: Bench) -> None:
    bench.fault("429", after=1, retry_after="3600")
    with pytest.raises(RateLimited) as caught:
        bench.run()
    assert caught.value.until is not None
    assert timedelta(minutes=59) < caught.value.until - NOW < timedelta(minutes=62)
    assert len(bench.ids()) == bench.fake.received_before_fault
    bench.server.fault = None
    bench.run(timedelta(hours=2))
    assert bench.ids() == bench.expected()


def test_429_with_a_near_retry_after_is_waited_for(bench: Bench) -> None:
    bench.fault("429", times=1, retry_after="0")
    assert bench.run().outcome is Outcome.COMPLETE
    assert bench.ids() == bench.expected()


def test_429_without_retry_after(bench: Bench) -> None:
    """A limit that names no time: a used-up quota ends quietly, a rate limit is raised without a time."""
    bench.fault("429", after=1)
    if bench.fake.without_pause == "quota":
        assert bench.run().outcome is Outcome.PARTIAL
    else:
        with pytest.raises(RateLimited) as caught:
            bench.run()
        assert caught.value.until is None
    (coverage,) = bench.house.rows("coverage")
    assert coverage["reason"] == bench.fake.without_pause
    assert len(bench.ids()) == bench.fake.received_before_fault


def test_spoiled_records_are_quarantined_and_the_others_kept(bench: Bench) -> None:
    unknown, missing, wrong, long = bench.fake.posts[:4]
    unknown.spoil, missing.spoil, wrong.spoil, long.spoil = "unknown", "missing", "type", "long"
    bench.run()
    lost = [wrong, long] if bench.fake.text_may_be_missing else [missing, wrong, long]
    assert bench.ids() == bench.expected() - {bench.fake.native_id(post) for post in lost}
    quarantined = bench.house.rows("quarantine")
    assert len(quarantined) == len(lost)
    assert all(row["reason"] and len(row["payload"]) <= 4_000 for row in quarantined)
    bench.run(timedelta(minutes=15))
    assert len(bench.house.rows("quarantine")) == len(lost), "the same bad record is quarantined once"


def test_personal_data_and_keys_never_touch_the_disk(bench: Bench) -> None:
    bench.fake.posts[0].text = "모아담 기사님 연락처가 010-1234-5678 맞나요"
    bench.fake.posts[1].text, bench.fake.posts[1].spoil = "모아담 010-8765-4321", "unknown"
    bench.run()
    written = bench.house.everything()
    assert "[전화번호]" in written
    secrets = ["1234-5678", "8765-4321", "김*수", "하루", "손님", *bench.fake.keys.values()]
    assert not [word for word in secrets if word in written]


def test_check_asks_once_and_stores_nothing(bench: Bench) -> None:
    ask = make_ask(
        bench.listener, brand=_conftest().BRAND, settings=bench.settings(), home=bench.house.home, now=NOW
    )
    line = bench.listener.check(ask)
    assert line.startswith(f"{bench.fake.name}: ") and "\n" not in line
    assert len([path for path in bench.server.requests if path != "/robots.txt"]) == 1
    assert not bench.house.home.landing.joinpath("mentions").exists()
    bench.fault("401")
    with pytest.raises(CredentialsRejected):
        bench.listener.check(ask)


def test_a_missing_key_is_named(bench: Bench) -> None:
    if not bench.fake.keys:
        assert bench.listener.credentials == ()
        return
    bare = SourceSettings(name=bench.fake.name, base_url=bench.server.url, options=bench.fake.options)
    with pytest.raises(CredentialsRejected, match=f"the key '{next(iter(bench.fake.keys))}' is not set"):
        bench.house.run(bench.listener, bare)
    assert bench.server.requests == []
