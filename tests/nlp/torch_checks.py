"""Checks of the training code that needs torch, which the project's own environment has not: run them where you train.

`.train/bin/pip install pytest hypothesis pytest-timeout && .train/bin/python -m pytest tests/nlp/torch_checks.py`
"""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.calibration import log_odds, softmax
from nlp.sentiment import sentiment_task
from nlp.train import __main__ as command
from nlp.train import features, linear, loop, packaged, pretrain, recipe, steps
from nlp.train.corpus import HARD, Row
from nlp.train.encoded import Encoded
from nlp.train.network import Deep, Shape, buckets_of, gram_hashes

QUICK = settings(max_examples=25, deadline=None)
SPEC = ["e1", "e2", "b3", "b:101"]
BUCKETS = 499
BASES = [0, 1, 2, 3, *range(4, 30), *range(4, 30)]
TEXTS = st.lists(st.lists(st.integers(4, 55), max_size=14).map(lambda ids: [2, *ids, 3]), min_size=1, max_size=9)


def padded(texts: list[list[int]]) -> torch.Tensor:
    """(texts, widest) token ids, 0 where padded."""
    ids = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.long)
    for row, one in enumerate(texts):
        ids[row, : len(one)] = torch.tensor(one)
    return ids


def encoded(texts: list[list[int]]) -> Encoded:
    """Shop texts without a thought for their words."""
    return Encoded.of([Row(f"글 {row}", HARD[row % 3], "shop") for row in range(len(texts))], texts, 0.0, 1)


@QUICK
@given(texts=TEXTS)
def test_the_network_hashes_as_numpy_does(texts: list[list[int]]) -> None:
    families = features.grams(SPEC, 7)
    rows, columns = features.hashed(texts, np.array(BASES), families, BUCKETS)
    found = torch.cat(buckets_of(gram_hashes(padded(texts), torch.tensor(BASES), families), BUCKETS), dim=1)
    for row in range(len(texts)):
        assert sorted(found[row][found[row] < BUCKETS].tolist()) == sorted(columns[rows == row].tolist())


@QUICK
@given(weights=st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=60))
def test_one_byte_keeps_a_weight_to_half_a_step_of_its_root(weights: list[float]) -> None:
    """With w = scale * q * |q| and q rounded, |error| <= scale * (|q| + 1/4): at most 0.8 % of the largest weight."""
    before = torch.tensor(weights).unsqueeze(1)
    values, scale = packaged.companded(before)
    roots = values.to(torch.float32)
    error = (scale * roots * roots.abs() - before).abs()
    assert values.dtype == torch.int8
    assert bool((error <= scale * (roots.abs() + 0.25) * 1.001 + 1e-12).all())
    assert float(error.max()) <= 0.008 * float(before.abs().max()) + 1e-9


def test_three_bytes_a_bucket_give_the_odds_that_were_fitted() -> None:
    """Random tables are the worst case: no error cancels by what the words mean. Bound: 0.02 of the odds' spread."""
    rng = np.random.default_rng(5)
    texts = [[2, *rng.integers(4, 56, size=rng.integers(1, 40)).tolist(), 3] for _ in range(300)]
    idf = rng.uniform(1, 12, size=BUCKETS) * (rng.random(BUCKETS) > 0.2)
    table = np.stack([rng.laplace(size=BUCKETS) * idf, rng.laplace(size=BUCKETS) * idf, idf**2], axis=1)
    families = features.grams(SPEC, 7)
    total = linear.counts(texts, np.array(BASES), families, BUCKETS) @ table
    expected = total[:, :2] / np.sqrt(total[:, 2:]) + [0.3, -0.7]
    mix = packaged.Mix((0.0, 1.0, 0.0), (0.0, 1.0, 0.0))
    model = packaged.Packaged(SPEC, 7, BASES, torch.tensor(table, dtype=torch.float32), (0.3, -0.7), mix)
    polar, neutral = log_odds(model(padded(texts)).detach().numpy())
    found = np.stack([polar, neutral], axis=1)
    assert np.abs(found - expected).max() <= 0.02 * expected.std() * 3
    assert np.abs(found - expected).mean() <= 0.01 * expected.std()


