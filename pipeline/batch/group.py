"""Group: articles and events of several days → families, stories, occurrences. One run at a time groups all stale days.

A row lives on the day of the first version, or report, of what it is about. A day's grouped files carry a digest of
what they were made from: the derivations that hold any version of an article of the days within the window, and the
grouping code. A day is stale when that digest no longer holds, so nothing has to be marked and nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipeline import ids
from pipeline.batch import Batch, a_day, day_of, published, settle, staging
from pipeline.batch.code import code_digest
from pipeline.errors import UnknownBatch
from pipeline.lake import store
from pipeline.records import (
    Article,
    Event,
    Family,
    Occurrence,
    OccurrenceEvent,
    Record,
    Source,
    Story,
    StoryTitle,
)
from pipeline.settings import Settings
from pipeline.warehouse import query

TABLES = ("families", "stories", "story_titles", "occurrences", "occurrence_events")
_READ = [
    "article_id", "version_id", "url", "canonical_url", "source_id", "title", "subtitle", "authors", "published_at",
    "fetched_at", "language", "section", "keywords", "kind", "access", "text", "word_count", "fetch_id",
]  # fmt: skip


def stale(cfg: Settings) -> list[str]:
    """Days whose groups are not made of what the lake holds now, oldest first."""
    derived = _derivations(cfg)
    grouped = {day_of(p) for p in cfg.lake.joinpath("occurrence_events").glob("day=*/group.parquet")}
    return [d for d in sorted(derived.keys() | grouped) if _grouped_from(cfg, d) != _inputs(cfg, derived, d)]


def plan(cfg: Settings, days: Iterable[str] | None = None) -> list[str]:
    """The stale days, oldest first; with `days`, those days whether stale or not.

    Raises UnknownBatch for a day that is none, or on which nothing was derived.
    """
    derived = _derivations(cfg)
    if days is None:
        chosen = stale(cfg)
    else:
        chosen = sorted({a_day(d) for d in days})
        for day in chosen:
            if day not in derived:
                raise UnknownBatch(f"nothing was derived on {day} (see `newsledger status`)")
    staging.save(_folder(cfg) / "plan.json", {d: _inputs(cfg, derived, d) for d in chosen})
    return chosen


def group(cfg: Settings, days: list[str]) -> staging.Counts:
    """Group the days, in staging: each over a window of its own, so that it comes out alike whatever else is stale.

    Returns rows per table.
    """
    from pipeline.group import group as step

    counts = dict.fromkeys(TABLES, 0)
    for day in days:
        current = _current(cfg, day)
        homes = {article_id: home for article_id, (_, _, home) in current.items()}
        told: dict[str, str] = {}
        records = step(
            _articles(cfg, current), _events(cfg, current, told), _sources(cfg, current), window_days=cfg.window_days
        )
        staging.clear(_folder(cfg) / day)
        rows = _at_home(records, day, homes, told)
        written = staging.write_shard(_folder(cfg) / day, Batch("group", day), TABLES, rows)
        counts = {t: counts[t] + written[t] for t in TABLES}
    return counts


def validate(cfg: Settings, days: list[str]) -> dict[str, Any]:
    """Check each day's tables. Raises ValidationError: what grouping itself made must hold, so no row is set aside."""
    warnings: list[str] = []
    for day in days:
        warnings += settle.check({t: _folder(cfg) / day / f"{t}.parquet" for t in TABLES}, what=f"groups of {day}")
    return {"days": len(days), "warnings": warnings}


def publish(cfg: Settings, days: list[str]) -> staging.Counts:
    """Put each day's tables into the lake. Returns the number of days."""
    inputs = staging.load(_folder(cfg) / "plan.json") or {}
    for day in days:
        staged = _folder(cfg) / day
        settle.stamp(staged, staged / "tables", TABLES, {"inputs": inputs[day]})
        settle.publish(cfg, Batch("group", day), staged / "tables", TABLES)
        staging.clear(staged)
    return {"days": len(days)}


def _folder(cfg: Settings) -> Path:
    return cfg.staging / "group"


