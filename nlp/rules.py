"""Sets of rules read from TOML: each says which words make its label. Topics, urgency, replies all work so."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from contracts.errors import ConfigurationError
from nlp import patterns

BUNDLED = Path(__file__).parent / "rule_files"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """What makes one label: Korean patterns, English patterns, and expressions that veto within a sentence."""

    id: str
    ko: tuple[patterns.Pattern, ...] = ()
    en: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


def read_bytes(path: Path) -> bytes:
    """The file as it is. Raises ConfigurationError when it is missing."""
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path.name}: not readable in {path.parent}; copy it from the project's config/"
        raise ConfigurationError(message) from error


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises ConfigurationError when it is missing or no TOML."""
    try:
        return tomllib.loads(read_bytes(path).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path.name}: not readable as TOML: {error}; mend that line") from error


def rule_file(folder: Path, name: str) -> Path:
    """The user's `name` in the configuration folder, else the bundled one."""
    own = folder / name
    return own if own.is_file() else BUNDLED / name


def tables(path: Path, document: Mapping[str, Any], kind: str, fields: Mapping[str, bool]) -> list[dict[str, Any]]:
    """The [[kind]] tables, checked: `fields` names what may stand there, True for what must; ids are unique."""
    found = document.get(kind, [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise ConfigurationError(f"{path.name}: '{kind}' must be written as [[{kind}]] blocks")
    seen: set[str] = set()
    for number, table in enumerate(found, start=1):
        place = f"{path.name}: {kind} {table.get('id', f'number {number}')!r}"
        for name in table:
            if name not in fields:
                near = difflib.get_close_matches(name, fields, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(fields)}"
                raise ConfigurationError(f"{place}: unknown field '{name}'{hint}")
        for name, needed in fields.items():
            if needed and not table.get(name):
                raise ConfigurationError(f"{place}: '{name}' is missing; add {name} = ...")
        if table["id"] in seen:
            raise ConfigurationError(f"{place}: the id stands twice; give one of them another id")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", str(table["id"])):
            raise ConfigurationError(f"{place}: an id is lower case letters, digits and _ (it goes into reports)")
        seen.add(table["id"])
    return found


def rule_of(path: Path, kind: str, table: Mapping[str, Any]) -> Rule:
    """The patterns of one table: its 'ko', 'en' and 'unless' lists. Raises ConfigurationError."""
    place = f"{path.name}: {kind} {table['id']!r}"
    return Rule(
        id=table["id"],
        ko=tuple(each_pattern(place, "ko", table, patterns.parse)),
        en=tuple(each_pattern(place, "en", table, patterns.parse_english)),
        unless=tuple(each_pattern(place, "unless", table, patterns.expression)),
    )


def each_pattern(place: str, name: str, table: Mapping[str, Any], parse: Callable[[str], T]) -> Iterator[T]:
    """The parsed patterns of one list in a table. Raises ConfigurationError naming place, pattern and remedy."""
    listed = table.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise ConfigurationError(f'{place}: {name} must be a list of patterns: {name} = ["...", "..."]')
    for item in listed:
        try:
            yield parse(item)
        except patterns.PatternError as error:
            raise ConfigurationError(f"{place}: {name} pattern {item!r}: {error}") from error
