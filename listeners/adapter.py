"""The transport under every request: time-outs, bounded retries, a limit on the body, another base address."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from contracts.errors import SourceChanged, SourceUnavailable

MAX_BODY = 8 * 1024 * 1024
MAX_PAUSE_SECONDS = 20


class _Patience(Retry):
    """urllib3's Retry, which waits as the source asks but never longer than MAX_PAUSE_SECONDS."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> Self:
        if response is not None and (self.get_retry_after(response) or 0) > MAX_PAUSE_SECONDS:
            raise MaxRetryError(_pool, url or "")
        return super().increment(method, url, response, error, _pool, _stacktrace)


class PoliteAdapter(HTTPAdapter):
    """Sends with time-outs, retries and a limit on the body, which it reads whole; counts its requests.

    Any `requests.Session` can mount it (tweepy's too). `rebase` sends every request to another base
    address. A body that breaks off, is too long or too slow raises by the taxonomy.
    """

    def __init__(
        self,
        *,
        source: str,
        timeout_seconds: float,
        retries: int = 3,
        backoff_seconds: float = 0.5,
        max_body: int = MAX_BODY,
        rebase: str = "",
    ) -> None:
        self.source = source
        self.sent = 0
        self._timeout = (min(timeout_seconds, 10.0), timeout_seconds)
        self._max_body = max_body
        self._rebase = rebase.rstrip("/")
        patience = _Patience(
            total=retries,
            connect=min(retries, 2),
            read=min(retries, 1),
            status_forcelist=(500, 502, 503, 504),
            backoff_factor=backoff_seconds,
            raise_on_status=False,
        )
        super().__init__(max_retries=patience)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send and read the whole body. Raises SourceUnavailable, SourceChanged (too long)."""
        if self._rebase:
            parts = urlsplit(request.url or "")
            request.url = self._rebase + parts.path + (f"?{parts.query}" if parts.query else "")
        where = shown_url(str(request.url))
        for attempt in (1, 2):
            self.sent += 1
            try:
                response = super().send(request, True, self._timeout, verify, cert, proxies)
            except requests.RequestException as error:
                raise SourceUnavailable(
                    f"{self.source}: no answer from {where} ({cause(error)}); it will be asked again",
                    source=self.source,
                ) from None
            try:
                self._read_whole(response, where)
                return response
            except (requests.RequestException, HTTPError, OSError) as error:
                if attempt == 2 or request.method != "GET":
                    raise SourceUnavailable(
                        f"{self.source}: the answer of {where} broke off ({cause(error)}); it will be asked again",
                        source=self.source,
                    ) from None
        raise AssertionError("unreachable")

    def _read_whole(self, response: requests.Response, where: str) -> None:
        deadline = time.monotonic() + 4 * self._timeout[1]
        chunks, size = [], 0
        for chunk in response.iter_content(65_536):
            size += len(chunk)
            if size > self._max_body:
                response.close()
                raise SourceChanged(
                    f"{self.source}: {where} sent more than {self._max_body // 1024 // 1024} MB for one page; "
                    "if that is right, raise the option max_body_mb",
                    source=self.source,
                )
            if time.monotonic() > deadline:
                response.close()
                raise SourceUnavailable(f"{self.source}: {where} sent its answer too slowly", source=self.source)
            chunks.append(chunk)
        response._content = b"".join(chunks)  # the body was streamed to bound it; requests keeps it here


def shown_url(url: str) -> str:
    """An address fit for messages and logs: without its query, which may hold a key or a name."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


def cause(error: BaseException) -> str:
    """Why a request failed, in a few words and without its address."""
    names = {
        "ConnectTimeout": "time-out while connecting",
        "ReadTimeout": "time-out while waiting",
        "ReadTimeoutError": "time-out while waiting",
        "ConnectionError": "connection refused or lost",
        "ChunkedEncodingError": "connection lost",
        "RetryError": "it kept failing",
    }
    text = str(error)
    if "Read timed out" in text:
        return names["ReadTimeout"]
    if "NameResolution" in text or "getaddrinfo" in text:
        return "the host name is unknown"
    return names.get(type(error).__name__, type(error).__name__)
