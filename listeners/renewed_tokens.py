"""Access tokens that live for hours and are renewed with a refresh token, which each renewal replaces (Cafe24)."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from contracts.clock import from_iso, to_iso
from contracts.errors import CredentialsRejected, GwidamError
from listeners.http import Answer, Client
from storage.locks import exclusive

_GIVEN = ("client_id", "client_secret", "refresh_token")
_LONG_AGO = "2000-01-01T00:00:00Z"
_SPARE = timedelta(minutes=10)


def access_token(account: Path, *, url: str, lives: timedelta, client: Client, now: datetime) -> str:
    """The access token kept in the file `account`, renewed at `url` when it ends within ten minutes.

    The file holds client_id, client_secret and refresh_token in JSON. The renewed tokens are written back before
    they are used, whole and for their owner only: a refresh token that is lost can only be had again by a person.
    Raises CredentialsRejected.
    """
    kept = _read(account, client.source)
    if _is_good(kept, now):
        return kept["access_token"]
    try:
        with exclusive(account.with_name(f".{account.name}.lock"), wait_seconds=60):
            kept = _read(account, client.source)  # another process may just have renewed them
            if not _is_good(kept, now):
                kept |= _renewed(kept, account, url, client) | {"good_until": to_iso(now + lives)}
                _write(account, kept)
            return kept["access_token"]
    except OSError as error:
        raise CredentialsRejected(
            f"{client.source}: the renewed tokens cannot be written to {account} ({error.strerror}); let this user "
            "write that file and its folder",
            source=client.source,
        ) from None


def _is_good(kept: Mapping[str, str], now: datetime) -> bool:
    return bool(kept.get("access_token")) and from_iso(kept["good_until"]) - _SPARE > now


def _renewed(kept: Mapping[str, str], account: Path, url: str, client: Client) -> dict[str, str]:
    source = client.source
    basic = base64.b64encode(f"{kept['client_id']}:{kept['client_secret']}".encode()).decode()
    body = client.post_json(
        url, data={"grant_type": "refresh_token", "refresh_token": kept["refresh_token"]},
        headers={"Authorization": f"Basic {basic}"}, explain=lambda answer: _refused(answer, account, source),
    )
    given = body if isinstance(body, Mapping) else {}
    access, refresh = given.get("access_token"), given.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str):
        raise CredentialsRejected(f"{source}: the answer to the renewal holds no tokens", source=source)
    return {"access_token": access, "refresh_token": refresh}


def _read(account: Path, source: str) -> dict[str, str]:
    try:
        found = json.loads(account.read_text("utf-8"))
        kept = {str(name): str(value) for name, value in found.items()}
        if set(_GIVEN) - set(kept):
            raise ValueError("a name is missing")
        from_iso(kept.setdefault("good_until", _LONG_AGO))
        return kept
    except (OSError, ValueError, AttributeError):
        raise CredentialsRejected(
            f"{source}: {account} cannot be read; it should hold {', '.join(_GIVEN)} in JSON", source=source
        ) from None


def _write(account: Path, kept: Mapping[str, str]) -> None:
    aside = account.with_name(f".{account.name}.{os.getpid()}.part")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(kept, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    aside.replace(account)


def _refused(answer: Answer, account: Path, source: str) -> GwidamError | None:
    if answer.status not in {400, 401}:
        return None
    return CredentialsRejected(
        f"{source}: the tokens in {account} could not be renewed; a refresh token lives two weeks and serves once: "
        "install the app in your mall again and put its new refresh_token there",
        source=source,
    )
