"""Landing to raw: once each, whole or not at all, nothing lost, words erased when their post is."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from contracts.errors import ConfigurationError
from storage.home import Home
from warehouse.load import LoadReport, load
from warehouse.migrate import migrate

from .conftest import BROKEN, LATE, NOW, land, mention, raw, tag

KILL_IN_BATCH = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from storage.home import Home
from warehouse import load

load.BATCH_BYTES = 1  # a batch a file
real, seen = load._keep_batch, []

def keep(*args, **options):
    counts = real(*args, **options)
    seen.append(1)
    if len(seen) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)  # after the rows went in, before the commit
    return counts

load._keep_batch = keep
load.load(Home(Path(sys.argv[1])), now=datetime.fromisoformat(sys.argv[3]))
"""


def test_loading_again_finds_nothing_new(landed: Home) -> None:
    first = load(landed, now=NOW)
    before = raw(landed)
    assert (first.files, first.mentions_new, first.tags, first.coverage, first.resolutions) == (8, 10, 9, 2, 1)
    assert (first.deliveries, first.gold, first.quarantined) == (2, 1, 0)
    assert load(landed, now=NOW + timedelta(hours=1)) == LoadReport()
    for path in landed.landing.rglob("*.jsonl.gz"):
        path.touch()
    again = load(landed, now=NOW + timedelta(hours=2))
    assert (again.files, again.mentions_new, again.mentions_updated, again.tags) == (8, 0, 10, 0)
    assert raw(landed) == before
    with duckdb.connect(str(landed.warehouse_file), read_only=True) as connection:
        ledger = connection.execute("SELECT path FROM raw.loaded_files").fetchall()
    assert len(ledger) == len(set(ledger)) == 8, "a file rewritten has one entry still"


@pytest.mark.parametrize("batch", [2, 5])
def test_a_load_killed_half_way_and_repeated_equals_a_clean_one(landed: Home, sample: Home, batch: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILL_IN_BATCH, landed.root, str(batch), NOW.isoformat()])
    assert done.returncode == -signal.SIGKILL
    load(landed, now=NOW)
    assert raw(landed) == raw(sample)


def test_one_file_at_a_time_equals_all_at_once(home: Home, tmp_path: Path) -> None:
    later = NOW - timedelta(days=2)
    looks = [
        [mention("late", LATE, likes=4, answered=False), mention("broken", BROKEN)],
        [mention("late", LATE + " (수정)", fetched_at=later), mention("broken", BROKEN, fetched_at=later, replies=2)],
        [mention("late", LATE, likes=9, fetched_at=later + timedelta(hours=1), brands=("moadam", "rival"))],
    ]
    at_once = Home(tmp_path / "at_once").ensure()
    for number, rows in enumerate(looks):
        land(home, f"mentions/board/run-{number}", rows)
        load(home, now=NOW)
        land(at_once, f"mentions/board/run-{number}", rows)
    load(at_once, now=NOW)
    assert raw(home) == raw(at_once)
    versions = [row for row in raw(home)["mentions"] if row[3] == "late"]
    assert len(versions) == 2, "an edit is a version of its own"


def test_lines_that_are_no_rows_are_put_aside_with_file_and_line(home: Home) -> None:
    good = land(home, "mentions/board/good", [mention("late", LATE)])
    line = gzip.decompress(good.read_bytes()).decode()
    bad = home.landed("mentions") / "board" / "bad.jsonl.gz"
    lines = [
        line.replace('"late"', '"other"').replace('"mention_id":"', '"mention_id":"f'), "{broken\n", "[1]\n", "\n",
        '{"source":"board"}\n', line.replace('"likes":null', '"likes":"많음"'), line.replace("2026-11-18T", "언젠가"),
    ]
    bad.write_bytes(gzip.compress("".join(lines).encode()))
    report = load(home, now=NOW)
    assert (report.mentions_new, report.quarantined) == (2, 5)
    put_aside = {row[2]: row[3] for row in raw(home)["quarantine"]}
    assert {row[1] for row in raw(home)["quarantine"]} == {"landing/mentions/board/bad.jsonl.gz"}
    assert put_aside["line 2"].startswith("not JSON") and "object" in put_aside["line 3"]
    assert put_aside["line 5"].startswith("no value for mention_id")
    assert put_aside["line 6"] == "wrong type: likes is no BIGINT" and "fetched_at" in put_aside["line 7"]
    assert load(home, now=NOW).quarantined == 0


