"""A shop on Naver (SmartStore): product Q&A and customers' inquiries, with the seller's answers (Commerce API).

https://apicenter.commerce.naver.com; the token is asked for with a bcrypt signature, from a registered IP address only.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import bcrypt

from contracts.clock import KST, from_iso, to_iso
from contracts.errors import ContractError, CredentialsRejected, Forbidden, GwidamError, QuotaExhausted, SourceChanged
from contracts.mention import Kind, Mention
from listeners import vanished
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.http import Answer
from listeners.times import When, korean
from listeners.values import identifier, mapping, objects, text
from listeners.vanished import Presence, listed

_ID = Credential(name="client_id", help="the application ID at apicenter.commerce.naver.com (내 스토어 애플리케이션)")
_SECRET = Credential(name="client_secret", help="the application's secret, which begins with $2a$")
PAGE_SIZE = 100
MAX_PAGES = 300
_LISTS = ("qna", "inquiry")


class NaverCommerce(Listener):
    """Both lists over the last weeks (option `revisit_days`, 30), since answers come late and carry no time."""

    name: ClassVar[str] = "naver_commerce"
    title_ko: ClassVar[str] = "네이버 스마트스토어 문의"
    title_en: ClassVar[str] = "Naver SmartStore inquiries"
    base_url: ClassVar[str] = "https://api.commerce.naver.com/external"
    shows_answers: ClassVar[bool] = True
    credentials: ClassVar[tuple[Credential, ...]] = (_ID, _SECRET)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Every page of the Q&A, then of the inquiries; questions that are no longer there are deleted ones."""
        token, since = self._token(ask), _since(ask)
        for what in _LISTS:
            ask.findings.queries.append(what)
            presence = Presence(ask, f"present_{what}")
            whole = yield from self._list(ask, token, what, since, presence)
            if whole:
                yield from presence.gone(since)
        ask.findings.mark["looked_at"] = to_iso(ask.now)

    def check(self, ask: Ask) -> str:
        """Get a token and ask for a day of questions."""
        body = self._get(ask, self._token(ask), "qna", ask.now - timedelta(days=1), 1)
        total = body.get("totalElements", "?") if isinstance(body, Mapping) else "?"
        return f"{ask.settings.name}: the keys work; {total} questions in the last day"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A question or inquiry each, and one more for its answer."""
        if page.kind == vanished.KIND:
            kind = Kind.INQUIRY if page.extra.get("list") == "present_inquiry" else Kind.QUESTION
            yield from vanished.deleted(page, context, kind)
            return
        name, build = _SHAPES[page.kind if page.kind in _SHAPES else "qna"]
        yield from parse_each(
            objects(page.body, name, context.source), context, lambda item: build(item, page.extra, context), name
        )

    def _list(
        self, ask: Ask, token: str, what: str, since: datetime, presence: Presence
    ) -> Generator[Page, None, bool]:
        """The pages of a list; returns whether it was read to its end."""
        name, seen = _SHAPES[what][0], set[str]()
        for number in range(1, MAX_PAGES + 1):
            body = self._get(ask, token, what, since, number)
            items = listed(body, name)
            ids = {_native_id(item, what) for item in items}
            if ids and ids <= seen:
                ask.findings.lack("repeated", f"{ask.settings.name}: the list {what} repeated a page; the rest lacks")
                return False
            seen |= ids
            for item in items:
                presence.note(_native_id(item, what), _noted_at(item, what, ask.now))
            yield Page(kind=what, body=body, extra={"answered": _first_answered(ask, items, what)})
            if number >= _pages(body):
                return True
        ask.findings.cap_hit = True
        ask.findings.lack("cap", f"{ask.settings.name}: more than {MAX_PAGES} pages in {what}; set revisit_days lower")
        return False

    def _token(self, ask: Ask) -> str:
        client_id, secret = ask.settings.credential(_ID), ask.settings.credential(_SECRET)
        stamp = str(int((ask.client.now.timestamp() - 3) * 1000))
        try:
            signed = bcrypt.hashpw(f"{client_id}_{stamp}".encode(), secret.encode())
        except ValueError:
            raise CredentialsRejected(
                f"{ask.settings.name}: the key 'client_secret' is none of Naver's; {_SECRET.help}",
                source=ask.settings.name,
            ) from None
        body = ask.client.post_json(
            ask.url(self, "/v1/oauth2/token"),
            data={
                "client_id": client_id, "timestamp": stamp, "client_secret_sign": base64.b64encode(signed).decode(),
                "grant_type": "client_credentials", "type": "SELF",
            },
            explain=lambda answer: _token_refusal(answer, ask),
        )
        token = body.get("access_token") if isinstance(body, Mapping) else None
        if not isinstance(token, str) or not token:
            raise SourceChanged(
                f"{ask.settings.name}: the answer holds no access_token; check base_url", source=ask.settings.name
            )
        return token

    def _get(self, ask: Ask, token: str, what: str, since: datetime, number: int) -> Any:
        first, last = since.astimezone(KST), ask.now.astimezone(KST)
        if what == "qna":
            path = "/v1/contents/qnas"
            params = {"fromDate": _exact(first), "toDate": _exact(last)}
        else:
            path = "/v1/pay-user/inquiries"
            params = {"startSearchDate": f"{first:%Y-%m-%d}", "endSearchDate": f"{last:%Y-%m-%d}"}
        return ask.client.get_json(
            ask.url(self, path), params={**params, "page": number, "size": PAGE_SIZE},
            headers={"Authorization": f"Bearer {token}"}, explain=lambda answer: _refusal(answer, ask),
        )


def _exact(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _since(ask: Ask) -> datetime:
    """How far back to look: the revisited weeks, more after a longer absence, the whole look-back at first."""
    looked = ask.mark.get("looked_at")
    if not isinstance(looked, str):
        return ask.since or ask.now - timedelta(days=56)
    revisit = ask.now - timedelta(days=ask.settings.option("revisit_days", 30.0))
    return min(revisit, from_iso(looked) - timedelta(days=1))


def _refusal(answer: Answer, ask: Ask) -> GwidamError | None:
    if answer.status == 429 and "QUOTA" in answer.text:
        return QuotaExhausted(
            f"{ask.settings.name}: the day's quota is used up; what came is kept, the next run goes on",
            source=ask.settings.name,
        )
    if answer.status == 403 and "GW.AUTHN" in answer.text:
        return Forbidden(
            f"{ask.settings.name}: the application may not read this (403 GW.AUTHN); add the API group 문의, "
            "and this machine's IP address, at apicenter.commerce.naver.com",
            source=ask.settings.name,
        )
    return None


def _token_refusal(answer: Answer, ask: Ask) -> GwidamError | None:
    if answer.status not in {400, 401}:
        return None
    return CredentialsRejected(
        f"{ask.settings.name}: Naver rejected client_id and client_secret ({answer.status}); copy both again from "
        "apicenter.commerce.naver.com, and check this machine's clock",
        source=ask.settings.name,
    )


def _first_answered(ask: Ask, items: list[Any], what: str) -> dict[str, list[str | None]]:
    """When an answer without a time appeared: [the last look without it, the first look with it], kept in the mark."""
    known = dict(ask.mark.get("answered", {})) | dict(ask.findings.mark.get("answered", {}))
    found: dict[str, list[str | None]] = {}
    for item in items:
        if what == "qna" and (item.get("answered") is True or item.get("answer")):
            native_id = _native_id(item, what)
            found[native_id] = known.get(native_id) or [_last_without(item, what, ask), to_iso(ask.now)]
    ask.findings.mark["answered"] = dict(list((known | found).items())[-5_000:])
    return found


def _last_without(item: Mapping[str, Any], what: str, ask: Ask) -> str:
    looked, written = ask.mark.get("looked_at"), _noted_at(item, what, ask.now)
    return to_iso(max(written, from_iso(looked)) if isinstance(looked, str) else written)


def _native_id(item: Mapping[str, Any], what: str) -> str:
    return f"{what}-{item.get('questionId' if what == 'qna' else 'inquiryNo')}"


def _noted_at(item: Mapping[str, Any], what: str, now: datetime) -> datetime:
    try:
        return korean(text(item, "createDate" if what == "qna" else "inquiryRegistrationDateTime")).first
    except ContractError:
        return now  # parse refuses the record


def _pages(body: Any) -> int:
    total = body.get("totalPages") if isinstance(body, Mapping) else None
    return total if isinstance(total, int) else 0


def _question(item: Any, extra: Mapping[str, Any], context: ParseContext) -> Iterator[Mention]:
    asked = mapping(item)
    native_id = f"qna-{identifier(asked, 'questionId')}"
    answer = text(asked, "answer")
    answered = bool(answer) or asked.get("answered") is True
    product = identifier(asked, "productId", required=False)
    store = context.settings.option("store", "main")
    yield _customer(
        native_id, Kind.QUESTION, context, written=korean(text(asked, "createDate", required=True)), answered=answered,
        text=context.mask(text(asked, "question", required=True)), author=text(asked, "maskedWriterId"),
        product=context.mask(text(asked, "productName")),
        url=f"https://smartstore.naver.com/{store}/products/{product}" if product else "",
    )
    if answer:
        yield _answer(native_id, context, answer, None, extra.get("answered", {}).get(native_id) or [None, None])


def _inquiry(item: Any, extra: Mapping[str, Any], context: ParseContext) -> Iterator[Mention]:
    asked = mapping(item)
    native_id = f"inquiry-{identifier(asked, 'inquiryNo')}"
    answer, at = text(asked, "answerContent"), text(asked, "answerRegistrationDateTime")
    answered = bool(answer) or asked.get("answered") is True
    answered_at = korean(at) if at else None
    yield _customer(
        native_id, Kind.INQUIRY, context, written=korean(text(asked, "inquiryRegistrationDateTime", required=True)),
        answered=answered, answered_at=answered_at.at if answered_at and answered else None,
        title=context.mask(text(asked, "title")), text=context.mask(text(asked, "inquiryContent", required=True)),
        author=identifier(asked, "customerId", required=False), place=text(asked, "category"),
        product=context.mask(text(asked, "productName")), url="https://sell.smartstore.naver.com/",
    )
    if answer:
        yield _answer(native_id, context, answer, answered_at, [None, None])


def _customer(
    native_id: str, kind: Kind, context: ParseContext, *, written: When, author: str, **said: Any
) -> Mention:
    bounds = written.bounds
    return Mention(
        source=context.source, native_id=native_id, kind=kind, brands=(context.brand.id,),
        fetched_at=context.fetched_at, thread_native_id=native_id, author_key=context.author(author or None),
        published_at=written.at, not_before=bounds[0], not_after=bounds[1],
        answers_checked_at=context.fetched_at, **said,
    )


def _answer(
    native_id: str, context: ParseContext, said: str, at: When | None, between: list[str | None]
) -> Mention:
    """The seller's answer: at its time, or between the two looks that it appeared in."""
    bounds = at.bounds if at else tuple(from_iso(moment) if moment else None for moment in between)
    return Mention(
        source=context.source, native_id=f"{native_id}#answer", kind=Kind.COMMENT, brands=(context.brand.id,),
        fetched_at=context.fetched_at, text=context.mask(said), thread_native_id=native_id, parent_native_id=native_id,
        is_official=True, published_at=at.at if at else None, not_before=bounds[0], not_after=bounds[1],
    )


_SHAPES: Mapping[str, tuple[str, Callable[[Any, Mapping[str, Any], ParseContext], Iterator[Mention]]]] = {
    "qna": ("contents", _question),
    "inquiry": ("content", _inquiry),
}
