"""The main job as a person runs it: the real command, the real servers of the sandbox, real files, a real kill."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
GWIDAM = Path(sys.executable).with_name("gwidam")
NOW = "2026-11-23T08:00:00+09:00"  # a Monday morning
LATER = "2026-11-23T09:00:00+09:00"
PORT = re.compile(r"127\.0\.0\.1:\d+")

pytestmark = pytest.mark.slow


def command(home: Path, *arguments: str, now: str = NOW, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([GWIDAM, *arguments], cwd=ROOT, env=surroundings(home, now, **more), capture_output=True,
                          text=True, timeout=200)


def surroundings(home: Path, now: str, **more: str) -> dict[str, str]:
    return {**os.environ, "GWIDAM_HOME": str(home), "GWIDAM_NOW": now, "GWIDAM_AUTHOR_SECRET": "of the tests", **more}


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "published" / "gwidam.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def state(home: Path) -> dict[str, Any]:
    """What people can see of a home: every published row that does not speak of a run itself, and the mails."""
    seen: dict[str, Any] = {
        table: PORT.sub("", repr(rows(home, f"SELECT * FROM {table} ORDER BY ALL")))
        for table in ("mentions", "complaints", "responses")
    }
    seen["mails"] = sorted(path.name for path in (home / "outbox").glob("*.eml"))
    for path in sorted((home / "published" / "digests").rglob("*.txt")):
        seen[path.name] = PORT.sub("", path.read_text("utf-8"))
    return seen


class Ran(NamedTuple):
    """A first run, and what people could see after it."""

    home: Path
    said: str
    state: dict[str, Any]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    home = tmp_path_factory.mktemp("first") / "home"
    done = command(home, "run")
    assert done.returncode == 0, done.stderr
    return Ran(home, done.stdout, state(home))


def test_a_run_ends_by_naming_the_file_the_digest_and_the_mails(first: Ran) -> None:
    home, said, _ = first
    assert "gwidam.duckdb" in said
    assert "2026-W47.html" in said
    assert list((home / "outbox").glob("*.eml")), "the digest's mail lies in the outbox"
    assert rows(home, "SELECT count(*) FROM complaints WHERE state = 'unaddressed'")[0][0] > 10
    assert len(rows(home, "SELECT DISTINCT source FROM mentions")) >= 5


def test_a_second_run_adds_nothing_and_says_so(first: Ran) -> None:
    again = command(first.home, "run")
    assert again.returncode == 0, again.stderr
    assert state(first.home) == first.state
    assert "alerts none new" in again.stdout


def test_an_hour_later_an_hours_more_is_heard(first: Ran) -> None:
    """And of what was heard before, nothing is heard as new."""
    done = command(first.home, "listen", now=LATER)
    assert done.returncode == 0, done.stderr
    new = {words[0]: int(words[1]) for words in re.findall(r"(?m)^(\w+): seen .*?\bnew (\d+)", done.stdout)}
    assert 0 < sum(new.values()) < 30, done.stdout


def test_killed_again_and_again_it_ends_where_an_unbroken_run_does(tmp_path: Path, first: Ran) -> None:
    """Killed as soon as a step has left something: while it listens, then while it tags."""
    home = tmp_path / "home"
    for reached in ("landing/mentions/board/*", "landing/tags/.*"):
        process = subprocess.Popen([GWIDAM, "run"], cwd=ROOT, env=surroundings(home, NOW), start_new_session=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 150
        while not any(home.glob(reached)):
            assert process.poll() is None and time.monotonic() < deadline, f"nothing came to {reached}"
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    done = command(home, "run")
    assert done.returncode == 0, done.stderr
    assert state(home) == first.state


def test_a_dead_source_costs_nothing_but_itself(tmp_path: Path) -> None:
    done = command(tmp_path / "home", "listen", GWIDAM_X_BEARER="wrong")
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if "━" not in line and line.startswith("x:")]
    landed = {path.name for path in (tmp_path / "home" / "landing" / "mentions").iterdir()}
    assert len(landed) >= 4 and "x" not in landed
