"""The main job, start to finish: listen, load, tag, build, check, publish, digest, alert."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.errors import GwidamError, QuotaExhausted
from pipeline import usecases
from pipeline.environment import Environment, environment
from pipeline.world import sandbox_url
from storage.locks import exclusive

Step = Callable[[str], Callable[[int, int], None]]
"""Announces a step by its name and gives back the (done, total) callback that moves its bar."""


@dataclass(slots=True)
class RunReport:
    """What one run did; `refusals` are the sources that did not answer, one line each."""

    listened: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    loaded: dict[str, Any] = field(default_factory=dict)
    tagged: int = 0
    built: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    digest: dict[str, Any] = field(default_factory=dict)
    alerts: dict[str, Any] = field(default_factory=dict)


def run(*, listen: bool, week: str | None, now: datetime, step: Step) -> RunReport:
    """Run everything once under the home's run lock.

    A source that refuses does not stop the others: its line goes into `refusals` and the caller exits
    non-zero. Raises GwidamError when a later step cannot go on; what was collected has landed by then.
    """
    env = environment()
    report = RunReport()
    with exclusive(env.home.locks / "run.lock"):
        if listen:
            _listen(env, report, now, step)
        _process(report, now, step)
        moved = step("digest")
        report.digest = usecases.digest(week=week, now=now)
        moved(1, 1)
        moved = step("alert")
        report.alerts = usecases.alert(now=now)
        moved(1, 1)
    return report


def _listen(env: Environment, report: RunReport, now: datetime, step: Step) -> None:
    names = [name for name, source in env.config.sources.items() if source.enabled]
    if any(env.config.mode_of(name) == "sandbox" for name in names):
        with sandbox_url(env.home) as url:
            _listen_each(names, report, now, step, url)
    else:
        _listen_each(names, report, now, step, None)


def _listen_each(names: list[str], report: RunReport, now: datetime, step: Step, url: str | None) -> None:
    for name in names:
        moved = step(f"listen {name}")
        try:
            report.listened[name] = usecases.listen(name, now=now, progress=moved, sandbox=url)
        except QuotaExhausted as error:
            report.notices.append(f"{name}: {error}")
        except GwidamError as error:
            report.refusals.append(f"{name}: {error}")
        moved(1, 1)


def _process(report: RunReport, now: datetime, step: Step) -> None:
    moved = step("load")
    report.loaded = usecases.load(now=now)
    moved(1, 1)
    report.tagged = tag_all(step("tag"), now)
    moved = step("build")
    report.built = usecases.build(now=now)
    moved(1, 1)
    moved = step("check and publish")
    report.published = usecases.publish(now=now)
    moved(1, 1)


def tag_all(moved: Callable[[int, int], None], now: datetime) -> int:
    """Export what wants a tag, tag it file by file, load the tags; returns the texts tagged."""
    files = usecases.export_pending()
    texts = 0
    for index, pending in enumerate(files):
        def of_all(done: int, total: int, index: int = index) -> None:
            moved(index * 1000 + (1000 * done // max(total, 1)), len(files) * 1000)

        texts += int(usecases.tag(pending, progress=of_all)["texts"])
    if files:
        usecases.load(now=now)
    moved(1, 1)
    return texts
