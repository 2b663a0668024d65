"""What the searches of Kakao (Daum cafes, Daum blogs) share: the key, paging, the mark, a post's id."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from contracts.clock import from_iso, to_iso
from contracts.errors import ContractError, GwidamError, QuotaExhausted
from listeners.contract import Ask, Credential, Page
from listeners.http import Answer
from listeners.times import instant

KEY = Credential(name="key", help="the REST API key of an app at developers.kakao.com (앱 설정 > 앱 키)")
PAGE_SIZE = 50
MAX_PAGES = 50
LONG_LIST = 500


def search_pages(ask: Ask, url: str, *, kind: str) -> Iterator[Page]:
    """Every page of every term, newest first; moves `mark[term]` to the newest post once a term is read whole."""
    for term in ask.brand.terms:
        ask.findings.queries.append(term)
        newest = yield from _term_pages(ask, url, term, kind)
        if newest is not None:
            ask.findings.mark[term] = to_iso(newest)


def check_search(ask: Ask, url: str) -> str:
    """One request; one line that says what works."""
    body = _get(ask, url, ask.brand.terms[0], 1)
    total = _meta(body).get("total_count", "?")
    return f"{ask.settings.name}: the key works; {total} results for '{ask.brand.terms[0]}'"


def document_id(url: str) -> str:
    """A post's id: its address without scheme, query and mobile prefix ('cafe.daum.net/club/AbC/12')."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ContractError("'url' is no address") from error
    host = (parts.hostname or "").removeprefix("m.")
    path = parts.path.rstrip("/")
    if not host or not path or parts.scheme not in {"http", "https"}:
        raise ContractError("'url' is no address of a post")
    return f"{host}{path}".removeprefix("cafe.daum.net/") if host == "cafe.daum.net" else f"{host}{path}"


def _term_pages(ask: Ask, url: str, term: str, kind: str) -> Generator[Page, None, datetime | None]:
    bottom = _bottom(ask, term)
    newest: datetime | None = None
    oldest: datetime | None = None
    last: Any = None
    for page in range(1, MAX_PAGES + 1):
        body = _get(ask, url, term, page)
        if _documents(body) and _documents(body) == last:
            ask.findings.lack("repeated", f"{ask.settings.name}: Kakao gave a page twice; the rest stays to be read")
            return None
        last = _documents(body)
        yield Page(kind=kind, body=body, extra={"query": term})
        times = _times(body)
        newest = max([*times, *([newest] if newest else [])], default=None)
        oldest = min([*times, *([oldest] if oldest else [])], default=None)
        if oldest is not None and oldest < bottom:
            return newest
        meta = _meta(body)
        if meta.get("is_end") is not False:
            # total_count always counts near-equal posts too; only a long list can have been cut off.
            if page * PAGE_SIZE >= LONG_LIST and _more(meta):
                _capped(ask, term)
            return newest
    _capped(ask, term)
    return newest


def _capped(ask: Ask, term: str) -> None:
    ask.findings.cap_hit = True
    name = ask.settings.name
    ask.findings.lack("cap", f"{name}: '{term}' has more results than the search shows; add narrower terms")


def _more(meta: Mapping[str, Any]) -> bool:
    total, pageable = meta.get("total_count"), meta.get("pageable_count")
    return isinstance(total, int) and isinstance(pageable, int) and total > pageable


def _bottom(ask: Ask, term: str) -> datetime:
    """Read down to here: the last run's newest post less the overlap (option `overlap_hours`, 24)."""
    overlap = timedelta(hours=ask.settings.option("overlap_hours", 24.0))
    marked = ask.mark.get(term)
    if isinstance(marked, str):
        return from_iso(marked) - overlap
    return ask.since or ask.now - timedelta(days=7)


def _documents(body: Any) -> list[Any]:
    documents = body.get("documents") if isinstance(body, Mapping) else None
    return documents if isinstance(documents, list) else []


def _times(body: Any) -> list[datetime]:
    times = []
    for document in _documents(body):
        try:
            times.append(instant(document["datetime"]))
        except (ContractError, KeyError, TypeError, AttributeError):
            continue  # parse refuses the record itself
    return times


def _meta(body: Any) -> Mapping[str, Any]:
    meta = body.get("meta") if isinstance(body, Mapping) else None
    return meta if isinstance(meta, Mapping) else {}


def _get(ask: Ask, url: str, term: str, page: int) -> Any:
    params = {"query": term, "sort": "recency", "page": page, "size": PAGE_SIZE}
    headers = {"Authorization": f"KakaoAK {ask.settings.credential(KEY)}"}

    def explain(answer: Answer) -> GwidamError | None:
        retry = ask.client.retry_at(answer)
        if answer.status != 429 or retry is not None:
            return None
        return QuotaExhausted(
            f"{ask.settings.name}: Kakao's search quota is used up; what came is kept, the next run goes on",
            source=ask.settings.name,
        )

    return ask.client.get_json(url, params=params, headers=headers, explain=explain)
