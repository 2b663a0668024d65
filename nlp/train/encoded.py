"""All training texts as token ids, made once (step `rows`) and read by every later step."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from contracts.errors import ConfigurationError
from nlp.train.corpus import Row, text_key

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

UNLABELLED = "unlabelled"


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts as token ids in one flat array; text n is flat[starts[n] : starts[n + 1]].

    `target` (texts, 3) are class shares; `kind` is the domain, with the side for film reviews (movie_praise);
    The labels of `kept_back` texts train nothing: they fit the mix and the calibration. Pre-training reads the texts.
    """

    flat: NDArray[np.int16]
    starts: Longs
    target: Floats
    kind: NDArray[np.str_]
    kept_back: Flags

    @classmethod
    def of(cls, rows: list[Row], ids: list[list[int]], share: float, seed: int) -> Self:
        """`rows` and the token ids of their texts; a `share` of the texts is kept back."""
        return cls(
            np.fromiter(chain.from_iterable(ids), dtype=np.int16, count=sum(map(len, ids))),
            np.concatenate([[0], np.cumsum([len(row) for row in ids])]).astype(np.int64),
            np.array([row.target for row in rows], dtype=np.float32),
            np.array([kind(row) for row in rows]),
            np.array([is_kept_back(row.text, share, seed) for row in rows]),
        )

    def save(self, path: Path) -> None:
        """One .npz file."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Self:
        """What `save` wrote."""
        with np.load(path) as saved:
            return cls(**{field.name: saved[field.name] for field in fields(cls)})

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def lengths(self) -> Longs:
        """Tokens of each text."""
        return np.diff(self.starts)

    @property
    def domain(self) -> NDArray[np.str_]:
        """The kind without the side."""
        return np.where(np.char.startswith(self.kind, "movie_"), "movie", self.kind)

    def shares(self, named: dict[str, float]) -> Floats:
        """(texts) the number each kind has in a table of the recipe; 0 where it is not named.

        Raises ConfigurationError for a name that is no kind: it would count for nothing, unseen.
        """
        names, index = np.unique(self.kind, return_inverse=True)
        if unknown := named.keys() - set(names.tolist()):
            raise ConfigurationError(
                f"recipe: no text is of the kind {', '.join(sorted(unknown))}; the kinds are {', '.join(names)}"
            )
        return np.array([named.get(str(name), 0.0) for name in names], dtype=np.float32)[index]

    def tokens(self, row: int) -> NDArray[np.int16]:
        """Token ids of one text."""
        return self.flat[self.starts[row] : self.starts[row + 1]]

    def where(self, flags: Flags) -> Encoded:
        """The texts that are flagged, in their order."""
        lengths = self.lengths
        return self._taken([(row, 0, int(lengths[row])) for row in np.flatnonzero(flags)])

    def pieces(self, longest: int, shortest: int) -> Encoded:
        """Every text cut into pieces of at most `longest` tokens; those under `shortest` are left out."""
        cut = [
            (row, start, min(longest, length - start))
            for row, length in enumerate(self.lengths.tolist())
            for start in range(0, length, longest)
        ]
        return self._taken([(row, start, length) for row, start, length in cut if length >= shortest])

    def _taken(self, spans: list[tuple[int, int, int]]) -> Encoded:
        rows = [row for row, _, _ in spans]
        begins = self.starts.tolist()
        parts = [self.flat[begins[row] + start : begins[row] + start + length] for row, start, length in spans]
        starts = np.concatenate([[0], np.cumsum([length for _, _, length in spans])]).astype(np.int64)
        flat = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
        return Encoded(flat, starts, self.target[rows], self.kind[rows], self.kept_back[rows])

    def padded(self, rows: Any, longest: int) -> Longs:
        """(rows, widest) token ids, 0 where padded; of longer texts the first and the last half of `longest`."""
        half = longest // 2
        texts = [self.tokens(row) for row in rows]
        texts = [text if len(text) <= longest else np.concatenate([text[:half], text[-half:]]) for text in texts]
        ids = np.zeros((len(texts), max(len(text) for text in texts)), dtype=np.int64)
        for number, text in enumerate(texts):
            ids[number, : len(text)] = text
        return ids


def kind(row: Row) -> str:
    """The row's domain; of film reviews with their side: movie_complaint, movie_praise, movie_middle."""
    if row.domain != "movie":
        return row.domain
    side = "complaint" if row.target[0] > 0.9 else "praise" if row.target[2] > 0.9 else "middle"
    return f"movie_{side}"


def is_kept_back(text: str, share: float, seed: int) -> bool:
    """Whether a text fits the mix and the calibration, and trains nothing; equal texts stay together."""
    digest = hashlib.sha256(f"temper{seed}\x1f{text_key(text)}".encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32
