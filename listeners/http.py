"""The polite HTTP client: time-outs, bounded retries, size limits, and one clear error for each refusal."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import Request

from requests.utils import default_headers, get_encoding_from_headers

from contracts.clock import to_utc
from contracts.errors import (
    CredentialsRejected,
    Forbidden,
    GwidamError,
    QuotaExhausted,
    RateLimited,
    SourceChanged,
    SourceUnavailable,
)
from listeners.transport import Reply, Transport, shown_url

MOST_REDIRECTS = 30
Explain = Callable[["Answer"], GwidamError | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer: status, headers (whichever case their names are asked in), decoded text."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    encoding: str = "utf-8"

    @property
    def text(self) -> str:
        """The body as text, in its declared encoding; Korean pages that say euc-kr are read as cp949."""
        name = self.encoding.lower().replace("_", "-")
        name = "cp949" if name in {"euc-kr", "ks-c-5601-1987", "ksc5601"} else name
        try:
            return self.body.decode(name, "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The decoded JSON, or None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Client:
    """One source's HTTP client for one run. `now` is the run's time; `cache` a folder for robots.txt."""

    def __init__(
        self,
        *,
        source: str,
        now: datetime,
        user_agent: str,
        timeout_seconds: float = 20.0,
        secrets: tuple[str, ...] = (),
        options: Mapping[str, Any] | None = None,
        cache: Path | None = None,
    ) -> None:
        options = options or {}
        self.source = source
        self.cache = cache
        self.user_agent = user_agent
        self._started = (now, time.monotonic())
        self._secrets = tuple(secret for secret in secrets if len(secret) >= 4)
        self._pause = float(options.get("pause_seconds", 0.0))
        self._last_sent = 0.0
        self._headers = {**default_headers(), "User-Agent": user_agent}
        self._cookies = CookieJar()
        self._transport = Transport(
            source=source,
            timeout_seconds=timeout_seconds,
            backoff_seconds=float(options.get("retry_backoff_seconds", 0.5)),
            max_body=int(float(options.get("max_body_mb", 8)) * 1024 * 1024),
        )

    @property
    def requests_sent(self) -> int:
        """How many requests went out, retries inside urllib3 not counted."""
        return self._transport.sent

    @property
    def now(self) -> datetime:
        """The run's time plus what has passed since it began."""
        start, ticks = self._started
        return start + timedelta(seconds=time.monotonic() - ticks)

    def pause_at_least(self, seconds: float) -> None:
        """Keep at least this long between two requests (a crawl-delay)."""
        self._pause = max(self._pause, seconds)

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        explain: Explain | None = None,
        accept: tuple[int, ...] = (),
        follow: bool = False,
    ) -> Answer:
        """GET a page. Statuses in `accept` (beside 2xx) are returned, any other is raised by the taxonomy.

        `explain` may name a source's own refusal first. Redirects are followed only for crawled pages,
        so that a key never travels to another host.
        """
        self._wait()
        reply = self._followed(with_parameters(url, params or {}), headers or {}, MOST_REDIRECTS if follow else 0)
        return self.checked(reply, explain=explain, accept=accept)

    def get_json(self, url: str, **how: Any) -> Any:
        """GET and decode JSON; SourceChanged when the answer is none (HTML, a cut-off body)."""
        return self.decoded(self.get(url, **how))

    def post_json(
        self,
        url: str,
        *,
        data: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
        explain: Explain | None = None,
    ) -> Any:
        """POST a form (token requests only: never retried) and decode the JSON answer."""
        self._wait()
        form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.decoded(self.checked(self.send("POST", url, headers=form, body=urlencode(data)), explain=explain))

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: str | None = None) -> Reply:
        """One request with this client's manners, whatever the answer says; a site's cookies are kept for the run."""
        sent = {**self._headers, **headers}
        if len(self._cookies):
            asking = Request(url)
            self._cookies.add_cookie_header(asking)
            sent |= dict(asking.header_items())
        reply = self._transport.send(method, url, headers=sent, body=body)
        if "set-cookie" in reply.headers:
            self._cookies.extract_cookies(cast(Any, reply), Request(url))
        return reply

    def decoded(self, answer: Answer) -> Any:
        """The JSON of an answer, or SourceChanged saying what came instead."""
        value = answer.json()
        if value is None:
            kind = "a web page" if answer.body.lstrip()[:1] == b"<" else "no whole JSON"
            raise SourceChanged(
                f"{self.source}: {shown_url(answer.url)} answered with {kind} instead of JSON; check base_url, "
                "and whether a proxy or a maintenance page stands in between",
                source=self.source,
            )
        return value

    def checked(
        self, reply: Reply, *, explain: Explain | None = None, accept: tuple[int, ...] = ()
    ) -> Answer:
        """The answer of a reply that is 2xx or accepted; else the error that its status means."""
        answer = Answer(
            status=reply.status, headers=reply.headers, body=reply.body, url=reply.url,
            encoding=_declared(reply.headers.get("content-type", "")),
        )
        if 200 <= answer.status < 300 or answer.status in accept:
            return answer
        raise (explain(answer) if explain else None) or self.refusal(answer)

    def refusal(self, answer: Answer) -> GwidamError:
        """The error that a status means to its reader (docs: contracts.errors)."""
        where, said = shown_url(answer.url), self._said(answer)
        status, source = answer.status, self.source
        if status == 401:
            return CredentialsRejected(f"{source}: the key was rejected (401){said}; set a valid one", source=source)
        if status == 402:
            return QuotaExhausted(f"{source}: the account has no credit left (402){said}", source=source)
        if status == 403:
            return Forbidden(
                f"{source}: the key may not read {where} (403){said}; check its rights and approval", source=source
            )
        if status in {429, 420}:
            until = self.retry_at(answer)
            shown = f"; again after {until:%Y-%m-%d %H:%M} UTC" if until else ""
            return RateLimited(f"{source}: rate limit reached (429){said}{shown}", until=until, source=source)
        if status >= 500 or status == 408:
            return SourceUnavailable(f"{source}: {where} failed ({status}); it will be asked again", source=source)
        remedy = "check its options"
        if status in {404, 410} or status < 400:
            remedy = "check base_url and the ids in its options"
        return SourceChanged(f"{source}: {where} answered {status}{said}; {remedy}", source=source)

    def retry_at(self, answer: Answer) -> datetime | None:
        """When the source says to come back: Retry-After (seconds or date) or x-rate-limit-reset (epoch); UTC."""
        after, reset = answer.headers.get("retry-after", "").strip(), answer.headers.get("x-rate-limit-reset", "")
        try:
            if after.isdecimal():
                return self.now + timedelta(seconds=min(int(after), 40 * 86_400))
            if after:
                return to_utc(parsedate_to_datetime(after))
            if reset:
                return max(self.now, datetime.fromtimestamp(float(reset), self.now.tzinfo))
        except (ValueError, TypeError, OverflowError, OSError):
            return None
        return None

    def redact(self, text: str) -> str:
        """The text without any of this source's keys."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _said(self, answer: Answer) -> str:
        """The source's own word on a refusal: one short line, keys removed; '' when it has none."""
        found = _message_in(answer.json())
        line = self.redact(" ".join(found.split()))[:160]
        return f" ({line})" if line else ""

    def _wait(self) -> None:
        if self._pause:
            time.sleep(max(0.0, self._last_sent + self._pause - time.monotonic()))
        self._last_sent = time.monotonic()

    def _followed(self, url: str, headers: Mapping[str, str], most: int) -> Reply:
        """The reply at the end of at most so many redirects."""
        reply = self.send("GET", url, headers=headers)
        for _ in range(most):
            target = _target(reply)
            if not target:
                return reply
            if urlsplit(target)[:2] != urlsplit(reply.url)[:2]:
                headers = {}  # meant for the host that was asked
            reply = self.send("GET", target, headers=headers)
        if most and _target(reply):
            raise self._transport.impossible(f"it redirects more than {most} times")
        return reply


