"""Every situation a listener is put into, and how it must end; which listener cannot be in which, and why."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.errors import CredentialsRejected, Forbidden, RateLimited, SourceChanged, SourceUnavailable
from listeners import registry
from listeners.contract import Listener
from listeners.sources._template import Template
from tests.listeners.faking.apps import APPS
from tests.listeners.faking.board import BoardFake
from tests.listeners.faking.folder import FeedbackFake
from tests.listeners.faking.graphs import GRAPHS
from tests.listeners.faking.mail import MailFake
from tests.listeners.faking.searches import SEARCHES
from tests.listeners.faking.shops import SHOPS
from tests.listeners.faking.surveys import SURVEYS
from tests.listeners.faking.world import End, Fake

FAKES: dict[str, type[Fake]] = {
    fake.name: fake for fake in (*SEARCHES, *APPS, *SHOPS, *GRAPHS, *SURVEYS, BoardFake, FeedbackFake, MailFake)
}
# A fault on the second page (or wherever a transport can first break) and the error that it is to its reader.
FAULTS: dict[str, End] = {
    "401": CredentialsRejected,
    "403": Forbidden,
    "404": SourceChanged,
    "429": RateLimited,
    "500": SourceUnavailable,
    "reset": SourceUnavailable,
    "truncated": SourceUnavailable,
    "malformed": SourceChanged,
    "html": SourceChanged,
    "empty": SourceChanged,
    "10 MB": SourceChanged,
}
HICCUPS = ("500", "reset", "truncated")
# Everything else, one test each.
OTHERS = (
    "normal pages", "nothing there", "one page repeated", "an item on two pages", "edited", "deleted", "hang",
    "429 until later", "429 for a moment", *(f"{mode}, then fine" for mode in HICCUPS), "unknown field",
    "missing field", "wrong type", "field too long", "time zone edge", "personal data", "a check", "a missing key",
)
SITUATIONS = (*FAULTS, *OTHERS)


def listener_of(name: str) -> Listener:
    """The listener that a fake is for; the template is no source of the registry."""
    return Template() if name == Template.name else registry.get(name)


def end_of(fake: Fake, mode: str) -> End:
    """How a listener's run must end in a fault."""
    return fake.ends.get(mode, FAULTS[mode])


def in_situation(*situations: str) -> Any:
    """Parametrises a test over every listener that can be in the situations: (bench) or (bench, situation)."""
    pairs = [
        (name, situation) for situation in situations for name in sorted(FAKES) if situation not in FAKES[name].lacks
    ]
    if len(situations) == 1:
        return pytest.mark.parametrize("bench", [name for name, _ in pairs], indirect=True)
    ids = [f"{name}-{situation}" for name, situation in pairs]
    return pytest.mark.parametrize(("bench", "situation"), pairs, indirect=["bench"], ids=ids)


def table() -> str:
    """The table of docs/sources/README.md: what a transport cannot be in, with the reason."""
    rows = [
        f"| {name} | {situation} | {reason} |"
        for name in sorted(FAKES)
        for situation, reason in sorted(FAKES[name].lacks.items())
    ]
    return "\n".join(["| source | situation | why it cannot be in it |", "|---|---|---|", *rows])


def sources() -> set[str]:
    """Every source there is, and the template that new ones are copied from."""
    return {*registry.names(), Template.name}
