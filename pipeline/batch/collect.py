"""Collect: the registered sources → links and fetches of a batch, with what the web answered in the archive.

A published batch is not collected again: `plan` gives no shards for it. An unfinished one goes on with the shards that
are not finished. The state learns of a URL only after its rows are published.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline import collect as room
from pipeline import errors, sources
from pipeline.batch import Batch, collected, published, settle, staging
from pipeline.collect.schedule import GOT
from pipeline.lake import store
from pipeline.records import Link, Record
from pipeline.settings import Settings
from pipeline.warehouse import conservation

TABLES = ("sources", "rejects", "links", "fetches")
"""In the order they are published: a batch is collected once its fetches are there."""

_AT_A_TIME = 100
_LINES = 8
"""Targets of a host read at once."""


def plan(cfg: Settings, batch: Batch) -> list[str]:
    """Shards of sources to discover in; none where the batch is published already.

    Raises ConfigurationError where no source is registered.
    """
    if published(cfg, "fetches", batch.id):
        return []
    registered = sources.read(cfg.register)
    if not registered:
        raise errors.ConfigurationError(
            f"no source is registered in {cfg.register}: add one with `newsledger sources add URL`"
        )
    catch_up(cfg)
    shards: dict[str, list[str]] = {}
    for source in registered:
        host = room.host_of(source.homepage or "") or source.source_id
        shards.setdefault(_shard(host, cfg.shards), []).append(source.source_id)
    folder = _folder(cfg, batch)
    planned_from = folder / "register" / "sources.parquet"
    if staging.load(folder / "plan.json") != shards or registered != [
        replace(s, batch_id="") for s in store.read(planned_from, "sources")
    ]:
        # What an unfinished run of another plan archived belongs to no row any more.
        staging.clear(_archive(cfg, batch))
        staging.clear(folder)
        staging.write_shard(folder / "register", batch, ["sources"], registered)
        staging.save(folder / "plan.json", shards)
    return sorted(shards)


def discover(cfg: Settings, batch: Batch, shard: str) -> staging.Counts:
    """Links of the shard's sources, in staging. Returns rows per table."""
    folder = _folder(cfg, batch)
    mine = set(_plan(cfg, batch)[shard])
    registered = list(store.read(folder / "register" / "sources.parquet", "sources"))
    asked = [s for s in registered if s.source_id in mine]
    with room.State(cfg.state) as state:

        def found(web: room.Web) -> AsyncIterator[Record]:
            return room.discover(
                asked,
                web,
                state.feed,
                feed_hours=cfg.feed_hours,
                sitemap_days=cfg.sitemap_days,
                until=cfg.clock() + room.SLACK,
                seen=state.seen,
                owners=room.owners(registered),
            )

        records = _from_the_web(cfg, batch, f"discover-{shard}", found, state)
        return staging.write_shard(folder / "discover" / shard, batch, ("links", "fetches", "rejects"), records)


def assign(cfg: Settings, batch: Batch) -> list[str]:
    """Which URLs to fetch, by shards of hosts: those discovered that are new or due, and those left earlier."""
    folder = _folder(cfg, batch)
    _every_shard_of(folder, "discover", _plan(cfg, batch))
    if not (folder / "assigned.json").exists():
        until = cfg.clock() + room.SLACK
        links = list(store.read(staging.shard_files(folder, "discover", "links"), "links"))
        urls = {link.url for link in links}
        with room.State(cfg.state) as state:
            known = state.due(until, per_host=cfg.max_articles) | state.known(urls)
            resting = state.resting(until) | _sent_away(folder, until)
        targets = room.plan(links, known, until, max_articles=cfg.max_articles, resting=resting)
        shards: dict[str, list[room.Target]] = {}
        for target in targets:
            shards.setdefault(_shard(target.host, cfg.shards), []).append(target)
        places = {shard: _write_targets(_targets_file(folder, shard), mine) for shard, mine in shards.items()}
        deferred = sorted(urls - {t.url for t in targets})
        staging.save(folder / "assigned.json", {"shards": places, "deferred": deferred})
    return sorted(staging.load(folder / "assigned.json")["shards"])


