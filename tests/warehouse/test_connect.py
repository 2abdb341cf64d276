"""The database has a commented view over every table, equal to a plain glob, and works before the first batch."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow.dataset as ds
import pytest
from lake_rows import AT, BATCH, article, event, fetch, link, mention

from pipeline import schema
from pipeline.errors import InputError, StoreError
from pipeline.lake import store
from pipeline.settings import Settings, load
from pipeline.warehouse import connect as warehouse

Put = Callable[..., None]
NEXT = "2026-03-03T06"


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql).fetchall()


def test_every_view_answers_before_the_first_batch(cfg: Settings) -> None:
    with closing(warehouse.connect(cfg.home)) as connection:
        names = [str(n) for (n,) in rows(connection, "SELECT view_name FROM duckdb_views() WHERE NOT internal")]
        assert set(names) == {*schema.tables(), *warehouse.ORDER}
        for name in names:
            assert rows(connection, f"SELECT count(*) FROM {name}")[0][0] == 0 or name == "url_states"


def test_every_view_and_column_is_explained(cfg: Settings) -> None:
    with closing(warehouse.connect(cfg.home)) as connection:
        assert rows(connection, "SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL") == []
        silent = (
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND coalesce(comment, '') = ''"
        )
        assert rows(connection, silent) == []
        said = "SELECT comment FROM duckdb_columns() WHERE table_name = 'mentions_current' AND column_name = 'text'"
        assert rows(connection, said) == [(schema.table("mentions").columns["text"].description,)]


def test_a_view_equals_a_plain_glob_in_any_reader(cfg: Settings, put: Put) -> None:
    put(BATCH, article("a"), article("b"))
    put(NEXT, article("c"))
    with closing(warehouse.connect(cfg.home)) as connection:
        columns = ", ".join(schema.table("articles").columns)
        glob = f"SELECT {columns} FROM read_parquet('{cfg.lake}/articles/*/*.parquet')"
        view = f"SELECT {columns} FROM articles"
        assert rows(connection, f"({view}) EXCEPT ALL ({glob})") == []
        assert rows(connection, f"({glob}) EXCEPT ALL ({view})") == []
        assert rows(connection, "SELECT typeof(day), day, count(*) FROM articles GROUP BY ALL ORDER BY day") == [
            ("DATE", date(2026, 3, 2), 2), ("DATE", date(2026, 3, 3), 1),
        ]  # fmt: skip
    assert ds.dataset(cfg.lake / "articles", partitioning="hive").count_rows() == 3


def test_columns_added_later_are_empty_in_older_files(cfg: Settings, put: Put) -> None:
    import pyarrow.parquet as pq

    put(BATCH, fetch("a"))
    old = cfg.lake / "fetches" / "day=2026-03-02" / f"{BATCH}.parquet"
    pq.write_table(pq.read_table(old, partitioning=None).drop_columns(["detail"]), old)
    put(NEXT, fetch("b", detail="said"))
    with closing(warehouse.connect(cfg.home)) as connection:
        assert rows(connection, "SELECT detail FROM fetches ORDER BY url") == [(None,), ("said",)]


@pytest.mark.parametrize("name", ["it's [here]", "kind=test", "stars *"])
def test_a_home_may_have_any_name(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    home.mkdir()
    path = home / "lake" / "links" / "day=2026-03-02" / f"{BATCH}.parquet"
    with store.Writer(path, "links", batch_id=BATCH) as writer:
        writer.add(link())
    with closing(warehouse.connect(home)) as connection:
        assert rows(connection, "SELECT day, url FROM links") == [(date(2026, 3, 2), link().url)]


def test_the_file_is_written_again_only_when_something_changed(cfg: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    path = warehouse.build(cfg.home, cfg.lake)
    before = path.stat().st_ino
    warehouse.build(cfg.home, cfg.lake)
    assert path.stat().st_ino == before
    monkeypatch.setattr(warehouse, "SCHEMA_VERSION", "9.9")
    warehouse.build(cfg.home, cfg.lake)
    assert path.stat().st_ino != before
    assert [p.name for p in cfg.home.iterdir() if p.is_file()] == ["newsledger.duckdb"]


def test_a_home_that_moved_is_found_again(cfg: Settings, put: Put, tmp_path: Path) -> None:
    put(BATCH, link())
    warehouse.build(cfg.home, cfg.lake)
    moved = cfg.home.rename(tmp_path / "moved")
    with closing(warehouse.connect(moved)) as connection:
        assert rows(connection, "SELECT count(*) FROM links") == [(1,)]


def test_an_open_reader_does_not_stand_in_the_way_of_a_publish(cfg: Settings, put: Put) -> None:
    put(BATCH, link("a"))
    with closing(warehouse.connect(cfg.home)) as connection:
        assert rows(connection, "SELECT count(*) FROM links") == [(1,)]
        put(NEXT, link("b"))
        warehouse.build(cfg.home, cfg.lake)
        assert rows(connection, "SELECT count(*) FROM links") == [(2,)]


def test_a_file_that_is_no_database_is_replaced(cfg: Settings) -> None:
    cfg.warehouse.write_text("no database")
    with closing(warehouse.connect(cfg.home)) as connection:
        assert rows(connection, "SELECT count(*) FROM links") == [(0,)]


def test_a_home_that_is_not_there_gives_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no data home at"):
        warehouse.connect(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written_gives_one_clear_line(cfg: Settings) -> None:
    cfg.home.chmod(0o500)
    with pytest.raises(StoreError, match="cannot write"):
        warehouse.build(cfg.home, cfg.lake)


def test_the_current_views_show_the_newest_version_only(cfg: Settings, put: Put) -> None:
    old = article("a", title="Dockers strike")
    new = article("a", title="Dockers end strike", fetched_at=AT + timedelta(hours=24))
    put(BATCH, old, mention(old), event(old))
    put(NEXT, new, mention(new), event(new))
    with closing(warehouse.connect(load(home=cfg.home).home)) as connection:
        assert rows(connection, "SELECT count(*) FROM articles") == [(2,)]
        assert rows(connection, "SELECT title, batch_id FROM articles_current") == [(new.title, NEXT)]
        assert rows(connection, "SELECT version_id FROM mentions_current") == [(new.version_id,)]
        assert rows(connection, "SELECT version_id FROM events_current") == [(new.version_id,)]


def test_a_version_seen_in_two_batches_is_current_once(cfg: Settings, put: Put) -> None:
    a = article("a")
    put(BATCH, a, mention(a))
    put(NEXT, a, mention(a))
    with closing(warehouse.connect(cfg.home)) as connection:
        assert rows(connection, "SELECT batch_id FROM articles_current") == [(NEXT,)]
        assert rows(connection, "SELECT batch_id FROM mentions_current") == [(NEXT,)]


def test_actual_events_are_neither_negated_nor_hypothetical_nor_historical(cfg: Settings, put: Put) -> None:
    a = article("a")
    flagged = [
        event(a, event_id=str(n) * 16, **{flag: True})
        for n, flag in enumerate(["is_negated", "is_hypothetical", "is_historical", "is_future", "is_reported"])
    ]
    put(BATCH, a, *flagged)
    with closing(warehouse.connect(cfg.home)) as connection:
        assert rows(connection, "SELECT event_id[1] FROM events_actual ORDER BY 1") == [("3",), ("4",)]
