"""Korean words in their parts, from one Kiwi a process (it takes seconds and hundreds of MB to load)."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

_lock = threading.Lock()
_kiwi: Any = None
_known_words: set[str] = set()


class Morpheme(NamedTuple):
    """One part of a word: its form, its Sejong tag, and where it stands in the text (end exclusive)."""

    form: str
    tag: str
    start: int
    end: int


def know(words: Iterable[str]) -> None:
    """Let the analyser take these (brand names, compounds) for one noun each. Cheap until `analyse` runs."""
    new = {word for word in words if word} - _known_words
    if new:
        _known_words.update(new)
        analyse.cache_clear()
        if _kiwi is not None:
            _add(_kiwi, new)


@lru_cache(maxsize=50_000)
def analyse(text: str) -> tuple[Morpheme, ...]:
    """The morphemes of a text, best reading. Short pieces come back often ("배송 빨라요"), hence the cache."""
    tokens = _loaded().tokenize(text)
    return tuple(Morpheme(t.form, t.tag.split("-")[0], t.start, t.start + t.len) for t in tokens)


def _loaded() -> Any:
    global _kiwi
    with _lock:
        if _kiwi is None:
            from kiwipiepy import Kiwi

            # One thread: the tagger runs one process a core. No multi-word dictionary: names of people and
            # works are not needed and cost memory and time.
            kiwi = Kiwi(num_workers=1, load_multi_dict=False)
            _add(kiwi, _known_words)
            _kiwi = kiwi
    return _kiwi


def _add(kiwi: Any, words: Iterable[str]) -> None:
    for word in sorted(words):
        if " " not in word:
            kiwi.add_user_word(word, "NNP")
