"""A person's word that a complaint was handled: a landing file of its own, loaded like everything else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.errors import ConfigurationError
from contracts.keys import digest_key
from contracts.records import Resolution
from pipeline.environment import Environment
from storage.files import write_jsonl_gz

WAYS = ("phone", "mail", "visit", "refund", "exchange", "other")


def resolve(env: Environment, mention: str, *, how: str, note: str, now: datetime) -> dict[str, Any]:
    """Record the resolution of a complaint named by its id or its address; the same word twice is one.

    Raises ConfigurationError when no such complaint is published, or `how` is none of WAYS.
    """
    from nlp.personal_data import mask
    from warehouse.query import rows

    if how not in WAYS:
        raise ConfigurationError(f"--how {how!r} is not known; say one of {', '.join(WAYS)}")
    if not env.home.published_file.exists():
        raise ConfigurationError("nothing is published yet; run `gwidam run` first")
    found = rows(
        env.home.published_file,
        "SELECT DISTINCT mention_id, state FROM complaints WHERE mention_id = $1 OR url = $1", (mention,),
    )
    if not found:
        raise ConfigurationError(f"no complaint {mention!r}; copy its id or address from the digest or `gwidam query`")
    complaint = str(found[0]["mention_id"])
    note = mask(note.strip())
    record = Resolution(
        resolution_id=digest_key("resolution", complaint, how, note), mention_id=complaint, resolved_at=now, how=how,
        note=note, recorded_at=now,
    )
    path = env.home.landed("resolutions") / f"{record.resolution_id}.jsonl.gz"
    if not path.exists():
        write_jsonl_gz(path, [record.to_json()])
    return {"mention_id": complaint, "was": found[0]["state"], "recorded": str(path)}
