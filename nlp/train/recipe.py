"""Reads a recipe: it has every setting of the packaged recipe.toml and no other, so that a slip of the pen is seen."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from contracts.errors import ConfigurationError

PACKAGED = Path(__file__).with_name("recipe.toml")
# Tables whose names are domains or kinds of texts: they are held against the texts themselves, later.
_OF_TEXTS = ("wide.weight", "wide.neutral_weight", "draw", "temper")
# What nlp/train/loop.py has a default for.
_OPTIONAL = ("averaged", "save_seconds")


def read(path: Path) -> dict[str, Any]:
    """The settings of a recipe. Raises ConfigurationError, one line that names the place, for anything amiss."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}; name a recipe with --recipe") from None
    except ValueError as error:
        raise ConfigurationError(f"{path} is not TOML in UTF-8: {error}") from None
    packaged = tomllib.loads(PACKAGED.read_text(encoding="utf-8"))
    if problems := list(_differences(found, packaged, "")):
        raise ConfigurationError(f"{path}: {'; '.join(problems)}")
    return found


def _differences(found: dict[str, Any], packaged: dict[str, Any], table: str) -> Iterator[str]:
    """What a table (its dotted name, '' for the whole) lacks, has too much, or has of another type."""
    if table in _OF_TEXTS:
        yield from (f"{name} in [{table}] is no number" for name in found if _type(found[name]) != "number")
        return
    place = f" in [{table}]" if table else ""
    for name in found.keys() - packaged.keys() - set(_OPTIONAL):
        near = get_close_matches(name, packaged.keys() - found.keys(), 1)
        yield f"unknown {name!r}{place}" + (f", did you mean {near[0]!r}?" if near else "")
    for name, value in packaged.items():
        if name not in found:
            yield f"{name!r} is missing{place}"
        elif _type(found[name]) != _type(value):
            yield f"{name!r}{place} is no {_type(value)}"
        elif isinstance(value, dict):
            yield from _differences(found[name], value, f"{table}.{name}".lstrip("."))


def _type(value: Any) -> str:
    names = {bool: "truth value", int: "number", float: "number", str: "text", list: "list", dict: "table"}
    return names.get(type(value), type(value).__name__)
