"""Links between complaints of one customer: the same whatever comes first, and however often it is built."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from storage.home import Home
from warehouse import checks
from warehouse.build import build
from warehouse.load import load
from warehouse.query import rows

from .conftest import BROKEN, NOW, land, mention, reference, tag

AGAIN = "냄비 뚜껑 깨진 거, 게시판에도 올렸는데 교환을 안 해 줘서 여기에도 씁니다"


def halves() -> list[dict[str, list[Any]]]:
    """The first complaint with its readings, and the later one elsewhere with its own."""

    def offered(text: str, events: str) -> list[Any]:
        return [
            tag(text, "complaint"), tag(text, "late", task="topic"),
            tag(text, "product", task="evidence", value="냄비"), tag(text, "events", task="evidence", value=events),
        ]

    later = mention("again", AGAIN, source="x", published_at=NOW - timedelta(days=4), fetched_at=NOW)
    told = tag(AGAIN, "tried", task="evidence", value="board,cafe24", evidence="게시판에도 올렸")
    return [
        {"mentions/board/1": [mention("broken", BROKEN)], "tags/1": offered(BROKEN, "broken,received,exchange_asked")},
        {"mentions/x/2": [later], "tags/2": [*offered(AGAIN, "broken,refused"), told]},
    ]


def links(home: Home, parts: list[dict[str, list[Any]]]) -> list[dict[str, Any]]:
    """What stands in the warehouse after each part has been landed, loaded and built in turn."""
    for part in parts:
        for name, landed in part.items():
            land(home, name, landed)
        load(home, now=NOW)
        build(home, reference(), now=NOW)
    return rows(home.warehouse_file, "FROM marts.fct_complaint_links ORDER BY ALL")


def test_whatever_comes_first_the_links_are_the_same(tmp_path: Path) -> None:
    first, second = halves()
    at_once = links(Home(tmp_path / "once").ensure(), [first | second])
    assert [(link["confidence"], link["is_likely"], link["days_apart"]) for link in at_once] == [(0.6, True, 2.0)]
    assert links(Home(tmp_path / "forwards").ensure(), [first, second]) == at_once
    backwards = Home(tmp_path / "backwards").ensure()
    assert links(backwards, [second, first]) == at_once
    assert links(backwards, [{}]) == at_once, "built again from the same rows"
    assert not [result for result in checks.run(backwards) if "link" in result.name and result.rows]
