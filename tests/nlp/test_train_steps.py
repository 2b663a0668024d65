"""The training command: steps that can be run again, a recipe that is read whole, and errors of one line."""

from __future__ import annotations

import copy
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contracts.errors import ConfigurationError
from nlp.train import __main__ as command
from nlp.train import corpus, linear, recipe, steps
from nlp.train import tokenizer as words
from nlp.train.encoded import Encoded, is_kept_back

ROOT = Path(__file__).parents[2]
SETTINGS = recipe.read(recipe.PACKAGED)
PACKAGED = recipe.PACKAGED.read_text(encoding="utf-8")
SMALL = {
    "held_out": {"movie_each_side": 4, "kept_back": 0.2},
    "own": {"korean": 60, "english": 60},
    "tokenizer": {"vocab_size": 700, "movie_texts": 3},
    "wide": {"buckets": 4_099, "min_count": 1, "movie_neutral": 0.5},
}


def small_run(data: Path, work: Path, **changed: Any) -> steps.Run:
    """The packaged recipe, scaled down, over the small data folder."""
    settings = copy.deepcopy(SETTINGS)
    for table, values in SMALL.items():
        settings[table].update(values)
    work.mkdir(parents=True, exist_ok=True)
    return steps.Run(settings | changed, data, work, work / "model", 1, None)


