"""Where things stand on the pages of Korean boards: named presets of CSS selectors, each overridable by config.

The selectors were read in the skins' own templates (gnuboard5 basic theme, Rhymix xedition, Cafe24's list package).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import lru_cache

from contracts.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """One look of a board. Everything is a CSS selector but the `*_path` templates and the patterns.

    `list_path` takes {board} and {page}, `view_path` {board} and {id}, `rss_path` {board}; `id_pattern`'s first
    group is a post's number in a link. `member` marks an author who is logged in: without it, a guest could
    take the shop's name. `gone` are words of the page that stands for a deleted post.
    """

    list_path: str
    view_path: str
    id_pattern: str
    rss_path: str = ""
    list_row: str
    list_notice: str = ""
    list_empty: str
    list_link: str
    list_secret: str = ""
    list_comments: str = ""
    list_date: str
    pager: str = ""
    view_title: str
    view_author: str
    view_date: str
    view_body: str
    view_likes: str = ""
    view_views: str = ""
    comment: str
    comment_id: str = r"(\d+)$"
    comment_author: str
    comment_date: str
    comment_text: str
    comment_secret: str = ""
    member: str = ""
    refusal: str = ""
    gone: tuple[str, ...] = ("존재하지 않", "삭제된", "삭제되었", "이동된")

    @property
    def list_selectors(self) -> tuple[str, ...]:
        """What is looked for on a page of the list."""
        return (
            self.list_row, self.list_notice, self.list_empty, self.list_link, self.list_secret, self.list_comments,
            self.list_date, self.pager, self.refusal,
        )

    @property
    def view_selectors(self) -> tuple[str, ...]:
        """What is looked for on a post's page."""
        return (
            self.view_title, self.view_author, self.view_date, self.view_body, self.view_likes, self.view_views,
            self.comment, self.comment_author, self.comment_date, self.comment_text, self.comment_secret, self.refusal,
        )


PRESETS: Mapping[str, Skin] = {
    "gnuboard5": Skin(
        list_path="bbs/board.php?bo_table={board}&page={page}",
        view_path="bbs/board.php?bo_table={board}&wr_id={id}",
        rss_path="bbs/rss.php?bo_table={board}",
        id_pattern=r"(?:[?&]wr_id=|/)(\d+)(?:$|[&#?])",
        list_row="#bo_list .tbl_head01 tbody tr, #bo_gall li.gall_li",
        list_notice=".bo_notice",
        list_empty="td.empty_table, li.empty_list",
        list_link=".bo_tit > a, .bo_tit a",
        list_secret="i.fa-lock",
        list_comments=".cnt_cmt",
        list_date="td.td_datetime",
        pager="nav.pg_wrap a.pg_page",
        view_title="#bo_v_title .bo_v_tit",
        view_author="#bo_v_info .sv_member, #bo_v_info .sv_guest",
        view_date="#bo_v_info .if_date",
        view_body="#bo_v_con",
        view_likes="#good_button strong",
        comment="#bo_vc article[id^=c_]",
        comment_author="header .sv_member, header .sv_guest",
        comment_date="time[datetime]",
        comment_text=".cmt_contents > p",
        comment_secret='img[alt="비밀글"]',
        member="sv_member",
        refusal="#validation_check",
    ),
    "rhymix": Skin(
        list_path="index.php?mid={board}&page={page}",
        view_path="index.php?mid={board}&document_srl={id}",
        rss_path="index.php?module=rss&act=rss&mid={board}",
        id_pattern=r"(?:document_srl=|/)(\d+)(?:$|[&#?])",
        list_row=".board_list tbody tr",
        list_notice=".notice",
        list_empty="tr.no_article, .no_article",
        list_link="td.title > a:first-of-type",
        list_secret=".secret, img[alt=secret]",
        list_comments="a.replyNum",
        list_date="td.time",
        pager=".pagination a, .btm_mn a.direction",
        view_title=".board_read .read_header h1 a:last-of-type",
        view_author=".board_read .read_header .meta .author",
        view_date=".board_read .read_header .meta .time",
        view_body=".board_read .read_body .rhymix_content, .board_read .read_body .xe_content",
        comment="#comment li.fbItem[id^=comment_]",
        comment_author=".fbMeta .author",
        comment_date=".fbMeta .time",
        comment_text=".rhymix_content, .xe_content",
        comment_secret=".secretForm, .deleted",
        refusal="#access .message, .message.error",
    ),
    "cafe24": Skin(
        list_path="board/{board}/list.html?page={page}",
        view_path="article/{board}/{id}/",
        id_pattern=r"(?:/article/[^/]+/\d+/|[?&]no=)(\d+)(?:$|[/&#?])",
        list_row=".xans-board-list tr.xans-record-",
        list_notice=".xans-board-notice tr, .notice",
        list_empty=".xans-board-empty, .message",
        list_link="td.subject a",
        list_secret='img[alt="비밀글"]',
        list_comments=".comment",
        list_date="td.txtNum, td.date",
        pager=".xans-board-paging a",
        view_title=".xans-board-readpackage thead h3, .xans-board-readpackage .subject",
        view_author=".xans-board-readpackage .writer, .xans-board-readpackage td.name",
        view_date=".xans-board-readpackage .date, .xans-board-readpackage .txtNum",
        view_body=".xans-board-readpackage .fr-view, .xans-board-readpackage .detail",
        comment=".xans-board-commentlist li.xans-record-",
        comment_author=".name",
        comment_date=".date",
        comment_text=".comment",
        comment_secret='img[alt="비밀글"]',
        refusal="#msgBox",
    ),
}


def skin_of(preset: str, changes: Mapping[str, object], source: str) -> Skin:
    """A preset with a site's own selectors over it; ConfigurationError names what is not known."""
    if preset not in PRESETS:
        known = ", ".join(PRESETS)
        raise ConfigurationError(f"{source}: there is no board preset '{preset}'; there are: {known}", source=source)
    for name, value in changes.items():
        if name not in _NAMES:
            close = get_close_matches(name, _NAMES, n=1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            raise ConfigurationError(f"{source}: there is no selector '{name}'{hint}", source=source)
        if not (_is_texts(value) if name == "gone" else isinstance(value, str)):
            kind = "a list of texts" if name == "gone" else "a text"
            raise ConfigurationError(f"{source}: selector '{name}' should be {kind}", source=source)
    return _changed(
        preset, tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in changes.items())
    )


_NAMES = frozenset(f.name for f in fields(Skin))


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


@lru_cache(maxsize=64)
def _changed(preset: str, changes: tuple[tuple[str, object], ...]) -> Skin:
    return replace(PRESETS[preset], **dict(changes))  # type: ignore[arg-type]
