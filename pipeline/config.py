"""The configuration folder, read and checked: brands.toml, sources.toml, digests.toml, topics.toml.

Every mistake is one line that names the file, the place and the remedy (`ConfigurationError`).
"""

from __future__ import annotations

import difflib
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from contracts.errors import ConfigurationError
from pipeline.catalog import DEFAULT_SCHEDULE

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Mode = Literal["sandbox", "live"]
M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """A table in which an unknown key is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Hours(Strict):
    """When the brand's people answer; times are Asia/Seoul."""

    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    open: time = time(9)
    close: time = time(18)
    lunch: tuple[time, time] | None = (time(12), time(13))
    holidays: str = "KR"
    closed: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Hours:
        if self.open >= self.close:
            raise ValueError("open must be before close")
        if self.lunch and not self.open <= self.lunch[0] <= self.lunch[1] <= self.close:
            raise ValueError("lunch must lie between open and close")
        return self


class Brand(Strict):
    """One brand: what it is called, who speaks for it, and what each source must know."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    name: str = Field(min_length=1, max_length=60)
    terms: tuple[str, ...] = Field(min_length=1)
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    official: dict[str, tuple[str, ...]] = {}
    sources: dict[str, dict[str, Any]] = {}
    hours: Hours = Hours()

    @field_validator("terms")
    @classmethod
    def _terms_are_words(cls, terms: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(term.strip()) < 2 for term in terms):
            raise ValueError("a term needs at least two characters, or every text would match")
        return terms


class Source(Strict):
    """One source: where it is, how often it is asked, and its options."""

    enabled: bool = True
    mode: Mode | None = None
    base_url: str = ""
    sandbox_path: str | None = None
    schedule: str = DEFAULT_SCHEDULE
    timeout_seconds: float = Field(default=20.0, gt=0, le=300)
    options: dict[str, Any] = {}


class Audience(Strict):
    """Who gets which brand's digest and alerts."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    name: str = ""
    brands: tuple[str, ...] = ()
    recipients: tuple[str, ...] = Field(min_length=1)
    digest: bool = True
    alerts: bool = True

    @field_validator("recipients")
    @classmethod
    def _addresses(cls, recipients: tuple[str, ...]) -> tuple[str, ...]:
        for address in recipients:
            if "@" not in address or any(c in address for c in "\r\n ,;"):
                raise ValueError(f"{address!r} is not one e-mail address")
        return recipients


class Config(Strict):
    """The whole configuration folder."""

    folder: Path
    mode: Mode
    contact: str
    landing_days: int = Field(ge=30)
    mail_days: int = Field(ge=7)
    brands: tuple[Brand, ...]
    sources: dict[str, Source]
    sender: str
    audiences: tuple[Audience, ...]
    alerts: dict[str, dict[str, Any]]
    digest_options: dict[str, Any]

    @property
    def topics_file(self) -> Path:
        return self.folder / "topics.toml"

    def brand(self, brand_id: str) -> Brand:
        """The brand with this id; ConfigurationError with the closest known one otherwise."""
        for brand in self.brands:
            if brand.id == brand_id:
                return brand
        raise ConfigurationError(f"no brand {brand_id!r}{_closest(brand_id, [b.id for b in self.brands])}; "
                                 "add a [[brand]] block to brands.toml or correct the name")

    def source(self, name: str) -> Source:
        """The source with this name; ConfigurationError with the closest known one otherwise."""
        if name not in self.sources:
            raise ConfigurationError(f"no source {name!r}{_closest(name, list(self.sources))}; "
                                     f"`gwidam status` lists them, {self.folder / 'sources.toml'} defines them")
        return self.sources[name]

    def mode_of(self, name: str) -> Mode:
        return self.source(name).mode or self.mode


def _closest(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f", did you mean {close[0]!r}?" if close else f" (known: {', '.join(sorted(known)) or 'none'})"


def load_config(folder: Path) -> Config:
    """Read and check the folder. Raises ConfigurationError: one line, with the file, the place and the remedy."""
    if not folder.is_dir():
        raise ConfigurationError(f"no folder {folder}; set GWIDAM_CONFIG or run from the project folder")
    brands = _table(folder / "brands.toml")
    sources = _table(folder / "sources.toml")
    digests = _table(folder / "digests.toml")
    blocks = brands.get("brand", [])
    if not isinstance(blocks, list) or not blocks:
        raise ConfigurationError(f"{folder / 'brands.toml'}: no [[brand]] block; add one with id, name and terms")
    ids = [str(block.get("id")) for block in blocks if isinstance(block, dict)]
    if len(set(ids)) != len(ids):
        raise ConfigurationError(f"{folder / 'brands.toml'}: two brands share an id; make every id its own")
    source_blocks = {k: v for k, v in sources.items() if isinstance(v, dict)}
    loose = sorted(set(sources) - set(source_blocks) - {"mode", "contact", "landing_days"})
    if loose:
        raise ConfigurationError(f"{folder / 'sources.toml'}: unknown key {loose[0]!r} above the sources; "
                                 "only mode, contact and landing_days stand there")
    return _checked(Config, folder / "sources.toml", {
        "folder": folder,
        "mode": sources.get("mode", "live"),
        "contact": sources.get("contact", ""),
        "landing_days": sources.get("landing_days", 400),
        "brands": [_checked(Brand, folder / "brands.toml", block, f"brand {block.get('id', '?')}") for block in blocks],
        "sources": {n: _checked(Source, folder / "sources.toml", b, f"[{n}]") for n, b in source_blocks.items()},
        "mail_days": digests.get("mail_days", 180),
        "sender": digests.get("sender", "gwidam <gwidam@localhost>"),
        "audiences": [_checked(Audience, folder / "digests.toml", a, f"audience {a.get('id', '?')}")
                      for a in digests.get("audience", [])],
        "alerts": digests.get("alerts", {}),
        "digest_options": digests.get("digest", {}),
    })


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path} is missing; copy it from the project's config/ folder") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8; save it as UTF-8 and try again") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}; correct that line") from None


def _checked(model: type[M], path: Path, raw: Any, place: str = "") -> M:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            known = list(model.model_fields)
            message = f"unknown key{_closest(str(first['loc'][-1]), known)}"
        raise ConfigurationError(f"{path}: {place} {where}: {message}".replace("  ", " ")) from None
