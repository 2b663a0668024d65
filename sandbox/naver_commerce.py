"""Naver's Commerce API: a token for a bcrypt signature, product Q&A without answer times, inquiries with them."""

from __future__ import annotations

import base64
import math
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import bcrypt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import KST
from sandbox.items import Seen
from sandbox.world import World

CLIENT_ID = "sandboxcommerce00000001"
CLIENT_SECRET = "$2a$04$sandboxsandboxsandboxu"
TOKEN = "sandbox-commerce-token"
_PREFIX = "/commerce"


class NaverCommerceServer:
    """`/v1/oauth2/token`, `/v1/contents/qnas` and `/v1/pay-user/inquiries`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """The three."""
        return [
            Route(f"{_PREFIX}/v1/oauth2/token", self.token, methods=["POST"]),
            Route(f"{_PREFIX}/v1/contents/qnas", self.questions),
            Route(f"{_PREFIX}/v1/pay-user/inquiries", self.inquiries),
        ]

    async def token(self, request: Request) -> Response:
        """A token for three hours, when the signature is the secret's over id and time."""
        given = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        wanted = bcrypt.hashpw(f"{CLIENT_ID}_{given.get('timestamp', '')}".encode(), CLIENT_SECRET.encode())
        signed = base64.b64encode(wanted).decode()
        if given.get("client_id") != CLIENT_ID or given.get("client_secret_sign") != signed:
            return _error(400, "BAD_REQUEST", "client_secret_sign 항목이 유효하지 않습니다.")
        return JSONResponse({"access_token": TOKEN, "expires_in": 10_800, "token_type": "Bearer"})

    async def questions(self, request: Request) -> Response:
        """Product Q&A between two exact times; both are required."""
        if (refused := _refuse(request)) is not None:
            return refused
        given = request.query_params
        try:
            first, last = (datetime.fromisoformat(given[name]) for name in ("fromDate", "toDate"))
            if first.tzinfo is None or last.tzinfo is None:
                raise ValueError("no offset")
        except (KeyError, ValueError):
            return _error(400, "BAD_REQUEST", "fromDate, toDate: 필수 값이 누락되었거나 형식이 올바르지 않습니다.")
        found = [seen for seen in self._roots("qna") if first <= seen.item.at <= last]
        page, size = _paging(given.get("page", "1"), given.get("size", "100"))
        return JSONResponse({
            "contents": [self._question(seen) for seen in found[(page - 1) * size : page * size]],
            "page": page, "size": size, "totalElements": len(found), "totalPages": math.ceil(len(found) / size),
        })

    async def inquiries(self, request: Request) -> Response:
        """Customers' inquiries of whole days; both days are required, wrong ones are code 4001."""
        if (refused := _refuse(request)) is not None:
            return refused
        given = request.query_params
        try:
            first, last = (date.fromisoformat(given[name]) for name in ("startSearchDate", "endSearchDate"))
            page, size = _paging(given.get("page", "1"), given.get("size", "10"))
            if not 10 <= size <= 200:
                raise ValueError("size")
        except (KeyError, ValueError):
            return _error(400, "4001", "검색 조건이 올바르지 않습니다.")
        found = [seen for seen in self._roots("inquiry") if first <= seen.item.at.astimezone(KST).date() <= last]
        pages = math.ceil(len(found) / size)
        return JSONResponse({
            "content": [self._inquiry(seen) for seen in found[(page - 1) * size : page * size]],
            "totalPages": pages, "totalElements": len(found), "number": page - 1, "size": size, "last": page >= pages,
        })

    def _roots(self, what: str) -> list[Seen]:
        return [one for one in self.world.seen("naver_commerce") if one.item.is_root and one.item.place == what]

    def _product(self, seen: Seen) -> tuple[str, str]:
        product = seen.item.extra.get("product", "M1001")
        return product, str(self.world.shop["products"][product]["name"])

    def _question(self, seen: Seen) -> dict[str, Any]:
        product, name = self._product(seen)
        answers = self.world.replies(seen.item.key)
        return {
            "questionId": int(seen.item.native_id), "productId": int(product[1:]), "productName": name,
            "question": seen.text, "answer": answers[-1].text if answers else None, "answered": bool(answers),
            "maskedWriterId": f"{seen.item.author[:4]}****", "createDate": _exact(seen.item.at),
        }

    def _inquiry(self, seen: Seen) -> dict[str, Any]:
        product, name = self._product(seen)
        answers = self.world.replies(seen.item.key)
        answer = {} if not answers else {
            "answerContentId": 1, "answerContent": answers[-1].text,
            "answerRegistrationDateTime": _exact(answers[-1].item.at),
        }
        return {
            "inquiryNo": int(seen.item.native_id), "category": seen.item.extra.get("category", "기타"),
            "title": seen.title, "inquiryContent": seen.text, "inquiryRegistrationDateTime": _exact(seen.item.at),
            "answered": bool(answers), "orderId": "2026110112345671", "productNo": product[1:], "productName": name,
            "customerId": seen.item.author, "customerName": "김모아", **answer,
        }


def _refuse(request: Request) -> Response | None:
    if request.headers.get("authorization", "") != f"Bearer {TOKEN}":
        return _error(401, "GW.AUTHN", "요청을 보낼 권한이 없습니다.")
    return None


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message, "timestamp": "2026-11-22T12:00:00.000+09:00"}, status)


def _paging(page: str, size: str) -> tuple[int, int]:
    return max(1, int(page)), max(1, min(200, int(size)))


def _exact(at: datetime) -> str:
    return (at.astimezone(KST) + timedelta(milliseconds=120)).isoformat(timespec="milliseconds")
