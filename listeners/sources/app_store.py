"""App Store reviews of any app through Apple's public feed: no key, 500 reviews a country, no developer replies.

https://itunes.apple.com/kr/rss/customerreviews/page=1/id=…/sortBy=mostRecent/json
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any, ClassVar

from contracts.errors import ConfigurationError, ContractError, SourceChanged
from contracts.mention import Kind, Mention
from listeners.contract import Ask, Listener, Page, ParseContext, Refused, parse_each
from listeners.times import instant
from listeners.values import mapping, stars, text, whole

_LAST_PAGE = 10
_KNOWN_LIMIT = 3_000


class AppStore(Listener):
    """Reviews of the app named by the option `app_id` in the stores of `countries` (default: kr)."""

    name: ClassVar[str] = "app_store"
    title_ko: ClassVar[str] = "애플 앱스토어 리뷰"
    title_en: ClassVar[str] = "App Store reviews"
    base_url: ClassVar[str] = "https://itunes.apple.com"

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Pages of 50 a country, newest first, until a whole page is known; the feed ends after ten."""
        without = []
        countries: tuple[str, ...] = ask.settings.option("countries", ("kr",))
        for country in countries:
            ask.findings.queries.append(country)
            if not (yield from self._country(ask, country)):
                without.append(country)
                ask.findings.skipped["store without the app"] += 1
        if len(without) == len(countries):
            raise SourceChanged(
                f"{ask.settings.name}: no store of {', '.join(countries)} has the app {_app(ask)}; "
                "check the options app_id and countries",
                source=ask.settings.name,
            )

    def check(self, ask: Ask) -> str:
        """Read the first page of the first country."""
        country = ask.settings.option("countries", ("kr",))[0]
        body = ask.client.get_json(self._url(ask, country, 1))
        count = len(_entries(body, ask.settings.name))
        return f"{ask.settings.name}: {_app(ask)} can be read; {count} reviews on the first page of {country}"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A review each."""
        entries = _entries(page.body, context.source)
        yield from parse_each(entries, context, lambda entry: _review(entry, page, context), "entry")

    def _country(self, ask: Ask, country: str) -> Generator[Page, None, bool]:
        """The pages of one store; False when it does not have the app."""
        known: dict[str, str] = ask.findings.mark.setdefault("known", {})
        unfinished: dict[str, bool] = ask.findings.mark.setdefault("unfinished", {})
        may_stop = country not in unfinished
        before, last = frozenset(known), None
        unfinished[country] = True
        for number in range(1, _LAST_PAGE + 1):
            answer = ask.client.get(self._url(ask, country, number), accept=(400, 404) if number == 1 else ())
            if answer.status >= 400:
                return False
            body = ask.client.decoded(answer)
            entries = _entries(body, ask.settings.name)
            ids = [f"{country}/{_label(entry, 'id')}" for entry in entries if isinstance(entry, Mapping)]
            if ids and ids == last:
                ask.findings.lack("repeated", f"{ask.settings.name}: Apple gave a page twice; the rest is missing")
                return True
            last = ids
            yield Page(kind="reviews", body=body, extra={"country": country, "app_id": _app(ask)})
            known.update(dict.fromkeys(ids, ""))
            if not entries or (may_stop and before.issuperset(ids)) or not _has_next(body):
                self._finish(ask, country)
                return True
        self._finish(ask, country)
        ask.findings.cap_hit = True
        ask.findings.lack("cap", f"{ask.settings.name}: {country} has more than the 500 reviews that Apple shows")
        return True

    def _finish(self, ask: Ask, country: str) -> None:
        ask.findings.mark["unfinished"].pop(country, None)
        ask.findings.mark["known"] = dict(list(ask.findings.mark["known"].items())[-_KNOWN_LIMIT:])

    def _url(self, ask: Ask, country: str, number: int) -> str:
        return ask.url(self, f"/{country}/rss/customerreviews/page={number}/id={_app(ask)}/sortBy=mostRecent/json")


def _app(ask: Ask) -> str:
    app_id = str(ask.settings.options.get("app_id", ""))
    if not app_id.isdecimal():
        raise ConfigurationError(
            f"{ask.settings.name}: no app is named for {ask.brand.id}; set the option app_id to the number in its "
            "App Store address (…/id123456789)",
            source=ask.settings.name,
        )
    return app_id


def _entries(body: Any, source: str) -> list[Any]:
    """The reviews of a page: none, an object where there is one, else a list whose first may be the app itself."""
    feed = body.get("feed") if isinstance(body, Mapping) else None
    if not isinstance(feed, Mapping):
        raise SourceChanged(f"{source}: the answer has no feed", source=source)
    entry = feed.get("entry", [])
    if isinstance(entry, Mapping):
        entry = [entry]
    if not isinstance(entry, list):
        raise SourceChanged(f"{source}: the feed's entry is neither a list nor an object", source=source)
    return [one for one in entry if not (isinstance(one, Mapping) and "im:artist" in one and "im:rating" not in one)]


def _has_next(body: Any) -> bool:
    """Whether the feed links to a further page; a feed without links is read on until it is empty."""
    links = body["feed"].get("link")
    if not isinstance(links, list):
        return True
    named = [link.get("attributes", {}) for link in links if isinstance(link, Mapping)]
    found = {str(one.get("rel")): str(one.get("href")) for one in named if isinstance(one, Mapping)}
    return "next" not in found or found["next"] != found.get("self")


def _label(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    label = value.get("label") if isinstance(value, Mapping) else None
    return label if isinstance(label, str) else ""


def _review(item: Any, page: Page, context: ParseContext) -> Iterator[Mention]:
    entry = mapping(item)
    flat = {name: value.get("label") for name, value in entry.items() if isinstance(value, Mapping)}
    number = text(flat, "id", required=True)
    author = entry.get("author")
    country = str(page.extra.get("country", ""))
    body = text(flat, "content")
    title = text(flat, "title")
    if not body and not title:
        raise ContractError("the review has neither a title nor a text")
    yield Mention(
        source=context.source,
        native_id=f"{country}/{number}",
        kind=Kind.REVIEW,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        title=context.mask(title),
        text=context.mask(body),
        url=f"https://apps.apple.com/{country}/app/id{page.extra.get('app_id', '')}?see-all=reviews",
        author_key=context.author(_label(author, "name") if isinstance(author, Mapping) else None),
        rating=stars(flat, "im:rating", required=True),
        likes=whole(flat, "im:voteSum"),
        published_at=instant(text(flat, "updated", required=True)),
        place=country,
        product=text(flat, "im:version"),
    )
