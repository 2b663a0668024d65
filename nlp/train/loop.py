"""The training loop of both phases: schedule, averaged weights, checkpoints; on a CPU or a GPU unchanged."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

Batch = TypeVar("Batch")
State = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast: `minutes` of wall clock instead of the epochs where it is given.

    The n-gram table learns until `table_until` of the schedule (0 never, 1 always): after that it learns texts by
    heart.
    """

    epochs: float
    rate: float
    decay: float
    warm: float
    table_until: float
    averaged: float = 0.98  # kept of the average every 10 steps
    save_seconds: float = 300.0
    minutes: float | None = None


def rate_at(progress: float, warm: float) -> float:
    """Share of the peak learning rate at `progress` in [0, 1]: a short rise, then a cosine down to 2 %."""
    if progress < warm:
        return progress / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warm) / (1 - warm))))


def device() -> torch.device:
    """The GPU where torch sees one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def train(
    model: nn.Module, table: nn.Parameter, batches: Callable[[np.random.Generator], Iterator[Batch]],
    steps_an_epoch: float, loss_of: Callable[[Batch, np.random.Generator], dict[str, Tensor]], schedule: Schedule,
    seed: int, checkpoint: Path, look: Callable[[State], dict[str, float]] = lambda _: {},
) -> State:  # fmt: skip
    """The averaged weights of `model` after the schedule; goes on from `checkpoint` where one lies.

    On a CPU a run that was broken off ends as one that was not, to the bit: an epoch's batches that were learnt are not
    learnt again, and the random numbers go on where they were.

    `table` is the parameter with sparse gradients. The sum of what `loss_of` gives is minimised; its parts, and what
    `look` says of the averaged weights, are printed as a JSON line at every checkpoint.
    """
    torch.manual_seed(seed)
    dense = [value for value in model.parameters() if value is not table]
    optimisers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(dense, lr=schedule.rate, weight_decay=schedule.decay, fused=True, betas=(0.9, 0.98)),
        torch.optim.SparseAdam([table], lr=schedule.rate),
    ]
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    step, epoch, spent = 0, 0, 0.0
    saved: dict[str, Any] = {}
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        print(f"goes on from step {saved['step']} of {checkpoint}", flush=True)
        model.load_state_dict(saved["model"])
        for optimiser, state in zip(optimisers, saved["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        average, step, epoch, spent = saved["average"], saved["step"], saved["epoch"], saved["spent"]
        torch.set_rng_state(saved.get("torch_random", torch.get_rng_state()))
    began = time.monotonic() - spent
    shown = time.monotonic()
    losses: list[dict[str, float]] = []
    while True:
        rng = np.random.default_rng([seed, epoch])
        learnt = saved.get("learnt", 0)
        for place, batch in enumerate(batches(rng)):
            if place < learnt:
                continue
            if place == learnt and "random" in saved:
                rng.bit_generator.state = json.loads(saved["random"])
            spent = time.monotonic() - began
            progress = (
                spent / (60 * schedule.minutes) if schedule.minutes else step / (steps_an_epoch * schedule.epochs)
            )
            if progress >= 1:
                return average
            for optimiser in optimisers:
                for group in optimiser.param_groups:
                    group["lr"] = schedule.rate * rate_at(progress, schedule.warm)
            model.train()
            parts = loss_of(batch, rng)
            torch.stack(list(parts.values())).sum().backward()
            nn.utils.clip_grad_norm_(dense, 1.0)
            for optimiser in optimisers if progress < schedule.table_until else optimisers[:1]:
                optimiser.step()
            model.zero_grad()
            losses.append({name: value.item() for name, value in parts.items()})
            step += 1
            if step % 10 == 0:
                blend(average, model.state_dict(), min(schedule.averaged, step / (step + 100)))
            if time.monotonic() - shown > schedule.save_seconds:
                line = {"step": step, "minutes": round(spent / 60, 1), "progress": round(progress, 3)}
                print(json.dumps({**line, **means(losses[-200:]), **look(average)}), flush=True)
                states = [one.state_dict() for one in optimisers]
                save(checkpoint, {"model": model.state_dict(), "average": average, "optimisers": states,
                                  "step": step, "epoch": epoch, "spent": spent, "learnt": place + 1,
                                  "random": json.dumps(rng.bit_generator.state),
                                  "torch_random": torch.get_rng_state()})  # fmt: skip
                shown = time.monotonic()
        epoch += 1
        saved = {}


def blend(average: State, now: State, keep: float) -> None:
    """Moves the averaged weights towards the present ones."""
    for name, value in now.items():
        if value.dtype.is_floating_point:
            average[name].lerp_(value, 1 - keep)


def means(losses: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each part."""
    return {name: round(float(np.mean([one[name] for one in losses])), 4) for name in losses[-1]}


def save(checkpoint: Path, content: dict[str, Any]) -> None:
    """Aside, then renamed: a kill in the middle leaves the one before."""
    part = checkpoint.with_suffix(".part")
    torch.save(content, part)
    part.replace(checkpoint)
