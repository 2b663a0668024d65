"""The delivery ledger: claim, send, record. A key goes out once, however often and wherever it is tried.

landing/deliveries/<key>.jsonl.gz says that a mail has left; landing/deliveries/claims/<key>.json holds, from
just before until just after sending, the mail's very bytes. Killed in between, the next try sends those bytes
again under the same Message-ID (SMTP: at least once) or writes the same file (outbox: exactly once).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.errors import TransientError
from contracts.keys import digest_key
from contracts.records import Delivery
from digests.mail import compose, message_id
from digests.model import Rendered
from digests.transport import RecipientsRefused, Transport
from storage.files import write_json, write_jsonl_gz
from storage.home import Home
from storage.locks import exclusive

log = logging.getLogger(__name__)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What a delivery was about; empty where it does not apply."""

    what: str  # 'digest' or 'alert'
    brand: str
    audience: str
    week: str = ""
    rule: str = ""
    mention_id: str = ""


def file_key(key: str) -> str:
    """A key as a file name: as it is where it is plain, else its readable part and a hash."""
    plain = _UNSAFE.sub("_", key).lstrip(".")
    return key if plain == key and len(key) <= 120 else f"{plain[:80]}-{digest_key(key)}"


def delivered(home: Home, key: str) -> bool:
    """Whether a mail with this key has left."""
    return _record_path(home, key).exists()


def deliver(
    rendered: Rendered, *, key: str, meta: Meta, recipients: Sequence[str], sender: str, home: Home,
    transport: Transport, now: datetime, also: Sequence[tuple[str, Meta]] = (), resend: bool = False,
) -> Delivery | None:
    """Send one mail once. None: a mail with this key has left before.

    `also` are the keys of further alerts that the same mail carries; each gets its own record. `resend`
    sends again on purpose, under a key (and Message-ID) of its own: `<key>.2`, `.3`, ...
    Raises what the transport raises; after a TransientError the claim stays and the next try sends the same
    bytes, after a TerminalError it is dropped, so that corrected settings take effect. RecipientsRefused
    comes after recording: the mail has left for the others.
    """
    with exclusive(home.locks / "deliveries.lock"):
        if resend:
            key = _next_key(home, key)
        elif delivered(home, key):
            return None
        claim = _claim_path(home, key)
        if not claim.exists():
            records = [(key, meta), *also]
            write_json(claim, _claimed(rendered, key, records, recipients, sender, now))
        return _send_claimed(claim, home=home, transport=transport, now=now)


def resume(home: Home, *, transport: Transport, now: datetime) -> list[Delivery]:
    """Send what an earlier process had claimed but not recorded before it died. Raises as `deliver`."""
    sent = []
    with exclusive(home.locks / "deliveries.lock"):
        for claim in sorted(_claims(home).glob("*.json")):
            log.info("finishing the interrupted delivery %s", claim.stem)
            sent.append(_send_claimed(claim, home=home, transport=transport, now=now))
    return sent


def _claimed(
    rendered: Rendered, key: str, records: Sequence[tuple[str, Meta]], recipients: Sequence[str], sender: str,
    now: datetime,
) -> dict[str, Any]:
    mail = compose(rendered, key=key, brand=records[0][1].brand, recipients=recipients, sender=sender, now=now)
    return {
        "key": key, "mail": mail.decode("ascii"), "recipients": list(recipients), "sender": sender,
        "subject": rendered.subject, "message_id": message_id(key, sender),
        "records": [{"key": record, **_fields(meta)} for record, meta in records],
    }


def _fields(meta: Meta) -> dict[str, str]:
    return {"what": meta.what, "brand": meta.brand, "audience": meta.audience, "week": meta.week, "rule": meta.rule,
            "mention_id": meta.mention_id}


def _send_claimed(claim: Path, *, home: Home, transport: Transport, now: datetime) -> Delivery:
    held = json.loads(claim.read_text(encoding="utf-8"))
    key, recipients = held["key"], held["recipients"]
    refused: RecipientsRefused | None = None
    path = ""
    if not delivered(home, key):  # else it died between recording and dropping the claim
        try:
            path = transport.send(held["mail"].encode("ascii"), key=file_key(key), sender=held["sender"],
                                  recipients=recipients)
        except RecipientsRefused as error:
            refused = error
            recipients = [r for r in recipients if not any(a in r for a in error.addresses)]
        except TransientError:
            raise
        except Exception:
            claim.unlink()
            raise
    delivery = _record(held, recipients=recipients, path=path, home=home, transport=transport, now=now)
    claim.unlink()
    if refused:
        raise refused
    log.info("delivered %s by %s", key, transport.name)
    return delivery


def _record(
    held: Mapping[str, Any], *, recipients: Sequence[str], path: str, home: Home, transport: Transport, now: datetime
) -> Delivery:
    """One landing row for each key the mail carries, the mail's own key last: it alone says all is recorded."""
    deliveries = [
        Delivery(**record, recipients=", ".join(recipients), subject=held["subject"], path=path,
                 message_id=held["message_id"], transport=transport.name, delivered_at=now)
        for record in held["records"]
    ]
    for delivery in reversed(deliveries):
        target = _record_path(home, delivery.key)
        if not target.exists():
            write_jsonl_gz(target, [delivery.to_json()])
    return deliveries[0]


def _next_key(home: Home, key: str) -> str:
    """`key` itself if it never left, else the first `<key>.<n>` that has not."""
    if not delivered(home, key):
        return key
    number = 2
    while delivered(home, f"{key}.{number}"):
        number += 1
    return f"{key}.{number}"


def _record_path(home: Home, key: str) -> Path:
    return home.landed("deliveries") / f"{file_key(key)}.jsonl.gz"


def _claims(home: Home) -> Path:
    return home.landed("deliveries") / "claims"


def _claim_path(home: Home, key: str) -> Path:
    return _claims(home) / f"{file_key(key)}.json"
