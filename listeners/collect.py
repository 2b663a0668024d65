"""One listening run: fetch, parse, land as pages come, cover, and move the high-water mark last."""

from __future__ import annotations

import hashlib
import json
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contracts.clock import from_iso, to_iso
from contracts.coverage import Coverage, Outcome
from contracts.errors import (
    ConfigurationError,
    CredentialsRejected,
    Forbidden,
    GwidamError,
    QuotaExhausted,
    RateLimited,
    SourceChanged,
    SourceUnavailable,
)
from contracts.mention import Mention
from listeners.budget import usage_file
from listeners.contract import Ask, Findings, Listener, ParseContext, Refused, SourceSettings, WatchedBrand, state_file
from listeners.http import Client
from listeners.landing import Landing, content_key
from storage.files import write_json
from storage.home import Home
from storage.locks import exclusive

log = logging.getLogger(__name__)
Progress = Callable[[int], None]
KNOWN_LIMIT = 20_000
REFUSED_LIMIT = 2_000
_REASONS: tuple[tuple[type[GwidamError], str], ...] = (
    (RateLimited, "rate_limit"),
    (SourceUnavailable, "unavailable"),
    (CredentialsRejected, "credentials"),
    (Forbidden, "forbidden"),
    (SourceChanged, "changed"),
    (ConfigurationError, "configuration"),
    (QuotaExhausted, "quota"),
)


@dataclass(slots=True)
class _State:
    """What a run leaves to the next: the listener's mark, and which records are known in which version."""

    mark: dict[str, Any] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    ran_at: datetime | None = None

    def remember(self, native_id: str, version: str) -> str | None:
        """Note a record's version; the version known before, None when it is new."""
        before = self.known.pop(native_id, None)
        self.known[native_id] = version
        return before

    def to_json(self, now: datetime) -> dict[str, Any]:
        return {
            "mark": self.mark,
            "known": dict(list(self.known.items())[-KNOWN_LIMIT:]),
            "refused": dict(list(self.refused.items())[-REFUSED_LIMIT:]),
            "ran_at": to_iso(now),
        }


def make_ask(
    listener: Listener,
    *,
    brand: WatchedBrand,
    settings: SourceSettings,
    home: Home,
    now: datetime,
    since: datetime | None = None,
    mark: dict[str, Any] | None = None,
) -> Ask:
    """An `Ask` with a polite client of its own; what `collect` and `Listener.check` are given."""
    client = Client(
        source=settings.name,
        now=now,
        user_agent=settings.user_agent,
        timeout_seconds=settings.timeout_seconds,
        secrets=tuple(settings.credentials.values()),
        options=settings.options,
        cache=home.state / "robots",
    )
    return Ask(
        brand=brand, settings=settings, client=client, now=now, usage=usage_file(home.state, settings.name),
        since=since, mark=dict(mark or {}), findings=Findings(mark=dict(mark or {})),
    )


def collect(
    listener: Listener,
    *,
    brand: WatchedBrand,
    settings: SourceSettings,
    home: Home,
    now: datetime,
    mask: Callable[[str], str],
    author_key: Callable[[str, str], str],
    since: datetime | None = None,
    progress: Progress | None = None,
) -> Coverage:
    """Listen once. Lands mentions and quarantined records as they come, then coverage, then the mark.

    `since` is how far back a first run looks (default: option `lookback_days`, 56); later runs follow the
    mark. `progress` is told how many mentions have been seen. A used-up quota is a partial coverage that
    is returned; any other error is raised after everything that came, and its coverage, has been written.
    Killed at any moment, it leaves the old mark: the next run reads the same again under the same keys.
    """
    home.ensure()
    with exclusive(home.locks / f"listen.{settings.name}.{brand.id}.lock", wait_seconds=60):
        state = _read_state(home, settings.name, brand.id)
        since = since or now - timedelta(days=settings.option("lookback_days", 56.0))
        ask = make_ask(
            listener, brand=brand, settings=settings, home=home, now=now, since=since, mark=state.mark
        )
        context = ParseContext(brand=brand, settings=settings, fetched_at=now, mask=mask, author_key=author_key)
        run = _Run(listener, ask, context, state, home)
        return run.go(progress)


