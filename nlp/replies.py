"""Reading the brand's own answers: what each one does, and by when it promises something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from nlp import due, rules
from nlp.grams import prepared
from nlp.rule_reader import RuleReader
from nlp.tasks import Finding

VERSION = "1"
FILE = "replies.toml"
_FIELDS = {"id": True, "name_ko": True, "ko": False, "en": False, "unless": False}
# An answer of thanks and apologies only, without a step, a time or a place to turn to, reads pasted.
_SUBSTANCE = frozenset({"denied", "next_step", "moved_private", "promised", "answered_question", "house_rules"})


def reader(path: Path) -> Callable[[Sequence[str]], Iterator[list[Finding]]]:
    """A reader of official answers; 'promised' carries the due time (see `nlp.due.find`) as its value.

    'boilerplate_like' marks an answer of courtesies alone; whether it is pasted again and again shows only
    when answers are compared, by their signatures, in the warehouse.
    """

    def read(texts: Sequence[str]) -> Iterator[list[Finding]]:
        engine = _load(path, path.stat().st_mtime_ns, "reply")
        for text, hits in zip(texts, engine.read(texts), strict=True):
            found = [Finding(hit.id, hit.evidence) for hit in hits]
            promise = due.find(prepared(text).text)
            if promise:
                found.append(Finding("promised", promise.words, promise.value))
            if found and not any(finding.label in _SUBSTANCE for finding in found):
                found.append(Finding("boilerplate_like", "courtesies only"))
            yield found

    return read


def closing_reader(path: Path) -> Callable[[Sequence[str]], Iterator[list[Finding]]]:
    """A reader of customers' texts: 'thanks' when a text merely closes ("감사합니다, 해결됐어요")."""

    def read(texts: Sequence[str]) -> Iterator[list[Finding]]:
        engine = _load(path, path.stat().st_mtime_ns, "closing")
        for hits in engine.read([text if _is_short(text) else "" for text in texts]):
            yield [Finding("thanks", hit.evidence) for hit in hits]

    return read


def check(path: Path) -> None:
    """Read the file and raise ConfigurationError where it is wrong."""
    for kind in ("reply", "closing"):
        _load(path, path.stat().st_mtime_ns, kind)


_LONGEST_CLOSING = 80


def _is_short(text: str) -> bool:
    return len(text.strip()) <= _LONGEST_CLOSING


@lru_cache(maxsize=8)
def _load(path: Path, _changed: int, kind: str) -> RuleReader:
    tables = rules.tables(path, rules.read_toml(path), kind, _FIELDS)
    return RuleReader((rules.rule_of(path, kind, table) for table in tables), whole_text_veto=kind == "closing")
