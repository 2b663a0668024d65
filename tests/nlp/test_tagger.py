"""Tagging a pending file: once, again, and for texts in other languages."""

import gc
from pathlib import Path

from contracts.keys import text_hash
from nlp.tagger import tag_pending
from nlp.tasks import Finding, RuleTask, each
from storage.files import read_jsonl_gz, write_jsonl_gz

TEXTS = ["배송이 늦어요", "配送が遅いです"]


def task(name: str) -> RuleTask:
    return RuleTask(name=name, version="1", read=each(lambda text: [Finding("long")] if len(text) > 5 else []))


def pending(tmp_path: Path, tasks: list[str] | None) -> Path:
    asked = {"tasks": tasks} if tasks else {}
    rows = [{"text_hash": text_hash(text), "text": text, "is_official": False} | asked for text in TEXTS]
    path = tmp_path / "pending" / "a.jsonl.gz"
    write_jsonl_gz(path, rows)
    return path


def test_every_text_gets_a_row_from_every_task_asked_for(tmp_path: Path) -> None:
    done: list[tuple[int, int]] = []
    path = pending(tmp_path, ["one", "signature"])
    tasks = [task("one"), task("signature"), task("three")]
    report = tag_pending(path, tmp_path / "tags", tasks, progress=lambda n, m: done.append((n, m)))
    rows = list(read_jsonl_gz(tmp_path / "tags" / "a.jsonl.gz"))
    assert [(row["task"], row["label"], row["evidence"]) for row in rows] == [
        ("one", "long", ""), ("one", "none", "language: other"), ("signature", "long", ""), ("signature", "long", ""),
    ]  # fmt: skip
    assert (report.texts, report.tags, report.other_language) == (2, 4, 1)
    assert done == [(2, 2)]
    assert not path.exists()


def test_again_is_the_same_and_a_file_gone_is_no_error(tmp_path: Path) -> None:
    first = tag_pending(pending(tmp_path, None), tmp_path / "tags", [task("one")])
    assert first.path is not None
    content = first.path.read_bytes()
    tag_pending(pending(tmp_path, None), tmp_path / "tags", [task("one")])
    assert first.path.read_bytes() == content
    assert tag_pending(tmp_path / "pending" / "a.jsonl.gz", tmp_path / "tags", [task("one")]).texts == 0


def test_the_collector_looks_as_often_as_before_once_a_file_is_tagged(tmp_path: Path) -> None:
    before, seen = gc.get_threshold(), []
    tag_pending(pending(tmp_path, None), tmp_path / "tags", [task("one")],
                progress=lambda n, m: seen.append(gc.get_threshold()))
    assert gc.get_threshold() == before
    assert seen and all(during[0] > before[0] for during in seen)
