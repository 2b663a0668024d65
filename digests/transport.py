"""How a mail leaves: as a file in the outbox (the default), or over SMTP."""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl, unquote, urlsplit

from contracts.errors import ConfigurationError, CredentialsRejected, GwidamError, SourceUnavailable, TerminalError
from storage.files import write_bytes

Security = Literal["starttls", "ssl", "plain"]
_PORTS: dict[Security, int] = {"starttls": 587, "ssl": 465, "plain": 25}
_HOW = "write it as smtp://login:password@mail.example.com:587/?security=starttls"


@dataclass(frozen=True, slots=True)
class Outbox:
    """Mails as .eml files that any mail program opens; one file name a key, so sending twice is sending once."""

    folder: Path
    name = "outbox"

    def send(self, mail: bytes, *, key: str, sender: str, recipients: Sequence[str]) -> str:
        """Write `<key>.eml` whole; returns its path, relative to the folder's parent."""
        write_bytes(self.folder / f"{key}.eml", mail)
        return f"{self.folder.name}/{key}.eml"


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server. `ca_file` adds a certificate authority of one's own; the password never shows in a repr."""

    host: str
    port: int = 587
    security: Security = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 30.0
    ca_file: str = ""
    name = "smtp"

    def send(self, mail: bytes, *, key: str, sender: str, recipients: Sequence[str]) -> str:
        """Hand the mail to the server; returns ''. Raises by what the reader must do:

        SourceUnavailable (no answer, 4xx: try again), CredentialsRejected (login), ConfigurationError
        (certificate, STARTTLS not offered), TerminalError (sender, content or every recipient refused), and
        RecipientsRefused when the mail has left for the others.
        """
        addresses = [parseaddr(recipient)[1] for recipient in recipients]
        try:
            with self._connect() as server:
                if self.username:
                    server.login(self.username, self.password)
                refused = server.sendmail(parseaddr(sender)[1], addresses, mail)
        except (smtplib.SMTPException, OSError) as error:
            raise self._explain(error) from None
        if refused:
            raise RecipientsRefused(sorted(refused), self.place)
        return ""

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if self.security == "ssl":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_seconds, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
        if self.security == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    def _explain(self, error: Exception) -> GwidamError:
        """The library's error by what its reader must do."""
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return CredentialsRejected(f"mail server {self.place} rejected the login; correct login and password")
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return ConfigurationError(
                f"mail server {self.place} lacks a feature ({error}); choose another security: ssl, starttls or plain"
            )
        if isinstance(error, ssl.SSLError):
            return ConfigurationError(
                f"no trusted connection to mail server {self.place} ({error.reason or error}); "
                "check security (ssl is usually port 465, starttls 587) and the server's certificate"
            )
        if _permanent(error):
            return TerminalError(f"mail server {self.place} refused the mail: {_reply(error)}; "
                                 "check sender and recipients in digests.toml")
        return SourceUnavailable(
            f"mail server {self.place} did not take the mail: {_reply(error)}; it will be tried again"
        )


Transport = Outbox | Smtp


class RecipientsRefused(TerminalError):
    """The mail has left, but not for these addresses."""

    def __init__(self, addresses: Sequence[str], place: str) -> None:
        super().__init__(
            f"mail server {place} refused {len(addresses)} recipient(s): {', '.join(addresses)}; "
            "the others have the mail. Correct the addresses in digests.toml"
        )
        self.addresses = tuple(addresses)


def _codes(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    if isinstance(error, smtplib.SMTPResponseException):
        return [error.smtp_code]
    return []


def _permanent(error: Exception) -> bool:
    codes = _codes(error)
    return bool(codes) and all(500 <= code < 600 for code in codes)


def _reply(error: Exception) -> str:
    """The server's own words, without the mail's."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return ", ".join(f"{address} ({code})" for address, (code, _) in sorted(error.recipients.items()))
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"[:200]
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200]


def smtp_from_url(url: str) -> Smtp:
    """An SMTP server from `smtp://login:password@host:587/?security=starttls` (GWIDAM_SMTP_URL).

    `smtps://` means ssl. The query may hold security, timeout and ca_file. Raises ConfigurationError.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"the SMTP address cannot be read ({error}); {_HOW}") from None
    if parts.scheme not in {"smtp", "smtps"}:
        raise ConfigurationError(f"the SMTP address does not begin with smtp:// or smtps://; {_HOW}")
    extra = dict(parse_qsl(parts.query))
    if parts.scheme == "smtps":
        extra.setdefault("security", "ssl")
    return _smtp({"host": unquote(parts.hostname or ""), "port": port, "login": unquote(parts.username or ""),
                  "password": unquote(parts.password or "")}, extra)


def smtp_from_connection(connection: str | Mapping[str, Any]) -> Smtp:
    """An SMTP server from an Airflow connection (`AIRFLOW_CONN_SMTP_DEFAULT`): a mapping, its JSON, or its URI.

    Security: extra `security` if given; else Airflow's `disable_ssl` / `disable_tls`; else by port (465 is
    ssl, all others starttls). Raises ConfigurationError with the remedy.
    """
    if isinstance(connection, str) and not connection.lstrip().startswith("{"):
        return smtp_from_url(connection)
    raw = _mapping(connection)
    return _smtp(raw, _mapping(raw.get("extra") or {}))


def _smtp(raw: Mapping[str, Any], extra: Mapping[str, Any]) -> Smtp:
    host = str(raw.get("host") or "")
    if not host:
        raise ConfigurationError(f"the SMTP connection names no host; {_HOW}")
    try:
        port = int(raw.get("port") or 0)
        timeout = float(extra.get("timeout") or 30)
    except (TypeError, ValueError):
        raise ConfigurationError(f"the SMTP connection's port or timeout is not a number; {_HOW}") from None
    security = _security(extra, port)
    return Smtp(
        host=host, port=port or _PORTS[security], security=security, username=str(raw.get("login") or ""),
        password=str(raw.get("password") or ""), timeout_seconds=timeout, ca_file=str(extra.get("ca_file") or ""),
    )


def _security(extra: Mapping[str, Any], port: int) -> Security:
    given = extra.get("security")
    for known in get_args(Security):
        if given == known:
            return known  # type: ignore[no-any-return]
    if given:
        raise ConfigurationError(f"the SMTP connection's security {given!r} is unknown; use starttls, ssl or plain")
    if "disable_ssl" in extra or "disable_tls" in extra:
        if not _true(extra.get("disable_ssl")):
            return "ssl"
        return "plain" if _true(extra.get("disable_tls")) else "starttls"
    return "ssl" if port == 465 else "starttls"


def _true(value: Any) -> bool:
    return str(value).lower() in {"true", "1", "yes"}


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"the SMTP connection is neither an smtp:// address nor a JSON object; {_HOW}")
    return value
