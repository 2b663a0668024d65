"""`Tag`: what a model or rule read in a text. Append-only; a new model version makes new rows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One label of one task for one text; key: text_hash + task + label + model_version.

    `score` is a probability in [0, 1] for a model, 1.0 for a rule unless the rule says otherwise.
    `evidence` is the words or the rule that made it ('' for a model), never more than 200 characters.
    `value` holds what a task extracts beside its label (a due time, a number, a signature).
    A task that finds nothing in a text writes one row with the label 'none', so that the text is known
    to have been read with this model version.
    """

    text_hash: str
    task: str
    label: str
    score: float
    model: str
    model_version: str
    evidence: str = ""
    value: str = ""

    def to_json(self) -> dict[str, Any]:
        """A landing row."""
        return {name: getattr(self, name) for name in _NAMES}  # asdict copies every value: eight times as long


_NAMES = tuple(one.name for one in fields(Tag))
