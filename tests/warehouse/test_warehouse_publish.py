"""Raw to the published copy: repeatable, checked, commented, and never in a reader's way."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.errors import ConfigurationError, SourceUnavailable, TerminalError
from storage.home import Home
from warehouse import checks
from warehouse.build import build
from warehouse.connection import writing
from warehouse.load import load
from warehouse.models import Model, in_order, read_model, read_models
from warehouse.publish import publish
from warehouse.query import rows

from .conftest import LATE, NOW, land, mention, reference

# Design, section 9: other people's queries hang on these. Add freely; a name that leaves is a breaking change.
STABLE = {
    "mentions": (
        "mention_id brand source native_id kind thread_id parent_id title text url rating published_at first_seen_at "
        "is_official author_key language sentiment sentiment_score is_uncertain is_advertising duplicate_of likes "
        "replies shares views"
    ),
    "complaints": (
        "mention_id brand source text url rating published_at week state evidence last_checked_at answered_at "
        "first_response_minutes first_response_business_minutes topics team severity reach cluster_id"
    ),
    "responses": "response_id brand", "resolutions": "resolution_id", "response_times": "brand week source",
    "weekly_topics": "brand week topic", "share_of_voice": "week brand", "coverage": "source brand outcome",
    "runs": "run_id source", "digests": "key week", "alerts": "key rule", "unaddressed": "mention_id week priority",
}


def everything(published: Path) -> dict[str, list[tuple[Any, ...]]]:
    connection = duckdb.connect(str(published), read_only=True)
    try:
        names = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        return {name: connection.execute(f"FROM {name}").fetchall() for (name,) in names}
    finally:
        connection.close()


def test_the_stable_names_are_there_with_words_in_both_languages(published: Path) -> None:
    found = rows(published, "SELECT table_name t, column_name c, comment FROM duckdb_columns() WHERE NOT internal")
    columns = {(row["t"], row["c"]) for row in found}
    missing = {(table, column) for table, names in STABLE.items() for column in names.split()} - columns
    assert not missing, f"stable names are never renamed (design, section 9): {missing}"
    mute = [f"{row['t']}.{row['c']}" for row in found if " | " not in (row["comment"] or "")]
    assert not mute, f"add '-- column name: English | Korean' to the model's header: {mute}"


def test_one_select_lists_last_weeks_unaddressed_worst_first(published: Path) -> None:
    found = rows(published, "SELECT native_id, priority FROM unaddressed_last_week JOIN mentions USING (mention_id)")
    assert [row["native_id"] for row in found] == ["late", "star1"]
    # 20 x severity 3 + 10 x log10(1 + 4 likes + 350/100 views + the reshare's 2 likes) + 6 days
    assert found[0]["priority"] == 76.0
    by_week = rows(published, "SELECT * FROM unaddressed WHERE week = '2026-W47' ORDER BY priority DESC")
    assert len(by_week) == len(found)


def test_every_complaint_has_its_state(published: Path) -> None:
    found = rows(
        published,
        "SELECT native_id, state, first_response_minutes AS wall, first_response_business_minutes AS open "
        "FROM complaints JOIN mentions USING (mention_id, brand) ORDER BY native_id",
    )
    assert [(row["native_id"], row["state"], row["wall"], row["open"]) for row in found] == [
        ("broken", "answered", 180, 180), ("cafe", "not_observable", None, None), ("late", "unaddressed", None, None),
        ("old", "resolved", 1440, 540), ("star1", "unaddressed", None, None),
    ]


def test_building_twice_publishes_the_same(built: Home) -> None:
    first = everything(built.published_file)
    build(built, reference(), now=NOW)
    assert everything(publish(built, now=NOW).path) == first


KILL_IN_BUILD = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from storage.home import Home
from warehouse import build

real = build.build_model

def build_model(connection, model):
    if model.name == "fct_complaints":
        os.kill(os.getpid(), signal.SIGKILL)
    real(connection, model)

build.build_model = build_model
from conftest import NOW, reference
build.build(Home(Path(sys.argv[1])), reference(), now=NOW)
"""


def test_a_build_killed_half_way_leaves_the_marts_whole(built: Home) -> None:
    first = everything(built.published_file)
    land(built, "mentions/board/later", [mention("more", LATE)])
    load(built, now=NOW)
    done = subprocess.run([sys.executable, "-c", KILL_IN_BUILD, built.root, Path(__file__).parent])
    assert done.returncode == -signal.SIGKILL
    with pytest.raises(TerminalError, match="nothing_is_lost_on_the_way: 1"):
        publish(built, now=NOW)
    assert everything(built.published_file) == first
    build(built, reference(), now=NOW)
    (built.published / ".gwidam.1.duckdb").write_bytes(b"left by a killed run")
    assert len(everything(publish(built, now=NOW).path)["mentions"]) == len(first["mentions"]) + 1
    assert [path.name for path in built.published.glob("*.duckdb*")] == ["gwidam.duckdb"]


