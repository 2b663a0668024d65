"""`gwidam import`: a file of reviews, inquiries, posts or survey answers becomes mentions in landing."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.coverage import Coverage, Outcome
from contracts.errors import ConfigurationError, ContractError, GwidamError
from contracts.keys import digest_key
from contracts.mention import Kind, Mention
from listeners.contract import ParseContext, SourceSettings, WatchedBrand
from listeners.import_fields import columns_of, latest, read_row, seoul_day
from listeners.import_reading import Row, open_table
from listeners.landing import Landing
from listeners.times import When
from storage.home import Home

ROWS_PER_FILE = 20_000
_KINDS = {
    "google_play": Kind.REVIEW, "app_store": Kind.REVIEW, "mail": Kind.MAIL, "survey": Kind.SURVEY,
    "survey_csv": Kind.SURVEY, "naver_commerce": Kind.INQUIRY, "inquiry": Kind.INQUIRY,
}
# What stays the same when a review is answered or liked later: a row's identity when it has no id.
_IDENTITY = ("brand", "title", "text", "url", "author", "rating", "published_at", "nps", "csat")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did: rows read, mentions landed, rows quarantined, the days they span, the landing folder.

    `imported` counts rows (an answer given beside its complaint is a mention more, in `answers`).
    """

    rows: int
    imported: int
    answers: int
    quarantined: int
    first_day: date | None
    last_day: date | None
    path: Path
    run_id: str
    brands: Mapping[str, int] = field(default_factory=dict)


def import_file(
    path: Path,
    *,
    source: str,
    brand: str | None,
    mapping: Mapping[str, str],
    ignore: Collection[str],
    home: Home,
    now: datetime,
    mask: Callable[[str], str],
    author_key: Callable[[str, str], str],
    progress: Callable[[int], None] | None = None,
    as_of: datetime | None = None,
    rating_max: float = 5.0,
) -> ImportReport:
    """Import a file, streamed. `mapping` is {field: column}; a brand column wins over `brand`.

    `as_of` is when the file was true (default `now`): rows that state whether they were answered count as
    looked at then. Ratings of another scale than 1-5 are brought to it with `rating_max`. The same file
    with the same options lands under the same names and keys. Bad rows are quarantined with their line.
    Raises ConfigurationError when the file as a whole cannot be used; rows before a fatal place have landed.
    """
    home.ensure()
    if not source or not source.replace("_", "").isalnum():
        raise ConfigurationError(f"--source {source!r}: write a name of letters, digits and _ such as google_play")
    table = open_table(path)
    columns = columns_of(table.columns(), mapping, ignore, path.name)
    if not brand and "brand" not in columns:
        raise ConfigurationError(f"{path.name} has no brand column; say --brand BRAND (or --map brand=COLUMN)")
    run_id = f"import-{_fingerprint(path, source, brand, columns, rating_max, as_of)}"
    context = ParseContext(
        brand=WatchedBrand(id=brand or "", name=brand or "", terms=()), settings=SourceSettings(name=source),
        fetched_at=now, mask=mask, author_key=author_key,
    )
    importer = _Importer(columns, context, as_of or now, rating_max)
    landing = Landing(home, source=source, run_id=run_id, now=now, rows_per_file=ROWS_PER_FILE)
    began = time.monotonic()
    error: GwidamError | None = None
    with closing(_Ordinals()) as ordinals:
        try:
            for row in table.rows():
                importer.take(row, landing, ordinals)
                if progress and importer.rows % 500 == 0:
                    progress(importer.rows)
        except GwidamError as caught:
            error = caught
    landing.flush()
    if progress:
        progress(importer.rows)
    landing.cover(*importer.coverage(landing, path.name, now, now + timedelta(seconds=time.monotonic() - began), error))
    if error:
        raise error
    return ImportReport(
        rows=importer.rows, imported=importer.imported, answers=importer.answers, quarantined=landing.quarantined,
        first_day=importer.first_day, last_day=importer.last_day, path=home.landed("mentions") / source, run_id=run_id,
        brands=dict(importer.brands),
    )


