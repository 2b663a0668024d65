"""The desks asked over HTTP keep the same contract as every other source: its tests, run over fakes of their own."""

from __future__ import annotations

import sys
from datetime import UTC
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, ClassVar

import pytest

from contracts.errors import CredentialsRejected
from listeners.collect import make_ask


def _load(name: str) -> Any:
    """A neighbouring test module, which importlib mode gives no name to import."""
    spec = spec_from_file_location(f"desks_{name}", Path(__file__).parents[1] / f"{name}.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


contract = _load("test_listener_contract")


class CommerceFake(contract.Fake):
    name = "naver_commerce"
    keys: ClassVar = {"client_id": "the-client-id", "client_secret": "$2a$04$sandboxsandboxsandboxu"}
    page_size = 100
    listing = "/contents/qnas"
    received_before_fault = 100
    text_field = "question"
    sees_deletions = True

    def native_id(self, post: Any) -> str:
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

    def _item(self, post: Any) -> dict[str, Any]:
        at = post.at.astimezone(contract.KST).isoformat(timespec="milliseconds")
        return {
            "questionId": post.number, "question": post.text, "answered": False, "maskedWriterId": "손님****",
            "createDate": at,
        }  # fmt: skip


class SurveyMonkeyFake(contract.Fake):
    name = "surveymonkey"
    keys: ClassVar = {"token": "the-survey-token"}
    options: ClassVar = {"surveys": ["1"]}
    page_size = 100
    listing = "/responses/bulk"
    received_before_fault = 100
    text_field = "date_created"

    def native_id(self, post: Any) -> str:
        return str(post.number)

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if self.listing not in path:
            question = {"id": "9", "family": "open_ended", "headings": [{"heading": "의견"}]}
            return self.json({"pages": [{"questions": [question]}]})
        start = (int(given["page"]) - 1) * self.page_size
        links = {"next": "https://api.example/next"} if self.has_more(start) else {}
        return self.json({"data": [self.record(post, self._item(post)) for post in self.page(start)], "links": links})

    def _item(self, post: Any) -> dict[str, Any]:
        return {
            "id": self.native_id(post), "response_status": "completed", "date_created": post.at.isoformat(),
            "date_modified": (post.edited_at or post.at).isoformat(), "first_name": "하루",
            "pages": [{"questions": [{"id": "9", "answers": [{"text": post.text}]}]}],
        }  # fmt: skip


class GraphFake(contract.Fake):
    """What Meta's three have in common; `stamp` is the field of the time."""

    page_size = 100
    received_before_fault = 100
    keys: ClassVar = {"token": "the-graph-token"}

    def native_id(self, post: Any) -> str:
        return f"17{post.number}"

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if self.listing not in path:
            return self.json(self.other(path))
        start = 0 if self.repeats else int(given.get("after", "0"))
        body: dict[str, Any] = {"data": [self.record(post, self.item(post)) for post in self.page(start)]}
        if self.has_more(start):
            following = start + self.page_size
            body["paging"] = {"next": f"https://graph.example{path}?after={following}&access_token=stolen"}
        return self.json(body)

    def other(self, path: str) -> dict[str, Any]:
        return {"data": []}

    def item(self, post: Any) -> dict[str, Any]:
        at = post.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
        return {"id": self.native_id(post), self.text_field: at}


class FacebookFake(GraphFake):
    name = "facebook"
    options: ClassVar = {"page": "555"}
    listing = "/555/feed"
    text_field = "created_time"
    sees_deletions = True

    def item(self, post: Any) -> dict[str, Any]:
        none = {"data": [], "summary": {"total_count": 0}}
        said = {"message": post.text, "from": {"id": "77", "name": "하루"}, "comments": none}
        return super().item(post) | said


class InstagramFake(GraphFake):
    name = "instagram"
    options: ClassVar = {"user_id": "9"}
    listing = "/recent_media"
    page_size = 50
    received_before_fault = 50
    text_field = "timestamp"

    def other(self, path: str) -> dict[str, Any]:
        return {"data": [{"id": "880"}]}

    def item(self, post: Any) -> dict[str, Any]:
        return super().item(post) | {"caption": post.text, "username": "하루"}


class ThreadsFake(GraphFake):
    name = "threads"
    listing = "/keyword_search"
    text_field = "timestamp"

    def other(self, path: str) -> dict[str, Any]:
        return {"username": "moadam_cs"} if path.endswith("/me") else {"data": []}

    def item(self, post: Any) -> dict[str, Any]:
        return super().item(post) | {"text": post.text, "username": "하루"}


FAKES = {fake.name: fake for fake in (CommerceFake, SurveyMonkeyFake, FacebookFake, InstagramFake, ThreadsFake)}
REQUESTS_OF_A_CHECK = {"naver_commerce": 2, "threads": 2}  # a token, and whose token it is


@pytest.fixture(params=sorted(FAKES))
def bench(request: pytest.FixtureRequest, server: Any, house: Any) -> Any:
    shared = contract._conftest()
    return contract.Bench(FAKES[request.param](shared.Reply), server, house, shared.Fault)


_OWN = {"test_every_source_is_held_to_a_contract", "test_check_asks_once_and_stores_nothing"}
globals().update({name: test for name, test in vars(contract).items() if name.startswith("test_") and name not in _OWN})


def test_check_asks_little_and_stores_nothing(bench: Any) -> None:
    ask = make_ask(
        bench.listener,
        brand=contract._conftest().BRAND,
        settings=bench.settings(),
        home=bench.house.home,
        now=contract.NOW,
    )
    line = bench.listener.check(ask)
    assert line.startswith(f"{bench.fake.name}: ") and "\n" not in line
    assert len(bench.server.requests) == REQUESTS_OF_A_CHECK.get(bench.fake.name, 1)
    assert not bench.house.home.landing.joinpath("mentions").exists()
    bench.server.fault = bench.fault_of(mode="401", where="/")
    with pytest.raises(CredentialsRejected):
        bench.listener.check(ask)
