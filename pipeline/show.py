"""What the command line shows: tables for the eye on a terminal, the same as plain text elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.batch import Batch
from pipeline.errors import InputError
from pipeline.progress import summary
from pipeline.records import Source
from pipeline.settings import Settings
from pipeline.warehouse import query as asking
from pipeline.warehouse.conservation import STATES, check_ledger


def show_counts(what: str, counts: dict[str, Any]) -> None:
    """One line of counts, and the warnings below it."""
    print(f"{what}: {summary({k: v for k, v in counts.items() if isinstance(v, int)})}")
    for warning in counts.get("warnings", []):
        print(f"  warning: {warning}")


def show_batch(cfg: Settings, batch: Batch) -> None:
    """What one batch published."""
    rows = asking.rows(cfg, "SELECT * FROM batches WHERE batch_id = ?", [batch.id])
    if not rows:
        raise InputError(f"batch {batch.id} is not derived yet")
    row = rows[0]
    tables = ("link", "fetch", "page", "article", "mention", "event", "reject")
    counted = {t: row[f"{t}_count"] for t in tables}
    print(f"{batch.id}: " + ", ".join(f"{n:,} {_plural(t, n)}" for t, n in counted.items()))
    states = {s: row[f"{s}_count"] for s in STATES}
    added = " + ".join(f"{n:,} {s}" for s, n in states.items() if n)
    print(f"  {row['url_count']:,} URLs = {added or 'none'}")
    for warning in row["warnings"]:
        print(f"  warning: {warning}")
    print(f"  {cfg.lake}/articles/day={batch.day}/{batch.id}.parquet")


def show_funnel(cfg: Settings, day: str | None = None) -> None:
    """Where every URL ended, by source, and the sum. Raises ConservationError where a URL is in no state."""
    from pipeline.batch import a_day

    where, values = ("WHERE day = ?", [a_day(day)]) if day else ("", [])
    found = asking.rows(cfg, f"SELECT source_id, state, count(*) AS n FROM ledger {where} GROUP BY ALL", values)
    check_ledger(cfg)
    by_source: dict[str, dict[str, int]] = {}
    for row in found:
        by_source.setdefault(row["source_id"] or "?", {})[row["state"]] = row["n"]
    used = [s for s in STATES if any(s in counts for counts in by_source.values())]
    lines = [
        [source, *(counts.get(s, 0) or "" for s in used), sum(counts.values())]
        for source, counts in sorted(by_source.items())
    ]
    total = {s: sum(c.get(s, 0) for c in by_source.values()) for s in used}
    lines.append(["all", *total.values(), sum(total.values())])
    table(["source", *(s.replace("_", " ") for s in used), "URLs"], lines, footer=True)
    if used:
        print(
            " + ".join(f"{n:,} {s}" for s, n in total.items()), f"= {sum(total.values()):,} URLs; none unaccounted for"
        )


def show_status(cfg: Settings) -> None:
    """The last batches, the stale days, and sources whose feeds failed in their last batch."""
    from pipeline.batch import collected, derive, group, unfinished

    rows = asking.rows(
        cfg,
        "SELECT batch_id, day, url_count, article_count, event_count, reject_count, len(warnings) AS warnings, "
        "finished_at FROM batches ORDER BY finished_at DESC LIMIT 10",
    )
    table(
        ["batch", "day", "URLs", "articles", "events", "rejects", "warnings", "derived at"],
        [[*list(r.values())[:-1], f"{r['finished_at']:%Y-%m-%d %H:%M}"] for r in rows],
    )
    begun = [b.id for b in unfinished(cfg)]
    print("collected in part:", ", ".join(begun) or "none", "(newsledger run goes on with its own)" if begun else "")
    waiting = [b.id for b in collected(cfg) if derive.is_stale(cfg, b)]
    print("to derive again:", ", ".join(waiting) or "none", "(newsledger derive --stale)" if waiting else "")
    stale = group.stale(cfg)
    print("days to group again:", ", ".join(stale) or "none", "(newsledger group)" if stale else "")
    failing = asking.rows(
        cfg,
        "SELECT source_id, url, outcome, detail FROM (SELECT *, row_number() OVER (PARTITION BY url "
        "ORDER BY fetched_at DESC, attempt DESC) AS n FROM fetches WHERE kind IN ('feed', 'sitemap')) "
        "WHERE n = 1 AND outcome NOT IN ('fetched', 'not_modified', 'unchanged') ORDER BY ALL",
    )
    print("failing feeds:", "" if failing else "none")
    for row in failing:
        print(f"  {row['source_id']}: {row['url']}: {row['outcome']} {row['detail'] or ''}".rstrip())


def show_page(cfg: Settings, url: str) -> None:
    """The archived bytes of a URL's last fetched page. Raises InputError where none is archived."""
    from pipeline.collect import ArchiveReader

    rows = asking.rows(
        cfg,
        "SELECT warc_file, warc_offset FROM fetches WHERE (url = ? OR final_url = ?) AND outcome = 'fetched' "
        "AND warc_file IS NOT NULL ORDER BY fetched_at DESC LIMIT 1",
        [url, url],
    )
    if not rows:
        raise InputError(f"no page of {url} is archived (see `newsledger ledger`)")
    with ArchiveReader(cfg.home) as reader:
        sys.stdout.buffer.write(reader.read(rows[0]["warc_file"], rows[0]["warc_offset"]).body)
        sys.stdout.buffer.flush()


