"""Errors named by what their reader must do: retry, call a person, stop quietly, quarantine one record.

Every error is one clear line: what happened, why, and what to do. All of them survive pickling, so a
worker may raise them and a scheduler decide on them.
"""

from __future__ import annotations

from datetime import datetime


class GwidamError(Exception):
    """Root of the project's own errors; the command shows its message as one line and exits non-zero."""

    def __init__(self, message: str, *, source: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.source = source

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.__dict__.copy()))


def _rebuild(kind: type[GwidamError], state: dict[str, object]) -> GwidamError:
    error = kind.__new__(kind)
    Exception.__init__(error, state.get("message"))
    error.__dict__.update(state)
    return error


class TransientError(GwidamError):
    """Nothing a person must do: trying again later is expected to work."""


class RateLimited(TransientError):
    """The source asked for a pause. `until` is UTC; None when it did not say how long."""

    def __init__(self, message: str, *, until: datetime | None = None, source: str | None = None) -> None:
        super().__init__(message, source=source)
        self.until = until


class SourceUnavailable(TransientError):
    """The source did not answer, answered 5xx, or broke off in mid-body."""


class TerminalError(GwidamError):
    """A person must act; trying again changes nothing."""


class CredentialsRejected(TerminalError):
    """Wrong, expired or missing key (401 and its relatives)."""


class Forbidden(TerminalError):
    """The key is right but may not do this (403, robots.txt, missing approval)."""


class SourceChanged(TerminalError):
    """The source answered, but not in the shape we know (HTML for JSON, no rows on a 200 page)."""


class ConfigurationError(TerminalError):
    """A configuration file, option or input file is wrong; the message names the place and the remedy."""


class QuotaExhausted(GwidamError):
    """A paid or daily quota is used up: stop quietly, keep what came, resume from the high-water mark."""

    def __init__(self, message: str, *, resets_at: datetime | None = None, source: str | None = None) -> None:
        super().__init__(message, source=source)
        self.resets_at = resets_at


class ContractError(GwidamError):
    """One record is unusable: it is quarantined with its reason and (masked) payload; the batch goes on."""

    def __init__(self, message: str, *, payload: str = "", source: str | None = None) -> None:
        super().__init__(message, source=source)
        self.payload = payload
