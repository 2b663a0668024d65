"""`Mention`: one utterance about a brand, as a listener hands it over. Masked already: never raw."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self

from contracts.clock import from_iso, to_iso
from contracts.errors import ContractError
from contracts.keys import mention_id, text_hash


class Kind(StrEnum):
    """What sort of utterance it is."""

    POST = "post"
    COMMENT = "comment"
    REVIEW = "review"
    QUESTION = "question"
    INQUIRY = "inquiry"
    MAIL = "mail"
    SURVEY = "survey"
    RESHARE = "reshare"


_iso = lru_cache(maxsize=4_096)(to_iso)  # a day's bounds and the time of looking come again and again
_TIMES = ("published_at", "not_before", "not_after", "fetched_at", "answered_at", "answers_checked_at", "deleted_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One utterance; its key is (source, native_id). Times are timezone-aware and stored in UTC.

    `published_at` is None when the source gives no exact time: then [not_before, not_after] bound it
    (a bare day gives the day's bounds in Seoul; an undated cafe post gives the last time it was not
    there and the time it was first seen).
    `answered` is what the source itself states (None: it does not say). `answers_checked_at` is when this
    thread was last looked at for answers; None when the source cannot show them or nobody looked.
    An official answer that the source shows is a Mention of its own, with `is_official` and the same
    `thread_native_id`. `score_kind`/`score_value` hold a survey's number ('nps' 0-10, 'csat' as given).
    """

    source: str
    native_id: str
    kind: Kind
    brands: tuple[str, ...]
    fetched_at: datetime
    text: str = ""
    title: str = ""
    url: str = ""
    thread_native_id: str | None = None
    parent_native_id: str | None = None
    reshare_of_native_id: str | None = None
    author_key: str | None = None
    is_official: bool = False
    rating: float | None = None
    likes: int | None = None
    replies: int | None = None
    shares: int | None = None
    views: int | None = None
    published_at: datetime | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    answered: bool | None = None
    answered_at: datetime | None = None
    answers_checked_at: datetime | None = None
    deleted_at: datetime | None = None
    place: str = ""
    product: str = ""
    score_kind: str | None = None
    score_value: float | None = None

    def __post_init__(self) -> None:
        if not self.source or not self.native_id:
            raise ContractError("a mention needs a source and a native_id", source=self.source or None)
        says_something = self.text.strip() or self.title.strip()
        if not says_something and self.rating is None and self.score_value is None and self.deleted_at is None:
            raise ContractError(f"{self.native_id}: a mention needs a text or a rating", source=self.source)
        for name in _TIMES:
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ContractError(f"{self.native_id}: {name} has no time zone", source=self.source)

    @property
    def mention_id(self) -> str:
        """The key, 24 hex digits."""
        return mention_id(self.source, self.native_id)

    @property
    def full_text(self) -> str:
        """What is read for tags: the title and the text, without saying the same thing twice."""
        title, text = self.title.strip(), self.text.strip()
        if not title or text.startswith(title.rstrip(".… ")):
            return text
        return f"{title}\n{text}".strip()

    def to_json(self) -> dict[str, Any]:
        """A landing row: every field, plus `mention_id`, `full_text` and `text_hash`; times as ISO UTC."""
        row: dict[str, Any] = {name: getattr(self, name) for name in _NAMES}  # asdict copies deeply
        row["kind"] = self.kind.value
        row["brands"] = list(self.brands)
        for name in _TIMES:
            if row[name] is not None:
                row[name] = _iso(row[name])
        full_text = self.full_text
        row["mention_id"] = self.mention_id
        row["full_text"] = full_text
        row["text_hash"] = text_hash(full_text) if full_text else None
        return row

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """The inverse of `to_json`. Unknown keys are ignored; raises ContractError on a bad row."""
        known = {name: row[name] for name in _NAMES if row.get(name) is not None}
        try:
            for name in _TIMES:
                if name in known:
                    known[name] = from_iso(known[name])
            known["kind"] = Kind(known["kind"])
            known["brands"] = tuple(known.get("brands", ()))
            return cls(**known)
        except (KeyError, TypeError, ValueError) as error:
            raise ContractError(f"not a mention: {error}", source=row.get("source")) from error


_NAMES = tuple(field.name for field in fields(Mention))
