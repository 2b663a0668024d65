"""Cafe scout: where a product category is talked about, as a proposed watch list. Stores nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from contracts.errors import ConfigurationError, GwidamError
from contracts.keys import author_key
from contracts.mention import Mention
from pipeline.environment import Environment, author_secret
from pipeline.listening import base_of, listener_of, settings_of
from pipeline.reading import tasks

SEARCHES = ("naver_cafe", "naver_blog", "naver_kin", "daum_cafe", "daum_blog")
"""Sources that search by words anywhere, rather than read one brand's own pages."""
_SHARED_HOSTS = frozenset({"blog.naver.com", "blog.daum.net", "brunch.co.kr", "velog.io"})


@dataclass(slots=True)
class Place:
    """A cafe, blog or board in which the category was found."""

    source: str
    name: str
    posts: int = 0
    complaints: int = 0
    known: bool = False
    example: str = ""
    seen: set[str] = field(default_factory=set)

    @property
    def score(self) -> float:
        """posts x (0.5 + complaint share), doubled where we have not listened yet: volume, pain, novelty."""
        share = self.complaints / self.posts if self.posts else 0.0
        return self.posts * (0.5 + share) * (1.0 if self.known else 2.0)


def scout(
    env: Environment, category: str, *, posts: int, now: datetime, refused: Callable[[str, GwidamError], None],
) -> list[dict[str, Any]]:
    """Rank the places of at most `posts` search results a source for the words of a category, best first.

    A source that refuses is reported through `refused` and left out. Raises ConfigurationError when no search
    source is enabled or the category is too short to search for.
    """
    if len(category.strip()) < 2:
        raise ConfigurationError("--category needs at least two characters, such as --category 김치통")
    names = [name for name in SEARCHES if name in env.config.sources and env.config.sources[name].enabled]
    if not names:
        raise ConfigurationError(f"scouting searches {', '.join(SEARCHES)}; enable one of them in sources.toml")
    found: list[Mention] = []
    for name in names:
        try:
            found += islice(_search(env, name, category.strip(), now), posts)
        except GwidamError as error:
            refused(name, error)
    return [_row(place) for place in sorted(_places(env, found), key=lambda p: p.score, reverse=True)]


def _search(env: Environment, name: str, category: str, now: datetime) -> Iterator[Mention]:
    from listeners.collect import make_ask
    from listeners.contract import ParseContext, WatchedBrand
    from nlp.personal_data import mask

    listener, secret = listener_of(name), author_secret(env.home)
    brand = WatchedBrand(id="scout", name=category, terms=(category,), exclude=(), official={})
    with base_of(env, name, None) as url:
        settings = settings_of(env, name, env.config.brands[0], url)
        ask = make_ask(listener, brand=brand, settings=settings, home=env.home, now=now)
        context = ParseContext(brand=brand, settings=settings, fetched_at=now, mask=mask,
                               author_key=lambda source, author: author_key(secret, source, author))
        for page in listener.fetch(ask):
            yield from (record for record in listener.parse(page, context) if isinstance(record, Mention))


def _places(env: Environment, mentions: list[Mention]) -> list[Place]:
    complaints = _complaints(env, mentions)
    known = _known(env)
    places: dict[tuple[str, str], Place] = defaultdict(lambda: Place("", ""))
    for mention in mentions:
        key = (mention.source, place_of(mention.place, mention.url))
        place = places[key]
        if mention.native_id in place.seen:
            continue
        place.source, place.name, place.known = key[0], key[1], key in known
        place.seen.add(mention.native_id)
        place.posts += 1
        place.complaints += mention.mention_id in complaints
        place.example = place.example or mention.url
    return list(places.values())


def _complaints(env: Environment, mentions: list[Mention]) -> set[str]:
    sentiment = next(task for task in tasks(env.config) if task.name == "sentiment")
    texts = [(mention.mention_id, mention.full_text) for mention in mentions if mention.full_text]
    return {tag.text_hash for tag in sentiment.tag(texts) if tag.label == "complaint"}


def _known(env: Environment) -> set[tuple[str, str]]:
    from warehouse.query import rows

    if not env.home.published_file.exists():
        return set()
    found = rows(env.home.published_file, "SELECT DISTINCT source, place, url FROM mentions")
    return {(row["source"], place_of(row["place"] or "", row["url"] or "")) for row in found}


def place_of(named: str, url: str) -> str:
    """Where a post stands: the cafe or board that the source names, else the blog its address begins with."""
    if named:
        return named
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("m.")
    blog = parts.path.strip("/").split("/")[0]
    return f"{host}/{blog}" if host in _SHARED_HOSTS and blog else host or "?"


def _row(place: Place) -> dict[str, Any]:
    return {
        "source": place.source, "place": place.name, "posts": place.posts,
        "complaint share": f"{place.complaints / place.posts:.0%}", "known": "yes" if place.known else "new",
        "score": round(place.score, 1), "example": place.example,
    }
