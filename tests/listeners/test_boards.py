"""Boards: robots and pauses, late answers and deletions on revisits, secret posts, feeds, selectors of one's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup

from contracts.coverage import Outcome
from contracts.errors import ConfigurationError, Forbidden, SourceChanged, SourceUnavailable
from listeners.board_elements import Elements
from listeners.board_pages import read_list
from listeners.board_skins import PRESETS, skin_of
from listeners.contract import SourceSettings
from listeners.markup import soup
from listeners.sources.board import Board

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class Site:
    """A gnuboard5 site of one board."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply
        self.robots = b"User-agent: *\nDisallow: /bbs/search.php\n"
        self.robots_status = 200
        self.posts: dict[int, dict[str, Any]] = {}
        self.feed: str | None = None
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        self.asked.append((path, given))
        if path == "/robots.txt":
            return self.reply(self.robots, self.robots_status, {"Content-Type": "text/plain"})
        if path == "/bbs/rss.php":
            if headers.get("if-none-match") == '"v1"':
                return self.reply(b"", 304, {})
            return self.reply((self.feed or "RSS 보기가 금지되어 있습니다.").encode(), 200, {"ETag": '"v1"'})
        if given.get("bo_table") == "closed":
            return self.html('<div id="validation_check"><p>목록을 볼 권한이 없습니다.</p></div>')
        return self.html(self.view(int(given["wr_id"])) if "wr_id" in given else self.list())

    def html(self, inner: str) -> Any:
        page = f"<!doctype html><html><body>{inner}</body></html>".encode()
        return self.reply(page, 200, {"Content-Type": "text/html; charset=utf-8"})

    def list(self) -> str:
        lock = '<i class="fa fa-lock"></i>'
        rows = "".join(
            f'<tr><td><div class="bo_tit"><a href="/free/{number}">{lock if post.get("secret") else ""}글</a></div>'
            f'<span class="cnt_cmt">{len(post["comments"])}</span></td><td class="td_datetime">11-20</td></tr>'
            for number, post in sorted(self.posts.items(), reverse=True)
        )
        return f'<div id="bo_list"><table class="tbl_head01"><tbody>{rows}</tbody></table></div>'

    def view(self, number: int) -> str:
        post = self.posts.get(number)
        if post is None:
            return '<div id="validation_check"><p>글이 존재하지 않습니다.</p></div>'
        comments = "".join(
            f'<article id="c_{one}"><header><span class="{kind}">{author}</span>'
            '<time datetime="2026-11-21T10:00:00+09:00"></time></header>'
            f'<div class="cmt_contents"><p>{text}</p></div></article>'
            for one, kind, author, text in post["comments"]
        )
        return (
            '<h2 id="bo_v_title"><b class="bo_v_tit">제목</b></h2><div id="bo_v_info"><b class="sv_guest">손님</b>'
            f'<b class="if_date">작성일 26-11-20 10:00</b></div><div id="bo_v_con">{post["text"]}</div>'
            f'<section id="bo_vc">{comments}</section>'
        )

    def views(self) -> list[str]:
        return [given["wr_id"] for _, given in self.asked if "wr_id" in given]


@pytest.fixture
def site(server: Any, reply: Any) -> Site:
    server.answer = Site(reply)
    return server.answer


def settings(server: Any, **options: Any) -> SourceSettings:
    given = {"boards": ["free"], "pause_seconds": 0, "retry_backoff_seconds": 0, **options}
    return SourceSettings(name="board", base_url=server.url, options=given)


def test_a_late_answer_is_found_on_a_revisit_and_then_the_thread_rests(site: Site, server: Any, house: Any) -> None:
    site.posts = {1: {"text": "환불이 안 돼요", "comments": []}, 2: {"text": "안녕하세요", "comments": []}}
    house.run(Board(), settings(server))
    site.posts[1]["comments"].append((51, "sv_member", "모아담고객센터", "죄송합니다. 처리했습니다."))
    house.run(Board(), settings(server), now=NOW + timedelta(hours=1))
    answer = house.mentions("board")["free/1#c51"]
    assert (answer.is_official, answer.parent_native_id) == (True, "free/1")
    site.asked.clear()
    house.run(Board(), settings(server), now=NOW + timedelta(hours=2))
    assert site.views() == ["2"], "answered threads are looked at once a day, open ones each time"
    assert house.mentions("board")["free/2"].answers_checked_at == NOW + timedelta(hours=2)
    site.asked.clear()
    house.run(Board(), settings(server), now=NOW + timedelta(days=20))
    assert site.views() == [], "after open_days a thread is left alone"


