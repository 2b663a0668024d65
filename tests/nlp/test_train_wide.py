"""The linear half: features as documented, sides the right way round, weights that mean the same in the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import ConfigurationError
from nlp.train import features, linear
from nlp.train.corpus import HARD, MOVIE_TARGETS, Row
from nlp.train.encoded import Encoded

QUICK = settings(max_examples=20, deadline=None)
SPEC = ["e1", "e2", "b3", "b:101"]
BUCKETS = 499
FAMILIES = features.grams(SPEC, seed=7)
BASES = np.array([0, 1, 2, 3, *range(4, 30), *range(4, 30)])
"""Tokens 30-55 are tokens 4-29 with a word mark."""
TEXTS = st.lists(st.lists(st.integers(4, 55), max_size=14).map(lambda ids: [2, *ids, 3]), min_size=1, max_size=9)


def one_by_one(ids: list[int], family: features.Gram) -> list[int]:
    """The buckets of one text, straight from the formula in nlp/train/features.py."""
    tokens = ids if family.kind == "exact" else BASES[ids].tolist()
    return [
        (family.offset + sum(tokens[at + k] * factor for k, factor in enumerate(family.factors))) % BUCKETS
        for at in range(len(ids) - family.length + 1)
    ]


@QUICK
@given(texts=TEXTS, chunk=st.integers(1, 4))
def test_counts_are_the_hashed_n_grams_of_each_text(texts: list[list[int]], chunk: int) -> None:
    found = linear.counts(texts, BASES, FAMILIES, BUCKETS, chunk)
    for row, ids in enumerate(texts):
        buckets = [bucket for family in FAMILIES for bucket in one_by_one(ids, family)]
        assert found[row].toarray()[0].tolist() == np.bincount(buckets, minlength=BUCKETS).tolist()


def test_each_family_has_constants_of_its_own_and_the_same_ones_every_time() -> None:
    found = features.grams(["e1", "e2", "b2", "e3", "b3", "b:101", "b:1001"], 7)
    assert found == features.grams(["e1", "e2", "b2", "e3", "b3", "b:101", "b:1001"], 7)
    assert len({gram.offset for gram in found}) == len(found)
    assert [gram.length for gram in found] == [1, 2, 2, 3, 3, 3, 4]
    assert [factor == 0 for factor in found[-1].factors] == [False, True, True, False]
    assert not {gram.offset for gram in found} & {gram.offset for gram in features.grams(["e1", "b:101"], 8)}


@QUICK
@given(texts=TEXTS, rare=st.integers(1, 3))
def test_a_bucket_weighs_by_how_few_texts_have_it(texts: list[list[int]], rare: int) -> None:
    x = linear.counts(texts, BASES, FAMILIES, BUCKETS)
    texts_with = (x.toarray() > 0).sum(axis=0)
    expected = np.where(texts_with >= rare, np.log(len(texts) / (1 + texts_with)) + 1, 0)
    assert linear.idf_scale(x, rare) == pytest.approx(expected, abs=1e-6)


@QUICK
@given(
    rows=st.lists(st.lists(st.sampled_from([0, 0, 1, 2, 5]), min_size=6, max_size=6), min_size=1, max_size=5),
    scale=st.lists(st.sampled_from([0.0, 1.0, 2.5, 11.0]), min_size=6, max_size=6),
)
def test_a_row_is_scaled_to_length_one_and_an_empty_one_stays_empty(rows: list[list[int]], scale: list[float]) -> None:
    counted = np.array(rows, dtype=np.float32)
    weighed = counted * np.array(scale)
    length = np.sqrt((counted * np.array(scale) ** 2).sum(axis=1, keepdims=True))
    found = linear.scaled(sp.csr_matrix(counted), np.array(scale, dtype=np.float32)).toarray()
    assert found == pytest.approx(np.divide(weighed, length, out=np.zeros_like(weighed), where=length > 0), abs=1e-5)


def test_texts_weigh_as_they_lean_and_film_praise_as_much_as_film_blame() -> None:
    points = [1, 1, 5, 6, 7, 8, 9, 10, 10, 10]
    rows = [Row(f"{place}", MOVIE_TARGETS[rating], "movie") for place, rating in enumerate(points)]
    rows += [Row("가게", HARD[label], "shop") for label in range(3)]
    data = Encoded.of(rows, [[2, 3]] * len(rows), 0.0, 1)
    task = linear.problem(data, {"movie": 1.0, "shop": 0.5}, {"movie": 0.25}, 0.0)
    polar, lean = task.polar, data.target[:, 2] - data.target[:, 0]
    assert polar.tolist() == [*[rating != 7 for rating in points], True, False, True]
    blamed = task.weight[polar & (lean < 0) & (data.domain == "movie")]
    assert blamed == pytest.approx([0.97, 0.97, 0.60, 0.32])
    assert task.weight[polar & (lean > 0) & (data.domain == "movie")].sum() == pytest.approx(blamed.sum())
    assert task.weight[-3:] == pytest.approx([0.5 * 0.97, 0, 0.5 * 0.97])
    assert task.neutral.tolist() == [False] * 10 + [True] * 3
    assert task.neutral_weight.tolist() == [0.25] * 10 + [0.5] * 3


@pytest.mark.parametrize(
    ("weight", "neutral"),
    [({"shop": 1.0, "films": 1.0, "uci": 1.0}, {}), ({"shop": 0.5}, {}), ({"shop": 1.0, "uci": 1.0}, {"ucl": 0.4})],
)
def test_a_weight_that_no_text_has_or_that_is_not_said_is_an_error(weight: dict[str, float], neutral: Any) -> None:
    data = Encoded.of([Row("글", HARD[0], "shop"), Row("one", HARD[2], "uci")], [[2, 3]] * 2, 0.0, 1)
    with pytest.raises(ConfigurationError, match=r"(films|uci|ucl); the texts' domains"):
        linear.problem(data, weight, neutral, 1.0)
