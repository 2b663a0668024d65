"""App Store reviews of one's own app with the developer's responses (App Store Connect API).

https://developer.apple.com/documentation/appstoreconnectapi/list_all_customer_reviews_for_an_app
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from contracts.clock import from_iso, to_iso
from contracts.errors import ConfigurationError, ContractError, CredentialsRejected, GwidamError, SourceChanged
from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.http import Answer
from listeners.signed_tokens import signed
from listeners.times import instant
from listeners.values import identifier, mapping, objects, stars, text

_ISSUER = Credential(name="issuer_id", help="App Store Connect > Users and Access > Integrations: Issuer ID")
_KEY_ID = Credential(name="key_id", help="the Key ID beside the key, which needs the role Customer Support")
_PRIVATE = Credential(name="private_key", help="the whole text of the AuthKey_….p8 file that came with the key")
_PAGE_SIZE = 200
_MAX_PAGES = 100


class AppStoreConnect(Listener):
    """Reviews of the app named by the option `app_id`, each with its response."""

    name: ClassVar[str] = "app_store_connect"
    title_ko: ClassVar[str] = "앱스토어 커넥트 리뷰"
    title_en: ClassVar[str] = "App Store Connect reviews"
    base_url: ClassVar[str] = "https://api.appstoreconnect.apple.com"
    shows_answers: ClassVar[bool] = True
    credentials: ClassVar[tuple[Credential, ...]] = (_ISSUER, _KEY_ID, _PRIVATE)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Pages of 200, newest first, back to `open_days` before the last whole run: late responses are in them."""
        marked = ask.mark.get("whole")
        days = timedelta(days=ask.settings.option("open_days", 30.0))
        bottom = from_iso(marked) - days if marked else ask.since or ask.now - days
        ask.findings.queries.append(_app(ask))
        token, cursor, cursors = self._token(ask), "", set[str]()
        for _ in range(_MAX_PAGES):
            body = self._get(ask, token, cursor)
            yield Page(kind="reviews", body=body, extra={"app_id": _app(ask)})
            oldest = min(_times(body), default=None)
            cursor = _next_cursor(body)
            if not cursor or (oldest is not None and oldest < bottom):
                ask.findings.mark["whole"] = to_iso(ask.now)
                return
            if cursor in cursors:
                break
            cursors.add(cursor)
        name = ask.settings.name
        raise SourceChanged(f"{name}: Apple's pages came to no end; the next run reads them again", source=name)

    def check(self, ask: Ask) -> str:
        """Read one page."""
        body = self._get(ask, self._token(ask), "")
        count = len(objects(body, "data", ask.settings.name))
        return f"{ask.settings.name}: the key works; {count} reviews on the first page of {_app(ask)}"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A review each, and one more for its response."""
        reviews = objects(page.body, "data", context.source)
        included = objects(page.body, "included", context.source, required=False)
        responses = {str(one.get("id")): one for one in included if isinstance(one, Mapping)}
        yield from parse_each(reviews, context, lambda item: _review(item, responses, page, context), "data")

    def _token(self, ask: Ask) -> str:
        """A token for this run: Apple takes none that lives longer than twenty minutes."""
        issuer, key_id, key = (ask.settings.credential(one) for one in (_ISSUER, _KEY_ID, _PRIVATE))
        claims = {
            "iss": issuer, "aud": "appstoreconnect-v1", "iat": int(ask.now.timestamp()),
            "exp": int((ask.now + timedelta(minutes=19)).timestamp()),
        }
        return signed(claims, key=key, algorithm="ES256", key_id=key_id, source=ask.settings.name)

    def _get(self, ask: Ask, token: str, cursor: str) -> Any:
        params = {"include": "response", "sort": "-createdDate", "limit": _PAGE_SIZE}
        url = ask.url(self, f"/v1/apps/{_app(ask)}/customerReviews")
        headers = {"Authorization": f"Bearer {token}"}
        given = params | ({"cursor": cursor} if cursor else {})
        return ask.client.get_json(url, params=given, headers=headers, explain=lambda answer: _refused(ask, answer))


def _refused(ask: Ask, answer: Answer) -> GwidamError | None:
    """Apple says the same of every token it does not take: what to look at is ours to say."""
    if answer.status != 401:
        return None
    return CredentialsRejected(
        f"{ask.settings.name}: Apple rejected the token (401); see that issuer_id, key_id and private_key belong "
        "together, that the key was not revoked, and that this machine's clock is right",
        source=ask.settings.name,
    )


def _app(ask: Ask) -> str:
    app_id = str(ask.settings.options.get("app_id", ""))
    if not app_id.isdecimal():
        raise ConfigurationError(
            f"{ask.settings.name}: no app is named for {ask.brand.id}; set the option app_id to its Apple ID, a number",
            source=ask.settings.name,
        )
    return app_id


def _next_cursor(body: Any) -> str:
    """The cursor of links.next; only that is taken of the address, so that the key stays with the configured host."""
    links = body.get("links") if isinstance(body, Mapping) else None
    following = links.get("next") if isinstance(links, Mapping) else None
    if not isinstance(following, str):
        return ""
    return parse_qs(urlsplit(following).query).get("cursor", [""])[0]


def _times(body: Any) -> list[datetime]:
    found = []
    for item in body.get("data", []) if isinstance(body, Mapping) else []:
        try:
            found.append(instant(text(mapping(mapping(item).get("attributes")), "createdDate", required=True)))
        except ContractError:
            continue  # parse refuses it
    return found


def _review(
    item: Any, responses: Mapping[str, Mapping[str, Any]], page: Page, context: ParseContext
) -> Iterator[Mention]:
    review = mapping(item)
    native_id = identifier(review, "id")
    said = mapping(review.get("attributes"), "attributes")
    response = responses.get(_response_id(review))
    answer = mapping(response.get("attributes"), "the response") if response else None
    written_at = instant(text(said, "createdDate", required=True))
    answered_at = instant(text(answer, "lastModifiedDate", required=True)) if answer else None
    # A review that was edited after the response has a newer date: it waits again.
    answered = answered_at is not None and answered_at >= written_at
    yield Mention(
        source=context.source,
        native_id=native_id,
        kind=Kind.REVIEW,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        title=context.mask(text(said, "title")),
        text=context.mask(text(said, "body")),
        url=f"https://appstoreconnect.apple.com/apps/{page.extra.get('app_id', '')}/distribution/ratingsResponses",
        thread_native_id=native_id,
        author_key=context.author(text(said, "reviewerNickname")),
        rating=stars(said, "rating", required=True),
        published_at=written_at,
        answered=answered,
        answered_at=answered_at if answered else None,
        answers_checked_at=context.fetched_at,
        place=text(said, "territory"),
    )
    if answer and text(answer, "responseBody"):
        yield Mention(
            source=context.source, native_id=f"{native_id}#response", kind=Kind.COMMENT, brands=(context.brand.id,),
            fetched_at=context.fetched_at, text=context.mask(text(answer, "responseBody")), thread_native_id=native_id,
            parent_native_id=native_id, is_official=True, published_at=answered_at,
        )


def _response_id(review: Mapping[str, Any]) -> str:
    related = review.get("relationships")
    response = related.get("response") if isinstance(related, Mapping) else None
    data = response.get("data") if isinstance(response, Mapping) else None
    return str(data.get("id")) if isinstance(data, Mapping) else ""
