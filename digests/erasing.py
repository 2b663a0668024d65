"""A deleted post's words leave the pages and mails that quote it; everything else on them stays as it was.

The templates mark whose words an element holds (`marked`). The plain text beside it has no such marks: the same
words, found in the HTML, are taken out of it.
"""

from __future__ import annotations

import html
import logging
import os
import re
from collections.abc import Collection, Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from markupsafe import Markup

from storage.files import write_bytes
from storage.home import Home

log = logging.getLogger(__name__)

ERASED = "(삭제된 글)"
_SAID = re.compile(
    r'<(?P<tag>p|div)\b(?P<attributes>[^>]*?) data-of="(?P<ids>[^"]*)"(?P<more>[^>]*)>(?P<words>.*?)</(?P=tag)>',
    re.DOTALL,
)
_MARK_LENGTH = 8
_TAG = re.compile(r"<[^>]*>")
_QUOTE = re.compile("“.*”", re.DOTALL)


def marked(mention_ids: Sequence[str]) -> Markup:
    """The attribute for an element that quotes these mentions; their last eight digits, '' for none of them."""
    ids = " ".join(mention_id[-_MARK_LENGTH:] for mention_id in mention_ids)
    return Markup(' data-of="{}"').format(ids) if ids else Markup("")


def erase_quotes(home: Home, gone: Collection[str]) -> int:
    """Take the words of the `gone` mentions out of every kept digest page and outbox mail; how many were changed.

    Files keep their age. A mail that is no mail of ours any more is left alone.
    """
    pages = sum(_erase_page(path, gone) for path in sorted(home.digests.rglob("[!.]*.html")))
    mails = sum(_erase_mail(path, gone) for path in sorted(home.outbox.glob("[!.]*.eml")))
    return pages + mails


def erased(page: str, text: str, gone: Collection[str]) -> tuple[str, str]:
    """An HTML page and the plain text that says the same, without the words of the `gone` mentions."""
    taken: list[str] = []
    marks = {mention_id[-_MARK_LENGTH:] for mention_id in gone}

    def without(match: re.Match[str]) -> str:
        if marks.isdisjoint(match["ids"].split()):
            return match[0]
        words = html.unescape(_TAG.sub("", match["words"])).strip()
        quote = _QUOTE.search(words)
        if not words.startswith("("):  # "(글 없이 별점만 남김)" is ours
            taken.append(quote[0] if quote else words)
        return f"<{match['tag']}{match['attributes']}{match['more']}>{ERASED}</{match['tag']}>"

    page = _SAID.sub(without, page)
    for words in filter(None, taken):
        text = text.replace(words, ERASED)
    return page, text


def _erase_page(path: Path, gone: Collection[str]) -> bool:
    beside = path.with_suffix(".txt")
    page = path.read_text(encoding="utf-8")
    text = beside.read_text(encoding="utf-8") if beside.exists() else ""
    kept_page, kept_text = erased(page, text, gone)
    if kept_page == page:
        return False
    # The text first: killed in between, the page still names what has to go.
    if kept_text != text:
        _replace(beside, kept_text.encode())
    _replace(path, kept_page.encode())
    return True


def _erase_mail(path: Path, gone: Collection[str]) -> bool:
    mail = message_from_bytes(path.read_bytes(), EmailMessage, policy=SMTP)
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    if not isinstance(text, EmailMessage) or not isinstance(page, EmailMessage):
        return False
    before = page.get_content(), text.get_content()
    kept_page, kept_text = erased(*before, gone)
    if (kept_page, kept_text) == before:
        return False
    text.set_content(kept_text, cte="base64")
    page.set_content(kept_page, subtype="html", cte="base64")
    _replace(path, mail.as_bytes())
    return True


def _replace(path: Path, content: bytes) -> None:
    """Write anew, as old as it was: how long it is kept goes by its age."""
    stat = path.stat()
    write_bytes(path, content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    log.info("took a deleted post's words out of %s", path.name)
