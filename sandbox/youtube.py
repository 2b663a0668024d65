"""YouTube Data API v3: comment threads of a channel's or of one video, their replies, the videos; the day's units."""

from __future__ import annotations

import base64
import hashlib
import html
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import cursors
from sandbox.items import Item, Seen
from sandbox.world import World

KEY = "sandbox-youtube-key"
CHANNEL = "UCmoadamSandboxHome00000"
DAILY_UNITS = 10_000
MOST = 100  # a page, whatever is asked for
SHOWN_REPLIES = 5
_MOST_VIDEOS = 50
_PACIFIC = ZoneInfo("America/Los_Angeles")
_FILTERS = ("allThreadsRelatedToChannelId", "channelId", "id", "videoId")
_NOT_WITH_ID = ("maxResults", "order", "pageToken", "searchTerms")
_REASONS = {
    "keyMissing": (403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers (callers without established "
                   "identity). Please use API Key or other form of API consumer identity to call this API."),
    "badRequest": (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    "quotaExceeded": (403, "", "The request cannot be completed because you have exceeded your "
                      "<a href=\"/youtube/v3/getting-started#quota\">quota</a>."),
    "missingRequiredParameter": (400, "", "No filter selected. Expected one of: " + ", ".join(_FILTERS)),
    "missingVideoFilter": (400, "", "No filter selected. Expected one of: id, myRating, chart"),
    "incompatibleParameters": (400, "", "Incompatible parameters specified in the request."),
    "invalidParameter": (400, "", "Invalid value for a parameter of the request."),
    "invalidPageToken": (400, "", "The request specifies an invalid page token."),
    "commentsDisabled": (403, "", "The video identified by the <code>videoId</code> parameter has disabled comments."),
    "videoNotFound": (404, "", "The video identified by the <code>videoId</code> parameter could not be found."),
    "channelNotFound": (404, "", "The channel identified by the <code>channelId</code> parameter could not be found."),
    "commentNotFound": (404, "", "One or more of the specified comments cannot be found."),
}


class Refusal(Exception):
    """A request that YouTube refuses; `reason` is the word in its error body."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class YouTubeServer:
    """`commentThreads`, `comments` and `videos`. Every request costs a unit; units are counted per running server."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.spent: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """The three lists."""
        base = "/youtube/youtube/v3"
        return [
            Route(f"{base}/commentThreads", self.threads), Route(f"{base}/comments", self.comments),
            Route(f"{base}/videos", self.videos),
        ]

    async def threads(self, request: Request) -> Response:
        """Threads by one filter. By `id` all that are still there, without pages; else newest (or liked most) first."""
        try:
            self._admit(request)
            found = self._found(request.query_params)
            return self._page(request, found, lambda seen: self._thread(seen, request.query_params))
        except Refusal as refusal:
            return _refused(refusal.reason)

    async def comments(self, request: Request) -> Response:
        """All replies of a thread, newest first."""
        try:
            self._admit(request)
            wanted = request.query_params.get("parentId", "")
            root = next((seen for seen in self._roots() if _id(seen) == wanted), None)
            if root is None:
                raise Refusal("commentNotFound" if wanted else "missingRequiredParameter")
            found = self._replies(root)[::-1]
            return self._page(request, found, lambda seen: self._comment(seen, request.query_params))
        except Refusal as refusal:
            return _refused(refusal.reason)

    async def videos(self, request: Request) -> Response:
        """Those of at most fifty ids that there are."""
        try:
            self._admit(request)
            wanted = [video for video in request.query_params.get("id", "").split(",") if video]
            if not 1 <= len(wanted) <= _MOST_VIDEOS:
                raise Refusal("invalidParameter" if wanted else "missingVideoFilter")
        except Refusal as refusal:
            return _refused(refusal.reason)
        known = self.world.shop["videos"]
        rows = [self._video(video, known[video]) for video in wanted if video in known]
        about = {"totalResults": len(rows), "resultsPerPage": len(rows)}
        return JSONResponse({"kind": "youtube#videoListResponse", "pageInfo": about, "items": rows})

    def _video(self, video: str, about: Mapping[str, Any]) -> dict[str, Any]:
        channel = CHANNEL if about.get("own") else _channel(about["by"])
        snippet = {"channelId": channel, "title": about["title"], "categoryId": "26", "liveBroadcastContent": "none"}
        return {"kind": "youtube#video", "etag": _hashed(f"video {video}", 27), "id": video, "snippet": snippet}

    def _admit(self, request: Request) -> None:
        """Key, then the day's units, then `part`, which every list needs."""
        key = request.headers.get("x-goog-api-key") or request.query_params.get("key")
        if key != KEY:
            raise Refusal("badRequest" if key else "keyMissing")
        day = f"{self.world.now().astimezone(_PACIFIC):%Y-%m-%d}"
        if self.spent[day] >= DAILY_UNITS:
            raise Refusal("quotaExceeded")
        self.spent[day] += 1
        if "snippet" not in request.query_params.get("part", "").split(","):
            raise Refusal("missingRequiredParameter")

    def _found(self, given: Mapping[str, str]) -> list[Seen]:
        filters = [name for name in _FILTERS if given.get(name)]
        if not filters:
            raise Refusal("missingRequiredParameter")
        if len(filters) > 1 or (filters == ["id"] and any(name in given for name in _NOT_WITH_ID)):
            raise Refusal("incompatibleParameters")
        value = given[filters[0]]
        if filters == ["id"]:
            return [seen for seen in self._roots() if _id(seen) in value.split(",")]
        found = self._of_video(value) if filters == ["videoId"] else self._of_channel(value)
        if words := given.get("searchTerms"):
            found = [seen for seen in found if words in seen.text]
        if given.get("order", "time") == "relevance":
            found.sort(key=lambda seen: (-seen.likes, seen.item.key))
        return found

    def _of_video(self, video: str) -> list[Seen]:
        about = self.world.shop["videos"].get(video)
        if about is None:
            raise Refusal("videoNotFound")
        if not about.get("comments", True):
            raise Refusal("commentsDisabled")
        return [seen for seen in self._roots() if seen.item.place == video]

    def _of_channel(self, channel: str) -> list[Seen]:
        if channel != CHANNEL:
            raise Refusal("channelNotFound")
        return [seen for seen in self._roots() if self._owner(seen) == CHANNEL]

    def _roots(self) -> list[Seen]:
        return [seen for seen in self.world.seen("youtube") if seen.item.is_root]

    def _replies(self, root: Seen) -> list[Seen]:
        """YouTube knows one level of replies."""
        return sorted(self.world.thread(root.item.key), key=lambda seen: (seen.item.at, seen.item.key))

    def _owner(self, seen: Seen) -> str:
        video = self.world.shop["videos"][seen.item.place]
        return CHANNEL if video.get("own") else _channel(video["by"])

    def _page(self, request: Request, found: list[Seen], render: Any) -> Response:
        given = request.query_params
        size = given.get("maxResults", "20")
        if not size.isdigit() or not 1 <= int(size) <= 100:
            raise Refusal("invalidParameter")
        start = cursors.start_of(given.get("pageToken"), [_id(seen) for seen in found])
        if start is None:
            raise Refusal("invalidPageToken")
        count = len(found) if given.get("id") else min(int(size), MOST)
        shown = found[start : start + count]
        kind = "commentThreadListResponse" if request.url.path.endswith("Threads") else "commentListResponse"
        body: dict[str, Any] = {
            "kind": f"youtube#{kind}", "etag": _hashed(str(sorted(map(_id, shown))), 27),
            "pageInfo": {"totalResults": len(shown), "resultsPerPage": count},
            "items": [render(seen) for seen in shown],
        }
        if start + count < len(found):
            body["nextPageToken"] = cursors.after(_id(shown[-1]))
        return JSONResponse(body)

    def _thread(self, seen: Seen, given: Mapping[str, str]) -> dict[str, Any]:
        replies = self._replies(seen)
        row: dict[str, Any] = {
            "kind": "youtube#commentThread", "etag": _hashed(f"thread {seen.item.key}", 27), "id": _id(seen),
            "snippet": {
                "channelId": self._owner(seen), "videoId": seen.item.place, "canReply": True, "isPublic": True,
                "topLevelComment": self._comment(seen, given), "totalReplyCount": len(replies),
            },
        }
        if replies and "replies" in given["part"].split(","):
            row["replies"] = {"comments": [self._comment(reply, given) for reply in replies[:SHOWN_REPLIES]]}
        return row

    def _comment(self, seen: Seen, given: Mapping[str, str]) -> dict[str, Any]:
        item = seen.item
        plain = given.get("textFormat", "html") == "plainText"
        channel = CHANNEL if item.official else _channel(item.author)
        snippet: dict[str, Any] = {
            "channelId": self._owner(seen), "videoId": item.place, "textOriginal": seen.text,
            "textDisplay": seen.text if plain else html.escape(seen.text).replace("\n", "<br>"),
            "authorDisplayName": item.author, "authorProfileImageUrl": "https://yt3.example/photo.jpg",
            "authorChannelUrl": f"http://www.youtube.com/{item.author}", "authorChannelId": {"value": channel},
            "canRate": True, "viewerRating": "none", "likeCount": seen.likes,
            "publishedAt": _time(item.at), "updatedAt": _time(seen.changed_at),
        }
        if not item.is_root:
            snippet["parentId"] = _thread_id(item)
        return {"kind": "youtube#comment", "etag": _hashed(f"{item.key} {seen.text}", 27), "id": _id(seen),
                "snippet": snippet}


def _refused(reason: str) -> Response:
    """Google's error body: `reason` says which refusal of a status it is."""
    status, word, message = _REASONS[reason]
    domain = {"quotaExceeded": "youtube.quota", "commentsDisabled": "youtube.commentThread"}.get(reason, "global")
    named = {"keyMissing": "forbidden", "missingVideoFilter": "missingRequiredParameter"}.get(reason, reason)
    error = {"code": status, "message": message, "errors": [{"message": message, "domain": domain, "reason": named}]}
    return JSONResponse({"error": error | ({"status": word} if word else {})}, status_code=status)


def _thread_id(item: Item) -> str:
    return f"Ugx{_hashed(item.root, 17)}4AaABAg"


def _id(seen: Seen) -> str:
    """As YouTube writes them: a reply's id begins with its thread's."""
    own = _thread_id(seen.item)
    return own if seen.item.is_root else f"{own}.{_hashed(seen.item.key, 22)}"


def _channel(author: str) -> str:
    return f"UC{_hashed(author, 22)}"


def _hashed(text: str, length: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()[:length].replace("-", "_")


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
