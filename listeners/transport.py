"""The transport under every request: time-outs, bounded retries, a limit on the body, the environment's proxies.

urllib3 does the work, one pool of connections a host. requests is asked once a host, for what it knows best: names in
Hangul, which proxy leads there, which certificates are trusted. Asked each time, it would cost more than all the rest.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Self, cast
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPHeaderDict, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    ResponseError,
    SSLError,
)
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from contracts.errors import SourceChanged, SourceUnavailable

MAX_BODY = 8 * 1024 * 1024
MAX_PAUSE_SECONDS = 20
_PIECE = 65_536
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})  # the sandbox: behind no proxy, whatever the environment says
_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (NameResolutionError, "the host name is unknown"),
    (NewConnectionError, "connection refused or lost"),
    (ConnectTimeoutError, "time-out while connecting"),
    (ReadTimeoutError, "time-out while waiting"),
    (TimeoutError, "time-out while waiting"),
    (ResponseError, "it kept failing"),
    (ProxyError, "the proxy cannot be used"),
    (SSLError, "no trusted TLS connection; REQUESTS_CA_BUNDLE may name other certificates"),
    (ProtocolError, "connection lost"),
    (OSError, "connection lost"),
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as it came, its body whole and unpacked."""

    status: int
    headers: HTTPHeaderDict
    body: bytes = field(repr=False)
    url: str

    def info(self) -> HTTPHeaderDict:
        """The headers, as http.cookiejar asks for them."""
        return self.headers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How a host is reached: `before` is put before each path (a proxy may want whole addresses).

    `headers` carry the name and password of an address like https://name:password@host.
    """

    pool: HTTPConnectionPool
    before: str
    headers: Mapping[str, str]


class Transport:
    """Sends with time-outs, retries and a limit on the body, which it reads whole; counts its requests.

    HTTP(S)_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE hold; ~/.netrc is never read: a key must not come from there.
    """

    def __init__(
        self,
        *,
        source: str,
        timeout_seconds: float,
        retries: int = 3,
        backoff_seconds: float = 0.5,
        max_body: int = MAX_BODY,
    ) -> None:
        self.source = source
        self.sent = 0
        self._timeout = Timeout(connect=min(timeout_seconds, 10.0), read=timeout_seconds)
        self._slowest = 4 * timeout_seconds
        self._max_body = max_body
        self._pools = HTTPAdapter()
        self._ways: dict[tuple[str, str], _Way] = {}
        # urllib3 logs whole addresses when it tries again: a query may hold a key or a name.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        self._patience = _Patience(
            total=retries,
            connect=min(retries, 2),
            read=min(retries, 1),
            status_forcelist=(500, 502, 503, 504),
            backoff_factor=backoff_seconds,
            raise_on_status=False,
        )

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: str | None = None) -> Reply:
        """Send and read the whole body. Raises SourceUnavailable; SourceChanged (too long, an impossible address)."""
        try:
            parts = urlsplit(url)
            way = self._ways.get((parts.scheme, parts.netloc)) or self._way(parts)
        except (requests.RequestException, HTTPError, ValueError) as error:
            raise self.impossible(type(error).__name__) from None
        target = way.before + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {**headers, **way.headers}
        for attempt in (1, 2):
            self.sent += 1
            response = self._opened(way.pool, method, target, sent, body, url)
            try:
                return Reply(
                    status=response.status, headers=response.headers, body=self._whole(response, url), url=url
                )
            except (HTTPError, HTTPException, OSError) as error:
                if attempt == 2 or method != "GET":
                    raise SourceUnavailable(
                        f"{self.source}: the answer of {shown_url(url)} broke off ({cause(error)}); "
                        "it will be asked again",
                        source=self.source,
                    ) from None
        raise AssertionError("unreachable")

    def impossible(self, why: str) -> SourceChanged:
        """The error of an address that cannot be asked at all."""
        return SourceChanged(f"{self.source}: the address cannot be asked ({why}); check base_url", source=self.source)

    def _way(self, parts: SplitResult) -> _Way:
        """Found once a host: the environment's proxy and certificates, as requests reads them."""
        host = requests.Request("GET", f"{parts.scheme}://{parts.netloc}/").prepare()  # outside a session: no ~/.netrc
        found = requests.Session().merge_environment_settings(str(host.url), {}, None, None, None)
        proxies = {} if parts.hostname in _HERE else found["proxies"]
        pool = self._pools.get_connection_with_tls_context(host, found["verify"], proxies)
        asked = self._pools.request_url(host, proxies)
        way = _Way(
            pool=cast(HTTPConnectionPool, pool), before=asked.removesuffix("/"), headers=dict(host.headers)
        )
        self._ways[parts.scheme, parts.netloc] = way
        return way

    def _opened(
        self, pool: HTTPConnectionPool, method: str, target: str, headers: dict[str, str], body: str | None, url: str
    ) -> BaseHTTPResponse:
        try:
            return pool.urlopen(
                method, target, body, headers, self._patience, redirect=False, assert_same_host=False,
                timeout=self._timeout, preload_content=False,
            )
        except (HTTPError, HTTPException, OSError) as error:
            raise SourceUnavailable(
                f"{self.source}: no answer from {shown_url(url)} ({cause(error)}); it will be asked again",
                source=self.source,
            ) from None
        except ValueError as error:  # a header that cannot be sent
            raise self.impossible(type(error).__name__) from None

    def _whole(self, response: BaseHTTPResponse, url: str) -> bytes:
        deadline = time.monotonic() + self._slowest
        pieces, size = [], 0
        while piece := response.read1(_PIECE):  # what has come by now: a slow answer is seen to be slow
            size += len(piece)
            if size > self._max_body:
                response.close()
                raise SourceChanged(
                    f"{self.source}: {shown_url(url)} sent more than {self._max_body // 1024 // 1024} MB for one page; "
                    "if that is right, raise the option max_body_mb",
                    source=self.source,
                )
            if time.monotonic() > deadline:
                response.close()
                raise SourceUnavailable(
                    f"{self.source}: {shown_url(url)} sent its answer too slowly", source=self.source
                )
            pieces.append(piece)
        return b"".join(pieces)


def shown_url(url: str) -> str:
    """An address fit for messages and logs: without its query, which may hold a key or a name."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


def cause(error: BaseException) -> str:
    """Why a request failed, in a few words and without its address."""
    if isinstance(error, MaxRetryError) and error.reason is not None:
        error = error.reason
    return next((words for kind, words in _CAUSES if isinstance(error, kind)), type(error).__name__)
