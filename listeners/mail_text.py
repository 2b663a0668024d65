"""What a mail says: headers and body in whatever charset Korean mail programs use, without quoted mails. Pure."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr
from functools import lru_cache

from contracts.errors import ContractError
from contracts.keys import digest_key
from listeners.markup import element_text, soup
from listeners.times import rfc822
from listeners.values import TEXT_LIMIT, clean

# What the world calls the encoding of Korean Windows; strict euc-kr lacks 8,822 of its syllables ('똠', '햏').
_CP949 = frozenset(
    {"euc-kr", "euckr", "ks-c-5601-1987", "ks-c-5601", "ksc5601", "ks-c-5601-1989", "korean", "cp949", "uhc", "ms949"}
)
_IDS = re.compile(r"<([^<>\s]{1,400})>")
_REPLY_PREFIX = re.compile(r"^\s*(?:(?:re|fwd?|답장|회신|전달)(?:\[\d+\])?\s*:|\[(?:re|답장|회신|전달)\])\s*", re.I)
_QUOTE_HEADS = (
    re.compile(r"^-{2,}\s*(?:original|forwarded|원본|전달된)\s*(?:message|메[시세]지|메일)\s*-*", re.I),
    re.compile(r"^_{10,}\s*$"),
    re.compile(r"^\s*on\b.{5,200}\bwrote.{0,10}:\s*$", re.I | re.S),
    re.compile(r"^.{0,40}\d{4}년.{5,200}(?:작성|썼습니다|쓰셨습니다).{0,10}:\s*$", re.S),
    re.compile(
        r"^\s*(?:from|보낸\s*사람|보낸이)\s*:.{0,300}\n"
        r"\s*(?:sent|date|to|(?:보낸|받는)\s*(?:날짜|사람)|날짜|받는이)\s*:",
        re.I,
    ),
)
_READ = frozenset(
    {"from", "reply-to", "subject", "date", "message-id", "references", "in-reply-to", "auto-submitted", "precedence"}
)
_NO_CHARSET = frozenset({"", "us-ascii", "ascii", "unknown-8bit"})
_AUTOREPLY_HEADERS = frozenset({"x-autoreply", "x-autorespond"})
_LIST_HEADERS = frozenset({"list-id", "list-unsubscribe"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail. Ids are hashed: a Message-ID may hold an address. `machine` says which machine wrote it, or ''.

    `parents` are the ids it answers, the thread's first one first. `reply_to` is '' when absent; `sent_at` is
    None without a believable Date.
    """

    key: str
    parents: tuple[str, ...]
    address: str
    reply_to: str
    subject: str
    text: str
    sent_at: datetime | None
    machine: str

    @property
    def root(self) -> str:
        """The first mail of its thread, as far as this mail knows."""
        return self.parents[0] if self.parents else self.key


@lru_cache(maxsize=32)
def read_letter(raw: bytes, *, headers_only: bool = False) -> Letter:
    """A mail out of its bytes (RFC 5322), also when it is cut off; without its text when `headers_only`.

    Kept for a moment, since fetch and then parse read a page's mails. Raises ContractError when it cannot be read.
    """
    try:
        message = BytesParser().parsebytes(raw, headersonly=headers_only)
        headers = _headers(message)
        if headers_only and not _IDS.search(headers.get("message-id", "")):
            return read_letter(raw)  # a mail without an id is known by its text
        body = "" if headers_only else _body(message)
    except (RecursionError, LookupError, ValueError, TypeError, AssertionError) as error:
        raise ContractError(f"the mail cannot be taken apart ({type(error).__name__})") from error
    if len(body) > TEXT_LIMIT:
        raise ContractError(f"the mail's text has {len(body):,} characters; {TEXT_LIMIT:,} are believable")
    address = _address(headers.get("from", ""))
    if "@" not in address:
        raise ContractError("the mail has no sender")
    subject = headers.get("subject", "")
    while (shorter := _REPLY_PREFIX.sub("", subject)) != subject:
        subject = shorter
    own = _IDS.search(headers.get("message-id", ""))
    key = digest_key(own[1]) if own else digest_key(headers.get("date", ""), address, subject, body[:500])
    answered = [found for name in ("references", "in-reply-to") for found in _IDS.findall(headers.get(name, ""))]
    parents = [digest_key(found) for found in answered]
    return Letter(
        key=key, parents=tuple(dict.fromkeys(parent for parent in parents if parent != key)), address=address,
        reply_to=_address(headers.get("reply-to", "")),
        subject=subject, text=without_quotes(body), sent_at=_sent_at(headers.get("date", "")),
        machine=_machine(headers, message, address),
    )


