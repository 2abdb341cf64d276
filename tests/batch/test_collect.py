"""A batch is collected once, an interrupted one goes on where it stopped, and the state is only a cache."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import newsroom
from pipeline.batch import Batch, collect, run, unfinished
from pipeline.collect import State
from pipeline.errors import ConfigurationError, StoreError, UnknownBatch
from pipeline.settings import Settings, load
from pipeline.warehouse import query

NAME, AT = newsroom.BATCHES[0]


@pytest.fixture(scope="module")
def room() -> Iterator[newsroom.Newsroom]:
    with newsroom.Newsroom() as opened:
        yield opened


@pytest.fixture
def cfg(room: newsroom.Newsroom, tmp_path: Path) -> Settings:
    room.set_time(AT)
    return load(
        home=tmp_path / "data", sources=newsroom.SOURCES, resolve=room.resolve, now=AT, host_delay=0.001,
        retry_wait=0.01, shards=2, workers=1,
    )  # fmt: skip


def the_batch() -> Batch:
    return Batch.of(NAME)


def test_a_published_batch_is_not_collected_again(cfg: Settings, room: newsroom.Newsroom) -> None:
    run.run_collect(cfg, the_batch())
    rows, requests = query.rows(cfg, "SELECT * FROM fetches"), len(room.requests)
    assert run.run_collect(cfg, the_batch()) == {}
    assert query.rows(cfg, "SELECT * FROM fetches") == rows
    assert len(room.requests) == requests, "nothing was asked for"


def test_an_interrupted_batch_goes_on_with_the_shards_that_are_not_finished(
    cfg: Settings, room: newsroom.Newsroom
) -> None:
    batch = the_batch()
    before = len(room.requests)
    first, *others = collect.plan(cfg, batch)
    collect.discover(cfg, batch, first)
    asked = {(host, path) for host, path, _ in room.requests[before:]}
    begun = len(room.requests)
    run.run_collect(cfg, batch)
    again = {(host, path) for host, path, _ in room.requests[begun:]}
    feeds = {(host, path) for host, path in asked if "rss" in path or "feed" in path or "atom" in path}
    assert feeds, "the first shard asks for feeds"
    assert others, "there is more than one shard"
    assert not feeds & again, "its feeds are not asked for twice"


def test_what_is_not_finished_cannot_be_published(cfg: Settings) -> None:
    batch = the_batch()
    shards = collect.plan(cfg, batch)
    collect.discover(cfg, batch, shards[0])
    with pytest.raises(StoreError, match="shards not finished"):
        collect.assign(cfg, batch)
    assert not list(cfg.lake.rglob(f"{NAME}.parquet"))


def test_the_state_is_rebuilt_from_the_lake_when_it_is_lost(cfg: Settings) -> None:
    run.run_collect(cfg, the_batch())
    urls = [row["url"] for row in query.rows(cfg, "SELECT DISTINCT url FROM links")]
    with State(cfg.state) as state:
        before = state.known(urls)
    assert len(before) == len(urls)
    for file in cfg.home.glob("state.db*"):
        file.unlink()
    collect.catch_up(cfg)
    with State(cfg.state) as state:
        assert state.known(urls) == before


def test_without_a_source_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no source is registered"):
        collect.plan(load(home=tmp_path), the_batch())


@pytest.mark.parametrize("name", ["", "today", "2026-13-01T00", "2026-03-02", "2026-03-02T25", "ingest-xyz"])
def test_what_names_no_batch_is_refused(name: str) -> None:
    with pytest.raises(UnknownBatch, match="not the name of a batch"):
        Batch.of(name)


def test_a_manual_batch_is_named_by_its_second() -> None:
    assert Batch.now(AT) == Batch("2026-03-02T060500", "2026-03-02")


def test_what_is_collected_in_part_is_known(cfg: Settings) -> None:
    batch = Batch.of("2026-03-02T060500")
    collect.discover(cfg, batch, collect.plan(cfg, batch)[0])
    assert unfinished(cfg) == [batch]
    run.run_collect(cfg, batch)
    assert unfinished(cfg) == []
