"""What Airflow may know of the configuration while it parses a DAG file: read with tomllib, nothing else."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

DEFAULT_SCHEDULE = "*/30 * * * *"
SOURCE_FILE = "sources.toml"


def config_dir() -> Path:
    """GWIDAM_CONFIG, or ./config."""
    return Path(os.environ.get("GWIDAM_CONFIG", "config")).expanduser().resolve()


def source_tables(folder: Path | None = None) -> dict[str, dict[str, Any]]:
    """The enabled sources' tables of sources.toml, by name; empty when the file cannot be read.

    A broken file is reported by `gwidam check` and by every task; it must not take the scheduler down.
    """
    try:
        raw = tomllib.loads(((folder or config_dir()) / SOURCE_FILE).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}
    return {name: table for name, table in raw.items() if isinstance(table, dict) and table.get("enabled", True)}


def source_names() -> list[str]:
    """The enabled sources, in the order of the file."""
    return list(source_tables())


def schedule(source: str) -> str:
    """The cron expression of a source (Asia/Seoul)."""
    return str(source_tables().get(source, {}).get("schedule", DEFAULT_SCHEDULE))
