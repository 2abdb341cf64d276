"""The steps of a batch in order, in one process and a pool: what the command line runs where Airflow maps tasks."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from multiprocessing import active_children, get_context
from typing import Any

from pipeline.batch import Batch, collect, derive, group, staging
from pipeline.progress import Progress, Silent
from pipeline.settings import Settings

Counts = dict[str, Any]


@contextmanager
def workers(cfg: Settings) -> Iterator[ProcessPoolExecutor | None]:
    """Processes to derive in, for as many batches as there are; none where the settings allow one process only."""
    if cfg.workers < 2:
        yield None
        return
    # A fork server: this process has threads (pyarrow, DuckDB), and forking a process with threads can hang it.
    context = get_context("forkserver")
    context.set_forkserver_preload(["pipeline.batch.preload"])
    # Ctrl-C reaches every process of the terminal: this one ends the others.
    ignoring = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(cfg.workers, context, signal.signal, ignoring) as pool:
        try:
            yield pool
        except BaseException:
            for worker in active_children():
                worker.terminate()
            raise


def run_collect(cfg: Settings, batch: Batch, progress: Progress | None = None) -> Counts:
    """Collect a batch and publish it. Returns rows per table, and warnings; empty where it was published before."""
    told = progress or Silent()
    with staging.lock(cfg, batch.id):
        shards = collect.plan(cfg, batch)
        if not shards:
            return {}
        # Shards are worked on one after another: their work is waiting, and the clocks of hosts are shared.
        _each(partial(collect.discover, cfg, batch), shards, "discover", told)
        _each(partial(collect.fetch, cfg, batch), collect.assign(cfg, batch), "fetch", told)
        told.begin("validate", 1)
        found = collect.validate(cfg, batch)
        told.advance(found)
        told.begin("publish", 1)
        counts = collect.publish(cfg, batch)
        told.advance(counts)
    return counts | {"warnings": found["warnings"]}


def run_derive(
    cfg: Settings,
    batch: Batch,
    start: derive.Start = "clean",
    progress: Progress | None = None,
    pool: ProcessPoolExecutor | None = None,
) -> Counts:
    """Derive a collected batch and publish it, in the `pool` or in this process. Returns rows per table; warnings."""
    told = progress or Silent()
    with staging.lock(cfg, batch.id):
        shards = derive.plan(cfg, batch, start)
        if pool is None or len(shards) < 2:
            # A worker would have to be started: seconds, for a batch of a few pages.
            _each(partial(derive.clean, cfg, batch), shards, "clean", told)
            _each(partial(derive.extract, cfg, batch), shards, "extract", told)
        else:
            _spread(pool, derive.clean, cfg, batch, shards, "clean", told)
            _spread(pool, derive.extract, cfg, batch, shards, "extract", told)
        told.begin("validate", 1)
        found = derive.validate(cfg, batch)
        told.advance(found)
        told.begin("publish", 1)
        counts = derive.publish(cfg, batch)
        told.advance(counts)
    return counts | {"warnings": found["warnings"]}


def run_group(cfg: Settings, days: Iterable[str] | None = None, progress: Progress | None = None) -> Counts:
    """Group the stale days, or the days given, and publish them. Returns rows per table."""
    told = progress or Silent()
    with staging.lock(cfg, "group"):
        stale = group.plan(cfg, days)
        if not stale:
            return {"days": 0}
        told.begin("group", 1)
        counts = group.group(cfg, stale)
        told.advance(counts)
        told.begin("validate", 1)
        told.advance(group.validate(cfg))
        told.begin("publish", 1)
        published = group.publish(cfg)
        told.advance(published)
    return counts | published


def _each(work: Callable[[str], Counts], shards: list[str], step: str, told: Progress) -> None:
    told.begin(step, len(shards))
    for shard in shards:
        told.advance(work(shard))


def _spread(
    pool: ProcessPoolExecutor,
    work: Callable[[Settings, Batch, str], Counts],
    cfg: Settings,
    batch: Batch,
    shards: list[str],
    step: str,
    told: Progress,
) -> None:
    told.begin(step, len(shards))
    waiting = [pool.submit(work, cfg, batch, shard) for shard in shards]
    try:
        for done in as_completed(waiting):
            told.advance(done.result())
    except BaseException:
        # One failed, or the user interrupted: what has not begun must not begin.
        pool.shutdown(wait=False, cancel_futures=True)
        raise
