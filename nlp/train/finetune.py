"""Trains the deep half on the drawn mix; resumable; on a CPU or a GPU unchanged."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from nlp.train.corpus import Row, text_key
from nlp.train.network import Deep, Shape

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts as token ids in one flat array, with targets (texts, 3), draws an epoch and domains.

    `wide` (texts, 2) are the linear model's polar and neutral log odds, from folds that did not hold the
    text: the deep half learns what they leave over.
    """

    flat: NDArray[np.int16]
    starts: NDArray[np.int64]
    target: Floats
    draw: Floats
    domain: NDArray[np.str_]
    wide: Floats

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each text."""
        return np.diff(self.starts)


def draw_name(row: Row) -> str:
    """The [draw] entry of a row: film reviews are split by their side."""
    if row.domain != "movie":
        return row.domain
    side = "complaint" if row.target[0] > 0.9 else "praise" if row.target[2] > 0.9 else "middle"
    return f"movie_{side}"


def encode(rows: list[Row], tokenizer: Tokenizer, max_tokens: int, draws: dict[str, float], wide: Floats) -> Encoded:
    """Token ids of all rows, cut to `max_tokens` (first half and last half kept)."""
    ids = [encoding.ids for encoding in tokenizer.encode_batch_fast([row.text for row in rows])]
    half = max_tokens // 2
    ids = [row if len(row) <= max_tokens else row[:half] + row[-half:] for row in ids]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in ids])]).astype(np.int64)
    flat = np.fromiter(chain.from_iterable(ids), dtype=np.int16, count=int(starts[-1]))
    return Encoded(
        flat,
        starts,
        np.array([row.target for row in rows], dtype=np.float32),
        np.array([draws.get(draw_name(row), 0.0) for row in rows], dtype=np.float32),
        np.array([row.domain for row in rows]),
        wide,
    )


def is_temper(text: str, share: float, seed: int) -> bool:
    """Whether a text is kept out of training to fit the mix and the calibration; equal texts stay together."""
    digest = hashlib.sha256(f"temper{seed}\x1f{text_key(text)}".encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32


def batches(data: Encoded, batch: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """One epoch's draw: row numbers in batches of similar length, in random order."""
    whole = np.floor(data.draw).astype(np.int64)
    times = whole + (rng.random(len(data.draw)) < data.draw - whole)
    order = rng.permutation(np.repeat(np.arange(len(times)), times))
    found: list[NDArray[np.int64]] = []
    for start in range(0, len(order), batch * 64):
        piece = order[start : start + batch * 64]
        piece = piece[np.argsort(data.lengths[piece], kind="stable")]
        found += [piece[at : at + batch] for at in range(0, len(piece), batch)]
    for index in rng.permutation(len(found)):
        yield found[index]


def padded(data: Encoded, rows: NDArray[np.int64]) -> Tensor:
    """(rows, longest) token ids, 0 where padded."""
    lengths = data.lengths[rows]
    ids = np.zeros((len(rows), int(lengths.max())), dtype=np.int64)
    for number, row in enumerate(rows):
        ids[number, : lengths[number]] = data.flat[data.starts[row] : data.starts[row + 1]]
    return torch.from_numpy(ids)


def roughened(ids: Tensor, bases: Tensor, word_drop: float, unmark: float) -> Tensor:
    """Training noise: unknown tokens (id 1) here and there, and whole texts without word marks."""
    plain = torch.rand(len(ids), 1) < unmark
    ids = torch.where(plain, bases[ids], ids)
    lost = (torch.rand(ids.shape) < word_drop) & (ids > 3)
    return ids.masked_fill(lost, 1)


def with_wide(logits: Tensor, wide: Tensor) -> Tensor:
    """(texts, 3) logits of both halves: the deep half's log odds added to the linear model's (texts, 2)."""
    polar = wide[:, 0] + logits[:, 2] - logits[:, 0]
    neutral = wide[:, 1] + logits[:, 1] - torch.logaddexp(logits[:, 0], logits[:, 2])
    return torch.stack([F.logsigmoid(-polar), neutral, F.logsigmoid(polar)], dim=1)


def rate_at(progress: float, warm: float) -> float:
    """Share of the peak learning rate at `progress` in [0, 1]: a short rise, then a cosine down to 2 %."""
    if progress < warm:
        return progress / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warm) / (1 - warm))))