def test_the_mix_weighs_the_halves_and_padding_weighs_nothing() -> None:
    shape = Shape(vocab=56, buckets=97, spec=("e2", "b3"), seed=7, table=8, token=8, hidden=16, heads=2, feed=16)
    torch.manual_seed(3)
    deep = Deep(shape, BASES).eval()
    texts = [[2, 5, 6, 40, 3], [2, 9, 3], [2, *range(4, 40), 3]]
    logits = deep(padded(texts)).detach()
    spec = ["e2", "b3"]
    wide = torch.zeros(BUCKETS, 3)
    mix = packaged.Mix((0.2, 1.0, 0.5), (-0.1, 1.0, 2.0))
    before = torch.stack([logits[:, 2] - logits[:, 0], logits[:, 1] - logits[:, [0, 2]].logsumexp(1)], dim=1)
    whole = packaged.Packaged(spec, 7, BASES, wide, (0.0, 0.0), mix, packaged.quantise_tables(deep)).eval()
    found = np.stack(log_odds(whole(padded(texts)).detach().numpy()), axis=1)
    assert found == pytest.approx((torch.tensor([0.2, -0.1]) + torch.tensor([0.5, 2.0]) * before).numpy(), abs=0.02)
    alone = [np.stack(log_odds(whole(padded([text])).detach().numpy()), axis=1)[0] for text in texts]
    assert np.stack(alone) == pytest.approx(found, abs=1e-4)


@QUICK
@given(flat=st.lists(st.integers(0, 5), min_size=3, max_size=60), seed=st.integers(0, 9))
def test_a_replacement_stood_between_the_same_neighbours(flat: list[int], seed: int) -> None:
    near = pretrain.Neighbours(np.array(flat, dtype=np.int16), vocab=6)
    places = np.repeat(np.arange(len(flat)), 3)
    found = near.swapped(places, np.random.default_rng(seed))
    seen = {(flat[at - 1], flat[at], flat[(at + 1) % len(flat)]) for at in range(len(flat))}
    for place, token in zip(places.tolist(), found.tolist(), strict=True):
        assert (flat[place - 1], token, flat[(place + 1) % len(flat)]) in seen


def test_only_inner_tokens_are_replaced_and_the_difference_is_told_truly() -> None:
    rng = np.random.default_rng(2)
    texts = [[2, *rng.integers(4, 9, size=size).tolist(), 3] for size in (1, 3, 8, 30)]
    data = encoded(texts)
    near = pretrain.Neighbours(data.flat, 56)
    ids, differs, inner = pretrain.corrupted(data, near, np.arange(4), 0.9, rng)
    clean = padded(texts)
    assert torch.equal(differs.bool(), ids != clean)
    assert float(differs.sum()) > 3
    assert torch.equal(inner, (clean > 3)), "the two ends and the padding are neither replaced nor judged"
    assert not bool((differs.bool() & ~inner).any())


def test_a_batch_list_is_every_text_once() -> None:
    data = encoded([[2, *[5] * (1 + row % 60), 3] for row in range(500)])
    found = list(pretrain.batches(data, 200, np.random.default_rng(1)))
    assert sorted(np.concatenate(found).tolist()) == list(range(500))


