"""The polite HTTP client: time-outs, bounded retries, size limits, and one clear error for each refusal."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar

import requests

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
from listeners.adapter import PoliteAdapter, cause, shown_url

_Adapter = TypeVar("_Adapter", bound=PoliteAdapter)
Explain = Callable[["Answer"], GwidamError | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer: status, headers (names in lower case), decoded text."""

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
        self._timeout = timeout_seconds
        self._backoff = float(options.get("retry_backoff_seconds", 0.5))
        self._max_body = int(float(options.get("max_body_mb", 8)) * 1024 * 1024)
        self._pause = float(options.get("pause_seconds", 0.0))
        self._last_sent = 0.0
        self._adapters: list[PoliteAdapter] = []
        own: PoliteAdapter = self.adapter()
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["User-Agent"] = user_agent
        self.session.mount("http://", own)
        self.session.mount("https://", own)

    def adapter(self, *, rebase: str = "", kind: type[_Adapter] = PoliteAdapter) -> _Adapter:  # type: ignore[assignment]
        """A new adapter with this client's manners, for a session that a library made itself."""
        made = kind(
            source=self.source,
            timeout_seconds=self._timeout,
            backoff_seconds=self._backoff,
            max_body=self._max_body,
            rebase=rebase,
        )
        self._adapters.append(made)
        return made

    @property
    def requests_sent(self) -> int:
        """How many requests went out, retries inside urllib3 not counted."""
        return sum(adapter.sent for adapter in self._adapters)

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
        with self._raw():
            response = self.session.get(
                url, params=dict(params or {}), headers=dict(headers or {}), allow_redirects=follow
            )
        return self.checked(response, explain=explain, accept=accept)

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
        with self._raw():
            response = self.session.post(url, data=dict(data), headers=dict(headers or {}), allow_redirects=False)
        return self.decoded(self.checked(response, explain=explain))

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
        self, response: requests.Response, *, explain: Explain | None = None, accept: tuple[int, ...] = ()
    ) -> Answer:
        """The answer of a response that is 2xx or accepted; else the error that its status means."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        declared = requests.utils.get_encoding_from_headers(response.headers) if "charset" in str(headers) else None
        answer = Answer(
            status=response.status_code, headers=headers, body=response.content, url=str(response.url),
            encoding=declared or "utf-8",
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

    def _raw(self) -> _Translated:
        return _Translated(self.source)


class _Translated:
    """Turns what requests itself raises (a bad address, too many redirects) into the taxonomy."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, requests.RequestException):
            raise SourceChanged(
                f"{self._source}: the address cannot be asked ({cause(error)}); check base_url", source=self._source
            ) from None


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
