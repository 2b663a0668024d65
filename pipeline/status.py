"""`gwidam status`: what every source gave last and used of its budget, what waits, and where everything is."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.clock import KST, to_iso
from pipeline.environment import Environment

if TYPE_CHECKING:
    from listeners.budget import Usage

LATE = timedelta(hours=24)
_LATEST = """
SELECT source, max(started_at) AS started_at, arg_max(outcome, started_at) AS outcome,
    arg_max(coalesce(message, ''), started_at) AS message, sum(seen) FILTER (is_latest) AS seen,
    sum(new_mentions) FILTER (is_latest) AS new_mentions,
    sum(cost_usd) FILTER (started_at >= date_trunc('month', $1::TIMESTAMP)) AS cost_usd
FROM coverage GROUP BY source
"""


def status(env: Environment, *, now: datetime) -> dict[str, Any]:
    """One row a configured source (and per imported one), and facts about the home. Reads the published copy only."""
    published = env.home.published_file
    heard: dict[str, dict[str, Any]] = {}
    facts: dict[str, Any] = {"home": str(env.home.root), "configuration": str(env.config.folder)}
    if published.exists():
        from warehouse.query import rows

        heard = {row["source"]: row for row in rows(published, _LATEST, (to_iso(now).removesuffix("Z"),))}
        counts = rows(published, "SELECT state, count(*) AS complaints FROM complaints GROUP BY state ORDER BY state")
        facts["complaints"] = {row["state"]: row["complaints"] for row in counts}
        facts["published"] = f"{published} ({_clock(datetime.fromtimestamp(published.stat().st_mtime, KST))})"
    else:
        facts["published"] = "nothing yet; run `gwidam run`"
    facts["waiting for tags"] = f"{_files(env.home.pending)} files"
    facts["mails in the outbox"] = len(list(env.home.outbox.glob("*.eml")))
    names = [name for name, source in env.config.sources.items() if source.enabled]
    names += sorted(set(heard) - set(names))
    return {"sources": [_row(env, name, heard.get(name), now) for name in names], "facts": facts}


def _row(env: Environment, name: str, heard: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    configured = name in env.config.sources
    row: dict[str, Any] = {
        "source": name, "mode": env.config.mode_of(name) if configured else "imported", "last_run": "never",
        "outcome": "", "seen": "", "new": "", "used": "", "cost_usd": "", "message": "",
    }
    usage = _usage(env, name, now)
    if usage is not None:
        row |= {"used": _used(usage), "cost_usd": f"{usage.cost_usd:.2f}"}
    if heard is None:
        return row
    late = configured and now - heard["started_at"] > LATE
    return row | {
        "last_run": _clock(heard["started_at"].astimezone(KST)),
        "outcome": "late" if late else heard["outcome"], "seen": heard["seen"], "new": heard["new_mentions"],
        "cost_usd": row["cost_usd"] or f"{heard['cost_usd'] or 0:.2f}", "message": heard["message"],
    }


def _usage(env: Environment, name: str, now: datetime) -> Usage | None:
    """What the source's account used of its month or day, also by runs that died or are not published yet."""
    from listeners.budget import read_usage

    return read_usage(env.home.state, name, now=now)


def _used(usage: Usage) -> str:
    """'12,345 of 50,000 posts (2026-11)', with a word when nothing is left."""
    limit = f" of {usage.limit:,}" if usage.limit else ""
    spent = ", none left" if usage.limit and usage.used >= usage.limit else ""
    return f"{usage.used:,}{limit} {usage.unit} ({usage.period}{spent})"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} KST"


def _files(folder: Path) -> int:
    return len([path for path in folder.glob("*.jsonl.gz") if not path.name.startswith(".")])