def fetch(cfg: Settings, batch: Batch, shard: str) -> staging.Counts:
    """Get the shard's URLs, in staging and in the archive. Returns rows per table."""
    folder = _folder(cfg, batch)
    places = staging.load(folder / "assigned.json")["shards"][shard]
    left: dict[str, str] = {}

    def found(web: room.Web) -> AsyncIterator[Record]:
        return room.fetch(
            [_read_targets(_targets_file(folder, shard), *place) for place in places.values()],
            web,
            revisit_hours=cfg.revisit_hours,
            feed_hours=cfg.feed_hours,
            leave=lambda urls, why: left.update(dict.fromkeys(urls, why)),
        )

    def records(state: room.State) -> Iterator[Record]:
        yield from _from_the_web(cfg, batch, f"fetch-{shard}", found, state)
        # Before the shard counts as finished.
        staging.save(_left_file(folder, shard), left)

    with room.State(cfg.state) as state:
        return staging.write_shard(folder / "fetch" / shard, batch, ["fetches"], records(state))


def validate(cfg: Settings, batch: Batch) -> dict[str, Any]:
    """Merge the shards and check them. Returns rows per table, and the warnings.

    Raises ValidationError where something critical failed: then nothing is published.
    """
    folder = _folder(cfg, batch)
    assigned = staging.load(folder / "assigned.json")
    _every_shard_of(folder, "fetch", assigned["shards"])
    merged = {name: folder / "merged" / f"{name}.parquet" for name in TABLES}
    for name, path in merged.items():
        parts = [f for step in ("register", "discover", "fetch") for f in _parts(folder, step, name)]
        if name == "links":
            with store.Writer(path, name, batch_id=batch.id) as writer:
                for link in _once(store.read(parts, name)):
                    writer.add(link)
        else:
            store.merge(parts, path, name)
    tables = folder / "tables"
    staging.clear(tables)
    warnings = settle.settle(cfg, batch, merged, tables, {})
    left = _left(folder, assigned["shards"])
    deferred = [*assigned["deferred"], *left]
    conservation.check_collected(f"batch {batch.id}", settle.files(tables, TABLES), deferred, cfg.home)
    if left:
        why, _ = Counter(left.values()).most_common(1)[0]
        warnings.append(f"{len(left):,} URLs were left for another batch; {why}")
    warnings += _silence(tables)
    return {name: store.count(path) for name, path in merged.items()} | {"warnings": warnings}


def publish(cfg: Settings, batch: Batch) -> staging.Counts:
    """Put the tables into the lake, then let the state learn of them. Returns rows per table."""
    folder = _folder(cfg, batch)
    if not folder.exists() and published(cfg, "fetches", batch.id):
        return {name: store.count(batch.file(cfg, name)) for name in TABLES}
    counts = settle.publish(cfg, batch, folder / "tables", TABLES)
    learn(cfg, [batch])
    staging.clear(batch.staging(cfg))
    return counts


def learn(cfg: Settings, batches: Iterable[Batch]) -> None:
    """Let the state learn of published batches; of one it knows, it learns nothing new."""
    with room.State(cfg.state) as state:
        for batch in batches:
            links = store.read(batch.file(cfg, "links"), "links")
            state.learn(links, store.read(batch.file(cfg, "fetches"), "fetches"), batch_id=batch.id)


def catch_up(cfg: Settings) -> None:
    """Let the state learn of the batches in the lake that it does not know.

    One, where a run ended between publishing and learning; all of them, where the state was lost, or is of another
    layout. What was learned of a batch stands in the state with a note that it was, so half a rebuilding goes on.
    """
    batches = collected(cfg)
    with room.State(cfg.state) as state:
        learned = state.learned()
    learn(cfg, [batch for batch in batches if batch.id not in learned])


def _from_the_web(
    cfg: Settings,
    batch: Batch,
    shard: str,
    found: Callable[[room.Web], AsyncIterator[Record]],
    state: room.State,
) -> Iterator[Record]:
    """Records as they come from the web, which writes the shard's part of the archive meanwhile."""
    folder = _archive(cfg, batch)

    async def records() -> AsyncIterator[Record]:
        archive = room.ArchiveWriter(folder, shard, relative_to=cfg.home, clock=cfg.clock)
        with archive:
            async with room.Web(archive=archive, clocks=state.clocks(), **cfg.web()) as web:
                async for record in found(web):
                    yield record

    with asyncio.Runner() as runner:
        stream = records()
        try:
            while some := runner.run(_next(stream)):
                yield from some
        finally:
            runner.run(stream.aclose())  # type: ignore[attr-defined]


