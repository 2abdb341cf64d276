"""``newsledger …``: one command a verb. Heavy imports stand in the functions, so that ``--help`` answers at once.

Exit status 0: done. 1: failed, with one clear line on stderr. 2: wrong usage.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pipeline.errors import NewsledgerError

if TYPE_CHECKING:
    from pipeline.settings import Settings

app = typer.Typer(
    name="newsledger",
    help="News monitoring whose corpus can be audited: each URL ends in one counted state, each fact has its sentence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
register = typer.Typer(help="The register of sources.", no_args_is_help=True)
app.add_typer(register, name="sources")
own_tags = typer.Typer(help="Tags of your own.", no_args_is_help=True)
app.add_typer(own_tags, name="tags")

Home = Annotated[
    Path | None, typer.Option("--home", envvar="NEWSLEDGER_HOME", help="The data home.", show_default="./data")
]


class Interrupted(BaseException):
    """Ctrl-C. Not a KeyboardInterrupt, which typer ends the program on without a word."""


def main() -> None:
    """Run the command line: a NewsledgerError becomes one line on stderr and exit status 1, and so does Ctrl-C."""
    signal.signal(signal.SIGINT, _interrupt)
    try:
        app()
    except (Exception, Interrupted) as error:
        if _interrupted or isinstance(error, Interrupted):
            # DuckDB, for one, answers the signal with an error of its own.
            fail("interrupted; nothing half-done is published, and the same command goes on where it stopped")
        if isinstance(error, OSError):
            fail(f"{error.filename or 'input or output'}: {error.strerror or error}")
        if not isinstance(error, NewsledgerError):
            raise
        fail(str(error))


_interrupted: list[int] = []


def _interrupt(number: int, frame: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _interrupted.append(number)
    raise Interrupted


def fail(line: str) -> None:
    """One line on stderr, exit status 1."""
    print(f"newsledger: {' '.join(line.split())}", file=sys.stderr)
    sys.exit(1)


def settings_of(home: Path | None, **given: object) -> Settings:
    """The settings for a home."""
    from pipeline.settings import load

    return load(home=home, **given)


@app.command()
def demo(home: Home = None) -> None:
    """The sample newsroom on loopback, through the real DAGs in Airflow, to answers."""
    from pipeline.demo import demo as play

    play(settings_of(home))


@app.command()
def run(home: Home = None) -> None:
    """Collect from the registered sources now, then derive and group."""
    from pipeline import batch as batches
    from pipeline.batch import run as steps
    from pipeline.progress import progress
    from pipeline.show import show_batch

    cfg = settings_of(home)
    # An interrupted run goes on: its batch is collected to its end, instead of a new one; what is collected is derived.
    begun = [b for b in batches.unfinished(cfg) if b.is_manual]
    batch = begun[-1] if begun else batches.Batch.now(cfg.clock())
    warnings: list[str] = []
    with progress() as told:
        for one in begun or [batch]:
            warnings += steps.run_collect(cfg, one, told).get("warnings", [])
        waiting = [b for b in batches.collected(cfg) if b.is_manual and not b.file(cfg, "batches").exists()]
        with steps.workers(cfg) as pool:
            for one in waiting:
                steps.run_derive(cfg, one, progress=told, pool=pool)
        steps.run_group(cfg, progress=told)
    show_batch(cfg, batch)
    for warning in warnings:
        print(f"  warning: {warning}")


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="WARC, HTML, JSONL, CSV, Parquet, plain text.")],
    home: Home = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Refer to a WARC where it is; do not copy it.")] = False,
    archive_only: Annotated[bool, typer.Option("--archive-only", help="Archive, and derive nothing yet.")] = False,
) -> None:
    """Files → one batch per WARC, and one for all others: archived like fetched pages, derived, published, grouped."""
    from pipeline.batch import Batch
    from pipeline.batch import ingest as taking_in
    from pipeline.batch import run as steps
    from pipeline.progress import progress
    from pipeline.show import show_batch

    cfg = settings_of(home)
    with progress() as told:
        told.begin("archive", 1)
        batches = [Batch.of(b, cfg) for b in taking_in.archive(cfg, [Path(p) for p in paths], in_place=in_place)]
        told.advance({"batches": len(batches)})
        if not archive_only:
            with steps.workers(cfg) as pool:
                for batch in batches:
                    steps.run_derive(cfg, batch, progress=told, pool=pool)
            steps.run_group(cfg, progress=told)
    if archive_only:
        print("archived:", " ".join(b.id for b in batches))
        return
    for batch in batches:
        show_batch(cfg, batch)


@app.command()
def derive(
    home: Home = None,
    batch: Annotated[str | None, typer.Option("--batch", metavar="B", help="This batch.")] = None,
    day: Annotated[str | None, typer.Option("--day", metavar="D", help="Every batch of this day.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every batch.")] = False,
    stale: Annotated[bool, typer.Option("--stale", help="Batches other code, settings or models derived.")] = False,
    start: Annotated[Literal["clean", "extract"], typer.Option("--from", help="The step to begin with.")] = "clean",
) -> None:
    """Rebuild articles, mentions and events from the archive."""
    from pipeline import batch as batches
    from pipeline.batch import derive as deriving
    from pipeline.batch import run as steps
    from pipeline.progress import progress
    from pipeline.show import show_counts

    if sum((batch is not None, day is not None, every, stale)) != 1:
        raise typer.BadParameter("give one of --batch, --day, --all and --stale")
    cfg = settings_of(home)
    if batch is not None:
        chosen = [batches.Batch.of(batch, cfg)]
    elif day is not None:
        chosen = batches.collected(cfg, batches.a_day(day))
        if not chosen:
            fail(f"nothing was collected on {day}")
    else:
        chosen = [b for b in batches.collected(cfg) if every or deriving.is_stale(cfg, b)]
    with progress() as told:
        with steps.workers(cfg) as pool:
            failed = {}
            for one in chosen:
                try:
                    show_counts(one.id, steps.run_derive(cfg, one, start, told, pool))
                except NewsledgerError as error:
                    failed[one.id] = str(error)
        steps.run_group(cfg, progress=told)
    if failed:
        done = f"; {len(chosen) - len(failed)} others are derived" if len(chosen) > len(failed) else ""
        fail("; ".join(f"{name}: {why}" for name, why in failed.items()) + done)
    print(f"derived {len(chosen)} batch{'' if len(chosen) == 1 else 'es'}")


@app.command()
def group(
    home: Home = None,
    day: Annotated[str | None, typer.Option("--day", metavar="D", help="This day too, stale or not.")] = None,
) -> None:
    """Regroup the stale days: families, stories, occurrences."""
    from pipeline.batch import run as steps
    from pipeline.progress import progress
    from pipeline.show import show_counts

    with progress() as told:
        counts = steps.run_group(settings_of(home), [day] if day else None, told)
    show_counts("group", counts)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(metavar='"SELECT …"')],
    home: Home = None,
    form: Annotated[
        Literal["table", "csv", "json", "parquet"], typer.Option("--format", help="Of the answer.")
    ] = "table",
) -> None:
    """Ask the lake in SQL."""
    from pipeline.warehouse import query as asking

    asking.answer(settings_of(home), query, form)


@app.command()
def shell(home: Home = None) -> None:
    """A DuckDB prompt over the lake."""
    from pipeline.warehouse import query as asking

    signal.signal(signal.SIGINT, signal.default_int_handler)  # there, Ctrl-C drops the line that is being typed
    asking.shell(settings_of(home))


@app.command()
def ledger(
    home: Home = None,
    day: Annotated[str | None, typer.Option("--day", metavar="D", help="URLs first seen on this day.")] = None,
    source: Annotated[str | None, typer.Option("--source", metavar="S", help="Those of one source, and why.")] = None,
    audit: Annotated[bool, typer.Option("--audit", help="Check keys, references and the archive as well.")] = False,
) -> None:
    """The funnel: where every URL ended, adding up."""
    from pipeline.show import show_audit, show_funnel

    cfg = settings_of(home)
    show_funnel(cfg, day, source)
    if audit:
        show_audit(cfg)


@app.command()
def status(home: Home = None) -> None:
    """The last batches, stale days and failing sources."""
    from pipeline.show import show_status

    show_status(settings_of(home))


@app.command()
def page(url: Annotated[str, typer.Argument(metavar="URL")], home: Home = None) -> None:
    """The archived page of a URL, as its bytes came."""
    from pipeline.show import show_page

    show_page(settings_of(home), url)


@app.command()
def rejects(
    home: Home = None, reason: Annotated[str | None, typer.Option("--reason", metavar="R", help="Only these.")] = None
) -> None:
    """What did not go on, and why."""
    from pipeline.show import show_rejects

    show_rejects(settings_of(home), reason)


@app.command()
def tag(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A text, or - for standard input.")],
    jsonl: Annotated[bool, typer.Option("--jsonl", help='Lines {"id": …, "text": …} in, one line each out.')] = False,
    html: Annotated[bool, typer.Option("--html", help="A page that shows the entities in the text.")] = False,
    home: Home = None,
) -> None:
    """Entities and events of a text, as JSON; offsets into the text exactly as given."""
    from pipeline.errors import InputError
    from pipeline.tagging import tag_file

    if jsonl and html:
        raise InputError("--jsonl and --html: one of them")
    cfg = settings_of(home)
    tag_file(file, jsonl=jsonl, html=html, model=cfg.nlp_model, links=cfg.entity_links, tags=cfg.tags)


@own_tags.command("check")
def tags_check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The file; the setting `tags` if not given.")
    ] = None,
    home: Home = None,
) -> None:
    """Read a file of tags and try each tag on the sentences that it must match, and must miss."""
    from pipeline.errors import InputError
    from pipeline.tagging import check_tags

    path = file or settings_of(home).tags
    if path is None:
        raise InputError("no file of tags: name one, or set NEWSLEDGER_TAGS")
    if wrong := check_tags(path):
        for each in wrong:
            print(f"  {each}")
        raise InputError(f"{len(wrong)} sentences are not tagged as the file says")


@register.command("list")
def sources_list(home: Home = None) -> None:
    """The registered sources."""
    from pipeline.show_sources import show_sources

    show_sources(settings_of(home))


@register.command("add")
def sources_add(
    url: Annotated[str, typer.Argument(metavar="URL", help="A publisher's front page, or a feed of it.")],
    home: Home = None,
    source_id: Annotated[str | None, typer.Option("--id", help="Its id; the host if not given.")] = None,
    name: Annotated[str | None, typer.Option("--name")] = None,
    country: Annotated[str | None, typer.Option("--country", help="ISO 3166-1, two letters.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="ISO 639-1, two letters.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Who owns it.")] = None,
    agency: Annotated[bool, typer.Option("--agency", help="It is a news agency.")] = False,
    feed: Annotated[list[str] | None, typer.Option("--feed", metavar="URL", help="A feed; may be repeated.")] = None,
    sitemap: Annotated[list[str] | None, typer.Option("--sitemap", metavar="URL", help="A sitemap.")] = None,
) -> None:
    """Register a publisher: its site is asked for feeds and sitemaps, and each is read, unless you name some."""
    from pipeline.registering import add
    from pipeline.show_sources import show_added

    cfg = settings_of(home)
    if sys.stderr.isatty() and not feed and not sitemap:
        print(f"looking for feeds and sitemaps of {url} …", file=sys.stderr)
    source, found = add(
        cfg, url, source_id=source_id, name=name, country=country, language=language, owner=owner,
        agency=agency, feeds=feed or [], sitemaps=sitemap or [],
    )  # fmt: skip
    show_added(source, found, cfg.clock())


@register.command("remove")
def sources_remove(source_id: str, home: Home = None) -> None:
    """Take a publisher off the register; what it published stays."""
    from pipeline import sources

    sources.remove(settings_of(home).register, source_id)
    print(f"removed {source_id}")


@register.command("import")
def sources_import(
    given: Annotated[
        str,
        typer.Argument(metavar="FILE|world", help="OPML, or a register in TOML; `world` for the register that ships."),
    ],
    home: Home = None,
    country: Annotated[
        list[str] | None, typer.Option("--country", help="Only of this country; may be repeated.")
    ] = None,
    language: Annotated[list[str] | None, typer.Option("--language", help="Only in this language.")] = None,
) -> None:
    """Register the sources of a list; ids that are registered already are left as they are."""
    from pipeline.registering import import_from
    from pipeline.show_sources import show_imported

    cfg = settings_of(home)
    new, known = import_from(cfg, given, countries=country or (), languages=language or ())
    show_imported(new, known, cfg.register)


@register.command("export")
def sources_export(home: Home = None) -> None:
    """The register as OPML, on standard output."""
    from pipeline import opml, sources

    sys.stdout.write(opml.write(sources.read(settings_of(home).register)))


@register.command("check")
def sources_check(
    home: Home = None,
    stale_days: Annotated[
        float, typer.Option("--stale-days", min=0, help="Report feeds whose newest entry is older.")
    ] = 14,
    fix_moved: Annotated[bool, typer.Option("--fix-moved", help="Register new addresses that are for good.")] = False,
) -> None:
    """Ask every feed and sitemap once: which are dead, failing, empty, malformed, stale, moved or redirected."""
    from pipeline.progress import progress
    from pipeline.registering import check, follow_moved
    from pipeline.show_sources import show_check

    cfg = settings_of(home)
    with progress() as told:
        found = check(cfg, stale_days=stale_days, told=told)
    show_check(cfg, found, follow_moved(cfg, found) if fix_moved else None)


if __name__ == "__main__":
    main()
