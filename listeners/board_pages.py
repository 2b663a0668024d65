"""Reading a board's pages: rows of a list, a post with its comments. Pure; no page raises anything but the taxonomy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from bs4.element import Tag

from contracts.errors import ContractError, Forbidden, SourceChanged
from listeners.board_elements import Elements
from listeners.board_skins import Skin
from listeners.markup import attribute, element_text
from listeners.times import When, in_list, instant, korean
from listeners.values import TEXT_LIMIT

_NUMBER = re.compile(r"\d[\d,]*")
_PAGE = re.compile(r"[?&]page=(\d{1,6})(?:$|&)")
_WRITTEN = re.compile(r"(?:작성일|등록일|date)\s*:?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One row of a list: the post's number, how many comments it has, when it was written (maybe only the day)."""

    id: str
    comments: int
    written: When | None
    is_secret: bool
    is_notice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A list's rows, and the highest page number its pager links to (0 when it links to none)."""

    rows: list[ListRow]
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment; `depth` counts how far it is moved in, 0 for an answer to the post."""

    id: str
    author: str
    is_member: bool
    text: str
    written: When
    depth: int
    is_secret: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A post with its comments in the page's order."""

    title: str
    author: str
    is_member: bool
    text: str
    written: When
    likes: int | None
    views: int | None
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A page that stands for a post one may not read: it is gone, or closed to guests."""

    is_gone: bool


def read_list(html: str, skin: Skin, fetched_at: datetime, source: str) -> ListPage:
    """A list page; SourceChanged when there are none and the page does not say that it is empty."""
    page = Elements(html, skin.list_selectors)
    rows = []
    for element in page.all(skin.list_row):
        if page.first(skin.list_empty, element) is not None:
            continue
        row = _row(page, element, skin, fetched_at)
        if row is not None:
            rows.append(row)
    if not rows and page.first(skin.list_empty) is None:
        if page.first(skin.refusal) is not None:
            raise Forbidden(
                f"{source}: the site shows no such board to guests; check the names in the option boards", source=source
            )
        raise SourceChanged(
            f"{source}: no posts were found on a list that does not say it is empty; the skin has changed: "
            "mend the selectors (list_row, list_link) in the source's options",
            source=source,
        )
    numbers = [_PAGE.search(attribute(link, "href")) for link in page.all(skin.pager)]
    return ListPage(rows=rows, last=max((int(number[1]) for number in numbers if number), default=0))


@lru_cache(maxsize=2)
def read_view(html: str, skin: Skin, fetched_at: datetime) -> View | Refusal:
    """A post, or what the page says instead; ContractError when it is neither.

    Kept for a moment, since fetch and then parse read the same page.
    """
    page = Elements(html, skin.view_selectors)
    body = page.first(skin.view_body)
    if body is None:
        refusal = page.first(skin.refusal)
        if refusal is None:
            raise ContractError(f"the page has no post (selector view_body = {skin.view_body})")
        return Refusal(is_gone=any(word in element_text(refusal) for word in skin.gone))
    author = page.first(skin.view_author)
    return View(
        title=element_text(page.first(skin.view_title)),
        author=element_text(author),
        is_member=_is_member(author, skin),
        text=_bounded(element_text(body)),
        written=_date(page.first(skin.view_date), fetched_at),
        likes=_number(page.first(skin.view_likes)),
        views=_number(page.first(skin.view_views)),
        comments=tuple(_comments(page, skin, fetched_at)),
    )


def _row(page: Elements, element: Tag, skin: Skin, fetched_at: datetime) -> ListRow | None:
    link = page.first(skin.list_link, element)
    number = re.search(skin.id_pattern, attribute(link, "href"))
    if number is None:
        return None
    try:
        written = in_list(element_text(page.first(skin.list_date, element)), fetched_at)
    except ContractError:
        written = None  # the post's own page has the date; the list only says where to stop
    return ListRow(
        id=number[1],
        comments=_number(page.first(skin.list_comments, element)) or 0,
        written=written,
        is_secret=page.first(skin.list_secret, element) is not None,
        is_notice=page.holds(skin.list_notice, element),
    )


def _comments(page: Elements, skin: Skin, fetched_at: datetime) -> list[Comment]:
    found = []
    for element in page.all(skin.comment):
        number = re.search(skin.comment_id, attribute(element, "id"))
        author = page.first(skin.comment_author, element)
        if number is None:
            continue
        found.append(
            Comment(
                id=number[1],
                author=element_text(author),
                is_member=_is_member(author, skin),
                text=_bounded(element_text(page.first(skin.comment_text, element))),
                written=_date(page.first(skin.comment_date, element), fetched_at),
                depth=_depth(element),
                is_secret=page.first(skin.comment_secret, element) is not None,
            )
        )
    return found


def _date(element: Tag | None, fetched_at: datetime) -> When:
    stamp = attribute(element, "datetime")
    if stamp:
        try:
            return When(at=instant(stamp))
        except ContractError:
            return korean(stamp)
    said = _WRITTEN.sub("", element_text(element))
    if not said:
        raise ContractError("the date was not found (selectors view_date, comment_date)")
    return in_list(said, fetched_at)


def _is_member(author: Tag | None, skin: Skin) -> bool:
    return author is not None and (not skin.member or skin.member in attribute(author, "class").split())


def _depth(element: Tag) -> int:
    """gnuboard5 moves an answer to a comment right by 50 pixels a level."""
    margin = re.search(r"margin-left:\s*(\d{1,4})px", attribute(element, "style"))
    return int(margin[1]) // 50 if margin else 0


def _number(element: Tag | None) -> int | None:
    found = _NUMBER.search(element_text(element))
    return int(found[0].replace(",", "")[:12]) if found else None


def _bounded(text: str) -> str:
    if len(text) > TEXT_LIMIT:
        raise ContractError(f"a text has {len(text):,} characters; {TEXT_LIMIT:,} are believable")
    return text
