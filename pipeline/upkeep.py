"""Maintenance: sweep what killed processes left, erase deleted posts' words, keep files no longer than configured."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.clock import KST
from pipeline.environment import Environment
from storage.files import sweep_parts
from storage.locks import exclusive


def maintain(env: Environment, *, now: datetime) -> dict[str, Any]:
    """Sweep half-written files, take deleted posts' words out of pages and mails, delete what is past its days.

    `landing_days` in sources.toml says how long raw can be rebuilt from landing (default 400); landed mentions go
    only when the warehouse holds them. `mail_days` in digests.toml is for digest pages and outbox mails (default 180).
    """
    from digests.erasing import erase_quotes
    from warehouse.erase import deleted
    from warehouse.load import load

    home, config = env.home, env.config
    with exclusive(home.locks / "run.lock"):
        swept = sum(
            sweep_parts(folder, now=now) for folder in (home.landing, home.pending, home.outbox, home.published)
        )
        load(home, now=now)  # nothing leaves landing before the ledger knows it
        erased = erase_quotes(home, deleted(home))
        landed = home.landed("mentions").rglob("*.jsonl.gz")
        told = [*home.digests.rglob("*.html"), *home.digests.rglob("*.txt"), *home.outbox.glob("*.eml")]
        removed = _remove_old(landed, now - timedelta(days=config.landing_days))
        mails = _remove_old(told, now - timedelta(days=config.mail_days))
    return {"swept": swept, "landing_files_removed": removed, "quotes_erased_from": erased, "mails_removed": mails}


def _remove_old(files: Iterable[Path], before: datetime) -> int:
    old = [path for path in files if datetime.fromtimestamp(path.stat().st_mtime, KST) < before]
    for path in old:
        path.unlink()
    return len(old)