def decode(raw: bytes, declared: str | None) -> str:
    """Bytes as text: the declared charset when it fits, else UTF-8, else CP949 (mislabelled mail is common)."""
    name = (declared or "").strip().strip("'\"").lower().replace("_", "-")
    names = [] if name in _NO_CHARSET else ["cp949" if name in _CP949 else name]
    for candidate in [*names, "utf-8", "cp949"]:
        try:
            return raw.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode(names[0] if names and names[0] in {"cp949", "utf-8"} else "utf-8", "replace")


def decode_words(value: str) -> str:
    """A header's text: encoded words joined as bytes first, since a syllable may be cut between two of them."""
    if value.isascii() and "=?" not in value:
        return clean(value.replace("\r", "").replace("\n", ""))
    raw = value.encode("utf-8", "surrogateescape")
    value = decode(raw, None).replace("\r", "").replace("\n", "")
    try:
        parts = decode_header(value)
    except (HeaderParseError, binascii.Error, ValueError):
        return clean(value)
    found = [part if isinstance(part, str) else decode(part, charset) for part, charset in parts]
    return clean("".join(found))


def without_quotes(text: str) -> str:
    """What this mail adds: quoted mails and the signature below '-- ' removed; all of it when nothing would be left."""
    lines = text.split("\n")
    kept: list[str] = []
    for index, line in enumerate(lines):
        if _begins_quote(lines, index) or line.rstrip() == "--":
            break
        if not line.lstrip().startswith(">"):
            kept.append(line)
    shorter = clean("\n".join(kept))
    return shorter or clean(text)


def _begins_quote(lines: list[str], index: int) -> bool:
    line = lines[index]
    if len(line) > 400:
        return False
    pair = "\n".join(lines[index : index + 2])[:600]  # programs fold "On … wrote:" over two lines
    return any(head.match(line) for head in _QUOTE_HEADS) or (
        bool(line.strip()) and any(head.match(pair) for head in _QUOTE_HEADS[2:])
    )


def _address(value: str) -> str:
    return parseaddr(value)[1].strip().casefold() if value else ""


def _headers(message: Message) -> dict[str, str]:
    """The first value of each header, decoded where it is read here, else ''."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        known = name.lower()
        if known not in found:
            found[known] = decode_words(str(value)[:20_000]) if known in _READ else ""
    return found


def _body(message: Message) -> str:
    pages: list[str] = []
    for part in _text_parts(message):
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        text = decode(payload, part.get_content_charset())
        if part.get_content_type() == "text/plain":
            if text.strip():
                return text.replace("\r\n", "\n")
        else:
            pages.append(text)
    return element_text(soup(pages[0][: 4 * TEXT_LIMIT])) if pages else ""


def _text_parts(message: Message) -> Iterator[Message]:
    for part in message.walk():
        if part.get_content_type() in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment":
            yield part


def _sent_at(value: str) -> datetime | None:
    try:
        return rfc822(value)
    except ContractError:
        return None


def _machine(headers: Mapping[str, str], message: Message, address: str) -> str:
    """'auto-reply', 'bounce', 'newsletter', or '' for a person's mail.

    Help desks send their agents' words as 'auto-generated', so that only 'auto-replied' tells a machine.
    """
    automatic = headers.get("auto-submitted", "").lower()
    precedence = headers.get("precedence", "").lower()
    replied = automatic.startswith("auto-replied") or precedence == "auto_reply"
    if replied or _AUTOREPLY_HEADERS & set(headers):
        return "auto-reply"
    local = address.split("@")[0]
    if message.get_content_type() == "multipart/report" or local in {"mailer-daemon", "postmaster"}:
        return "bounce"
    if precedence in {"bulk", "list", "junk"} or _LIST_HEADERS & set(headers):
        return "newsletter"
    return ""
