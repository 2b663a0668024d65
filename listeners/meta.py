"""What Meta's graphs share (Facebook, Instagram, Threads): paging, throttles, and errors that all come as 400.

https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from contracts.errors import CredentialsRejected, Forbidden, GwidamError, RateLimited, SourceChanged, SourceUnavailable
from listeners.contract import Ask, Credential, Listener
from listeners.http import Answer

MAX_PAGES = 200
NEARLY_USED_UP = 95
_THROTTLED = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})
_TOKEN_DEAD = frozenset({102, 190, 463, 467})
_FORBIDDEN = frozenset({3, 10, *range(200, 300)})
_BUSY = frozenset({1, 2})
_USAGE_HEADERS = ("x-app-usage", "x-page-usage", "x-business-use-case-usage", "x-ad-account-usage")
_PLAIN_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")
_USAGE_FIELDS = ("call_count", "total_time", "total_cputime")
_NO_SUCH_OBJECT = 100
Meanings = Mapping[int, GwidamError]


class Gone(SourceChanged):
    """Error 100: there is no such object, or this token may not read it."""


def gone_means_gone(source: str) -> Meanings:
    """The meanings of an object asked for by its id: error 100 is `Gone`."""
    return {_NO_SUCH_OBJECT: Gone(f"{source}: there is no such object (100)", source=source)}


def graph_get(
    ask: Ask,
    listener: Listener,
    path: str,
    params: Mapping[str, Any],
    token: Credential,
    *,
    meanings: Meanings | None = None,
) -> dict[str, Any]:
    """One answer. The token travels in a header, never in an address. `meanings` are an edge's own error codes."""
    return _get(ask, listener, path, params, token, meanings)[0]


def plain_id(item: Mapping[str, Any]) -> str:
    """An object's id where it is fit for an address, else ''."""
    found = item.get("id")
    return found if isinstance(found, str) and _PLAIN_ID.fullmatch(found) else ""


def graph_pages(
    ask: Ask,
    listener: Listener,
    path: str,
    params: Mapping[str, Any],
    token: Credential,
    *,
    max_pages: int = MAX_PAGES,
    meanings: Meanings | None = None,
) -> Iterator[Any]:
    """Every page of a list, until `paging.next` is absent: a short page, even an empty one, is not the last.

    Raises RateLimited when the application's allowance is nearly used up and there is more to read. A list
    that repeats itself, or has more than `max_pages`, is noted as lacking and ends.
    """
    seen: set[str] = set()
    asked: Mapping[str, Any] = params
    for _ in range(max_pages):
        body, usage = _get(ask, listener, path, asked, token, meanings)
        yield body
        following = _following(body)
        if following is None:
            return
        place = json.dumps(following, sort_keys=True)
        if place in seen:
            ask.findings.lack("repeated", f"{ask.settings.name}: the source repeated a page; the rest is missing")
            return
        seen.add(place)
        if usage >= NEARLY_USED_UP:
            raise RateLimited(
                f"{ask.settings.name}: {usage}% of the application's allowance is used; the rest is read later",
                until=ask.client.now + timedelta(hours=1), source=ask.settings.name,
            )
        asked = {**params, **following}
    ask.findings.cap_hit = True
    ask.findings.lack("cap", f"{ask.settings.name}: a list has more than {max_pages} pages; the rest is missing")


def whole_list(ask: Ask) -> bool:
    """Whether every list of this run has been read to its end so far."""
    return not any(reason in {"repeated", "cap", "forbidden"} for reason, _ in ask.findings.lacks)


def _get(
    ask: Ask,
    listener: Listener,
    path: str,
    params: Mapping[str, Any],
    token: Credential,
    meanings: Meanings | None = None,
) -> tuple[dict[str, Any], int]:
    name = ask.settings.name
    answer = ask.client.get(
        ask.url(listener, path), params=params, headers={"Authorization": f"Bearer {ask.settings.credential(token)}"},
        explain=lambda refused: refusal(refused, ask, meanings or {}),
    )
    body = ask.client.decoded(answer)
    if not isinstance(body, dict):
        raise SourceChanged(f"{name}: the answer should be an object; check base_url", source=name)
    return body, _usage(answer)


def refusal(answer: Answer, ask: Ask, meanings: Meanings) -> GwidamError | None:
    """What a graph's error means to its reader; None for an answer without one."""
    body = answer.json()
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(error, dict) or not isinstance(code, int):
        return None
    name = ask.settings.name
    said = f"{code}: {ask.client.redact(' '.join(str(error.get('message', '')).split()))[:160]}"
    if code in meanings:
        return meanings[code]
    if code in _THROTTLED or answer.status == 429:
        return RateLimited(f"{name}: rate limit reached ({said})", until=_regained_at(answer, ask), source=name)
    if code in _TOKEN_DEAD or answer.status == 401:
        return CredentialsRejected(
            f"{name}: the token is not valid any more ({said}); make a new one (docs/sources/{name}.md)", source=name
        )
    if code in _FORBIDDEN or answer.status == 403:
        return Forbidden(f"{name}: the token lacks a right ({said}); add it and have it approved", source=name)
    if code in _BUSY or answer.status >= 500:
        return SourceUnavailable(f"{name}: Meta is busy ({said}); it will be asked again", source=name)
    return SourceChanged(f"{name}: Meta refused ({said}); check the ids in its options", source=name)


def _regained_at(answer: Answer, ask: Ask) -> datetime | None:
    """When the allowance comes back: Retry-After, or the header's own estimate in minutes."""
    said = ask.client.retry_at(answer)
    if said is not None:
        return said
    minutes = max(_numbers(answer, ("estimated_time_to_regain_access",)), default=0)
    return ask.client.now + timedelta(minutes=min(minutes, 2_880)) if minutes else None


def _usage(answer: Answer) -> int:
    """How much of the allowance is used, in percent: the highest that any header tells."""
    return max(_numbers(answer, _USAGE_FIELDS), default=0)


def _numbers(answer: Answer, names: tuple[str, ...]) -> list[int]:
    found: list[int] = []
    for header in _USAGE_HEADERS:
        try:
            told = json.loads(answer.headers.get(header, "{}"))
        except ValueError:
            continue
        rows = [told] if isinstance(told, dict) else []
        # The business header keeps a list of rows for each id.
        rows += [row for value in (rows[0].values() if rows else []) if isinstance(value, list) for row in value]
        told_rows = [row for row in rows if isinstance(row, dict)]
        found += [row[name] for row in told_rows for name in names if isinstance(row.get(name), int)]
    return found


def _following(body: Any) -> dict[str, str] | None:
    """The parameters of the next page, taken from `paging.next`; its host and its token are left alone."""
    paging = body.get("paging") if isinstance(body, dict) else None
    address = paging.get("next") if isinstance(paging, dict) else None
    if not isinstance(address, str) or not address:
        return None
    given = dict(parse_qsl(urlsplit(address).query))
    return {name: value for name, value in given.items() if name not in {"access_token", "appsecret_proof"}}
