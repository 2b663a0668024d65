"""X API v2: recent search, counts, lookups, timelines and mentions, with X's windows, limits and problems."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.refusals import refusal
from sandbox.world import World
from sandbox.worldfiles import snowflake
from sandbox.x_posts import XPost, current_posts, instant, post_by_id, render, user, user_id
from sandbox.x_query import QueryError, parse

BEARER = "sandbox-x-bearer"
RECENT = timedelta(days=7)
RATE_WINDOW = 900
LIMITS = {"search": 450, "counts": 300, "lookup": 3500, "user": 900, "timeline": 10000, "mentions": 450, "usage": 50}
MONTHLY_CAP = 2_000_000
TIMELINE_DEPTH = {"timeline": 3200, "mentions": 800}
_TWEET_FIELDS = frozenset({
    "article", "attachments", "author_id", "card_uri", "community_id", "context_annotations", "conversation_id",
    "created_at", "display_text_range", "edit_controls", "edit_history_tweet_ids", "entities", "geo", "id",
    "in_reply_to_user_id", "lang", "media_metadata", "non_public_metrics", "note_tweet", "organic_metrics",
    "possibly_sensitive", "promoted_metrics", "public_metrics", "referenced_tweets", "reply_settings", "scopes",
    "source", "suggested_source_links", "text", "withheld",
})


class Problem(Exception):
    """An invalid request: the parameter, what was given, and X's words about it."""

    def __init__(self, parameter: str, given: str, message: str) -> None:
        super().__init__(message)
        self.body = {
            "errors": [{"parameters": {parameter: [given]}, "message": message}], "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": "https://api.twitter.com/2/problems/invalid-request",
        }


