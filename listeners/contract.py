"""What a listener is: `fetch` does input and output, `parse` is pure, both in one file of listeners/sources/."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from contracts.errors import ConfigurationError, ContractError, CredentialsRejected
from contracts.mention import Mention

if TYPE_CHECKING:
    from listeners.http import Client

_T = TypeVar("_T")
PAYLOAD_LIMIT = 4_000
# Who wrote it never reaches a disk, not even in the payload of a record that could not be read.
_AUTHOR_KEYS = frozenset(
    {
        "author", "author_id", "authorid", "authorname", "authordisplayname", "authorchannelid", "bloggername",
        "bloggerlink",
        "customerid", "customername", "email", "first_name", "from", "ip_address", "last_name",
        "maskedwriterid", "member_id", "mobile", "name", "nick_name", "nickname", "phone",
        "reply_to", "to", "user", "username", "writer", "writer_email",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedBrand:
    """A brand as the listeners see it: what to search for, and who speaks for it at each source.

    `official` maps a source to the brand's own handles, ids or nicknames there.
    """

    id: str
    name: str
    terms: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    official: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def is_official(self, source: str, *names: str | None) -> bool:
        """Whether one of the names (handle, id, nickname) is the brand's own at the source."""
        own = {name.strip().lstrip("@").casefold() for name in self.official.get(source, ())}
        return any(name is not None and name.strip().lstrip("@").casefold() in own for name in names)

    def is_named_in(self, *texts: str) -> bool:
        """Whether a text holds one of the brand's terms (case does not matter)."""
        whole = "\n".join(texts).casefold()
        return any(term.casefold() in whole for term in self.terms if term.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A key a source needs: its name in the settings, and where to get it (shown when it is missing).

    `unless` names another key of the source that does instead.
    """

    name: str
    help: str
    required: bool = True
    unless: str = ""

    def lacks(self, keys: Container[str]) -> bool:
        """Whether a source with these keys cannot do without this one."""
        return self.required and self.name not in keys and self.unless not in keys


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """One configured source. `options` holds the source's own settings with the brand's merged over them.

    `name` is the source's name in every row; it differs from the listener's only when one listener
    serves several sites (two boards, say). Credentials are never shown by repr().
    """

    name: str
    base_url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    timeout_seconds: float = 20.0
    user_agent: str = "gwidam/0.1 (+https://github.com/gwidam/gwidam)"

    def credential(self, wanted: Credential) -> str:
        """A key's value; raises CredentialsRejected, with where to get it, when it is required and missing."""
        value = self.credentials.get(wanted.name, "").strip()
        if not value and wanted.required:
            raise CredentialsRejected(
                f"{self.name}: the key '{wanted.name}' is not set; {wanted.help}", source=self.name
            )
        return value

    def option(self, name: str, default: _T) -> _T:
        """An option of the default's type; a number may be written as int or float. Raises ConfigurationError."""
        value = self.options.get(name, default)
        if isinstance(default, tuple) and isinstance(value, list):
            value = tuple(value)
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, type(default)) or (isinstance(value, bool) and not isinstance(default, bool)):
            raise ConfigurationError(
                f"{self.name}: option '{name}' is {value!r}, but should be a {type(default).__name__} "
                f"such as {default!r}",
                source=self.name,
            )
        return value


@dataclass(slots=True, kw_only=True)
class Findings:
    """What a fetch learns beside its pages; `collect` makes the coverage row and the next mark of it.

    `mark` is the listener's own high-water mark (JSON), always true of the pages yielded so far.
    `lacks` names why the run is not whole: (reason, message) pairs. `skipped` counts expected refusals,
    such as secret posts.
    """

    mark: dict[str, Any] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)
    cap_hit: bool = False
    lacks: list[tuple[str, str]] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    answers_from: datetime | None = None
    answers_to: datetime | None = None
    cost_usd: float = 0.0

    def lack(self, reason: str, message: str) -> None:
        """Note that the run is partial, once a reason and message."""
        if (reason, message) not in self.lacks:
            self.lacks.append((reason, message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request to listen: which brand, where, since when, from which mark. `now` is the run's time.

    `usage` is the file in which a source that is paid or limited counts what its account used (listeners/budget.py).
    """

    brand: WatchedBrand
    settings: SourceSettings
    client: Client
    now: datetime
    usage: Path
    since: datetime | None = None
    mark: Mapping[str, Any] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)

    def url(self, listener: Listener, path: str) -> str:
        """An address at the source: the configured base, or the listener's public one, plus the path."""
        base = self.settings.base_url or listener.base_url
        return base.rstrip("/") + "/" + path.lstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A piece of an answer as it came, JSON-able so that it can be kept as a golden: parse reads nothing else.

    `kind` says which of the source's shapes it is; `body` is decoded JSON or the text of a page; `extra`
    holds what fetch knows and the body does not (a query, bounds of an undated post).
    """

    kind: str
    body: Any
    url: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A record that parse could not use; `collect` quarantines it. `payload` is masked and without its author."""

    reason: str
    payload: str
    position: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseContext:
    """What parse may know: the brand, when the page was fetched, how to mask, how to key an author."""

    brand: WatchedBrand
    settings: SourceSettings
    fetched_at: datetime
    mask: Callable[[str], str]
    author_key: Callable[[str, str], str]

    @property
    def source(self) -> str:
        """The source's name, as every row carries it."""
        return self.settings.name

    def author(self, name: str | None) -> str | None:
        """The keyed hash of an author; None for nobody."""
        return self.author_key(self.source, name) if name else None

    def refused(self, error: ContractError, payload: Any, position: str) -> Refused:
        """A record for the quarantine: the error's reason and what came, masked, without its author."""
        shown = json.dumps(_without_author(payload), ensure_ascii=False, default=str)[: PAYLOAD_LIMIT * 2]
        shown = shown.encode("utf-8", "replace").decode()
        return Refused(reason=error.message[:300], payload=self.mask(shown)[:PAYLOAD_LIMIT], position=position)


def _without_author(value: Any, depth: int = 0) -> Any:
    if depth > 8:
        return "…"
    if isinstance(value, Mapping):
        return {
            key: "[작성자]" if str(key).casefold() in _AUTHOR_KEYS else _without_author(inner, depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_author(inner, depth + 1) for inner in value]
    return value


def parse_each(
    items: Sequence[Any],
    context: ParseContext,
    build: Callable[[Any], Iterator[Mention]],
    position: str,
) -> Iterator[Mention | Refused]:
    """Build mentions from each item; an item that breaks the contract is refused and the others go on."""
    for index, item in enumerate(items):
        try:
            yield from list(build(item))
        except ContractError as error:
            yield context.refused(error, item, f"{position}[{index}]")


class Listener(ABC):
    """A source. One instance serves every brand and run: it holds no state."""

    name: ClassVar[str]
    title_ko: ClassVar[str]
    title_en: ClassVar[str]
    base_url: ClassVar[str] = ""
    shows_answers: ClassVar[bool] = False
    credentials: ClassVar[tuple[Credential, ...]] = ()
    crawls: ClassVar[bool] = False

    @abstractmethod
    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Ask the source, page by page, to the end or to the mark; raises by the taxonomy of contracts.errors."""

    @abstractmethod
    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """The mentions of a page. Pure. Raises SourceChanged when the page is not of the known shape."""

    @abstractmethod
    def check(self, ask: Ask) -> str:
        """One request with the configured keys, nothing stored; one line that says what works."""


def state_file(state: Path, source: str, brand: str) -> Path:
    """Where a listener's high-water mark lies: landing/state/<source>.<brand>.json."""
    return state / f"{source}.{brand}.json"
