"""The use cases, one function each: what the gwidam command and the DAGs call.

Every function works on the process's environment (`pipeline.environment`), may run twice, may die half-way,
and returns a small JSON-able summary. Heavy rooms are imported where they are used, so that a scheduler that
imports this module pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.clock import last_complete_week
from pipeline import telling
from pipeline.environment import author_secret, current_time, environment
from pipeline.listening import listen_to

Summary = dict[str, Any]
Progress = Callable[[int, int], None]


def listen(
    source: str, *, now: datetime | None = None, progress: Progress | None = None, sandbox: str | None = None,
) -> Summary:
    """Collect one source for every brand; lands files, coverage and the high-water mark.

    Raises what the listener raised, after everything that came has landed.
    """
    return listen_to(environment(), source, now=now or current_time(), progress=progress, sandbox=sandbox)


def import_file(
    path: Path, *, source: str, brand: str | None, mapping: dict[str, str], ignore: tuple[str, ...],
    as_of: datetime | None = None, rating_max: float = 5.0, now: datetime | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Land an export file as mentions of `source`; the same file twice lands the same keys."""
    from contracts.keys import author_key
    from listeners.importing import import_file as land
    from nlp.personal_data import mask

    env, moment = environment(), now or current_time()
    secret = author_secret(env.home)
    report = land(
        path, source=source, brand=brand, mapping=mapping, ignore=ignore, home=env.home, now=moment, as_of=as_of,
        rating_max=rating_max,
        mask=mask, author_key=lambda origin, author: author_key(secret, origin, author),
        progress=(lambda rows: progress(rows, 0)) if progress else None,
    )
    return {
        "rows": report.rows, "imported": report.imported, "answers": report.answers,
        "quarantined": report.quarantined, "first_day": str(report.first_day or ""),
        "last_day": str(report.last_day or ""), "brands": dict(report.brands), "path": str(report.path),
    }


def load(*, now: datetime | None = None) -> Summary:
    """Bring every landed file that is not in the ledger yet into the warehouse."""
    from warehouse.load import load as load_home

    return load_home(environment().home, now=now or current_time()).to_json()


def export_pending() -> list[str]:
    """Write the texts that still want a tag to pending/; returns the files."""
    from pipeline.reading import task_versions, tasks
    from warehouse.pending import export

    env = environment()
    return [str(path) for path in export(env.home, task_versions(tasks(env.config)))]


def tag(pending: str, *, progress: Progress | None = None) -> Summary:
    """Tag one pending file into landing/tags/; nothing heavy stays open."""
    from nlp.tagger import tag_pending
    from pipeline.reading import tasks

    env = environment()
    report = tag_pending(Path(pending), env.home.landed("tags"), tasks(env.config), progress=progress)
    return {"texts": report.texts, "tags": report.tags, "other_language": report.other_language}


def build(*, now: datetime | None = None) -> Summary:
    """Rebuild every model from raw with the current configuration."""
    from pipeline.reference import reference
    from warehouse.build import build as build_home

    env, moment = environment(), now or current_time()
    return build_home(env.home, reference(env.config, moment), now=moment).to_json()


def check() -> Summary:
    """Run the warehouse's checks; raises when one of level fail does not hold."""
    from warehouse.checks import require

    return require(environment().home)


def publish(*, now: datetime | None = None) -> Summary:
    """Check, then write the copy that people read, aside, then renamed; raises as `check` does."""
    from warehouse.publish import publish as publish_home

    published = publish_home(environment().home, now=now or current_time())
    return {**published.checked, "path": str(published.path)}


def digest(
    *, week: str | None = None, brand: str | None = None, resend: bool = False, now: datetime | None = None,
) -> Summary:
    """The weekly digest of every brand and audience; by default of the last complete week in Seoul."""
    moment = now or current_time()
    return telling.digest(
        environment(), week=week or last_complete_week(moment), brand=brand, resend=resend, now=moment,
    )


def alert(*, now: datetime | None = None) -> Summary:
    """The alert mails that are due."""
    return telling.alert(environment(), now=now or current_time())


def resolve(mention: str, *, how: str, note: str, now: datetime | None = None) -> Summary:
    """Record a person's word that a complaint was handled; the next build shows it."""
    from pipeline.resolving import resolve as record

    return record(environment(), mention, how=how, note=note, now=now or current_time())


def maintenance(*, now: datetime | None = None) -> Summary:
    """Sweep what killed processes left and apply retention."""
    from pipeline.upkeep import maintain

    return maintain(environment(), now=now or current_time())