async def _next(stream: AsyncIterator[Record]) -> list[Record]:
    """The next records, some at a time: to start and stop the loop for each took a tenth of all the time."""
    found: list[Record] = []
    async for record in stream:
        found.append(record)
        if len(found) == _AT_A_TIME:
            break
    return found


def _folder(cfg: Settings, batch: Batch) -> Path:
    return batch.staging(cfg) / "collect"


def _archive(cfg: Settings, batch: Batch) -> Path:
    return cfg.archive / f"day={batch.day}" / batch.id


def _targets_file(folder: Path, shard: str) -> Path:
    return folder / "assigned" / f"{shard}.jsonl"


def _write_targets(path: Path, targets: Iterable[room.Target]) -> dict[str, tuple[int, int]]:
    """Write targets, those of a host together. Returns where those of each host stand: offset and number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    places: dict[str, tuple[int, int]] = {}
    with path.open("wb") as file:
        for target in targets:
            offset, count = places.get(target.host, (file.tell(), 0))
            places[target.host] = offset, count + 1
            file.write(json.dumps(target.to_json()).encode() + b"\n")
    return places


def _read_targets(path: Path, offset: int, count: int) -> Iterator[room.Target]:
    """The targets of a host, read as they are asked for: a shard may have more of them than memory likes to hold."""
    for first in range(0, count, _LINES):
        # Opened anew each time: thousands of hosts are under way at once, and a file is not to be held for each.
        with path.open("rb") as file:
            file.seek(offset)
            lines = [file.readline() for _ in range(min(_LINES, count - first))]
            offset = file.tell()
        for line in lines:
            yield room.Target.from_json(json.loads(line))


def _sent_away(folder: Path, until: datetime) -> set[str]:
    """Hosts that told discover to stay away for longer; the state knows of them only once the batch is published."""
    return {
        room.host_of(fetch.final_url or fetch.url)
        for fetch in store.read(staging.shard_files(folder, "discover", "fetches"), "fetches")
        if fetch.outcome == "rate_limited" and fetch.next_fetch_at and fetch.next_fetch_at > until
    }


def _left_file(folder: Path, shard: str) -> Path:
    return folder / "left" / f"{shard}.json"


def _plan(cfg: Settings, batch: Batch) -> dict[str, list[str]]:
    planned: dict[str, list[str]] | None = staging.load(_folder(cfg, batch) / "plan.json")
    if planned is None:
        raise errors.UnknownBatch(f"batch {batch.id}: no collection is under way")
    return planned


def _shard(host: str, count: int) -> str:
    """The shard of a host: the same in every run, so that each host has one clock."""
    return f"{int(sha256(host.encode()).hexdigest(), 16) % count:02d}"


def _every_shard_of(folder: Path, step: str, shards: Iterable[str]) -> None:
    unfinished = [s for s in sorted(shards) if not (folder / step / s).is_dir()]
    if unfinished:
        raise errors.StoreError(f"{step}: shards not finished: {', '.join(unfinished)}")


def _parts(folder: Path, step: str, table: str) -> list[Path]:
    alone = folder / step / f"{table}.parquet"
    return [alone] if alone.exists() else staging.shard_files(folder, step, table)


def _once(links: Iterable[Link]) -> Iterator[Link]:
    """Links without repetition: two sources of different shards may share a feed."""
    seen: set[tuple[str, str, str]] = set()
    for link in links:
        key = link.url, link.discovered_in, link.discovered_via
        if key not in seen:
            seen.add(key)
            yield link


def _silence(tables: Path) -> list[str]:
    """A warning where most feeds, sitemaps and front pages that were asked gave nothing."""
    answered: dict[str, bool] = {}
    why: Counter[str] = Counter()
    for fetch in store.read(tables / "fetches.parquet", "fetches", ["url", "kind", "outcome"]):
        if fetch.kind in ("feed", "sitemap", "homepage"):
            answered[fetch.url] = answered.get(fetch.url, False) or fetch.outcome in GOT
            why[fetch.outcome] += fetch.outcome not in GOT
    failed = sum(not ok for ok in answered.values())
    if 2 * failed <= len(answered):
        return []
    most, _ = why.most_common(1)[0]
    return [f"{failed:,} of {len(answered):,} feeds, sitemaps and front pages gave nothing, most of them: {most}"]


def _left(folder: Path, shards: Iterable[str]) -> dict[str, str]:
    """URLs that fetch left for another batch, and why; any other must have been asked for."""
    return {url: why for shard in shards for url, why in (staging.load(_left_file(folder, shard)) or {}).items()}