class _Importer:
    """Turns rows into mentions and keeps the counts."""

    def __init__(self, columns: Mapping[str, str], context: ParseContext, as_of: datetime, rating_max: float) -> None:
        self.columns = columns
        self.context = context
        self.as_of = as_of
        self.rating_max = rating_max
        self.rows = self.imported = self.answers = 0
        self.brands: dict[str, int] = {}
        self.first_day: date | None = None
        self.last_day: date | None = None

    def take(self, row: Row, landing: Landing, ordinals: _Ordinals) -> None:
        self.rows += 1
        try:
            if row.bad:
                raise row.bad
            fields = read_row(row.cells, self.columns)
            mentions = list(self._mentions(fields, ordinals))
        except ContractError as error:
            landing.refuse(self.context.refused(error, row.cells or row.raw, f"line {row.line}"))
            return
        for mention in mentions:
            landing.add(mention)
        self.imported += 1
        self.answers += len(mentions) - 1
        name = mentions[0].brands[0]
        self.brands[name] = self.brands.get(name, 0) + 1
        self._span(seoul_day(fields.get("published_at")))

    def coverage(
        self, landing: Landing, name: str, now: datetime, ended: datetime, error: GwidamError | None
    ) -> Iterator[Coverage]:
        """A row for each brand in the file."""
        outcome = Outcome.PARTIAL if error or landing.quarantined else Outcome.COMPLETE
        message = error.message if error else ""
        if landing.quarantined and not error:
            message = f"{landing.quarantined} of {self.rows} rows could not be used and are in the quarantine"
        for brand, count in (self.brands or {self.context.brand.id: 0}).items():
            yield Coverage(
                run_id=landing.run_id, source=self.context.source, brand=brand, query=f"import {name}",
                started_at=now, finished_at=ended, outcome=outcome, seen=count, new=count,
                quarantined=landing.quarantined, reason="bad_rows" if message else "", message=message,
            )

    def _span(self, day: date | None) -> None:
        if day:
            self.first_day = min(day, self.first_day or day)
            self.last_day = max(day, self.last_day or day)

    def _mentions(self, fields: dict[str, Any], ordinals: _Ordinals) -> Iterator[Mention]:
        context = self.context
        brand = fields.get("brand") or context.brand.id
        if not brand:
            raise ContractError("the row names no brand and --brand is not given")
        title, text = context.mask(fields.get("title") or ""), context.mask(fields.get("text") or "")
        rating = self._rating(fields.get("rating"))
        score_kind, score = _score(fields)
        if not text.strip() and not title.strip() and rating is None and score is None:
            raise ContractError("the row has neither a text nor a rating")
        published, answered_at = fields.get("published_at"), fields.get("answered_at")
        self._not_in_future(published, "published_at")
        answered = _answered(fields.get("answered"), answered_at, fields.get("answer_text"))
        native_id = fields.get("native_id") or _derived_id(fields, brand, title, text, ordinals)
        thread = fields.get("thread_native_id") or native_id
        bounds = published.bounds if published else (None, None)
        yield Mention(
            source=context.source,
            native_id=native_id,
            kind=fields.get("kind") or _default_kind(context.source, score_kind, rating),
            brands=(brand,),
            fetched_at=context.fetched_at,
            title=title,
            text=text,
            url=fields.get("url") or "",
            thread_native_id=thread,
            parent_native_id=fields.get("parent_native_id") or None,
            author_key=context.author(fields.get("author")),
            is_official=bool(fields.get("is_official")),
            rating=rating,
            likes=fields.get("likes"),
            replies=fields.get("replies"),
            shares=fields.get("shares"),
            views=fields.get("views"),
            published_at=published.at if published else None,
            not_before=bounds[0],
            not_after=bounds[1],
            answered=answered,
            # A day without a time gives no response time: the answer is known, its minute is not.
            answered_at=answered_at.at if answered and answered_at else None,
            answers_checked_at=self.as_of if answered is not None else None,
            place=context.mask(fields.get("place") or ""),
            product=context.mask(fields.get("product") or ""),
            score_kind=score_kind,
            score_value=score,
        )
        if fields.get("answer_text"):
            yield self._answer(fields["answer_text"], answered_at, native_id, thread, brand)

    def _answer(self, text: str, answered_at: When | None, native_id: str, thread: str, brand: str) -> Mention:
        bounds = answered_at.bounds if answered_at else (None, None)
        return Mention(
            source=self.context.source, native_id=f"{native_id}#answer", kind=Kind.COMMENT, brands=(brand,),
            fetched_at=self.context.fetched_at, text=self.context.mask(text), thread_native_id=thread,
            parent_native_id=native_id, is_official=True, published_at=answered_at.at if answered_at else None,
            not_before=bounds[0], not_after=bounds[1],
        )

    def _rating(self, rating: float | None) -> float | None:
        if rating is None:
            return None
        if not 0 < rating <= self.rating_max:
            remedy = "; say --rating-max 10 if that is its scale" if rating <= 10 else ""
            raise ContractError(f"rating {rating:g} is not between 1 and {self.rating_max:g}{remedy}")
        return round(rating * 5 / self.rating_max, 2)

    def _not_in_future(self, moment: When | None, name: str) -> None:
        last = latest(moment)
        if last is not None and last > self.context.fetched_at + timedelta(days=2):
            raise ContractError(f"column '{self.columns[name]}': the time lies in the future")


