"""Fixtures of the listeners' tests: a server that can break, a house to run listeners in, contexts and goldens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.mention import Mention
from listeners.contract import ParseContext, Refused, SourceSettings
from storage.home import Home
from tests.listeners.faking.bench import Bench, bench_of
from tests.listeners.faking.faulty_server import Fault, Reply, Server
from tests.listeners.faking.house import BRAND, NOW, House, hashed, mask
from tests.listeners.faking.situations import FAKES


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(Home(tmp_path / "home"))


@pytest.fixture
def bench(
    request: pytest.FixtureRequest, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    """The bench of the source that the test is parametrised with (`in_situation`)."""
    kind = FAKES[request.param]
    if kind.length_of_a_page:
        monkeypatch.setattr(kind.length_of_a_page, kind.page_size)
    with bench_of(kind, house, tmp_path) as made:
        yield made


@pytest.fixture
def context_of() -> Callable[..., ParseContext]:
    def make(name: str, **options: Any) -> ParseContext:
        return ParseContext(
            brand=BRAND, settings=SourceSettings(name=name, options=options), fetched_at=NOW, mask=mask,
            author_key=hashed,
        )

    return make


@pytest.fixture
def simplified() -> Callable[[Mention | Refused], dict[str, Any]]:
    """A parsed record without what is empty, as goldens keep it."""

    def simplify(found: Mention | Refused) -> dict[str, Any]:
        if isinstance(found, Refused):
            return {"refused": found.reason, "payload": found.payload, "position": found.position}
        row = found.to_json()
        for name in ("mention_id", "full_text", "text_hash"):
            del row[name]
        row["is_official"] = row["is_official"] or None
        return {name: value for name, value in row.items() if value is not None and value != ""}

    return simplify


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def fault() -> type[Fault]:
    return Fault
