"""The house's rules, each with a message that says how to mend: who imports whom, what is heavy, what is long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("contracts", "storage", "listeners", "nlp", "warehouse", "digests", "pipeline", "sandbox", "dags")
HEAVY = ("airflow", "duckdb", "kiwipiepy", "onnxruntime", "torch", "transformers", "tweepy", "pandas")


def modules() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def test_rooms_import_only_what_lies_below_them() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"move the code to the room it belongs to, or pass a value in:\n{done.stdout}"


@pytest.mark.parametrize("module", ["pipeline.usecases", "pipeline.catalog", "pipeline.cli", "contracts.mention"])
def test_what_a_scheduler_imports_is_light(module: str) -> None:
    code = f"import {module}, sys; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", f"import these inside the function that needs them: {done.stdout}"


def test_modules_stay_readable() -> None:
    long = {str(p.relative_to(ROOT)): n for p in modules() if (n := len(p.read_text("utf-8").splitlines())) > 400}
    assert not long, f"split these by the things they hold: {long}"


def test_no_weight_or_machine_path_enters_the_lock() -> None:
    lock = (ROOT / "uv.lock").read_text("utf-8")
    assert 'name = "torch"' not in lock, "torch belongs to nlp/train/requirements.txt, outside the lock"
    assert "file:///" not in lock and "/opt/" not in lock, "lock again with no index variable set"
