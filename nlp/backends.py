"""What turns texts into logits: onnxruntime (the default) or transformers with torch (an extra)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from contracts.errors import ConfigurationError
from nlp.sentiment_model import LABELS, ModelCard
from nlp.sentiment_tokens import WordTokens
from nlp.windows import windows

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
TOKEN_BUDGET = 4096
MAX_ROWS = 64


class Backend(Protocol):
    """Token ids in, logits out; loaded once a process."""

    def encode(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """For each text its windows of token ids."""

    def logits(self, ids: Ints) -> Floats:
        """(rows, 3) in the order of LABELS for (rows, tokens) ids, 0-padded (or the model's own pad id)."""

    @property
    def pad(self) -> int:
        """The padding id."""


def batches(lengths: Sequence[int], budget: int = TOKEN_BUDGET, rows: int = MAX_ROWS) -> Iterator[list[int]]:
    """Row numbers sorted by length, in batches of at most `budget` padded tokens and `rows` rows."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    batch: list[int] = []
    for index in order:
        if batch and ((len(batch) + 1) * lengths[index] > budget or len(batch) >= rows):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def run(backend: Backend, rows: Sequence[list[int]]) -> Floats:
    """Logits (rows, 3) of windows of token ids, in their order."""
    found = np.zeros((len(rows), len(LABELS)), dtype=np.float32)
    for batch in batches([len(row) for row in rows]):
        ids = np.full((len(batch), len(rows[batch[-1]])), backend.pad, dtype=np.int64)
        for line, index in enumerate(batch):
            ids[line, : len(rows[index])] = rows[index]
        found[batch] = backend.logits(ids)
    return found


def load(card: ModelCard, backend: str, threads: int) -> Backend:
    """A loaded backend by name. Raises ConfigurationError for an unknown name or a missing extra."""
    if backend == "onnx":
        return OnnxBackend(card, threads)
    if backend == "transformers":
        return TransformersBackend(card, threads)
    raise ConfigurationError(f"unknown backend {backend!r}: use 'onnx' or 'transformers'")


class OnnxBackend:
    """AutoTokenizer and one onnxruntime session over model.onnx."""

    def __init__(self, card: ModelCard, threads: int) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true" if threads > 1 else "false")
        import onnxruntime

        model = card.folder / "model.onnx"
        if not model.exists():
            raise ConfigurationError(f"{model} is missing: use backend 'transformers', or export the model first")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self.session: Any = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.inputs = {one.name for one in self.session.get_inputs()}
        self.card = card
        self.tokenizer: Any = load_tokenizer(card)
        self.pad = int(self.tokenizer.pad_token_id or 0)
        self.words = WordTokens(self.tokenizer.backend_tokenizer) if card.by_words else None

    def encode(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """See `Backend.encode`. The fast path skips offsets, which nobody reads here."""
        if self.words:
            return [windows(ids, self.card.max_tokens) for ids in self.words.encode(texts)]
        encodings = self.tokenizer.backend_tokenizer.encode_batch_fast(list(texts))
        return [windows(encoding.ids, self.card.max_tokens) for encoding in encodings]

    def logits(self, ids: Ints) -> Floats:
        """See `Backend.logits`."""
        feed: dict[str, Ints] = {"input_ids": ids}
        if "attention_mask" in self.inputs:
            feed["attention_mask"] = (ids != self.pad).astype(np.int64)
        if "token_type_ids" in self.inputs:
            feed["token_type_ids"] = np.zeros_like(ids)
        return in_order(np.asarray(self.session.run(["logits"], feed)[0]), self.card)


class TransformersBackend:
    """Any sequence classifier that transformers can load, by hub id or folder; needs torch."""

    def __init__(self, card: ModelCard, threads: int) -> None:
        try:
            import torch
            from transformers import AutoModelForSequenceClassification
        except ImportError:
            raise ConfigurationError(
                "backend 'transformers' needs torch: pip install torch (the default backend does not)"
            ) from None
        torch.set_num_threads(threads)
        self.torch: Any = torch
        self.card = card
        self.model: Any = AutoModelForSequenceClassification.from_pretrained(card.folder).eval()
        self.tokenizer: Any = load_tokenizer(card)
        self.pad = int(self.tokenizer.pad_token_id or 0)

    def encode(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """See `Backend.encode`."""
        found = self.tokenizer(list(texts), truncation=False, verbose=False)["input_ids"]
        return [windows(ids, self.card.max_tokens) for ids in found]

    def logits(self, ids: Ints) -> Floats:
        """See `Backend.logits`."""
        with self.torch.inference_mode():
            tensor = self.torch.from_numpy(ids)
            seen = self.model(input_ids=tensor, attention_mask=(tensor != self.pad).long()).logits
        return in_order(seen.float().numpy(), self.card)


def load_tokenizer(card: ModelCard) -> Any:
    """AutoTokenizer of the model's folder; nothing is fetched, and no advice about a missing torch is printed."""
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(card.folder, local_files_only=True)


def in_order(logits: NDArray[Any], card: ModelCard) -> Floats:
    """Columns in the order of LABELS; a class the model does not know gets -20 (never chosen)."""
    if card.order == LABELS:
        return logits.astype(np.float32)
    found = np.full((len(logits), len(LABELS)), -20.0, dtype=np.float32)
    for column, label in enumerate(card.order):
        found[:, LABELS.index(label)] = logits[:, column]
    return found
