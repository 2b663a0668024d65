"""SurveyMonkey: the answers of named surveys (API v3), NPS and CSAT with what people wrote beside them.

https://api.surveymonkey.com/v3/docs; a private app has 120 requests a minute and 500 a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from contracts.clock import from_iso, to_iso
from contracts.errors import ConfigurationError, ContractError, GwidamError, QuotaExhausted
from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused
from listeners.http import Answer
from listeners.markup import snippet
from listeners.rows import row_mentions
from listeners.scores import score_of
from listeners.times import When, instant
from listeners.values import identifier, mapping, objects, text

_TOKEN = Credential(
    name="token", help="an access token of an app at developer.surveymonkey.com with the scopes View Surveys and "
    "View Responses (with details)",
)
PAGE_SIZE = 100
MAX_PAGES = 200
_TAKEN = frozenset({"completed", "partial"})
_SATISFACTION = ("만족", "satisf")


class SurveyMonkey(Listener):
    """Answers of the surveys in the option `surveys`, by when they were last changed."""

    name: ClassVar[str] = "surveymonkey"
    title_ko: ClassVar[str] = "설문 (서베이몽키)"
    title_en: ClassVar[str] = "SurveyMonkey"
    base_url: ClassVar[str] = "https://api.surveymonkey.com"
    credentials: ClassVar[tuple[Credential, ...]] = (_TOKEN,)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Each survey's questions, then every page of answers changed since the mark, less a day's overlap."""
        for survey in _surveys(ask):
            ask.findings.queries.append(survey)
            details = self._get(ask, f"/v3/surveys/{survey}/details", {})
            objects(details, "pages", ask.settings.name)
            yield from self._answers(ask, survey, details)

    def check(self, ask: Ask) -> str:
        """Read the first survey's questions."""
        survey = _surveys(ask)[0]
        details = self._get(ask, f"/v3/surveys/{survey}/details", {})
        roles = {question.role for question in _questions(details, ask.settings.options).values()}
        told = ", ".join(sorted(roles)) or "no question we can use"
        return f"{ask.settings.name}: survey {survey} can be read; it has {told}"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A mention an answer that says something, and one more where it holds both an NPS and a CSAT score."""
        items = objects(page.body, "data", context.source)
        questions = _questions(page.extra.get("details"), context.settings.options)
        for index, item in enumerate(items):
            try:
                yield from list(_mentions(item, questions, context))
            except ContractError as error:
                # Its answers may hold a name or an address in any question: only the frame goes to the quarantine.
                yield context.refused(error, _frame(item), f"data[{index}]")

    def _answers(self, ask: Ask, survey: str, details: Any) -> Iterator[Page]:
        marked = ask.mark.get(survey)
        overlap = timedelta(hours=ask.settings.option("overlap_hours", 24.0))
        since = from_iso(marked) - overlap if isinstance(marked, str) else (ask.since or ask.now - timedelta(days=56))
        newest, seen = since, set[str]()
        for number in range(1, MAX_PAGES + 1):
            body = self._get(ask, f"/v3/surveys/{survey}/responses/bulk", {
                "page": number, "per_page": PAGE_SIZE, "sort_by": "date_modified", "sort_order": "ASC",
                "start_modified_at": since.strftime("%Y-%m-%dT%H:%M:%S"),
            })
            ids = {str(item.get("id")) for item in _items(body)}
            if ids and ids <= seen:
                ask.findings.lack("repeated", f"{ask.settings.name}: survey {survey} repeated a page; the rest lacks")
                return
            seen |= ids
            yield Page(kind="answers", body=body, extra={"survey": survey, "details": details})
            newest = max([newest, *_changed(body)])
            # Oldest change first: a run that ends here goes on here.
            ask.findings.mark[survey] = to_iso(newest)
            if not ids or not _has_next(body):
                return
        ask.findings.cap_hit = True
        ask.findings.lack("cap", f"{ask.settings.name}: survey {survey} has more answers; the next run goes on")

    def _get(self, ask: Ask, path: str, params: Mapping[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {ask.settings.credential(_TOKEN)}"}
        return ask.client.get_json(
            ask.url(self, path), params=params, headers=headers, explain=lambda answer: _refusal(answer, ask)
        )


def _refusal(answer: Answer, ask: Ask) -> GwidamError | None:
    """The day's requests used up (a 429 like the minute's, told apart by its headers) ends the run quietly."""
    left = answer.headers.get("x-ratelimit-app-global-day-remaining", "").strip()
    reset = answer.headers.get("x-ratelimit-app-global-day-reset", "").strip()
    if answer.status != 429 or left != "0":
        return None
    resets_at = ask.client.now + timedelta(seconds=min(int(reset), 86_400)) if reset.isdecimal() else None
    return QuotaExhausted(
        f"{ask.settings.name}: the day's requests are used up; what came is kept, the next run goes on",
        resets_at=resets_at, source=ask.settings.name,
    )


@dataclass(frozen=True, slots=True)
class _Question:
    role: str  # 'nps', 'csat' or 'text'
    choices: Mapping[str, float]


def _surveys(ask: Ask) -> tuple[str, ...]:
    surveys: tuple[Any, ...] = ask.settings.option("surveys", ())
    if not surveys:
        raise ConfigurationError(
            f'{ask.settings.name}: no survey is named; set the option surveys = ["123456789"]', source=ask.settings.name
        )
    return tuple(str(survey) for survey in surveys)


def _questions(details: Any, options: Mapping[str, Any]) -> dict[str, _Question]:
    """What each question that we can use is, by its id."""
    found: dict[str, _Question] = {}
    pages = details.get("pages") if isinstance(details, Mapping) else None
    for page in pages if isinstance(pages, list) else []:
        questions = page.get("questions") if isinstance(page, Mapping) else None
        for question in questions if isinstance(questions, list) else []:
            if isinstance(question, Mapping) and (read := _question(question, options)):
                found[str(question.get("id"))] = read
    return found


def _question(question: Mapping[str, Any], options: Mapping[str, Any]) -> _Question | None:
    heading = _heading(question)
    if _named(question, heading, options.get("skip_questions")):
        return None
    if question.get("family") == "open_ended":
        return _Question("text", {})
    choices = _choices(question, options.get("labels"))
    if _named(question, heading, options.get("nps_question")) or set(choices.values()) == set(range(11)):
        return _Question("nps", choices)
    asked = any(word in heading.casefold() for word in _SATISFACTION) and len(choices) > 2
    if _named(question, heading, options.get("csat_question")) or asked:
        return _Question("csat", choices)
    return None


def _heading(question: Mapping[str, Any]) -> str:
    headings = question.get("headings")
    first = headings[0] if isinstance(headings, list) and headings else {}
    return snippet(str(first.get("heading", ""))) if isinstance(first, Mapping) else ""


def _named(question: Mapping[str, Any], heading: str, wanted: Any) -> bool:
    """Whether the configuration names the question, by its id or a piece of its wording."""
    names = wanted if isinstance(wanted, list | tuple) else [wanted] if wanted else []
    return any(str(name) == str(question.get("id")) or (heading and str(name) in heading) for name in names)


def _choices(question: Mapping[str, Any], labels: Any) -> dict[str, float]:
    answers = question.get("answers")
    choices = answers.get("choices") if isinstance(answers, Mapping) else None
    found: dict[str, float] = {}
    for choice in choices if isinstance(choices, list) else []:
        if not isinstance(choice, Mapping):
            continue
        try:
            score = score_of(choice.get("text"), labels if isinstance(labels, Mapping) else None)
        except ContractError:
            weight = choice.get("weight")
            score = float(weight) if isinstance(weight, int) and not isinstance(weight, bool) else None
        if score is not None:
            found[str(choice.get("id"))] = score
    return found


def _mentions(item: Any, questions: Mapping[str, _Question], context: ParseContext) -> Iterator[Mention]:
    response = mapping(item)
    native_id = identifier(response, "id")
    status = text(response, "response_status")
    if status and status not in _TAKEN:
        return
    fields: dict[str, Any] = {"published_at": When(at=instant(text(response, "date_created", required=True)))}
    said: list[str] = []
    for question, answers in _given(response):
        known = questions.get(question)
        if known is not None:
            _take(known, answers, fields, said)
    fields["text"] = "\n".join(said)
    if not said and "nps" not in fields and "csat" not in fields:
        return
    link = text(response, "analyze_url")
    for mention in row_mentions(fields, context, kind=Kind.SURVEY, native_id=native_id):
        yield replace(mention, url=link if link.startswith("https://") else "")


def _frame(item: Any) -> dict[str, Any]:
    names = ("id", "survey_id", "response_status", "date_created", "date_modified")
    return {name: item.get(name) for name in names} if isinstance(item, Mapping) else {}


def _given(response: Mapping[str, Any]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    for page in _list(response, "pages"):
        for question in _list(mapping(page, "a page"), "questions"):
            asked = mapping(question, "a question")
            yield identifier(asked, "id"), [mapping(one, "an answer") for one in _list(asked, "answers")]


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name, [])
    if not isinstance(found, list):
        raise ContractError(f"'{name}' should be a list")
    return found


def _take(question: _Question, answers: list[Mapping[str, Any]], fields: dict[str, Any], said: list[str]) -> None:
    for answer in answers:
        words = text(answer, "text")
        if words:  # an open question, or the line 'other' below a choice
            said.append(words)
        choice = identifier(answer, "choice_id", required=False)
        if question.role != "text" and choice:
            if choice not in question.choices:
                raise ContractError("an answer names a choice that the survey does not have")
            fields[question.role] = question.choices[choice]


def _items(body: Any) -> list[Mapping[str, Any]]:
    data = body.get("data") if isinstance(body, Mapping) else None
    return [item for item in data if isinstance(item, Mapping)] if isinstance(data, list) else []


def _changed(body: Any) -> list[datetime]:
    found = []
    for item in _items(body):
        try:
            found.append(instant(text(item, "date_modified")))
        except ContractError:
            continue  # parse refuses the record itself, if it must
    return found


def _has_next(body: Any) -> bool:
    links = body.get("links") if isinstance(body, Mapping) else None
    return isinstance(links, Mapping) and bool(links.get("next"))
