"""Google Sheets' CSV export of a form's answers: a redirect to another address, Korean times, answers as written."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.clock import KST
from sandbox.world import World

SHEET = "sandbox-sheet"
HEADING = (
    "타임스탬프", "모아담을 주변에 추천하고 싶으신가요? (0~10)", "이번 구매에 얼마나 만족하셨나요?",
    "모아담에 하고 싶은 말씀을 들려주세요", "답변받으실 연락처 (선택)",
)
_LOG_IN = """<!doctype html>
<html lang="ko"><head><title>Google 스프레드시트: 로그인</title></head><body>계속하려면 로그인하세요.</body></html>"""


class SheetsServer:
    """`GET /sheets/spreadsheets/d/{id}/export?format=csv`; any other sheet asks for a log-in, as Google does."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """The export and where it redirects to."""
        return [
            Route("/sheets/spreadsheets/d/{sheet}/export", self.export),
            Route("/sheets/export-content/{sheet}", self.content),
        ]

    async def export(self, request: Request) -> Response:
        """A redirect to the content, or the log-in page with status 200."""
        if request.path_params["sheet"] != SHEET or request.query_params.get("format") != "csv":
            return HTMLResponse(_LOG_IN)
        return RedirectResponse(f"/sheets/export-content/{SHEET}", status_code=307)

    async def content(self, request: Request) -> Response:
        """Every answer up to now, the oldest first."""
        written = io.StringIO(newline="")
        writer = csv.writer(written)
        writer.writerow(HEADING)
        for seen in self.world.seen("survey_csv")[::-1]:
            writer.writerow([korean_time(seen.item.at), *_answers(seen.text, seen.item.extra)])
        return Response(written.getvalue().encode(), media_type="text/csv; charset=utf-8")


def korean_time(at: datetime) -> str:
    """As a Korean sheet writes it: '2026. 11. 21 오후 9:04:53'."""
    here = at.astimezone(KST)
    half = "오전" if here.hour < 12 else "오후"
    return f"{here.year}. {here.month}. {here.day} {half} {here.hour % 12 or 12}:{here:%M:%S}"


def _answers(text: str, extra: Mapping[str, Any]) -> list[str]:
    return [extra.get("nps", ""), extra.get("csat", ""), text, extra.get("contact", "")]
