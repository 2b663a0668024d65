"""A row of a desk's own file (feedback, survey answers) as mentions: its fields are those of `gwidam import`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from contracts.errors import ContractError
from contracts.mention import Kind, Mention
from listeners.contract import ParseContext
from listeners.import_fields import FIELDS, latest, read_row
from listeners.times import When

SCORES: Mapping[str, tuple[float, float]] = {"nps": (0, 10), "csat": (0, 100)}


def fields_of(cells: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """The row's fields by name: a column called like a field, or as `columns` ({field: column}) says.

    Columns that are no field are left unread: what a form asks beyond that is nobody's business here.
    """
    found = {name: name for name in FIELDS if name in cells} | {
        name: column for name, column in columns.items() if column in cells
    }
    return read_row(cells, found)


def row_mentions(fields: Mapping[str, Any], context: ParseContext, *, kind: Kind, native_id: str) -> Iterator[Mention]:
    """The customer's mention; one more for a second score (an NPS beside a CSAT), and one for the answer.

    Raises ContractError for a row without text, rating and score, a score off its scale, or a future time.
    """
    scores = list(_scores(fields))
    published: When | None = fields.get("published_at")
    answer_at: When | None = fields.get("answered_at")
    last = latest(published)
    if last is not None and last > context.fetched_at + timedelta(days=2):
        raise ContractError("the time lies in the future")
    answered = True if answer_at or fields.get("answer_text") else fields.get("answered")
    bounds = published.bounds if published else (None, None)
    for ordinal, (name, value) in enumerate(scores or [(None, None)]):
        first = ordinal == 0
        yield Mention(
            source=context.source,
            native_id=native_id if first else f"{native_id}#{name}",
            kind=fields.get("kind") or (Kind.SURVEY if name else kind),
            brands=(context.brand.id,),
            fetched_at=context.fetched_at,
            title=context.mask(fields.get("title") or "") if first else "",
            text=context.mask(fields.get("text") or "") if first else "",
            url=page_address(fields.get("url") or ""),
            thread_native_id=native_id,
            parent_native_id=None if first else native_id,
            author_key=context.author(fields.get("author")),
            rating=_stars(fields.get("rating")) if first else None,
            published_at=published.at if published else None,
            not_before=bounds[0],
            not_after=bounds[1],
            answered=answered if first else None,
            # A day without a time gives no response time: the answer is known, its minute is not.
            answered_at=answer_at.at if first and answered and answer_at else None,
            answers_checked_at=context.fetched_at if first and answered is not None else None,
            place=context.mask(fields.get("place") or ""),
            product=context.mask(fields.get("product") or ""),
            score_kind=name,
            score_value=value,
        )
    if fields.get("answer_text"):
        yield _answer(fields["answer_text"], answer_at, context, native_id)


def page_address(url: str) -> str:
    """A web address without query and fragment, which may hold a name or a session; '' when it is none."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _answer(text: str, at: When | None, context: ParseContext, native_id: str) -> Mention:
    bounds = at.bounds if at else (None, None)
    return Mention(
        source=context.source, native_id=f"{native_id}#answer", kind=Kind.COMMENT, brands=(context.brand.id,),
        fetched_at=context.fetched_at, text=context.mask(text), thread_native_id=native_id,
        parent_native_id=native_id, is_official=True, published_at=at.at if at else None,
        not_before=bounds[0], not_after=bounds[1],
    )


def _scores(fields: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, (low, high) in SCORES.items():
        value = fields.get(name)
        if value is None:
            continue
        if not low <= value <= high:
            raise ContractError(f"{name} {value:g} is not between {low:g} and {high:g}")
        yield name, value


def _stars(rating: float | None) -> float | None:
    if rating is not None and not 1 <= rating <= 5:
        raise ContractError(f"rating {rating:g} is not between 1 and 5")
    return rating
