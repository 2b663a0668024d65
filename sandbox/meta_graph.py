"""What the stand-ins of Meta's graphs share: the token, cursors with a next address, objects by id, and errors."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MOST = 100
_TRACE = "AsandboxTrace"
_MESSAGES = {
    4: "(#4) Application request limit reached",
    10: "(#10) This endpoint requires the permission or feature that has not been granted",
    24: "(#24) The requested resource does not exist",
    100: "(#100) Invalid parameter",
    190: "Error validating access token: Session has expired.",
}


def graph_error(code: int, *, subcode: int | None = None) -> Response:
    """An error as the graph sends it: status 400, whatever it means (401 for a dead token)."""
    error: dict[str, Any] = {
        "message": _MESSAGES[code], "type": "OAuthException", "code": code, "fbtrace_id": _TRACE,
    }
    if subcode is not None:
        error["error_subcode"] = subcode
    return JSONResponse({"error": error}, status_code=401 if code == 190 else 400)


def no_such_object(object_id: str) -> Response:
    """What the graph says of an object that is gone, and in the same words of one that the token may not read."""
    message = (
        f"Unsupported get request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api"
    )
    error = {"message": message, "type": "GraphMethodException", "code": 100, "error_subcode": 33}
    return JSONResponse({"error": error | {"fbtrace_id": _TRACE}}, status_code=400)


def graph_object(request: Request, row: dict[str, Any]) -> Response:
    """One object: its id, and what it has of the `fields` that are asked for."""
    wanted = {"id", *request.query_params.get("fields", "").split(",")}
    return JSONResponse({name: value for name, value in row.items() if name in wanted})


def refuse(request: Request, token: str) -> Response | None:
    """The dead-token error, unless the header or the parameter holds the token."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ") or request.query_params.get("access_token")
    return None if given == token else graph_error(190, subcode=463)


def graph_page(request: Request, rows: list[dict[str, Any]], *, usual: int = 25) -> Response:
    """A page of rows behind `after`, with `paging.next` (which repeats the token) while there is more."""
    given = request.query_params
    limit = given.get("limit", str(usual))
    if not limit.isdigit() or not 1 <= int(limit) <= MOST:
        return graph_error(100)
    start = _place(given.get("after", ""))
    shown = rows[start : start + int(limit)]
    body: dict[str, Any] = {"data": shown}
    if shown:
        cursors = {"before": _cursor(start), "after": _cursor(start + len(shown))}
        body["paging"] = {"cursors": cursors}
        if start + len(shown) < len(rows):
            onwards = {**given, "after": cursors["after"], "access_token": "the-token-in-the-address"}
            body["paging"]["next"] = f"https://graph.example{request.url.path}?{urlencode(onwards)}"
    return JSONResponse(body, headers={"X-App-Usage": '{"call_count":3,"total_cputime":1,"total_time":2}'})


def since_until(request: Request, now: datetime) -> tuple[datetime, datetime]:
    """The window of `since` and `until` (epoch seconds); everything up to now when absent."""
    given = request.query_params
    since, until = given.get("since", "0"), given.get("until", "")
    first = datetime.fromtimestamp(int(since) if since.isdigit() else 0, UTC)
    return first, datetime.fromtimestamp(int(until), UTC) if until.isdigit() else now


def graph_time(at: datetime) -> str:
    """'2026-11-20T03:04:05+0000', without a colon."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def account_id(name: str) -> str:
    """A person's number, always the same."""
    return str(10**15 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big"))


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"at:{place}".encode()).decode()


def _place(cursor: str) -> int:
    try:
        word, _, place = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        return int(place) if word == "at" else 0
    except ValueError:
        return 0
