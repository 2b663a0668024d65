"""What can be read in a text: the `Task` interface, tasks made of rules, and the list of all tasks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from contracts.tag import Tag

AppliesTo = Literal["customer", "official", "all"]
RULES = "rules"
NONE = "none"
_EVIDENCE_LENGTH = 200


class Task(Protocol):
    """One thing that is read in a text. `version` is cheap and changes whenever the output may change."""

    @property
    def name(self) -> str: ...
    @property
    def applies_to(self) -> AppliesTo: ...
    @property
    def model(self) -> str: ...
    @property
    def version(self) -> str: ...
    def tag(self, texts: Sequence[tuple[str, str]]) -> Iterator[Tag]:
        """Tags of (text_hash, text) pairs, in their order; at least one tag a text (label 'none')."""


class Finding(NamedTuple):
    """What a rule found in one text, before it becomes a `Tag`."""

    label: str
    evidence: str = ""
    value: str = ""
    score: float = 1.0


_NOTHING_FOUND = (Finding(NONE),)

Reader = Callable[[Sequence[str]], Iterator[list[Finding]]]
"""Texts -> what was found in each of them, in their order."""


class BrandWords(NamedTuple):
    """How a brand is named: `terms` find it, `exclude` are homonyms, `include` words must stand near if given."""

    id: str
    terms: tuple[str, ...]
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NlpSettings:
    """What the tasks need to know; paths and words only, nothing is loaded here.

    `model_dir` None means the bundled sentiment model; `threads` are those of one worker.
    """

    topics_file: Path
    brands: Sequence[BrandWords] = ()
    model_dir: Path | None = None
    backend: str = "onnx"
    threads: int = 1
    sentiment_uncertain_below: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTask:
    """A task whose reading is a pure function of many texts: texts -> findings for each of them."""

    name: str
    version: str
    read: Reader
    applies_to: AppliesTo = "customer"
    model: str = field(default=RULES)

    def tag(self, texts: Sequence[tuple[str, str]]) -> Iterator[Tag]:
        """One tag for each finding, or one 'none' for a text without any."""
        name, model, version = self.name, self.model, self.version
        for (text_hash, _), findings in zip(texts, self.read([text for _, text in texts]), strict=True):
            for label, evidence, value, score in findings or _NOTHING_FOUND:
                yield Tag(text_hash, name, label, score, model, version, evidence[:_EVIDENCE_LENGTH], value)


def each(read_one: Callable[[str], list[Finding]]) -> Reader:
    """A reader of many texts out of a reader of one."""

    def read(texts: Sequence[str]) -> Iterator[list[Finding]]:
        return map(read_one, texts)

    return read


def version_of(*parts: str | bytes) -> str:
    """A short fingerprint of everything a task's output depends on: constants, rule files, brand words."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\x1f")
    return digest.hexdigest()[:12]


def build_tasks(settings: NlpSettings) -> list[Task]:
    """Every task, configured; models, kiwi and rule files load only when something is tagged.

    topics.toml is the configured one; urgency.toml, advertising.toml, replies.toml and evidence.toml beside it
    replace the bundled ones. Raises ConfigurationError when a rule file is missing.
    """
    from nlp.sentiment import sentiment_task

    sentiment = sentiment_task(
        model_dir=settings.model_dir,
        backend=settings.backend,
        threads=settings.threads,
        uncertain_below=settings.sentiment_uncertain_below,
    )
    return [sentiment, *rule_tasks(settings.topics_file, settings.brands)]


def rule_tasks(topics_file: Path, brands: Sequence[BrandWords] = ()) -> list[Task]:
    """The tasks made of rules, without the sentiment model. Raises ConfigurationError."""
    from nlp import (
        about,
        advertising,
        due,
        evidence,
        language,
        patterns,
        replies,
        rule_reader,
        rules,
        signature,
        topics,
        urgency,
    )

    folder = topics_file.parent
    names = tuple(term for brand in brands for term in brand.terms)
    engine = f"{rule_reader.VERSION}.{patterns.VERSION}"

    def task(name: str, version: str, read: Reader, applies_to: AppliesTo = "customer", *files: Path) -> RuleTask:
        contents = [rules.read_bytes(path) for path in files]
        return RuleTask(name=name, version=version_of(version, *contents), read=read, applies_to=applies_to)

    urgency_file = rules.rule_file(folder, urgency.FILE)
    noise_file = rules.rule_file(folder, advertising.FILE)
    reply_file = rules.rule_file(folder, replies.FILE)
    evidence_file = rules.rule_file(folder, evidence.FILE)
    reply_version = f"{replies.VERSION}.{due.VERSION}.{engine}"
    return [
        task("language", language.VERSION, each(lambda text: [Finding(language.detect(text))]), "all"),
        task("signature", signature.VERSION, signature.read, "all"),
        task("about", f"{about.VERSION}.{list(map(tuple, brands))}", about.reader(brands)),
        task("advertising", advertising.VERSION, advertising.reader(noise_file), "customer", noise_file),
        task("topic", f"{topics.VERSION}.{engine}.{names}", topics.reader(topics_file, names), "customer", topics_file),
        task("urgency", f"{urgency.VERSION}.{engine}", urgency.reader(urgency_file), "customer", urgency_file),
        task(
            "evidence", f"{evidence.VERSION}.{names}", evidence.reader(evidence_file, names), "customer", evidence_file
        ),
        task("closing", f"{replies.VERSION}.{engine}", replies.closing_reader(reply_file), "customer", reply_file),
        task("reply", reply_version, replies.reader(reply_file), "official", reply_file),
    ]
