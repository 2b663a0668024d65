"""What the command prints: bars while it works, and an end that says where everything is and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from contracts.clock import from_iso
from contracts.errors import ConfigurationError, GwidamError
from storage.home import Home

if TYPE_CHECKING:
    from pipeline.run import RunReport

_UNWRAPPED = 10_000  # characters; a pipe has no edge at which a row of a table should break


def console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal; in a pipe or a file a row stays one line, as grep wants it."""
    made = Console(stderr=stderr, highlight=False, soft_wrap=True)
    if not made.file.isatty():
        made.width = _UNWRAPPED
    return made


out = console()
err = console(stderr=True)


@contextmanager
def bars() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """Progress bars: `step(name)` adds one and gives the (done, total) callback that moves it."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err) as progress:
        def step(name: str) -> Callable[[int, int], None]:
            task = progress.add_task(escape(name), total=None)

            def moved(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total or None)

            return moved

        yield step


def line(text: str) -> None:
    """One line on stderr, as it is."""
    err.print(escape(" ".join(text.split())))


def refusal(who: str, error: GwidamError) -> None:
    """An expected refusal: who, what, why, what to do."""
    text = " ".join(str(error).split())
    prefix = "" if text.startswith(f"{who}:") else f"{who}: "
    err.print(f"[red]{escape(prefix + text)}[/red]")


def good(who: str, text: str) -> None:
    """A line of good news."""
    out.print(f"[green]{escape(who)}[/green]: {escape(text.removeprefix(f'{who}: '))}")


def hint(text: str) -> None:
    """What to do next."""
    out.print(f"[dim]next:[/dim] {escape(text)}")


def counts(what: str, summary: dict[str, Any]) -> None:
    """A summary on one line: only what is there."""
    said = ", ".join(f"{key.replace('_', ' ')} {_value(value)}" for key, value in summary.items() if value)
    out.print(f"[bold]{escape(what)}[/bold]: {escape(said or 'nothing new')}")


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(str(v) for v in value)
    if isinstance(value, dict):
        return "(" + ", ".join(f"{k} {v}" for k, v in value.items()) + ")"
    return f"{value:,}" if isinstance(value, int) else str(value)


def moment(text: str | None) -> datetime | None:
    """A time or a Seoul day given on the command line, in UTC."""
    if text is None:
        return None
    try:
        return from_iso(text if "T" in text else f"{text}T23:59:59+09:00")
    except ValueError:
        raise ConfigurationError(f"{text!r} is not a time; write 2026-02-28 or 2026-02-28T09:00:00+09:00") from None


def run_report(report: RunReport, home: Home) -> None:
    """The end of a run: what came, what could not, where everything is, and what to do next."""
    for name, listened in report.listened.items():
        counts(name, listened)
    counts("warehouse", {**report.loaded, "texts_tagged": report.tagged})
    for text in report.notices:
        out.print(f"[yellow]note[/yellow] {escape(text)}")
    for name, text in report.published["warnings"].items():
        out.print(f"[yellow]check[/yellow] {escape(name)}: {escape(text)}")
    digest(report.digest)
    alerts(report.alerts)
    out.print(f"[bold]DuckDB file[/bold] {escape(report.published['path'])}")
    out.print(f"[bold]mails[/bold] {escape(str(home.outbox))}")
    hint("`gwidam query` shows last week's unaddressed complaints, worst first; open the digest in a browser")
    for text in report.refusals:
        err.print(f"[red]did not answer[/red] {escape(text)}")


def digest(summary: dict[str, Any]) -> None:
    """Where the digests lie and whether their mails left."""
    for item in summary.get("digests", []):
        out.print(f"[bold]digest[/bold] {escape(item['subject'])}")
        out.print(f"  {escape(item['html'])}")
        for mail in item["mails"]:
            out.print(f"  {escape(mail)}")


def alerts(summary: dict[str, Any]) -> None:
    """The alert mails of this run."""
    sent = summary.get("alerts", [])
    if not sent:
        out.print("[bold]alerts[/bold] none new")
    for item in sent:
        out.print(f"[bold]alert[/bold] {escape(item['subject'])}\n  {escape(item['mail'])}")


def status(read: dict[str, Any]) -> None:
    """The sources' last runs, what waits, and the paths."""
    table = Table("source", "mode", "last run", "outcome", "seen", "new", "used", "cost $", "what it said", box=None)
    for row in read["sources"]:
        table.add_row(*(escape(str(row[key])) for key in (
            "source", "mode", "last_run", "outcome", "seen", "new", "used", "cost_usd", "message")))
    out.print(table)
    for key, value in read["facts"].items():
        out.print(f"[bold]{escape(key)}[/bold] {escape(_value(value))}")
