"""X API v2 through tweepy: our own transport under it, ids as times, and the query of a brand."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from contracts.errors import ConfigurationError, GwidamError, QuotaExhausted, SourceChanged
from listeners.contract import WatchedBrand
from listeners.http import Answer, Client

HOST = "https://api.twitter.com"  # hard-coded in tweepy; the adapter sends on to the configured base
QUERY_LIMIT = 512
TWEET_FIELDS = (
    "author_id", "conversation_id", "created_at", "edit_history_tweet_ids", "lang", "note_tweet", "public_metrics",
    "referenced_tweets",
)
_EPOCH_MS = 1_288_834_974_657


def snowflake(moment: datetime) -> int:
    """The lowest post id of a moment: milliseconds since X's epoch, shifted by 22 bits."""
    return max(0, int(moment.timestamp() * 1000) - _EPOCH_MS) << 22


def snowflake_time(post_id: int) -> datetime:
    """When a post with this id was made; the inverse of `snowflake`."""
    return datetime.fromtimestamp(((post_id >> 22) + _EPOCH_MS) / 1000, UTC)


class _Adapter(BaseAdapter):
    """Sends tweepy's requests through our client, to the base address that is configured ('': X's own).

    Raises by the taxonomy before tweepy sees a refusal, so that there is one set of errors.
    """

    def __init__(self, client: Client, base_url: str) -> None:
        super().__init__()
        self._client = client
        self._base = base_url.rstrip("/")

    def send(self, request: requests.PreparedRequest, *how: Any, **named: Any) -> requests.Response:
        """Send, and raise what a refusal means."""
        parts = urlsplit(request.url or "")
        url = f"{self._base or HOST}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        reply = self._client.send(request.method or "GET", url, headers=dict(request.headers))
        self._client.checked(reply, explain=lambda answer: _explained(self._client, answer))
        response = requests.Response()
        response.status_code, response.url, response.request = reply.status, url, request
        response.headers = CaseInsensitiveDict(reply.headers)
        response._content = reply.body  # where requests itself keeps a body that has been read
        return response

    def close(self) -> None:
        """Nothing to close."""


class XApi:
    """The calls a listener needs; each returns the whole JSON object of an answer."""

    def __init__(self, client: Client, *, bearer: str, base_url: str) -> None:
        import tweepy

        # tweepy logs headers and posts at DEBUG: neither keys nor people's words belong in a log.
        logging.getLogger("tweepy").setLevel(logging.WARNING)
        self._tweepy = tweepy.Client(bearer_token=bearer, return_type=dict, wait_on_rate_limit=False)
        self._tweepy.user_agent = client.user_agent
        self._tweepy.session.trust_env = False  # the client reads the environment, and never ~/.netrc
        self._tweepy.session.mount(HOST, _Adapter(client, base_url))
        self._source = client.source

    def search(self, query: str, **window: Any) -> Mapping[str, Any]:
        """Recent search, up to 100 posts a page."""
        return self._object(self._tweepy.search_recent_tweets, query, **_page(window, "next_token"))

    def timeline(self, user_id: str, **window: Any) -> Mapping[str, Any]:
        """What an account wrote, up to 100 posts a page."""
        return self._object(self._tweepy.get_users_tweets, user_id, **_page(window, "pagination_token"))

    def mentions(self, user_id: str, **window: Any) -> Mapping[str, Any]:
        """Posts that name an account, up to 100 a page."""
        return self._object(self._tweepy.get_users_mentions, user_id, **_page(window, "pagination_token"))

    def lookup(self, ids: list[str]) -> Mapping[str, Any]:
        """At most 100 posts by id; those that are gone stand under `errors`."""
        return self._object(self._tweepy.get_tweets, ids, tweet_fields=list(TWEET_FIELDS))

    def user_id(self, handle: str) -> str:
        """The id of an account; ConfigurationError when there is none of that name."""
        body = self._object(self._tweepy.get_user, username=handle)
        data = body.get("data")
        found = data.get("id") if isinstance(data, Mapping) else None
        if not isinstance(found, str):
            raise ConfigurationError(
                f"{self._source}: X knows no account @{handle}; mend the brand's official handle", source=self._source
            )
        return found

    def _object(self, method: Callable[..., Any], *given: Any, **named: Any) -> Mapping[str, Any]:
        try:
            body = method(*given, **named)
        except requests.JSONDecodeError:
            raise SourceChanged(
                f"{self._source}: X answered with something other than JSON; check base_url, and whether a proxy or "
                "a maintenance page stands in between",
                source=self._source,
            ) from None
        if not isinstance(body, Mapping) or not ({"data", "meta", "errors"} & set(body)):
            raise SourceChanged(f"{self._source}: X's answer has neither data nor meta", source=self._source)
        return body


def _page(window: Mapping[str, Any], token_name: str) -> dict[str, Any]:
    named = {"max_results": 100, "tweet_fields": list(TWEET_FIELDS)}
    named |= {name: value for name, value in window.items() if value and name != "token"}
    return named | ({token_name: window["token"]} if window.get("token") else {})


def _explained(client: Client, answer: Answer) -> GwidamError | None:
    """X's monthly cap comes as a 429 of its own type."""
    if answer.status == 429 and "usage-capped" in answer.text[:2_000]:
        return QuotaExhausted(
            f"{client.source}: the monthly cap of posts is used up; raise it in X's developer console or wait",
            source=client.source,
        )
    return None


def queries(brand: WatchedBrand, *, handles: tuple[str, ...], languages: tuple[str, ...], reshares: bool) -> list[str]:
    """Search queries of at most 512 characters that together ask for every term of the brand.

    `(모아담 OR "모아 담") -is:retweet -from:moadam_cs`. Raises ConfigurationError when one term alone is too long.
    """
    parts = [] if reshares else ["-is:retweet"]
    parts += [f"-from:{handle}" for handle in handles if not handle.isdecimal()]
    parts += [f"-{_word(word)}" for word in brand.exclude]
    if languages:
        parts.append("(" + " OR ".join(f"lang:{language}" for language in languages) + ")")
    tail = "".join(f" {part}" for part in parts)
    made: list[str] = []
    group: list[str] = []
    for term in (_word(term) for term in brand.terms if term.strip()):
        if len(f"({' OR '.join([*group, term])}){tail}") > QUERY_LIMIT:
            if not group:
                raise ConfigurationError(
                    f"x: the term {term[:40]} with {brand.id}'s handles and exclusions is over "
                    f"{QUERY_LIMIT} characters; shorten the exclusions"
                )
            made.append(f"({' OR '.join(group)}){tail}")
            group = []
        group.append(term)
    if group:
        made.append(f"({' OR '.join(group)}){tail}")
    return made


def _word(term: str) -> str:
    term = " ".join(term.replace('"', " ").split())
    return term if term.replace("_", "").isalnum() else f'"{term}"'