def with_parameters(url: str, parameters: Mapping[str, Any]) -> str:
    """The address with parameters added to its query; those that are None are left out."""
    query = urlencode({name: value for name, value in parameters.items() if value is not None}, doseq=True)
    if not query:
        return url
    parts = urlsplit(url)
    return parts._replace(query=f"{parts.query}&{query}" if parts.query else query).geturl()


def _target(reply: Reply) -> str:
    """Where a redirect leads; '' for any other answer. Some servers write the address in UTF-8 as it is."""
    location = reply.headers.get("location", "") if reply.status in {301, 302, 303, 307, 308} else ""
    return urljoin(reply.url, location.encode("latin-1", "replace").decode("utf-8", "replace")) if location else ""


@lru_cache(maxsize=256)
def _declared(content_type: str) -> str:
    """The encoding that a Content-Type names; UTF-8 when it names none."""
    named = "charset" in content_type.lower()
    return (get_encoding_from_headers({"content-type": content_type}) if named else None) or "utf-8"


def _message_in(value: Any, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and depth < 4:
        return _message_in(value[0], depth + 1)
    if isinstance(value, dict) and depth < 4:
        code = value.get("code", value.get("errorCode", value.get("status")))
        for name in ("message", "detail", "errorMessage", "error", "errors", "title"):
            if value.get(name):
                found = _message_in(value[name], depth + 1)
                return f"{code}: {found}" if code and depth and str(code) not in found else found
    return ""
