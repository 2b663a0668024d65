"""What Naver's searches share: two hosts and their keys, paging up to the cap, the mark, a post's id.

The API HUB replaces the developer centre's host, whose old keys end on 2027-06-30. Both give at most
1,000 results a query; some verticals give no date, so a result is known to lie between two looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from contracts.clock import KST, from_iso, to_iso, to_utc
from contracts.errors import ConfigurationError, ContractError, GwidamError, QuotaExhausted
from listeners.contract import Ask, Credential, Page
from listeners.http import Answer
from listeners.values import mapping, text

KEYS = (
    Credential(name="id", help="the Client ID of an application at NAVER API HUB (or the old developer centre)"),
    Credential(name="secret", help="the Client Secret of the same application"),
)
HOSTS = {"hub": "https://naverapihub.apigw.ntruss.com", "legacy": "https://openapi.naver.com"}
DISPLAY = 100
LAST_START = 1_000
SEEN_LIMIT = 20_000
# Asked beside a term whose plain search hit the cap: words that complaints hold.
NARROWER = ("환불", "배송", "불량", "고객센터", "후기")


def search_pages(ask: Ask, vertical: str, id_of: Callable[[str], str]) -> Iterator[Page]:
    """Every page of every term, newest first, until a whole page is known; narrower queries after a cap.

    A page's extra holds `seen`: {native_id: [not there yet at, first seen at]} in ISO (the first may be None),
    which bounds results without a date.
    """
    reading = _Reading(ask, vertical, id_of)
    for term in ask.brand.terms:
        capped = yield from reading.pages(term)
        for word in ask.settings.option("narrower", NARROWER) if capped else ():
            yield from reading.pages(f"{term} {word}")


def check_search(ask: Ask, vertical: str) -> str:
    """One request; one line that says what works."""
    body = _get(ask, vertical, ask.brand.terms[0], 1, display=10)
    total = body.get("total", "?") if isinstance(body, Mapping) else "?"
    return f"{ask.settings.name}: the key works; {total} results for '{ask.brand.terms[0]}'"


def bounds(page: Page, native_id: str) -> tuple[datetime | None, datetime | None]:
    """[last look without it, first look with it] of an undated result."""
    known = page.extra.get("seen", {}).get(native_id)
    if not known:
        return None, None
    before, first = known
    return (from_iso(before) if before else None), from_iso(first)


def cafe_id(link: str) -> str:
    """A cafe article's id: cafe and article number ('momcafe/12345'); its address where that has another form."""
    parts, query = _parts(link)
    if article := query.get("articleid"):
        return f"{query.get('clubid', '')}/{article}"
    found = re.fullmatch(r"/(?:f-e/cafes|ca-fe/cafes|ca-fe/web/cafes)/([^/]+)/articles/(\d+)", parts.path)
    found = found or re.fullmatch(r"/([^/]+)/(\d+)", parts.path.rstrip("/"))
    return f"{found[1]}/{found[2]}" if found else _whole(link)


def blog_id(link: str) -> str:
    """A blog post's id: blog and post number ('someone/223000111222'), or host and path elsewhere."""
    parts, query = _parts(link)
    host = (parts.hostname or "").removeprefix("m.")
    if host != "blog.naver.com":
        return f"{host}{parts.path.rstrip('/')}"
    if number := query.get("logno"):
        return f"{query.get('blogid') or parts.path.strip('/')}/{number}"
    return parts.path.strip("/") or _whole(link)


def kin_id(link: str) -> str:
    """A question's id: its document number."""
    _, query = _parts(link)
    return query.get("docid") or _whole(link)


def page_id(link: str) -> str:
    """A web page's id: host, path and query without the scheme."""
    return _whole(link)


def _parts(link: str) -> tuple[Any, dict[str, str]]:
    try:
        parts = urlsplit(link.strip())
        host = parts.hostname
    except ValueError as error:
        raise ContractError("'link' is no address") from error
    if parts.scheme not in {"http", "https"} or not host or len(link) > 2_000:
        raise ContractError("'link' is no address")
    return parts, {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}


def _whole(link: str) -> str:
    parts, _ = _parts(link)
    return f"{parts.hostname}{parts.path}{'?' + parts.query if parts.query else ''}"[:400]


