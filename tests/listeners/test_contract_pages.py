"""The contract of every listener: pages come whole and once, whatever the source repeats, edits or deletes."""

from __future__ import annotations

from datetime import UTC, timedelta

from contracts.coverage import Outcome
from contracts.errors import SourceChanged
from tests.listeners.faking.bench import Bench
from tests.listeners.faking.situations import in_situation
from tests.listeners.faking.world import EARLY, LATE, NOW


@in_situation("normal pages")
def test_normal_pages_come_whole_and_once(bench: Bench) -> None:
    coverage = bench.run()
    assert (coverage.outcome, coverage.reason) == (Outcome.COMPLETE, "")
    assert coverage.seen == coverage.new == len(bench.fake.posts)
    assert bench.ids() == bench.expected()
    again = bench.run(timedelta(hours=1))
    assert again.new == 0 and bench.ids() == bench.expected()


@in_situation("time zone edge")
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


@in_situation("nothing there")
def test_nothing_there(bench: Bench) -> None:
    bench.fake.posts.clear()
    coverage = bench.run()
    assert (coverage.outcome, coverage.seen, bench.ids()) == (Outcome.COMPLETE, 0, set())


@in_situation("one page repeated")
def test_one_page_for_ever(bench: Bench) -> None:
    """Terminates, says so or ends as complete, and has every post that was ever shown, once."""
    bench.fake.repeats = True
    try:
        bench.run()
    except SourceChanged:
        assert bench.house.rows("coverage")[0]["outcome"] == "partial"
    shown = bench.fake.shown_again_and_again()
    assert bench.ids() == {bench.fake.native_id(post) for post in shown}
    assert len(bench.house.rows("mentions")) < 3 * len(shown)
    assert bench.asked < 20 + bench.fake.page_size
    bench.fake.repeats = False
    bench.run(timedelta(hours=1))
    assert bench.ids() == bench.expected()


@in_situation("an item on two pages")
def test_an_item_on_two_pages(bench: Bench) -> None:
    bench.fake.shifts = 2
    coverage = bench.run()
    assert coverage.seen == len(bench.fake.posts)
    assert bench.ids() == bench.expected()


@in_situation("edited")
def test_an_item_edited_between_runs(bench: Bench) -> None:
    bench.run()
    edited = bench.fake.posts[0]
    edited.text, edited.edited_at = "모아담 배송이 드디어 왔어요", NOW
    coverage = bench.run(timedelta(hours=25))
    mentions = bench.house.mentions(bench.fake.name)
    assert coverage.new == 0
    assert mentions[bench.fake.native_id(edited)].text == "모아담 배송이 드디어 왔어요"


@in_situation("deleted")
def test_an_item_deleted_between_runs(bench: Bench) -> None:
    """Followed where the source lets it be seen (docs/sources/ says where not); never guessed of another post."""
    bench.run()
    deleted = bench.fake.posts[1]
    deleted.gone = True
    coverage = bench.run(timedelta(hours=25))
    mentions = bench.house.mentions(bench.fake.name)
    gone = mentions[bench.fake.native_id(deleted)]
    assert coverage.new == 0
    assert (gone.deleted_at is not None, gone.text == "") == (bench.fake.sees_deletions,) * 2
    others = [post for post in bench.fake.posts if post is not deleted]
    assert all(mentions[bench.fake.native_id(post)].deleted_at is None for post in others)
