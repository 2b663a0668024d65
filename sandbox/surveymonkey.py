"""SurveyMonkey's API v3: one survey's questions and its answers in bulk, pages by number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.items import Seen
from sandbox.world import World

TOKEN = "sandbox-surveymonkey-token"
SURVEY = "411000001"
_SATISFACTION = ("매우 불만족", "불만족", "보통", "만족", "매우 만족")
_ERRORS = {
    400: ("1000", "Bad Request", "The request could not be understood."),
    401: ("1011", "Authorization Error", "The authorization token was not valid."),
    404: ("1020", "Resource Not Found", "There was an error retrieving the requested resource."),
}
_LIMITS = {
    "X-Ratelimit-App-Global-Minute-Limit": "120", "X-Ratelimit-App-Global-Minute-Remaining": "119",
    "X-Ratelimit-App-Global-Day-Limit": "500", "X-Ratelimit-App-Global-Day-Remaining": "480",
    "X-Ratelimit-App-Global-Day-Reset": "40000",
}


class SurveyMonkeyServer:
    """`/v3/surveys/{id}/details` and `/v3/surveys/{id}/responses/bulk`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """The two."""
        base = "/surveymonkey/v3/surveys/{survey}"
        return [Route(base + "/details", self.details), Route(base + "/responses/bulk", self.bulk)]

    async def details(self, request: Request) -> Response:
        """The survey's pages, questions and choices."""
        if (refused := _refuse(request)) is not None:
            return refused
        return JSONResponse(_DETAILS, headers=_LIMITS)

    async def bulk(self, request: Request) -> Response:
        """Answers changed since `start_modified_at`, by when they were changed."""
        if (refused := _refuse(request)) is not None:
            return refused
        given = request.query_params
        number, size = given.get("page", "1"), given.get("per_page", "50")
        if not number.isdigit() or not size.isdigit() or not 1 <= int(size) <= 100 or int(number) < 1:
            return _error(400)
        try:
            since = datetime.fromisoformat(given.get("start_modified_at", "1970-01-01T00:00:00")).replace(tzinfo=UTC)
        except ValueError:
            return _error(400)
        changed = [seen for seen in self.world.seen("surveymonkey") if seen.changed_at >= since]
        changed.sort(key=lambda seen: seen.changed_at, reverse=given.get("sort_order", "DESC") != "ASC")
        start, count = (int(number) - 1) * int(size), int(size)
        base = str(request.url.replace(query=""))
        links = {"self": f"{base}?page={number}&per_page={count}"}
        if start + count < len(changed):
            links["next"] = f"{base}?page={int(number) + 1}&per_page={count}"
        body = {
            "data": [_response(seen) for seen in changed[start : start + count]], "per_page": count,
            "page": int(number), "total": len(changed), "links": links,
        }
        return JSONResponse(body, headers=_LIMITS)


def _refuse(request: Request) -> Response | None:
    if request.headers.get("authorization", "") != f"Bearer {TOKEN}":
        return _error(401)
    return None if request.path_params["survey"] == SURVEY else _error(404)


def _error(status: int) -> Response:
    number, name, message = _ERRORS[status]
    error = {
        "id": number, "name": name, "message": message, "http_status_code": status,
        "docs": "https://developer.surveymonkey.com/api/v3/#error-codes",
    }
    return JSONResponse({"error": error}, status_code=status)


def _choices(prefix: str, labels: list[str]) -> list[dict[str, Any]]:
    return [
        {"id": f"{prefix}{position:02d}", "text": label, "position": position + 1, "weight": position}
        for position, label in enumerate(labels)
    ]


_DETAILS: dict[str, Any] = {
    "id": SURVEY, "title": "모아담 구매 만족도", "language": "ko", "response_count": 0,
    "pages": [{
        "id": "81", "title": "", "questions": [
            {"id": "901", "family": "matrix", "subtype": "rating",
             "headings": [{"heading": "모아담을 주변에 추천하시겠어요?"}],
             "answers": {"rows": [{"id": "9010", "text": ""}],
                         "choices": _choices("4110", [str(score) for score in range(11)])}},
            {"id": "902", "family": "single_choice", "subtype": "vertical",
             "headings": [{"heading": "<strong>상담</strong>에 얼마나 만족하셨나요?"}],
             "answers": {"choices": _choices("4120", list(_SATISFACTION))}},
            {"id": "903", "family": "open_ended", "subtype": "essay",
             "headings": [{"heading": "그렇게 느끼신 까닭을 적어 주세요"}]},
            {"id": "904", "family": "demographic", "subtype": "international",
             "headings": [{"heading": "연락처 (선택)"}]},
        ],
    }],
}


def _response(seen: Seen) -> dict[str, Any]:
    item, extra = seen.item, seen.item.extra
    questions: list[dict[str, Any]] = []
    if "nps" in extra:
        questions.append({"id": "901", "answers": [{"choice_id": f"4110{int(extra['nps']):02d}", "row_id": "9010"}]})
    if "csat" in extra:
        questions.append({"id": "902", "answers": [{"choice_id": f"4120{_SATISFACTION.index(extra['csat']):02d}"}]})
    if seen.text:
        questions.append({"id": "903", "answers": [{"text": seen.text}]})
    if "contact" in extra:
        questions.append({"id": "904", "answers": [{"row_id": "1", "text": extra["contact"]}]})
    return {
        "id": f"118{item.native_id}", "survey_id": SURVEY, "recipient_id": "", "response_status": "completed",
        "date_created": item.at.isoformat(timespec="seconds"),
        "date_modified": seen.changed_at.isoformat(timespec="seconds"),
        "ip_address": "203.0.113.9", "analyze_url":
        f"https://www.surveymonkey.example/analyze/browse/sandbox?respondent_id=118{item.native_id}",
        "pages": [{"id": "81", "questions": questions}],
    }