class XServer:
    """The stand-in; rate windows and the monthly usage are counted per running server."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: Counter[tuple[str, int]] = Counter()
        self.posts_served: set[str] = set()

    def routes(self) -> list[Route]:
        """The paths a brand's listener needs."""
        return [
            Route("/x/2/tweets/search/recent", self._guarded("search", self.search)),
            Route("/x/2/tweets/counts/recent", self._guarded("counts", self.counts)),
            Route("/x/2/tweets", self._guarded("lookup", self.lookup)),
            Route("/x/2/tweets/{id:int}", self._guarded("lookup", self.lookup_one)),
            Route("/x/2/users/by/username/{username}", self._guarded("user", self.by_username)),
            Route("/x/2/users/{id:int}/tweets", self._guarded("timeline", self.timeline)),
            Route("/x/2/users/{id:int}/mentions", self._guarded("mentions", self.mentions)),
            Route("/x/2/usage/tweets", self._guarded("usage", self.usage)),
        ]

    def _guarded(self, endpoint: str, answer: Callable[[Request], dict[str, Any]]) -> Callable[..., Any]:
        """Key, rate window and problem documents around an endpoint."""

        async def guarded(request: Request) -> Response:
            if request.headers.get("authorization", "") != f"Bearer {BEARER}":
                return refusal(request.url.path, 401)
            window = int(self.world.now().timestamp()) // RATE_WINDOW
            reset_at = (window + 1) * RATE_WINDOW
            self.calls[endpoint, window] += 1
            left = LIMITS[endpoint] - self.calls[endpoint, window]
            if left < 0:
                return refusal(request.url.path, 429, reset_at=reset_at)
            headers = {
                "x-rate-limit-limit": str(LIMITS[endpoint]), "x-rate-limit-remaining": str(left),
                "x-rate-limit-reset": str(reset_at),
            }
            try:
                return JSONResponse(answer(request), headers=headers)
            except Problem as problem:
                return JSONResponse(problem.body, status_code=400, headers=headers)

        return guarded

    def search(self, request: Request) -> dict[str, Any]:
        """Recent search: the last seven days, newest first."""
        matching = self._matching(request)
        size = _size(request, least=10, usual=10)
        return self._page(request, _in_window(request, matching, self.world.now()), size, "next_token")

    def counts(self, request: Request) -> dict[str, Any]:
        """How many posts a query has an hour or a day."""
        posts = _in_window(request, self._matching(request), self.world.now())
        step = timedelta(days=1) if request.query_params.get("granularity") == "day" else timedelta(hours=1)
        end, rows = self.world.now(), []
        start = max(_time(request, "start_time") or end - RECENT, end - RECENT)
        while start < end:
            until = min(start + step, end)
            count = sum(1 for post in posts if start <= post.created_at < until)
            rows.append({"start": instant(start), "end": instant(until), "tweet_count": count})
            start = until
        return {"data": rows, "meta": {"total_tweet_count": len(posts)}}

    def lookup(self, request: Request) -> dict[str, Any]:
        """Posts by id, at most 100; those that are gone stand under `errors`, with status 200."""
        given = request.query_params.get("ids", "")
        ids = [one for one in given.split(",") if one]
        if not 1 <= len(ids) <= 100 or not all(re.fullmatch(r"[0-9]{1,19}", one) for one in ids):
            raise Problem("ids", given[:100], "The `ids` query parameter value must be 1 to 100 numeric ids")
        return self._by_ids(request, ids, one=False)

    def lookup_one(self, request: Request) -> dict[str, Any]:
        """One post by id."""
        return self._by_ids(request, [str(request.path_params["id"])], one=True)

    def _by_ids(self, request: Request, ids: Sequence[str], *, one: bool) -> dict[str, Any]:
        found = {post_id: post_by_id(self.world, post_id) for post_id in ids}
        body = self._body(request, [post for post in found.values() if post is not None])
        if one and "data" in body:
            body["data"] = body["data"][0]
        errors = [_not_found("tweet", "id" if one else "ids", post_id) for post_id, post in found.items() if not post]
        return body | ({"errors": errors} if errors else {})

    def by_username(self, request: Request) -> dict[str, Any]:
        """A user by handle; X answers 200 with errors for one that is not there."""
        username = request.path_params["username"]
        known = {item.author.lower(): item.author for item in self.world.items("x")}
        if username.lower() not in known:
            return {"errors": [_not_found("user", "username", username)]}
        return {"data": user(self.world, known[username.lower()])}

    def timeline(self, request: Request) -> dict[str, Any]:
        """What one account wrote, as far back as 3,200 posts."""
        wanted = str(request.path_params["id"])
        posts = [post for post in current_posts(self.world) if user_id(post.username) == wanted]
        excluded = request.query_params.get("exclude", "").split(",")
        hidden = {"replies": "replied_to", "retweets": "retweeted"}
        drop = {hidden[word] for word in excluded if word in hidden}
        return self._timeline(request, [p for p in posts if not drop & {kind for kind, _ in p.references}], "timeline")

    def mentions(self, request: Request) -> dict[str, Any]:
        """Posts that name an account, as far back as 800."""
        wanted = str(request.path_params["id"])
        handles = [item.author for item in self.world.items("x") if user_id(item.author) == wanted][:1]
        posts = [post for post in current_posts(self.world) if any(_names(post, handle) for handle in handles)]
        return self._timeline(request, posts, "mentions")

    def usage(self, request: Request) -> dict[str, Any]:
        """The project's reads this month."""
        used = str(len(self.posts_served))
        return {"data": {"project_id": "1700000000000000000", "project_cap": str(MONTHLY_CAP),
                         "project_usage": used, "cap_reset_day": 1}}

    def _timeline(self, request: Request, posts: list[XPost], endpoint: str) -> dict[str, Any]:
        size = _size(request, least=5, usual=10)
        kept = _between(request, posts[: TIMELINE_DEPTH[endpoint]])
        return self._page(request, kept, size, "pagination_token")

    def _matching(self, request: Request) -> list[XPost]:
        query = request.query_params.get("query", "")
        try:
            test = parse(query)
        except QueryError as error:
            raise Problem("query", query, str(error)) from error
        return [post for post in current_posts(self.world) if test(post.for_query())]

    def _page(self, request: Request, posts: list[XPost], size: int, token_name: str) -> dict[str, Any]:
        """One page. Its token names the last id served, so that new posts in between shift nothing."""
        token = request.query_params.get(token_name) or request.query_params.get("pagination_token")
        if token:
            last = _last_id(token, token_name)
            posts = [post for post in posts if int(post.id) < last]
        page = posts[:size]
        body = self._body(request, page)
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta = {"newest_id": page[0].id, "oldest_id": page[-1].id, **meta}
        if len(posts) > size:
            meta["next_token"] = base64.b32encode(f"x{page[-1].id}".encode()).decode().rstrip("=").lower()
        return body | {"meta": meta}

    def _body(self, request: Request, posts: list[XPost]) -> dict[str, Any]:
        fields = [name for name in request.query_params.get("tweet.fields", "").split(",") if name]
        if unknown := [name for name in fields if name not in _TWEET_FIELDS]:
            raise Problem("tweet.fields", ",".join(fields), f"The `tweet.fields` value [{unknown[0]}] is not one of "
                          f"[{','.join(sorted(_TWEET_FIELDS))}]")
        self.posts_served |= {post.id for post in posts}
        body: dict[str, Any] = {"data": [render(self.world, post, fields) for post in posts]} if posts else {}
        includes = self._includes(posts, request.query_params.get("expansions", "").split(","), fields)
        return body | ({"includes": includes} if includes else {})

    def _includes(self, posts: list[XPost], expansions: list[str], fields: list[str]) -> dict[str, Any]:
        includes: dict[str, Any] = {}
        referenced = [post_by_id(self.world, post_id) for post in posts for _, post_id in post.references]
        tweets = list({post.id: post for post in referenced if post is not None}.values())
        handles = [post.username for post in posts] if "author_id" in expansions else []
        if "in_reply_to_user_id" in expansions:
            handles += [post.reply_to for post in posts if post.reply_to]
        if "referenced_tweets.id.author_id" in expansions:
            handles += [post.username for post in tweets]
        if handles:
            includes["users"] = [user(self.world, handle) for handle in dict.fromkeys(handles)]
        if tweets and any(name.startswith("referenced_tweets.id") for name in expansions):
            includes["tweets"] = [render(self.world, post, fields) for post in tweets]
        return includes


