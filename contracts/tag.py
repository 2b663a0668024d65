"""`Tag`: what a model or rule read in a text. Append-only; a new model version makes new rows."""

from __future__ import annotations

from typing import Any, NamedTuple


class Tag(NamedTuple):
    """One label of one task for one text; key: text_hash + task + label + model_version.

    `score` is a probability in [0, 1] for a model, 1.0 for a rule unless the rule says otherwise.
    `evidence` is the words or the rule that made it ('' for a model), never more than 200 characters.
    `value` holds what a task extracts beside its label (a due time, a number, a signature).
    A task that finds nothing in a text writes one row with the label 'none', so that the text is known
    to have been read with this model version.

    A tuple, not a dataclass as the other rows: every text has nine or more, and a tuple takes a quarter of the time.
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
        return self._asdict()
