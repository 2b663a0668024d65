"""One brand and one home: runs listeners again and again, and reads what landed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.coverage import Coverage
from contracts.keys import author_key
from contracts.mention import Mention
from listeners.collect import collect
from listeners.contract import Listener, SourceSettings, WatchedBrand
from storage.files import read_jsonl_gz
from storage.home import Home

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
GOLDENS = Path(__file__).parents[1] / "goldens"
BRAND = WatchedBrand(
    id="moadam",
    name="모아담",
    terms=("모아담",),
    official={
        "x": ("900",), "board": ("모아담고객센터",), "youtube": ("UCmoadam",), "cafe24": ("moadam_admin",),
        "mail": ("moadam.example",), "facebook": ("1000000001",), "threads": ("moadam_cs",),
        "instagram": ("moadam_official",),
    },
)
_PHONE = re.compile(r"01\d-?\d{3,4}-?\d{4}")


def mask(text: str) -> str:
    return _PHONE.sub("[전화번호]", text)


def hashed(source: str, author: str) -> str:
    return author_key(b"a secret of the tests", source, author)


@dataclass
class House:
    """Runs listeners again and again in one home, and reads what landed."""

    home: Home

    def run(self, listener: Listener, settings: SourceSettings, *, now: datetime = NOW, **more: Any) -> Coverage:
        brand = more.pop("brand", BRAND)
        return collect(
            listener, brand=brand, settings=settings, home=self.home, now=now, mask=mask, author_key=hashed, **more
        )

    def mentions(self, source: str) -> dict[str, Mention]:
        """The newest landed version of each mention by native id."""
        files = sorted(self.home.landed("mentions").joinpath(source).glob("*.gz"), key=lambda p: p.stat().st_mtime_ns)
        return {row["native_id"]: Mention.from_json(row) for path in files for row in read_jsonl_gz(path)}

    def rows(self, what: str) -> list[dict[str, Any]]:
        """Every row of landing/<what>."""
        return [row for path in sorted(self.home.landed(what).rglob("*.gz")) for row in read_jsonl_gz(path)]

    def everything(self) -> str:
        """All that touched the disk, as one text: what must not be in it is looked for here."""
        packed = [row for path in self.home.root.rglob("*.gz") for row in read_jsonl_gz(path)]
        plain = [path.read_text("utf-8") for path in self.home.root.rglob("*.json")]
        return "\n".join([*(json.dumps(row, ensure_ascii=False) for row in packed), *plain])
