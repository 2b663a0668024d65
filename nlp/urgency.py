"""How urgent a text is: its signs (safety, legal, press, boycott, churn, repeat ...) and a severity from 1 to 5."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from contracts.errors import ConfigurationError
from nlp import rules
from nlp.rule_reader import Hit, RuleReader
from nlp.tasks import Finding

VERSION = "1"
FILE = "urgency.toml"
HEAVIEST = 5
_HEAVY = 3
_FIELDS = {"id": True, "name_ko": True, "weight": True, "ko": False, "en": False, "unless": False}


class Signs(NamedTuple):
    """The rules for the signs, and what each weighs."""

    engine: RuleReader
    weights: dict[str, int]


def reader(path: Path) -> Callable[[Sequence[str]], Iterator[list[Finding]]]:
    """A reader of signs: a finding each, plus 'severity' with value '1'..'5' and the reasons as evidence."""

    def read(texts: Sequence[str]) -> Iterator[list[Finding]]:
        signs = _load(path, path.stat().st_mtime_ns)
        for hits in signs.engine.read(texts):
            yield _of_hits(hits, signs.weights)

    return read


def severity(weights: Sequence[int]) -> int:
    """The heaviest sign's weight, one more when another heavy one (3 or more) stands beside it; at most 5."""
    if not weights:
        return 1
    heavy = sum(weight >= _HEAVY for weight in weights)
    return min(HEAVIEST, max(weights) + (1 if heavy > 1 else 0))


def check(path: Path) -> None:
    """Read the file and raise ConfigurationError where it is wrong."""
    _load(path, path.stat().st_mtime_ns)


def _of_hits(hits: Sequence[Hit], weights: dict[str, int]) -> list[Finding]:
    if not hits:
        return []
    found = [Finding(hit.id, hit.evidence) for hit in hits]
    level = severity([weights[hit.id] for hit in hits])
    reasons = ", ".join(f"{hit.id}: {hit.evidence}" for hit in sorted(hits, key=lambda h: (-weights[h.id], h.id)))
    return [*found, Finding("severity", reasons, str(level))]


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> Signs:
    document = rules.read_toml(path)
    tables = rules.tables(path, document, "sign", _FIELDS)
    for table in tables:
        if not isinstance(table["weight"], int) or not 1 <= table["weight"] <= HEAVIEST:
            raise ConfigurationError(f"{path.name}: sign {table['id']!r}: weight must be a whole number from 1 to 5")
    engine = RuleReader(rules.rule_of(path, "sign", table) for table in tables)
    return Signs(engine, {table["id"]: table["weight"] for table in tables})
