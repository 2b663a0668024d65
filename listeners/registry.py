"""Discovery: each file of listeners/sources/ is one source, imported only when it is asked for."""

from __future__ import annotations

import importlib
import inspect
from difflib import get_close_matches
from pathlib import Path

from contracts.errors import ConfigurationError
from listeners.contract import Listener

_FOLDER = Path(__file__).with_name("sources")


def names() -> list[str]:
    """The names of all sources, sorted; reads the folder's listing and imports nothing."""
    return sorted(path.stem for path in _FOLDER.glob("*.py") if not path.stem.startswith("_"))


def get(name: str) -> Listener:
    """One source's listener; ConfigurationError with the closest name when there is none."""
    if name not in names():
        close = get_close_matches(name, names(), n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"there are: {', '.join(names())}"
        raise ConfigurationError(f"there is no source '{name}'; {hint}")
    module = importlib.import_module(f"listeners.sources.{name}")
    for _, kind in inspect.getmembers(module, inspect.isclass):
        if issubclass(kind, Listener) and kind.__module__ == module.__name__ and kind.__dict__.get("name") == name:
            return kind()
    raise ConfigurationError(f"listeners/sources/{name}.py holds no Listener whose name is '{name}'")


def discover() -> dict[str, Listener]:
    """Every source by name."""
    return {name: get(name) for name in names()}
