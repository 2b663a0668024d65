"""Collected words made harmless for showing: no control or direction characters, cut between letters, http links."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

# Bidirectional overrides and isolates, zero-width marks other than the joiner of emoji, BOM, line separators.
_HIDDEN = re.compile("[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]")
_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"[.!?…~]+[)\"'”’]*\s|[ㅠㅜㅋㅎ]{2,}\s")
_JOINER = "\u200d"
MORE = "…"


def clean(text: str) -> str:
    """One line of visible text: NFC, white space collapsed, control and direction characters gone."""
    kept = _HIDDEN.sub("", unicodedata.normalize("NFC", text))
    kept = _SPACE.sub(" ", kept)
    return "".join(c for c in kept if unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"}).strip()


def cut(text: str, limit: int) -> str:
    """At most `limit` characters: up to the end of a sentence or a word if one is near, never inside a letter."""
    if len(text) <= limit:
        return text
    room = limit - len(MORE)
    sentences = [match.end() for match in _SENTENCE_END.finditer(text, 0, room)]
    if sentences and sentences[-1] >= room * 0.6:
        return f"{text[: sentences[-1]].rstrip()} {MORE}"
    space = text.rfind(" ", int(room * 0.8), room + 1)
    end = space if space > 0 else _boundary(text, room)
    return text[:end].rstrip() + MORE


def _boundary(text: str, end: int) -> int:
    """The nearest place at or before `end` that does not part a combined letter, an emoji sequence or a flag."""
    while end > 0 and (_attaches(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    flags = 0
    while end - flags > 0 and _is_flag_half(text[end - flags - 1]):
        flags += 1
    return end - 1 if flags % 2 and _is_flag_half(text[end]) else end


def _attaches(char: str) -> bool:
    """Whether a character belongs to the one before it: marks, joiners, variation selectors, skin tones."""
    return char == _JOINER or unicodedata.combining(char) > 0 or unicodedata.category(char) in {"Mn", "Me", "Mc"} \
        or "\U0001f3fb" <= char <= "\U0001f3ff" or "\u1160" <= char <= "\u11ff"


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def quote_of(title: str, text: str, limit: int = 220) -> str:
    """What to quote of a post: its text, or its title where there is no text, as one harmless line."""
    return cut(clean(text) or clean(title), limit)


def header(text: str, limit: int = 150) -> str:
    """A value that is safe in a mail header: one line, no control characters, not too long."""
    return cut(clean(text), limit)


def safe_url(url: str) -> str:
    """The address if it is a plain http(s) one, percent-encoded where needed; '' for anything else.

    An address with a user name, white space or control characters in it is dropped: a reader could not see
    where it leads.
    """
    if not url or len(url) > 2000 or re.search(r"[\s\x00-\x1f\x7f\\]", url) or _HIDDEN.search(url):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme.lower() not in {"http", "https"} or not host or "@" in parts.netloc:
        return ""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%-._~")
