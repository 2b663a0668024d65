"""Text in one form before it is read: composed Hangul, plain spaces and digits, no invisible characters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# One character to one character, so that positions in the folded text are positions in the original.
_FOLD = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_FOLD |= {ord(space): ord(" ") for space in "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"}
_FOLD |= {ord(dash): ord("-") for dash in "‐‑‒–—―−─━ー﹣－"}
_FOLD |= {ord(dot): ord(".") for dot in "․。．"}
_FOLD |= {ord(quote): ord("'") for quote in "‘’`´"} | {ord(quote): ord('"') for quote in "“”"}

_INVISIBLE = re.compile("[\u200b\u200c\u2060\ufeff\u00ad\u180e\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONG_RUN = re.compile(r"(\S)\1{3,}")
_HAS_RUN = re.compile(r"(.)\1\1\1")  # four times as fast to look for
_SPACES = re.compile(r"[ \t\r\f\v]{2,}|[\t\r\f\v]")
_ODD_SPACES = ("  ", "\n", "\t", "\r", "\f", "\v")
_LINES = re.compile(r"\s*\n\s*")
_FOLDABLE = re.compile(f"[{re.escape(''.join(map(chr, _FOLD)))}]")
_LINK = re.compile(r"https?://\S+|www\.\S+")
_NO_LETTER_KEPT = re.compile(r"[\W_ㄱ-ㅎㅏ-ㅣ]+")
_MOST_NOT_KEPT = re.compile("[\\x00-/:-@\\[-`{-\x7fㄱ-ㅎㅏ-ㅣ]+")  # twice as fast; mostly there is nothing else


def compose(text: str) -> str:
    """NFC without invisible characters: what a reader sees is what a rule sees."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def fold(text: str) -> str:
    """Full-width letters, odd dashes, dots, quotes and spaces as plain ones; the length stays the same."""
    return text.translate(_FOLD) if _FOLDABLE.search(text) else text


@lru_cache(maxsize=4_096)  # every task asks for the same texts, a chunk of 2,000 at a time
def normalise(text: str) -> str:
    """The form the rules read: composed, folded, runs of a character cut to three, single spaces.

    Not NFKC: that would turn the ㅠ of "ㅠㅠ" into a different, conjoining letter.
    """
    text = fold(compose(text))
    if _HAS_RUN.search(text):
        text = _LONG_RUN.sub(r"\1\1\1", text)
    if any([odd in text for odd in _ODD_SPACES]):
        text = _LINES.sub("\n", _SPACES.sub(" ", text))
    return text.strip()


def skeleton(text: str) -> str:
    """Letters and digits only, lower case, without links and ㅋㅋ/ㅠㅠ: what a copied text keeps when retyped."""
    text = fold(compose(text))
    if "://" in text or "www." in text:
        text = _LINK.sub(" ", text)
    text = _MOST_NOT_KEPT.sub("", text.lower())
    return text if text.isalnum() else _NO_LETTER_KEPT.sub("", text)
