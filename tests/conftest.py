"""What every test may rely on: no real home, no real keys, no real now; which tests come first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests last, so that a person hears of a mistake early; first where several workers share the tests.

    There the end is reached when the last worker ends: what is long begins first and what is short fills the gaps.
    """
    first = hasattr(config, "workerinput")
    items.sort(key=lambda item: (item.get_closest_marker("slow") is not None) != first)


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
