"""Maintenance: what is past its days goes, and what a deleted post said leaves what is kept."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contracts.mention import Kind, Mention
from digests.erasing import ERASED, marked
from pipeline.config import load_config
from pipeline.environment import Environment
from pipeline.upkeep import maintain
from storage.files import write_bytes, write_jsonl_gz
from storage.home import Home

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
POST = Mention(
    source="board", native_id="1", kind=Kind.POST, brands=("moadam",), text="배송이 엉망이에요",
    fetched_at=NOW - timedelta(days=3), published_at=NOW - timedelta(days=4),
)
GONE = replace(POST, text="", fetched_at=NOW, deleted_at=NOW)


def test_retention_and_erasure(tmp_path: Path) -> None:
    home = Home(tmp_path / "var").ensure()
    env = Environment(home, load_config(Path(__file__).parents[2] / "config"))
    page = f"<p{marked([POST.mention_id])}>“{POST.text}”</p><p>남는 말</p>"
    ages = {
        home.digests / "moadam" / "2026-W47.html": 1, home.digests / "moadam" / "2026-W20.html": 181,
        home.outbox / "old.eml": 181, home.outbox / "new.eml": 179,
    }
    for path, days in ages.items():
        write_bytes(path, page.encode())
        written = (NOW - timedelta(days=days)).timestamp()
        os.utime(path, (written, written))
    for name, mention in (("1", POST), ("2", GONE)):
        write_jsonl_gz(home.landed("mentions") / "board" / f"{name}.jsonl.gz", [mention.to_json()])
    done = maintain(env, now=NOW)
    assert (done["quotes_erased_from"], done["mails_removed"], done["landing_files_removed"]) == (2, 2, 0)
    assert sorted(path.name for path in ages if path.exists()) == ["2026-W47.html", "new.eml"]
    kept = (home.digests / "moadam" / "2026-W47.html").read_text()
    assert POST.text not in kept and ERASED in kept and "남는 말" in kept
    assert maintain(env, now=NOW)["quotes_erased_from"] == 0
