"""A model folder: what its config.json says, read without loading anything heavy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contracts.errors import ConfigurationError
from nlp.calibration import Calibration

LABELS = ("complaint", "neutral", "praise")
DEFAULT_MODEL = "gwidam-sentiment-ko-en-small"
MODELS = Path(__file__).parent / "models"
DEFAULT_UNCERTAIN_BELOW = 0.6
# What other models call the three classes; a `label_map` in config.json's "gwidam" part says it outright.
_KNOWN = {
    "complaint": "complaint", "negative": "complaint", "neg": "complaint", "부정": "complaint",
    "neutral": "neutral", "neu": "neutral", "중립": "neutral",
    "praise": "praise", "positive": "praise", "pos": "praise", "긍정": "praise",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What a model folder says about itself. `order[i]` is the class of its i-th logit.

    `by_words`: its tokenizer never looks across a space, so nlp/sentiment_tokens.py may stand in for it.
    """

    folder: Path
    name: str
    version: str
    order: tuple[str, ...]
    max_tokens: int
    calibration: Calibration
    uncertain_below: float
    by_words: bool = False


@cache
def read_card(folder: Path) -> ModelCard:
    """config.json of a model folder, ours or any Hugging Face classifier's.

    Raises ConfigurationError with the remedy when it is missing or its labels cannot be understood.
    """
    path = folder / "config.json"
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path} is missing: point at a folder with a Hugging Face classifier") from None
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{path} is not JSON: {error}") from None
    own: dict[str, Any] = config.get("gwidam") or {}
    return ModelCard(
        folder=folder,
        name=str(own.get("name") or config.get("_name_or_path") or folder.name),
        version=str(own.get("version") or config.get("_commit_hash") or "unversioned"),
        order=label_order(config, own, path),
        max_tokens=int(own.get("max_tokens") or min(int(config.get("max_position_embeddings") or 128), 512)),
        calibration=Calibration.from_json(own.get("calibration")),
        uncertain_below=float(own.get("uncertain_below", DEFAULT_UNCERTAIN_BELOW)),
        by_words=bool(own.get("by_words", False)),
    )


def label_order(config: dict[str, Any], own: dict[str, Any], path: Path) -> tuple[str, ...]:
    """The class of each logit, by `label_map` or by the names other models use."""
    names = config.get("id2label") or {}
    mapping = {**_KNOWN, **{str(k).lower(): v for k, v in (own.get("label_map") or {}).items()}}
    order = tuple(mapping.get(str(names[key]).lower(), "") for key in sorted(names, key=int))
    if "complaint" not in order or "praise" not in order or "" in order:
        raise ConfigurationError(
            f"{path}: labels {list(names.values())} are not complaint, neutral and praise; "
            'say which is which: "gwidam": {"label_map": {"LABEL_0": "complaint", "LABEL_1": "praise"}}'
        )
    return order


def bundled() -> Path:
    """The folder of the packaged model."""
    return MODELS / DEFAULT_MODEL
