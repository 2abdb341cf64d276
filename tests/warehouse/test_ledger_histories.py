"""Random histories of a few URLs: each URL ends in one state, the one that plain Python finds by the design's words."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lake_rows import AT, article, fetch, link, reject, url

from pipeline import schema
from pipeline.records import Article, Fetch, Link, Record, Reject
from pipeline.warehouse import connect as warehouse
from pipeline.warehouse.conservation import STATES

BLOCKED = {"robots_disallowed", "forbidden", "bot_wall", "consent_wall"}
GONE = {"not_found", "removed"}
SAME = {"not_modified", "unchanged"}
NO_ARTICLE = {"gallery", "section_front", "too_short", "unreadable", "unsupported_type"}
FAILED = {"timeout", "server_error", "tls_failed", "invalid", "expectation_failed", "invalid_url"}
TABLES = ("links", "fetches", "articles", "rejects")
NAMES = "abc"


@dataclass
class Lake:
    """The rows of every batch, with their day."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in TABLES})

    def put(self, batch_id: str, *records: Record) -> None:
        for record in records:
            row = asdict(record) | {"batch_id": batch_id, "day": batch_id[:10]}
            self.rows[record.TABLE].append(row)

    def asked(self, connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
        for name in TABLES:
            arrow = schema.table(name).arrow().append(pa.field("day", pa.string()))
            connection.register(f"{name}_rows", pa.Table.from_pylist(self.rows[name], schema=arrow))
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with the ledger's views over rows that are yet to come."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
        for name in TABLES:
            empty = schema.table(name).arrow().append(pa.field("day", pa.string())).empty_table()
            connection.register(f"{name}_rows", empty)
            connection.execute(f"CREATE VIEW {name} AS SELECT * REPLACE (day::DATE AS day) FROM {name}_rows")
        for view in warehouse.views():
            if view.name in ("url_states", "ledger", "funnel"):
                connection.execute(view.sql)
        yield connection


OUTCOMES = ["fetched"] * 4 + sorted((BLOCKED | GONE | SAME | FAILED) - {
    "bot_wall", "consent_wall", "expectation_failed", "invalid_url",
})  # fmt: skip
VERDICTS = ["article"] * 4 + ["bad_article", "paywalled", "bot_wall", *sorted(NO_ARTICLE)]
WORLDS = 40
"""Histories side by side in one lake, each of URLs and articles of its own: a query tries them all."""


def lived(chance: random.Random) -> Lake:
    """The lake that some batches leave: what comes to each URL of each world is left to chance."""
    lake, at = Lake(), AT
    for number in range(chance.randint(1, 5)):
        at += chance.choice([timedelta(hours=1), timedelta(days=1)])
        name = f"{at:%Y-%m-%dT%H}"
        if chance.random() < 0.3:
            lake.put(name, reject("", "invalid_url", step="discover", url="javascript:void(0)", rejected_at=at))
        is_derived = chance.random() < 0.8
        for world in range(WORLDS):
            visit(lake, chance, name, at, f"w{world}-{{}}", is_derived, str(number))
    return lake


def visit(
    lake: Lake, chance: random.Random, name: str, at: datetime, world: str, is_derived: bool, number: str
) -> None:
    """What one batch does to the URLs of one world: of two URLs of one article, derive keeps one."""
    kept: dict[str, tuple[Article, bool]] = {}
    for of in map(world.format, NAMES):
        fetch_id, outcome = of + number, chance.choice([None, None, *OUTCOMES])
        if outcome is None:
            if chance.random() < 0.5:
                lake.put(name, link(of, discovered_at=at, source_id=f"source-{number}"))
            elif chance.random() < 0.1:
                lake.put(name, bad(of, "fetches", at, fetch_id))
            continue
        lake.put(name, fetch(of, fetch_id=fetch_id, fetched_at=at, outcome=outcome))
        if outcome != "fetched" or not is_derived:
            continue
        if (verdict := chance.choice(VERDICTS)) not in ("article", "bad_article"):
            lake.put(name, reject(of, verdict, fetch_id=fetch_id, rejected_at=at))
            continue
        canonical = chance.choice([of, world.format("a"), world.format("shared")])
        made = article(of, canonical_url=url(canonical), fetch_id=fetch_id, fetched_at=at)
        if made.article_id in kept:
            lake.put(name, reject(of, "duplicate", article_id=made.article_id, fetch_id=fetch_id, rejected_at=at))
        else:
            kept[made.article_id] = made, verdict == "article"
    for made, is_good in kept.values():
        of = made.url.rsplit("/", 1)[-1]
        lake.put(name, made if is_good else bad(of, "articles", at, made.fetch_id))


def bad(of: str, table: str, at: datetime, fetch_id: str) -> Reject:
    """A row that validation set aside."""
    return reject(
        of, "expectation_failed", step="validate", table_name=table, fetch_id=fetch_id, rejected_at=at,
        evidence='{"kind": "article"}' if table == "fetches" else "{}",
    )  # fmt: skip


def states_by_the_design(lake: Lake) -> dict[str, str]:
    """The state of each URL, in plain Python, from the words of the design and nothing of the SQL."""
    links, fetches, articles, rejects = (lake.rows[name] for name in TABLES)
    urls = {r["url"] for r in (*links, *fetches, *rejects)}
    gave: dict[str, list[dict[str, Any]]] = {}
    for row in articles:
        gave.setdefault(row["article_id"], []).append(row)
    owner = {}
    for article_id, rows in gave.items():
        first = {u: min(r["fetched_at"] for r in rows if r["url"] == u) for u in {r["url"] for r in rows}}
        canonical = {r["url"] for r in rows if r["url"] == r["canonical_url"]}
        owner[article_id] = min(first, key=lambda u: (u not in canonical, first[u], u))
    found = {}
    for one in urls:
        holds: set[str] = {"pending"}
        told = [r for r in rejects if r["url"] == one]
        asked = [r for r in fetches if r["url"] == one]
        if one in owner.values():
            holds.add("stored")
        if any(r["url"] == one for r in articles):
            holds.add("duplicate")
        if any(r["reason"] == "duplicate" and r["article_id"] in gave for r in told):
            holds.add("duplicate")
        if told:
            holds.add(said(max(told, key=lambda r: r["rejected_at"])["reason"], "failed"))
        if asked:
            holds.add(said(max(asked, key=lambda r: r["fetched_at"])["outcome"], "pending"))
        found[one] = next(state for state in STATES if state in holds)
    return found


def said(word: str, otherwise: str) -> str:
    """What an outcome or a reason says of its URL."""
    groups = {"blocked": BLOCKED, "gone": GONE, "not_modified": SAME, "not_article": NO_ARTICLE, "failed": FAILED}
    return next((state for state, words in groups.items() if word in words), word if word in STATES[2:] else otherwise)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_whatever_happens_to_a_url_it_is_in_the_one_state_of_the_design(
    connection: duckdb.DuckDBPyConnection, seed: int
) -> None:
    lake = lived(random.Random(seed))
    rows = lake.asked(connection, "SELECT url, state FROM ledger")
    assert len({u for u, _ in rows}) == len(rows), "one row a URL"
    assert dict(rows) == states_by_the_design(lake)
    sums = " + ".join(f"{state}_count" for state in STATES)
    funnel = connection.execute(
        f"SELECT sum(url_count), sum({sums}), bool_and(url_count = {sums}) FROM funnel"
    ).fetchone()
    assert funnel == ((len(rows), len(rows), True) if rows else (None, None, None))


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_the_order_of_the_rows_makes_no_difference(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    lake = lived(random.Random(seed))
    before = sorted(lake.asked(connection, "FROM ledger"), key=str)
    turned = Lake({name: rows[::-1] for name, rows in lake.rows.items()})
    assert sorted(turned.asked(connection, "FROM ledger"), key=str) == before


def ends(connection: duckdb.DuckDBPyConnection, *batches: tuple[str, Sequence[Record]]) -> dict[str, tuple[str, str]]:
    lake = Lake()
    for name, records in batches:
        lake.put(name, *records)
    found = lake.asked(connection, "SELECT url, state, reason FROM ledger")
    return {u.rsplit("/", 1)[-1]: (state, reason) for u, state, reason in found}


FIRST, SECOND = "2026-03-02T06", "2026-03-03T06"
LATER = AT + timedelta(days=1)


def later(name: str, **more: Any) -> Fetch:
    return fetch(name, **{"fetch_id": f"later-{name}", "fetched_at": LATER, **more})


HISTORIES: dict[str, tuple[list[Record], list[Record], tuple[str, str]]] = {
    "disallowed by robots.txt, then allowed": (
        [link("a"), fetch("a", outcome="robots_disallowed")],
        [later("a"), article("a", fetch_id="later-a", fetched_at=LATER)],
        ("stored", "published"),
    ),
    "failed, then stored": (
        [link("a"), fetch("a", outcome="timeout")],
        [later("a"), article("a", fetch_id="later-a", fetched_at=LATER)],
        ("stored", "published"),
    ),
    "discovered on one day, fetched on the next": ([link("a")], [later("a", outcome="removed")], ("gone", "removed")),
    "fetched and not derived yet": ([link("a"), fetch("a")], [], ("pending", "fetched")),
    "unchanged after it was stored": (
        [link("a"), fetch("a"), article("a")],
        [later("a", outcome="unchanged")],
        ("stored", "published"),
    ),
    "a paywall after it was a duplicate": (
        [link("b"), fetch("b"), article("b"), link("a"), fetch("a"),
         reject("a", "duplicate", article_id=article("b").article_id)],
        [later("a"), reject("a", "paywalled", fetch_id="later-a", rejected_at=LATER)],
        ("duplicate", "duplicate"),
    ),
    "a duplicate whose original a later derivation rejects": (
        [link("b"), fetch("b"), reject("b", "gallery"), link("a"), fetch("a"),
         reject("a", "duplicate", article_id=article("b").article_id)],
        [],
        ("failed", "duplicate"),
    ),
    "a mention set aside with its article": (
        [link("a"), fetch("a"), reject("a", "expectation_failed", step="validate", table_name="articles"),
         reject("a", "parent_rejected", step="validate", table_name="mentions")],
        [],
        ("failed", "expectation_failed"),
    ),
    "a row without text": ([reject("a", "malformed_record", step="ingest")], [], ("failed", "malformed_record")),
}  # fmt: skip


@pytest.mark.parametrize("name", list(HISTORIES))
def test_a_history_ends_as_it_should(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    first, second, end = HISTORIES[name]
    assert ends(connection, (FIRST, first), (SECOND, second))["a"] == end


def test_what_names_no_page_is_no_url_of_the_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    feed = reject("feed.xml", "expectation_failed", step="validate", table_name="fetches", evidence='{"kind": "feed"}')
    file = reject("", "malformed_record", step="ingest", url="rows.jsonl")
    listed: list[Link | Reject] = [feed, file, reject("feed.xml", "malformed_feed", step="discover")]
    assert ends(connection, (FIRST, listed)) == {}
