"""The desks' saved pages, damaged at random: parse gives mentions, refusals or SourceChanged, never anything else."""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.errors import SourceChanged
from contracts.mention import Mention
from listeners import registry
from listeners.contract import Page, Refused

GOLDENS = Path(__file__).parents[1] / "goldens"
DESKS = ("feedback", "mail", "survey_csv", "surveymonkey", "naver_commerce", "facebook", "instagram", "threads")
CASES = [
    (desk, json.loads(path.read_text("utf-8")))
    for desk in DESKS
    for path in sorted((GOLDENS / desk).glob("*.json"))
    if not path.name.endswith(".mentions.json")
]


def _goldens() -> Any:
    spec = spec_from_file_location(
        "desks_test_listener_goldens", Path(__file__).parents[1] / "test_listener_goldens.py"
    )
    assert spec and spec.loader
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


damage = _goldens()._damage


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, Page]:
    desk, saved = draw(st.sampled_from(CASES))
    body, extra = json.loads(json.dumps([saved["body"], saved.get("extra", {})]))
    if "details" in extra and draw(st.booleans()):  # of the extras, only a survey's questions come from outside
        extra["details"] = damage(draw, extra["details"], 0)
    else:
        body = damage(draw, body, 0)
    return desk, Page(kind=saved["kind"], body=body, extra=extra)


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(damaged())
def test_a_damaged_page_gives_mentions_refusals_or_source_changed(context: Any, hurt: tuple[str, Page]) -> None:
    desk, page = hurt
    try:
        found = list(registry.get(desk).parse(page, context(desk)))
    except SourceChanged:
        return
    for one in found:
        assert isinstance(one, Mention | Refused)
        if isinstance(one, Mention):
            assert Mention.from_json(one.to_json()) == one
        else:
            assert one.reason and len(one.payload) <= 4_000