def test_a_cut_off_file_gives_what_is_readable_and_says_so(home: Home) -> None:
    path = land(home, "mentions/board/cut", [mention(f"post{n}", f"{n}번째 글: {LATE} {n * 7919}") for n in range(400)])
    path.write_bytes(path.read_bytes()[:-2000])
    report = load(home, now=NOW)
    assert 0 < report.mentions_new < 400 and report.quarantined == 1
    assert "cannot be read on" in raw(home)["quarantine"][0][3]
    land(home, "mentions/board/gone", [mention("post0", "", deleted_at=NOW, fetched_at=NOW)])
    load(home, now=NOW)
    assert load(home, now=NOW) == LoadReport()
    assert '"text":"0번째'.encode() not in gzip.decompress(path.read_bytes()), "erased from what is left of it"


def test_nothing_left_half_written_is_read(home: Home) -> None:
    aside = home.landed("mentions") / "board" / ".run.jsonl.gz.123.part"
    aside.parent.mkdir(parents=True)
    aside.write_bytes(b"half")
    assert load(home, now=NOW) == LoadReport()


@pytest.mark.parametrize("deletion_first", [False, True])
def test_a_deletion_erases_every_wording_and_what_tags_quote(home: Home, deletion_first: bool) -> None:
    posts = [mention("late", LATE), mention("late", LATE + " (수정)", fetched_at=NOW - timedelta(days=3))]
    gone = [replace(posts[0], text="", deleted_at=NOW, fetched_at=NOW)]
    quotes = [
        tag(LATE, "late", task="topic", evidence="2주째 배송"), tag(BROKEN, "broken", task="topic", evidence="깨져서"),
        tag(LATE, "product", task="evidence", value="배송 온 것", evidence="배송 온 것"),
    ]
    for number, rows in enumerate([gone, posts] if deletion_first else [posts, gone]):
        land(home, f"mentions/board/{number}", rows)
        land(home, f"tags/{number}", quotes)
        load(home, now=NOW)
    tables = raw(home)
    assert len(tables["mentions"]) == 2 and len(tables["deletions"]) == 1
    assert not any("배송" in str(value) for row in [*tables["mentions"], *tables["tags"]] for value in row)
    assert any("깨져서" in row for row in tables["tags"]), "another post's evidence stays"
    on_disk = "".join(gzip.decompress(path.read_bytes()).decode() for path in home.landing.rglob("*.jsonl.gz"))
    assert "배송" not in on_disk and "깨져서" in on_disk
    assert load(home, now=NOW) == LoadReport(), "the rewritten files are known"
    home.warehouse_file.unlink()
    load(home, now=NOW)
    assert raw(home)["mentions"] == tables["mentions"], "landing still rebuilds the warehouse"


def test_a_post_seen_again_after_its_deletion_lives(home: Home) -> None:
    land(home, "mentions/board/1", [mention("late", LATE)])
    land(home, "mentions/board/2", [mention("late", "", deleted_at=NOW, fetched_at=NOW - timedelta(days=1))])
    load(home, now=NOW)
    land(home, "mentions/board/3", [mention("late", LATE, fetched_at=NOW)])
    load(home, now=NOW)
    assert [row[6] for row in raw(home)["mentions"]] == [LATE]


def test_migrations_are_applied_once_and_a_newer_warehouse_is_left_alone(tmp_path: Path) -> None:
    connection = duckdb.connect()
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE raw.one (a INTEGER);")
    assert migrate(connection, folder=tmp_path) == ["0001_first"]
    (tmp_path / "0002_second.sql").write_text("ALTER TABLE raw.one ADD COLUMN b INTEGER;")
    assert migrate(connection, folder=tmp_path) == ["0002_second"]
    assert migrate(connection, folder=tmp_path) == []
    (tmp_path / "0002_second.sql").unlink()
    with pytest.raises(ConfigurationError, match="newer gwidam"):
        migrate(connection, folder=tmp_path)
