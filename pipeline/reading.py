"""Which tasks read the texts, with which settings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.config import Config

if TYPE_CHECKING:
    from nlp.tasks import Task

MODEL_VARIABLE = "GWIDAM_MODEL"
BACKEND_VARIABLE = "GWIDAM_BACKEND"
THREADS_VARIABLE = "GWIDAM_THREADS"


def tasks(config: Config) -> list[Task]:
    """Every reading task; models load only when one reads."""
    from nlp.tasks import BrandWords, NlpSettings, build_tasks

    model = os.environ.get(MODEL_VARIABLE)
    return build_tasks(NlpSettings(
        topics_file=config.topics_file,
        brands=[BrandWords(id=b.id, terms=b.terms, include=b.include, exclude=b.exclude) for b in config.brands],
        model_dir=Path(model) if model else None,
        backend=os.environ.get(BACKEND_VARIABLE, "onnx"),
        threads=int(os.environ.get(THREADS_VARIABLE, "1")),
        sentiment_uncertain_below=None,
    ))


def check_rules(config: Config) -> None:
    """Read every rule file. Raises ConfigurationError naming the file, the block, the field and the remedy."""
    from nlp import advertising, evidence, replies, rules, topics, urgency

    topics.load_topics(config.topics_file)
    for room in (advertising, evidence, replies, urgency):
        room.check(rules.rule_file(config.folder, room.FILE))


def task_versions(all_tasks: Sequence[Task]) -> list[Any]:
    """What the warehouse must know of the tasks to tell which texts lack one."""
    from warehouse.pending import TaskVersion

    return [TaskVersion(name=t.name, version=t.version, applies_to=t.applies_to) for t in all_tasks]
