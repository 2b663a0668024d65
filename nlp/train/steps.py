"""The steps of a training run, each from files to files in the work folder, so that any can be run again."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from contracts.errors import ConfigurationError
from nlp import calibration
from nlp.train import corpus, features, linear, own
from nlp.train import recipe as recipes
from nlp.train import tokenizer as words
from nlp.train.corpus import Row
from nlp.train.encoded import UNLABELLED, Encoded


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
        """The recipe read, the work folder made. Raises ConfigurationError for a recipe that is not whole."""
        settings = recipes.read(recipe)
        work.mkdir(parents=True, exist_ok=True)
        target = out or Path(__file__).parents[1] / "models" / settings["name"]
        return cls(settings, data, work, target, threads, minutes)

    @property
    def seed(self) -> int:
        """The seed of everything."""
        return int(self.recipe["seed"])

    def made(self, name: str, step: str) -> Path:
        """A file that an earlier step leaves in the work folder. Raises ConfigurationError when it is not there."""
        path = self.work / name
        if not path.exists():
            raise ConfigurationError(f"{path} is missing: run the step {step!r} first")
        return path

    def rows(self) -> list[Row]:
        """Every training row: the shippable files less the held-out film reviews, and the project's own."""
        mine = self.recipe["own"]
        found = corpus.load(self.data, each_side=self.recipe["held_out"]["movie_each_side"], seed=self.seed)
        return found + own.sentences(mine["korean"], mine["english"], mine["seed"])

    def tokenizer(self) -> Any:
        """The trained tokenizer."""
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self.made("tokenizer.json", "tokenizer")))

    def data_rows(self) -> Encoded:
        """What the step `rows` wrote."""
        return Encoded.load(self.made("rows.npz", "rows"))

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


def rows(run: Run) -> None:
    """Turns every text into token ids, once: rows.npz, which the later steps read."""
    found = run.rows()
    found += [Row(text, (1 / 3, 1 / 3, 1 / 3), UNLABELLED) for text in corpus.unlabelled(run.data)]
    ids = run.encoded([row.text for row in found], run.recipe["tokenizer"]["longest"])
    Encoded.of(found, ids, run.recipe["held_out"]["kept_back"], run.seed).save(run.work / "rows.npz")


def wide(run: Run) -> None:
    """Fits the linear half on all labelled texts that are not kept back; reads those with it too."""
    settings, data = run.recipe["wide"], run.data_rows()
    bases = np.array(words.base_ids(run.tokenizer()))

    def counted(part: Encoded) -> Any:
        ids = [part.tokens(row) for row in range(len(part))]
        return linear.counts(ids, bases, run.families(), settings["buckets"])

    labelled = data.where((data.kind != UNLABELLED) & ~data.kept_back)
    x = counted(labelled)
    scale = linear.idf_scale(x, settings["min_count"])
    task = linear.problem(labelled, settings["weight"], settings["neutral_weight"], settings["movie_neutral"])
    models = linear.fit(linear.scaled(x, scale), task, settings["cost"], run.seed)
    found = linear.as_table(models, scale)
    kept = linear.scaled(counted(data.where(data.kept_back)), scale)
    odds = np.stack([model.decision_function(kept) for model in models], axis=1)
    np.savez(run.work / "wide.npz", table=found.table, bias=np.array(found.bias), kept_back=odds)


def pretrain(run: Run) -> None:
    """Trains the deep half to find replaced tokens and to judge at once; goes on from its checkpoint."""
    import torch

    from nlp.train import pretrain as phase

    torch.set_num_threads(run.threads)
    settings = run.recipe["pretrain"]
    data = run.data_rows().pieces(settings["longest"], shortest=5)
    weights = data.shares(run.recipe["draw"]) * ~data.kept_back
    deep = network(run, settings)
    deep = phase.pretrain(deep, data, settings, weights, run.seed, run.work / "pretrain.ckpt", run.minutes)
    torch.save(deep.state_dict(), run.work / "pretrained.pt")


