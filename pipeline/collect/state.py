"""The state: which URLs were seen, how each ended last, the validators to ask again with, and when a host is free.

It is a cache over ``links`` and ``fetches``: it learns only what is published; learning the same rows twice, or in
another order, changes nothing; forgetting it and learning the lake's rows again gives the same state. The clocks of
hosts are no part of that: they are lost without harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from pipeline.collect.known import Known
from pipeline.collect.schedule import GOT
from pipeline.collect.state_tables import (
    BATCHES,
    HOSTS,
    LAYOUT,
    LAYOUTS,
    METADATA,
    URLS,
    Instant,
    inserting,
    rows_of,
    upsert,
)
from pipeline.errors import ConfigurationError, StoreError
from pipeline.records import Fetch, Link

__all__ = ["Known", "State", "upsert"]

FARTHEST = timedelta(minutes=2)
"""A host's clock farther ahead than this is disbelieved: pauses are seconds, so it comes of a clock that was wrong. How
long a host asked to be left alone beyond that stands with its URLs (`resting`)."""

_CHUNK = 500
_LOOKUPS = 5_000
# Any number: it names this lock among those of the database.
_LOCK = 0x6E657773


class State:
    """The state in a database; SQLite files are made where there are none. Safe for several processes at once.

    Raises ConfigurationError for a URL that names no usable database, and StoreError where it cannot be used now.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = _with_driver(sa.make_url(url))
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
            sa.event.listen(self._engine, "begin", _begin_sqlite)
        self._prepare()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def learn(self, links: Iterable[Link], fetches: Iterable[Fetch], *, batch_id: str | None = None) -> None:
        """Take note of published rows, all of them or none, and that they are those of a batch."""
        dialect = self._engine.dialect.name
        statement = upsert(dialect)
        with self._changing() as connection:
            for rows in _chunks(rows_of(links, fetches), _CHUNK):
                # Some drivers make one statement of many rows, and PostgreSQL wants no row twice in one.
                while rows:
                    now: dict[tuple[str, str], dict[str, Any]] = {}
                    later = [r for r in rows if now.setdefault((r["url"], r["role"]), r) is not r]
                    connection.execute(statement, list(now.values()))
                    rows = later
            if batch_id is not None:
                note = inserting(dialect, BATCHES).values(batch_id=batch_id).on_conflict_do_nothing()
                connection.execute(note)

    def learned(self) -> set[str]:
        """The batches that were learned; a lost or new state has none."""
        with self._reading() as connection:
            return set(connection.scalars(sa.select(BATCHES.c.batch_id)))

    def known(self, urls: Iterable[str]) -> dict[str, Known]:
        """What is known of these article URLs; those never seen are left out."""
        return self._lookup(urls, "article")

    def seen(self, urls: Iterable[str]) -> set[str]:
        """Which of these article URLs are known."""
        found: set[str] = set()
        with self._reading() as connection:
            for some in _chunks(urls, _LOOKUPS):
                found.update(connection.scalars(sa.select(URLS.c.url).where(URLS.c.role == "article", _among(some))))
        return found

    def feed(self, url: str) -> Known | None:
        """What is known of a feed or sitemap."""
        return self._lookup([url], "listing").get(url)

    def due(self, until: datetime, *, per_host: int | None = None) -> dict[str, Known]:
        """Article URLs never attempted or due again by `until`.

        At most `per_host` of a host: the newest first, those in trouble last.
        """
        newest = sa.func.coalesce(URLS.c.modified_hint, URLS.c.published_hint, URLS.c.first_seen_at)
        in_trouble = sa.case((URLS.c.outcome.not_in(sorted(GOT)), 1), else_=0)
        rank = sa.func.row_number().over(partition_by=URLS.c.host, order_by=(in_trouble, newest.desc(), URLS.c.url))
        waiting = (
            sa.select(*_COLUMNS, rank.label("rank"))
            .where(URLS.c.role == "article")
            .where(sa.or_(URLS.c.last_fetched_at.is_(None), URLS.c.next_fetch_at <= until))
            .subquery()
        )
        query = sa.select(*(waiting.c[c.name] for c in _COLUMNS)).order_by(waiting.c.url)
        if per_host is not None:
            query = query.where(waiting.c.rank <= per_host)
        with self._reading() as connection:
            return {row.url: Known(**row._mapping) for row in connection.execute(query)}

    def resting(self, until: datetime) -> set[str]:
        """Hosts whose newest answer was that they want to be left alone, for longer than that."""
        limited = sa.select(URLS.c.host).where(URLS.c.outcome == "rate_limited", URLS.c.next_fetch_at > until)
        newest = (
            sa.select(URLS.c.host, sa.func.max(URLS.c.last_fetched_at).label("at"))
            .where(URLS.c.host.in_(limited))
            .group_by(URLS.c.host)
            .subquery()
        )
        query = (
            sa.select(URLS.c.host)
            .join(newest, sa.and_(newest.c.host == URLS.c.host, newest.c.at == URLS.c.last_fetched_at))
            .where(URLS.c.outcome == "rate_limited", URLS.c.next_fetch_at > until)
        )
        with self._reading() as connection:
            return set(connection.scalars(query))

    def forget(self) -> None:
        """Forget everything; `learn` over the lake's rows brings it back."""
        with self._changing() as connection:
            for table in (URLS, BATCHES, HOSTS):
                connection.execute(table.delete())

    def clocks(self) -> Clocks:
        """The clocks of hosts, shared by all who use this database."""
        return Clocks(self)

    def _lookup(self, urls: Iterable[str], role: str) -> dict[str, Known]:
        found: dict[str, Known] = {}
        with self._reading() as connection:
            for some in _chunks(urls, _LOOKUPS):
                query = sa.select(*_COLUMNS).where(URLS.c.role == role, _among(some))
                found.update((row.url, Known(**row._mapping)) for row in connection.execute(query))
        return found

    def _prepare(self) -> None:
        """Make the tables; those of another layout are dropped, since the lake gives back what was in them."""
        with self._reading() as connection:
            if sa.inspect(connection).has_table(LAYOUTS.name) and self._layout(connection) == LAYOUT:
                return
        with self._changing() as connection:
            # Another process may have done it meanwhile.
            LAYOUTS.create(connection, checkfirst=True)
            if self._layout(connection) == LAYOUT:
                return
            METADATA.drop_all(connection)
            if self._engine.dialect.name == "sqlite":
                # The first layout had this one table and no number; the file is ours.
                connection.execute(sa.text("DROP TABLE IF EXISTS urls"))
            METADATA.create_all(connection)
            connection.execute(LAYOUTS.insert().values(number=LAYOUT))

    def _layout(self, connection: sa.Connection) -> int | None:
        number: int | None = connection.scalar(sa.select(LAYOUTS.c.number))
        return number

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        """A transaction that writes. One at a time: two that take the same rows in another order would lock each other
        out."""
        try:
            with self._engine.connect().execution_options(is_changing=True) as connection, connection.begin():
                if self._engine.dialect.name == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise self._refused("written", error) from error

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise self._refused("read", error) from error

    def _refused(self, what: str, error: sa.exc.SQLAlchemyError) -> StoreError:
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        if any(sign in said for sign in ("not a database", "malformed", "disk image")):
            path = self._engine.url.database
            return StoreError(f"{path} is damaged ({said}): it is only a cache; delete it, and it is built again")
        return StoreError(f"the state cannot be {what}: {said}")


