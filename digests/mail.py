"""A rendered digest or alert as the bytes of one e-mail: the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from contracts.clock import KST
from contracts.errors import ConfigurationError
from contracts.keys import digest_key
from digests.model import Rendered
from digests.plain import header


def message_id(key: str, sender: str) -> str:
    """The Message-ID of a delivery key: a mail sent again after a crash is recognised as the same one."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{digest_key('message', key)}.gwidam@{domain}>"


def compose(
    rendered: Rendered, *, key: str, brand: str, recipients: Sequence[str], sender: str, now: datetime
) -> bytes:
    """RFC 5322 bytes with a text and an HTML alternative, UTF-8 in base64, dated `now` in Seoul.

    `brand` and `key` are identifiers of ours. Raises ConfigurationError for a sender or recipient that is no
    e-mail address.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(sender)
    mail["To"] = [_address(recipient) for recipient in recipients]
    mail["Subject"] = header(rendered.subject)
    mail["Date"] = format_datetime(now.astimezone(KST))
    mail["Message-ID"] = message_id(key, sender)
    mail["List-Id"] = f"gwidam {brand} <{brand}.gwidam.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Gwidam-Key"] = header(key, 300)
    mail.set_content(rendered.text, cte="base64")
    mail.add_alternative(rendered.html, subtype="html", cte="base64")
    mail.set_boundary(f"=_gwidam_{digest_key('boundary', key)}")
    return mail.as_bytes()


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    try:
        if not address or any(c in text for c in "\r\n") or not address.isascii():
            raise ValueError("not one plain address")
        return Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError) as error:
        raise ConfigurationError(
            f"digests.toml: {text!r} is not an e-mail address ({error}); write it as name@example.com"
        ) from None
