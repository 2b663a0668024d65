"""Survey answers from a Google Form, read as the CSV of its answer sheet.

The heading line holds the questions; the option `columns` says which of them is what. Columns that are not named
there (names, telephone numbers) are never read.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar

from contracts.errors import ConfigurationError, ContractError, CredentialsRejected, GwidamError, SourceChanged
from contracts.keys import digest_key
from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused
from listeners.http import Answer
from listeners.import_fields import flag, words
from listeners.import_reading import FIELD_LIMIT, encoding_of
from listeners.rows import row_mentions
from listeners.scores import score_of
from listeners.times import When, korean
from listeners.values import mapping

_TOKEN = Credential(
    name="token", required=False,
    help="an OAuth access token with the scope drive.readonly; not needed for a sheet shared by its link",
)
ROWS_PER_PAGE = 500
FIELDS = ("published_at", "text", "title", "nps", "csat", "rating", "author", "product", "place", "answered")
_STAMPS = ("타임스탬프", "timestamp")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(.*)", re.DOTALL)


class SurveyCsv(Listener):
    """The whole sheet at every run: an answer that was edited keeps its key."""

    name: ClassVar[str] = "survey_csv"
    title_ko: ClassVar[str] = "설문 (구글 폼)"
    title_en: ClassVar[str] = "Surveys (Google Forms)"
    base_url: ClassVar[str] = "https://docs.google.com"
    credentials: ClassVar[tuple[Credential, ...]] = (_TOKEN,)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """The sheet's rows, 500 a page, cut down to the columns that the configuration names."""
        columns = _columns(ask.settings.option("columns", {}), ask.settings.name)
        sheet, text = self._sheet(ask)
        ask.findings.queries.append(sheet)
        rows = _rows(text, columns, ask)
        for start in range(0, len(rows), ROWS_PER_PAGE):
            yield Page(kind="answers", body=rows[start : start + ROWS_PER_PAGE], extra={"sheet": digest_key(sheet)[:8]})

    def check(self, ask: Ask) -> str:
        """Read the sheet once and look for the columns."""
        columns = _columns(ask.settings.option("columns", {}), ask.settings.name)
        _, text = self._sheet(ask)
        return f"{ask.settings.name}: the sheet can be read; {len(_rows(text, columns, ask))} answers"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A mention an answer, and one more where it holds both an NPS and a CSAT score."""
        for row in page.body if isinstance(page.body, list) else []:
            line = row.get("line", "?") if isinstance(row, Mapping) else "?"
            try:
                yield from list(_mentions(mapping(row), str(page.extra.get("sheet", "")), context))
            except ContractError as error:
                payload = row.get("cells", row) if isinstance(row, Mapping) else row
                yield context.refused(error, payload, f"line {line}")

    def _sheet(self, ask: Ask) -> tuple[str, str]:
        """The sheet's id and its CSV."""
        sheet, published = ask.settings.option("sheet", ""), ask.settings.option("published", "")
        if not sheet and not published:
            raise ConfigurationError(
                f"{ask.settings.name}: no sheet is named; set the option sheet to the id in its address "
                "(docs.google.com/spreadsheets/d/<id>/edit)",
                source=ask.settings.name,
            )
        params = {"format": "csv"} if sheet else {"output": "csv"}
        if gid := ask.settings.option("gid", ""):
            params["gid"] = gid
        path = f"/spreadsheets/d/{sheet}/export" if sheet else f"/spreadsheets/d/e/{published}/pub"
        token = ask.settings.credential(_TOKEN)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # Google answers with a redirect to another host; requests drops the token on the way there.
        answer = ask.client.get(
            ask.url(self, path), params=params, headers=headers, follow=True, explain=lambda found: _refusal(found, ask)
        )
        if answer.body.lstrip()[:1] == b"<":
            raise _not_shared(ask)
        return sheet or published, answer.body.decode(encoding_of(answer.body, whole=True), "replace")


def _refusal(answer: Answer, ask: Ask) -> GwidamError | None:
    return _not_shared(ask) if answer.status in {401, 403} else None


def _not_shared(ask: Ask) -> CredentialsRejected:
    return CredentialsRejected(
        f"{ask.settings.name}: Google asks for a log-in instead of giving the sheet; share it (공유 > 링크가 있는 모든 "
        "사용자 > 뷰어), publish it to the web, or set the key 'token'",
        source=ask.settings.name,
    )


