"""The contract of every listener: bad records are set apart, no name touches the disk, keys are checked first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from contracts.errors import CredentialsRejected
from listeners.collect import make_ask
from tests.listeners.faking.bench import Bench
from tests.listeners.faking.house import BRAND
from tests.listeners.faking.situations import FAKES, SITUATIONS, in_situation, sources, table
from tests.listeners.faking.world import NOW

SPOILS = {"unknown field": "unknown", "missing field": "missing", "wrong type": "type", "field too long": "long"}


def test_every_source_is_held_to_the_contract() -> None:
    """A new source brings a fake; what a transport cannot be in stands in docs/sources/README.md with the reason."""
    assert set(FAKES) == sources(), "give a new source a fake under tests/listeners/faking/ and name it in FAKES"
    for fake in FAKES.values():
        assert set(fake.lacks) | set(fake.ends) <= set(SITUATIONS), f"{fake.name} names a situation there is not"
        assert not set(fake.lacks) & set(fake.ends) and all(len(reason) > 20 for reason in fake.lacks.values())
    page = Path(__file__).parents[2].joinpath("docs/sources/README.md").read_text("utf-8")
    assert table() in page, f"docs/sources/README.md should hold this table:\n{table()}"


@in_situation(*SPOILS)
def test_a_spoiled_record_is_quarantined_once_and_the_others_kept(bench: Bench, situation: str) -> None:
    spoiled = bench.fake.posts[1]
    spoiled.spoil = SPOILS[situation]
    is_lost = spoiled.spoil in bench.fake.lost_when
    bench.run()
    assert bench.ids() == bench.expected() - ({bench.fake.native_id(spoiled)} if is_lost else set())
    bench.run(timedelta(minutes=15))
    quarantined = bench.house.rows("quarantine")
    assert len(quarantined) == is_lost, "the same bad record is quarantined once"
    assert all(row["reason"] and len(row["payload"]) <= 4_000 for row in quarantined)


@in_situation("personal data")
def test_personal_data_and_keys_never_touch_the_disk(bench: Bench) -> None:
    bench.fake.posts[0].text = "모아담 기사님 연락처가 010-1234-5678 맞나요"
    bench.fake.posts[1].text, bench.fake.posts[1].spoil = "모아담 010-8765-4321", "unknown"
    bench.run()
    written = bench.house.everything()
    assert "[전화번호]" in written
    secrets = ["1234-5678", "8765-4321", "5555-6666", "김*수", "하루", "손님", "haru@", *bench.fake.keys.values()]
    assert not [word for word in secrets if word in written]


@in_situation("a check")
def test_a_check_asks_once_and_stores_nothing(bench: Bench) -> None:
    ask = make_ask(bench.listener, brand=BRAND, settings=bench.settings(), home=bench.house.home, now=NOW)
    line = bench.listener.check(ask)
    assert line.startswith(f"{bench.fake.name}: ") and "\n" not in line
    assert bench.asked == bench.fake.asked_by_check
    assert not bench.house.home.landing.joinpath("mentions").exists()


@in_situation("401")
def test_a_check_says_when_the_key_is_rejected(bench: Bench) -> None:
    ask = make_ask(bench.listener, brand=BRAND, settings=bench.settings(), home=bench.house.home, now=NOW)
    bench.strike("401", first=True)
    with pytest.raises(CredentialsRejected):
        bench.listener.check(ask)


@in_situation("a missing key")
def test_a_missing_key_is_named(bench: Bench) -> None:
    if not bench.fake.keys:
        assert not any(credential.required for credential in bench.listener.credentials)
        return
    with pytest.raises(CredentialsRejected, match=f"the key '{next(iter(bench.fake.keys))}' is not set"):
        bench.run(keys=False)
    assert bench.asked == 0
