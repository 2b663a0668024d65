"""Texts are asked for once: by task and version, whoever's words the task reads, and never when erased."""

from __future__ import annotations

from datetime import timedelta

from storage.files import read_jsonl_gz
from storage.home import Home
from warehouse.load import load
from warehouse.pending import TaskVersion, export

from .conftest import BROKEN, LATE, NOW, SORRY, land, mention, tag

MOOD = TaskVersion(name="sentiment", version="1", applies_to="customer")
REPLY = TaskVersion(name="reply", version="1", applies_to="official")
TONGUE = TaskVersion(name="language", version="1", applies_to="all")


def asked(home: Home, *tasks: TaskVersion, chunk: int = 50_000) -> dict[str, tuple[list[str], bool]]:
    files = export(home, tasks, chunk=chunk)
    return {row["text"]: (row["tasks"], row["is_official"]) for file in files for row in read_jsonl_gz(file)}


def test_each_task_is_asked_of_the_words_it_reads(landed: Home) -> None:
    (landed.landing / "tags" / "one.jsonl.gz").unlink()
    load(landed, now=NOW)
    found = asked(landed, MOOD, REPLY, TONGUE)
    assert found[LATE] == (["language", "sentiment"], False)
    assert found[SORRY] == (["language", "reply"], True)
    assert len(found) == 9, "a reshare's text is the original's: asked once"


def test_what_was_read_is_asked_again_only_for_a_new_version(built: Home) -> None:
    assert LATE not in asked(built, MOOD)
    newer = TaskVersion(name="sentiment", version="2", applies_to="customer")
    assert asked(built, newer)[LATE] == (["sentiment"], False)


def test_what_waits_already_is_not_written_again(home: Home) -> None:
    land(home, "mentions/board/1", [mention("late", LATE)])
    load(home, now=NOW)
    first = export(home, [MOOD])
    land(home, "mentions/board/2", [mention("broken", BROKEN)])
    load(home, now=NOW)
    second = export(home, [MOOD])
    assert set(first) < set(second)
    assert sum(1 for file in second for _ in read_jsonl_gz(file)) == 2
    for file in first:
        file.unlink()
    assert set(export(home, [MOOD])) == set(second), "the same gap gives the same file name"


def test_chunks_hold_every_text_once(home: Home) -> None:
    land(home, "mentions/board/1", [mention(f"post{n}", f"{n}번 주문 {LATE}") for n in range(25)])
    load(home, now=NOW)
    files = export(home, [MOOD], chunk=10)
    assert len(files) == 3
    assert len({row["text_hash"] for file in files for row in read_jsonl_gz(file)}) == 25


def test_erased_and_empty_texts_are_never_handed_out(home: Home) -> None:
    land(home, "mentions/board/1", [mention("late", LATE), mention("star", "", rating=1.0), mention("broken", BROKEN)])
    land(home, "mentions/board/2", [mention("late", "", deleted_at=NOW, fetched_at=NOW - timedelta(days=1))])
    land(home, "tags/1", [tag(BROKEN, "complaint")])
    load(home, now=NOW)
    assert export(home, [MOOD]) == []
