"""How each source says no: the error bodies of the real servers, by path prefix and status."""

from __future__ import annotations

import time
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

_X_TITLES = {
    400: ("Invalid Request", "https://api.twitter.com/2/problems/invalid-request"),
    401: ("Unauthorized", "about:blank"),
    402: ("CreditsDepleted", "https://api.twitter.com/2/problems/credits"),
    403: ("Forbidden", "about:blank"),
    404: ("Not Found", "about:blank"),
    429: ("Too Many Requests", "about:blank"),
    500: ("Internal Server Error", "about:blank"),
    503: ("Service Unavailable", "about:blank"),
}
_NAVER = {
    400: ("SE01", "Incorrect query request (잘못된 쿼리요청입니다.)"),
    401: ("024", "NID AUTH Result Invalid (1000) : Authentication failed. (인증에 실패했습니다.)"),
    403: ("403", "Forbidden. API 권한이 없습니다."),
    404: ("SE05", "Invalid search api (존재하지 않는 검색 api 입니다.)"),
    429: ("010", "Query limit exceeded (쿼리 한도를 초과했습니다.)"),
}
_HUB = {
    400: ("100", "Bad Request Exception", "Invalid parameter."),
    401: ("200", "Authentication Failed", "Invalid authentication information."),
    403: ("210", "Permission Denied", "A subscription to the API is required."),
    404: ("300", "Not Found Exception", "URL not found."),
    429: ("400", "Quota Exceeded", "API quota exceeded."),
}
_KAKAO = {
    400: ("InvalidArgument", "invalid argument"),
    401: ("AccessDeniedError", "wrong app key format. check your app key."),
    403: ("AccessDeniedError", "App disabled OPEN_MAP_AND_LOCAL service."),
    404: ("NotFoundError", "no such resource"),
    429: ("RequestThrottled", "API limit has been exceeded."),
}
_GOOGLE = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: (
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential.",
    ),
    403: ("PERMISSION_DENIED", "The caller does not have permission"),
    404: ("NOT_FOUND", "Package not found."),
    429: ("RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Get requests' and limit 'Get requests per hour'."),
}
_CAFE24 = {
    401: "The access_token is invalid. (invalid_token)", 403: "insufficient_scope", 404: "No API found.",
    422: "An invalid request is entered.", 429: "Too Many Requests",
}
_APPLE = {
    400: "PARAMETER_ERROR", 401: "NOT_AUTHORIZED", 403: "FORBIDDEN_ERROR", 404: "NOT_FOUND",
    429: "RATE_LIMIT_EXCEEDED",
}


def refusal(
    path: str, status: int, *, detail: str = "", retry_after: int | None = None, reset_at: float | None = None
) -> Response:
    """The error answer of the server that owns `path`; `detail` replaces its usual words.

    X tells when to come back in `x-rate-limit-reset` (epoch seconds, `reset_at` or `retry_after` from now) and
    never in Retry-After; the others send Retry-After when `retry_after` is given.
    """
    headers: dict[str, str] = {}
    if retry_after is not None and not path.startswith("/x"):
        headers["Retry-After"] = str(retry_after)
    if path.startswith("/x"):
        if status == 429:
            reset = reset_at if reset_at is not None else time.time() + (900 if retry_after is None else retry_after)
            headers |= {
                "x-rate-limit-limit": "450", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(reset)),
            }
        return JSONResponse(x_problem(status, detail), status_code=status, headers=headers)
    if path.startswith(("/board", "/itunes")):
        return HTMLResponse(f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>",
                            status_code=status, headers=headers)
    return JSONResponse(_body(path, status, detail), status_code=status, headers=headers)


def x_problem(status: int, detail: str = "") -> dict[str, Any]:
    """X's problem document."""
    title, kind = _X_TITLES.get(status, _X_TITLES[500])
    return {"title": title, "type": kind, "status": status, "detail": detail or title}


def _body(path: str, status: int, detail: str) -> dict[str, Any]:
    if path.startswith("/naver-hub"):
        code, message, details = _HUB.get(status, ("900", "Unexpected Error", "Unexpected error."))
        return {"error": {"errorCode": code, "message": message, "details": detail or details}}
    if path.startswith("/naver"):
        code, message = _NAVER.get(status, ("SE99", "System Error (시스템 에러)"))
        return {"errorMessage": detail or message, "errorCode": code}
    if path.startswith("/kakao"):
        kind, message = _KAKAO.get(status, ("InternalError", "internal error"))
        return {"errorType": kind, "message": detail or message}
    if path.startswith("/cafe24"):
        return {"error": {"code": status, "message": detail or _CAFE24.get(status, "Internal server error")}}
    if path.startswith("/appstoreconnect"):
        error = {"status": str(status), "code": _APPLE.get(status, "UNEXPECTED_ERROR"), "title": detail or "An error"}
        return {"errors": [error]}
    word, message = _GOOGLE.get(status, ("INTERNAL", "Internal error encountered."))
    reason = {"message": detail or message, "domain": "global", "reason": "backendError" if status >= 500 else word}
    return {"error": {"code": status, "message": detail or message, "errors": [reason], "status": word}}
