"""The real listeners against the stand-ins over HTTP: what lands is what the world says, and nothing personal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.coverage import Coverage
from contracts.errors import CredentialsRejected
from contracts.keys import author_key
from contracts.mention import Mention
from listeners import registry
from listeners.collect import collect, make_ask
from listeners.contract import Ask, SourceSettings, WatchedBrand
from nlp.personal_data import mask
from sandbox import app_store_connect, cafe24, instagram, threads, youtube
from storage.files import read_jsonl_gz
from storage.home import Home

BRAND = WatchedBrand(
    id="moadam", name="모아담", terms=("모아담",), official={"youtube": (youtube.CHANNEL,), "cafe24": (cafe24.MALL,)}
)
APPLE = {
    "issuer_id": app_store_connect.ISSUER, "key_id": app_store_connect.KEY_ID,
    "private_key": app_store_connect.private_key(),
}
GONE_OR_NOT_YOURS = (400, "GraphMethodException", 100, 33)


class Ear:
    """One source listened to again and again, in a home of its own."""

    def __init__(self, stage: Any, home: Home, name: str, prefix: str, keys: dict[str, str], options: Any) -> None:
        self.stage = stage
        self.home = home
        self.listener = registry.get(name)
        self.settings = SourceSettings(name=name, base_url=stage.base + prefix, credentials=keys, options=options)

    def listen(self, **forward: float) -> Coverage:
        self.stage.forward(**forward)
        return collect(
            self.listener, brand=BRAND, settings=self.settings, home=self.home, now=self.stage.time, mask=mask,
            author_key=lambda source, author: author_key(b"a secret of the tests", source, author),
        )

    def ask(self) -> Ask:
        return make_ask(self.listener, brand=BRAND, settings=self.settings, home=self.home, now=self.stage.time)

    def rows(self) -> list[dict[str, Any]]:
        files = sorted(self.home.landed("mentions").rglob("*.gz"), key=lambda path: path.stat().st_mtime_ns)
        return [row for path in files for row in read_jsonl_gz(path)]

    def mention(self, words: str) -> Mention:
        """The newest landed version of the one mention that ever held these words."""
        (found,) = {row["native_id"] for row in self.rows() if words in f"{row['title']} {row['text']}"}
        return Mention.from_json(next(row for row in self.rows()[::-1] if row["native_id"] == found))

    def landed(self) -> str:
        return json.dumps(self.rows(), ensure_ascii=False) + "".join(
            path.read_text("utf-8") for path in self.home.state.rglob("*.json")
        )


@pytest.fixture
def ear(stage: Any, tmp_path: Path) -> Callable[..., Ear]:
    def make(name: str, prefix: str, keys: dict[str, str] | None = None, **options: Any) -> Ear:
        return Ear(stage, Home(tmp_path / "home"), name, prefix, keys or {}, options)

    return make


def written(stage: Any, source: str, **of: str) -> int:
    """How many of a source's items can be seen now and were written in the eight weeks a first run looks back."""
    seen = [one.item for one in stage.world.seen(source) if (stage.time - one.item.at).days < 56]
    return len([item for item in seen if all(getattr(item, name) == value for name, value in of.items())])


