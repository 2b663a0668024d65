"""The same rows on any hub base: `python -m nlp.train base --base ID --revision SHA --out FOLDER`.

The result is an ordinary Hugging Face classifier with the project's labels, for `backend = "transformers"`.
A GPU makes it minutes; on a CPU use --rows to draw less.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from contracts.errors import ConfigurationError
from nlp import calibration
from nlp.train.corpus import Row
from nlp.train.encoded import is_kept_back, kind
from nlp.train.loop import rate_at
from nlp.train.steps import Run

LABELS = ("complaint", "neutral", "praise")
BATCH = 64
RATE = 4e-5
EPOCHS = 2


def fine_tune(run: Run, base: str, revision: str | None, rows_an_epoch: int | None) -> None:
    """Fine-tunes `base` on the recipe's draw, calibrates on the rows kept back, saves to the run's folder."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    torch.manual_seed(run.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = AutoTokenizer.from_pretrained(base, revision=revision)
    model = AutoModelForSequenceClassification.from_pretrained(
        base, revision=revision, num_labels=len(LABELS), id2label=dict(enumerate(LABELS)),
        label2id={label: index for index, label in enumerate(LABELS)}, ignore_mismatched_sizes=True,
    ).to(device)  # fmt: skip
    share = run.recipe["held_out"]["kept_back"]
    train: list[Row] = []
    temper: list[Row] = []
    for row in run.rows():
        (temper if is_kept_back(row.text, share, run.seed) else train).append(row)
    kinds = [kind(row) for row in train]
    if unknown := run.recipe["draw"].keys() - set(kinds):
        raise ConfigurationError(f"recipe, [draw]: no text is of the kind {', '.join(sorted(unknown))}")
    draws = np.array([run.recipe["draw"].get(name, 0.0) for name in kinds])
    size = rows_an_epoch or int(draws.sum())
    steps = math.ceil(size / BATCH) * EPOCHS
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    rng = np.random.default_rng(run.seed)
    step = 0
    model.train()
    for _ in range(EPOCHS):
        order = rng.choice(len(train), size=size, p=draws / draws.sum())
        for batch in sorted_batches(train, order, rng):
            for group in optimiser.param_groups:
                group["lr"] = RATE * rate_at(step / steps, 0.06)
            target = torch.tensor([row.target for row in batch], device=device)
            loss = -(target * logits(model, tokenizer, batch, device).log_softmax(-1)).sum(-1).mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            step += 1
            if step % 100 == 0:
                print(json.dumps({"step": step, "of": steps, "loss": round(float(loss), 4)}), flush=True)
    save(model.eval(), tokenizer, temper[: 4 * size], run.out, device, {"base": base, "revision": revision})


def sorted_batches(rows: list[Row], order: NDArray[Any], rng: np.random.Generator) -> Iterator[list[Row]]:
    """Batches of similar length in random order."""
    picked = sorted((rows[index] for index in order), key=lambda row: len(row.text))
    starts = np.arange(0, len(picked), BATCH)
    for start in rng.permutation(starts):
        yield picked[start : start + BATCH]


def logits(model: Any, tokenizer: Any, rows: list[Row], device: torch.device) -> torch.Tensor:
    """(rows, 3) logits."""
    texts = [row.text for row in rows]
    inputs = tokenizer(texts, return_tensors="pt", padding=True, truncation=True, max_length=128)
    return model(**{name: value.to(device) for name, value in inputs.items()}).logits


def save(
    model: Any, tokenizer: Any, temper: list[Row], folder: Path, device: torch.device, origin: dict[str, Any]
) -> None:
    """Model, tokenizer and a config.json with the calibration, the base's origin, and a version: the weights' hash."""
    clear = [row for row in temper if max(row.target) > 0.6]
    with torch.inference_mode():
        read = [logits(model, tokenizer, clear[at : at + BATCH], device).cpu() for at in range(0, len(clear), BATCH)]
    found = calibration.fit(torch.cat(read).numpy(), np.array([np.argmax(row.target) for row in clear]))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    weights = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(folder.glob("*.safetensors"))))
    config["gwidam"] = {
        "name": folder.name, "version": f"1-{weights.hexdigest()[:10]}", "max_tokens": 128,
        "calibration": found.to_json(), "uncertain_below": 0.6, **origin,
    }  # fmt: skip
    path.write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(folder, config["gwidam"]["version"])
