"""Ingest: files handed in → links and fetches of a batch, in the archive as if they had been fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from pipeline import collect as room
from pipeline import sources
from pipeline.batch import Batch, collect, day_of, published, settle, staging
from pipeline.lake import store
from pipeline.records import Fetch, Link, Record, Source
from pipeline.settings import Settings
from pipeline.warehouse import conservation


def plan(cfg: Settings, paths: Sequence[str | Path]) -> list[list[str]]:
    """The files of each batch that the paths make. Raises InputError or NotAnArchive for one that cannot be used."""
    return [[str(file.path) for file in batch.files] for batch in room.batches(paths, cfg.clock)]


def archive(cfg: Settings, paths: Sequence[str | Path], *, in_place: bool = False) -> list[str]:
    """Archive files and publish their links and fetches: a batch for each WARC, one for all other files.

    Returns the batches' ids. Files whose content was ingested before are not archived again. Raises InputError or
    NotAnArchive for a file that cannot be read to its end; then nothing of its batch is archived or published.
    """
    listed = sources.read(cfg.register)
    # A host of several sources is nobody's alone: its pages are named by it.
    alone = room.owners(listed)
    registered = {host: s for s in listed if (host := room.host_of(s.homepage or "")) and s.source_id in alone.values()}
    found = []
    for ingested in room.batches(paths, cfg.clock):
        before = published(cfg, "fetches", ingested.batch_id)
        batch = Batch(ingested.batch_id, day_of(before) if before else ingested.day)
        found.append(batch.id)
        with staging.lock(cfg, batch.id):
            if before is None or not _is_archived(cfg, before):
                _take_in(cfg, batch, ingested, registered, in_place)
    return found


def _take_in(
    cfg: Settings, batch: Batch, ingested: room.IngestBatch, registered: dict[str, Source], in_place: bool
) -> None:
    folder = batch.staging(cfg)
    staging.clear(folder)
    records = room.ingest(
        ingested,
        folder=cfg.archive / f"day={batch.day}" / batch.id,
        relative_to=cfg.home,
        clock=cfg.clock,
        hosts={host: source.source_id for host, source in registered.items()},
        in_place=in_place,
        max_bytes=cfg.max_bytes,
    )
    try:
        merged = folder / "merged"
        staging.write_shard(merged, batch, collect.TABLES, _with_sources(records, registered))
        staged = {name: merged / f"{name}.parquet" for name in collect.TABLES}
        settle.settle(cfg, batch, staged, folder / "tables", {})
        conservation.check_collected(f"batch {batch.id}", settle.files(folder / "tables", collect.TABLES), [], cfg.home)
        settle.publish(cfg, batch, folder / "tables", collect.TABLES)
    finally:
        staging.clear(folder)
    collect.learn(cfg, [batch])


def _is_archived(cfg: Settings, fetches: Path) -> bool:
    """Whether a batch's files are where its fetches say; a WARC ingested in place may have been moved."""
    files = {f.warc_file for f in store.read(fetches, "fetches", ["warc_file"]) if f.warc_file}
    return all((cfg.home / name).exists() for name in files)


def _with_sources(records: Iterator[Record], registered: dict[str, Source]) -> Iterator[Record]:
    """The records, and behind them the sources they are of; one that is not registered is named by its host."""
    known = {s.source_id: s for s in registered.values()}
    seen: dict[str, str] = {}
    for record in records:
        if isinstance(record, Fetch | Link):
            seen.setdefault(record.source_id, record.url)
        yield record
    for source_id, url in sorted(seen.items()):
        host = room.host_of(url)
        homepage = f"{urlsplit(url).scheme}://{host}/" if host else None
        yield known.get(source_id) or Source(source_id=source_id, name=source_id, homepage=homepage, agency=False)
