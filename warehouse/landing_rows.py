"""The shape of every kind of landing row: its folder, its columns with DuckDB types, and the keys it must have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingKind:
    """One folder below landing/ and the rows in it; `key` identifies a row in raw.<name>."""

    name: str
    columns: Mapping[str, str]
    required: tuple[str, ...]
    key: tuple[str, ...]


def _columns(**groups: str) -> dict[str, str]:
    return {name: kind for kind, names in groups.items() for name in names.split()}


MENTIONS = LandingKind(
    name="mentions",
    columns=_columns(
        VARCHAR=(
            "mention_id text_hash source native_id kind title text full_text url thread_native_id parent_native_id "
            "reshare_of_native_id author_key place product score_kind"
        ),
        TIMESTAMP="fetched_at published_at not_before not_after answered_at answers_checked_at deleted_at",
        BIGINT="likes replies shares views",
        DOUBLE="rating score_value",
        BOOLEAN="is_official answered",
    )
    | {"brands": "VARCHAR[]"},
    required=("mention_id", "source", "native_id", "kind", "brands", "fetched_at"),
    key=("mention_id", "text_hash"),
)
TAGS = LandingKind(
    name="tags",
    columns=_columns(VARCHAR="text_hash task label value model_version model evidence", DOUBLE="score"),
    required=("text_hash", "task", "label", "model_version", "model", "score"),
    key=("text_hash", "task", "label", "value", "model_version"),
)
COVERAGE = LandingKind(
    name="coverage",
    columns=_columns(
        VARCHAR="run_id source brand query outcome reason message",
        TIMESTAMP="started_at finished_at asked_from asked_to answers_from answers_to",
        BIGINT="seen new quarantined requests",
        DOUBLE="cost_usd",
        BOOLEAN="cap_hit",
    ),
    required=("run_id", "source", "brand", "query", "started_at", "finished_at", "outcome"),
    key=("run_id", "source", "brand", "query"),
)
RESOLUTIONS = LandingKind(
    name="resolutions",
    columns=_columns(VARCHAR="resolution_id mention_id how note", TIMESTAMP="resolved_at recorded_at"),
    required=("resolution_id", "mention_id", "resolved_at", "how", "note", "recorded_at"),
    key=("resolution_id",),
)
DELIVERIES = LandingKind(
    name="deliveries",
    columns=_columns(
        VARCHAR="key what brand audience week rule mention_id recipients subject path message_id transport",
        TIMESTAMP="delivered_at",
    ),
    required=(
        "key", "what", "brand", "audience", "week", "rule", "mention_id", "recipients", "subject", "path",
        "message_id", "transport", "delivered_at",
    ),
    key=("key",),
)
GOLD = LandingKind(
    name="gold",
    columns=_columns(VARCHAR="text_hash task label labelled_by", TIMESTAMP="labelled_at"),
    required=("text_hash", "task", "label", "labelled_by", "labelled_at"),
    key=("text_hash", "task", "label", "labelled_by"),
)
QUARANTINE = LandingKind(
    name="quarantine",
    columns=_columns(VARCHAR="source run_id position reason payload", TIMESTAMP="quarantined_at"),
    required=("source", "run_id", "position", "reason", "payload", "quarantined_at"),
    key=("source", "run_id", "position", "reason"),
)

KINDS = (MENTIONS, TAGS, COVERAGE, RESOLUTIONS, DELIVERIES, GOLD, QUARANTINE)
