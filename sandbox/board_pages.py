"""The HTML of gnuboard5's basic skins, from templates in pages/; every word of a customer is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from markupsafe import escape as escape_html
from starlette.responses import HTMLResponse

from sandbox.clock import KST
from sandbox.items import Seen

PAGES_AROUND = 10
TITLE_IN_VIEW = 70
TITLE_IN_SHOP = 50


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("pages")), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )
    environment.filters |= {
        "lines": _lines, "day": lambda at: _kst(at, "%y-%m-%d"), "minute": lambda at: _kst(at, "%y-%m-%d %H:%M"),
        "iso": lambda at: _kst(at, "%Y-%m-%dT%H:%M:%S+09:00"), "cut": _cut,
    }
    return environment.get_template(name)


def alert(message: str) -> HTMLResponse:
    """gnuboard's way of refusing: status 200, a script that says why, and the same words for those without one."""
    return HTMLResponse(_template("alert.html").render(message=message))


def board_list(
    *, root: str, table: str, board: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], total: int, page: int,
    pages: int, now: datetime,
) -> str:
    """One page of a board; the date of a row is HH:MM when it is of today, else MM-DD without a year."""
    today = _kst(now, "%Y-%m-%d")

    def when(at: datetime) -> str:
        return _kst(at, "%H:%M") if _kst(at, "%Y-%m-%d") == today else _kst(at, "%m-%d")

    return _template("list.html").render(
        root=root, table=table, board=board, rows=rows, total=total, page=page, when=when,
        links=_page_links(f"{root}/{table}?page=", page, pages),
    )


def board_view(*, root: str, table: str, board: Mapping[str, Any], seen: Seen, comments: Sequence[Seen]) -> str:
    """One post with its comments, an answer to a comment moved right by 50 pixels."""
    depth: dict[str, int] = {seen.item.key: -1}
    for comment in comments:
        depth[comment.item.key] = depth[comment.item.parent] + 1
    return _template("view.html").render(
        root=root, table=table, board=board, seen=seen,
        comments=[{"seen": comment, "depth": depth[comment.item.key]} for comment in comments],
    )


def shop_questions(**values: Any) -> str:
    """Product Q&A; a secret question shows its title's lock and neither its words nor its answer."""
    return _shop_page("questions.html", values)


def shop_reviews(**values: Any) -> str:
    """Product reviews with stars and the seller's reply."""
    return _shop_page("reviews.html", values)


def _shop_page(name: str, values: dict[str, Any]) -> str:
    path, product = values.pop("path"), values["product"]
    base = f"{path}?it_id={product}&page=" if product else f"{path}?page="
    return _template(name).render(
        **values, links=_page_links(base, values["page"], values.pop("pages")), title_length=TITLE_IN_SHOP,
    )


def rss(root: str, shop_name: str, table: str, title: str, posts: Sequence[Seen]) -> str:
    """RSS 2.0 with dc:creator and dc:date, as bbs/rss.php writes it."""
    rows = "".join(
        f"<item>\n<title>{_xml(seen.title)}</title>\n<link>{_xml(f'{root}/{table}/{seen.item.native_id}')}</link>\n"
        f"<description><![CDATA[{_lines(seen.text).replace(']]>', ']]&gt;')}]]></description>\n"
        f"<dc:creator>{_xml(seen.item.author)}</dc:creator>\n"
        f"<dc:date>{_kst(seen.item.at, '%Y-%m-%dT%H:%M:%S+09:00')}</dc:date>\n</item>\n"
        for seen in posts
    )
    return (
        '<?xml version="1.0" encoding="utf-8" ?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f"<channel>\n<title>{_xml(f'{shop_name} > {title}')}</title>\n<link>{_xml(f'{root}/{table}')}</link>\n"
        f"<description>{_xml(title)}</description>\n<language>ko</language>\n{rows}</channel>\n</rss>"
    )


def _page_links(base: str, page: int, pages: int) -> list[dict[str, Any]]:
    """The links of `nav.pg_wrap`; none when there is one page."""
    if pages < 2:
        return []
    first = (min(page, pages) - 1) // PAGES_AROUND * PAGES_AROUND + 1
    last = min(first + PAGES_AROUND - 1, pages)
    links = [
        {"href": f"{base}{at}", "text": str(at), "kind": "", "current": at == page} for at in range(first, last + 1)
    ]
    if page > 1:
        links.insert(0, {"href": f"{base}1", "text": "처음", "kind": "pg_start", "current": False})
    if last < pages:
        links.append({"href": f"{base}{last + 1}", "text": "다음", "kind": "pg_next", "current": False})
    if page < pages:
        links.append({"href": f"{base}{pages}", "text": "맨끝", "kind": "pg_end", "current": False})
    return links


def _kst(at: datetime, form: str) -> str:
    return at.astimezone(KST).strftime(form)


def _lines(text: str) -> Markup:
    """Escaped, with line ends as <br>."""
    return Markup("<br>\n").join(escape_html(line) for line in text.splitlines())


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + "…"


def _xml(text: str) -> str:
    return escape("".join(letter for letter in text if letter >= " " or letter in "\t\n"))
