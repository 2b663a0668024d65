"""App Store Connect's customerReviews with their responses: a token signed with ES256, pages by cursor.

It shows the same reviews as the public feed's stand-in: world/app_store.toml.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta, timezone
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import cursors
from sandbox.app_store import SOURCE
from sandbox.items import Seen
from sandbox.world import World

ISSUER = "57246542-96fe-1a63-e053-0824d011072a"
KEY_ID = "2X9R4HXF34"
LONGEST_TOKEN = timedelta(minutes=20)
HOURLY = 3600
MOST = 200
_AUDIENCE = "appstoreconnect-v1"
_CUPERTINO = timezone(timedelta(hours=-7))
_TERRITORIES = {"kr": "KOR", "us": "USA"}
_ERRORS = {
    400: ("PARAMETER_ERROR.INVALID", "A parameter has an invalid value"),
    401: ("NOT_AUTHORIZED", "Authentication credentials are missing or invalid."),
    404: ("NOT_FOUND", "The specified resource does not exist"),
    429: ("RATE_LIMIT_EXCEEDED", "The request rate limit has been reached."),
}


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    """The demo's key, made anew in each process and always the same: so no key has to lie in the repository."""
    secret = int.from_bytes(hashlib.sha256(b"the sandbox's App Store Connect key, which opens nothing else").digest())
    return ec.derive_private_key(secret, ec.SECP256R1())


@cache
def private_key() -> str:
    """What a listener signs with in the sandbox, in PEM, as Apple's AuthKey_….p8 holds it."""
    return _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class AppStoreConnectServer:
    """`/v1/apps/{app}/customerReviews`. Requests are counted in the last hour of the world's clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[float] = []

    def routes(self) -> list[Route]:
        """The one list."""
        return [Route("/appstoreconnect/v1/apps/{app}/customerReviews", self.reviews)]

    async def reviews(self, request: Request) -> Response:
        """Newest first with sort=-createdDate; the responses stand in `included` with include=response."""
        limits = self._limits()
        if limits["user-hour-rem"] < 0:
            return _error(429, "Too many requests within the hour.", limits)
        if not self._is_signed(request):
            return _error(401, "Provide a properly configured and signed bearer token, and make sure that it has not "
                          "expired. Learn more about Generating Tokens for API Requests", limits)
        if request.path_params["app"] != self.world.shop["app_store_id"]:
            return _error(404, f"There is no resource of type 'apps' with id '{request.path_params['app']}'", limits)
        given = request.query_params
        found = self._sorted(given.get("sort", "createdDate"))
        limit = given.get("limit", "50")
        start = cursors.start_of(given.get("cursor"), [_id(seen) for seen in found])
        if start is None or not limit.isdigit() or not 1 <= int(limit) <= MOST:
            return _error(400, "'cursor' or 'limit' is not valid for this request", limits)
        shown = found[start : start + int(limit)]
        body: dict[str, Any] = {
            "data": [self._review(seen, given.get("include") == "response") for seen in shown],
            "links": {"self": str(request.url)}, "meta": {"paging": {"total": len(found), "limit": int(limit)}},
        }
        if given.get("include") == "response":
            body["included"] = [self._response(seen) for seen in shown if self.world.replies(seen.item.key)]
        if start + len(shown) < len(found):
            onwards = urlencode({**given, "cursor": cursors.after(_id(shown[-1]))})
            body["links"]["next"] = f"{request.url.replace(query='')}?{onwards}"
        return JSONResponse(body, headers=_header(limits))

    def _is_signed(self, request: Request) -> bool:
        """Whether the token is signed with the demo's key, for Apple, by this team, now, and not for too long."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(
                token, _key().public_key(), algorithms=["ES256"], audience=_AUDIENCE, issuer=ISSUER,
                # The world's clock decides about time, below: in a replay it is not the machine's.
                options={"require": ["iat", "exp"], "verify_exp": False, "verify_iat": False},
            )
            issued, expires = int(claims["iat"]), int(claims["exp"])
        except (jwt.PyJWTError, ValueError, TypeError):
            return False
        now = self.world.now().timestamp()
        in_time = issued <= now + 60 and now < expires <= issued + LONGEST_TOKEN.total_seconds()
        return in_time and header.get("kid") == KEY_ID

    def _limits(self) -> dict[str, int]:
        now = self.world.now().timestamp()
        self.calls = [at for at in self.calls if now - 3600 < at <= now] + [now]
        return {"user-hour-lim": HOURLY, "user-hour-rem": HOURLY - len(self.calls)}

    def _sorted(self, by: str) -> list[Seen]:
        roots = [seen for seen in self.world.seen(SOURCE) if seen.item.is_root]
        return sorted(roots, key=lambda seen: (seen.changed_at, seen.item.key), reverse=by.startswith("-"))

    def _review(self, seen: Seen, with_response: bool) -> dict[str, Any]:
        """A review that was edited carries the date of the edit."""
        own = f"https://api.appstoreconnect.apple.com/v1/customerReviews/{_id(seen)}"
        response: dict[str, Any] = {"links": {"self": f"{own}/relationships/response", "related": f"{own}/response"}}
        if with_response:
            answered = bool(self.world.replies(seen.item.key))
            response["data"] = {"type": "customerReviewResponses", "id": _response_id(seen)} if answered else None
        return {
            "type": "customerReviews", "id": _id(seen),
            "attributes": {
                "rating": seen.rating, "title": seen.title, "body": seen.text, "reviewerNickname": seen.item.author,
                "createdDate": seen.changed_at.astimezone(_CUPERTINO).isoformat(timespec="seconds"),
                "territory": _TERRITORIES[seen.item.place],
            },
            "relationships": {"response": response}, "links": {"self": own},
        }

    def _response(self, seen: Seen) -> dict[str, Any]:
        """The developer has one response a review: the newest one stands."""
        said = self.world.replies(seen.item.key)[-1]
        return {
            "type": "customerReviewResponses", "id": _response_id(seen),
            "attributes": {
                "responseBody": said.text, "state": "PUBLISHED",
                "lastModifiedDate": said.changed_at.astimezone(_CUPERTINO).isoformat(timespec="seconds"),
            },
        }


def _error(status: int, detail: str, limits: dict[str, int]) -> Response:
    code, title = _ERRORS[status]
    error = {"id": str(uuid.UUID(int=status)), "status": str(status), "code": code, "title": title, "detail": detail}
    return JSONResponse({"errors": [error]}, status_code=status, headers=_header(limits))


def _header(limits: dict[str, int]) -> dict[str, str]:
    return {"X-Rate-Limit": "".join(f"{name}:{max(0, value)};" for name, value in limits.items())}


def _id(seen: Seen) -> str:
    return str(uuid.UUID(bytes=hashlib.sha256(seen.item.key.encode()).digest()[:16]))


def _response_id(seen: Seen) -> str:
    return str(uuid.UUID(bytes=hashlib.sha256(f"{seen.item.key} response".encode()).digest()[:16]))
