"""An IMAP mailbox, read only: nothing is marked as seen, moved or changed. Errors by the taxonomy."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from contracts.clock import to_iso
from contracts.errors import (
    ConfigurationError,
    CredentialsRejected,
    Forbidden,
    GwidamError,
    RateLimited,
    SourceChanged,
    SourceUnavailable,
)

PART_BYTES = 256 * 1024
_UID = re.compile(rb"\bUID (\d+)")
_RECEIVED = re.compile(rb'INTERNALDATE "([^"]{5,60})"')
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143}
_CODE = re.compile(r"\[([A-Z]+)[^\]]*\]")
_BUSY = frozenset({"UNAVAILABLE", "INUSE", "SERVERBUG"})
_LIMITED = frozenset({"LIMIT", "OVERQUOTA", "THROTTLED"})
_NOT_ALLOWED = frozenset({"NOPERM", "AUTHORIZATIONFAILED", "CONTACTADMIN"})


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as it is now: UIDs below `next_uid` exist only as long as `validity` stays."""

    validity: int
    next_uid: int


class Mailbox:
    """A logged-in mailbox."""

    def __init__(self, source: str, box: Any) -> None:
        self._source = source
        self._box = box

    def folders(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every folder with its flags; RFC 6154 marks the one for sent mail with '\\Sent'."""
        return [(folder.name, folder.flags) for folder in self._box.folder.list()]

    def select(self, folder: str) -> Selected:
        """Open a folder for reading (EXAMINE)."""
        from imap_tools.errors import ImapToolsError

        try:
            status = self._box.folder.status(folder, ["UIDVALIDITY", "UIDNEXT"])
            self._box.folder.set(folder, readonly=True)
        except ImapToolsError as error:
            if refused := _refusal(getattr(error, "command_result", ()), self._source):
                raise refused from None
            there = ", ".join(name for name, _ in self.folders()[:20])
            raise ConfigurationError(
                f"{self._source}: the mailbox has no folder {folder!r}; correct the option folders (there: {there})",
                source=self._source,
            ) from None
        return Selected(status["UIDVALIDITY"], status["UIDNEXT"])

    def uids(self, *, after: int = 0, since: date | None = None) -> list[int]:
        """The UIDs above `after`, or of mails received since a day; ascending."""
        criteria = f"UID {after + 1}:*" if since is None else f"SINCE {imaplib_day(since)}"
        _, data = self._box.client.uid("SEARCH", criteria)
        found = b" ".join(part for part in data if isinstance(part, bytes)).split()
        # 'n:*' always matches the newest mail, even when its UID is below n.
        return sorted({uid for uid in map(int, found) if uid > after})

    def fetch(self, uids: Sequence[int]) -> list[dict[str, Any]]:
        """The mails as {"uid", "received" (ISO UTC), "raw" (Latin-1 of their first 256 KB)}; attachments stay there.

        A mail that was deleted meanwhile is left out; one that is listed but not given is SourceChanged.
        """
        what = f"(UID INTERNALDATE BODY.PEEK[]<0.{PART_BYTES}>)"
        status, data = self._box.client.uid("FETCH", ",".join(map(str, uids)), what)
        mails = list(_mails(data)) if status == "OK" else []
        if status != "OK" and (refused := _refusal((status, data), self._source)):
            raise refused
        missing = set(uids) - {mail["uid"] for mail in mails}
        if missing and missing & set(self.uids(after=min(missing) - 1)):
            raise SourceChanged(
                f"{self._source}: the mail server lists mails that it does not give ({status}); check the folder there",
                source=self._source,
            )
        return mails


@contextmanager
def open_mailbox(
    url: str, user: str, password: str, *, source: str, timeout_seconds: float, ca_file: str = ""
) -> Iterator[Mailbox]:
    """Log in at imaps://host[:port], imap+starttls://host or, on this machine only, imap://localhost.

    Raises ConfigurationError (address), CredentialsRejected, SourceUnavailable (also when the line breaks later).
    """
    from imap_tools.errors import ImapToolsError, MailboxLoginError

    try:
        box = _connected(url, source, timeout_seconds, ca_file)
        try:
            box.login(user, password, initial_folder=None)
            yield Mailbox(source, box)
        finally:
            _log_out(box)
    except MailboxLoginError as error:
        raise _refusal(error.command_result, source) or CredentialsRejected(
            f"{source}: the mail server rejected user name and password; allow IMAP in the mailbox's settings and use "
            "an application password",
            source=source,
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise ConfigurationError(
            f"{source}: the mail server's certificate is not trusted ({error.verify_message}); correct base_url, or "
            "name its authority with the option ca_file",
            source=source,
        ) from None
    except (OSError, imaplib.IMAP4.abort) as error:
        if "unexpected response" in str(error):  # imaplib's word for a line that is no IMAP
            raise _changed(source, "unexpected response") from None
        reason = type(error).__name__ if not isinstance(error, TimeoutError) else "time-out"
        raise SourceUnavailable(
            f"{source}: the mail server did not answer or broke off ({reason}); it will be asked again", source=source
        ) from None
    except (ImapToolsError, imaplib.IMAP4.error, ValueError, KeyError) as error:
        raise _changed(source, type(error).__name__) from None


def _changed(source: str, what: str) -> SourceChanged:
    return SourceChanged(
        f"{source}: the mail server answered in a way we do not know ({what}); check base_url", source=source
    )


def _refusal(result: Sequence[Any], source: str) -> GwidamError | None:
    """What a NO means by its response code (RFC 5530); None when it has none that says more."""
    said = str(result[1]) if len(result) > 1 else ""
    code = found[1] if (found := _CODE.search(said)) else ""
    if code in _BUSY:
        return SourceUnavailable(f"{source}: the mail server is busy ({code}); it will be asked again", source=source)
    if code in _LIMITED:
        return RateLimited(f"{source}: the mail server's limit is reached ({code}); listen less often", source=source)
    if code in _NOT_ALLOWED:
        return Forbidden(
            f"{source}: the mailbox's user may not read the folder ({code}); give it the right", source=source
        )
    return None


def imaplib_day(day: date) -> str:
    """A day as IMAP writes it ('21-Nov-2026'), whatever the locale."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day:02d}-{months[day.month - 1]}-{day.year}"


def _connected(url: str, source: str, timeout: float, ca_file: str) -> Any:
    from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted

    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not host:
        raise ConfigurationError(
            f"{source}: base_url {url!r} is no mail server; write imaps://imap.example.com", source=source
        )
    port = parts.port or _PORTS[parts.scheme]
    if parts.scheme == "imap":
        if host not in _LOOPBACK:
            raise ConfigurationError(
                f"{source}: a password never goes over an open line to {host}; write imaps:// or imap+starttls://",
                source=source,
            )
        return MailBoxUnencrypted(host, port, timeout=timeout)
    try:
        trusted = ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise ConfigurationError(f"{source}: ca_file {ca_file} cannot be read ({error})", source=source) from None
    kind = MailBox if parts.scheme == "imaps" else MailBoxStartTls
    return kind(host, port, timeout=timeout, ssl_context=trusted)


def _log_out(box: Any) -> None:
    try:
        box.client.logout()
    except (OSError, imaplib.IMAP4.error):
        return  # the line was broken already; what broke it has been raised


def _mails(data: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for index, part in enumerate(data):
        if not isinstance(part, tuple):
            continue
        after = data[index + 1] if index + 1 < len(data) else b""
        about = part[0] + (after if isinstance(after, bytes) else b"")
        uid, received = _UID.search(about), _RECEIVED.search(about)
        if uid:
            yield {
                "uid": int(uid[1]), "received": _time(received[1].decode("ascii", "replace")) if received else None,
                "raw": part[1].decode("latin-1"),
            }


def _time(text: str) -> str | None:
    try:
        found: datetime = parsedate_to_datetime(text.strip().replace("-", " ", 2))
        return to_iso(found)
    except (ValueError, TypeError, IndexError):
        return None
