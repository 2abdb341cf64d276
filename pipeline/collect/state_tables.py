"""The tables of the state, what a published row tells them, and how it is merged into what is there.

Every column of a URL is a minimum, a maximum, or goes with one; ties are settled by the values themselves. So neither
the order nor the repetition of rows makes a difference, and the state can be rebuilt from the lake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.collect.schedule import GOT
from pipeline.collect.urls import host_of
from pipeline.records import Fetch, Link

LAYOUT = 2
"""Counted up with every change of these tables: a state of another layout is a lost one, and is rebuilt."""

LYING = "the validators are those of the last time, but entries are new"
"""Stands in `detail` of the fetch that caught a listing's validators lying.

It is judged when the listing is read, since only then its entries are at hand: bytes that differ under one ETag are
no lie yet (weak ETags, a date of building). A fact of one row, it can be learned in any order.
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(sa.types.TypeDecorator[datetime]):
    """A time as microseconds since 1970: the same order and precision in every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        """Microseconds."""
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        """A time in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


METADATA = sa.MetaData()
"""Names begin with ours: tables of another layout are dropped, and the database may hold those of others."""

LAYOUTS = sa.Table("newsledger_layout", METADATA, sa.Column("number", sa.Integer, primary_key=True))
"""One row: the layout of the other tables."""

URLS = sa.Table(
    "newsledger_urls",
    METADATA,
    sa.Column("url", sa.Text, primary_key=True),
    # "article", or "listing" for feeds, sitemaps and front pages: a URL may be both.
    sa.Column("role", sa.String(8), primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("first_seen_at", Instant),
    sa.Column("published_hint", Instant),
    sa.Column("modified_hint", Instant),
    sa.Column("first_fetched_at", Instant),
    sa.Column("last_fetched_at", Instant),
    sa.Column("attempt", sa.Integer),
    sa.Column("outcome", sa.String(20)),
    sa.Column("next_fetch_at", Instant),
    sa.Column("got_at", Instant),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("stored_at", Instant),
    sa.Column("body_at", Instant),
    sa.Column("content_hash", sa.String(64)),
    sa.Column("entry_count", sa.Integer),
    sa.Column("news_at", Instant),
    sa.Column("news_next_at", Instant),
    sa.Column("news_count", sa.Integer),
    sa.Column("distrusted_at", Instant),
    sa.Index("newsledger_urls_due", "role", "next_fetch_at"),
    sa.Index("newsledger_urls_fetched", "role", "last_fetched_at"),
)

BATCHES = sa.Table("newsledger_batches", METADATA, sa.Column("batch_id", sa.Text, primary_key=True))
"""The batches whose rows were learned, each noted together with them."""

HOSTS = sa.Table(
    "newsledger_hosts",
    METADATA,
    sa.Column("host", sa.Text, primary_key=True),
    sa.Column("free_at", Instant, nullable=False),
)
"""When each host may be asked next. Not derived from anything: where it is lost, every host is free."""


def inserting(dialect: str, table: sa.Table) -> Any:
    """An INSERT that can meet rows that are there."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def upsert(dialect: str) -> Any:
    """The statement that merges one row into what is known of its URL."""
    insert = inserting(dialect, URLS)
    new, old = insert.excluded, URLS.c

    def is_before(name: str) -> Any:
        return sa.and_(new[name].is_not(None), sa.or_(old[name].is_(None), new[name] < old[name]))

    def is_after(name: str, *ties: str) -> Any:
        later = sa.tuple_(*_comparable(new, name, *ties)) > sa.tuple_(*_comparable(old, name, *ties))
        return sa.and_(new[name].is_not(None), sa.or_(old[name].is_(None), later))

    def chosen(condition: Any, *names: str) -> dict[str, Any]:
        return {name: sa.case((condition, new[name]), else_=old[name]) for name in names}

    same_sight = sa.func.coalesce(new.first_seen_at, -1) == sa.func.coalesce(old.first_seen_at, -1)
    is_first = sa.or_(is_before("first_seen_at"), sa.and_(same_sight, new.source_id < old.source_id))
    last = ("last_fetched_at", "attempt", "outcome", "next_fetch_at")
    got = ("got_at", "etag", "last_modified")
    body = ("body_at", "content_hash", "entry_count")
    news = ("news_at", "news_next_at", "news_count")
    return insert.on_conflict_do_update(
        index_elements=["url", "role"],
        set_={
            **chosen(is_first, "first_seen_at", "source_id"),
            **chosen(is_before("published_hint"), "published_hint"),
            **chosen(is_after("modified_hint"), "modified_hint"),
            **chosen(is_before("first_fetched_at"), "first_fetched_at"),
            **{
                name: value
                for group in (last, got, body, news)
                for name, value in chosen(is_after(*group), *group).items()
            },
            **chosen(is_after("stored_at"), "stored_at"),
            **chosen(is_after("distrusted_at"), "distrusted_at"),
        },
    )


def rows_of(links: Iterable[Link], fetches: Iterable[Fetch]) -> Iterator[dict[str, Any]]:
    """What published rows tell of their URLs. Documents without a host of their own are left out."""
    empty = dict.fromkeys(URLS.c.keys())
    for link in links:
        if host := host_of(link.url):
            yield empty | {
                "url": link.url,
                "role": "article",
                "host": host,
                "source_id": link.source_id,
                "first_seen_at": link.discovered_at,
                "published_hint": link.published_hint,
                "modified_hint": link.modified_hint,
            }
    for fetch in fetches:
        host = host_of(fetch.url)
        if host and fetch.kind in ("article", "feed", "sitemap", "homepage", "robots"):
            yield empty | {"url": fetch.url, "host": host, "source_id": fetch.source_id} | _attempt(fetch)


def _attempt(fetch: Fetch) -> dict[str, Any]:
    told: dict[str, Any] = {
        "role": "article" if fetch.kind == "article" else "listing",
        "last_fetched_at": fetch.fetched_at,
        "attempt": fetch.attempt,
        "outcome": fetch.outcome,
        "next_fetch_at": fetch.next_fetch_at,
    }
    if fetch.outcome in GOT:
        told |= {"first_fetched_at": fetch.fetched_at, "got_at": fetch.fetched_at}
        told |= {"etag": fetch.etag, "last_modified": fetch.last_modified}
        told["stored_at"] = fetch.fetched_at if fetch.outcome == "fetched" else None
        if fetch.content_hash:
            told |= {"body_at": fetch.fetched_at, "content_hash": fetch.content_hash, "entry_count": fetch.entry_count}
        if (fetch.entry_count or 0) > (fetch.known_entry_count or 0):
            told |= {"news_at": fetch.fetched_at, "news_next_at": fetch.next_fetch_at, "news_count": fetch.entry_count}
        if LYING in (fetch.detail or ""):
            told["distrusted_at"] = fetch.fetched_at
    return told


def _comparable(columns: Any, *names: str) -> list[Any]:
    """The columns with something in the place of NULL, which compares with nothing."""
    return [
        sa.func.coalesce(columns[n], sa.literal_column("''" if isinstance(URLS.c[n].type, sa.String) else "-1"))
        for n in names
    ]
