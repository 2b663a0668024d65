"""Where this process works: GWIDAM_HOME, GWIDAM_CONFIG, the author secret and the sources' keys."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from contracts.clock import from_iso
from contracts.errors import ConfigurationError
from pipeline.catalog import config_dir
from pipeline.config import Config, load_config
from storage.home import Home

HOME_VARIABLE = "GWIDAM_HOME"
NOW_VARIABLE = "GWIDAM_NOW"
SECRET_VARIABLE = "GWIDAM_AUTHOR_SECRET"
SANDBOX_KEYS = {
    "x": {"bearer": "sandbox-x-bearer"},
    "naver": {
        "id": "sandbox-naver-id", "secret": "sandbox-naver-secret",
        "client_id": "sandboxcommerce00000001", "client_secret": "$2a$04$sandboxsandboxsandboxu",
    },
    "daum": {"key": "sandbox-kakao-key"},
    "google": {"token": "sandbox-googleplay-token"},
    "surveymonkey": {"token": "sandbox-surveymonkey-token"},
    "facebook": {"token": "sandbox-facebook-token"},
    "instagram": {"token": "sandbox-instagram-token"},
    "threads": {"token": "sandbox-threads-token"},
    "youtube": {"key": "sandbox-youtube-key"},
    "app": {"issuer_id": "57246542-96fe-1a63-e053-0824d011072a", "key_id": "2X9R4HXF34"},
    "cafe24": {"token": "sandbox-cafe24-token"},
}
"""The stand-ins' keys: public on purpose, they open nothing but the local sandbox."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One process's home and configuration."""

    home: Home
    config: Config


def environment() -> Environment:
    """Home and configuration from the process environment; the home's folders exist afterwards."""
    root = Path(os.environ.get(HOME_VARIABLE, "var")).expanduser().resolve()
    config = load_config(config_dir())
    try:
        return Environment(Home(root).ensure(), config)
    except OSError as error:
        raise ConfigurationError(
            f"cannot write to {root} ({error.strerror}); point {HOME_VARIABLE} at a folder of your own"
        ) from None


def current_time() -> datetime:
    """UTC now; GWIDAM_NOW (ISO 8601 with an offset) replaces it, for replays."""
    given = os.environ.get(NOW_VARIABLE)
    if not given:
        return datetime.now(UTC)
    try:
        return from_iso(given)
    except ValueError:
        raise ConfigurationError(
            f"{NOW_VARIABLE}={given!r} is not a time with an offset; write it as 2026-11-21T09:00:00+09:00"
        ) from None


def author_secret(home: Home) -> bytes:
    """The key of the author hash: GWIDAM_AUTHOR_SECRET, or a random one kept owner-only in the home."""
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        return given.encode()
    try:
        descriptor = os.open(home.secret_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = home.secret_file.read_bytes()
        if len(kept) >= 32:
            return kept
        home.secret_file.unlink(missing_ok=True)  # a process died while it wrote: no author was hashed with it
        return author_secret(home)
    with os.fdopen(descriptor, "wb") as handle:
        secret = secrets.token_hex(32).encode()
        handle.write(secret)
    return secret


def variable(source: str, credential: str) -> str:
    """The environment variable that holds a source's key: GWIDAM_X_BEARER, GWIDAM_NAVER_CAFE_ID."""
    return f"GWIDAM_{source}_{credential}".upper()


def family(source: str) -> str:
    """The service behind a source: naver_cafe and naver_blog share one key, GWIDAM_NAVER_ID."""
    return source.split("_")[0]


def credentials(source: str, names: Iterable[str], *, sandbox: bool) -> dict[str, str]:
    """The keys a source has: its own environment variable, its family's, then Airflow connections of both.

    In the sandbox the stand-ins' own keys fill what is missing. A missing key is left out: whoever needs it
    says so.
    """
    places = (source, family(source))
    found: dict[str, str] = {}
    for name in names:
        values = [os.environ.get(variable(place, name)) for place in places]
        values += [_connection_extra(place).get(name) for place in places]
        if sandbox:
            values.append(SANDBOX_KEYS.get(family(source), {}).get(name) or _sandbox_private_key(name))
        value = next((value for value in values if value), None)
        if value:
            found[name] = value
    return found


def _sandbox_private_key(name: str) -> str | None:
    """The one key that the stand-ins make themselves: a private key in a public file would be taken for a real one."""
    if name != "private_key":
        return None
    from sandbox.app_store_connect import private_key

    return private_key()


def _connection_extra(source: str) -> dict[str, str]:
    name = f"AIRFLOW_CONN_GWIDAM_{source}".upper()
    raw = os.environ.get(name)
    if not raw:
        return {}
    try:
        value = json.loads(raw)
        extra = value.get("extra") or {}
        extra = json.loads(extra) if isinstance(extra, str) else extra
        return {str(k): str(v) for k, v in extra.items()}
    except (ValueError, AttributeError):
        raise ConfigurationError(f'{name} is not a connection in JSON; write {{"extra": {{"key": "…"}}}}') from None
