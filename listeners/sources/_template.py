"""A forum with a JSON API, as a pattern to copy: newest posts first, replies inside, pages by cursor.

Say here what the source gives and refuses, and where its documentation is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from contracts.clock import from_iso, to_iso
from contracts.errors import ContractError, SourceChanged
from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, parse_each
from listeners.times import instant
from listeners.values import identifier, mapping, objects, text, whole

_KEY = Credential(name="key", help="an API key from forum.example.com > Settings > API")
_MAX_PAGES = 200


class Template(Listener):
    """Search results of the brand's terms with their replies."""

    name: ClassVar[str] = "_template"
    title_ko: ClassVar[str] = "본보기 포럼"
    title_en: ClassVar[str] = "A forum to copy"
    base_url: ClassVar[str] = "https://forum.example.com"
    shows_answers: ClassVar[bool] = True
    credentials: ClassVar[tuple[Credential, ...]] = (_KEY,)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Every page of every term, down to the newest post of the last run less an overlap for late replies."""
        for term in ask.brand.terms:
            ask.findings.queries.append(term)
            yield from self._term(ask, term)

    def check(self, ask: Ask) -> str:
        """Search once for the first term."""
        count = len(objects(self._get(ask, ask.brand.terms[0], ""), "posts", ask.settings.name))
        return f"{ask.settings.name}: the key works; {count} posts on the first page for '{ask.brand.terms[0]}'"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A post each, and its replies."""
        posts = objects(page.body, "posts", context.source)
        yield from parse_each(posts, context, lambda post: _thread(post, context), "posts")

    def _term(self, ask: Ask, term: str) -> Iterator[Page]:
        overlap = timedelta(days=ask.settings.option("open_days", 14.0))
        marked = ask.mark.get(term)
        bottom = from_iso(marked) - overlap if marked else ask.since or ask.now - timedelta(days=56)
        newest, cursor, cursors = marked or "", "", set[str]()
        for _ in range(_MAX_PAGES):
            body = self._get(ask, term, cursor)
            yield Page(kind="search", body=body, extra={"query": term})
            times = _times(body)
            newest = max([newest, *map(to_iso, times)])
            cursor = text(body, "next")
            if not cursor or (times and min(times) < bottom):
                # Only now: a run that breaks off earlier leaves the old mark, and the next one reads it all again.
                ask.findings.mark[term] = newest
                return
            if cursor in cursors:
                break
            cursors.add(cursor)
        raise SourceChanged(f"{ask.settings.name}: the pages came to no end", source=ask.settings.name)

    def _get(self, ask: Ask, term: str, cursor: str) -> Any:
        headers = {"Authorization": f"Bearer {ask.settings.credential(_KEY)}"}
        params = {"q": term, "sort": "new"} | ({"cursor": cursor} if cursor else {})
        return ask.client.get_json(ask.url(self, "/api/search"), params=params, headers=headers)


def _times(body: Any) -> list[datetime]:
    found = []
    for post in body.get("posts", []) if isinstance(body, Mapping) else []:
        try:
            found.append(instant(text(mapping(post), "written_at", required=True)))
        except ContractError:
            continue  # parse refuses the record itself
    return found


def _thread(item: Any, context: ParseContext) -> Iterator[Mention]:
    post = mapping(item)
    native_id = identifier(post, "id")
    replies = post.get("replies") or []
    yield _mention(post, native_id, Kind.POST, context, parent=None)
    for reply in replies if isinstance(replies, list) else []:
        yield _mention(mapping(reply, "a reply"), native_id, Kind.COMMENT, context, parent=native_id)


def _mention(one: Mapping[str, Any], thread: str, kind: Kind, context: ParseContext, *, parent: str | None) -> Mention:
    author = text(one, "author")
    native_id = identifier(one, "id")
    return Mention(
        source=context.source,
        native_id=native_id,
        kind=kind,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        title=context.mask(text(one, "title")),
        text=context.mask(text(one, "body", required=True)),
        url=f"https://forum.example.com/p/{native_id}",
        thread_native_id=thread,
        parent_native_id=parent,
        author_key=context.author(author),
        is_official=context.brand.is_official(context.source, author),
        likes=whole(one, "likes"),
        published_at=instant(text(one, "written_at", required=True)),
        answers_checked_at=context.fetched_at,
    )