def _score(fields: Mapping[str, Any]) -> tuple[str | None, float | None]:
    nps, csat = fields.get("nps"), fields.get("csat")
    if nps is not None and csat is not None:
        raise ContractError("a row holds one score: nps or csat, not both; import the file twice, once for each")
    if nps is not None:
        if not 0 <= nps <= 10:
            raise ContractError(f"nps {nps:g} is not between 0 and 10")
        return "nps", nps
    if csat is not None:
        if not 0 <= csat <= 100:
            raise ContractError(f"csat {csat:g} is not between 0 and 100")
        return "csat", csat
    return None, None


def _answered(stated: bool | None, at: When | None, text: str | None) -> bool | None:
    if stated is False and (at or text):
        raise ContractError("the row says not answered, but gives an answer")
    return True if at or text else stated


def _default_kind(source: str, score_kind: str | None, rating: float | None) -> Kind:
    if score_kind:
        return Kind.SURVEY
    return _KINDS.get(source) or (Kind.REVIEW if rating is not None else Kind.POST)


def _derived_id(fields: Mapping[str, Any], brand: str, title: str, text: str, ordinals: _Ordinals) -> str:
    """An id from what the row says (masked, so that no number can be guessed from it) and its ordinal."""
    said = {**fields, "brand": brand, "title": title, "text": text}
    key = digest_key(*(_written(said.get(name)) for name in _IDENTITY))
    return f"row-{key}-{ordinals.next(key)}"


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, When):
        return value.at.isoformat() if value.at else str(value.day)
    return str(value)


class _Ordinals:
    """How often a key came before. On disk, so that a file of any length takes the same memory."""

    def __init__(self) -> None:
        self._file = tempfile.NamedTemporaryFile(prefix="gwidam-ordinals-")  # noqa: SIM115 (closed in close)
        self._db = sqlite3.connect(self._file.name, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def next(self, key: str) -> int:
        """1 for a key never seen, then 2, 3, …"""
        sql = "INSERT INTO seen VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING times"
        return int(self._db.execute(sql, (key,)).fetchone()[0])

    def close(self) -> None:
        self._db.close()
        self._file.close()


def _fingerprint(
    path: Path, source: str, brand: str | None, columns: Mapping[str, str], rating_max: float, as_of: datetime | None
) -> str:
    """A short hash of the file's bytes and of every option that changes what it becomes."""
    with path.open("rb") as handle:
        content = hashlib.file_digest(handle, "sha256").hexdigest()
    options = json.dumps([source, brand, sorted(columns.items()), rating_max, str(as_of or "")], ensure_ascii=True)
    return digest_key(content, options)[:16]
