"""Wide and deep in one graph with 8-bit tables: what is exported and shipped."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nlp.train.features import grams
from nlp.train.network import Deep, buckets_of, gram_hashes


@dataclass(frozen=True, slots=True)
class Mix:
    """How the halves' log odds are added: polar (praise against complaint) and neutral (against both)."""

    polar: tuple[float, float, float]  # bias, wide, deep
    neutral: tuple[float, float, float]


def companded(weights: Tensor) -> tuple[Tensor, Tensor]:
    """8-bit roots of `weights` (rows, columns) and a scale a column: weight = scale * q * |q|."""
    scale = weights.abs().amax(dim=0).clamp_min(1e-9) / 127.0**2
    roots = (weights.abs() / scale).sqrt().round().clamp(max=127)
    return (roots * weights.sign()).to(torch.int8), scale


class Table(nn.Module):
    """An embedding table kept as int8 with one scale a column."""

    values: Tensor
    scale: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        scale = weight.abs().amax(dim=0).clamp_min(1e-9) / 127
        self.register_buffer("values", (weight / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, index: Tensor) -> Tensor:
        """Rows of the table as float32."""
        return self.values[index].to(torch.float32) * self.scale

    def summed(self, index: Tensor) -> Tensor:
        """Rows of index (batch, tokens, n) summed over n; scaled once, after the sum."""
        return self.values[index].to(torch.float32).sum(dim=2) * self.scale


class Packaged(nn.Module):
    """input_ids (batch, tokens), 0 = padding -> logits (batch, 3): complaint, neutral, praise."""

    bases: Tensor
    wide: Tensor
    wide_scale: Tensor

    def __init__(
        self, spec: list[str], seed: int, bases: list[int], wide: Tensor, bias: tuple[float, float], mix: Mix,
        deep: Deep | None = None,
    ) -> None:  # fmt: skip
        """`wide` is (buckets, 3): weights of the polar and the neutral log odds, and the scale squared."""
        super().__init__()
        self.buckets = wide.shape[0]
        self.families = grams(spec, seed)
        self.bias, self.mix = bias, mix
        values, scale = companded(torch.cat([wide, torch.zeros(1, wide.shape[1])]))
        self.register_buffer("wide", values)
        self.register_buffer("wide_scale", scale)
        self.register_buffer("bases", torch.tensor(bases, dtype=torch.long))
        self.deep = deep

    def wide_odds(self, hashes: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        """(polar, neutral) log odds of the linear model, each (batch,)."""
        roots = self.wide[torch.cat(buckets_of(hashes, self.buckets), dim=1)].to(torch.float32)
        total = (roots * roots.abs()).sum(dim=1) * self.wide_scale
        norm = total[:, 2].sqrt() + 1e-6
        return total[:, 0] / norm + self.bias[0], total[:, 1] / norm + self.bias[1]

    def forward(self, input_ids: Tensor) -> Tensor:
        """Raw logits; softmax of them is not yet calibrated (config.json holds the calibration)."""
        hashes = gram_hashes(input_ids, self.bases, self.families)
        polar, neutral = self.wide_odds(hashes)
        polar = self.mix.polar[0] + self.mix.polar[1] * polar
        neutral = self.mix.neutral[0] + self.mix.neutral[1] * neutral
        if self.deep is not None:
            # The deep half's families are some of the wide half's, with the same constants.
            shared = dict(zip(self.families, hashes, strict=True))
            seen = self.deep(input_ids, [shared[gram] for gram in self.deep.families])
            polar = polar + self.mix.polar[2] * (seen[:, 2] - seen[:, 0])
            neutral = neutral + self.mix.neutral[2] * (seen[:, 1] - torch.logsumexp(seen[:, [0, 2]], dim=1))
        return torch.stack([F.logsigmoid(-polar), neutral, F.logsigmoid(polar)], dim=1)


def quantise_tables(deep: Deep) -> Deep:
    """Replaces the deep half's embedding tables by int8 ones, in place; a token's two vectors become one."""
    deep.eval()
    deep.tokens = Table(deep.tokens.weight.detach() + deep.base_tokens.weight.detach()[deep.bases])
    deep.table = Table(deep.table.weight.detach())
    return deep