@pytest.fixture(scope="module")
def trained(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> steps.Run:
    """A run whose steps without torch are done."""
    run = small_run(small_data, tmp_path_factory.mktemp("train"))
    for step in (steps.tokenizer, steps.rows, steps.wide):
        step(run)
    return run


def test_a_step_run_again_or_after_a_kill_leaves_the_same_file(trained: steps.Run, tmp_path: Path) -> None:
    run = replace(trained, work=tmp_path)
    for name, step in (("tokenizer.json", steps.tokenizer), ("rows.npz", steps.rows), ("wide.npz", steps.wide)):
        whole = (trained.work / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
        step(run)
        assert (tmp_path / name).read_bytes() == whole, f"{name} depends on more than the seed and the data"


def test_the_tokenizer_sees_the_same_texts_every_time_and_none_held_out(
    small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, given = small_run(small_data, tmp_path), []
    real = words.train_tokenizer
    monkeypatch.setattr(words, "train_tokenizer", lambda texts, size: given.append(texts) or real(texts[:9], size))
    for _ in range(2):
        steps.tokenizer(run)
    assert given[0] == given[1]
    films = {row["text"] for row in corpus.read(small_data, "movie_reviews_ko")}
    held_out = {text for text, _ in corpus.held_out_movies(small_data, 4, run.seed)}
    assert len(films.intersection(given[0])) == SMALL["tokenizer"]["movie_texts"]
    assert len(held_out) == 8 and not held_out.intersection(given[0])


def test_every_kind_of_text_is_named_in_the_recipe_and_every_name_is_a_kind(trained: steps.Run) -> None:
    data = trained.data_rows()
    assert set(data.kind.tolist()) - {"unlabelled"} == SETTINGS["draw"].keys()
    for table in ("draw", "temper"):
        data.shares(SETTINGS[table])
    weights, of_neutral = SETTINGS["wide"]["weight"], SETTINGS["wide"]["neutral_weight"]
    assert set(data.domain.tolist()) - {"unlabelled"} == weights.keys()
    assert of_neutral.keys() <= weights.keys()


def test_rows_are_all_texts_with_the_tokens_of_the_packaged_rules(trained: steps.Run) -> None:
    data, found = trained.data_rows(), trained.rows()
    assert len(data) == len(found) + len(corpus.unlabelled(trained.data))
    read = trained.encoded([row.text for row in found[:40]], 256)
    assert [data.tokens(row).tolist() for row in range(40)] == read
    assert data.kept_back[: len(found)].tolist() == [is_kept_back(row.text, 0.2, trained.seed) for row in found]
    assert 0.1 < data.kept_back.mean() < 0.3
    [cut] = trained.encoded(["배송이 너무 늦어요 " * 40], 20)
    assert len(cut) == 20 and [cut[0], cut[-1]] == [read[0][0], read[0][-1]]


def test_texts_kept_back_train_nothing(trained: steps.Run, tmp_path: Path) -> None:
    """With other classes and other words in them the fitted table is the same, to the bit."""
    for name in ("tokenizer.json", "rows.npz"):
        (tmp_path / name).write_bytes((trained.work / name).read_bytes())
    data = trained.data_rows()
    hidden = np.repeat(data.kept_back, data.lengths)
    flat = np.where(hidden & (data.flat > 3), 300, data.flat)
    target = np.where(data.kept_back[:, None], data.target[:, ::-1], data.target)
    assert (flat != data.flat).any() and (target != data.target).any()
    Encoded(flat, data.starts, target, data.kind, data.kept_back).save(tmp_path / "rows.npz")
    steps.wide(replace(trained, work=tmp_path))
    before, after = np.load(trained.work / "wide.npz"), np.load(tmp_path / "wide.npz")
    assert np.array_equal(before["table"], after["table"]) and np.array_equal(before["bias"], after["bias"])
    assert not np.array_equal(before["kept_back"], after["kept_back"])


def test_the_table_gives_the_odds_that_liblinear_fitted(trained: steps.Run) -> None:
    """N-gram by n-gram, as the graph adds them up, text by text in the order of those kept back; praise is positive."""
    saved, data = np.load(trained.work / "wide.npz"), trained.data_rows()
    kept = data.where(data.kept_back)
    texts = [kept.tokens(row) for row in range(len(kept))]
    bases = np.array(words.base_ids(trained.tokenizer()))
    total = linear.counts(texts, bases, trained.families(), len(saved["table"])) @ saved["table"].astype(np.float64)
    odds = total[:, :2] / np.sqrt(total[:, 2:]) + saved["bias"]
    assert odds == pytest.approx(saved["kept_back"], abs=1e-4)
    ours, label = np.isin(kept.kind, ["own_ko", "own_en", "shop"]), kept.target.argmax(axis=1)
    polar, neutral = odds.T
    assert polar[ours & (label == 2)].mean() > 0.5 > -0.5 > polar[ours & (label == 0)].mean()
    assert neutral[ours & (label == 1)].mean() > neutral[ours & (label != 1)].mean() + 1


def test_the_halves_are_mixed_by_what_they_are_worth() -> None:
    """The truth is 2 x wide + 0.6 x deep in polar; neutral comes from the wide half alone, and is rare."""
    rng = np.random.default_rng(3)
    wide, deep = rng.normal(size=(6_000, 2)), rng.normal(size=(6_000, 2))
    neutral = rng.random(6_000) < 1 / (1 + np.exp(1.5 - 2 * wide[:, 1]))
    praise = rng.random(6_000) < 1 / (1 + np.exp(-2 * wide[:, 0] - 0.6 * deep[:, 0]))
    labels, even = np.where(neutral, 1, 2 * praise), np.ones(6_000)
    polar, plain = steps.fit_mix(wide, deep[:, 0], deep[:, 1], labels, even, even, 0.3)
    assert polar == pytest.approx((0, 2, 0.6), abs=0.15) and polar[2] == pytest.approx(0.3 * polar[1])
    assert plain == pytest.approx((-1.5, 2, 0), abs=0.15)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (r"^cost = .*?$", "cots = 4.0", "unknown 'cots' in [wide], did you mean 'cost'?; 'cost' is missing in [wide]"),
        (r"^detect = (.*?)  .*?$", r'detect = "\1"', "'detect' in [pretrain] is no number"),
        (r"(^\[finetune.schedule]$.*?)^epochs = .*?$", r"\1", "'epochs' is missing in [finetune.schedule]"),
        (r"^movie_praise = (.*?)$", r"movie_praise = [\1]", "movie_praise in [draw] is no number"),
        (r"^\[mix]$", "[mixed]", "unknown 'mixed', did you mean 'mix'?; 'mix' is missing"),
        (r"^seed = ", "seed ", "is not TOML in UTF-8: Expected '=' after a key in a key/value pair (at line 3"),
    ],
)
def test_a_slip_in_the_recipe_is_one_line_that_names_the_place(
    before: str, after: str, said: str, tmp_path: Path
) -> None:  # fmt: skip
    path = tmp_path / "mine.toml"
    path.write_text(re.sub(before, after, PACKAGED, count=1, flags=re.MULTILINE | re.DOTALL), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=re.escape(said)) as caught:
        recipe.read(path)
    assert str(path) in caught.value.message and "\n" not in caught.value.message


def test_a_recipe_may_change_values_and_give_what_has_a_default(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    changed = re.sub(r"^cost = .*$", "cost = 2", PACKAGED, flags=re.MULTILINE)
    path.write_text(changed.replace("[pretrain.schedule]", "[pretrain.schedule]\nsave_seconds = 60"), encoding="utf-8")
    found = recipe.read(path)
    assert (found["wide"]["cost"], found["pretrain"]["schedule"]["save_seconds"]) == (2, 60)


def ask(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    """Runs `python -m nlp.train` with these arguments."""
    monkeypatch.setattr("sys.argv", ["nlp.train", *map(str, arguments)])
    command.main()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rows", "--recipe", "nowhere.toml"], "nowhere.toml: No such file or directory; name a recipe with --recipe"),
        (["wide"], "rows.npz is missing: run the step 'rows' first"),
        (["mix"], "the package 'torch' is missing: pip install -r nlp/train/requirements.txt"),
        (["tokenizer", "--data", "nowhere"], "movie_reviews_ko.jsonl.gz is missing: name the folder"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SystemExit) as ended:
        ask(monkeypatch, *arguments, "--work", tmp_path / "work")
    assert ended.value.code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and said in lines[0]


def test_every_documented_training_command_is_understood() -> None:
    """In the pages that tell how to train: the step exists, and so does every option."""
    pages = [ROOT / "docs" / "model.md", ROOT / "docs" / "training.md", ROOT / "nlp" / "train" / "requirements.txt"]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    parser = command.options_parser()
    options = {option for action in parser._actions for option in action.option_strings}
    asked = re.findall(r"python -m nlp\.train +([a-z]+)([^`\n#]*)", text)
    assert {step for step, _ in asked} >= {"all", "baseline", "base"}
    for step, rest in asked:
        assert step in (*command.STEPS, "all", "baseline", "base"), step
        assert set(re.findall(r"--[a-z]+", rest)) <= options, rest
    for step in command.STEPS:
        assert callable(getattr(steps, step)) and f"`{step}`" in text, f"docs/training.md says nothing of {step}"