def _derivations(cfg: Settings) -> dict[str, list[str]]:
    """For each day, the derivations that hold a version of an article whose first version is of that day."""
    if not cfg.lake.is_dir():
        return {}
    rows = query.rows(
        cfg,
        "WITH homes AS (SELECT article_id, min(day) AS home FROM articles GROUP BY article_id) "
        "SELECT DISTINCT home, batch_id, derive_id FROM articles JOIN homes USING (article_id) "
        "JOIN batches USING (batch_id) ORDER BY ALL",
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["home"].isoformat(), []).append(f"{row['batch_id']} {row['derive_id']}")
    return found


def _inputs(cfg: Settings, derived: dict[str, list[str]], day: str) -> str:
    first, last = _window(cfg, day)
    parts = [f"{d} {row}" for d, rows in sorted(derived.items()) if first <= d <= last for row in rows]
    return ids.digest(code_digest("group"), cfg.window_days, *parts)


def _grouped_from(cfg: Settings, day: str) -> str | None:
    path = Batch("group", day).file(cfg, "occurrence_events")  # the last one published
    return store.metadata(path).get("inputs") if path.exists() else None


def _window(cfg: Settings, day: str) -> tuple[str, str]:
    """The first and last day whose articles may be grouped with those of `day`."""
    middle, width = date.fromisoformat(day), timedelta(days=cfg.window_days)
    return (middle - width).isoformat(), (middle + width).isoformat()


Current = dict[str, tuple[str, str, str]]
"""For each article of the window, its newest version, the batch that holds it, and the day of its first version."""


def _current(cfg: Settings, day: str) -> Current:
    rows = query.rows(
        cfg,
        "WITH homes AS (SELECT article_id, min(day) AS home FROM articles GROUP BY article_id) "
        "SELECT article_id, home, version_id, batch_id FROM articles JOIN homes USING (article_id) "
        "WHERE home BETWEEN ?::DATE AND ?::DATE "
        "QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY fetched_at DESC, batch_id DESC, version_id) = 1",
        list(_window(cfg, day)),
    )
    return {r["article_id"]: (r["version_id"], r["batch_id"], r["home"].isoformat()) for r in rows}


def _files(cfg: Settings, table: str, current: Current) -> Iterator[tuple[str, Path]]:
    """The batches of the current versions, with their files of a table."""
    for batch_id in sorted({batch for _, batch, _ in current.values()}):
        if path := published(cfg, table, batch_id):
            yield batch_id, path


def _articles(cfg: Settings, current: Current) -> Iterator[Article]:
    for batch_id, path in _files(cfg, "articles", current):
        for article in store.read(path, "articles", _READ):
            if current.get(article.article_id, ("", "", ""))[:2] == (article.version_id, batch_id):
                yield article


def _events(cfg: Settings, current: Current, told: dict[str, str]) -> Iterator[Event]:
    """Events of the current versions; `told` learns the day each one's article belongs to."""
    for batch_id, path in _files(cfg, "events", current):
        for event in store.read(path, "events"):
            version_id, batch, home = current.get(event.article_id, ("", "", ""))
            if (version_id, batch) == (event.version_id, batch_id):
                told[event.event_id] = home
                yield event


def _sources(cfg: Settings, current: Current) -> dict[str, Source]:
    """The sources as last registered in those batches."""
    found: dict[str, Source] = {}
    for _, path in sorted(_files(cfg, "sources", current), key=lambda f: (day_of(f[1]), f[0])):
        found |= {s.source_id: s for s in store.read(path, "sources")}
    return found


def _at_home(records: Iterable[Record], day: str, homes: dict[str, str], told: dict[str, str]) -> Iterator[Record]:
    """The rows that live on the day: that of the first version, or of the first report, of what they are about."""
    occurrences: dict[str, Occurrence] = {}
    joins: dict[str, list[OccurrenceEvent]] = {}
    for record in records:
        match record:
            case Family() | Story() if homes[record.article_id] == day:
                yield record
            case StoryTitle() if homes[record.story_id] == day:
                yield record
            case Occurrence():
                occurrences[record.occurrence_id] = record
            case OccurrenceEvent():
                joins.setdefault(record.occurrence_id, []).append(record)
    for occurrence_id, occurrence in occurrences.items():
        if min(told[j.event_id] for j in joins[occurrence_id]) == day:
            yield occurrence
            yield from joins[occurrence_id]
