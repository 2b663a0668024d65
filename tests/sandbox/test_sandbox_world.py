"""The world itself: big enough, the same for everyone at one moment, and moving with time only."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.expected import collected_as, complaint_states
from sandbox.items import look
from sandbox.world import World
from sandbox.worldfiles import WorldError, _item, _thread

ANCHOR = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
OFFICIAL = frozenset({"moadam_cs"})


def world_at(now: datetime, anchor: datetime = ANCHOR) -> World:
    return World.load(anchor, now=lambda: now)


def test_customers_wrote_at_least_four_hundred_different_texts_up_to_now() -> None:
    world = world_at(ANCHOR)
    texts = {i.text for i in world.items() if look(i, ANCHOR) and not i.official and i.label.kind != "reshare"}
    assert len(texts) >= 400
    sizes = world.counts()
    wanted = {"x": 100, "naver_cafe": 60, "daum_cafe": 40, "board": 90, "google_play": 55}
    assert {source: sizes[source] >= least for source, least in wanted.items()} == dict.fromkeys(wanted, True)


@pytest.mark.parametrize("anchor", [ANCHOR, datetime(2027, 3, 1, 15, 5, tzinfo=UTC), datetime(2026, 7, 5, tzinfo=UTC)])
def test_the_same_anchor_gives_the_same_world_and_another_anchor_only_moves_it(anchor: datetime) -> None:
    first, second = world_at(anchor, anchor), world_at(anchor, anchor)
    assert first.items() == second.items()
    assert [seen.likes for seen in first.seen("x")] == [seen.likes for seen in second.seen("x")]
    assert set(first.by_key) == set(world_at(ANCHOR).by_key)


def test_an_hour_later_only_an_hours_posts_are_new_and_nothing_else_reads_differently() -> None:
    items = world_at(ANCHOR).items()
    for hours in range(-6, 30):
        before, after = ANCHOR + timedelta(hours=hours), ANCHOR + timedelta(hours=hours + 1)
        for item in items:
            then, now = look(item, before), look(item, after)
            if (then is None) != (now is None):
                moments = [item.at, item.deleted_at or item.at]
            elif then and now and (then.text, then.rating) != (now.text, now.rating):
                moments = [edit.at for edit in item.edits]
            else:
                continue
            assert any(before < moment <= after for moment in moments), item.key


def test_the_numbers_of_a_post_grow_and_then_stand_still() -> None:
    item = world_at(ANCHOR).by_ref["leak1"]
    likes = [seen.likes for hours in range(0, 60, 4) if (seen := look(item, item.at + timedelta(hours=hours)))]
    assert likes == sorted(likes)
    assert likes[0] == 0
    assert likes[-1] == likes[-2] == item.likes


def test_every_state_of_a_complaint_occurs_and_time_changes_some() -> None:
    today = complaint_states(world_at(ANCHOR))
    later = complaint_states(world_at(ANCHOR + timedelta(days=4)))
    assert set(Counter(today.values())) == {
        "unaddressed", "answered", "resolved", "reopened", "not_observable", "withdrawn",
    }
    assert any(today[key] == "unaddressed" and later[key] == "answered" for key in today)
    assert today["board/-3 08:50/김치명인될뻔"] == "reopened"
    assert today["x/-1 16:05/edit_queen"] == "withdrawn"
    assert today["x/-4 09:30/seo_yeon_k"] == "resolved"


def test_the_answer_key_knows_all_that_must_not_count_as_a_complaint() -> None:
    kinds = Counter(item.label.kind for item in world_at(ANCHOR).items())
    assert all(kinds[kind] >= 4 for kind in ("homonym", "ad", "reshare", "closing", "question", "praise", "neutral"))


def test_each_item_of_the_five_main_sources_has_a_key_of_its_own() -> None:
    world = world_at(ANCHOR)
    main = [item for item in world.items() if item.source in ("x", "naver_cafe", "daum_cafe", "board", "google_play")]
    keys = {collected_as(world, item) for item in main}
    assert None not in keys
    assert len(keys) == len(main)
    answer = world.by_key["board/-46 15:40/모아담고객센터"]
    asked = world.by_key[answer.parent]
    assert collected_as(world, answer) == ("board", f"notice_qa/{asked.native_id}#c{answer.native_id}")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"at": "-1 10:00", "by": "a", "text": "t", "label": "angry"}, "label 'angry'"),
        ({"at": "-1", "by": "a", "text": "t"}, "x/-1/a"),
        ({"at": "-1 10:00", "by": "a", "text": "t", "lable": "praise"}, "lable"),
        ({"at": "-1 10:00", "by": "a", "text": "t", "deleted": "-2 10:00"}, "before it is written"),
    ],
)
def test_a_slip_in_a_world_file_is_named(row: dict[str, str], words: str) -> None:
    with pytest.raises(WorldError, match=words):
        _item("x", row, ANCHOR, OFFICIAL, root=None, parent=None)


def test_an_answer_before_its_question_is_refused() -> None:
    row = {"at": "-1 10:00", "by": "a", "text": "t", "reply": [{"at": "-1 09:00", "by": "moadam_cs", "text": "r"}]}
    with pytest.raises(WorldError, match="not written yet"):
        list(_thread("x", row, ANCHOR, OFFICIAL))
