"""gnuboard5's shop pages: product Q&A (답변완료/답변대기) and product reviews, with the shop's answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from bs4.element import Tag

from contracts.clock import from_iso, to_iso
from contracts.errors import ContractError, SourceChanged
from contracts.keys import digest_key
from contracts.mention import Kind, Mention
from listeners.contract import Ask, Page, ParseContext, Refused
from listeners.http import Answer
from listeners.markup import attribute, element_text, soup
from listeners.times import When, korean

_PATHS = {
    "questions": ("shop/itemqalist.php?page={page}", "shop/itemqa.php?it_id={item}&page={page}"),
    "reviews": ("shop/itemuselist.php?page={page}", "shop/itemuse.php?it_id={item}&page={page}"),
}
_WAITING_LIMIT = 5_000
_SECRET = "비밀글로 보호된 문의입니다."
_DAY = re.compile(r"\d{2,4}-\d{1,2}-\d{1,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopEntry:
    """A question or a review with the shop's answer, which carries no time. `id` is made of what does not change."""

    id: str
    product: str
    author: str
    title: str
    text: str
    written: When
    rating: float | None
    is_answered: bool
    answer: str
    is_secret: bool


def shop_pages(ask: Ask, get: Callable[[str], Answer]) -> Iterator[Page]:
    """The shop's Q&A and reviews when the option `shop` is on, of all products or of those in `shop_items`.

    Read back to where nothing can change any more (`open_days`; `since` on the first run). A page's extra holds
    `waiting`: {id: when it was last seen without an answer}, since the answers carry no time.
    """
    if not ask.settings.option("shop", False):
        return
    items: tuple[str, ...] = ask.settings.option("shop_items", ())
    for kind, (all_items, one_item) in _PATHS.items():
        for template in [one_item.replace("{item}", item) for item in items] or [all_items]:
            yield from _listed(ask, kind, template, get)


