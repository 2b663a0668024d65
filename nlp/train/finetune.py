"""Trains the deep half on the drawn mix, from where pre-training left it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nlp.train import loop
from nlp.train.encoded import Encoded, Floats, Longs
from nlp.train.network import Deep


def batches(data: Encoded, draw: Floats, batch: int, rng: np.random.Generator) -> Iterator[Longs]:
    """One epoch: each text `draw` times on average, as row numbers in batches of similar length, in random order."""
    whole = np.floor(draw).astype(np.int64)
    times = whole + (rng.random(len(draw)) < draw - whole)
    order = rng.permutation(np.repeat(np.arange(len(times)), times))
    lengths = data.lengths
    found: list[Longs] = []
    for start in range(0, len(order), batch * 64):
        piece = order[start : start + batch * 64]
        piece = piece[np.argsort(lengths[piece], kind="stable")]
        found += [piece[at : at + batch] for at in range(0, len(piece), batch)]
    for index in rng.permutation(len(found)):
        yield found[index]


def roughened(ids: Tensor, bases: Tensor, word_drop: float, unmark: float) -> Tensor:
    """Training noise: unknown tokens (id 1) here and there, and whole texts without word marks."""
    plain = torch.rand(len(ids), 1, device=ids.device) < unmark
    ids = torch.where(plain, bases[ids], ids)
    lost = (torch.rand(ids.shape, device=ids.device) < word_drop) & (ids > 3)
    return ids.masked_fill(lost, 1)


def finetune(
    model: Deep, data: Encoded, settings: dict[str, Any], draws: dict[str, float], longest: int, seed: int,
    checkpoint: Path, minutes: float | None = None,
) -> Deep:  # fmt: skip
    """`model` trained on the texts that are not kept back, each kind as often as `draws` says."""
    device = loop.device()
    model = model.to(device)
    kept = data.where(data.kept_back)
    draw = data.shares(draws) * ~data.kept_back

    def loss_of(rows: Longs, _: np.random.Generator) -> dict[str, Tensor]:
        ids = torch.from_numpy(data.padded(rows, longest)).to(device)
        logits = model(roughened(ids, model.bases, settings["word_drop"], settings["unmark"]))
        target = torch.from_numpy(data.target[rows]).to(device)
        return {"judged": -(target * logits.log_softmax(dim=-1)).sum(-1).mean()}

    def look(average: loop.State) -> dict[str, float]:
        mine = {name: value.detach().clone() for name, value in model.state_dict().items()}
        model.load_state_dict(average)
        found = polar_accuracy(predict(model, kept, longest), kept)
        model.load_state_dict(mine)
        return found

    times = loop.Schedule(**settings["schedule"], minutes=minutes)
    average = loop.train(
        model, model.table.weight, lambda rng: batches(data, draw, settings["batch"], rng),
        float(draw.sum()) / settings["batch"], loss_of, times, seed, checkpoint, look,
    )  # fmt: skip
    model.load_state_dict(average)
    return model.eval()


def predict(model: Deep, data: Encoded, longest: int, batch: int = 512) -> Floats:
    """Logits (texts, 3) in the data's order."""
    model.eval()
    found = np.zeros((len(data), 3), dtype=np.float32)
    order = np.argsort(data.lengths, kind="stable")
    device = next(model.parameters()).device
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            ids = torch.from_numpy(data.padded(rows, longest)).to(device)
            found[rows] = model(ids).cpu().numpy()
    return found


def polar_accuracy(logits: Floats, data: Encoded) -> dict[str, float]:
    """Complaint against praise on the texts that clearly are one, by domain; the mean of both sides' recall."""
    polar = np.maximum(data.target[:, 0], data.target[:, 2]) > 0.9
    praise = data.target[:, 2] > data.target[:, 0]
    right = (logits[:, 2] > logits[:, 0]) == praise
    found = {}
    for domain in ("movie", "shop", "game"):
        here = polar & (data.domain == domain)
        found[domain] = round(float((right[here & praise].mean() + right[here & ~praise].mean()) / 2), 4)
    return found
