"""What the tests of the shop's own desks share: a brand, a home, and a run of one listener against real servers."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn

from contracts.coverage import Coverage
from contracts.mention import Mention
from listeners.collect import make_ask
from listeners.contract import Listener, Page, ParseContext, Refused, SourceSettings
from sandbox.server import create_app
from sandbox.world import World
from storage.home import Home
from tests.listeners.faking import house
from tests.listeners.faking.house import GOLDENS, NOW, House, hashed, mask

BRAND = replace(house.BRAND, terms=("모아담", "moadam"))


class Bench(House):
    """A house with what the desks' tests look at most."""

    def settings(
        self, name: str, base_url: str = "", *, keys: dict[str, str] | None = None, timeout: float = 20, **options: Any
    ) -> SourceSettings:
        return SourceSettings(
            name=name,
            base_url=base_url,
            credentials=keys or {},
            timeout_seconds=timeout,
            options={"retry_backoff_seconds": 0.01, **options},
        )

    def run(self, listener: Listener, settings: SourceSettings, *, now: datetime = NOW, **more: Any) -> Coverage:
        return super().run(listener, settings, now=now, **{"brand": BRAND, **more})

    def check(self, listener: Listener, settings: SourceSettings, *, now: datetime = NOW) -> str:
        return listener.check(make_ask(listener, brand=BRAND, settings=settings, home=self.home, now=now))

    def coverage(self) -> list[dict[str, Any]]:
        return self.rows("coverage")

    def landed_text(self) -> str:
        """Everything below landing as one text: what must not be in it is looked for here."""
        return self.everything()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(Home(tmp_path / "home"))


@pytest.fixture
def context() -> Callable[..., ParseContext]:
    def make(name: str, **options: Any) -> ParseContext:
        return ParseContext(
            brand=BRAND,
            settings=SourceSettings(name=name, options=options),
            fetched_at=NOW,
            mask=mask,
            author_key=hashed,
        )

    return make


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An ASGI app on an ephemeral port of 127.0.0.1; yields its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


@pytest.fixture
def serving() -> Callable[[Any], Any]:
    return served


@dataclass
class Sandbox:
    """The demo world at a time that a test can move: `sandbox.now`."""

    url: str
    clock: list[datetime]

    @property
    def now(self) -> datetime:
        return self.clock[0]

    @now.setter
    def now(self, moment: datetime) -> None:
        self.clock[0] = moment

    def fault(self, path_prefix: str, mode: str, **order: Any) -> None:
        body = {"path_prefix": path_prefix, "mode": mode, **order}
        assert requests.post(f"{self.url}/_sandbox/faults", json=body, timeout=5).status_code == 200


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    clock = [NOW]
    with served(create_app(World.load(NOW, now=lambda: clock[0]))) as url:
        yield Sandbox(url, clock)


def simplified(found: Mention | Refused) -> dict[str, Any]:
    """A mention without what is empty, as goldens keep it."""
    if isinstance(found, Refused):
        return {"refused": found.reason, "position": found.position}
    row = found.to_json()
    for name in ("mention_id", "full_text", "text_hash"):
        del row[name]
    return {name: value for name, value in row.items() if value not in (None, "", False)}


@pytest.fixture
def golden(context: Callable[..., ParseContext]) -> Callable[..., None]:
    """Parse goldens/<source>/<case>.json and compare with <case>.mentions.json."""

    def compare(listener: Listener, case: str, **options: Any) -> None:
        folder = GOLDENS / listener.name
        saved = json.loads((folder / f"{case}.json").read_text(encoding="utf-8"))
        page = Page(kind=saved["kind"], body=saved["body"], url=saved.get("url", ""), extra=saved.get("extra", {}))
        found = [simplified(one) for one in listener.parse(page, context(listener.name, **options))]
        expected = json.loads((folder / f"{case}.mentions.json").read_text(encoding="utf-8"))
        assert found == expected, json.dumps(found, ensure_ascii=False, indent=1)

    return compare