class _Reading:
    """One run over all queries. What was known before the run, and which queries were read to their end."""

    def __init__(self, ask: Ask, vertical: str, id_of: Callable[[str], str]) -> None:
        mark = ask.findings.mark
        self.ask = ask
        self.vertical = vertical
        self.id_of = id_of
        self.seen: dict[str, list[str | None]] = mark.setdefault("seen", {})
        self.whole: dict[str, str] = mark.setdefault("whole", {})
        self.unfinished: dict[str, bool] = mark.setdefault("unfinished", {})
        self.known = frozenset(self.seen)

    def pages(self, query: str) -> Generator[Page, None, bool]:
        """The pages of one query; whether it hit the cap.

        A run that broke off leaves the query unfinished: the next one reads past the pages it knows.
        """
        ask, name, before = self.ask, self.ask.settings.name, self.whole.get(query)
        may_stop = before is not None and query not in self.unfinished
        this_run: set[str] = set()
        self.unfinished[query] = True
        ask.findings.queries.append(query)
        for start in range(1, LAST_START + 1, DISPLAY):
            body = _get(ask, self.vertical, query, start)
            ids = _page_ids(body, self.id_of)
            if ids and this_run.issuperset(ids):
                ask.findings.lack("repeated", f"{name}: Naver gave a page twice; the rest stays to be read")
                return False
            this_run |= set(ids)
            for native_id in ids:
                self.seen.setdefault(native_id, [before, to_iso(ask.now)])
            extra = {"query": query, "seen": {native_id: self.seen[native_id] for native_id in ids}}
            yield Page(kind=self.vertical, body=body, extra=extra)
            if (may_stop and self.known.issuperset(ids)) or len(ids) < DISPLAY or start + DISPLAY > _total(body):
                self._done(query)
                return False
        self._done(query)
        ask.findings.cap_hit = True
        message = f"{name}: '{query}' has more than the 1,000 results that Naver shows; listen more often"
        ask.findings.lack("cap", message)
        return True

    def _done(self, query: str) -> None:
        self.whole[query] = to_iso(self.ask.now)
        self.unfinished.pop(query, None)
        for old in list(self.seen)[:-SEEN_LIMIT]:
            del self.seen[old]


def _page_ids(body: Any, id_of: Callable[[str], str]) -> list[str]:
    items = body.get("items") if isinstance(body, Mapping) else None
    found = []
    for item in items if isinstance(items, list) else []:
        try:
            found.append(id_of(text(mapping(item), "link", required=True)))
        except ContractError:
            found.append("")  # parse refuses it; it still counts as a result of the page
    return found


def _total(body: Any) -> int:
    total = body.get("total") if isinstance(body, Mapping) else None
    return total if isinstance(total, int) else LAST_START * 2


def _get(ask: Ask, vertical: str, query: str, start: int, display: int = DISPLAY) -> Any:
    settings = ask.settings
    client_id, secret = (settings.credential(key) for key in KEYS)
    api = settings.option("api", "hub")
    if api == "hub":
        path, headers = f"/search/v1/{vertical}", {"X-NCP-APIGW-API-KEY-ID": client_id, "X-NCP-APIGW-API-KEY": secret}
    elif api == "legacy":
        path, headers = f"/v1/search/{vertical}.json", {"X-Naver-Client-Id": client_id, "X-Naver-Client-Secret": secret}
    else:
        raise ConfigurationError(f"{settings.name}: option 'api' is {api!r}; it is 'hub' or 'legacy'")
    params: dict[str, Any] = {"query": query, "display": display, "start": start, "sort": "date"}
    params |= {"format": "json"} if api == "hub" else {}
    url = (settings.base_url or HOSTS[api]).rstrip("/") + path
    return ask.client.get_json(url, params=params, headers=headers, explain=lambda answer: _explained(ask, answer))


def _explained(ask: Ask, answer: Answer) -> GwidamError | None:
    """A 429 that names the quota lasts until midnight in Seoul."""
    if answer.status != 429 or ask.client.retry_at(answer) is not None:
        return None
    midnight = datetime.combine(ask.now.astimezone(KST).date() + timedelta(days=1), datetime.min.time(), KST)
    return QuotaExhausted(
        f"{ask.settings.name}: Naver's daily quota is used up; what came is kept, the next run after midnight goes on",
        resets_at=to_utc(midnight), source=ask.settings.name,
    )
