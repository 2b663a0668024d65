"""Survey scores as forms write them: a number first ('9', '10 (매우 추천)', '5점'), or a satisfaction in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from contracts.errors import ContractError

_NUMBER = re.compile(r"\s*(\d{1,3}(?:\.\d+)?)(?!\d)")
_BLANK = re.compile(r"\s+")
# CSAT on the usual five steps; a form with other words gives its own by the option `labels`.
LABELS: Mapping[str, float] = {
    "매우만족": 5, "매우만족함": 5, "아주만족": 5, "verysatisfied": 5,
    "만족": 4, "만족함": 4, "satisfied": 4,
    "보통": 3, "보통임": 3, "neutral": 3, "neithersatisfiednordissatisfied": 3,
    "불만족": 2, "불만족함": 2, "dissatisfied": 2,
    "매우불만족": 1, "매우불만족함": 1, "아주불만족": 1, "verydissatisfied": 1,
}  # fmt: skip


def score_of(value: Any, labels: Mapping[str, Any] | None = None) -> float | None:
    """The number of a score; None for an empty cell; ContractError for words that no label knows."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        raise ContractError("a score should be a number or words")
    known = {_plain(label): number for label, number in {**LABELS, **(labels or {})}.items()}
    found = known.get(_plain(value))
    if found is not None:
        return float(found)
    number = _NUMBER.match(value)
    if number:
        return float(number[1])
    if not value.strip():
        return None
    raise ContractError(f"{value[:40]!r} is no score; name its number in the option labels")


def _plain(label: str) -> str:
    return _BLANK.sub("", label).casefold().rstrip(".!")