def show_rejects(cfg: Settings, reason: str | None = None) -> None:
    """What did not go on. Raises InputError for a reason that is none."""
    from pipeline.schema import table as declared

    allowed = declared("rejects").columns["reason"].allowed or frozenset()
    if reason is not None and reason not in allowed:
        raise InputError(f"no such reason: {reason} (one of {', '.join(sorted(allowed))})")
    where, values = ("WHERE reason = ?", [reason]) if reason else ("", [])
    rows = asking.rows(
        cfg,
        f"SELECT batch_id, step, reason, url, detail FROM rejects {where} ORDER BY batch_id, step, reason, url",
        values,
    )
    table(["batch", "step", "reason", "URL", "detail"], [list(r.values()) for r in rows])


def show_sources(cfg: Settings) -> None:
    """The registered sources."""
    from pipeline import sources

    rows = sources.read(cfg.register)
    table(
        ["id", "name", "country", "language", "feeds", "sitemaps", "homepage"],
        [[s.source_id, s.name, s.country, s.language, len(s.feeds), len(s.sitemaps), s.homepage] for s in rows],
    )
    if not rows:
        print(f"no source is registered in {cfg.register}: add one with `newsledger sources add URL`")


def show_check(found: Iterable[tuple[Source, str, str, int]]) -> None:
    """What each feed and sitemap answered: source, URL, outcome, entries."""
    table(["source", "URL", "outcome", "entries"], [[s.source_id, url, said, n] for s, url, said, n in found])


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], *, footer: bool = False) -> None:
    """A table: numbers to the right, words to the left, as wide as they need where nobody looks at a terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=SIMPLE_HEAD, pad_edge=False, show_footer=footer)
    for n, name in enumerate(head):
        numeric = bool(rows) and all(isinstance(r[n], int) or r[n] in ("", None) for r in rows)
        foot = str(rows[-1][n]) if footer and rows else ""
        shown.add_column(name, justify="right" if numeric else "left", footer=foot, overflow="fold")
    for row in rows[:-1] if footer else rows:
        shown.add_row(*("" if v is None else str(v) for v in row))
    console = Console() if sys.stdout.isatty() else Console(width=200, no_color=True, highlight=False)
    console.print(shown)


def _plural(word: str, count: int) -> str:
    if count == 1:
        return word
    return word + "es" if word.endswith("ch") else word + "s"
