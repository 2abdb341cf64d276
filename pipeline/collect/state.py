"""The state: which URLs were seen, how each ended last, and the validators to ask again with.

It is a cache over ``links`` and ``fetches``: it learns only what is published; learning the same rows twice, or in
another order, changes nothing; forgetting it and learning the lake's rows again gives the same state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.collect.schedule import GOT
from pipeline.collect.urls import host_of
from pipeline.errors import ConfigurationError, StoreError
from pipeline.records import Fetch, Link

_CHUNK = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Instant(sa.types.TypeDecorator[datetime]):
    """A time as microseconds since 1970: the same order and precision in every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


_METADATA = sa.MetaData()
_URLS = sa.Table(
    "urls",
    _METADATA,
    sa.Column("url", sa.Text, primary_key=True),
    # "article", or "listing" for feeds and sitemaps: a URL may be both.
    sa.Column("role", sa.String(8), primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("first_seen_at", _Instant),
    sa.Column("published_hint", _Instant),
    sa.Column("modified_hint", _Instant),
    sa.Column("first_fetched_at", _Instant),
    sa.Column("last_fetched_at", _Instant),
    sa.Column("attempt", sa.Integer),
    sa.Column("outcome", sa.String(20)),
    sa.Column("next_fetch_at", _Instant),
    sa.Column("got_at", _Instant),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("hash_at", _Instant),
    sa.Column("content_hash", sa.String(64)),
    sa.Index("urls_due", "role", "next_fetch_at"),
    sa.Index("urls_fetched", "role", "last_fetched_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one URL."""

    url: str
    source_id: str
    first_seen_at: datetime | None = None
    """When it was first discovered; None for what was fetched but never discovered (feeds)."""
    published_hint: datetime | None = None
    modified_hint: datetime | None = None
    first_fetched_at: datetime | None = None
    """The first time that it came."""
    last_fetched_at: datetime | None = None
    """The last attempt; None: never attempted."""
    outcome: str | None = None
    """How the last attempt ended."""
    next_fetch_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    content_hash: str | None = None

    def is_due(self, until: datetime) -> bool:
        """Whether it is pending, or due again by then."""
        return self.last_fetched_at is None or (self.next_fetch_at is not None and self.next_fetch_at <= until)

    @property
    def last_wait(self) -> timedelta | None:
        """How long a URL in trouble was left alone; None for one that is not."""
        if self.outcome in GOT or self.last_fetched_at is None or self.next_fetch_at is None:
            return None
        return self.next_fetch_at - self.last_fetched_at


_FIELDS = [f.name for f in fields(Known)]


class State:
    """The state in a database; SQLite files are made where there are none. Safe for several processes at once."""

    def __init__(self, url: str) -> None:
        try:
            parsed = sa.make_url(url)
            if parsed.get_backend_name() == "sqlite" and parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(parsed)
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
            raise ConfigurationError(f"NEWSLEDGER_STATE_URL: {error}") from error
        except OSError as error:
            raise StoreError(f"cannot make the state: {error}") from error
        if self._engine.dialect.name not in ("sqlite", "postgresql"):
            raise ConfigurationError(f"NEWSLEDGER_STATE_URL: not SQLite or PostgreSQL: {self._engine.dialect.name}")
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
        with self._changing() as connection:
            # Two processes may begin at once.
            connection.execute(sa.schema.CreateTable(_URLS, if_not_exists=True))
            for index in sorted(_URLS.indexes, key=lambda i: str(i.name)):
                connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def learn(self, links: Iterable[Link], fetches: Iterable[Fetch]) -> None:
        """Take note of published rows."""
        statement = upsert(self._engine.dialect.name)
        with self._changing() as connection:
            for rows in _chunks(_rows(links, fetches)):
                # One statement must not meet the same URL twice: PostgreSQL refuses that.
                while rows:
                    now: dict[tuple[str, str], dict[str, Any]] = {}
                    later = []
                    for row in rows:
                        if now.setdefault((row["url"], row["role"]), row) is not row:
                            later.append(row)
                    connection.execute(statement, list(now.values()))
                    rows = later

    def known(self, urls: Iterable[str]) -> dict[str, Known]:
        """What is known of these article URLs; those never seen are left out."""
        return self._lookup(urls, "article")

    def feed(self, url: str) -> Known | None:
        """What is known of a feed or sitemap."""
        return self._lookup([url], "listing").get(url)

    def due(self, until: datetime, *, per_host: int | None = None) -> dict[str, Known]:
        """Article URLs never attempted or due again by `until`; at most `per_host` of a host, newest first."""
        newest = sa.func.coalesce(_URLS.c.modified_hint, _URLS.c.published_hint, _URLS.c.first_seen_at)
        rank = sa.func.row_number().over(partition_by=_URLS.c.host, order_by=(newest.desc(), _URLS.c.url))
        columns = [_URLS.c[name] for name in _FIELDS]
        waiting = (
            sa.select(*columns, rank.label("rank"))
            .where(_URLS.c.role == "article")
            .where(sa.or_(_URLS.c.last_fetched_at.is_(None), _URLS.c.next_fetch_at <= until))
            .subquery()
        )
        query = sa.select(*(waiting.c[name] for name in _FIELDS)).order_by(waiting.c.url)
        if per_host is not None:
            query = query.where(waiting.c.rank <= per_host)
        with self._reading() as connection:
            return {row.url: Known(**row._mapping) for row in connection.execute(query)}

    def forget(self) -> None:
        """Forget everything; `learn` over the lake's rows brings it back."""
        with self._changing() as connection:
            connection.execute(_URLS.delete())

    def _lookup(self, urls: Iterable[str], role: str) -> dict[str, Known]:
        columns = [_URLS.c[name] for name in _FIELDS]
        found: dict[str, Known] = {}
        with self._reading() as connection:
            for some in _chunks(urls):
                query = sa.select(*columns).where(_URLS.c.role == role, _URLS.c.url.in_(some))
                found.update((row.url, Known(**row._mapping)) for row in connection.execute(query))
        return found

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"the state cannot be written: {getattr(error, 'orig', None) or error}") from error

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"the state cannot be read: {getattr(error, 'orig', None) or error}") from error


def upsert(dialect: str) -> Any:
    """The statement that merges one row into the state. Every column is a minimum, a maximum, or follows one: hence
    neither order nor repetition matters."""
    insert = sqlite.insert(_URLS) if dialect == "sqlite" else postgresql.insert(_URLS)
    new, old = insert.excluded, _URLS.c

    def is_before(name: str) -> Any:
        return sa.and_(new[name].is_not(None), sa.or_(old[name].is_(None), new[name] < old[name]))

    def is_after(name: str) -> Any:
        return sa.and_(new[name].is_not(None), sa.or_(old[name].is_(None), new[name] > old[name]))

    def chosen(condition: Any, *names: str) -> dict[str, Any]:
        return {name: sa.case((condition, new[name]), else_=old[name]) for name in names}

    same_time = sa.and_(new.last_fetched_at == old.last_fetched_at, new.attempt > old.attempt)
    same_sight = sa.and_(new.first_seen_at == old.first_seen_at, new.source_id < old.source_id)
    return insert.on_conflict_do_update(
        index_elements=["url", "role"],
        set_={
            **chosen(sa.or_(is_before("first_seen_at"), same_sight), "first_seen_at", "source_id"),
            **chosen(is_before("published_hint"), "published_hint"),
            **chosen(is_after("modified_hint"), "modified_hint"),
            **chosen(is_before("first_fetched_at"), "first_fetched_at"),
            **chosen(
                sa.or_(is_after("last_fetched_at"), same_time),
                *("last_fetched_at", "attempt", "outcome", "next_fetch_at"),
            ),
            **chosen(is_after("got_at"), "got_at", "etag", "last_modified"),
            **chosen(is_after("hash_at"), "hash_at", "content_hash"),
        },
    )


def _rows(links: Iterable[Link], fetches: Iterable[Fetch]) -> Iterator[dict[str, Any]]:
    empty = dict.fromkeys(_URLS.c.keys())
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
        if not host or fetch.kind not in ("article", "feed", "sitemap"):
            continue
        got = fetch.outcome in GOT
        yield empty | {
            "url": fetch.url,
            "role": "article" if fetch.kind == "article" else "listing",
            "host": host,
            "source_id": fetch.source_id,
            "first_fetched_at": fetch.fetched_at if got else None,
            "last_fetched_at": fetch.fetched_at,
            "attempt": fetch.attempt,
            "outcome": fetch.outcome,
            "next_fetch_at": fetch.next_fetch_at,
            "got_at": fetch.fetched_at if got else None,
            "etag": fetch.etag if got else None,
            "last_modified": fetch.last_modified if got else None,
            "hash_at": fetch.fetched_at if got and fetch.content_hash else None,
            "content_hash": fetch.content_hash if got else None,
        }


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


def _prepare_sqlite(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