class _Run:
    def __init__(self, listener: Listener, ask: Ask, context: ParseContext, state: _State, home: Home) -> None:
        self.listener = listener
        self.ask = ask
        self.context = context
        self.state = state
        self.home = home
        self.began = time.monotonic()
        run_id = f"{ask.now:%Y%m%dT%H%M%S}-{ask.settings.name}-{ask.brand.id}-{uuid.uuid4().hex[:6]}"
        self.landing = Landing(home, source=ask.settings.name, run_id=run_id, now=ask.now)
        self.seen: set[str] = set()
        self.new = 0

    def go(self, progress: Progress | None) -> Coverage:
        error: BaseException | None = None
        try:
            for page in self.listener.fetch(self.ask):
                for record in self.listener.parse(page, self.context):
                    self._take(record)
                if progress:
                    progress(len(self.seen))
        except BaseException as caught:
            error = caught
        # Whatever ended the run, what came is landed first, then the coverage, then the mark.
        self.landing.flush()
        coverage = self._coverage(error)
        self.landing.cover(coverage)
        self.state.mark = self.ask.findings.mark
        state = state_file(self.home.state, self.ask.settings.name, self.ask.brand.id)
        write_json(state, self.state.to_json(self.ask.now))
        log.info(
            "listened source=%s brand=%s outcome=%s seen=%d new=%d quarantined=%d reason=%s",
            coverage.source, coverage.brand, coverage.outcome, coverage.seen, coverage.new, coverage.quarantined,
            coverage.reason,
        )
        if error is not None and not isinstance(error, QuotaExhausted):
            raise error
        return coverage


    def _take(self, record: Mention | Refused) -> None:
        if isinstance(record, Refused):
            key = hashlib.sha256(f"{record.reason}\x1f{record.payload}".encode()).hexdigest()[:16]
            if key not in self.state.refused:
                self.landing.refuse(record)
            self.state.refused[key] = 1
            return
        row = record.to_json()
        version = content_key(row)
        before = self.state.remember(record.native_id, version)
        if record.native_id not in self.seen:
            self.seen.add(record.native_id)
            self.new += before is None
        # An unchanged record is landed again only for the news that its thread was looked at for answers.
        awaits_answer = record.answers_checked_at is not None and not record.answered and not record.is_official
        if before != version or awaits_answer:
            self.landing.add_row(row)

    def _coverage(self, error: BaseException | None) -> Coverage:
        found, ask = self.ask.findings, self.ask
        reason, message = _why(error, found)
        outcome = Outcome.COMPLETE
        if reason:
            outcome = Outcome.PARTIAL if self.seen or isinstance(error, QuotaExhausted) or not error else Outcome.FAILED
        skipped = ", ".join(f"{name} {count}" for name, count in sorted(found.skipped.items()))
        if skipped:
            message = f"{message}; skipped: {skipped}" if message else f"skipped: {skipped}"
        return Coverage(
            run_id=self.landing.run_id,
            source=ask.settings.name,
            brand=ask.brand.id,
            query=" | ".join(found.queries)[:1_000],
            started_at=ask.now,
            finished_at=ask.now + timedelta(seconds=time.monotonic() - self.began),
            outcome=outcome,
            asked_from=self.state.ran_at or ask.since,
            asked_to=ask.now,
            seen=len(self.seen),
            new=self.new,
            quarantined=self.landing.quarantined,
            requests=ask.client.requests_sent,
            cap_hit=found.cap_hit,
            reason=reason,
            message=message,
            answers_from=found.answers_from,
            answers_to=found.answers_to,
            cost_usd=round(found.cost_usd, 6),
        )


def _why(error: BaseException | None, found: Findings) -> tuple[str, str]:
    if error is None:
        return (found.lacks[0][0], "; ".join(message for _, message in found.lacks)) if found.lacks else ("", "")
    if not isinstance(error, GwidamError):
        return "interrupted" if isinstance(error, KeyboardInterrupt | SystemExit) else "bug", type(error).__name__
    if "robots.txt" in error.message:
        return "robots", error.message
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "error"), error.message


def _read_state(home: Home, source: str, brand: str) -> _State:
    path = state_file(home.state, source, brand)
    if not path.exists():
        return _State()
    try:
        saved = json.loads(path.read_bytes())
        return _State(
            mark=saved["mark"], known=saved["known"], refused=saved["refused"], ran_at=from_iso(saved["ran_at"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{source}: the mark {path.name} cannot be read ({type(error).__name__}); delete it to listen afresh: "
            "known posts keep their keys",
            source=source,
        ) from error
