"""Pre-trains the deep half on all shippable text: it learns which tokens of a text were replaced, and its judgement.

Replaced-token detection as in ELECTRA (Clark et al., ICLR 2020), with the corpus itself for a generator: a token
gives way to one that stood between the same two neighbours somewhere else. So it fits on both sides ("재미[있]게",
"재미[없]게"), and only the rest of the sentence betrays it. Every token teaches something, and no generator is trained.
Texts with a label teach the classes at the same time, read in their damaged form, which keeps the network from
learning them by heart.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from nlp.train import loop
from nlp.train.encoded import Encoded, Floats, Longs
from nlp.train.finetune import roughened
from nlp.train.network import Deep


class Neighbours:
    """For every place in the corpus, the places whose left and right neighbours are the same tokens."""

    def __init__(self, flat: NDArray[np.int16], vocab: int) -> None:
        wide = flat.astype(np.int64)
        key = np.roll(wide, 1) * vocab + np.roll(wide, -1)
        self.order = np.argsort(key, kind="stable").astype(np.int32)
        ordered = key[self.order]
        begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        sizes = np.diff(np.append(begins, len(ordered)))
        self.begin, self.size = np.empty(len(flat), dtype=np.int32), np.empty(len(flat), dtype=np.int32)
        self.begin[self.order] = np.repeat(begins, sizes)
        self.size[self.order] = np.repeat(sizes, sizes)
        self.flat = flat

    def swapped(self, places: Longs, rng: np.random.Generator) -> NDArray[np.int16]:
        """For each place a token drawn from those that stand between the same neighbours (often the same token)."""
        drawn = (rng.random(len(places)) * self.size[places]).astype(np.int64)
        return self.flat[self.order[self.begin[places] + drawn]]


def batches(data: Encoded, tokens: int, rng: np.random.Generator) -> Iterator[Longs]:
    """Text numbers in batches of about `tokens` tokens, similar lengths together, in random order."""
    lengths = data.lengths
    shuffled = rng.permutation(len(lengths))
    found: list[Longs] = []
    for start in range(0, len(shuffled), 20_000):
        piece = shuffled[start : start + 20_000]
        piece = piece[np.argsort(lengths[piece], kind="stable")]
        at = 0
        while at < len(piece):
            count = max(1, tokens // int(lengths[piece[min(len(piece) - 1, at + tokens // 64)]]))
            found.append(piece[at : at + count])
            at += count
    for index in rng.permutation(len(found)):
        yield found[index]


def corrupted(
    data: Encoded, near: Neighbours, rows: Longs, share: float, rng: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Token ids (rows, widest) with some tokens replaced, which differ now, and which count (not the two ends)."""
    ids = data.padded(rows, int(data.lengths[rows].max()))
    places = data.starts[rows][:, None] + np.arange(ids.shape[1])[None, :]
    inner = np.arange(ids.shape[1])[None, :] < (data.lengths[rows] - 1)[:, None]
    inner[:, 0] = False
    chosen = inner & (rng.random(ids.shape) < share)
    before = ids[chosen]
    ids[chosen] = near.swapped(places[chosen], rng)
    differs = np.zeros(ids.shape, dtype=np.float32)
    differs[chosen] = ids[chosen] != before
    return torch.from_numpy(ids), torch.from_numpy(differs), torch.from_numpy(inner)


class Detector(nn.Module):
    """The encoder with a head that says of each token whether it was replaced."""

    def __init__(self, deep: Deep) -> None:
        super().__init__()
        self.deep = deep
        hidden = deep.shape.hidden
        self.head = nn.Sequential(nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, 2))

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Log odds (batch, tokens) of having been replaced, a state speaking for its two tokens; logits (batch, 3)."""
        states, alive, mean = self.deep.encode(ids)
        return self.head(states).flatten(1)[:, : ids.shape[1]], self.deep.judge(states, alive, mean)


def pretrain(
    deep: Deep, data: Encoded, settings: dict[str, Any], weights: Floats, seed: int, checkpoint: Path,
    minutes: float | None = None,
) -> Deep:  # fmt: skip
    """`deep` after the schedule. `weights` (texts): how much a text's label counts, 0 where it has none."""
    device = loop.device()
    near = Neighbours(data.flat, deep.shape.vocab)
    model = Detector(deep).to(device)

    def loss_of(rows: Longs, rng: np.random.Generator) -> dict[str, Tensor]:
        ids, differs, inner = (part.to(device) for part in corrupted(data, near, rows, settings["share"], rng))
        odds, logits = model(roughened(ids, deep.bases, 0.0, settings["unmark"]))
        target, weight = (torch.from_numpy(part[rows]).to(device) for part in (data.target, weights))
        judged = -((target * logits.log_softmax(dim=-1)).sum(-1) * weight).sum() / weight.sum().clamp_min(1e-6)
        found = F.binary_cross_entropy_with_logits(odds[inner], differs[inner])
        return {"replaced": settings["detect"] * found, "judged": judged}

    times = loop.Schedule(**settings["schedule"], minutes=minutes)
    average = loop.train(
        model, deep.table.weight, lambda rng: batches(data, settings["tokens"], rng),
        len(data.flat) / settings["tokens"], loss_of, times, seed, checkpoint,
    )  # fmt: skip
    model.load_state_dict(average)
    return deep.eval()
