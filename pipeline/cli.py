"""The gwidam command: one verb a use case. An error is one line on stderr and a non-zero exit."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import typer

from contracts.errors import ConfigurationError, ContractError, GwidamError, QuotaExhausted, TransientError
from pipeline import show
from pipeline.environment import current_time, environment

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_LATER = 75  # EX_TEMPFAIL of sysexits.h: the same command is expected to work later

app = typer.Typer(
    name="gwidam", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="귀담: finds the public complaints about your brand that nobody has answered.",
)
WeekOption = Annotated[str | None, typer.Option(help="ISO week in Seoul: 2026-W47; default: the last whole one.")]
SourceArgument = Annotated[str | None, typer.Argument(help="One source; default: every enabled one.")]
# typer carries its own click: the base of its public BadParameter is what every wrong option raises.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]


@app.command()
def run(
    week: WeekOption = None,
    listen: Annotated[bool, typer.Option(help="Collect first; --no-listen works on what has landed.")] = True,
) -> None:
    """The whole job once: listen, load, tag, build, check, publish, digest, alert."""
    from pipeline.run import run as run_once

    _week(week)
    with show.bars() as step:
        report = run_once(listen=listen, week=week, now=current_time(), step=step)
    show.run_report(report, environment().home)
    if report.refusals:
        raise typer.Exit(EXIT_REFUSED)


@app.command()
def listen(source: SourceArgument = None) -> None:
    """Collect from one source, or from all of them."""
    from pipeline import usecases

    refusals: list[GwidamError] = []
    with show.bars() as step:
        for name in _sources(source):
            moved = step(f"listen {name}")
            try:
                show.counts(name, usecases.listen(name, progress=moved))
            except GwidamError as error:
                refusals.append(error)
                show.refusal(name, error)
            moved(1, 1)
    if any(not isinstance(error, QuotaExhausted) for error in refusals):
        raise typer.Exit(EXIT_LATER if all(isinstance(e, TransientError) for e in refusals) else EXIT_REFUSED)


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSONL (plain or gzip) or Parquet.")],
    source: Annotated[str, typer.Option(help="Where the rows come from, such as google_play.")],
    brand: Annotated[str | None, typer.Option(help="The brand's id; a brand column in the file wins.")] = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="field=column; may be repeated.")] = None,
    ignore: Annotated[str, typer.Option(help="Columns to leave out, separated by commas.")] = "",
    as_of: Annotated[str | None, typer.Option(help="When the export was made; default: now.")] = None,
    rating_max: Annotated[float, typer.Option(help="The best rating of the file's scale; 10 for 1 to 10.")] = 5.0,
) -> None:
    """Bring an export of reviews, inquiries, posts or survey answers into the landing folder."""
    from pipeline import usecases

    mapping: dict[str, str] = {}
    for pair in map_ or []:
        name, equals, column = pair.partition("=")
        if not equals or not name or not column:
            raise ConfigurationError(f"--map {pair!r} is not field=column; write --map text=내용")
        mapping[name] = column
    with show.bars() as step:
        report = usecases.import_file(
            file, source=source, brand=brand, mapping=mapping,
            ignore=tuple(c.strip() for c in ignore.split(",") if c.strip()),
            as_of=show.moment(as_of), rating_max=rating_max, progress=step(f"import {file.name}"),
        )
    show.counts(f"import {file.name}", report)
    show.hint("gwidam run --no-listen tags, loads, builds and publishes it")
    if report["quarantined"]:
        raise ContractError(
            f"{report['quarantined']:,} of {report['rows']:,} rows were put aside with their line and reason in "
            f"{environment().home.landed('quarantine')}; correct them and import the file again: no row counts twice",
            source=f"import {file.name}",
        )


@app.command()
def load() -> None:
    """Bring landed files into the warehouse."""
    from pipeline import usecases

    show.counts("load", usecases.load())


@app.command()
def tag() -> None:
    """Tag every text that has no tag of the current models and rules yet, and load the tags."""
    from pipeline.run import tag_all

    with show.bars() as step:
        texts = tag_all(step("tag"), current_time())
    show.counts("tag", {"texts": texts})


@app.command()
def build() -> None:
    """Rebuild the models, check them and publish the copy that people read."""
    from pipeline import usecases

    show.counts("build", usecases.build())
    show.counts("publish", usecases.publish())


@app.command()
def digest(
    week: WeekOption = None,
    brand: Annotated[str | None, typer.Option(help="One brand's id; default: all.")] = None,
    resend: Annotated[bool, typer.Option(help="Send again what was sent already.")] = False,
) -> None:
    """Write and send the weekly digest."""
    from pipeline import usecases

    show.digest(usecases.digest(week=_week(week), brand=brand, resend=resend))


@app.command()
def alert() -> None:
    """Send the alert mails that are due."""
    from pipeline import usecases

    show.alerts(usecases.alert())


@app.command()
def resolve(
    mention_id: Annotated[str, typer.Argument(help="The complaint's id, or its address (URL).")],
    how: Annotated[str, typer.Option(help="phone, mail, visit, refund, exchange or other.")] = "other",
    note: Annotated[str, typer.Option(help="A word for your colleagues; personal data is masked.")] = "",
) -> None:
    """Record that a complaint was handled where gwidam cannot see it."""
    from pipeline import usecases

    show.counts("resolve", usecases.resolve(mention_id, how=how, note=note))


@app.command()
def status() -> None:
    """What every source gave last, what is waiting, and where everything is."""
    from pipeline.status import status as read

    show.status(read(environment(), now=current_time()))


@app.command()
def check(source: SourceArgument = None) -> None:
    """Read the configuration and ask every source one question, without collecting anything."""
    from pipeline.listening import check_source
    from pipeline.reading import check_rules

    env = environment()
    check_rules(env.config)
    failed = False
    for name in _sources(source):
        try:
            for line in check_source(env, name, now=current_time()):
                show.good(name, line)
        except GwidamError as error:
            show.refusal(name, error)
            failed = True
    if failed:
        raise typer.Exit(EXIT_REFUSED)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Where to listen on 127.0.0.1.")] = 8765,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve the demo world until Ctrl-C."""
    from sandbox.serve import serve

    serve(environment().home.sandbox, host=host, port=port)


