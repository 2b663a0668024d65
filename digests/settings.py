"""digests.toml's [digest] and [alerts.*] tables, read and checked. Every mistake is one line with its place."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.clock import KST
from contracts.errors import ConfigurationError

M = TypeVar("M", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DigestOptions(_Strict):
    """[digest]: how many posts each list of the weekly mail shows; the rest is counted."""

    complaints: int = Field(default=15, ge=1, le=100)
    earlier: int = Field(default=5, ge=0, le=100)
    questions: int = Field(default=5, ge=0, le=100)
    to_look: int = Field(default=5, ge=0, le=100)
    praises: int = Field(default=3, ge=0, le=20)
    topics: int = Field(default=7, ge=0, le=50)


class _Rule(_Strict):
    enabled: bool = True
    published_within_hours: int = Field(default=72, ge=1, le=24 * 60)


class Spreads(_Rule):
    """[alerts.spreads]: a complaint that reaches `reach`, or `fast_reach` within its first `fast_hours` hours."""

    rule: Literal["spreads"] = "spreads"
    reach: int = Field(default=300, ge=1)
    fast_reach: int = Field(default=100, ge=1)
    fast_hours: float = Field(default=6, gt=0)


class Spike(_Rule):
    """[alerts.spike]: in the last `hours`, at least `complaints` about one topic and more than `times` its usual.

    The usual is the mean of the `days` days before, scaled to `hours`.
    """

    rule: Literal["spike"] = "spike"
    hours: int = Field(default=24, ge=1, le=168)
    days: int = Field(default=28, ge=7, le=365)
    times: float = Field(default=3.0, gt=1)
    complaints: int = Field(default=5, ge=2)


class Safety(_Rule):
    """[alerts.safety]: a complaint of at least this severity that speaks of injury, law or the press."""

    rule: Literal["safety"] = "safety"
    severity: int = Field(default=4, ge=1, le=5)
    kinds: tuple[str, ...] = ("safety", "legal", "press")


class Reopened(_Rule):
    """[alerts.reopened]: the customer complained again after the answer."""

    rule: Literal["reopened"] = "reopened"


class PromiseOverdue(_Rule):
    """[alerts.promise_overdue]: an answer promised something by a time that has passed, and nothing followed."""

    rule: Literal["promise_overdue"] = "promise_overdue"
    published_within_hours: int = Field(default=24 * 14, ge=1, le=24 * 60)


AlertRule = Spreads | Spike | Safety | Reopened | PromiseOverdue
_RULES: dict[str, type[Spreads | Spike | Safety | Reopened | PromiseOverdue]] = {
    "spreads": Spreads, "spike": Spike, "safety": Safety, "reopened": Reopened, "promise_overdue": PromiseOverdue,
}


class MailPolicy(_Strict):
    """[alerts.mail]: at most `at_most` mails a run (the last one gathers the rest), and the quiet hours of Seoul.

    Between `quiet_from` and `quiet_to` alerts wait for the morning, except those of `quiet_except`.
    """

    at_most: int = Field(default=4, ge=1, le=20)
    quiet_from: time | None = None
    quiet_to: time | None = None
    quiet_except: tuple[str, ...] = ("safety",)

    def quiet(self, now: datetime) -> bool:
        """Whether `now` lies in the quiet hours; they may cross midnight."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        local = now.astimezone(KST).time().replace(tzinfo=None)
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= local < self.quiet_to
        return local >= self.quiet_from or local < self.quiet_to


class AlertSettings(_Strict):
    """All of [alerts.*]: the rules that are on, and how they become mails."""

    rules: tuple[AlertRule, ...]
    mail: MailPolicy = MailPolicy()


def digest_options(table: Mapping[str, Any], *, where: str = "digests.toml") -> DigestOptions:
    """[digest] checked; an empty table gives the defaults. Raises ConfigurationError."""
    return _checked(DigestOptions, table, f"{where}: [digest]")


def alert_settings(tables: Mapping[str, Mapping[str, Any]], *, where: str = "digests.toml") -> AlertSettings:
    """[alerts.*] checked. A rule without a table is on with its defaults; `enabled = false` turns it off.

    Raises ConfigurationError for an unknown rule, key or value.
    """
    unknown = sorted(set(tables) - set(_RULES) - {"mail"})
    if unknown:
        close = difflib.get_close_matches(unknown[0], [*_RULES, "mail"], n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join([*_RULES, 'mail'])}"
        raise ConfigurationError(f"{where}: [alerts.{unknown[0]}]: no such rule; {hint}")
    rules = [_checked(model, tables.get(name, {}), f"{where}: [alerts.{name}]") for name, model in _RULES.items()]
    mail = _checked(MailPolicy, tables.get("mail", {}), f"{where}: [alerts.mail]")
    return AlertSettings(rules=tuple(rule for rule in rules if rule.enabled), mail=mail)


def _checked(model: type[M], table: Mapping[str, Any], place: str) -> M:
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        message = first["msg"]
        if first["type"] == "extra_forbidden":
            close = difflib.get_close_matches(name, list(model.model_fields), n=1, cutoff=0.5)
            message = f"unknown key, did you mean {close[0]!r}?" if close else "unknown key"
        raise ConfigurationError(f"{place} {name}: {message}") from None
