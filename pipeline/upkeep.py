"""Maintenance: sweep what killed processes left, and keep landing files no longer than configured."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.clock import KST
from pipeline.environment import Environment
from storage.files import sweep_parts
from storage.locks import exclusive


def maintain(env: Environment, *, now: datetime) -> dict[str, Any]:
    """Sweep half-written files; delete landed mentions that the warehouse holds and that are past their days.

    `landing_days` in sources.toml says how long raw can be rebuilt from landing (default 400).
    """
    from warehouse.load import load

    with exclusive(env.home.locks / "run.lock"):
        swept = sum(
            sweep_parts(folder, now=now)
            for folder in (env.home.landing, env.home.pending, env.home.outbox, env.home.published)
        )
        load(env.home, now=now)  # nothing leaves landing before the ledger knows it
        removed = _remove_old(env.home.landed("mentions"), now - timedelta(days=env.config.landing_days))
    return {"swept": swept, "landing_files_removed": removed}


def _remove_old(folder: Path, before: datetime) -> int:
    old = [p for p in folder.rglob("*.jsonl.gz") if datetime.fromtimestamp(p.stat().st_mtime, KST) < before]
    for path in old:
        path.unlink()
    return len(old)
