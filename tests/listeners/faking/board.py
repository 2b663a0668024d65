"""A board in HTML with its robots.txt, in gnuboard5's default look."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, ClassVar

from contracts.errors import SourceUnavailable
from tests.listeners.faking.world import KST, HttpFake, Post


class BoardFake(HttpFake):
    name = "board"
    options: ClassVar = {"boards": ["free"], "pause_seconds": 0}
    page_size = 6
    listing = "/list"
    sees_deletions = True
    is_json = False
    comments = 0  # below each post
    ends: ClassVar = {"malformed": SourceUnavailable}  # a page without its end

    def native_id(self, post: Post) -> str:
        return f"free/{post.number}"

    def received(self, mode: str) -> int:
        return 0  # the lists are read before the posts

    def __init__(self, reply: Callable[..., Any]) -> None:
        super().__init__(reply)
        selectors = {"list_path": "list?page={page}", "view_path": "view/{id}"}
        self.options = {**BoardFake.options, "selectors": selectors}

    def __call__(self, path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        if path == "/robots.txt":
            return self.reply(b"User-agent: *\nDisallow: /adm\n", headers={"Content-Type": "text/plain"})
        html = self._list(given) if path == "/list" else self._view(int(path.rsplit("/", 1)[1]))
        html = f"<!doctype html><html><body>{html}</body></html>"
        return self.reply(html.encode(), headers={"Content-Type": "text/html; charset=utf-8"})

    def _list(self, given: dict[str, str]) -> str:
        start = (int(given["page"]) - 1) * self.page_size
        rows = "".join(
            f'<tr><td class="td_subject"><div class="bo_tit"><a href="/view?wr_id={post.number}">제목</a></div></td>'
            f'<td class="td_datetime">{post.at.astimezone(KST):%m-%d}</td></tr>'
            for post in self.page(start)
        )
        last = 99 if self.repeats else -(-len(self.there()) // self.page_size) + bool(self.shifts)
        link = f'<a class="pg_page" href="/list?page={last}">{last}</a>' if self.has_more(start) else ""
        empty = '<tr><td class="empty_table">게시물이 없습니다.</td></tr>'
        table = f'<table class="tbl_head01"><tbody>{rows or empty}</tbody></table>'
        return f'<div id="bo_list">{table}</div><nav class="pg_wrap">{link}</nav>'

    def _view(self, number: int) -> str:
        post = next((post for post in self.there() if post.number == number), None)
        if post is None:
            return '<div id="validation_check"><p>글이 존재하지 않습니다.</p></div>'
        date = {"missing": "", "type": "엊그제쯤"}.get(post.spoil, f"{post.at.astimezone(KST):%y-%m-%d %H:%M:%S}")
        text = "가" * 300_000 if post.spoil == "long" else escape(post.text)
        new = "<aside>새로 생긴 상자</aside>" if post.spoil == "unknown" else ""
        return (
            f'<h2 id="bo_v_title"><span class="bo_v_tit">제목 {number}</span></h2><section id="bo_v_info">'
            f'<span class="sv_guest">손님</span><strong class="if_date">작성일 {date}</strong></section>{new}'
            f'<div id="bo_v_con">{text}</div><section id="bo_vc">{self._comments(post)}</section>'
        )

    def _comments(self, post: Post) -> str:
        return "".join(
            f'<article id="c_{post.number * 100 + n}"><header><span class="sv_guest">손님</span>'
            f'<time datetime="{post.at.astimezone(KST).isoformat()}">방금</time></header>'
            f'<div class="cmt_contents"><p>저도 {n}일째 기다려요</p></div></article>'
            for n in range(self.comments)
        )
