"""One source, every brand: configuration in, landed files and one summary out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contracts.coverage import Coverage
from contracts.errors import ConfigurationError, CredentialsRejected, GwidamError
from contracts.keys import author_key
from pipeline.config import Brand
from pipeline.environment import Environment, author_secret, credentials, variable
from pipeline.world import sandbox_url
from storage.locks import exclusive

if TYPE_CHECKING:
    from listeners.contract import Listener, SourceSettings, WatchedBrand

Progress = Callable[[int, int], None]


def listener_of(name: str) -> Listener:
    """The listener behind a source's name; ConfigurationError when no file provides it."""
    from listeners import registry

    return registry.get(name)


def watched(brand: Brand) -> WatchedBrand:
    """A configured brand as the listeners see it."""
    from listeners.contract import WatchedBrand

    return WatchedBrand(id=brand.id, name=brand.name, terms=brand.terms, exclude=brand.exclude, official=brand.official)


def settings_of(env: Environment, name: str, brand: Brand, sandbox: str | None) -> SourceSettings:
    """A source's settings for one brand: its table, the brand's own options over it, and its keys."""
    from listeners.contract import SourceSettings

    source = env.config.source(name)
    in_sandbox = env.config.mode_of(name) == "sandbox"
    base_url = source.base_url
    options = {**source.options, **brand.sources.get(name, {})}
    if in_sandbox:
        options.setdefault("pause_seconds", 0.0)  # one's own machine needs no sparing beyond its robots.txt
        if sandbox is None or source.sandbox_path is None:
            raise ConfigurationError(f"{name} has no stand-in: give it a sandbox_path, or set its mode to live")
        base_url = sandbox + source.sandbox_path
    needed = listener_of(name).credentials
    keys = credentials(name, [credential.name for credential in needed], sandbox=in_sandbox)
    for credential in needed:
        if credential.lacks(keys):
            raise CredentialsRejected(
                f"{name}: no key; set {variable(name, credential.name)} to {credential.help} (docs/sources/{name}.md)",
                source=name,
            )
    return SourceSettings(
        name=name, base_url=base_url, credentials=keys,
        options=options, timeout_seconds=source.timeout_seconds,
        user_agent=f"gwidam/0.1 (+{env.config.contact})" if env.config.contact else "gwidam/0.1",
    )


@contextmanager
def base_of(env: Environment, name: str, given: str | None) -> Iterator[str | None]:
    """The sandbox's URL where the source listens to it, else None."""
    if env.config.mode_of(name) != "sandbox":
        yield None
    elif given:
        yield given
    else:
        with sandbox_url(env.home) as url:
            yield url


def listen_to(
    env: Environment, name: str, *, now: datetime, progress: Progress | None, sandbox: str | None = None,
) -> dict[str, Any]:
    """Collect `name` for every brand, one after the other, then raise the first refusal if there was one."""
    from listeners.collect import collect
    from nlp.personal_data import mask

    listener, secret = listener_of(name), author_secret(env.home)
    coverages: list[Coverage] = []
    refusal: GwidamError | None = None
    with exclusive(env.home.locks / f"listen-{name}.lock"), base_of(env, name, sandbox) as url:
        for brand in env.config.brands:
            try:
                coverages.append(collect(
                    listener, brand=watched(brand), settings=settings_of(env, name, brand, url), home=env.home,
                    now=now, mask=mask, author_key=lambda source, author: author_key(secret, source, author),
                    progress=(lambda seen: progress(seen, 0)) if progress else None,
                ))
            except GwidamError as error:
                refusal = refusal or error
    if refusal is not None:
        raise refusal
    return summary(coverages)


def summary(coverages: list[Coverage]) -> dict[str, Any]:
    """Counts over the brands, and the reasons of what is lacking."""
    return {
        "seen": sum(c.seen for c in coverages),
        "new": sum(c.new for c in coverages),
        "quarantined": sum(c.quarantined for c in coverages),
        "requests": sum(c.requests for c in coverages),
        "cost_usd": round(sum(c.cost_usd for c in coverages), 4),
        "lacking": sorted({f"{c.reason}: {c.message}" for c in coverages if c.outcome != "complete"}),
    }


def check_source(env: Environment, name: str, *, now: datetime) -> list[str]:
    """One request a brand, nothing stored: the listener's one line each. Raises what the source refused with."""
    from listeners.collect import make_ask

    listener = listener_of(name)
    with base_of(env, name, None) as url:
        return [
            listener.check(make_ask(
                listener, brand=watched(brand), settings=settings_of(env, name, brand, url), home=env.home, now=now,
            ))
            for brand in env.config.brands
        ]
