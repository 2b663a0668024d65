"""The sentiment task: complaint, neutral or praise, with a probability that means what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contracts.tag import Tag
from nlp import backends
from nlp.sentiment_model import LABELS, bundled, read_card
from nlp.windows import together

Probabilities = NDArray[np.float32]
UNCERTAIN_BELOW = read_card(bundled()).uncertain_below
"""Below this score of the bundled model a mention is `uncertain`: for the analyst's list, not the ranking."""


class SentimentTask:
    """One Tag a text: the likeliest label, its calibrated probability, and all three in `value`.

    Nothing heavy is loaded before the first text; `model` and `version` come from config.json alone.
    """

    name = "sentiment"
    applies_to: Literal["customer", "official", "all"] = "customer"

    def __init__(self, folder: Path, backend: str, threads: int, uncertain_below: float | None) -> None:
        self.card = read_card(folder)
        self.backend_name, self.threads = backend, threads
        self.model = self.card.name
        self.version = self.card.version
        self.uncertain_below = self.card.uncertain_below if uncertain_below is None else uncertain_below
        self._backend: backends.Backend | None = None

    @property
    def backend(self) -> backends.Backend:
        """The loaded model, loaded on first use and kept."""
        if self._backend is None:
            self._backend = backends.load(self.card, self.backend_name, self.threads)
        return self._backend

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """(texts, 3) calibrated probabilities in the order of LABELS; long texts are read in windows."""
        if not texts:
            return np.zeros((0, len(LABELS)), dtype=np.float32)
        parts = self.backend.encode(texts)
        rows = [window for text in parts for window in text]
        read = self.card.calibration.probabilities(backends.run(self.backend, rows)).astype(np.float32)
        if len(rows) == len(texts):
            return read
        ends = np.cumsum([len(text) for text in parts])
        return np.stack(
            [
                together(read[end - len(text) : end], [len(window) for window in text])
                for text, end in zip(parts, ends, strict=True)
            ]
        )

    def tag(self, texts: Sequence[tuple[str, str]]) -> Iterator[Tag]:
        """See `nlp.tasks.Task.tag`: (text_hash, text) pairs -> one Tag each, in their order."""
        found = self.probabilities([text for _, text in texts])
        for (text_hash, _), row in zip(texts, found, strict=True):
            best = int(row.argmax())
            shares = {label: round(float(share), 4) for label, share in zip(LABELS, row, strict=True)}
            yield Tag(
                text_hash=text_hash,
                task=self.name,
                label=LABELS[best],
                score=shares[LABELS[best]],
                model=self.model,
                model_version=self.version,
                value=json.dumps(shares),
            )


def sentiment_task(
    model_dir: Path | None = None, *, backend: str = "onnx", threads: int = 1, uncertain_below: float | None = None
) -> SentimentTask:
    """The task over the bundled model, or over any folder with a Hugging Face classifier."""
    return SentimentTask(model_dir or bundled(), backend, threads, uncertain_below)
