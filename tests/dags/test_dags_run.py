"""Every DAG passes `dag.test()` against the sandbox, and fails in the way its reader needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.catalog import source_names
from storage.files import read_jsonl_gz

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ran(airflow_environment: dict[str, str], run_child: Any) -> dict[str, Any]:
    """What run_dags.py found and ran."""
    answer: dict[str, Any] = run_child("run_dags.py", airflow_environment)
    return answer


@pytest.fixture(scope="module")
def ended(ran: dict[str, Any]) -> dict[str, Any]:
    """How each run of run_dags.py ended: its state, and its tasks' states."""
    answer: dict[str, Any] = ran["ended"]
    return answer


def states(run: dict[str, Any], task: str) -> list[str]:
    """The states of a task's instances (several when it is mapped)."""
    return [ti["state"] for ti in run["tasks"] if ti["task"] == task]


@pytest.mark.timeout(600)
def test_every_dag_passes(ran: dict[str, Any], ended: dict[str, Any]) -> None:
    assert {f"listen_{source}" for source in source_names()} < set(ran["dags"])
    assert {dag_id: ended[dag_id]["state"] for dag_id in ran["dags"]} == dict.fromkeys(ran["dags"], "success")


def test_the_whole_way_was_gone(ended: dict[str, Any], airflow_environment: dict[str, str]) -> None:
    home = Path(airflow_environment["GWIDAM_HOME"])
    assert states(ended["ingest"], "tag") and set(states(ended["ingest"], "tag")) == {"success"}
    with duckdb.connect(str(home / "published" / "gwidam.duckdb"), read_only=True) as published:
        counted = published.sql("SELECT count(*), count(sentiment) FROM mentions").fetchone()
        sources = {row[0] for row in published.sql("SELECT DISTINCT source FROM mentions").fetchall()}
        waiting = published.sql("SELECT count(*) FROM complaints WHERE state = 'unaddressed'").fetchone()
    assert counted and counted[0] > 300 and counted[1] > 0
    assert sources >= {"x", "naver_cafe", "daum_cafe", "board", "google_play"}
    assert waiting and waiting[0] > 0
    assert list((home / "published" / "digests").rglob("*.html"))


def test_without_weights_the_run_is_red_and_the_rest_is_published(ended: dict[str, Any]) -> None:
    run = ended["ingest without weights"]
    assert run["state"] == "failed"
    assert set(states(run, "tag")) == {"failed"} and states(run, "all_tagged") == ["upstream_failed"]
    assert states(run, "publish") == ["success"]
    assert {ti["tries"] for ti in run["tasks"] if ti["task"] == "tag"} == {1}, "a person must act: no second try"


def test_a_spent_quota_stops_quietly(ended: dict[str, Any], airflow_environment: dict[str, str]) -> None:
    assert ended["spent quota"]["state"] == "success"
    coverage = Path(airflow_environment["GWIDAM_HOME"]) / "landing" / "coverage"
    reasons = [row["reason"] for path in coverage.glob("*.jsonl.gz") for row in read_jsonl_gz(path)]
    assert reasons.count("quota") == 1, "the operator must see that the source stopped at its quota"


def test_a_rejected_key_fails_at_once(ended: dict[str, Any]) -> None:
    assert ended["rejected key"]["state"] == "failed"
    assert [(ti["state"], ti["tries"]) for ti in ended["rejected key"]["tasks"]] == [("failed", 1)]
