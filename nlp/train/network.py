"""The network: hashed n-grams straight to the classes (wide) beside a small encoder over them (deep).

One graph takes token ids (batch, tokens), 0 where padded, and gives logits (batch, 3): complaint, neutral,
praise. The wide half is fitted by linear.py and stays as it is; the deep half is trained here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nlp.train.features import Gram, grams

CLASSES = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the deep half. The encoder sees half as many positions as tokens."""

    vocab: int
    buckets: int
    spec: tuple[str, ...]
    seed: int
    table: int = 64
    token: int = 128
    hidden: int = 256
    heads: int = 4
    feed: int = 768
    layers: int = 2
    positions: int = 64


def gram_hashes(ids: Tensor, bases: Tensor, families: list[Gram]) -> list[tuple[Tensor, Tensor]]:
    """For each family the hash that begins at each token (batch, tokens), and whether it lies within the text."""
    tokens = ids.shape[1]
    exact = F.pad(ids, (0, 8))
    base = bases[exact]
    found = []
    for gram in families:
        source = exact if gram.kind == "exact" else base
        value = source[:, :tokens] * gram.factors[0] + gram.offset
        for shift, factor in enumerate(gram.factors[1:], start=1):
            if factor:
                value = value + source[:, shift : shift + tokens] * factor
        last = gram.length - 1
        found.append((value, exact[:, last : last + tokens] > 0))
    return found


def buckets_of(hashes: list[tuple[Tensor, Tensor]], buckets: int) -> list[Tensor]:
    """For each family (batch, tokens) bucket numbers; `buckets` itself where the n-gram leaves the text."""
    outside = torch.tensor(buckets)
    return [torch.where(whole, value % buckets, outside) for value, whole in hashes]


