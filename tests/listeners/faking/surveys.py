"""Surveys: SurveyMonkey's API, and a Google Form's sheet as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any, ClassVar

from contracts.errors import CredentialsRejected
from contracts.keys import digest_key
from tests.listeners.faking.world import KST, HttpFake, Post


class SurveyMonkeyFake(HttpFake):
    name = "surveymonkey"
    keys: ClassVar = {"token": "the-survey-token"}
    options: ClassVar = {"surveys": ["1"]}
    listing = "/responses/bulk"
    text_field = "date_created"

    def native_id(self, post: Post) -> str:
        return str(post.number)

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if self.listing not in path:
            question = {"id": "9", "family": "open_ended", "headings": [{"heading": "의견"}]}
            return self.json({"pages": [{"questions": [question]}]})
        start = (int(given["page"]) - 1) * self.page_size
        links = {"next": "https://api.example/next"} if self.has_more(start) else {}
        return self.json({"data": [self.record(post, self._item(post)) for post in self.page(start)], "links": links})

    def _item(self, post: Post) -> dict[str, Any]:
        return {
            "id": self.native_id(post), "response_status": "completed", "date_created": post.at.isoformat(),
            "date_modified": (post.edited_at or post.at).isoformat(), "first_name": "하루",
            "pages": [{"questions": [{"id": "9", "answers": [{"text": post.text}]}]}],
        }  # fmt: skip


class SurveyCsvFake(HttpFake):
    """One answer holds the whole sheet: the first request is the one to break."""

    name = "survey_csv"
    options: ClassVar = {"sheet": "the-sheet", "columns": {"text": "의견", "csat": "만족도"}}
    listing = "/spreadsheets/"
    whole_requests = 0
    lost_when = frozenset({"type", "long"})  # a score is enough
    is_json = False
    ends: ClassVar = {"403": CredentialsRejected, "html": CredentialsRejected}  # Google's log-in page
    lacks: ClassVar = {
        "malformed": "half a CSV is a CSV too: only its announced length tells, which is the situation 'truncated'",
        "one page repeated": "the sheet is one answer, without pages",
        "an item on two pages": "the sheet is one answer, without pages",
    }

    def native_id(self, post: Post) -> str:
        return f"{digest_key('the-sheet')[:8]}-{digest_key(self._stamp(post))}-1"

    def received(self, mode: str) -> int:
        return 0

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        sheet = io.StringIO(newline="")
        rows = csv.writer(sheet)
        heading = ["타임스탬프", "의견", "만족도", "성함", "연락처"]
        rows.writerow([*heading, "새 질문"] if any(post.spoil == "unknown" for post in self.posts) else heading)
        for post in reversed(self.there()):
            text = {"missing": "", "long": "가" * 300_000}.get(post.spoil, post.text)
            score = "그럭저럭이라 뭐라 못하겠음" if post.spoil == "type" else "1"
            rows.writerow([self._stamp(post), text, score, "하루", "010-5555-6666"])
        return self.reply(sheet.getvalue().encode("utf-8-sig"), headers={"Content-Type": "text/csv; charset=utf-8"})

    def _stamp(self, post: Post) -> str:
        """As a Korean sheet writes it: '2026. 11. 20 오후 11:59:59'."""
        at = post.at.astimezone(KST)
        half, hour = ("오후" if at.hour >= 12 else "오전"), at.hour % 12 or 12
        return f"{at.year}. {at.month}. {at.day} {half} {hour}:{at:%M:%S}"


SURVEYS = (SurveyMonkeyFake, SurveyCsvFake)
