"""X: queries that fit, a busy hour that loses nothing, answers from the timeline, edits, budget and cost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.coverage import Outcome
from contracts.errors import ConfigurationError, SourceUnavailable
from contracts.mention import Kind
from listeners.budget import read_usage
from listeners.contract import SourceSettings, WatchedBrand
from listeners.sources.x import X
from listeners.x_client import QUERY_LIMIT, queries, snowflake, snowflake_time

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def brand(*terms: str, exclude: tuple[str, ...] = ()) -> WatchedBrand:
    return WatchedBrand(id="moadam", name="모아담", terms=terms, exclude=exclude)


def test_a_query_holds_terms_handles_and_exclusions() -> None:
    made = queries(
        brand("모아담", "모아 담", exclude=("모아담 어린이집",)), handles=("moadam_cs",), languages=("ko", "en"),
        reshares=False,
    )
    assert made == ['(모아담 OR "모아 담") -is:retweet -from:moadam_cs -"모아담 어린이집" (lang:ko OR lang:en)']


def test_a_long_query_is_split_and_every_term_asked_once() -> None:
    terms = [f"모아담{n:03d}" for n in range(200)]
    made = queries(brand(*terms), handles=("moadam_cs",), languages=(), reshares=False)
    assert len(made) > 2 and all(len(query) <= QUERY_LIMIT for query in made)
    asked = [word for query in made for word in query[1 : query.index(")")].split(" OR ")]
    assert asked == terms
    with pytest.raises(ConfigurationError, match="shorten the exclusions"):
        wordy = brand("모아담", exclude=tuple("긴말" * 9 + str(n) for n in range(40)))
        queries(wordy, handles=(), languages=(), reshares=False)


def test_an_id_is_a_time() -> None:
    assert snowflake_time(snowflake(NOW)) == NOW


class FakeX:
    """Search, the brand's timeline and lookups over a list of posts."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply
        self.posts: list[dict[str, Any]] = []
        self.asked: list[tuple[str, dict[str, str]]] = []

    def post(self, at: datetime, text: str, author: str = "77", serial: int = 0, **more: Any) -> str:
        one = str(snowflake(at) + serial)
        made = {"id": one, "text": text, "author_id": author, "conversation_id": more.pop("thread", one)}
        made |= {"created_at": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "edit_history_tweet_ids": [one], **more}
        self.posts = sorted([*self.posts, made], key=lambda post: -int(post["id"]))
        return one

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        self.asked.append((path, given))
        if headers.get("authorization") != "Bearer the-bearer-key":
            return self.reply(b'{"title":"Unauthorized","status":401}', 401)
        if path == "/2/users/by/username/moadam_cs":
            return self.json({"data": {"id": "900", "username": "moadam_cs"}})
        if path == "/2/tweets":
            found = [post for post in self.posts if set(given["ids"].split(",")) & set(post["edit_history_tweet_ids"])]
            return self.json({"data": found})
        posts = [post for post in self.posts if path.endswith("/search/recent") == (post["author_id"] != "900")]
        posts = [] if path.endswith("/mentions") else posts
        low, high = int(given.get("since_id", 0)), int(given.get("until_id", 1 << 62))
        token = int(given.get("next_token", given.get("pagination_token", 1 << 62)))
        window = [post for post in posts if low < int(post["id"]) < min(high, token)]
        size = int(given["max_results"])
        page = window[:size]
        meta = {"result_count": len(page)} | ({"next_token": page[-1]["id"]} if len(window) > size else {})
        return self.json({"data": page, "meta": meta} if page else {"meta": meta})

    def json(self, value: Any) -> Any:
        return self.reply(json.dumps(value).encode())


@pytest.fixture
def fake(server: Any, reply: Any) -> FakeX:
    server.answer = FakeX(reply)
    return server.answer


def settings(server: Any, **options: Any) -> SourceSettings:
    return SourceSettings(
        name="x", base_url=server.url, credentials={"bearer": "the-bearer-key"},
        options={"retry_backoff_seconds": 0, **options},
    )


WATCHED = WatchedBrand(id="moadam", name="모아담", terms=("모아담",), official={"x": ("moadam_cs",)})


def test_a_busy_hour_broken_off_half_way_loses_nothing(fake: FakeX, server: Any, house: Any, fault: Any) -> None:
    """Three pages; the second fails. New posts come. The next run reads the gap and the new ones, and no page twice."""
    fake.post(NOW - timedelta(days=2), "모아담 옛날 글")
    house.run(X(), settings(server), brand=WATCHED, now=NOW - timedelta(hours=2))
    for n in range(250):
        fake.post(NOW - timedelta(minutes=50) + timedelta(seconds=n), f"모아담 글 {n}")
    server.fault = fault(mode="500", where="/search/recent", after=1)
    with pytest.raises(SourceUnavailable):
        house.run(X(), settings(server), brand=WATCHED)
    assert len(house.mentions("x")) == 101
    server.fault = None
    for n in range(130):
        fake.post(NOW + timedelta(minutes=5, seconds=n), f"모아담 나중 글 {n}")
    coverage = house.run(X(), settings(server, overlap_minutes=0), brand=WATCHED, now=NOW + timedelta(minutes=15))
    assert coverage.outcome is Outcome.COMPLETE
    assert len(house.mentions("x")) == 381
    assert coverage.new == 280
    assert coverage.cost_usd == pytest.approx(280 * 0.005, abs=0.01)