def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A linear layer over x (rows, features), written so that it exports as one product with its bias."""
    return torch.addmm(bias, x, weight.t())


class SharedDropout(nn.Module):
    """Dropout whose mask is one for all positions of a text: as strong, and far fewer random numbers."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """x (batch, positions, features)."""
        if not self.training or not self.share:
            return x
        kept = (torch.rand(x.shape[0], 1, x.shape[2], device=x.device) >= self.share).to(x.dtype) / (1 - self.share)
        return x * kept


class Layer(nn.Module):
    """A pre-norm transformer layer, attention written out so that it exports as plain matrix products."""

    def __init__(self, shape: Shape, drop: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.norm_a, self.norm_f = nn.LayerNorm(shape.hidden), nn.LayerNorm(shape.hidden)
        self.mix = nn.Linear(shape.hidden, 3 * shape.hidden)
        self.out = nn.Linear(shape.hidden, shape.hidden)
        self.up = nn.Linear(shape.hidden, shape.feed)
        self.down = nn.Linear(shape.feed, shape.hidden)
        self.drop = SharedDropout(drop)

    def forward(self, x: Tensor, blocked: Tensor) -> Tensor:
        """x (batch, positions, hidden); blocked (batch, 1, 1, positions) is added to the attention scores."""
        batch, positions, hidden = x.shape
        rows = x.reshape(-1, hidden)
        normed = self.norm_a(rows)
        query, key, value = (
            linear(normed, weight, bias).view(batch, positions, self.heads, hidden // self.heads).transpose(1, 2)
            for weight, bias in zip(self.mix.weight.chunk(3), self.mix.bias.chunk(3), strict=True)
        )
        scores = query @ key.transpose(-1, -2) / math.sqrt(hidden / self.heads) + blocked
        seen = (scores.softmax(dim=-1) @ value).transpose(1, 2).reshape(-1, hidden)
        rows = rows + self._dropped(linear(seen, self.out.weight, self.out.bias), x.shape)
        fed = F.gelu(linear(self.norm_f(rows), self.up.weight, self.up.bias))
        fed = linear(fed, self.down.weight, self.down.bias)
        return (rows + self._dropped(fed, x.shape)).view(x.shape)

    def _dropped(self, rows: Tensor, shape: torch.Size) -> Tensor:
        return self.drop(rows.view(shape)).reshape(rows.shape) if self.training else rows


class Deep(nn.Module):
    """Token and n-gram embeddings, summed a position, halved in length, through a few transformer layers."""

    bases: Tensor

    def __init__(self, shape: Shape, bases: list[int], drop: float = 0.1, gram_drop: float = 0.2) -> None:
        super().__init__()
        self.shape, self.gram_drop = shape, gram_drop
        self.families = grams(list(shape.spec), shape.seed)
        self.register_buffer("bases", torch.tensor(bases, dtype=torch.long))
        self.tokens = nn.Embedding(shape.vocab, shape.token, padding_idx=0)
        self.base_tokens = nn.Embedding(shape.vocab, shape.token, padding_idx=0)
        self.table = nn.Embedding(shape.buckets + 1, shape.table, padding_idx=shape.buckets)
        for part in (self.tokens, self.base_tokens, self.table):
            nn.init.normal_(part.weight, std=0.05)
        with torch.no_grad():
            self.table.weight[shape.buckets] = 0
        self.lift = nn.Identity() if shape.table == shape.token else nn.Linear(shape.table, shape.token)
        self.norm = nn.LayerNorm(shape.token)
        self.halve = nn.Linear(4 * shape.token, shape.hidden)
        self.place = nn.Parameter(torch.randn(shape.positions, shape.hidden) * 0.02)
        self.layers = nn.ModuleList(Layer(shape, drop) for _ in range(shape.layers))
        self.last = nn.LayerNorm(shape.hidden)
        self.look = nn.Linear(shape.hidden, shape.heads)
        self.drop, self.head_drop = SharedDropout(drop), nn.Dropout(drop)
        self.bag = nn.Linear(shape.token, CLASSES)
        self.head = nn.Linear(shape.hidden * 2, CLASSES)

    def summed_grams(self, ids: Tensor, hashes: list[tuple[Tensor, Tensor]]) -> Tensor:
        """(batch, tokens, table): the n-gram vectors that begin at each token."""
        found = buckets_of(hashes, self.shape.buckets)
        bucket = torch.stack(found, dim=-1)
        if self.training and self.gram_drop:
            bucket = bucket.masked_fill(
                torch.rand(bucket.shape, device=bucket.device) < self.gram_drop, self.shape.buckets
            )
        if not isinstance(self.table, nn.Embedding):  # 8-bit, for export
            return self.table.summed(bucket)
        vectors = F.embedding_bag(
            bucket.view(-1, len(found)), self.table.weight, mode="sum",
            padding_idx=self.shape.buckets, sparse=True,
        )  # fmt: skip
        return vectors.view(*ids.shape, self.shape.table)

    def token_vectors(self, ids: Tensor) -> Tensor:
        """(batch, tokens, token): a token's own vector and that of the token without its word mark."""
        if not isinstance(self.tokens, nn.Embedding):  # 8-bit, for export: both in one table
            return self.tokens(ids)
        return self.tokens(ids) + self.base_tokens(self.bases[ids])

    def encode(
        self, ids: Tensor, hashes: list[tuple[Tensor, Tensor]] | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        """Of token ids (batch, tokens): states (batch, positions, hidden), one for every two tokens; which positions
        are real (batch, positions, 1); and the mean token vector (batch, token). `hashes` are of `families`."""
        hashes = hashes or gram_hashes(ids, self.bases, self.families)
        real = (ids > 0).to(torch.float32).unsqueeze(-1)
        x = self.token_vectors(ids) + self.lift(self.summed_grams(ids, hashes))
        x = self.drop(self.norm(x)) * real
        mean = x.sum(1) / real.sum(1)
        length = ids.shape[1]
        padded = F.pad(x, (0, 0, 1, 2))
        windows = [padded[:, shift : shift + length : 2] for shift in range(4)]
        joined = torch.cat(windows, dim=-1)
        joined = joined.reshape(-1, joined.shape[-1])
        y = F.gelu(linear(joined, self.halve.weight, self.halve.bias)).view(ids.shape[0], -1, self.shape.hidden)
        y = self.drop(y + self.place[: y.shape[1]])
        alive = real[:, ::2]
        blocked = ((1 - alive) * -1e4).transpose(1, 2).unsqueeze(1)
        for layer in self.layers:
            y = layer(y, blocked)
        return self.last(y), alive, mean

    def forward(self, ids: Tensor, hashes: list[tuple[Tensor, Tensor]] | None = None) -> Tensor:
        """Logits (batch, 3) of token ids (batch, tokens)."""
        return self.judge(*self.encode(ids, hashes))

    def judge(self, y: Tensor, alive: Tensor, mean: Tensor) -> Tensor:
        """Logits (batch, 3) of what `encode` gives."""
        share = (self.look(y) + (1 - alive) * -1e4).softmax(dim=1)
        batch, positions, hidden = y.shape
        heads = share.shape[-1]
        looked = (share.unsqueeze(-1) * y.view(batch, positions, heads, hidden // heads)).sum(1).reshape(batch, hidden)
        best = (y + (1 - alive) * -1e4).max(dim=1).values
        return self.head(self.head_drop(torch.cat([looked, best], dim=-1))) + self.bag(mean)
