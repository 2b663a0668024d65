"""`gwidam evaluate`: the model and the rules on every labelled set that is there."""

from __future__ import annotations

import os
from pathlib import Path

from contracts.errors import ConfigurationError
from pipeline import show
from pipeline.environment import Environment
from pipeline.reading import BACKEND_VARIABLE, MODEL_VARIABLE

DATA_VARIABLE = "GWIDAM_DATA"


def evaluate(env: Environment, *, data: Path | None, out: Path | None, limit: int | None, card: bool) -> None:
    """Print the numbers and, with `out`, write <out>/sentiment.json and <out>/rules.json.
    `card` writes them into the README.md of the model's folder.

    Sets that the folder lacks are named as missing. Raises ConfigurationError when the folder is none.
    """
    from nlp import evaluate as sentiment
    from nlp import rule_evaluation as rules
    from nlp.evaluate_card import write_numbers
    from nlp.sentiment import sentiment_task
    from storage.files import write_json

    folder = data or Path(os.environ.get(DATA_VARIABLE, env.config.folder.parent.parent / "shared" / "data"))
    if data is not None and not folder.is_dir():
        raise ConfigurationError(f"no folder {folder}; name the labelled sets' folder with --data or {DATA_VARIABLE}")
    model = os.environ.get(MODEL_VARIABLE)
    task = sentiment_task(Path(model) if model else None, backend=os.environ.get(BACKEND_VARIABLE, "onnx"))
    read = sentiment.evaluate(folder, task=task, limit=limit)
    sentiment.render(read, show.out)
    ruled = rules.evaluate(folder, env.config.topics_file)
    rules.render(ruled, show.out)
    if out is not None:
        write_json(out / "sentiment.json", read.to_json())
        write_json(out / "rules.json", ruled.to_json())
        show.out.print(f"reports: {out}")
    if card:
        write_numbers(task.card.folder / "README.md", read)
        show.out.print(f"card: {task.card.folder / 'README.md'}")
