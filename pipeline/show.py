"""What the command line shows: tables for the eye on a terminal, the same as plain text elsewhere."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from textwrap import wrap
from typing import Any

from pipeline.batch import Batch
from pipeline.errors import InputError
from pipeline.progress import summary
from pipeline.settings import Settings
from pipeline.warehouse import query as asking
from pipeline.warehouse.conservation import STATES, funnel

TERMINAL_ROWS = 40
"""Most rows shown on a terminal; elsewhere all are."""
_NARROWEST = 14
_SHORT = 16
_NAMED = 5


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


def show_funnel(cfg: Settings, day: str | None = None, source: str | None = None) -> None:
    """Where every URL ended, by source, the largest first; of one source, by day and why. And the sum.

    Raises ConservationError where the ledger does not close, InputError for a source or day without URLs.
    """
    from pipeline.batch import a_day

    found = funnel(cfg, a_day(day) if day else None, source)
    if not found and (day or source):
        raise InputError(f"no URL was first seen {f'on {day}' if day else ''}{f' at {source}' if source else ''}")
    by_row: dict[str, dict[str, int]] = {}
    for row in found:
        counts = by_row.setdefault(str(row["day"]) if source else row["source_id"] or "?", {})
        counts[row["state"]] = counts.get(row["state"], 0) + row["url_count"]
    wide = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in funnel_lines("day" if source else "source", by_row, wide, most=TERMINAL_ROWS if wide else 0):
        print(line)
    if source and found:
        why: dict[tuple[str, str], int] = {}
        for row in found:
            why[row["state"], row["reason"]] = why.get((row["state"], row["reason"]), 0) + row["url_count"]
        ordered = sorted(why.items(), key=lambda item: (STATES.index(item[0][0]), -item[1], item[0][1]))
        print()
        table(["state", "why", "URLs"], [[state, reason, count] for (state, reason), count in ordered])


def funnel_lines(what: str, by_row: Mapping[str, Mapping[str, int]], wide: int = 0, most: int = 0) -> list[str]:
    """The funnel as lines of at most `wide` characters: `by_row` has the counts of each state for each source or day.

    Days come in their order, sources by size. Of more than `most` rows, the rest is one row. States that none is in
    have no column; where the others are too wide, the smallest share one. The sum below names them all.
    """
    totals = {s: n for s in STATES if (n := sum(counts.get(s, 0) for counts in by_row.values()))}
    rows = sorted(by_row.items(), key=lambda item: (0 if what == "day" else -sum(item[1].values()), item[0]))
    if most and len(rows) > most:
        rest = [counts for _, counts in rows[most:]]
        rows = [*rows[:most], (f"… and {len(rest)} more", {s: sum(c.get(s, 0) for c in rest) for s in totals})]
    rows.append(("all", totals))
    columns = list(totals)
    smallest = sorted(totals, key=lambda s: (totals[s], -STATES.index(s)))
    while True:
        folded = [s for s in totals if s not in columns]
        cells = [
            [
                name,
                *(f"{n:,}" if (n := counts.get(s, 0)) else "" for s in columns),
                *([f"{n:,}" if (n := sum(counts.get(s, 0) for s in folded)) else ""] if folded else []),
                f"{sum(counts.values()):,}",
            ]
            for name, counts in rows
        ]
        heads = [s.split("_") for s in (what, *columns, *(["other"] if folded else []), "URLs")]
        widths = [max(map(len, [*head, *(row[n] for row in cells)])) for n, head in enumerate(heads)]
        gap = next((g for g in (3, 2, 1) if not wide or sum(widths) + g * (len(widths) - 1) <= wide), 0)
        if gap or len(columns) == 1:
            break
        room = wide - sum(widths[1:]) - len(widths) + 1
        if room >= _NARROWEST:
            widths[0], gap = room, 1
            break
        columns.remove(smallest[len(folded)] if folded else smallest[0])
        if not folded and len(columns) > 1:  # a column of its own is no narrower: fold two at first
            columns.remove(smallest[1])
    deep = max(len(head) for head in heads)
    tall = [[""] * (deep - len(head)) + head for head in heads]
    head = [[column[n] for column in tall] for n in range(deep)]
    lines = [_aligned(row, widths, gap or 1) for row in head]
    rule = "─" * (sum(widths) + (gap or 1) * (len(widths) - 1))
    shown = [_aligned(row, widths, gap or 1) for row in cells]
    lines += [rule, *shown[:-1], rule, shown[-1], ""]
    said = " + ".join(f"{n:,} {s}" for s, n in totals.items())
    said = f"{said} = {sum(totals.values()):,} URLs; none unaccounted for" if totals else "no URL was seen yet"
    return [*lines, *(wrap(said, wide) if wide else [said])]


def show_audit(cfg: Settings) -> None:
    """What holds across the whole lake, in one line. Raises ConservationError with what does not."""
    from pipeline.errors import ConservationError
    from pipeline.warehouse.conservation import audit

    if found := audit(cfg):
        raise ConservationError("; ".join(found))
    print("keys, references, archived bodies and the counts of batches: all hold")


def _aligned(row: Sequence[str], widths: Sequence[int], gap: int) -> str:
    """Words to the left, cut off where they are too long, numbers to the right."""
    first = row[0] if len(row[0]) <= widths[0] else row[0][: widths[0] - 1] + "…"
    cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
    return (" " * gap).join(cells).rstrip()


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
        "ORDER BY fetched_at DESC, attempt DESC) AS n FROM fetches WHERE kind IN ('feed', 'sitemap', 'homepage')) "
        "WHERE n = 1 AND outcome NOT IN ('fetched', 'not_modified', 'unchanged') ORDER BY ALL",
    )
    print("failing feeds:", f"{len(failing):,}" if failing else "none")
    for row in failing[:_NAMED]:
        print(f"  {row['source_id']}: {row['url']}: {row['outcome']} {row['detail'] or ''}".rstrip())
    if len(failing) > _NAMED:
        print(f"  … and {len(failing) - _NAMED:,} more (cookbook: failing_feeds)")
    covered = asking.rows(
        cfg,
        # Of a day that has only begun, little can be said.
        "SELECT * FROM (SELECT source_id, day, signal, missed_listing_count FROM coverage "
        "WHERE signal <> 'unknown' AND day_share >= 0.5 QUALIFY day = max(day) OVER ()) "
        "WHERE signal = 'silent' OR missed_listing_count > 0 ORDER BY source_id",
    )
    silent = [r["source_id"] for r in covered if r["signal"] == "silent"]
    missed = [r["source_id"] for r in covered if r["missed_listing_count"]]
    drifted = asking.rows(
        cfg, "SELECT DISTINCT source_id, day FROM drift WHERE day = (SELECT max(day) FROM articles) ORDER BY source_id"
    )
    print("sources whose pages changed:", _listed([r["source_id"] for r in drifted], drifted))
    print("silent sources:", _listed(silent, covered))
    print("sources whose feeds rolled over between two polls:", _listed(missed, covered))


def _listed(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """The first of the names, and the day of the rows."""
    if not names:
        return "none"
    more = f" … and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more} (on {rows[0]['day']})"


def show_page(cfg: Settings, url: str) -> None:
    """The archived bytes of a URL's last fetched page, the URL as given or as it would be requested.

    Raises InputError where none is archived, with what the last attempt came to.
    """
    from pipeline.collect import ArchiveReader, normalise

    with suppress(ValueError):
        url = normalise(url) if not asking.rows(cfg, "SELECT 1 FROM fetches WHERE url = ? LIMIT 1", [url]) else url
    found = asking.rows(
        cfg,
        "SELECT warc_file, warc_offset, outcome, fetched_at FROM fetches WHERE url = ? OR final_url = ? "
        "ORDER BY outcome = 'fetched' AND warc_file IS NOT NULL DESC, fetched_at DESC, attempt DESC LIMIT 1",
        [url, url],
    )
    if not found:
        raise InputError(f"no page of {url} is archived: the URL was not fetched (see `newsledger ledger`)")
    last = found[0]
    if last["outcome"] != "fetched" or last["warc_file"] is None:
        raise InputError(f"no page of {url} is archived: {last['outcome']} on {last['fetched_at']:%Y-%m-%d %H:%M}")
    with ArchiveReader(cfg.home) as reader:
        sys.stdout.buffer.write(reader.read(last["warc_file"], last["warc_offset"]).body)
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
    if not sys.stdout.isatty():
        table(["batch", "step", "reason", "URL", "detail"], [list(r.values()) for r in rows])
        return
    for row in rows[:TERMINAL_ROWS]:  # a URL that is not broken up can be taken hold of
        print(f"{row['batch_id']}  {row['step']}: {row['reason']}  {row['url']}")
        if row["detail"]:
            print(f"    {row['detail']}")
    if len(rows) > TERMINAL_ROWS:
        print(f"… and {len(rows) - TERMINAL_ROWS:,} more: `newsledger rejects | less` shows all")


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], *, footer: bool = False) -> None:
    """A table: numbers to the right, words to the left, as wide as they need where nobody looks at a terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console() if sys.stdout.isatty() else Console(width=200, no_color=True, highlight=False)
    narrow = console.width < 100
    shown = Table(
        box=SIMPLE_HEAD, pad_edge=False, show_footer=footer, show_edge=not narrow, padding=0 if narrow else (0, 1)
    )
    for n, name in enumerate(head):
        numeric = bool(rows) and all(isinstance(r[n], int) or r[n] in ("", None) for r in rows)
        foot = str(rows[-1][n]) if footer and rows else ""
        short = all(len(str(r[n])) <= _SHORT for r in rows)
        shown.add_column(name, justify="right" if numeric else "left", footer=foot, overflow="fold", no_wrap=short)
    for row in rows[:-1] if footer else rows:
        shown.add_row(*("" if v is None else str(v) for v in row))
    console.print(shown)


def _plural(word: str, count: int) -> str:
    if count == 1:
        return word
    return word + "es" if word.endswith("ch") else word + "s"