class Clocks:
    """When each host may be asked next, for all processes that share a database. Fit for several threads."""

    def __init__(self, state: State) -> None:
        self._state = state

    def take(self, host: str, at: datetime, pause: float) -> datetime:
        """Take the host's next turn from `at` on; the one after it comes `pause` seconds later."""
        length = timedelta(seconds=pause)
        insert = inserting(self._state._engine.dialect.name, HOSTS).values(host=host, free_at=at + length)
        believed = sa.and_(HOSTS.c.free_at > at, HOSTS.c.free_at <= at + FARTHEST)
        free = sa.case((believed, HOSTS.c.free_at), else_=sa.literal(at, Instant))
        microseconds = sa.literal_column(str(length // timedelta(microseconds=1)), sa.BigInteger)
        after = sa.type_coerce(sa.type_coerce(free, sa.BigInteger) + microseconds, Instant)
        take = insert.on_conflict_do_update(index_elements=["host"], set_={"free_at": after})
        next_at: datetime = self._write(take.returning(HOSTS.c.free_at))
        return next_at - length

    def rest(self, host: str, until: datetime) -> None:
        """Leave the host alone until then; a later time that is set already stays."""
        insert = inserting(self._state._engine.dialect.name, HOSTS).values(host=host, free_at=until)
        later = sa.case((insert.excluded.free_at > HOSTS.c.free_at, insert.excluded.free_at), else_=HOSTS.c.free_at)
        rest = insert.on_conflict_do_update(index_elements=["host"], set_={"free_at": later})
        self._write(rest.returning(HOSTS.c.free_at))

    def _write(self, statement: Any) -> Any:
        """One statement on one row: it needs no lock beyond its own."""
        try:
            with self._state._engine.connect().execution_options(is_changing=True) as connection, connection.begin():
                return connection.execute(statement).scalar_one()
        except sa.exc.SQLAlchemyError as error:
            raise self._state._refused("written", error) from error


_COLUMNS = [URLS.c[f.name] for f in fields(Known)]


def _among(urls: list[str]) -> Any:
    return URLS.c.url.in_(urls)


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _with_driver(url: sa.URL) -> sa.URL:
    """A PostgreSQL URL as users write it, with the driver that is installed."""
    if url.drivername not in ("postgres", "postgresql"):
        return url
    for driver in ("psycopg", "psycopg2"):
        if find_spec(driver):
            return url.set(drivername=f"postgresql+{driver}")
    raise ImportError("PostgreSQL needs a driver: pip install 'newsledger[postgres]'")


def _prepare_sqlite(connection: Any, record: object) -> None:
    # Transactions are begun below: the driver's own way cannot take the lock at once.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes then is refused where another wrote in between; one that begins with
    # the lock waits for its turn.
    is_changing = connection.get_execution_options().get("is_changing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_changing else "BEGIN")
