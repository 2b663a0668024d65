"""The world's clock: anchored once in its home, and from then on time really goes by."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

KST = timezone(timedelta(hours=9), "KST")
ANCHOR_FILE = "anchor.json"


def utc_now() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


def anchored(home_sandbox: Path, *, first_use: datetime) -> datetime:
    """The moment this world began: what `anchor.json` says, or `first_use`, which is then written there.

    Raises ValueError when the file is there but cannot be read: moving the anchor would move every post.
    """
    path = home_sandbox / ANCHOR_FILE
    if path.exists():
        try:
            anchor = datetime.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["anchored_at"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is damaged ({error}); delete it to start the demo world anew") from error
        return anchor.astimezone(UTC)
    home_sandbox.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with aside.open("w", encoding="utf-8") as handle:
        json.dump({"anchored_at": first_use.astimezone(UTC).isoformat()}, handle)
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(aside, path)  # the first of two processes wins; the other reads what it wrote
    except FileExistsError:
        return anchored(home_sandbox, first_use=first_use)
    finally:
        aside.unlink(missing_ok=True)
    return first_use.astimezone(UTC)


def moment(anchor: datetime, when: str) -> datetime:
    """`"-3 21:14"`: 21:14 in Seoul, three days before the anchor's day there. Raises ValueError."""
    day_text, _, clock_text = when.partition(" ")
    hour, minute = (int(part) for part in clock_text.split(":"))
    day: date = anchor.astimezone(KST).date() + timedelta(days=int(day_text))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=KST).astimezone(UTC)