def test_youtube_hears_the_long_thread_and_what_follows_an_answer(
    stage: Any, ear: Callable[..., Ear], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(youtube, "MOST", 1)  # so that a later run does not come upon older threads by chance
    videos = ["rvSalimJin7", "rvSilent001", "gone"]
    tube = ear("youtube", "/youtube", {"key": youtube.KEY}, videos=videos, overlap_hours=0.0)
    first = tube.listen(hours=-5)  # half past seven: the customer has not come back yet
    assert (str(first.outcome), first.seen) == ("complete", written(stage, "youtube"))
    assert "comments disabled 1" in first.message and "video gone 1" in first.message
    answer = tube.mention("포장 불량으로 큰 불편을")
    assert answer.is_official and answer.thread_native_id == tube.mention("박스가 다 젖어서").native_id
    shown = [about["title"] for about in stage.world.shop["videos"].values() if about.get("comments", True)]
    assert {row["place"] for row in tube.rows()} == set(shown)
    tube.listen(hours=1)
    tube.listen(hours=28)  # only its id leads to the thread now
    came_back = tube.mention("하루가 지나도 전화 한 통")
    assert came_back.thread_native_id == answer.thread_native_id and not came_back.is_official
    assert tube.mention("어제 쓴 거 없어졌던데").deleted_at == stage.time
    assert {row["native_id"] for row in tube.rows() if row["deleted_at"]} == {tube.mention("없어졌던데").native_id}
    assert tube.listen(minutes=5).new == 0


def test_both_of_apples_doors_show_the_same_reviews(stage: Any, ear: Callable[..., Ear]) -> None:
    connect = ear("app_store_connect", "/appstoreconnect", APPLE, app_id="1600424242")
    coverage = connect.listen()
    reviews = [row for row in connect.rows() if not row["is_official"]]
    assert coverage.seen == written(stage, "app_store_connect") == len(connect.rows())
    again, fine = connect.mention("복붙 답변 말고"), connect.mention("4.12.0 업데이트하고")
    assert (again.answered, fine.answered) == (False, True)
    assert fine.answered_at is not None and fine.published_at is not None and fine.answered_at > fine.published_at
    feed = ear("app_store", "/itunes", app_id="1600424242", countries=["kr", "us", "de"])
    assert str(feed.listen().outcome) == "complete"
    texts = {row["text"] for row in feed.rows() if row["source"] == "app_store"}
    assert texts == {row["text"] for row in reviews}
    assert "010-0000-7788" not in feed.landed()


def test_cafe24_renews_its_tokens_in_the_owners_file(stage: Any, ear: Callable[..., Ear], tmp_path: Path) -> None:
    server_knows = {"client_id": cafe24.CLIENT_ID, "client_secret": cafe24.CLIENT_SECRET}
    stage.forward(days=40)
    account = tmp_path / "cafe24.json"
    account.write_text(json.dumps({**server_knows, "refresh_token": "used up"}), encoding="utf-8")
    mall = ear("cafe24", "/cafe24", {"account": str(account)}, boards=[6])
    with pytest.raises(CredentialsRejected, match="new refresh_token"):
        mall.listen()
    good = newest_refresh_token(stage)
    account.write_text(json.dumps({**server_knows, "refresh_token": good}), encoding="utf-8")
    assert "the key works" in mall.listener.check(mall.ask())
    first = json.loads(account.read_text("utf-8"))
    assert first["refresh_token"] != good and account.stat().st_mode & 0o777 == 0o600
    mall.listen(minutes=5)
    assert json.loads(account.read_text("utf-8")) == first, "good for two hours"
    mall.listen(hours=2)
    assert json.loads(account.read_text("utf-8"))["refresh_token"] != first["refresh_token"]
    assert not [word for word in (first["access_token"], first["refresh_token"]) if word in mall.landed()]
    account.unlink()
    with pytest.raises(CredentialsRejected, match="client_id, client_secret, refresh_token in JSON"):
        mall.listen()


def newest_refresh_token(stage: Any) -> str:
    """What the module's shared server would take now: other tests have renewed as well."""
    import requests

    url = f"{stage.base}/cafe24/api/v2/oauth/token"
    for number in range(20):
        token = f"{cafe24.REFRESH_TOKEN[:-1]}{number}"
        given = {"grant_type": "refresh_token", "refresh_token": token}
        answer = requests.post(url, data=given, auth=(cafe24.CLIENT_ID, cafe24.CLIENT_SECRET), timeout=10)
        if answer.ok:
            return str(answer.json()["refresh_token"])
    raise AssertionError("the server takes no refresh token")


def test_cafe24_follows_answers_comments_and_deletions(stage: Any, ear: Callable[..., Ear]) -> None:
    mall = ear("cafe24", "/cafe24", {"token": cafe24.TOKEN})
    first = mall.listen()
    assert (str(first.outcome), first.seen) == ("complete", written(stage, "cafe24"))
    waiting, done = mall.mention("쌀벌레가 기어나왔습니다"), mall.mention("손잡이가 덜렁거려요")
    assert (waiting.answered, done.answered, waiting.thread_native_id) == (False, True, waiting.native_id)
    assert {row["place"] for row in mall.rows()} == set(cafe24.BOARDS.values())
    answer, closing = mall.mention("새 제품을 먼저 보내"), mall.mention("새 제품 받았습니다")
    assert answer.is_official and answer.parent_native_id == done.native_id
    assert not closing.is_official and closing.thread_native_id == mall.mention("보낸 지 두 달입니다").native_id
    distrust = mall.mention("믿고 샀다가 낭패")
    mall.listen(days=1)
    assert mall.mention("믿고 샀다가 낭패").deleted_at == stage.time and distrust.deleted_at is None
    assert mall.listen(minutes=5).new == 0
    for personal in ("010-0000-3344", "010-0000-9012", "203.0.113.24", "sandbox.example", "유*나", cafe24.TOKEN):
        assert personal not in mall.landed()


def test_cafe24_believes_no_guest_who_takes_the_malls_name(stage: Any, ear: Callable[..., Ear]) -> None:
    from listeners.contract import Page, ParseContext

    mall = ear("cafe24", "/cafe24", {"token": cafe24.TOKEN})
    context = ParseContext(
        brand=BRAND, settings=mall.settings, fetched_at=stage.time, mask=mask, author_key=lambda source, author: author
    )
    said = {"comment_no": 1, "content": "저희는 환불 안 해 드립니다", "created_date": "2026-11-20T09:00:00+09:00"}
    comments = [{**said, "writer": cafe24.MALL, "member_id": member} for member in ("", cafe24.MALL)]
    page = Page(kind="comments", body={"comments": comments}, extra={"board": 4, "article": "7"})
    assert [one.is_official for one in mall.listener.parse(page, context) if isinstance(one, Mention)] == [False, True]


def by_id(stage: Any, path: str, token: str, fields: str = "") -> Any:
    return stage.get(f"{path}?fields={fields}", headers={"Authorization": f"Bearer {token}"})


def refusal(answer: Any) -> tuple[int, str, int, int]:
    error = answer.json()["error"]
    return answer.status_code, error["type"], error["code"], error["error_subcode"]


def native(stage: Any, source: str, prefix: str, words: str) -> str:
    (found,) = [item for item in stage.world.items(source) if words in item.text]
    return f"{prefix}{found.native_id}"


def test_a_thread_by_its_id_as_far_as_the_token_reads(stage: Any) -> None:
    theirs, own = native(stage, "threads", "1795", "마트 간다"), native(stage, "threads", "1795", "주문이 몰려")
    path = f"/threads/v1.0/{theirs}"
    assert by_id(stage, path, threads.TOKEN).json() == {"id": theirs}
    assert by_id(stage, path, threads.TOKEN, "id,username,root_post").json() == {"id": theirs, "username": "jjang_dad"}
    assert by_id(stage, path, "old").status_code == 401
    unapproved = by_id(stage, path, threads.UNAPPROVED_TOKEN)
    assert refusal(unapproved) == GONE_OR_NOT_YOURS and theirs in unapproved.json()["error"]["message"]
    assert by_id(stage, f"/threads/v1.0/{own}", threads.UNAPPROVED_TOKEN).json() == {"id": own}
    stage.forward(days=1)
    assert refusal(by_id(stage, path, threads.TOKEN)) == GONE_OR_NOT_YOURS


def test_a_medium_by_its_id_only_for_who_owns_it(stage: Any) -> None:
    own, theirs = (native(stage, "instagram", "1800", words) for words in ("[협찬]", "소비자고발"))
    path = f"/instagram/v26.0/{own}"
    assert by_id(stage, path, instagram.TOKEN, "media_type").json() == {"id": own, "media_type": "IMAGE"}
    assert refusal(by_id(stage, f"/instagram/v26.0/{theirs}", instagram.TOKEN)) == GONE_OR_NOT_YOURS
    assert by_id(stage, path, "old").status_code == 401
    stage.forward(days=1)
    assert refusal(by_id(stage, path, instagram.TOKEN)) == GONE_OR_NOT_YOURS


@pytest.mark.parametrize(
    ("name", "prefix", "keys", "options", "words"),
    [
        ("threads", "/threads/v1.0", {"token": threads.TOKEN}, {}, "마트 간다"),
        ("instagram", "/instagram/v26.0", {"token": instagram.TOKEN}, {"user_id": instagram.USER_ID}, "[협찬]"),
    ],
)
def test_a_deletion_is_followed_and_nothing_else_is_called_deleted(
    stage: Any, ear: Callable[..., Ear], name: str, prefix: str, keys: dict[str, str], options: Any, words: str
) -> None:
    listening = ear(name, prefix, keys, **options)
    first = listening.listen()
    assert str(first.outcome) == "complete" and listening.mention(words).deleted_at is None
    listening.listen(days=1)
    gone = listening.mention(words)
    assert (gone.deleted_at, gone.text) == (stage.time, "")
    assert {row["native_id"] for row in listening.rows() if row["deleted_at"]} == {gone.native_id}
    assert listening.listen(minutes=30).new == 0


@pytest.mark.parametrize(
    ("name", "prefix", "keys", "options"),
    [
        ("youtube", "/youtube", {"key": "wrong"}, {}),
        ("app_store_connect", "/appstoreconnect", {**APPLE, "key_id": "OTHERKEY01"}, {"app_id": "1600424242"}),
        ("cafe24", "/cafe24", {"token": "wrong"}, {}),
        ("cafe24", "/cafe24", {}, {}),
    ],
)
def test_a_wrong_key_is_one_clear_line(
    ear: Callable[..., Ear], name: str, prefix: str, keys: dict[str, str], options: dict[str, Any]
) -> None:
    deaf = ear(name, prefix, keys, **options)
    with pytest.raises(CredentialsRejected) as refused:
        deaf.listener.check(deaf.ask())
    line = refused.value.message
    assert line.startswith(f"{name}: ") and "\n" not in line and len(line) < 260
    assert not [key for key in keys.values() if len(key) > 10 and key in line]
