"""Policies every DAG keeps. Each failure says how to put it right."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.catalog import schedule, source_names

PROJECT = Path(__file__).resolve().parents[2]
POOLS = json.loads((PROJECT / "config" / "pools.json").read_text(encoding="utf-8"))
PIPELINE = {"ingest", "alert", "digest_weekly", "maintenance"}
TAGS = {"listen", "process", "mail", "upkeep"}
MENTIONS, PUBLISHED = "gwidam://landing/mentions", "gwidam://published/"
WRITERS = {"load", "export_pending", "load_tags", "build", "check", "publish", "maintenance"}
LIGHT = {"airflow.sdk", "airflow.sdk.exceptions", "airflow.providers.standard.operators.empty", "contracts.errors",
         "dags.common", "pipeline", "pipeline.catalog"}


def every_task(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """('dag.task', what it declares), for every task."""
    for dag_id, dag in described["dags"].items():
        for task_id, task in dag["tasks"].items():
            yield f"{dag_id}.{task_id}", task


def test_every_file_parses_and_gives_the_dags_the_configuration_asks_for(described: dict[str, Any]) -> None:
    assert described["import_errors"] == {}, "a DAG file does not parse; `airflow dags list-import-errors --local`"
    wanted = PIPELINE | {f"listen_{source}" for source in source_names()}
    assert set(described["dags"]) == wanted, "config/sources.toml and the DAGs disagree; see dags/listen.py"


def test_parsing_stays_light(described: dict[str, Any]) -> None:
    assert described["heavy"] == [], "every task parses its file again: import these inside the task body"


def test_dag_files_import_only_what_is_light() -> None:
    for path in sorted((PROJECT / "dags").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                standard = str(name).split(".")[0] in {"__future__", "collections", "datetime", "enum", "functools",
                                                       "typing"}
                assert standard or name in LIGHT, f"{path.name} imports {name} at its top: move it into the task body"


def test_a_task_body_is_one_call_into_the_use_cases() -> None:
    for path in sorted((PROJECT / "dags").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            decorated = isinstance(node, ast.FunctionDef) and "task(" in " ".join(map(ast.unparse, node.decorator_list))
            if isinstance(node, ast.FunctionDef) and decorated:
                kinds = [type(statement) for statement in node.body]
                assert kinds == [ast.ImportFrom, ast.Return], f"{path.name} {node.name}: move the logic to pipeline/"


def test_every_dag_says_what_it_is_for_and_where_its_runbook_stands(described: dict[str, Any]) -> None:
    runbook = (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w -]", "", line[3:]).strip().lower().replace(" ", "-")
                for line in runbook.splitlines() if line.startswith("## ")}
    for dag_id, dag in described["dags"].items():
        link = re.search(r"docs/runbook\.md#([\w-]+)", dag["doc_md"])
        assert link, f"{dag_id}: end the file's docstring with its section of docs/runbook.md"
        assert link[1] in headings, f"{dag_id}: docs/runbook.md has no section '## {link[1]}'"
        assert dag["owner"] == "gwidam", f"{dag_id}: pass default_args=DEFAULT_ARGS"
        assert dag["tags"] and set(dag["tags"]) <= TAGS, f"{dag_id}: tags come from dags.common.DagTag"


def test_no_dag_catches_up_or_runs_beside_itself(described: dict[str, Any]) -> None:
    for dag_id, dag in described["dags"].items():
        assert dag["catchup"] is False, f"{dag_id}: pass catchup=False; listeners resume from their own marks"
        assert dag["max_active_runs"] == 1, f"{dag_id}: pass max_active_runs=1"


def test_clocks_are_read_in_seoul(described: dict[str, Any]) -> None:
    dags = described["dags"]
    for dag_id, dag in dags.items():
        assert dag["cron"] is None or dag["timezone"] == "Asia/Seoul", f"{dag_id}: use dags.common.seoul(cron)"
    assert dags["digest_weekly"]["cron"] == "0 8 * * 1"
    for source in source_names():
        assert dags[f"listen_{source}"]["cron"] == schedule(source), "the schedule of sources.toml is not used"


def test_every_task_stands_in_a_pool_that_the_setup_creates(described: dict[str, Any]) -> None:
    for name, task in every_task(described):
        assert task["pool"] in POOLS, f"{name}: pool {task['pool']!r} is not in config/pools.json: it would never run"


def test_one_writer_at_a_time(described: dict[str, Any]) -> None:
    assert POOLS["warehouse_writer"]["slots"] == 1, "DuckDB takes one writer: keep warehouse_writer at 1 slot"
    for name, task in every_task(described):
        writes = name.split(".")[1] in WRITERS
        assert (task["pool"] == "warehouse_writer") == writes, f"{name}: what opens the warehouse stands in that pool"


def test_errors_decide_about_retries(described: dict[str, Any]) -> None:
    for name, task in every_task(described):
        rules = {path: action for paths, action in task["retry_rules"] for path in paths.split(",")}
        assert rules.get("contracts.errors.TransientError") == "retry", f"{name}: pass default_args=DEFAULT_ARGS"
        assert rules.get("contracts.errors.TerminalError") == "fail", f"{name}: pass default_args=DEFAULT_ARGS"
        assert task["retries"] >= 1 and task["timeout_seconds"], f"{name}: retries and an execution_timeout are missing"


def test_assets_join_the_dags(described: dict[str, Any]) -> None:
    dags = described["dags"]
    for source in source_names():
        assert dags[f"listen_{source}"]["tasks"]["listen"]["outlets"] == [MENTIONS]
    assert dags["ingest"]["assets"] == [MENTIONS] and dags["ingest"]["cron"], "imported files need the hourly run"
    assert dags["ingest"]["tasks"]["publish"]["outlets"] == [PUBLISHED]
    assert dags["alert"]["assets"] == [PUBLISHED]


def test_a_failed_tag_shows_and_the_rest_goes_on(described: dict[str, Any]) -> None:
    tasks = described["dags"]["ingest"]["tasks"]
    assert tasks["load_tags"]["trigger_rule"] == "all_done", "one bad text file must not keep the others back"
    downstream = {name for task in tasks.values() for name in task["upstream"]}
    assert "all_tagged" not in downstream, "all_tagged must stay a leaf: it is what leaves the run red"
    assert tasks["all_tagged"]["upstream"] == ["tag"] and tasks["all_tagged"]["trigger_rule"] == "none_failed"
