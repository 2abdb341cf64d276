"""Group: articles and events of several days → families, stories, occurrences. One run at a time groups all stale days.

A row lives on the day on which its story, or its occurrence, begins: of the days of the first versions of the articles
it is about, the first. So a story and its title stand in files of one day, and what a day's files hold is made of the
articles of the days around it that no earlier day took (`pipeline.group.days`).

A day's grouped files carry digests of what they were made from: the derivations that hold any version of an article of
those days, with the grouping code; what earlier days took; and what was taken when the day was done. A day is stale
when these no longer hold, or no longer meet those of the day before, so nothing has to be marked and nothing is
forgotten. Grouping a day goes on with the days after it until one is met that would come out as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline import group as room
from pipeline import ids
from pipeline.batch import Batch, a_day, day_of, published, settle, staging
from pipeline.batch.code import code_digest
from pipeline.errors import UnknownBatch
from pipeline.lake import store
from pipeline.records import Article, Event, Source
from pipeline.settings import Settings
from pipeline.warehouse import query

TABLES = ("families", "stories", "story_titles", "occurrences", "occurrence_events")
_READ = [
    "article_id", "version_id", "url", "canonical_url", "source_id", "title", "subtitle", "authors", "published_at",
    "fetched_at", "language", "section", "keywords", "kind", "access", "text", "word_count", "fetch_id",
]  # fmt: skip
_AT_A_TIME = 31
_HOMES = "homes AS (SELECT article_id, min(day) AS home FROM articles GROUP BY article_id)"
"""The day of each article's first version."""

Derived = dict[str, list[str]]


def stale(cfg: Settings) -> list[str]:
    """Days whose groups are not made of what the lake holds now, oldest first."""
    derived = _derivations(cfg)
    found, after = [], room.digest({}, {}, date.min)
    for day in _days(cfg, derived):
        made = _made(cfg, day)
        if made.get("inputs") != _inputs(cfg, derived, day) or after not in ("", made["before"]):
            found.append(day)
        # A day that was never grouped says nothing of the next one.
        after = made.get("after", "")
    return found


def plan(cfg: Settings, days: Iterable[str] | None = None) -> list[str]:
    """The stale days, oldest first, and `days`, whether stale or not.

    Raises UnknownBatch for a day that is none, or on which nothing was derived.
    """
    chosen = {a_day(d) for d in days or ()}
    if unknown := sorted(chosen - _derivations(cfg).keys()):
        raise UnknownBatch(f"nothing was derived on {unknown[0]} (see `newsledger status`)")
    return sorted(chosen.union(stale(cfg)))


def group(cfg: Settings, days: list[str]) -> staging.Counts:
    """Group the days, in staging, and those after them that come out differently for it. Returns rows per table."""
    staging.clear(_folder(cfg))
    derived = _derivations(cfg)
    everything = _days(cfg, derived)
    counts = dict.fromkeys(TABLES, 0)
    grouped: dict[str, dict[str, str]] = {}
    left = sorted(days)
    while left:
        first = left[0]
        following = [d for d in everything if d >= first]
        chain = _chain(cfg, first, following)
        for day in following:
            inputs, before = _inputs(cfg, derived, day), chain.digest(date.fromisoformat(day))
            made = _made(cfg, day)
            as_it_stands = made.get("inputs") == inputs and made.get("before") == before
            if as_it_stands and not (left and left[0] <= _later(day, 4 * cfg.window_days)):
                break
            left = [d for d in left if d > day]
            rows = chain.begun_on(date.fromisoformat(day))
            written = staging.write_shard(_folder(cfg) / day, Batch("group", day), TABLES, rows)
            counts = {t: counts[t] + written[t] for t in TABLES}
            after = chain.digest(date.fromisoformat(_later(day, 1)))
            grouped[day] = {"inputs": inputs, "before": before, "after": after}
    staging.save(_folder(cfg) / "grouped.json", grouped)
    return counts


def validate(cfg: Settings) -> dict[str, Any]:
    """Check what was grouped. Raises ValidationError: what grouping itself made must hold, so no row is set aside."""
    warnings: list[str] = []
    days = sorted(staging.load(_folder(cfg) / "grouped.json") or {})
    # Some at a time: to look at a table costs the same whether it has one row or ten thousand.
    for n in range(0, len(days), _AT_A_TIME):
        some = days[n : n + _AT_A_TIME]
        staged = {t: [_folder(cfg) / day / f"{t}.parquet" for day in some] for t in TABLES}
        warnings += settle.check(staged, what=f"groups of {some[0]} to {some[-1]}")
    return {"days": len(days), "warnings": warnings}


def publish(cfg: Settings) -> staging.Counts:
    """Put each day's tables into the lake. Returns the number of days."""
    grouped = staging.load(_folder(cfg) / "grouped.json") or {}
    # The last day first: where this breaks off, the day to begin with is stale still.
    for day in sorted(grouped, reverse=True):
        staged = _folder(cfg) / day
        if staged.exists():
            settle.stamp(staged, staged / "tables", TABLES, grouped[day])
            settle.publish(cfg, Batch("group", day), staged / "tables", TABLES)
            staging.clear(staged)
    return {"days": len(grouped)}


def _folder(cfg: Settings) -> Path:
    return cfg.staging / "group"


