"""Links on the sandbox's world: the customers who tell it twice are found, and nobody is taken for another."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.keys import author_key, text_hash
from contracts.mention import Kind, Mention
from nlp.tasks import BrandWords, rule_tasks
from sandbox.items import Item
from sandbox.world import World
from storage.home import Home
from warehouse.build import build
from warehouse.load import load
from warehouse.query import rows
from warehouse.reference import BrandRef, Reference

from .conftest import land, publish, tag

ANCHOR = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TOPICS = Path(__file__).parents[2] / "config" / "topics.toml"
# Search results name no author; everywhere else the same key is the same person.
NAMELESS = ("naver_cafe", "naver_blog", "naver_kin", "daum_cafe", "daum_blog")
TOLD_TWICE = [("나사하나", "nasa_hana"), ("환갑딸", "둘째딸")]


def heard(item: Item) -> Mention:
    """An item as a listener would land it."""
    return Mention(
        source=item.source, native_id=item.key, kind=Kind.POST if item.is_root else Kind.COMMENT, brands=("moadam",),
        fetched_at=ANCHOR, published_at=item.at, title=item.title, text=item.text, place=item.place,
        thread_native_id=item.root, parent_native_id=item.parent or None, answers_checked_at=ANCHOR,
        author_key=None if item.source in NAMELESS else author_key(b"secret", item.source, item.author),
        rating=item.rating,
    )


def test_who_tells_it_twice_is_found_and_nobody_is_taken_for_another(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").ensure()
    items = [item for item in World.load(ANCHOR).items() if item.text and item.at < ANCHOR and not item.official]
    people = {heard(item).mention_id: item.author for item in items}
    land(home, "mentions/world/1", [heard(item) for item in items if item.label.kind != "reshare"])
    texts = {text_hash(heard(item).full_text): (heard(item).full_text, item.label.kind) for item in items}
    read: list[Any] = [
        tag(text, "complaint" if kind == "complaint" else "neutral") for text, kind in texts.values()
    ]
    for task in rule_tasks(TOPICS, [BrandWords("moadam", ("모아담", "moadam"))]):
        if task.name in ("topic", "evidence", "signature"):
            read += task.tag([(key, text) for key, (text, _) in texts.items()])
    land(home, "tags/world", read)
    load(home, now=ANCHOR)
    build(home, Reference(brands=[BrandRef(brand="moadam", name="모아담")]), now=ANCHOR)
    links = rows(publish(home, now=ANCHOR).path, "FROM complaint_links")
    likely = [(people[link["earlier_id"]], people[link["later_id"]]) for link in links if link["is_likely"]]
    others = {pair for pair in likely if pair[0] != pair[1]}
    assert others == set(TOLD_TWICE), "the earlier one first"
    assert len(likely) - len(others) >= 3, "the same person in two threads"
    assert len(links) > len(likely), "two customers with the same trouble stay possible"
