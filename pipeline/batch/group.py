"""Group: articles and events of several days → families, stories, occurrences. One run at a time groups all stale days.

A day's grouped files carry a digest of what they were made from (the derivations of the days within the window, and the
grouping code); a day is stale when that digest no longer holds. So nothing has to be marked, and nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipeline import ids
from pipeline.batch import Batch, a_day, day_of, settle, staging
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

TABLES = ("families", "stories", "story_titles", "occurrences", "occurrence_events")
_COLUMNS = ["article_id", "version_id", "fetched_at"]
_READ = [
    "article_id", "version_id", "url", "canonical_url", "source_id", "title", "subtitle", "authors", "published_at",
    "fetched_at", "language", "section", "keywords", "kind", "access", "text", "word_count", "fetch_id",
]  # fmt: skip
_DAYS_AT_ONCE = 14
"""Days grouped in one go: each has five files open while they are written, and its window's sketches in memory."""


def stale(cfg: Settings) -> list[str]:
    """Days whose groups are not made of what the lake holds now, oldest first."""
    derived = _derivations(cfg)
    return [d for d in sorted(derived) if _grouped_from(cfg, d) != _inputs(cfg, derived, d)]


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
    """Group the days, in staging. Returns rows per table."""
    from pipeline.group import group as step

    counts = dict.fromkeys(TABLES, 0)
    for some in _runs(days, cfg.window_days):
        versions, first_days = _current(cfg, some)
        homes: dict[str, str] = {}
        records = step(
            _articles(cfg, some, versions),
            _events(cfg, some, versions, first_days, homes),
            _sources(cfg, some),
            window_days=cfg.window_days,
        )
        by_day = _route(records, first_days, homes)
        for day in some:
            staging.clear(_folder(cfg) / day)
            written = staging.write_shard(_folder(cfg) / day, Batch("group", day), TABLES, by_day.get(day, []))
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
    """For each day, what was derived on it."""
    found: dict[str, list[str]] = {}
    for path in sorted(cfg.lake.joinpath("batches").glob("day=*/*.parquet")):
        for row in store.read(path, "batches", ["batch_id", "derive_id"]):
            found.setdefault(day_of(path), []).append(f"{row.batch_id} {row.derive_id}")
    return found


def _inputs(cfg: Settings, derived: dict[str, list[str]], day: str) -> str:
    within = set(_window([day], cfg.window_days))
    parts = [f"{d} {row}" for d, rows in sorted(derived.items()) if d in within for row in rows]
    return ids.digest(code_digest("group"), cfg.window_days, *parts)


def _grouped_from(cfg: Settings, day: str) -> str | None:
    path = Batch("group", day).file(cfg, "occurrence_events")  # the last one published
    return store.metadata(path).get("inputs") if path.exists() else None


def _window(days: list[str], width: int) -> list[str]:
    """The days from `width` before the first to `width` after the last."""
    first, last = date.fromisoformat(min(days)), date.fromisoformat(max(days))
    span = (last - first).days + 2 * width
    return [(first + timedelta(days=n - width)).isoformat() for n in range(span + 1)]


def _runs(days: list[str], width: int) -> Iterator[list[str]]:
    """Days that are near each other, together, but not too many at once."""
    run: list[str] = []
    for day in sorted(days):
        far = run and (date.fromisoformat(day) - date.fromisoformat(run[-1])).days > 2 * width
        if run and (far or len(run) == _DAYS_AT_ONCE):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _files(cfg: Settings, table: str, days: Iterable[str]) -> Iterator[Path]:
    for day in days:
        yield from sorted(cfg.lake.joinpath(table, f"day={day}").glob("*.parquet"))


def _current(cfg: Settings, days: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The newest version of each article in the window, and the batch day of its first version in the whole lake."""
    newest: dict[str, tuple[Any, str]] = {}
    first: dict[str, str] = {}
    window = _window(days, cfg.window_days)
    for path in _files(cfg, "articles", window):
        for a in store.read(path, "articles", _COLUMNS):
            newest[a.article_id] = max(newest.get(a.article_id, (a.fetched_at, "")), (a.fetched_at, a.version_id))
            first.setdefault(a.article_id, day_of(path))
    for path in sorted(cfg.lake.joinpath("articles").glob("day=*/*.parquet")):
        if day_of(path) < window[0]:
            for a in store.read(path, "articles", ["article_id"]):
                if a.article_id in first:
                    first[a.article_id] = min(first[a.article_id], day_of(path))
    return {article: version for article, (_, version) in newest.items()}, first


def _articles(cfg: Settings, days: list[str], versions: dict[str, str]) -> Iterator[Article]:
    given: set[str] = set()
    for path in _files(cfg, "articles", _window(days, cfg.window_days)):
        for article in store.read(path, "articles", _READ):
            # The same version may stand in several batches; the step wants each article once.
            if versions[article.article_id] == article.version_id and article.article_id not in given:
                given.add(article.article_id)
                yield article


def _events(
    cfg: Settings, days: list[str], versions: dict[str, str], first_days: dict[str, str], homes: dict[str, str]
) -> Iterator[Event]:
    """Events of the current versions, each once; `homes` learns the day each one's article belongs to."""
    for path in _files(cfg, "events", _window(days, cfg.window_days)):
        for event in store.read(path, "events"):
            if versions.get(event.article_id) == event.version_id and event.event_id not in homes:
                homes[event.event_id] = first_days[event.article_id]
                yield event


def _sources(cfg: Settings, days: list[str]) -> dict[str, Source]:
    """The sources as last registered within the window."""
    found: dict[str, Source] = {}
    for path in _files(cfg, "sources", _window(days, cfg.window_days)):
        found |= {s.source_id: s for s in store.read(path, "sources")}
    return found


def _route(records: Iterable[Record], first_days: dict[str, str], homes: dict[str, str]) -> dict[str, list[Record]]:
    """Each row to the day of its first version or report. Grouped rows are ids and counts, so they fit in memory."""
    by_day: dict[str, list[Record]] = {}
    occurrences: dict[str, Occurrence] = {}
    joins: dict[str, list[OccurrenceEvent]] = {}
    for record in records:
        match record:
            case Family() | Story():
                by_day.setdefault(first_days[record.article_id], []).append(record)
            case StoryTitle():
                by_day.setdefault(first_days[record.story_id], []).append(record)
            case Occurrence():
                occurrences[record.occurrence_id] = record
            case OccurrenceEvent():
                joins.setdefault(record.occurrence_id, []).append(record)
    for occurrence_id, occurrence in occurrences.items():
        day = min(homes[j.event_id] for j in joins[occurrence_id])
        by_day.setdefault(day, []).extend([occurrence, *joins[occurrence_id]])
    return by_day
