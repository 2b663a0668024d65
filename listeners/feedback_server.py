"""`gwidam feedback-server`: the signed webhook behind a site's own feedback button.

POST /feedback takes one JSON object, or a list of up to 100, from the shop's own server:

    X-Gwidam-Timestamp: seconds since 1970
    X-Gwidam-Signature: sha256=<hex of HMAC-SHA-256(secret, timestamp + "." + body)>

The browser never holds the secret. Fields are those of `gwidam import`; what is no field is dropped. Texts are
masked and authors hashed before a file is written, whole, into the folder that the feedback listener watches.
The same request sent again writes the same file: a shop may retry without fear.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contracts.errors import ConfigurationError, ContractError
from contracts.keys import digest_key
from listeners.import_fields import FIELDS, read_row
from listeners.rows import page_address
from storage.files import write_bytes

log = logging.getLogger(__name__)
MAX_BYTES = 64 * 1024
MAX_RECORDS = 100
MAX_SKEW_SECONDS = 300
MIN_SECRET = 16
SOURCE = "feedback"
_MASKED = ("title", "text", "answer_text", "place", "product")
Mask = Callable[[str], str]
AuthorKey = Callable[[str, str], str]


@dataclass(slots=True)
class RateLimit:
    """A bucket a caller: `burst` requests at once, then `per_minute`. Remembers at most 10,000 callers."""

    per_minute: float = 120.0
    burst: int = 30
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait(self, caller: str, now: float) -> float:
        """Take one; 0.0 when allowed, else the seconds until the next one is."""
        level, at = self._buckets.pop(caller, (float(self.burst), now))
        level = min(float(self.burst), level + (now - at) * self.per_minute / 60)
        allowed = level >= 1
        self._buckets[caller] = (level - 1 if allowed else level, now)
        if len(self._buckets) > 10_000:
            del self._buckets[next(iter(self._buckets))]
        return 0.0 if allowed else (1 - level) * 60 / self.per_minute


class _Refusal(Exception):
    """An answer other than 202, with one line that says what to do."""

    def __init__(self, status: int, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after


def create_app(
    folder: Path,
    secret: str,
    *,
    mask: Mask,
    author_key: AuthorKey,
    now: Callable[[], float] = time.time,
    limit: RateLimit | None = None,
) -> Starlette:
    """The app: POST /feedback and GET /health. `now` gives seconds since 1970."""
    limit = limit or RateLimit()

    async def feedback(request: Request) -> Response:
        try:
            caller = request.client.host if request.client else "?"
            if (wait := limit.wait(caller, now())) > 0:
                raise _Refusal(429, "too many requests; wait and send it again", retry_after=wait)
            body = await _body(request)
            sent_at = _verified(request.headers, body, secret, now())
            records = _records(body)
            lines = [_line(record, ordinal, sent_at, body, mask, author_key) for ordinal, record in enumerate(records)]
            name = f"{datetime.fromtimestamp(sent_at, UTC):%Y%m%dT%H%M%S}-{_key(sent_at, body)}.jsonl"
            write_bytes(folder / name, "".join(f"{line}\n" for line in lines).encode())
        except _Refusal as refusal:
            log.info("feedback refused status=%d", refusal.status)
            headers = {"Retry-After": str(int(refusal.retry_after) + 1)} if refusal.retry_after else {}
            return JSONResponse({"error": refusal.message}, status_code=refusal.status, headers=headers)
        except OSError as error:
            log.error("feedback not written errno=%s", error.errno)
            return JSONResponse({"error": "it could not be kept; send it again later"}, status_code=503)
        log.info("feedback taken file=%s records=%d", name, len(lines))
        return JSONResponse({"accepted": len(lines), "id": name.removesuffix(".jsonl")}, status_code=202)

    async def health(request: Request) -> Response:
        return JSONResponse({"ok": folder.is_dir()}, status_code=200 if folder.is_dir() else 503)

    return Starlette(routes=[Route("/feedback", feedback, methods=["POST"]), Route("/health", health)])


def serve(
    folder: Path, secret: str, host: str = "127.0.0.1", port: int = 8787, *, mask: Mask, author_key: AuthorKey
) -> None:
    """Serve until SIGINT or SIGTERM. Raises ConfigurationError for a short secret or an address that is taken.

    Put it behind a web server that speaks HTTPS, and leave it on 127.0.0.1.
    """
    if len(secret) < MIN_SECRET:
        raise ConfigurationError(
            f"feedback-server: the secret has {len(secret)} characters; set GWIDAM_FEEDBACK_SECRET to at least "
            f"{MIN_SECRET} random ones (python -c 'import secrets; print(secrets.token_hex(32))')"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ConfigurationError(
            f"feedback-server: cannot use {folder} at {host}:{port} ({error.strerror}); choose another folder or port"
        ) from None
    app = create_app(folder, secret, mask=mask, author_key=author_key)
    config = uvicorn.Config(
        app, log_level="warning", limit_concurrency=50, timeout_keep_alive=5, timeout_graceful_shutdown=5
    )
    with listening, suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What X-Gwidam-Signature must hold: sha256=<hex>."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


async def _body(request: Request) -> bytes:
    """The body, refused as soon as it is too long, whatever Content-Length says."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            raise _Refusal(413, f"the body is over {MAX_BYTES // 1024} KB; send fewer records at once")
        chunks.append(chunk)
    return b"".join(chunks)


def _verified(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> int:
    """The timestamp, once the signature is right and the request is not older than five minutes."""
    stamp = headers.get("x-gwidam-timestamp", "")
    given = headers.get("x-gwidam-signature", "")
    if not hmac.compare_digest(signature(secret, stamp, body).encode(), given.encode("utf-8", "replace")):
        raise _Refusal(401, "the signature is wrong; sign timestamp + '.' + body with the shared secret (HMAC-SHA-256)")
    if not stamp.isascii() or not stamp.isdecimal() or abs(now - int(stamp)) > MAX_SKEW_SECONDS:
        raise _Refusal(401, "X-Gwidam-Timestamp is not within five minutes of now, in seconds; check the clock")
    return int(stamp)


def _records(body: bytes) -> list[Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise _Refusal(400, "the body is no JSON; send an object or a list of objects") from None
    records = value if isinstance(value, list) else [value]
    if not 1 <= len(records) <= MAX_RECORDS:
        raise _Refusal(400, f"a request holds 1 to {MAX_RECORDS} records, but this one holds {len(records)}")
    return records


def _line(record: Any, ordinal: int, sent_at: int, body: bytes, mask: Mask, author_key: AuthorKey) -> str:
    """One record as it may touch a disk: known fields only, texts masked, the author hashed, an id and a time."""
    if not isinstance(record, dict):
        raise _Refusal(400, f"record {ordinal + 1} is no JSON object")
    known = {name: record[name] for name in FIELDS if record.get(name) not in (None, "")}
    try:
        fields = read_row(known, {name: name for name in known})
    except ContractError as error:
        raise _Refusal(400, f"record {ordinal + 1}: {error.message}") from None
    if not {"text", "title", "rating", "nps", "csat"} & set(known):
        raise _Refusal(400, f"record {ordinal + 1} has neither a text nor a rating")
    for name in _MASKED:
        if name in known:
            known[name] = mask(fields[name])
    if "author" in known:
        known["author"] = author_key(SOURCE, fields["author"])
    if "url" in known:
        known["url"] = page_address(fields["url"])
    known.setdefault("native_id", f"{_key(sent_at, body)}-{ordinal + 1}")
    known.setdefault("published_at", datetime.fromtimestamp(sent_at, UTC).isoformat())
    return json.dumps(known, ensure_ascii=True)


def _key(sent_at: int, body: bytes) -> str:
    return digest_key(str(sent_at), hashlib.sha256(body).hexdigest())[:12]
