"""What the videos are called below which people comment: asked once a video, fifty of them for a unit.

https://developers.google.com/youtube/v3/docs/videos/list
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from contracts.errors import GwidamError
from listeners.contract import Findings
from listeners.values import clean

_AT_ONCE = 50
_KEPT = 5_000
_REACHES_SOMEBODY = re.compile(r"\d[\d .-]{6,}\d|\S+@\S+")  # the mark lies on a disk, unmasked


class Titles:
    """The mark `titles`: {video: title}; '' for a video that is gone or private.

    `get(what, given)` makes one request. A refusal is counted and costs no comment: the title is asked for again.
    """

    def __init__(self, findings: Findings, get: Callable[[str, Mapping[str, Any]], Any]) -> None:
        self._findings = findings
        self._get = get
        self._known: dict[str, str] = findings.mark.setdefault("titles", {})

    def of(self, videos: Iterable[str]) -> dict[str, str]:
        """The titles of these videos as far as they are known."""
        wanted = sorted(set(videos) - {""})
        unknown = [video for video in wanted if video not in self._known]
        try:
            for start in range(0, len(unknown), _AT_ONCE):
                self._ask(unknown[start : start + _AT_ONCE])
        except GwidamError:
            self._findings.skipped["video titles"] += 1
        for old in list(self._known)[:-_KEPT]:
            del self._known[old]
        return {video: title for video in wanted if (title := self._known.get(video))}

    def _ask(self, videos: list[str]) -> None:
        body = self._get("videos", {"part": "snippet", "id": ",".join(videos)})
        items = body.get("items") if isinstance(body, Mapping) else None
        found = {video: "" for video in videos}
        for item in items if isinstance(items, list) else []:
            snippet = item.get("snippet") if isinstance(item, Mapping) else None
            title = snippet.get("title") if isinstance(snippet, Mapping) else None
            if isinstance(title, str) and item.get("id") in found:
                found[item["id"]] = _REACHES_SOMEBODY.sub("…", clean(title))[:200]
        self._known |= found
