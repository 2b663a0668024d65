"""robots.txt of crawled sites: read once a host and day, obeyed with its crawl-delay (RFC 9309)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from protego import Protego

from contracts.errors import Forbidden, SourceUnavailable
from listeners.http import Client
from storage.files import write_json

_LIMIT = 512 * 1024  # RFC 9309: at least 500 KiB must be read
_LONGEST_DELAY = 60.0


class Robots:
    """The rules of one run's hosts. 4xx means that all is allowed, 5xx and silence that nothing is."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._rules: dict[str, Any] = {}

    def require(self, url: str) -> None:
        """Raise Forbidden when the site does not want this page read; keep its crawl-delay otherwise."""
        host = urlsplit(url).netloc
        if host not in self._rules:
            self._rules[host] = self._read(url, host)
            delay = self._rules[host].crawl_delay(self._client.user_agent)
            if delay:
                self._client.pause_at_least(min(float(delay), _LONGEST_DELAY))
        if not self._rules[host].can_fetch(url, self._client.user_agent):
            raise Forbidden(
                f"{self._client.source}: {host}'s robots.txt does not allow {urlsplit(url).path}; "
                "leave it out, or ask the site's owner",
                source=self._client.source,
            )

    def _read(self, url: str, host: str) -> Any:
        day = f"{self._client.now:%Y-%m-%d}"
        kept = self._client.cache / f"{host.replace(':', '_')}.json" if self._client.cache else None
        if kept is not None and kept.exists():
            saved = _loads(kept.read_text("utf-8"))
            if saved.get("day") == day:
                return Protego.parse(str(saved.get("text", "")))
        text = self._ask(f"{urlsplit(url).scheme}://{host}/robots.txt")
        if kept is not None:
            write_json(kept, {"day": day, "text": text})
        return Protego.parse(text)

    def _ask(self, url: str) -> str:
        try:
            answer = self._client.get(url, accept=tuple(range(300, 500)), follow=True)
        except SourceUnavailable as error:
            raise SourceUnavailable(
                f"{self._client.source}: robots.txt cannot be read, so nothing is; it will be asked again",
                source=self._client.source,
            ) from error
        return answer.text[:_LIMIT] if answer.status < 300 else ""


def _loads(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
