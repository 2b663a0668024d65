"""The steps of a training run, each from files to files in the work folder, so that any can be run again."""

from __future__ import annotations

import json
import random
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from nlp import calibration
from nlp.train import corpus, features, linear, own
from nlp.train import tokenizer as words
from nlp.train.corpus import Row


@dataclass(frozen=True, slots=True)
class Run:
    """Where a run reads and writes, and its recipe."""

    recipe: dict[str, Any]
    data: Path
    work: Path
    out: Path
    threads: int
    minutes: float | None

    @classmethod
    def of(
        cls, recipe: Path, data: Path, work: Path, out: Path | None, threads: int, minutes: float | None
    ) -> Self:  # fmt: skip
        """The recipe read, the work folder made."""
        settings = tomllib.loads(recipe.read_text(encoding="utf-8"))
        work.mkdir(parents=True, exist_ok=True)
        target = out or Path(__file__).parents[1] / "models" / settings["name"]
        return cls(settings, data, work, target, threads, minutes)

    @property
    def seed(self) -> int:
        """The seed of everything."""
        return int(self.recipe["seed"])

    def rows(self) -> list[Row]:
        """Every training row: the shippable files less the held-out film reviews, and the project's own."""
        mine = self.recipe["own"]
        found = corpus.load(self.data, each_side=self.recipe["held_out"]["movie_each_side"], seed=self.seed)
        return found + own.sentences(mine["korean"], mine["english"], mine["seed"])

    def tokenizer(self) -> Any:
        """The trained tokenizer."""
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self.work / "tokenizer.json"))

    def families(self) -> list[features.Gram]:
        """The wide half's n-grams."""
        return features.grams(self.recipe["wide"]["spec"], self.seed)

    def encoded(self, texts: list[str], limit: int) -> list[list[int]]:
        """Token ids of texts; those over `limit` keep their beginning and the closing token."""
        found = [encoding.ids for encoding in self.tokenizer().encode_batch_fast(texts)]
        return [ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]] for ids in found]


def tokenizer(run: Run) -> None:
    """Trains tokenizer.json on everything but most film reviews."""
    settings = run.recipe["tokenizer"]
    rows = run.rows()
    movies = [row.text for row in rows if row.domain == "movie"]
    random.Random(settings["seed"]).shuffle(movies)
    texts = [row.text for row in rows if row.domain != "movie"] + corpus.unlabelled(run.data)
    texts += movies[: settings["movie_texts"]]
    words.train_tokenizer(texts, settings["vocab_size"]).save(str(run.work / "tokenizer.json"))


def wide(run: Run) -> None:
    """Fits the linear half on all rows, and its out-of-fold log odds for the deep half to start from."""
    settings, rows = run.recipe["wide"], run.rows()
    bases = np.array(words.base_ids(run.tokenizer()))
    x = linear.counts(run.encoded([row.text for row in rows], 256), bases, run.families(), settings["buckets"])
    scale = linear.idf_scale(x, settings["min_count"])
    x = linear.scaled(x, scale)
    task = linear.problem(rows, settings["weight"], settings["neutral_weight"], settings["movie_neutral"])
    everything = np.ones(len(rows), dtype=bool)
    found = linear.as_table(linear.fit(x, task, everything, settings["cost"]), scale)
    odds = linear.out_of_fold(x, task, [row.text for row in rows], settings["folds"], settings["cost"])
    # A pattern's sentences are in every fold, so these odds know them all; the deep half must learn them too.
    odds[[row.domain.startswith("own") for row in rows]] *= settings["own_offset"]
    np.savez(run.work / "wide.npz", table=found.table, bias=np.array(found.bias), out_of_fold=odds)


def finetune(run: Run) -> None:
    """Trains the deep half on what the wide half leaves over; goes on from its checkpoint."""
    import torch

    from nlp.train import finetune as deep

    torch.set_num_threads(run.threads)
    model = deep.train(
        encoded_part(run, False), encoded_part(run, True), shape(run), words.base_ids(run.tokenizer()),
        run.recipe["finetune"], run.seed, run.work / "deep.ckpt", run.minutes,
    )  # fmt: skip
    torch.save(model.state_dict(), run.work / "deep.pt")


