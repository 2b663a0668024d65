"""One server for a test module, on a clock that a test can move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from sandbox.serve import running
from sandbox.world import World

ANCHOR = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)  # 12:30 in Seoul


@dataclass
class Stage:
    """A running sandbox, the world behind it, and its clock."""

    base: str
    world: World
    time: datetime

    def get(self, path: str, **kwargs: object) -> requests.Response:
        return requests.get(self.base + path, timeout=10, **kwargs)  # type: ignore[arg-type]

    def forward(self, **delta: float) -> None:
        self.time += timedelta(**delta)


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home: Path = tmp_path_factory.mktemp("sandbox")
    stage = Stage(base="", world=World.load(ANCHOR), time=ANCHOR)
    stage.world = World.load(ANCHOR, now=lambda: stage.time)
    with running(home, now=lambda: stage.time, anchor=ANCHOR) as base:
        stage.base = base
        yield stage


@pytest.fixture
def stage(_shared: Stage) -> Iterator[Stage]:
    """The module's server at the anchor, without faults."""
    _shared.time = ANCHOR
    yield _shared
    requests.delete(_shared.base + "/_sandbox/faults", timeout=10)