def finetune(run: Run) -> None:
    """Trains the deep half on the drawn mix, from pretrained.pt where it lies; goes on from its checkpoint."""
    import torch

    from nlp.train import finetune as phase

    torch.set_num_threads(run.threads)
    deep = network(run, run.recipe["finetune"])
    if (run.work / "pretrained.pt").exists():
        deep.load_state_dict(torch.load(run.work / "pretrained.pt", weights_only=True))
    else:
        print("no pretrained.pt in the work folder: the deep half starts from random weights", flush=True)
    deep = phase.finetune(
        deep, run.data_rows(), run.recipe["finetune"], run.recipe["draw"], run.recipe["tokenizer"]["max_tokens"],
        run.seed, run.work / "finetune.ckpt", run.minutes,
    )  # fmt: skip
    torch.save(deep.state_dict(), run.work / "deep.pt")


def mix(run: Run) -> None:
    """Weighs the two halves on the texts kept back, which calibrates them for the training domains."""
    import torch

    from nlp.train.finetune import polar_accuracy, predict

    torch.set_num_threads(run.threads)
    data = run.data_rows()
    kept = data.where(data.kept_back)
    logits = predict(trained(run), kept, run.recipe["tokenizer"]["max_tokens"])
    polar, neutral = calibration.log_odds(logits)
    clear = kept.target.max(axis=1) > 0.6
    odds = np.load(run.made("wide.npz", "wide"))["kept_back"]
    weights = kept.shares(run.recipe["temper"]) * clear
    fewer_films = np.where(kept.domain == "movie", run.recipe["wide"]["movie_neutral"], 1.0)
    found = fit_mix(
        odds, polar, neutral, kept.target.argmax(axis=1), weights, weights * fewer_films,
        run.recipe["mix"]["deep_share"],
    )  # fmt: skip
    print(found, "deep alone", polar_accuracy(logits, kept))
    (run.work / "mix.json").write_text(json.dumps(found), encoding="utf-8")


def trained(run: Run) -> Any:
    """The deep half as `finetune` left it."""
    import torch

    deep = network(run, run.recipe["finetune"])
    deep.load_state_dict(torch.load(run.made("deep.pt", "finetune"), weights_only=True))
    return deep.eval()


def network(run: Run, settings: dict[str, Any]) -> Any:
    """A new deep half of the recipe's shape, with a phase's dropout."""
    from nlp.train.network import Deep, Shape

    sizes = dict(run.recipe["deep"])
    shape = Shape(vocab=run.tokenizer().get_vocab_size(), seed=run.seed, spec=tuple(sizes.pop("spec")), **sizes)
    return Deep(shape, words.base_ids(run.tokenizer()), settings["drop"], settings["gram_drop"])


def export(run: Run) -> None:
    """Writes the model folder."""
    import torch

    from nlp.train.export import export as write
    from nlp.train.export import write_config
    from nlp.train.packaged import Mix, Packaged, quantise_tables

    polar, neutral = json.loads(run.made("mix.json", "mix").read_text(encoding="utf-8"))
    saved = np.load(run.made("wide.npz", "wide"))
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
    wide_odds: Any, polar: Any, neutral: Any, labels: Any, weights: Any, neutral_weights: Any, deep_share: float
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:  # fmt: skip
    """Logistic regression of the truth on the halves' log odds: (bias, wide, deep) for polar and for neutral.

    Fitted on texts neither half was trained on; both sides weigh the same, since films are mostly praised. In polar
    the deep half weighs `deep_share` of the wide one: left free it weighs more than the films bear. There is no bias in
    polar: each half was trained with both sides weighing the same, and the texts kept back are too few to say better.
    """
    from sklearn.linear_model import LogisticRegression

    def fitted(columns: list[Any], truth: Any, weigh: Any, **settings: Any) -> Any:
        use = weigh > 0
        model = LogisticRegression(C=100, **settings)
        return model.fit(np.stack(columns, axis=1)[use], truth[use], sample_weight=weigh[use])

    sides = [wide_odds[:, 0] + deep_share * polar]
    lean = fitted(sides, labels == 2, weights * (labels != 1), class_weight="balanced", fit_intercept=False)
    plain = fitted([wide_odds[:, 1], neutral], labels == 1, neutral_weights)
    scale, (wide_scale, deep_scale) = float(lean.coef_[0, 0]), map(float, plain.coef_[0])
    return (0.0, scale, scale * deep_share), (float(plain.intercept_[0]), wide_scale, deep_scale)


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
