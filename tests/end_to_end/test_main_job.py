"""The main job as a person runs it: the real command, the real servers of the sandbox, real files, a real kill."""

from __future__ import annotations

import os
import re
import shutil
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


def copied(home: Path, folder: Path) -> Path:
    """A home of a test's own that has behind it what `home` has."""
    return Path(shutil.copytree(home, folder / "home"))


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


def test_a_second_run_adds_nothing_and_says_so(first: Ran, tmp_path: Path) -> None:
    home = copied(first.home, tmp_path)
    again = command(home, "run")
    assert again.returncode == 0, again.stderr
    assert state(home) == first.state
    assert "alerts none new" in again.stdout


class Later(NamedTuple):
    """An hour after the first run: a run in which X rejects its key."""

    refused: subprocess.CompletedProcess[str]
    before: set[tuple[str, str]]
    after: set[tuple[str, str]]
    """(source, mention id) of what was published."""


@pytest.fixture(scope="module")
def later(first: Ran, tmp_path_factory: pytest.TempPathFactory) -> Later:
    home = copied(first.home, tmp_path_factory.mktemp("later"))

    def published() -> set[tuple[str, str]]:
        return {(source, mention) for source, mention in rows(home, "SELECT source, mention_id FROM mentions")}

    before = published()
    refused = command(home, "run", now=LATER, GWIDAM_X_BEARER="wrong")
    return Later(refused, before, published())


def test_a_dead_source_costs_nothing_but_itself(later: Later) -> None:
    assert later.refused.returncode == 1
    refusals = [line for line in later.refused.stderr.splitlines() if "did not answer" in line]
    assert len(refusals) == 1 and "x:" in refusals[0]
    assert later.before < later.after, "what was collected stays, and the others are heard"
    assert "x" in {source for source, _ in later.before}
    assert "x" not in {source for source, _ in later.after - later.before}


def test_an_hour_later_there_is_an_hours_more(later: Later) -> None:
    new = later.after - later.before
    assert 0 < len(new) < 30
    assert f"mentions new {len(new)}" in later.refused.stdout


def test_killed_again_and_again_it_ends_where_an_unbroken_run_does(tmp_path: Path, first: Ran) -> None:
    """Killed as soon as a step has left something: while it listens, while it tags, before the mails.

    At first X rejects its key: once it is mended, it makes up for what was missed.
    """
    home = tmp_path / "home"
    wrong, right = {"GWIDAM_X_BEARER": "wrong"}, {}
    for reached, key in (("landing/mentions/board/*", wrong), ("landing/tags/.*", wrong),
                         ("published/gwidam.duckdb", right)):  # fmt: skip
        process = subprocess.Popen([GWIDAM, "run"], cwd=ROOT, env=surroundings(home, NOW, **key),
                                   start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 150
        while not any(home.glob(reached)):
            assert process.poll() is None and time.monotonic() < deadline, f"nothing came to {reached}"
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, f"it was through before {reached} was seen"
        assert any(home.glob("landing/mentions/x/*")) == (key is right)
    done = command(home, "run")
    assert done.returncode == 0, done.stderr
    assert state(home) == first.state