def test_deleted_threads_and_comments_are_followed(site: Site, server: Any, house: Any) -> None:
    comment = (51, "sv_guest", "다른손님", "저도요")
    site.posts = {1: {"text": "환불이 안 돼요", "comments": [comment]}, 2: {"text": "늦어요", "comments": [comment]}}
    house.run(Board(), settings(server))
    site.posts[1]["comments"].clear()
    del site.posts[2]
    house.run(Board(), settings(server), now=NOW + timedelta(hours=1))
    gone = {one for one, mention in house.mentions("board").items() if mention.deleted_at}
    assert gone == {"free/1#c51", "free/2", "free/2#c51"}


def test_secret_posts_are_counted_and_never_opened(site: Site, server: Any, house: Any) -> None:
    site.posts = {1: {"text": "주소 변경", "comments": [], "secret": True}, 2: {"text": "빨라요", "comments": []}}
    coverage = house.run(Board(), settings(server))
    assert (coverage.outcome, coverage.message) == (Outcome.COMPLETE, "skipped: secret 1")
    assert site.views() == ["2"]


def test_a_community_gives_only_what_names_the_brand(site: Site, server: Any, house: Any) -> None:
    site.posts = {
        1: {"text": "모아담 쌀 어때요", "comments": [(51, "sv_guest", "이웃", "맛있어요")]},
        2: {"text": "날씨", "comments": [(52, "sv_guest", "이웃", "모아담 늦던데"), (53, "sv_guest", "이", "춥네요")]},
        3: {"text": "점심 메뉴", "comments": []},
    }
    house.run(Board(), settings(server, own=False))
    assert set(house.mentions("board")) == {"free/1", "free/1#c51", "free/2#c52"}


def test_robots_are_read_once_a_day_and_obeyed(site: Site, server: Any, house: Any) -> None:
    site.posts = {1: {"text": "환불이 안 돼요", "comments": []}}
    for hours in (0, 1):
        house.run(Board(), settings(server), now=NOW + timedelta(hours=hours))
    assert [path for path, _ in site.asked].count("/robots.txt") == 1
    site.robots = b"User-agent: gwidam\nDisallow: /bbs/board.php\n"
    with pytest.raises(Forbidden, match=r"robots\.txt does not allow /bbs/board\.php"):
        house.run(Board(), settings(server), now=NOW + timedelta(days=1))
    assert house.rows("coverage")[-1]["reason"] == "robots"
    site.robots_status = 404
    house.run(Board(), settings(server), now=NOW + timedelta(days=2))
    site.robots_status = 500
    with pytest.raises(SourceUnavailable, match=r"robots\.txt cannot be read, so nothing is"):
        house.run(Board(), settings(server), now=NOW + timedelta(days=3))


def test_one_closed_board_does_not_close_the_others(site: Site, server: Any, house: Any) -> None:
    site.posts = {1: {"text": "환불이 안 돼요", "comments": []}}
    coverage = house.run(Board(), settings(server, boards=["closed", "free"]))
    assert (coverage.outcome, coverage.reason, coverage.seen) == (Outcome.PARTIAL, "forbidden", 1)
    with pytest.raises(Forbidden, match="no such board to guests"):
        house.run(Board(), settings(server, boards=["closed"]))


def test_a_feed_saves_the_list(site: Site, server: Any, house: Any) -> None:
    site.posts = {1: {"text": "환불이 안 돼요", "comments": []}}
    house.run(Board(), settings(server, rss=True))
    item = "<item><title>글</title><link>{}/free/{}</link><dc:date>2026-11-22T11:00:00+09:00</dc:date></item>"
    site.posts[2] = {"text": "새 글이에요", "comments": []}
    site.feed = (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>t</title>{item.format(server.url, 2)}{item.format(server.url, 1)}</channel></rss>"
    )
    for hours in (1, 2):
        site.asked.clear()
        house.run(Board(), settings(server, rss=True), now=NOW + timedelta(hours=hours))
        assert not [given for path, given in site.asked if path == "/bbs/board.php" and "wr_id" not in given]
    assert set(house.mentions("board")) == {"free/1", "free/2"}


def test_a_changed_skin_is_an_error_and_a_selector_mends_it(site: Site, server: Any, house: Any) -> None:
    site.posts = {1: {"text": "환불이 안 돼요", "comments": []}}
    site.view = lambda number: '<div class="new_body">다른 스킨</div>'  # type: ignore[method-assign]
    site.posts |= {number: {"text": "글", "comments": []} for number in range(2, 8)}
    with pytest.raises(SourceChanged, match="cannot be read"):
        house.run(Board(), settings(server))
    with pytest.raises(SourceChanged, match="no posts were found"):
        house.run(Board(), settings(server, selectors={"list_row": ".nothing"}))


def test_selectors_are_checked() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'list_row'"):
        skin_of("gnuboard5", {"list_rows": "tr"}, "board")
    with pytest.raises(ConfigurationError, match="no board preset 'gnuboard4'; there are: gnuboard5, rhymix, cafe24"):
        skin_of("gnuboard4", {}, "board")
    for unreadable in ("tr[", "tr[=a]", "> tr", "tr >", "tr > > td", "tr, ", "#1"):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            read_list("<html></html>", skin_of("gnuboard5", {"list_row": unreadable}, "board"), NOW, "board")