def train(
    data: Encoded, temper: Encoded, shape: Shape, bases: list[int], settings: dict[str, Any], seed: int,
    checkpoint: Path, minutes: float | None = None,
) -> Deep:  # fmt: skip
    """The deep half; goes on from `checkpoint` where one lies.

    At `table_until` of the schedule the n-gram table stops learning (it learns texts by heart after that),
    and the result is the mean of the averaged weights then and at the end.

    `minutes` stretches the schedule over wall-clock time instead of the recipe's epochs.
    """
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = Deep(shape, bases, settings["drop"], settings["gram_drop"]).to(device)
    dense = [value for name, value in model.named_parameters() if name != "table.weight"]
    optimisers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(dense, lr=settings["rate"], weight_decay=settings["decay"], fused=True, betas=(0.9, 0.98)),
        torch.optim.SparseAdam([model.table.weight], lr=settings["rate"]),
    ]
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    steps_an_epoch = math.ceil(float(data.draw.sum()) / settings["batch"])
    step, epoch, spent = 0, 0, 0.0
    earlier: dict[str, Tensor] | None = None
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        for optimiser, state in zip(optimisers, saved["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        average, step, epoch, spent = saved["average"], saved["step"], saved["epoch"], saved["spent"]
        earlier = saved["earlier"]
    began = time.monotonic() - spent
    shown = time.monotonic()
    losses: list[float] = []
    finished = False
    while not finished:
        rng = np.random.default_rng([seed, epoch])
        for rows in batches(data, settings["batch"], rng):
            spent = time.monotonic() - began
            progress = spent / (60 * minutes) if minutes else step / (steps_an_epoch * settings["epochs"])
            if progress >= 1:
                finished = True
                break
            for optimiser in optimisers:
                for group in optimiser.param_groups:
                    group["lr"] = settings["rate"] * rate_at(progress, settings["warm"])
            ids = roughened(padded(data, rows).to(device), model.bases, settings["word_drop"], settings["unmark"])
            target = torch.from_numpy(data.target[rows]).to(device)
            model.train()
            offset = torch.from_numpy(data.wide[rows]).to(device)
            loss = -(target * with_wide(model(ids), offset).log_softmax(dim=-1)).sum(-1).mean()
            loss.backward()
            nn.utils.clip_grad_norm_(dense, 1.0)
            if earlier is None and progress >= settings["table_until"]:
                earlier = {name: value.clone() for name, value in average.items()}
            for optimiser in optimisers if earlier is None else optimisers[:1]:
                optimiser.step()
            model.zero_grad()
            losses.append(loss.item())
            step += 1
            if step % 10 == 0:
                keep = min(settings["ema"], step / (step + 100))
                for name, value in model.state_dict().items():
                    if value.dtype.is_floating_point:
                        average[name].lerp_(value, 1 - keep)
            if time.monotonic() - shown > 300:
                report(model, average, temper, step, spent, progress, losses[-200:])
                torch.save(
                    {"model": model.state_dict(), "average": average,
                     "optimisers": [one.state_dict() for one in optimisers], "step": step, "epoch": epoch,
                     "spent": spent, "earlier": earlier}, checkpoint.with_suffix(".part"),
                )  # fmt: skip
                checkpoint.with_suffix(".part").replace(checkpoint)
                shown = time.monotonic()
        epoch += 1
    if earlier is not None:
        for name, value in average.items():
            if value.dtype.is_floating_point:
                value.lerp_(earlier[name], 0.5)
    model.load_state_dict(average)
    return model.eval()


def predict(model: Deep, data: Encoded, batch: int = 512) -> Floats:
    """Logits (texts, 3) in the data's order."""
    model.eval()
    found = np.zeros((len(data.starts) - 1, 3), dtype=np.float32)
    order = np.argsort(data.lengths, kind="stable")
    device = next(model.parameters()).device
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            found[rows] = model(padded(data, rows).to(device)).cpu().numpy()
    return found


def report(
    model: Deep, average: dict[str, Tensor], temper: Encoded, step: int, spent: float, progress: float,
    losses: list[float],
) -> None:  # fmt: skip
    """One JSON line: where training stands, and polar accuracy of the averaged weights by domain."""
    current = {name: value.detach().clone() for name, value in model.state_dict().items()}
    model.load_state_dict(average)
    logits = predict(model, temper)
    model.load_state_dict(current)
    polar = np.maximum(temper.target[:, 0], temper.target[:, 2]) > 0.9
    right = (temper.wide[:, 0] + logits[:, 2] - logits[:, 0] > 0) == (temper.target[:, 2] > temper.target[:, 0])
    line = {
        "step": step,
        "minutes": round(spent / 60, 1),
        "progress": round(progress, 3),
        "loss": float(np.mean(losses)),
    }
    for domain in ("movie", "shop", "game"):
        here = polar & (temper.domain == domain)
        line[domain] = round(float(right[here].mean()), 4)
    print(json.dumps(line), flush=True)
