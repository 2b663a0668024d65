"""Search as portals do it: which texts a query hits, and the snippet with <b> around what was hit."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_TOKEN = re.compile(r'(-?)"([^"]*)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Query:
    """All of `wanted` groups (each a set of alternatives) must be hit, none of `unwanted`."""

    wanted: tuple[tuple[re.Pattern[str], ...], ...]
    unwanted: tuple[re.Pattern[str], ...]

    @classmethod
    def parse(cls, text: str) -> Query:
        """Space is AND, `|` is OR, `-word` excludes, quotes keep a phrase; bare words ignore spaces inside a hit."""
        wanted: list[tuple[re.Pattern[str], ...]] = []
        unwanted: list[re.Pattern[str]] = []
        joined = False
        for minus, phrase, word in _TOKEN.findall(text):
            if word == "|":
                joined = bool(wanted)
                continue
            if minus or (word.startswith("-") and len(word) > 1):
                unwanted.append(_pattern(phrase or word[1:], exact=bool(phrase)))
                continue
            pattern = _pattern(phrase or word.lstrip("+"), exact=bool(phrase))
            if joined:
                wanted[-1] = (*wanted[-1], pattern)
            else:
                wanted.append((pattern,))
            joined = False
        return cls(tuple(wanted), tuple(unwanted))

    def hits(self, *texts: str) -> bool:
        """Whether a document of these texts is found."""
        whole = "\n".join(texts)
        return (
            bool(self.wanted)
            and all(any(pattern.search(whole) for pattern in group) for group in self.wanted)
            and not any(pattern.search(whole) for pattern in self.unwanted)
        )

    def marked(self, text: str, length: int) -> str:
        """The `length` characters around the first hit, escaped, with each hit in <b>…</b>."""
        flat = " ".join(text.split())
        hits = sorted({m.span() for group in self.wanted for p in group for m in p.finditer(flat)})
        start = 0
        if len(flat) > length and hits and hits[0][0] > length // 2:
            start = hits[0][0] - length // 4
        end = min(len(flat), start + length)
        pieces: list[str] = []
        at = start
        for left, right in hits:
            if left < at or right > end:
                continue
            pieces += [html.escape(flat[at:left]), "<b>", html.escape(flat[left:right]), "</b>"]
            at = right
        pieces.append(html.escape(flat[at:end]))
        return ("..." if start else "") + "".join(pieces) + ("..." if end < len(flat) else "")


def _pattern(word: str, *, exact: bool) -> re.Pattern[str]:
    if exact:
        return re.compile(re.escape(word), re.IGNORECASE)
    return re.compile(r"\s?".join(re.escape(letter) for letter in word), re.IGNORECASE)
