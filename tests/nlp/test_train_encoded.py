"""Texts as one flat array of token ids: what goes in comes out, however it is cut, chosen, padded or saved."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import ConfigurationError
from nlp.train.corpus import HARD, MOVIE_TARGETS, Row
from nlp.train.encoded import Encoded

QUICK = settings(max_examples=20, deadline=None)
DOMAINS = ("movie", "shop", "own_ko", "unlabelled")
IDS = st.lists(st.lists(st.integers(1, 32_767), min_size=2, max_size=40), min_size=1, max_size=12)


def made(ids: list[list[int]], share: float = 0.4) -> Encoded:
    """A text a list of ids, of changing domains and classes."""
    targets = [MOVIE_TARGETS[2], HARD[1], HARD[2], MOVIE_TARGETS[9], MOVIE_TARGETS[6]]
    rows = [Row(f"글 {place}", targets[place % 5], DOMAINS[place % 4]) for place in range(len(ids))]
    return Encoded.of(rows, ids, share, 1)


def texts(data: Encoded) -> list[list[int]]:
    """The token ids of every text."""
    return [data.tokens(row).tolist() for row in range(len(data))]


@QUICK
@given(ids=IDS)
def test_every_text_keeps_its_own_tokens(ids: list[list[int]]) -> None:
    data = made(ids)
    assert texts(data) == ids
    assert data.lengths.tolist() == [len(one) for one in ids]
    assert len(data) == len(ids) == len(data.target) == len(data.kept_back)


@QUICK
@given(ids=IDS, flags=st.lists(st.booleans(), min_size=12, max_size=12))
def test_chosen_texts_bring_everything_that_is_theirs(ids: list[list[int]], flags: list[bool]) -> None:
    data, chosen = made(ids), np.array(flags[: len(ids)])
    found = data.where(chosen)
    rows = np.flatnonzero(chosen).tolist()
    assert texts(found) == [ids[row] for row in rows]
    for name in ("target", "kind", "kept_back"):
        assert getattr(found, name).tolist() == getattr(data, name)[rows].tolist()


@QUICK
@given(ids=IDS, longest=st.integers(3, 16), shortest=st.integers(1, 6))
def test_pieces_laid_end_to_end_are_the_text(ids: list[list[int]], longest: int, shortest: int) -> None:
    data = made(ids)
    whole = data.pieces(longest, 1)
    expected = [(row, one[at : at + longest]) for row, one in enumerate(ids) for at in range(0, len(one), longest)]
    assert texts(whole) == [piece for _, piece in expected]
    assert whole.kind.tolist() == [data.kind[row] for row, _ in expected]
    assert whole.kept_back.tolist() == [data.kept_back[row] for row, _ in expected]
    long_enough = [piece for _, piece in expected if len(piece) >= shortest]
    assert texts(data.pieces(longest, shortest)) == long_enough


@QUICK
@given(ids=IDS, half=st.integers(1, 12))
def test_padding_adds_nothing_but_zeros_and_cuts_the_middle(ids: list[list[int]], half: int) -> None:
    data = made(ids)
    found = data.padded(range(len(ids)), 2 * half)
    kept = [one if len(one) <= 2 * half else one[:half] + one[-half:] for one in ids]
    assert found.shape == (len(ids), max(map(len, kept)))
    assert [row.tolist() for row in found] == [one + [0] * (found.shape[1] - len(one)) for one in kept]


@QUICK
@given(ids=IDS)
def test_what_was_saved_is_loaded(ids: list[list[int]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.npz"
    data = made(ids)
    data.save(path)
    loaded = Encoded.load(path)
    for field in fields(Encoded):
        before, after = getattr(data, field.name), getattr(loaded, field.name)
        assert before.dtype == after.dtype and np.array_equal(before, after), field.name


def test_nothing_chosen_is_no_text_and_no_error(tmp_path: Path) -> None:
    empty = made([[2, 7, 3], [2, 3]]).where(np.array([False, False]))
    empty.save(tmp_path / "rows.npz")
    assert len(Encoded.load(tmp_path / "rows.npz")) == 0 == len(empty.flat)


def test_a_vocabulary_too_large_for_the_array_is_an_error_not_another_token() -> None:
    with pytest.raises(OverflowError):
        made([[2, 40_000, 3]])


def test_only_films_have_a_side_in_their_kind() -> None:
    data = made([[2, 3]] * 12)
    assert set(data.domain.tolist()) == set(DOMAINS)
    assert set(data.kind.tolist()) == {"movie_complaint", "movie_praise", "movie_middle", *DOMAINS[1:]}


def test_a_name_of_the_recipe_that_no_text_has_is_an_error() -> None:
    data = made([[2, 3]] * 8)
    found = data.shares({"movie_complaint": 2.0, "shop": 0.5})
    assert found.tolist() == [{"movie_complaint": 2.0, "shop": 0.5}.get(kind, 0.0) for kind in data.kind]
    with pytest.raises(ConfigurationError, match="no text is of the kind movie; the kinds are movie_complaint"):
        data.shares({"movie": 1.0, "shop": 0.5})
