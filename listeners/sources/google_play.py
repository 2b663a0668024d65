"""Google Play reviews of one's own app, with the developer's replies (Google Play Developer API v3).

The API gives only reviews with text that were written or changed within the last week.
https://developers.google.com/android-publisher/reply-to-reviews
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from contracts.errors import ConfigurationError, ContractError
from contracts.mention import Kind, Mention
from listeners import vanished
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.signed_tokens import google_access_token
from listeners.times import epoch
from listeners.values import identifier, mapping, objects, stars, text, whole
from listeners.vanished import Presence, listed

_TOKEN = Credential(
    name="token",
    help="set it to an access token with the scope androidpublisher, or set service_account to the JSON key (or its "
    "path) of a service account that may reply to reviews (Play Console > Users and permissions)",
    unless="service_account",
)
_ACCOUNT = Credential(name="service_account", help="a service account's JSON key, or the path of it", required=False)
_SCOPE = "https://www.googleapis.com/auth/androidpublisher"
_PAGE_SIZE = 100
_MAX_PAGES = 200
_WINDOW = timedelta(days=7) - timedelta(hours=1)  # what is listed for certain: older reviews leave by themselves
_GONE = (404, 410)


class GooglePlay(Listener):
    """Reviews of the app named by the option `package`."""

    name: ClassVar[str] = "google_play"
    title_ko: ClassVar[str] = "구글 플레이 리뷰"
    title_en: ClassVar[str] = "Google Play reviews"
    base_url: ClassVar[str] = "https://androidpublisher.googleapis.com"
    shows_answers: ClassVar[bool] = True
    credentials: ClassVar[tuple[Credential, ...]] = (_TOKEN, _ACCOUNT)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Every page of the last week's reviews: late answers and edits are in them. Then those that are missing.

        A review of this week that is no longer listed is asked for by its id: only one that Google no longer has is
        gone, for a review may also have lost its text.
        """
        package, access, token, seen = self._package(ask), self._access(ask), "", set[str]()
        present = Presence(ask)
        ask.findings.queries.append(package)
        for _ in range(_MAX_PAGES):
            body = self._get(ask, package, access, token)
            yield Page(kind="reviews", body=body, extra={"package": package})
            for review in listed(body, "reviews"):
                _note(present, review)
            token = _next_token(body)
            if not token:
                for page in present.gone(ask.now - _WINDOW):
                    yield replace(page, body=[one for one in page.body if self._is_gone(ask, package, access, one)])
                return
            if token in seen:
                ask.findings.lack("repeated", f"{ask.settings.name}: the source repeated a page; the rest is missing")
                return
            seen.add(token)
        ask.findings.cap_hit = True
        ask.findings.lack("cap", f"{ask.settings.name}: more than {_MAX_PAGES} pages of reviews in a week")

    def check(self, ask: Ask) -> str:
        """Read one page and count it."""
        package = self._package(ask)
        body = self._get(ask, package, self._access(ask), "")
        count = len(objects(body, "reviews", ask.settings.name, required=False))
        return f"{ask.settings.name}: {package} can be read; {count} reviews on the first page"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A review mention each, and one more for the developer's reply. What is gone is to be erased."""
        if page.kind == vanished.KIND:
            yield from vanished.deleted(page, context, Kind.REVIEW)
            return
        items = objects(page.body, "reviews", context.source, required=False)
        yield from parse_each(items, context, lambda item: _review(item, page, context), "reviews")

    def _package(self, ask: Ask) -> str:
        package = ask.settings.option("package", "")
        if not package:
            raise ConfigurationError(
                f"{ask.settings.name}: no app is named for {ask.brand.id}; "
                'set the option package = "com.example.app"',
                source=ask.settings.name,
            )
        return package

    def _access(self, ask: Ask) -> str:
        """The given access token, or one for this run that a service account's key is exchanged for."""
        account = ask.settings.credential(_ACCOUNT)
        if account and not ask.settings.credentials.get(_TOKEN.name):
            return google_access_token(account, scope=_SCOPE, client=ask.client, now=ask.now)
        return ask.settings.credential(_TOKEN)

    def _is_gone(self, ask: Ask, package: str, access: str, review_id: str) -> bool:
        url = ask.url(self, f"{_path(package)}/{quote(review_id, safe='')}")
        return ask.client.get(url, headers=_headers(access), accept=_GONE).status in _GONE

    def _get(self, ask: Ask, package: str, access: str, token: str) -> Any:
        params = {"maxResults": _PAGE_SIZE} | ({"token": token} if token else {})
        return ask.client.get_json(ask.url(self, _path(package)), params=params, headers=_headers(access))


def _path(package: str) -> str:
    return f"/androidpublisher/v3/applications/{package}/reviews"


def _headers(access: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access}"}


def _note(present: Presence, review: Mapping[str, Any]) -> None:
    try:
        present.note(identifier(review, "reviewId"), _modified(_comments(review)[0]))
    except ContractError:
        return  # parse refuses the record itself


def _next_token(body: Any) -> str:
    paging = body.get("tokenPagination") if isinstance(body, Mapping) else None
    token = paging.get("nextPageToken") if isinstance(paging, Mapping) else None
    return token if isinstance(token, str) else ""


def _review(item: Any, page: Page, context: ParseContext) -> Iterator[Mention]:
    review = mapping(item)
    native_id = identifier(review, "reviewId")
    user, developer = _comments(review)
    written_at = _modified(user)
    replied_at = _modified(developer) if developer else None
    # A review edited after the reply is a new utterance that nobody has answered yet.
    answered = replied_at is not None and replied_at >= written_at
    author = review.get("authorName")
    yield Mention(
        source=context.source,
        native_id=native_id,
        kind=Kind.REVIEW,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        text=context.mask(text(user, "text")),
        url=f"https://play.google.com/store/apps/details?id={page.extra.get('package', '')}&reviewId={native_id}",
        thread_native_id=native_id,
        author_key=context.author(author if isinstance(author, str) else None),
        rating=stars(user, "starRating", required=True),
        likes=whole(user, "thumbsUpCount"),
        published_at=written_at,
        answered=answered,
        answered_at=replied_at if answered else None,
        answers_checked_at=context.fetched_at,
        product=text(user, "appVersionName"),
    )
    if developer and text(developer, "text"):
        yield Mention(
            source=context.source,
            native_id=f"{native_id}#reply",
            kind=Kind.COMMENT,
            brands=(context.brand.id,),
            fetched_at=context.fetched_at,
            text=context.mask(text(developer, "text")),
            thread_native_id=native_id,
            parent_native_id=native_id,
            is_official=True,
            published_at=replied_at,
        )


def _comments(review: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """The user's comment and the developer's; the API lists them in one array."""
    user = developer = None
    comments = review.get("comments")
    for comment in comments if isinstance(comments, list) else []:
        if isinstance(comment, Mapping):
            user = comment.get("userComment") or user
            developer = comment.get("developerComment") or developer
    if user is None:
        raise ContractError("the review has no userComment")
    return mapping(user, "userComment"), mapping(developer, "developerComment") if developer else None


def _modified(comment: Mapping[str, Any]) -> datetime:
    modified = mapping(comment.get("lastModified"), "lastModified")
    seconds = whole(modified, "seconds")  # the API sends 64-bit numbers as text
    if seconds is None:
        raise ContractError("'lastModified' has no seconds")
    return epoch(seconds, what="'lastModified.seconds'")
