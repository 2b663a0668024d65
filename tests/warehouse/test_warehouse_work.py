"""What a build works through grows with its rows: no model lets each complaint of a brand meet each other one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from math import prod
from typing import Any

from storage.home import Home
from warehouse.build import build_models
from warehouse.connection import transaction, writing
from warehouse.load import load
from warehouse.models import read_models
from warehouse.reference import write

from .conftest import NOW, land, mention, reference, tag

COMPLAINTS = 500
MOST = 20 * COMPLAINTS  # each with each would be 500 times as many


def operators(node: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Each operator of a plan that has run, and the rows it made or, where it tries every pair, the pairs."""
    name = node.get("operator_name", "")
    rows = [child.get("operator_cardinality", 0) for child in node["children"]]
    tries = prod(rows) if "NL_JOIN" in name or name in ("NESTED_LOOP_JOIN", "CROSS_PRODUCT") else 0
    yield name, max(tries, node.get("operator_cardinality", 0))
    for child in node["children"]:
        yield from operators(child)


def test_no_model_lets_each_meet_each(home: Home) -> None:
    texts = [f"냄비 {number}번째 것도 뚜껑이 깨져서 왔어요" for number in range(COMPLAINTS)]
    replies = [f"{number}번 고객님, 깨진 뚜껑은 내일 새로 보내 드리겠습니다." for number in range(COMPLAINTS)]
    hours = [timedelta(hours=place) for place in range(COMPLAINTS)]
    land(home, "mentions/board/1", [
        mention(str(place), text, source=("board", "x")[place % 2], published_at=NOW - hours[place])
        for place, text in enumerate(texts)
    ])
    land(home, "mentions/board/2", [
        mention(f"reply {place}", text, source=("board", "x")[place % 2], published_at=NOW - hours[place] / 2,
                is_official=True, thread_native_id=str(place), parent_native_id=str(place))
        for place, text in enumerate(replies)
    ])
    land(home, "tags/1", [
        one for place, text in enumerate(texts)
        for one in (tag(text, "complaint"), tag(text, "product", task="evidence", value=f"냄비 {place // 5}"))
    ])
    land(home, "tags/2", [
        tag(text, "minhash", task="signature", value=json.dumps({"bands": [text], "hashes": f"{place:04x}" * 5}))
        for place, text in enumerate([*texts, *replies])
    ])
    load(home, now=NOW)
    found = {}
    with writing(home) as connection, transaction(connection):
        write(connection, reference(), now=NOW)
        for model in read_models():
            if model.layer != "published":
                build_models(connection, [model])
                plan = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {model.sql}").fetchall()[0][1]
                found[model.name] = max(operators(json.loads(plan)), key=lambda operator: operator[1])
        pairs = connection.execute("SELECT count(*) FROM intermediate.int_link_candidates").fetchall()[0][0]
    assert pairs >= COMPLAINTS, "there were complaints to compare"
    assert {model: most for model, most in found.items() if most[1] > MOST} == {}