def _in_window(request: Request, posts: list[XPost], now: datetime) -> list[XPost]:
    """Recent search's seven days, with X's refusals of anything older."""
    earliest = now - RECENT
    start = _time(request, "start_time")
    since_id = request.query_params.get("since_id")
    if since_id:
        least = int(snowflake("", earliest)) >> 22 << 22
        if not since_id.isdigit() or int(since_id) < least:
            raise Problem("since_id", since_id, f"'since_id' must be a tweet id created after {instant(earliest)}. "
                          f"Please use a 'since_id' that is larger than {least}")
    elif start is not None and start < earliest - timedelta(seconds=60):
        raise Problem("start_time", instant(start), f"Invalid 'start_time':'{instant(start)}'. 'start_time' must be "
                      f"on or after {instant(earliest)}")
    return [post for post in _between(request, posts) if post.created_at >= earliest]


def _between(request: Request, posts: list[XPost]) -> list[XPost]:
    """since_id (which beats start_time), until_id, start_time, end_time."""
    start, end = _time(request, "start_time"), _time(request, "end_time")
    since_id, until_id = request.query_params.get("since_id"), request.query_params.get("until_id")
    if since_id:
        posts = [post for post in posts if int(post.id) > int(since_id)]
    elif start is not None:
        posts = [post for post in posts if post.created_at >= start]
    if until_id:
        posts = [post for post in posts if int(post.id) < int(until_id)]
    if end is not None:
        posts = [post for post in posts if post.created_at < end]
    return posts


def _time(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text):
        raise Problem(name, text, f"The `{name}` query parameter value [{text}] is not a valid ISO 8601 date-time")
    return datetime.fromisoformat(text).astimezone(UTC)


def _size(request: Request, *, least: int, usual: int) -> int:
    text = request.query_params.get("max_results", str(usual))
    if not text.isdigit() or not least <= int(text) <= 100:
        raise Problem("max_results", text, f"The `max_results` query parameter value [{text}] is not between "
                      f"{least} and 100")
    return int(text)


def _last_id(token: str, name: str) -> int:
    try:
        padded = token.upper() + "=" * (-len(token) % 8)
        word = base64.b32decode(padded).decode()
        return int(word.removeprefix("x"))
    except ValueError as error:
        raise Problem(name, token, f"The `{name}` query parameter value [{token}] is not valid") from error


def _names(post: XPost, handle: str) -> bool:
    mentioned = re.findall(r"@([A-Za-z0-9_]{1,15})", post.text)
    return post.username != handle and handle.lower() in (name.lower() for name in mentioned)


def _not_found(what: str, parameter: str, value: str) -> dict[str, str]:
    return {
        "value": value, "detail": f"Could not find {what} with {parameter}: [{value}].", "title": "Not Found Error",
        "resource_type": what, "parameter": parameter, "resource_id": value,
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }
