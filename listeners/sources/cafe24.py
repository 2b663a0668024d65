"""The shop's own boards at Cafe24 through its Admin API: reviews, product Q&A and 1:1 inquiries, with their answers.

An answer is an article below the question, or a comment by one of the shop's accounts. The API allows bursts of
forty requests and two a second after that. https://developers.cafe24.com/docs/ko/api/admin/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from contracts.clock import KST, from_iso, to_iso
from contracts.errors import ConfigurationError, ContractError, CredentialsRejected, GwidamError, RateLimited
from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.http import Answer
from listeners.markup import element_text, soup
from listeners.renewed_tokens import access_token
from listeners.times import instant
from listeners.values import clean, identifier, mapping, objects, stars, text, whole
from listeners.vanished import KIND as GONE
from listeners.vanished import Presence, deleted

_ACCOUNT = Credential(
    name="account",
    help="the path of a JSON file with client_id, client_secret and refresh_token of an app in your Cafe24 mall "
    "that has the scope mall.read_community; the tokens in it are renewed there",
    required=False,
)
_TOKEN = Credential(
    name="token", help="an access token of such an app, which lives two hours; for a first look", required=False
)
_TOKEN_LIVES = timedelta(hours=2)
_KINDS = {4: Kind.REVIEW, 6: Kind.QUESTION, 9: Kind.INQUIRY}
_PRESENT = "present_"
_PAGE_SIZE = 100
_LAST_OFFSET = 8_000
_API_VERSION = "2025-12-01"


class Cafe24(Listener):
    """The boards of the option `boards` (4 reviews, 6 product Q&A, 9 1:1) of the mall that base_url names."""

    name: ClassVar[str] = "cafe24"
    title_ko: ClassVar[str] = "카페24 게시판(리뷰·문의)"
    title_en: ClassVar[str] = "Cafe24 boards"
    shows_answers: ClassVar[bool] = True
    credentials: ClassVar[tuple[Credential, ...]] = (_ACCOUNT, _TOKEN)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Every article of the last `open_days` (on the first run since `since`), and the comments of reviews.

        When all boards were read whole, every answer to an article of that window has been seen.
        """
        boards: tuple[int, ...] = ask.settings.option("boards", (4, 6, 9))
        token = _token(ask, self)
        for board in boards:
            ask.findings.queries.append(f"board {board}")
            yield from self._board(ask, token, board)
        answers_show = {6, 9, *ask.settings.option("comment_boards", (4,))}
        if not ask.findings.lacks and answers_show.issuperset(boards):
            ask.findings.answers_from = ask.now - _open(ask)
            ask.findings.answers_to = ask.now

    def check(self, ask: Ask) -> str:
        """Read one article of the first board."""
        board = ask.settings.option("boards", (4, 6, 9))[0]
        body = self._get(ask, _token(ask, self), f"boards/{board}/articles", {"limit": 1})
        count = len(objects(body, "articles", ask.settings.name))
        return f"{ask.settings.name}: the key works; {count} article of board {board} read"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """An article each, the comments of one article, or the articles that have gone."""
        if page.kind == GONE:
            board = str(page.extra.get("list", "")).removeprefix(_PRESENT)
            yield from deleted(page, context, _KINDS.get(int(board) if board.isdecimal() else 0, Kind.POST))
        elif page.kind == "comments":
            comments = objects(page.body, "comments", context.source)
            yield from parse_each(comments, context, lambda item: _comment(item, page, context), "comments")
        else:
            articles = objects(page.body, "articles", context.source)
            yield from parse_each(articles, context, lambda item: _article(item, page, context), "articles")

    def _board(self, ask: Ask, token: str, board: int) -> Iterator[Page]:
        whole_reads: dict[str, str] = ask.findings.mark.setdefault("whole", {})
        marked = whole_reads.get(str(board))
        name = ask.settings.name
        start = from_iso(marked) - _open(ask) if marked else ask.since or ask.now - _open(ask)
        window = {"start_date": _day(start), "end_date": _day(ask.now), "limit": _PAGE_SIZE}
        presence, last = Presence(ask, f"{_PRESENT}{board}"), list[str]()
        for offset in range(0, _LAST_OFFSET + 1, _PAGE_SIZE):
            body = self._get(ask, token, f"boards/{board}/articles", {**window, "offset": offset})
            articles = _listed(body, "articles")
            ids = [str(article.get("article_no")) for article in articles]
            if ids and ids == last:
                ask.findings.lack("repeated", f"{name}: Cafe24 gave a page twice; the rest stays to be read")
                return
            last = ids
            about = {"board": board, "name": self._name(ask, token, board)}
            yield Page(kind="articles", body=body, extra=about)
            yield from self._comments(ask, token, about, articles)
            for number, written in _written(articles):
                presence.note(f"{board}/{number}", written)
            if len(ids) < _PAGE_SIZE:
                yield from presence.gone(start)
                whole_reads[str(board)] = to_iso(ask.now)
                return
        ask.findings.cap_hit = True
        ask.findings.lack("cap", f"{name}: board {board} has over {_LAST_OFFSET:,} articles since {start:%Y-%m-%d}")

    def _name(self, ask: Ask, token: str, board: int) -> str:
        """What the mall calls a board, asked once and kept; '' where it does not tell, which costs no article."""
        names: dict[str, str] = ask.findings.mark.setdefault("names", {})
        if str(board) not in names:
            try:
                listed = _listed(self._get(ask, token, "boards", {}), "boards")
            except GwidamError:
                ask.findings.skipped["board names"] += 1
                return ""
            told = {str(one.get("board_no")): one.get("board_name") for one in listed}
            names |= {number: clean(name)[:100] for number, name in told.items() if isinstance(name, str)}
            names.setdefault(str(board), "")
        return names[str(board)]

    def _comments(
        self, ask: Ask, token: str, about: Mapping[str, Any], articles: list[Mapping[str, Any]]
    ) -> Iterator[Page]:
        """The comments of a board whose answers are comments (option `comment_boards`); once a day when answered."""
        board = about["board"]
        yesterday = to_iso(ask.now - timedelta(days=1))
        answered: dict[str, str] = ask.findings.mark.setdefault("answered", {})
        if board not in ask.settings.option("comment_boards", (4,)):
            return
        for article in articles:
            number = str(article.get("article_no"))
            rests = answered.get(f"{board}/{number}", "") > yesterday
            if not number.isdecimal() or rests or _parent(article) or article.get("deleted") == "T":
                continue
            body = self._get(ask, token, f"boards/{board}/articles/{number}/comments", {"limit": _PAGE_SIZE})
            yield Page(kind="comments", body=body, extra={**about, "article": number})
            official = (ask.brand.is_official(ask.settings.name, *_names(one)) for one in _listed(body, "comments"))
            if any(official):
                answered[f"{board}/{number}"] = to_iso(ask.now)
        for known in list(answered)[:-5_000]:
            del answered[known]

    def _get(self, ask: Ask, token: str, path: str, given: Mapping[str, Any]) -> Any:
        headers = {
            "Authorization": f"Bearer {token}",
            "X-Cafe24-Api-Version": ask.settings.option("api_version", _API_VERSION),
        }
        url = ask.url(self, f"/api/v2/admin/{path}")
        answer = ask.client.get(url, params=given, headers=headers, explain=lambda refused: _limited(ask, refused))
        used, _, size = answer.headers.get("x-api-call-limit", "").partition("/")
        if used.isdecimal() and size.isdecimal() and int(used) * 4 >= int(size) * 3:
            ask.client.pause_at_least(0.6)  # the bucket is three quarters full, and drains two a second
        return ask.client.decoded(answer)


def _token(ask: Ask, listener: Cafe24) -> str:
    """The access token of this run: the given one, or the account's, renewed when it is due."""
    name, given = ask.settings.name, ask.settings.credential(_TOKEN)
    if not ask.settings.base_url:
        raise ConfigurationError(f"{name}: set base_url to your mall, https://MALL.cafe24api.com", source=name)
    account = ask.settings.credential(_ACCOUNT)
    if account:
        url = ask.url(listener, "/api/v2/oauth/token")
        return access_token(Path(account), url=url, lives=_TOKEN_LIVES, client=ask.client, now=ask.now)
    if not given:
        message = f"{name}: the key 'token' is not set, nor is 'account' (docs/sources/cafe24.md): {_ACCOUNT.help}"
        raise CredentialsRejected(message, source=name)
    return given


def _limited(ask: Ask, answer: Answer) -> GwidamError | None:
    """A mall over its limits says in seconds when calls pass again, not in Retry-After."""
    waits = [answer.headers.get(f"x-cafe24-{what}-remain", "") for what in ("call", "time")]
    seconds = max((int(wait) for wait in waits if wait.isdecimal() and len(wait) < 7), default=0)
    if answer.status != 429 or not seconds:
        return None
    until = ask.client.now + timedelta(seconds=seconds)
    message = f"{ask.settings.name}: the mall's calls are used up (429); again after {until:%Y-%m-%d %H:%M} UTC"
    return RateLimited(message, until=until, source=ask.settings.name)


def _open(ask: Ask) -> timedelta:
    return timedelta(days=ask.settings.option("open_days", 14.0))


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(KST):%Y-%m-%d}"


def _listed(body: Any, name: str) -> list[Mapping[str, Any]]:
    found = body.get(name) if isinstance(body, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _names(one: Mapping[str, Any]) -> list[str]:
    """What the writer is called: for members only, since a guest may take any name, the shop's too."""
    return [str(one[name]) for name in ("member_id", "writer", "nick_name") if one.get("member_id") and one.get(name)]


def _place(page: Page, context: ParseContext) -> str:
    """The board as its customers know it; its number where the mall does not tell."""
    return context.mask(str(page.extra.get("name") or "")) or f"board {page.extra.get('board')}"


def _parent(article: Mapping[str, Any]) -> str:
    """The article that this one answers; '' for one that began its thread, which names itself, 0 or nothing."""
    parent = identifier(article, "parent_article_no", required=False)
    return "" if parent in {"0", identifier(article, "article_no", required=False)} else parent


def _written(articles: list[Mapping[str, Any]]) -> Iterator[tuple[str, datetime]]:
    """Number and time of each article that is still there and can be read."""
    for article in articles:
        try:
            number, written = identifier(article, "article_no"), text(article, "created_date", required=True)
            if article.get("deleted") != "T":
                yield number, instant(written)
        except ContractError:
            continue  # parse refuses it


def _article(item: Any, page: Page, context: ParseContext) -> Iterator[Mention]:
    article = mapping(item)
    board = int(page.extra.get("board", 0))
    native_id = f"{board}/{identifier(article, 'article_no')}"
    if article.get("deleted") == "T":
        yield from deleted(Page(kind=GONE, body=[native_id]), context, _KINDS.get(board, Kind.POST))
        return
    parent = _parent(article)
    title, body = text(article, "title"), _plain(text(article, "content"))
    if not title and not body:
        raise ContractError("the article has neither a title nor a text")
    below = f"{board}/{parent}" if parent else None
    is_official = context.brand.is_official(context.source, *_names(article))
    answered = None if is_official or below else _answered(article)
    author = identifier(article, "member_id", required=False) or text(article, "writer")
    yield Mention(
        source=context.source,
        native_id=native_id,
        kind=Kind.COMMENT if below else _KINDS.get(board, Kind.POST),
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        title=context.mask(title),
        text=context.mask(body),
        thread_native_id=below or native_id,
        parent_native_id=below,
        author_key=context.author(author),
        is_official=is_official,
        rating=stars(article, "rating") if article.get("rating") not in (None, 0, "0") else None,
        views=whole(article, "hit"),
        published_at=instant(text(article, "created_date", required=True)),
        answered=answered,
        # A board that says who was answered was looked at in this very page; for others the comments tell.
        answers_checked_at=context.fetched_at if answered is not None else None,
        place=_place(page, context),
        product=identifier(article, "product_no", required=False),
    )


def _comment(item: Any, page: Page, context: ParseContext) -> Iterator[Mention]:
    comment = mapping(item)
    thread = f"{page.extra.get('board')}/{page.extra.get('article')}"
    author = identifier(comment, "member_id", required=False) or text(comment, "writer")
    yield Mention(
        source=context.source,
        native_id=f"{thread}#c{identifier(comment, 'comment_no')}",
        kind=Kind.COMMENT,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        text=context.mask(_plain(text(comment, "content", required=True))),
        thread_native_id=thread,
        parent_native_id=thread,
        author_key=context.author(author),
        is_official=context.brand.is_official(context.source, *_names(comment)),
        published_at=instant(text(comment, "created_date", required=True)),
        place=_place(page, context),
    )


def _answered(article: Mapping[str, Any]) -> bool | None:
    """reply_status: N waiting, P in work, C complete; a board without it says nothing."""
    status = article.get("reply_status")
    return {"C": True, "P": False, "N": False}.get(status) if isinstance(status, str) else None


def _plain(content: str) -> str:
    """Articles are written in an HTML editor."""
    return element_text(soup(content).body) if "<" in content else content
