"""A batch is collected once, an interrupted one goes on where it stopped, and the state is only a cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pipeline import newsroom, sources
from pipeline.batch import Batch, collect, run, unfinished
from pipeline.collect import State
from pipeline.errors import ConfigurationError, ConservationError, StoreError, UnknownBatch
from pipeline.records import Source
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


def discovered(cfg: Settings) -> list[str]:
    return [row["url"] for row in query.rows(cfg, "SELECT DISTINCT url FROM links")]


def test_the_state_is_rebuilt_from_the_lake_when_it_is_lost(cfg: Settings, new_database: Callable[[], str]) -> None:
    cfg = cfg.model_copy(update={"state_url": new_database()})
    run.run_collect(cfg, the_batch())
    urls = discovered(cfg)
    with State(cfg.state) as state:
        before = state.known(urls)
        assert state.learned() == {NAME}
    assert len(before) == len(urls)
    elsewhere = cfg.model_copy(update={"state_url": new_database()})
    collect.catch_up(elsewhere)
    with State(elsewhere.state) as state:
        assert state.known(urls) == before


def test_a_run_that_ended_between_publishing_and_learning_is_caught_up_with(cfg: Settings) -> None:
    run.run_collect(cfg, the_batch())
    urls = discovered(cfg)
    with State(cfg.state) as state:
        before = state.known(urls)
        state.forget()
        # Half a rebuilding, or another batch: a state that is not empty may still lack some.
        state.learn([], [], batch_id="2026-03-01T06")
    collect.catch_up(cfg)
    with State(cfg.state) as state:
        assert state.known(urls) == before


def later(cfg: Settings, hours: float, **more: object) -> Settings:
    return cfg.model_copy(update={"now": AT + timedelta(hours=hours), **more})


def test_what_a_budget_leaves_is_counted_and_comes_with_the_next_batch(cfg: Settings, room: newsroom.Newsroom) -> None:
    batch = the_batch()
    for shard in collect.plan(cfg, batch):
        collect.discover(cfg, batch, shard)
    tight = later(cfg, 0, max_requests=12)
    for shard in collect.assign(cfg, batch):
        collect.fetch(tight, batch, shard)
    found = collect.validate(cfg, batch)
    assert [w for w in found["warnings"] if "URLs were left for another batch; max_requests" in w]
    collect.publish(cfg, batch)
    pending = {row["url"] for row in query.rows(cfg, "SELECT url FROM ledger WHERE state = 'pending'")}
    assert len(pending) > 10
    room.set_time(AT + timedelta(hours=1))
    run.run_collect(later(cfg, 1), Batch.of("2026-03-02T07"))
    asked = {row["url"] for row in query.rows(cfg, "SELECT url FROM fetches WHERE batch_id = '2026-03-02T07'")}
    assert pending <= asked


def test_a_url_that_was_neither_asked_for_nor_left_fails_the_batch(cfg: Settings) -> None:
    batch = the_batch()
    for shard in collect.plan(cfg, batch):
        collect.discover(cfg, batch, shard)
    for shard in collect.assign(cfg, batch):
        collect.fetch(later(cfg, 0, max_requests=12), batch, shard)
    told = [f for f in (batch.staging(cfg) / "collect" / "left").glob("*.json") if f.read_text() != "{}"]
    assert told
    told[0].write_text("{}")
    with pytest.raises(ConservationError, match="neither attempted nor deferred"):
        collect.validate(cfg, batch)


def test_the_clocks_of_hosts_are_shared_through_the_state(cfg: Settings) -> None:
    batch = the_batch()
    collect.discover(cfg, batch, collect.plan(cfg, batch)[0])
    with State(cfg.state) as state, state._engine.connect() as connection:
        hosts = {host for (host,) in connection.exec_driver_sql("SELECT host FROM newsledger_hosts")}
    assert hosts


def test_another_plan_leaves_nothing_of_the_first_in_the_archive(cfg: Settings) -> None:
    batch = the_batch()
    collect.discover(cfg, batch, collect.plan(cfg, batch)[0])
    assert list(cfg.archive.rglob("*.warc.gz"))
    collect.plan(later(cfg, 0, shards=1), batch)
    assert not list(cfg.archive.rglob("*.warc.gz"))


def test_a_host_that_sends_its_feed_reader_away_is_not_asked_for_articles_in_that_batch(tmp_path: Path) -> None:
    asked: list[str] = []
    items = "".join(f"<item><link>http://quay.example/{n}</link></item>" for n in range(3))
    answers = {"/rss": (200, f'<rss version="2.0"><channel>{items}</channel></rss>'), "/atom": (429, "later")}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = answers.get(self.path, (404, ""))
            self.send_response(status)
            for name, value in {"Retry-After": "3600", "Content-Type": "text/xml", "Content-Length": len(body)}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        where = f"*.example=127.0.0.1:{server.server_port}"
        cfg = load(home=tmp_path, resolve=where, now=AT, host_delay=0.0, retry_wait=0.0, workers=1)
        feeds = [f"http://quay.example{path}" for path in ("/rss", "/atom")]
        sources.write(cfg.register, [Source(source_id="quay", name="Quay", agency=False, feeds=feeds)])
        run.run_collect(cfg, the_batch())
        server.shutdown()
    assert asked == ["/robots.txt", "/rss", "/atom"]
    assert query.rows(cfg, "SELECT count(*) AS n FROM ledger WHERE state = 'pending'") == [{"n": 3}]


def test_a_register_with_a_wrong_line_is_collected_and_silence_is_told(tmp_path: Path) -> None:
    cfg = load(home=tmp_path, resolve="*.example=127.0.0.1:9", now=AT, host_delay=0.0, retry_wait=0.0, workers=1)
    register = [
        Source(source_id="bad", name="Bad", agency=False, homepage="https://[bad/"),
        Source(source_id="quay", name="Quay", agency=False, feeds=["http://quay.example/rss"]),
    ]
    sources.write(cfg.register, register)
    batch = the_batch()
    for shard in collect.plan(cfg, batch):
        collect.discover(cfg, batch, shard)
    assert collect.assign(cfg, batch) == []
    warnings = collect.validate(cfg, batch)["warnings"]
    assert warnings == ["1 of 1 feeds, sitemaps and front pages gave nothing, most of them: connection_failed"]
    collect.publish(cfg, batch)
    assert query.rows(cfg, "SELECT url, reason FROM rejects") == [{"url": "https://[bad/", "reason": "invalid_url"}]


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