def mix(run: Run) -> None:
    """Weighs the two halves on the rows kept back, which calibrates them for the training domains."""
    import torch

    from nlp.train.finetune import predict

    torch.set_num_threads(run.threads)
    temper = encoded_part(run, True)
    polar, neutral = calibration.log_odds(predict(trained(run), temper))
    clear = temper.target.max(axis=1) > 0.6
    weights = np.array([run.recipe["temper"][name] for name in temper.domain]) * clear
    found = fit_mix(temper.wide, polar, neutral, temper.target.argmax(axis=1), weights)
    print(found)
    (run.work / "mix.json").write_text(json.dumps(found), encoding="utf-8")


def trained(run: Run) -> Any:
    """The deep half as `finetune` left it."""
    import torch

    from nlp.train.network import Deep

    model = Deep(shape(run), words.base_ids(run.tokenizer()))
    model.load_state_dict(torch.load(run.work / "deep.pt", weights_only=True))
    return model.eval()


def export(run: Run) -> None:
    """Writes the model folder."""
    import torch

    from nlp.train.export import export as write
    from nlp.train.export import write_config
    from nlp.train.packaged import Mix, Packaged, quantise_tables

    polar, neutral = json.loads((run.work / "mix.json").read_text(encoding="utf-8"))
    saved = np.load(run.work / "wide.npz")
    packaged = Packaged(
        run.recipe["wide"]["spec"], run.seed, words.base_ids(run.tokenizer()), torch.tensor(saved["table"]),
        tuple(saved["bias"].tolist()), Mix(tuple(polar), tuple(neutral)), quantise_tables(trained(run)),
    )  # fmt: skip
    limit = run.recipe["tokenizer"]["max_tokens"]
    write(packaged, run.out)
    words.save(run.tokenizer(), run.out, limit)
    own_part = {"uncertain_below": run.recipe["uncertain_below"], "calibration": run.recipe["calibration"]}
    print(run.out, write_config(run.out, run.recipe["name"], limit, own_part))


def fit_mix(
    wide_odds: Any, polar: Any, neutral: Any, labels: Any, weights: Any
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:  # fmt: skip
    """Logistic regression of the truth on both halves' log odds: (bias, wide, deep) for polar and for neutral.

    Fitted on rows neither half was trained on; both sides weigh the same, since films are mostly praised.
    """
    from sklearn.linear_model import LogisticRegression

    def one(columns: list[Any], truth: Any, use: Any, balance: str | None) -> tuple[float, float, float]:
        model = LogisticRegression(C=100, class_weight=balance)
        model.fit(np.stack(columns, axis=1)[use], truth[use], sample_weight=weights[use])
        return float(model.intercept_[0]), float(model.coef_[0][0]), float(model.coef_[0][1])

    seen = weights > 0
    return (
        one([wide_odds[:, 0], polar], labels == 2, seen & (labels != 1), "balanced"),
        one([wide_odds[:, 1], neutral], labels == 1, seen, None),
    )


def shape(run: Run) -> Any:
    """The deep half's sizes from the recipe."""
    from nlp.train.network import Shape

    settings = dict(run.recipe["deep"])
    spec = tuple(settings.pop("spec"))
    return Shape(vocab=run.tokenizer().get_vocab_size(), seed=run.seed, spec=spec, **settings)


def encoded_part(run: Run, kept_back: bool) -> Any:
    """The rows trained on, or those kept back, encoded, with the wide half's out-of-fold log odds."""
    from nlp.train import finetune as deep

    rows = run.rows()
    odds = np.load(run.work / "wide.npz")["out_of_fold"]
    share = run.recipe["held_out"]["temper_share"]
    flags = np.array([deep.is_temper(row.text, share, run.seed) == kept_back for row in rows])
    part = [row for row, flag in zip(rows, flags, strict=True) if flag]
    limit = run.recipe["tokenizer"]["max_tokens"]
    return deep.encode(part, run.tokenizer(), limit, run.recipe["draw"], odds[flags])


def baseline(run: Run) -> None:
    """Prints the paired test of the packaged model against the linear baseline."""
    from nlp.sentiment import sentiment_task
    from nlp.train import baseline as linear_baseline

    vectoriser, classifier = linear_baseline.fit(run.rows(), 100_000, run.seed)
    task = sentiment_task(run.out, threads=run.threads)
    for one in linear_baseline.compare(run.data, vectoriser, classifier, task.probabilities):
        print(
            f"{one.name:16} {one.texts:6} linear {one.linear:.4f} model {one.model:.4f} "
            f"only linear {one.only_linear} only model {one.only_model} p {one.p:.2g}"
        )
