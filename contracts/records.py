"""The smaller records that land beside mentions: quarantined rows, resolutions, deliveries, gold labels."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from contracts.clock import to_iso


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    def to_json(self) -> dict[str, Any]:
        """A landing row; times as ISO UTC."""
        return {k: to_iso(v) if isinstance(v, datetime) else v for k, v in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined(_Record):
    """A record that could not be used: why, where it stood, and its masked payload (at most 4,000 characters)."""

    source: str
    run_id: str
    reason: str
    payload: str
    position: str
    quarantined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution(_Record):
    """A person's word that a complaint was handled."""

    resolution_id: str
    mention_id: str
    resolved_at: datetime
    how: str
    note: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(_Record):
    """One mail that left (or was written to the outbox). `key` is audience + week, or rule + subject + window."""

    key: str
    what: str  # 'digest' or 'alert'
    brand: str
    audience: str
    week: str
    rule: str
    mention_id: str
    recipients: str
    subject: str
    path: str
    message_id: str
    transport: str  # 'outbox' or 'smtp'
    delivered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldLabel(_Record):
    """An analyst's correction: the right label of a task for a text."""

    text_hash: str
    task: str
    label: str
    labelled_by: str
    labelled_at: datetime