def _derivations(cfg: Settings) -> Derived:
    """For each day, the derivations that hold a version of an article whose first version is of that day."""
    if not cfg.lake.is_dir():
        return {}
    rows = query.rows(
        cfg,
        f"WITH {_HOMES} SELECT DISTINCT home, batch_id, derive_id FROM articles JOIN homes USING (article_id) "
        "JOIN batches USING (batch_id) ORDER BY ALL",
    )
    found: Derived = {}
    for row in rows:
        found.setdefault(row["home"].isoformat(), []).append(f"{row['batch_id']} {row['derive_id']}")
    return found


def _days(cfg: Settings, derived: Derived) -> list[str]:
    """Days that have articles, or had some when they were grouped."""
    return sorted({*derived, *(day_of(p) for p in cfg.lake.joinpath("occurrence_events").glob("day=*/group.parquet"))})


def _inputs(cfg: Settings, derived: Derived, day: str) -> str:
    first, last = _later(day, -2 * cfg.window_days), _later(day, 3 * cfg.window_days)
    parts = [f"{d} {row}" for d, rows in sorted(derived.items()) if first <= d <= last for row in rows]
    return ids.digest(code_digest("group"), cfg.window_days, *parts)


def _made(cfg: Settings, day: str) -> dict[str, str]:
    """What the day's published groups were made from; nothing where there are none."""
    path = Batch("group", day).file(cfg, "occurrence_events")  # the last one published
    return store.metadata(path) if path.exists() else {}


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def _chain(cfg: Settings, first: str, following: list[str]) -> room.Days:
    """The days from the first on, with what the published groups of those before took."""
    reach = _later(first, -2 * cfg.window_days)

    # Asked for again and again, never for more days at a time than from two windows back to three ahead.
    @lru_cache(maxsize=6 * cfg.window_days)
    def newest(day: date) -> Current:
        return _current(cfg, day)

    def around(day: date) -> dict[str, Source]:
        # No wider than what a story that begins on the day is made of.
        width = timedelta(days=cfg.window_days)
        found: Current = {}
        for known in (d for d in before + days if day - width <= d <= day + 2 * width):
            found |= newest(known)
        return _sources(cfg, found)

    before = [date.fromisoformat(d) for d in _days(cfg, _derivations(cfg)) if reach <= d < first]
    days = [date.fromisoformat(d) for d in following]
    return room.Days(
        days,
        lambda day: _articles(cfg, newest(day)),
        lambda day: _events(cfg, newest(day)),
        around,
        window_days=cfg.window_days,
        before=before,
        taken=_taken(cfg, reach, first),
        joined=_joined(cfg, reach, first),
    )


def _taken(cfg: Settings, reach: str, first: str) -> dict[str, room.Taken]:
    rows = query.rows(
        cfg,
        f"WITH {_HOMES} SELECT article_id, home, s.day AS begun, source_id, family_id, story_id FROM stories s "
        "JOIN families USING (article_id) JOIN homes USING (article_id) "
        "JOIN (SELECT article_id, any_value(source_id) AS source_id FROM articles GROUP BY 1) USING (article_id) "
        "WHERE s.day BETWEEN ?::DATE AND ?::DATE",
        [reach, _later(first, -1)],
    )
    return {
        r["article_id"]: room.Taken(r["home"], r["begun"], r["source_id"], r["family_id"], r["story_id"]) for r in rows
    }


def _joined(cfg: Settings, reach: str, first: str) -> dict[str, room.Joined]:
    rows = query.rows(
        cfg,
        f"WITH {_HOMES} SELECT event_id, home, o.day AS begun FROM occurrence_events o "
        "JOIN events USING (event_id) JOIN homes USING (article_id) WHERE o.day BETWEEN ?::DATE AND ?::DATE",
        [reach, _later(first, -1)],
    )
    return {r["event_id"]: room.Joined(r["home"], r["begun"]) for r in rows}


Current = dict[str, tuple[str, str]]
"""For each article of a day, its newest version and the batch that holds it."""


def _current(cfg: Settings, day: date) -> Current:
    rows = query.rows(
        cfg,
        f"WITH {_HOMES} SELECT article_id, version_id, batch_id FROM articles JOIN homes USING (article_id) "
        "WHERE home = ? "
        "QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY fetched_at DESC, batch_id DESC, version_id) = 1",
        [day],
    )
    return {r["article_id"]: (r["version_id"], r["batch_id"]) for r in rows}


def _files(cfg: Settings, table: str, current: Current) -> Iterator[tuple[str, Path]]:
    """The batches of the current versions, with their files of a table."""
    for batch_id in sorted({batch for _, batch in current.values()}):
        if path := published(cfg, table, batch_id):
            yield batch_id, path


def _articles(cfg: Settings, current: Current) -> Iterator[Article]:
    for batch_id, path in _files(cfg, "articles", current):
        for article in store.read(path, "articles", _READ):
            if current.get(article.article_id) == (article.version_id, batch_id):
                yield article


def _events(cfg: Settings, current: Current) -> Iterator[Event]:
    for batch_id, path in _files(cfg, "events", current):
        for event in store.read(path, "events"):
            if current.get(event.article_id) == (event.version_id, batch_id):
                yield event


def _sources(cfg: Settings, current: Current) -> dict[str, Source]:
    """The sources as last registered in those batches."""
    found: dict[str, Source] = {}
    for _, path in sorted(_files(cfg, "sources", current), key=lambda f: (day_of(f[1]), f[0])):
        found |= {s.source_id: s for s in store.read(path, "sources")}
    return found