@app.command(name="feedback-server")
def feedback_server(
    port: Annotated[int, typer.Option(help="Where to listen; put an HTTPS server in front.")] = 8787,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
) -> None:
    """Take signed reports of your site's own feedback button into a folder that the feedback source reads."""
    from contracts.keys import author_key
    from listeners.feedback_server import serve
    from nlp.personal_data import mask
    from pipeline.environment import author_secret

    home = environment().home
    secret = author_secret(home)
    serve(
        home.landing / "feedback", os.environ.get("GWIDAM_FEEDBACK_SECRET", ""), host=host, port=port, mask=mask,
        author_key=lambda source, author: author_key(secret, source, author),
    )


@app.command()
def evaluate(
    data: Annotated[Path | None, typer.Option(help="The folder of labelled sets; default: GWIDAM_DATA.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the report here as JSON.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many rows a set.")] = None,
    card: Annotated[bool, typer.Option(help="Write the numbers into the model's card, too.")] = False,
) -> None:
    """Measure the model and the rules on every labelled set that is there."""
    from pipeline.evaluating import evaluate as measure

    measure(environment(), data=data, out=out, limit=limit, card=card)


@app.command()
def review(
    file: Annotated[Path, typer.Argument(help="The CSV to write, or with --take the corrected one to read.")],
    take: Annotated[bool, typer.Option(help="Read the corrected file and keep its labels.")] = False,
    texts: Annotated[int, typer.Option(help="How many texts to write, half of them uncertain ones.")] = 200,
    by: Annotated[str, typer.Option(help="Who labelled.")] = "analyst",
) -> None:
    """Write uncertain and sampled mentions as CSV; take the corrected file back as gold labels."""
    from pipeline import reviewing

    if take:
        show.counts("labels", reviewing.take(environment(), file, by=by, now=current_time()))
        show.hint("`gwidam run --no-listen` applies them and measures the model against them")
    else:
        show.counts("review", reviewing.export(environment(), file, texts=texts))
        show.hint(f"fill in right_label (불만, 칭찬, 중립) and run `gwidam review {file} --take`")


@app.command()
def scout(
    category: Annotated[str, typer.Option(help="Words for the product, not the brand: 김치통, 밀폐용기.")],
    posts: Annotated[int, typer.Option(help="At most so many search results a source.")] = 300,
) -> None:
    """Propose cafes, blogs and boards to watch: where the category is talked about. Stores nothing."""
    from pipeline.querying import table
    from pipeline.scouting import scout as search

    table(search(environment(), category, posts=posts, now=current_time(), refused=show.refusal))


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT; default: last week's unaddressed complaints, worst first.")]
    = "SELECT * FROM unaddressed_last_week",
    csv: Annotated[bool, typer.Option(help="CSV on standard output instead of a table.")] = False,
) -> None:
    """Ask the published copy one question; never locks anything."""
    from pipeline.querying import query as ask

    ask(environment(), sql, csv=csv)


def _sources(source: str | None) -> list[str]:
    config = environment().config
    if source is not None:
        config.source(source)
        return [source]
    return [name for name, configured in config.sources.items() if configured.enabled]


def _week(week: str | None) -> str | None:
    from contracts.clock import week_bounds

    if week is not None:
        try:
            week_bounds(week)
        except ValueError as error:
            raise ConfigurationError(f"--week: {error}") from None
    return week


def main() -> None:
    """Run the command; turn every expected refusal into one line on stderr."""
    try:
        outcome = app(standalone_mode=False)
        sys.exit(outcome if isinstance(outcome, int) else 0)
    except UsageError as error:
        verb = getattr(getattr(error, "ctx", None), "command_path", "gwidam")
        show.line(f"{verb}: {error!s} (`{verb} --help` shows what it takes)")
        sys.exit(EXIT_USAGE)
    except GwidamError as error:
        show.refusal(error.source or "gwidam", error)
        sys.exit(EXIT_LATER if isinstance(error, TransientError) else EXIT_REFUSED)
    except (KeyboardInterrupt, typer.Abort):
        show.line("gwidam: stopped; what has landed is kept, run the same command again to go on")
        sys.exit(130)


if __name__ == "__main__":
    main()