LISTS = {
    "gnuboard5": '''
<div id="bo_list"><div class="tbl_head01"><table><tbody>
<tr class="bo_notice"><td class="td_subject"><div class="bo_tit">
<a href="https://b.example/bbs/board.php?bo_table=free&amp;wr_id=7">공지</a></div></td>
<td class="td_datetime">10-01</td></tr><tr><td class="td_subject"><div class="bo_tit">
<a href="https://b.example/free/12?page=2"><i class="fa fa-lock"></i> 비밀</a></div></td>
<td class="td_datetime">11:20</td></tr></tbody></table></div></div>
<nav class="pg_wrap"><a class="pg_page pg_end" href="?bo_table=free&amp;page=9">맨끝</a></nav>''',
    "rhymix": '''
<div class="board_list"><table><tbody>
<tr class="notice"><td class="title"><a href="/free/7">공지</a></td><td class="time">2026.10.01</td></tr>
<tr><td class="title"><a href="/index.php?mid=free&amp;document_srl=12">비밀 <img alt="secret"></a>
<a class="replyNum">[3]</a></td><td class="time">2026.11.22</td></tr></tbody></table></div>
<div class="pagination"><a href="/index.php?mid=free&amp;page=9">9</a></div>''',
    "cafe24": '''
<table><tbody class="xans-element- xans-board xans-board-notice"><tr class="xans-record-"><td class="subject">
<a href="/article/q-a/6/7/">공지</a></td><td class="txtNum">2026-10-01</td></tr></tbody>
<tbody class="xans-element- xans-board xans-board-list"><tr class="xans-record-"><td class="subject">
<a href="/article/q-a/6/12/">비밀</a> <img alt="비밀글"> <span class="comment">[3]</span></td>
<td class="txtNum">2026-11-22</td></tr></tbody></table>
<div class="xans-board-paging"><a href="?board_no=6&amp;page=9">끝</a></div>''',
}


@pytest.mark.parametrize("preset", PRESETS)
def test_lists_of_each_preset(preset: str) -> None:
    page = read_list(f"<html><body>{LISTS[preset]}</body></html>", PRESETS[preset], NOW, "board")
    rows = [row for row in page.rows if not row.is_notice]
    assert [(row.id, row.is_secret) for row in rows] == [("12", True)]
    assert rows[0].written is not None and rows[0].written.first.date().isoformat() in {"2026-11-21", "2026-11-22"}
    assert page.last == 9
    assert {row.id for row in page.rows if row.is_notice} <= {"7"}


NESTED = """<html><body><nav class="menu"><ul><li class="on"><a href="/1">메뉴</a></li></ul></nav>
<template><div id="list"><p class="row">아직 아님</p></div></template>
<div id="list" class="board wide"><p>머리</p><p class="row new">하나 <b>1</b><i alt="비밀글">비밀</i></p>
<section><p class="row">둘 <b>2</b><b class="n">3</b></p><ul><li class="c"><p>댓글</p><ul><li class="c" id="c_2">
<p>답글</p></li></ul></li></ul></section></div><div class="row">바깥</div></body></html>"""
SELECTORS = (
    "#list", "#list .row", "#list > .row", "div.board.wide p", "p.row.new, .menu li", "#list p:first-child",
    "b:nth-of-type(2)", "section b:last-of-type", "#list section > p > b", ".row", "li[id^=c_]", "i[alt=비밀글]",
    "LI > A", "p + section", ".row:has(b.n)", "div:not(#list)", "li.c li p", ":is(#list, nav) li", "*", "#nothing .row",
)


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_selector_finds_what_it_finds_on_the_whole_page(selector: str) -> None:
    """However little of the page is read for it: ancestors, siblings and what stands in a template count as ever."""
    found, whole = Elements(NESTED, (selector,)), soup(NESTED)
    assert [str(one) for one in found.all(selector)] == [str(one) for one in whole.select(selector)]
    within = Elements(NESTED, (selector, "li, div"))
    for here, there in zip(within.all("li, div"), whole.select("li, div"), strict=True):
        assert str(within.first(selector, here)) == str(there.select_one(selector))


def test_a_parser_is_as_good_as_new_after_any_page() -> None:
    """It is kept from page to page (listeners.markup), so nothing of a broken one may stay in it."""
    for page in ("", "<p", "<!-- 끝이 없는", "<table><li></table></p>", "<b>" * 300, "<svg:a xmlns:svg='u'/>", NESTED):
        assert str(soup(page)) == str(BeautifulSoup(page, "lxml"))
        assert str(soup(NESTED)) == str(BeautifulSoup(NESTED, "lxml"))
