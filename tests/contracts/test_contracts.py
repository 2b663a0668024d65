"""The shared types: keys that never move, errors that survive a pickle, weeks as Seoul counts them."""

from __future__ import annotations

import pickle
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import errors
from contracts.clock import KST, from_iso, iso_week, last_complete_week, to_iso, week_bounds
from contracts.keys import author_key, mention_id, text_hash
from contracts.mention import Kind, Mention

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))


def mention(**given_fields: object) -> Mention:
    fields = {"source": "x", "native_id": "1", "kind": Kind.POST, "brands": ("moadam",), "fetched_at": NOW,
              "text": "배송이 2주째 감감무소식이에요ㅠㅠ"}
    return Mention(**{**fields, **given_fields})


def test_keys_are_frozen() -> None:
    """Other people's files hold these keys: a change of the function is a change of every one of them."""
    assert mention_id("x", "1992") == "9dddda755de17e553e00fd21"
    assert text_hash("가나다") == "29205b39ec5e51163b59abe5"
    assert author_key(b"a", "x", "kim") == "f168a9fabdd48b48962b2165"
    assert mention_id("x", "12") != mention_id("x1", "2")
    assert text_hash("가나다 ") == text_hash("가나다")
    assert text_hash(unicodedata.normalize("NFD", "가나다")) == text_hash("가나다")
    assert author_key(b"a", "x", "kim") != author_key(b"b", "x", "kim")


@given(moments)
def test_every_instant_lies_in_its_week(moment: datetime) -> None:
    start, end = week_bounds(iso_week(moment))
    assert start <= moment < end
    assert end - start == timedelta(days=7)
    assert start.astimezone(KST).weekday() == 0 and start.astimezone(KST).hour == 0


def test_weeks_turn_at_midnight_in_seoul() -> None:
    monday = datetime(2026, 11, 16, 0, 0, tzinfo=KST)
    assert iso_week(monday) == "2026-W47"
    assert iso_week(monday - timedelta(seconds=1)) == "2026-W46"
    assert last_complete_week(monday) == "2026-W46"
    assert iso_week(datetime(2027, 1, 1, tzinfo=KST)) == "2026-W53"


@pytest.mark.parametrize("week", ["2026-47", "2026-W54", "2026-W00", "", "W47"])
def test_a_week_that_is_none_is_refused(week: str) -> None:
    with pytest.raises(ValueError, match=r"ISO week|does not exist"):
        week_bounds(week)


@given(moments)
def test_times_go_round(moment: datetime) -> None:
    assert from_iso(to_iso(moment)) == moment


def test_a_mention_goes_round_and_names_what_is_wrong() -> None:
    whole = mention(title="환불", rating=1.0, published_at=NOW, answered=False, brands=("moadam", "b"))
    assert Mention.from_json(whole.to_json()) == whole
    with pytest.raises(errors.ContractError, match="text or a rating"):
        mention(text="  ")
    with pytest.raises(errors.ContractError, match="published_at has no time zone"):
        mention(published_at=datetime(2026, 1, 1))
    with pytest.raises(errors.ContractError, match="not a mention"):
        Mention.from_json({"source": "x"})


def test_the_title_is_read_once() -> None:
    assert mention(title="환불 거부", text="환불 거부 당했어요").full_text == "환불 거부 당했어요"
    assert mention(title="질문", text="언제 오나요").full_text == "질문\n언제 오나요"


@pytest.mark.parametrize("error", [
    errors.RateLimited("later", until=NOW, source="x"),
    errors.QuotaExhausted("used up", resets_at=NOW),
    errors.ContractError("bad", payload="{}", source="board"),
    errors.CredentialsRejected("wrong key", source="x"),
])
def test_errors_survive_a_pickle(error: errors.GwidamError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