def test_a_reader_is_never_in_the_way_nor_in_danger(built: Home) -> None:
    path = built.published_file
    reader = duckdb.connect(str(path), read_only=True)
    before = reader.execute("SELECT count(*) FROM mentions").fetchall()
    place = path.stat().st_ino
    land(built, "mentions/board/later", [mention("more", LATE)])
    with writing(built):  # as during a load
        assert rows(path, "SELECT count(*) AS n FROM unaddressed")[0]["n"] == 2
    load(built, now=NOW)
    build(built, reference(), now=NOW)
    publish(built, now=NOW)
    assert reader.execute("SELECT count(*) FROM mentions").fetchall() == before, "an open copy keeps its rows"
    assert path.stat().st_ino != place, "put in place by a rename, never written over"
    reader.close()
    code = "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).sql('FROM mentions').shape[0])"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert int(done.stdout) == before[0][0] + 1


def test_a_second_writer_waits_and_then_says_why(landed: Home) -> None:
    with writing(landed), pytest.raises(SourceUnavailable, match=r"warehouse.lock has been held"):
        load(landed, now=NOW, wait_seconds=0.0)


def test_nothing_is_published_before_it_is_built(home: Home) -> None:
    load(home, now=NOW)
    with pytest.raises(TerminalError, match="gwidam build"):
        publish(home, now=NOW)
    assert not home.published_file.exists()


def test_a_check_that_fails_keeps_the_copy_people_have(built: Home) -> None:
    path = built.published_file
    before = path.read_bytes()
    with writing(built) as connection:
        connection.execute("UPDATE marts.fct_complaints SET evidence = '' WHERE state = 'unaddressed'")
        connection.execute("INSERT INTO marts.fct_mentions FROM marts.fct_mentions LIMIT 1")
    with pytest.raises(TerminalError, match=r"fct_mentions_key: 1 .*complaints_have_evidence: 2"):
        publish(built, now=NOW)
    assert path.read_bytes() == before
    assert [p.name for p in built.published.glob("*.duckdb*")] == [path.name]


def test_warnings_are_told_and_do_not_stop(built: Home) -> None:
    land(built, "mentions/board/future", [mention("future", "미래에서 왔어요", published_at=NOW + timedelta(days=9))])
    load(built, now=NOW)
    build(built, reference(), now=NOW)
    summary = checks.require(built)
    assert summary["warnings"]["nothing_from_the_future"].startswith("1 ")
    assert "mentions_are_tagged" in summary["warnings"]


def test_an_unread_home_publishes_empty_tables(home: Home) -> None:
    load(home, now=NOW)
    build(home, reference(), now=NOW)
    path = publish(home, now=NOW).path
    assert rows(path, "SELECT count(*) AS n FROM unaddressed")[0]["n"] == 0


def test_query_hands_out_utc_and_cannot_write_or_reach_out(published: Path) -> None:
    at = rows(published, "SELECT published_at FROM mentions WHERE published_at > ? LIMIT 1", (NOW - timedelta(days=9),))
    assert at[0]["published_at"].utcoffset() == timedelta(0)
    for harm in ("DELETE FROM mentions", "SELECT * FROM read_text('/etc/hostname')", "COPY mentions TO 'x.csv'"):
        with pytest.raises(duckdb.Error):
            rows(published, harm)


def test_models_name_their_parents_and_never_turn_in_circles(tmp_path: Path) -> None:
    assert all(name.startswith(("stg_", "int_", "fct_", "dim_")) for name in (
        model.name for model in read_models() if model.layer != "published"))
    rest = {"layer": "marts", "sql": "", "grain": ("x",), "materialized": "table", "description": ""}
    one = Model(name="a", references=frozenset({"marts.b"}), **rest)
    two = Model(name="b", references=frozenset({"marts.a"}), **rest)
    with pytest.raises(ConfigurationError, match="circle"):
        in_order([one, two])
    with pytest.raises(ConfigurationError, match=r"marts\.a refers to marts\.b"):
        in_order([one])
    (tmp_path / "bare.sql").write_text("SELECT 1")
    with pytest.raises(ConfigurationError, match="grain"):
        read_model(tmp_path / "bare.sql")
