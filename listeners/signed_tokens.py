"""Signed tokens (JWT) that stand for a private key: Google's service accounts, App Store Connect's keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.errors import CredentialsRejected
from listeners.http import Client


def signed(claims: Mapping[str, Any], *, key: str, algorithm: str, key_id: str, source: str) -> str:
    """A JWT over the claims; CredentialsRejected when the key is no private key in PEM."""
    import jwt

    try:
        # In an environment variable the line ends of a key are often written as two characters.
        return str(jwt.encode(dict(claims), key.replace("\\n", "\n"), algorithm=algorithm, headers={"kid": key_id}))
    except (ValueError, TypeError, jwt.PyJWTError):
        # The cause may quote the key: it is not chained.
        raise CredentialsRejected(
            f"{source}: the private key cannot be read; give it in PEM, with its BEGIN and END lines", source=source
        ) from None


def google_access_token(account: str, *, scope: str, client: Client, now: datetime) -> str:
    """An access token of a service account, given as its JSON key or the path of it (good for an hour).

    https://developers.google.com/identity/protocols/oauth2/service-account. Raises CredentialsRejected.
    """
    found = _account(account, client.source)
    claims = {
        "iss": found["client_email"], "scope": scope, "aud": found["token_uri"],
        "iat": int(now.timestamp()), "exp": int((now + timedelta(minutes=55)).timestamp()),
    }
    key, key_id = found["private_key"], found["private_key_id"]
    assertion = signed(claims, key=key, algorithm="RS256", key_id=key_id, source=client.source)
    given = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    url = found["token_uri"]
    body = client.post_json(url, data=given, explain=lambda answer: _refused(answer.status, client.source))
    token = body.get("access_token") if isinstance(body, Mapping) else None
    if not isinstance(token, str):
        raise CredentialsRejected(f"{client.source}: Google gave no access token for the account", source=client.source)
    return token


def _refused(status: int, source: str) -> CredentialsRejected | None:
    if status not in {400, 401}:
        return None
    return CredentialsRejected(
        f"{source}: Google rejected the service account's key; make a new one (IAM > Service accounts > Keys) and see "
        "that this machine's clock is right",
        source=source,
    )


def _account(account: str, source: str) -> dict[str, str]:
    try:
        text = account if account.lstrip().startswith("{") else Path(account).read_text("utf-8")
        found = json.loads(text)
        return {name: str(found[name]) for name in ("client_email", "token_uri", "private_key", "private_key_id")}
    except (OSError, ValueError, KeyError, TypeError):
        raise CredentialsRejected(
            f"{source}: the service account's key cannot be read; give its JSON, or the path of the file", source=source
        ) from None
