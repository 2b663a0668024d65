"""Saved pages and the mentions they must give. UPDATE_GOLDENS=1 rewrites the mentions: read the diff."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.errors import SourceChanged
from contracts.mention import Mention
from listeners import registry
from listeners.contract import Page, Refused

GOLDENS = Path(__file__).with_name("goldens")
SOURCES = (
    "x", "naver_cafe", "naver_blog", "naver_kin", "naver_news", "daum_cafe", "daum_blog", "google_play", "board",
    "app_store", "app_store_connect", "youtube", "cafe24",
)
CASES = [
    pytest.param(source, path.stem, id=f"{source}/{path.stem}")
    for source in SOURCES
    for path in sorted((GOLDENS / source).glob("*.json"))
    if not path.name.endswith(".mentions.json")
]


def load(source: str, case: str) -> tuple[Page, dict[str, Any]]:
    """A saved page (its body beside it where it is HTML) and the options it was made with."""
    saved = json.loads((GOLDENS / source / f"{case}.json").read_text("utf-8"))
    body = saved["body"] if "body" in saved else (GOLDENS / source / f"{case}.html").read_text("utf-8")
    page = Page(kind=saved["kind"], body=body, url=saved.get("url", ""), extra=saved.get("extra", {}))
    return page, saved.get("options", {})


@pytest.mark.parametrize(("source", "case"), CASES)
def test_golden(source: str, case: str, context_of: Callable[..., Any], simplified: Callable[[Any], Any]) -> None:
    page, options = load(source, case)
    found = [simplified(one) for one in registry.get(source).parse(page, context_of(source, **options))]
    expected = GOLDENS / source / f"{case}.mentions.json"
    if os.environ.get("UPDATE_GOLDENS"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert found == json.loads(expected.read_text("utf-8"))


def test_every_source_has_a_golden() -> None:
    without = [name for name in registry.names() if not list((GOLDENS / name).glob("*.mentions.json"))]
    assert not without, f"save a page of {without} as tests/listeners/goldens/<source>/<case>.json"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=12,
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, Page, dict[str, Any]]:
    """A saved page in which something has been replaced, dropped, or cut."""
    source, case = draw(st.sampled_from([param.values for param in CASES]))
    page, options = load(source, case)
    if isinstance(page.body, str):
        at, length = draw(st.integers(0, len(page.body))), draw(st.integers(0, 400))
        body: Any = page.body[:at] + draw(st.text(max_size=30)) + page.body[at + length :]
    else:
        body = _damage(draw, json.loads(json.dumps(page.body)), 0)
    return source, Page(kind=page.kind, body=body, url=page.url, extra=page.extra), options


def _damage(draw: st.DrawFn, value: Any, depth: int) -> Any:
    if (depth and draw(st.integers(0, 3)) == 0) or not isinstance(value, dict | list) or not value:
        return draw(ANYTHING)
    if isinstance(value, dict):
        name = draw(st.sampled_from(sorted(value)))
        if draw(st.booleans()):
            value[name] = _damage(draw, value[name], depth + 1)
        else:
            del value[name]
        return value
    index = draw(st.integers(0, len(value) - 1))
    value[index] = _damage(draw, value[index], depth + 1)
    return value


# The fixture is a pure function, so that sharing it between examples does no harm.
@settings(
    max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(damaged())
def test_a_damaged_page_gives_mentions_refusals_or_source_changed(
    context_of: Callable[..., Any], hurt: tuple[str, Page, dict[str, Any]]
) -> None:
    source, page, options = hurt
    try:
        found = list(registry.get(source).parse(page, context_of(source, **options)))
    except SourceChanged:
        return
    for one in found:
        assert isinstance(one, Mention | Refused)
        if isinstance(one, Mention):
            assert Mention.from_json(one.to_json()) == one
        else:
            assert one.reason and len(one.payload) <= 4_000
