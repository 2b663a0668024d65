"""What every test may rely on: no real home, no real keys, no real now; which tests come first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


# Their tests start the same things for seconds (the analyser, the model, a warehouse), so one worker takes the room.
ROOMS_TOGETHER = ("tests/nlp/", "tests/warehouse/", "tests/digests/", "tests/sql/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests last, so that a person hears of a mistake early; first where several workers share the tests.

    There the end is reached when the last worker ends: what is long begins first (the rooms that stay together next)
    and what is short fills the gaps.
    """
    def is_short(item: pytest.Item) -> bool:
        return item.get_closest_marker("slow") is None

    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (is_short(item), is_short(item) and not item.nodeid.startswith(ROOMS_TOGETHER)))
    else:
        items.sort(key=is_short, reverse=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Several workers take files, or one of ROOMS_TOGETHER whole."""
    from xdist.scheduler import LoadFileScheduling

    class ByRoom(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            room = next((room for room in ROOMS_TOGETHER if nodeid.startswith(room)), "")
            return room or super()._split_scope(nodeid)

    return ByRoom(config, log)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home of the test's own; nothing of the developer's environment leaks in."""
    for name in list(os.environ):
        if name.startswith("GWIDAM_") and name != "GWIDAM_DATA":
            monkeypatch.delenv(name)
    monkeypatch.setenv("GWIDAM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GWIDAM_CONFIG", str(ROOT / "config"))


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real labelled texts; a test that needs it is skipped, with a clear word, where it is absent."""
    folder = Path(os.environ.get("GWIDAM_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no labelled texts at {folder}; set GWIDAM_DATA to measure against them")
    return folder