def test_answers_come_from_the_timeline_and_their_window_grows(fake: FakeX, server: Any, house: Any) -> None:
    complaint = fake.post(NOW - timedelta(hours=5), "모아담 환불 언제 돼요")
    first = house.run(X(), settings(server), brand=WATCHED, now=NOW - timedelta(hours=4))
    answer = fake.post(
        NOW - timedelta(hours=1), "@k 안녕하세요, 모아담입니다. 확인해 보겠습니다.", author="900", thread=complaint,
        referenced_tweets=[{"type": "replied_to", "id": complaint}],
    )
    second = house.run(X(), settings(server), brand=WATCHED)
    found = house.mentions("x")[answer]
    assert (found.is_official, found.thread_native_id, found.parent_native_id) == (True, complaint, complaint)
    assert found.kind is Kind.COMMENT
    assert first.answers_from == second.answers_from is not None
    assert (first.answers_to, second.answers_to) == (NOW - timedelta(hours=4), NOW)
    assert first.cost_usd == pytest.approx(0.010 + 0.005)  # the account is looked up once, then kept
    assert second.cost_usd == pytest.approx(0.001 + 0.005, abs=0.0051)
    searched = [given for path, given in fake.asked if path.endswith("/search/recent")]
    assert all("-from:moadam_cs" in given["query"] for given in searched)


def test_no_answer_window_when_the_timeline_breaks_off(fake: FakeX, server: Any, house: Any, fault: Any) -> None:
    fake.post(NOW - timedelta(hours=5), "모아담 환불 언제 돼요")
    server.fault = fault(mode="500", where="/users/900/tweets")
    with pytest.raises(SourceUnavailable):
        house.run(X(), settings(server), brand=WATCHED)
    (row,) = house.rows("coverage")
    assert (row["answers_from"], row["answers_to"]) == (None, None)


def test_an_edited_post_keeps_its_first_id_and_its_newest_text(fake: FakeX, server: Any, house: Any) -> None:
    first = fake.post(NOW - timedelta(hours=5), "모아담 별로예요")
    house.run(X(), settings(server), brand=WATCHED, now=NOW - timedelta(hours=4))
    old = fake.posts[0]
    second = fake.post(NOW - timedelta(hours=3, minutes=50), "모아담 다시 보니 괜찮네요")
    fake.posts[0]["edit_history_tweet_ids"] = old["edit_history_tweet_ids"] = [first, second]
    house.run(X(), settings(server), brand=WATCHED)
    mentions = house.mentions("x")
    assert set(mentions) == {first}
    assert mentions[first].text == "모아담 다시 보니 괜찮네요"
    assert mentions[first].published_at == NOW - timedelta(hours=5)


def test_a_monthly_budget_stops_quietly_and_goes_on_next_month(fake: FakeX, server: Any, house: Any) -> None:
    for n in range(250):
        fake.post(NOW - timedelta(minutes=50), f"모아담 글 {n}", serial=n)
    coverage = house.run(X(), settings(server, monthly_posts=150), brand=WATCHED)
    assert (coverage.outcome, coverage.reason, coverage.seen) == (Outcome.PARTIAL, "quota", 150)
    assert "budget of 150 posts" in coverage.message
    used = read_usage(house.home.state, "x", now=NOW)
    assert (used.unit, used.period, used.used, used.limit) == ("posts", "2026-11", 150, 150)
    assert used.cost_usd == pytest.approx(0.010 + 150 * 0.005) == pytest.approx(coverage.cost_usd)
    other = WatchedBrand(id="other", name="다른담", terms=("다른담",), official={"x": ("900",)})
    again = house.run(X(), settings(server, monthly_posts=150), brand=other, now=NOW + timedelta(hours=1))
    assert (again.seen, again.requests, again.reason) == (0, 0, "quota"), "the account is one, whatever the brand"
    raised = house.run(X(), settings(server, monthly_posts=1_000), brand=WATCHED, now=NOW + timedelta(hours=2))
    assert (raised.outcome, raised.new, len(house.mentions("x"))) == (Outcome.COMPLETE, 100, 250)
    december = read_usage(house.home.state, "x", now=NOW + timedelta(days=10))
    assert (december.used, december.cost_usd) == (0, 0)


def test_a_post_is_billed_once_a_day(fake: FakeX, server: Any, house: Any) -> None:
    fake.post(NOW - timedelta(minutes=10), "모아담 글")
    first = house.run(X(), settings(server), brand=WATCHED)
    same_day = house.run(X(), settings(server), brand=WATCHED, now=NOW + timedelta(minutes=15))
    next_day = house.run(X(), settings(server), brand=WATCHED, now=NOW + timedelta(hours=25))
    assert [first.cost_usd, same_day.cost_usd, next_day.cost_usd] == pytest.approx([0.010 + 0.005, 0, 0.005])
    assert read_usage(house.home.state, "x", now=NOW + timedelta(hours=25)).used == 2


def test_a_week_of_silence_is_named_as_lost_coverage(fake: FakeX, server: Any, house: Any) -> None:
    fake.post(NOW - timedelta(days=10), "모아담 열흘 전")
    early = house.run(X(), settings(server), brand=WATCHED, now=NOW - timedelta(days=9))
    late = house.run(X(), settings(server), brand=WATCHED)
    assert (early.cap_hit, late.cap_hit, late.reason) == (False, True, "cap")
    assert "further than X's recent search reaches" in late.message
