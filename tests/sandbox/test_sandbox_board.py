"""The gnuboard5 pages: selectors as in the real skins, hostile words harmless, robots and conditional GET."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from protego import Protego


def page(stage: Any, path: str) -> BeautifulSoup:
    answer = stage.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "lxml")


def rows(stage: Any, table: str) -> list[Any]:
    found: list[Any] = []
    for number in range(1, 20):
        soup = page(stage, f"/board/bbs/board.php?bo_table={table}&page={number}")
        on_page = soup.select(".tbl_head01 tbody tr:not(.bo_notice):not(:has(td.empty_table))")
        if not on_page:
            return found
        found += on_page
    raise AssertionError("paging has no end")


@pytest.mark.parametrize("table", ["free", "notice_qa"])
def test_the_list_pages_to_its_end_and_shows_each_post_once(stage: Any, table: str) -> None:
    links = [row.select_one("td.td_subject .bo_tit > a")["href"] for row in rows(stage, table)]
    items = [seen.item for seen in stage.world.seen("board") if seen.item.place == table and seen.item.is_root]
    assert [link.rsplit("/", 1)[1] for link in links] == [i.native_id for i in items if "notice" not in i.extra]
    assert len(links) == len(set(links)) > 15
    last = page(stage, f"/board/{table}").select_one("nav.pg_wrap a.pg_end")["href"]
    assert last.endswith(f"page={-(-len(links) // 15)}")


def test_a_row_of_today_has_a_time_and_an_older_one_a_day_without_a_year(stage: Any) -> None:
    dates = [row.select_one("td.td_datetime").text for row in rows(stage, "notice_qa")]
    assert re.fullmatch(r"\d\d:\d\d", dates[0])
    assert re.fullmatch(r"\d\d-\d\d", dates[-1])
    assert [re.fullmatch(r"\d\d:\d\d", date) is not None for date in dates].count(True) == 2


def test_a_view_shows_the_thread_with_the_shops_answer_inside(stage: Any) -> None:
    item = stage.world.by_key["board/-3 08:50/김치명인될뻔"]
    soup = page(stage, f"/board/notice_qa/{item.native_id}")
    assert soup.select_one("#bo_v_title .bo_v_tit").text == "김치통에서 국물이 샙니다 (급)"
    assert re.search(r"26-11-19 08:50", soup.select_one("#bo_v_info .if_date").text)
    assert soup.select_one("#bo_v_con").get_text() == item.text
    comments = soup.select("#bo_vc article[id^=c_]")
    authors = [comment.select_one(".sv_member, .sv_guest").text for comment in comments]
    assert authors == ["옆집김치", "절임배추20kg", "모아담고객센터", "김치명인될뻔"]
    assert comments[2].select_one("time")["datetime"].startswith("2026-11-19T17:10:")
    moved = [comment.get("style", "").startswith("margin-left:50px") for comment in comments]
    assert moved == [False, False, False, True]
    assert comments[2].select_one(".cmt_contents > p").get_text().strip().startswith("안녕하세요, 모아담입니다.")


def test_hostile_words_arrive_as_words(stage: Any) -> None:
    item = next(item for item in stage.world.items("board") if "onerror" in item.author)
    answer = stage.get(f"/board/notice_qa/{item.native_id}")
    soup = BeautifulSoup(answer.text, "lxml")
    assert not soup.select("#bo_v script, #bo_v img, #bo_v_con b, #bo_v_con a")
    assert soup.select_one("#bo_v_con").get_text() == item.text
    assert "49" not in soup.select_one("#bo_v_con").get_text()
    listed = stage.get("/board/notice_qa").text
    assert "<script>alert" not in listed
    assert "&lt;script&gt;" in listed


def test_secret_and_deleted_posts_are_refused_with_status_200(stage: Any) -> None:
    secret = next(item for item in stage.world.items("board") if "secret" in item.extra)
    gone = stage.world.by_key["board/-1 20:44/지워질글"]
    for place, number, words in (("notice_qa", secret.native_id, "비밀글"), ("free", gone.native_id, "삭제되었거나")):
        answer = stage.get(f"/board/{place}/{number}")
        assert answer.status_code == 200
        assert words in BeautifulSoup(answer.text, "lxml").select_one("#validation_check").get_text()
        assert not BeautifulSoup(answer.text, "lxml").select("#bo_v")
    account = "123-456-789012"
    assert account in secret.text
    assert account not in stage.get("/board/notice_qa").text + stage.get(f"/board/notice_qa/{secret.native_id}").text
    locked = [row for row in rows(stage, "notice_qa") if row.select("i.fa-lock")]
    assert len(locked) == 1


def test_rss_is_on_for_one_board_and_off_for_the_other(stage: Any) -> None:
    root = ElementTree.fromstring(stage.get("/board/bbs/rss.php?bo_table=free").text)
    dates = [node.text or "" for node in root.iter("{http://purl.org/dc/elements/1.1/}date")]
    assert len(dates) == 15
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00", date) for date in dates)
    assert "금지" in stage.get("/board/bbs/rss.php?bo_table=notice_qa").text


def test_robots_keep_crawlers_out_of_the_staff_board_only(stage: Any) -> None:
    robots = Protego.parse(stage.get("/robots.txt").text)
    assert robots.can_fetch(stage.base + "/board/free/123", "gwidam")
    assert robots.can_fetch(stage.base + "/board/bbs/board.php?bo_table=notice_qa&page=2", "gwidam")
    assert not robots.can_fetch(stage.base + "/board/staff", "gwidam")
    assert not robots.can_fetch(stage.base + "/board/bbs/board.php?bo_table=staff", "gwidam")
    assert robots.crawl_delay("gwidam") == 0.02
    assert "회수 차량" in stage.get("/board/staff").text


def test_a_page_that_has_not_changed_is_304_and_a_new_answer_makes_it_200(stage: Any) -> None:
    item = stage.world.by_key["board/0 10:35/다시한번"]
    path = f"/board/notice_qa/{item.native_id}"
    stage.forward(minutes=50)
    first = stage.get(path)
    assert stage.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert stage.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304
    stage.forward(hours=1)
    again = stage.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status_code == 200
    assert "모아담고객센터" in again.text


def test_shop_questions_tell_done_from_waiting_and_reviews_have_stars(stage: Any) -> None:
    questions = page(stage, "/board/shop/itemqa.php?it_id=M1001").select("#sit_qa_list li.sit_qa_li")
    states = [bool(one.select_one(".sit_qaa_done")) for one in questions]
    assert sorted(states) == [False, True, True, True]
    waiting = questions[states.index(False)]
    assert "장판까지" in waiting.select_one(".sit_qa_qaq").get_text()
    secret = page(stage, "/board/shop/itemqa.php?it_id=M1005").get_text()
    assert "비밀글로 보호된 문의입니다." in secret
    assert "010-0000-6120" not in secret
    reviews = page(stage, "/board/shop/itemuselist.php").select("li.sit_use_li")
    assert all(re.fullmatch(r"별[1-5]개", one.select_one("img[alt^='별']")["alt"]) for one in reviews)
    assert len(reviews) == 10
    assert page(stage, "/board/shop/itemuse.php?it_id=M1006").select(".sit_use_reply")