def _columns(given: Mapping[str, Any], source: str) -> dict[str, list[str]]:
    """{field: headings}; several questions may be the text."""
    found = {name: [value] if isinstance(value, str) else list(value) for name, value in given.items()}
    for name in found:
        if name not in FIELDS:
            close = get_close_matches(name, FIELDS, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"there are: {', '.join(FIELDS)}"
            raise ConfigurationError(f"{source}: option columns has no field '{name}'; {hint}", source=source)
    if not {"text", "nps", "csat", "rating"} & set(found):
        raise ConfigurationError(
            f'{source}: no question is named; set the option columns, as in {{ nps = "추천 의향", text = "의견" }}',
            source=source,
        )
    return found


def _rows(text: str, columns: Mapping[str, list[str]], ask: Ask) -> list[dict[str, Any]]:
    """The answers as {"line", "nth", "cells": {field: [answers]}}; nth counts those of the same second."""
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        heading = [_plain(cell) for cell in next(reader)]
        places = _places(heading, columns, ask.settings.name)
        found, times = [], Counter[str]()
        for cells in reader:
            row = {name: [cells[at].strip() for at in spots if at < len(cells)] for name, spots in places.items()}
            if not any(any(answers) for name, answers in row.items() if name != "published_at"):
                if any(cells):
                    ask.findings.skipped["empty"] += 1
                continue
            said = [answer for answers in row.values() for answer in answers]
            stamp = " ".join(row.get("published_at", [])) or "\x1f".join(said)
            times[stamp] += 1
            found.append({"line": reader.line_num, "nth": times[stamp], "cells": row})
        return found
    except StopIteration:
        raise SourceChanged(f"{ask.settings.name}: the sheet is empty; check the options sheet and gid") from None
    except csv.Error as error:
        raise SourceChanged(f"{ask.settings.name}: the sheet is no readable CSV ({error})") from None


def _places(heading: list[str], columns: Mapping[str, list[str]], source: str) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for name, questions in columns.items():
        for question in questions:
            if _plain(question) not in heading:
                close = get_close_matches(_plain(question), heading, n=1, cutoff=0.4)
                hint = f"; the closest is '{close[0]}'" if close else ""
                raise SourceChanged(
                    f"{source}: the sheet has no question '{question}'{hint}; correct the option columns", source=source
                )
            places.setdefault(name, []).append(heading.index(_plain(question)))
    if "published_at" not in places:
        stamps = [index for index, cell in enumerate(heading) if cell.casefold() in _STAMPS]
        places |= {"published_at": stamps[:1]} if stamps else {}
    return places


def _plain(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFC", cell).lstrip("\ufeff").split())


def _mentions(row: Mapping[str, Any], sheet: str, context: ParseContext) -> Iterator[Mention]:
    cells = {name: _answers(value, name) for name, value in mapping(row.get("cells"), "the row").items()}
    labels: dict[str, Any] = context.settings.option("labels", {})
    fields: dict[str, Any] = {name: words(" ".join(cells.get(name, []))) for name in ("author", "product", "place")}
    fields |= {name: words("\n".join(cells.get(name, []))) for name in ("text", "title")}
    fields |= {name: score_of(" ".join(cells.get(name, [])), labels) for name in ("nps", "csat", "rating")}
    fields["answered"] = flag(" ".join(cells.get("answered", [])))
    stamp = " ".join(cells.get("published_at", []))
    fields["published_at"] = _moment(stamp, context.settings.option("day_first", False)) if stamp else None
    said = stamp or "\x1f".join(context.mask(answer) for answers in cells.values() for answer in answers)
    native_id = f"{sheet}-{digest_key(said)}-{row.get('nth', 1)}"
    yield from row_mentions(fields, context, kind=Kind.SURVEY, native_id=native_id)


def _answers(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(answer, str) for answer in value):
        raise ContractError(f"'{name}' should be a list of texts")
    return [answer for answer in value if answer.strip()]


def _moment(text: str, day_first: bool) -> When:
    """A sheet's time: '2026. 11. 21 오후 9:04:53' in Korean, '11/21/2026 21:04:53' in an American sheet."""
    slashed = _SLASHED.fullmatch(text.strip())
    if not slashed:
        return korean(text)
    first, second, year, rest = slashed.groups()
    month, day = (second, first) if day_first else (first, second)
    return korean(f"{year}-{month}-{day}{rest}")
