"""Deterministic keys: the same thing seen twice gets the same key, on any machine."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

KEY_LENGTH = 24


def digest_key(*parts: str) -> str:
    """First 24 hex digits of the SHA-256 of the parts, joined by a separator no part can hold."""
    joined = "\x1f".join(part.replace("\x1f", " ") for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:KEY_LENGTH]


def mention_id(source: str, native_id: str) -> str:
    """The key of one utterance: sha256(source, native_id)[:24] (design, section 4)."""
    return digest_key(source, native_id)


def text_hash(text: str) -> str:
    """The key of a text to be tagged; NFC and outer white space do not matter, everything else does."""
    return digest_key(unicodedata.normalize("NFC", text).strip())


def author_key(secret: bytes, source: str, author: str) -> str:
    """A keyed hash (HMAC-SHA-256) of an author, so that the same person is recognised but never named."""
    message = f"{source}\x1f{author}".encode("utf-8", "surrogatepass")
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:KEY_LENGTH]