def parse_shop(page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
    """A question or review each, and the shop's answer as a mention of its own; secret questions are left out."""
    waiting: dict[str, str] = dict(page.extra.get("waiting", {}))
    body = page.body if isinstance(page.body, str) else ""
    for index, entry in enumerate(read_entries(body, page.kind, context.source)):
        if isinstance(entry, ContractError):
            yield context.refused(entry, "", f"{page.kind}[{index}]")
        elif not entry.is_secret:
            yield _utterance(entry, page, context)
            if entry.answer:
                yield _answer(entry, waiting.get(entry.id), context)


@lru_cache(maxsize=2)
def read_entries(html: str, kind: str, source: str) -> tuple[ShopEntry | ContractError, ...]:
    """The entries of a page, newest first; SourceChanged when it has none and does not say that it is empty.

    Kept for a moment, since fetch and then parse read the same page.
    """
    page = soup(html)
    name, read = ("sit_qa", _question) if kind == "questions" else ("sit_use", _review)
    items = page.select(f"li.{name}_li")
    if not items and page.select_one(".sit_empty") is None:
        raise SourceChanged(
            f"{source}: the shop's page has no li.{name}_li and does not say that it is empty; its skin has changed: "
            "switch the option 'shop' off until it is mended",
            source=source,
        )
    return tuple(_entry(item, read) for item in items)


def _listed(ask: Ask, kind: str, template: str, get: Callable[[str], Answer]) -> Iterator[Page]:
    mark: dict[str, str] = ask.findings.mark.setdefault("waiting", {})
    done: dict[str, str] = ask.findings.mark.setdefault("shop_read", {})
    horizon = ask.now - timedelta(days=ask.settings.option("open_days", 14.0))
    if template not in done:
        horizon = min(horizon, ask.since or horizon)
    before: set[str] = set()
    for number in range(1, ask.settings.option("max_pages", 40) + 1):
        answer = get(template.replace("{page}", str(number)))
        entries = [e for e in read_entries(answer.text, kind, ask.settings.name) if isinstance(e, ShopEntry)]
        ids = {entry.id for entry in entries}
        waiting = {known: mark[known] for known in ids if known in mark}
        yield Page(kind=kind, body=answer.text, url=answer.url, extra={"waiting": waiting})
        ask.findings.skipped["secret"] += sum(entry.is_secret for entry in entries if entry.id not in before)
        for entry in entries:
            mark.pop(entry.id, None)
            if not entry.is_answered:
                mark[entry.id] = to_iso(ask.now)
        old = all(entry.written.first < horizon for entry in entries)
        if not entries or old or ids <= before:
            break
        before |= ids
    else:
        ask.findings.cap_hit = True
        ask.findings.lack("cap", f"{ask.settings.name}: the shop has more new {kind} than max_pages allows")
    for known in list(mark)[:-_WAITING_LIMIT]:
        del mark[known]
    done[template] = to_iso(ask.now)
    if not ask.findings.skipped["secret"]:
        del ask.findings.skipped["secret"]


def _utterance(entry: ShopEntry, page: Page, context: ParseContext) -> Mention:
    not_before, not_after = entry.written.bounds
    return Mention(
        source=context.source,
        native_id=entry.id,
        kind=Kind.REVIEW if page.kind == "reviews" else Kind.QUESTION,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        title=context.mask(entry.title),
        text=context.mask(entry.text),
        url=page.url,
        thread_native_id=entry.id,
        author_key=context.author(entry.author),
        rating=entry.rating,
        published_at=entry.written.at,
        not_before=not_before,
        not_after=not_after,
        answered=entry.is_answered,
        answers_checked_at=context.fetched_at,
        place="shop",
        product=context.mask(entry.product),
    )


def _answer(entry: ShopEntry, waited_until: str | None, context: ParseContext) -> Mention:
    """The answer lies between the last look without it (or the question's day) and this one."""
    earliest = from_iso(waited_until) if waited_until else entry.written.first
    return Mention(
        source=context.source, native_id=f"{entry.id}#answer", kind=Kind.COMMENT, brands=(context.brand.id,),
        fetched_at=context.fetched_at, text=context.mask(entry.answer), thread_native_id=entry.id,
        parent_native_id=entry.id, is_official=True, not_before=min(earliest, context.fetched_at),
        not_after=context.fetched_at, place="shop",
    )


def _entry(item: Tag, read: Callable[[Tag], ShopEntry]) -> ShopEntry | ContractError:
    try:
        return read(item)
    except ContractError as error:
        return error


def _question(item: Tag) -> ShopEntry:
    cells = [element_text(cell) for cell in item.select(".sit_qa_dl dd")]
    done, waits = item.select_one(".sit_qaa_done"), item.select_one(".sit_qaa_yet")
    if done is None and waits is None:
        raise ContractError("a question says neither 답변완료 nor 답변대기")
    text = _without(item.select_one(".sit_qa_qaq"), "문의내용")
    title = re.sub(r"^\d+\.\s*", "", element_text(item.select_one(".sit_qa_li_title")))
    return _made(
        item, "qa", cells, title=title, text=text, rating=None, is_answered=done is not None,
        answer=_without(item.select_one(".sit_qa_qaa"), "답변") if done is not None else "",
        is_secret=_SECRET in text,
    )


def _review(item: Tag) -> ShopEntry:
    cells = [element_text(cell) for cell in item.select(".sit_use_dl dd")]
    stars = re.search(r"[1-5]", attribute(item.select_one('img[alt^="별"]'), "alt"))
    reply = item.select_one(".sit_use_reply_p, .use_reply_p")
    return _made(
        item, "review", cells, title=element_text(item.select_one(".sit_use_tit")),
        text=element_text(item.select_one(".sit_use_p")), rating=float(stars[0]) if stars else None,
        is_answered=reply is not None, answer=element_text(reply), is_secret=False,
    )


def _made(item: Tag, what: str, cells: list[str], *, title: str, text: str, **rest: object) -> ShopEntry:
    dated = next((cell for cell in cells if _DAY.search(cell)), "")
    day = _DAY.search(dated)
    if day is None:
        raise ContractError(f"a {what} has no date")
    product = item.select_one(".sit_qa_it, .sit_use_it")
    number = re.search(r"it_id=([\w-]+)", attribute(product, "href"))
    # The review's cell holds author and date together; the question's are two cells.
    author = dated[: day.start()].strip() or next((cell for cell in cells if cell and cell != dated), "")
    written = korean(day[0])
    known = digest_key(what, author, str(written.day), title, text)
    return ShopEntry(
        id=f"{what}/{known}", product=element_text(product) or (number[1] if number else ""), author=author,
        title=title.rstrip("… "), text=text, written=written, **rest,  # type: ignore[arg-type]
    )


def _without(element: Tag | None, label: str) -> str:
    return element_text(element).removeprefix(label).strip()
