"""Collect: the registered sources → links and fetches of a batch, with what the web answered in the archive.

A published batch is not collected again: `plan` gives no shards for it. An unfinished one goes on with the shards that are
not finished. The state learns of a URL only after its rows are published.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline import collect as room
from pipeline import errors, sources
from pipeline.batch import Batch, collected, published, settle, staging
from pipeline.lake import store
from pipeline.records import Fetch, Link, Record, Reject, Source
from pipeline.settings import Settings

TABLES = ("sources", "links", "fetches", "rejects")


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
    folder = _folder(cfg, batch)
    shards: dict[str, list[str]] = {}
    for source in registered:
        shards.setdefault(_shard(source.homepage or source.source_id, cfg.shards), []).append(source.source_id)
    before = staging.load(folder / "plan.json")
    if before is None or before["shards"] != shards:
        staging.clear(folder)
        staging.save(folder / "plan.json", {"shards": shards})
        with store.Writer(folder / "sources.parquet", "sources", batch_id=batch.id) as writer:
            for source in registered:
                writer.add(source)
    return sorted(shards)
