"""The state each complaint should be found in at a moment: the answer key of the end-to-end tests.

It follows design.md section 5, from the world's own threads and hidden labels, not from what is served.
"""

from __future__ import annotations

from datetime import datetime

from sandbox.items import Item, look
from sandbox.world import World

NOT_OBSERVABLE = frozenset({
    "naver_cafe", "naver_blog", "naver_kin", "naver_news", "daum_cafe", "daum_blog", "survey_csv", "surveymonkey",
    "instagram",
})


def complaint_states(world: World) -> dict[str, str]:
    """Key of every item that is, or once was, a customer's complaint -> its state at the world's now."""
    now = world.now()
    threads: dict[str, list[Item]] = {}
    for item in world.items():
        threads.setdefault(item.root, []).append(item)
    return {
        item.key: _state(item, threads[item.root], now)
        for item in world.items()
        if item.label.kind == "complaint" and not item.official and item.at <= now
    }


def _state(item: Item, thread: list[Item], now: datetime) -> str:
    seen = look(item, now)
    if seen is None or seen.label.kind != "complaint":
        return "withdrawn"
    if item.source in NOT_OBSERVABLE:
        return "not_observable"
    later = [other for other in (look(one, now) for one in thread) if other is not None and other.item.at > item.at]
    answers = [other for other in later if other.item.official]
    if not answers:
        return "unaddressed"
    own = [other for other in later if other.item.author == item.author and other.item.at > answers[0].item.at]
    if own and own[-1].label.kind == "closing":
        return "resolved"
    rewritten = [edit.at for edit in item.edits if edit.label and edit.label.kind == "complaint" and edit.at <= now]
    came_back = [other.item.at for other in own if other.label.kind == "complaint"] + rewritten
    return "reopened" if came_back and max(came_back) > answers[-1].item.at else "answered"


def collected_as(world: World, item: Item) -> tuple[str, str] | None:
    """The (source, native id) under which the house keeps an item; None where a page shows no id (shop pages)."""
    if item.source in ("x", "google_play"):
        return item.source, item.native_id
    if item.source == "naver_cafe":
        return item.source, f"{item.place}/{item.native_id}"
    if item.source == "daum_cafe":
        return item.source, f"{item.place}/{item.extra.get('board', '1Abc')}/{item.native_id}"
    if item.source == "board":
        root = world.by_key[item.root]
        comment = "" if item.is_root else f"#c{item.native_id}"
        return item.source, f"{item.place}/{root.native_id}{comment}"
    return None