class Small(torch.nn.Module):
    """A table with sparse gradients and a layer, with dropout: as the phases have."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.table = torch.nn.Embedding(20, 4, sparse=True)
        self.head = torch.nn.Linear(4, 3)
        self.drop = torch.nn.Dropout(0.3)


def learnt(checkpoint: Path, killed_at: tuple[int, ...] = ()) -> tuple[loop.State, list[int]]:
    """The averaged weights after 2.5 epochs of 12 batches, and the batches seen; a kill is a run begun again."""
    seen: list[int] = []
    kills = list(killed_at)
    schedule = loop.Schedule(epochs=2.5, rate=0.05, decay=0.01, warm=0.1, table_until=0.5, save_seconds=-1.0)

    def batches(rng: np.random.Generator) -> Iterator[int]:
        yield from rng.permutation(12).tolist()

    while True:
        model = Small()

        def loss_of(batch: int, rng: np.random.Generator, model: Small = model) -> dict[str, torch.Tensor]:
            if kills and len(seen) == kills[0]:
                kills.pop(0)
                raise KeyboardInterrupt
            seen.append(batch)
            rows = torch.tensor([batch, int(rng.integers(20))])
            return {"loss": (model.drop(model.head(model.table(rows))) - 1).square().mean()}

        try:
            return loop.train(model, model.table.weight, batches, 12, loss_of, schedule, 9, checkpoint), seen
        except KeyboardInterrupt:
            continue


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole, seen = learnt(tmp_path / "whole.ckpt")
    broken, seen_too = learnt(tmp_path / "broken.ckpt", (5, 12, 13, 26))
    assert seen == seen_too and [sorted(seen[at : at + 12]) for at in (0, 12)] == [list(range(12))] * 2
    assert all(torch.equal(value, broken[name]) for name, value in whole.items())
    again, rest = learnt(tmp_path / "whole.ckpt")
    assert not rest and all(torch.equal(value, again[name]) for name, value in whole.items())


def test_all_steps_from_texts_to_a_model_that_gwidam_reads(small_data: Path, tmp_path: Path) -> None:
    """The packaged recipe in small. The shipped graph reads as the network does, and `mix` and `export` repeat."""
    data = tmp_path / "data"
    data.mkdir()
    for path in small_data.iterdir():
        (data / path.name).write_bytes(path.read_bytes())
    with gzip.open(data / "shop_reviews_ko_unlabelled.jsonl.gz", "at", encoding="utf-8") as lines:
        for start in range(0xAC00, 0xAC00 + 1_200, 12):  # the export's example has token ids up to 999
            lines.write(json.dumps({"text": " ".join(map(chr, range(start, start + 12)))}) + "\n")
    settings = copy.deepcopy(recipe.read(recipe.PACKAGED))
    settings["held_out"] = {"movie_each_side": 4, "kept_back": 0.3}
    settings["own"] |= {"korean": 60, "english": 60}
    settings["tokenizer"] |= {"vocab_size": 2_600, "movie_texts": 40}
    settings["wide"] |= {"buckets": 4_099, "min_count": 1, "movie_neutral": 0.5}
    settings["deep"] |= {"buckets": 97, "table": 8, "token": 8, "hidden": 16, "heads": 2, "feed": 16, "layers": 1}
    settings["pretrain"] |= {"tokens": 600}
    settings["pretrain"]["schedule"]["epochs"] = settings["finetune"]["schedule"]["epochs"] = 0.4
    settings["temper"] |= {"own_ko": 1.0, "own_en": 1.0}
    run = steps.Run(settings, data, tmp_path, tmp_path / "model", 1, None)
    for step in command.STEPS:
        getattr(steps, step)(run)
    files = {path.name: path.read_bytes() for path in run.out.iterdir()} | {"mix": (tmp_path / "mix.json").read_bytes()}
    texts = ["배송이 너무 별로예요", "포장이 정말 좋아요 👍", "가격이 어떻게 되나요?", "thank you so much", "", "ㅋ"]
    task = sentiment_task(run.out)
    assert task.version == json.loads(files["config.json"])["gwidam"]["version"]
    assert [tag.label for tag in task.tag([(text, text) for text in texts[:2]])] == ["complaint", "praise"]

    polar, neutral = json.loads(files["mix"])
    saved = np.load(tmp_path / "wide.npz")
    model = packaged.Packaged(
        settings["wide"]["spec"], run.seed, steps.words.base_ids(run.tokenizer()), torch.tensor(saved["table"]),
        tuple(saved["bias"].tolist()), packaged.Mix(tuple(polar), tuple(neutral)),
        packaged.quantise_tables(steps.trained(run)),
    ).eval()  # fmt: skip
    ids = padded(run.encoded(texts, 128))
    # Probabilities: onnxruntime's sigmoid is exact to 1e-7 or so, of which a logarithm near -14 makes 0.04.
    assert softmax(task.backend.logits(ids.numpy())) == pytest.approx(softmax(model(ids).detach().numpy()), abs=1e-4)

    for step in (steps.mix, steps.export):
        step(run)
    again = {path.name: path.read_bytes() for path in run.out.iterdir()} | {"mix": (tmp_path / "mix.json").read_bytes()}
    assert again == files
