"""A batch in which something vanishes is not published: the checks stand before each publish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pipeline.clean
from pipeline import collect as room
from pipeline.batch import Batch, derive, ingest, run
from pipeline.errors import ConservationError
from pipeline.records import Fetch
from pipeline.settings import Settings, load
from tests.batch.conftest import a_row, write_jsonl


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return load(home=tmp_path / "data", workers=1)


def rows(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "rows.jsonl", [a_row(n) for n in range(3)])


def published(cfg: Settings, *tables: str) -> list[Path]:
    return [path for table in tables for path in cfg.lake.glob(f"{table}/day=2*/*.parquet")]


def test_a_fetch_that_vanishes_fails_the_collection(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in = room.ingest

    def leaking(*given: Any, **more: Any) -> Iterator[Any]:
        records = list(taken_in(*given, **more))
        records.remove(next(r for r in records if isinstance(r, Fetch)))
        yield from records

    monkeypatch.setattr(room, "ingest", leaking)
    with pytest.raises(
        ConservationError, match=r"batch ingest-\w+: a URL was neither attempted nor deferred \(1 in all"
    ):
        ingest.archive(home, [rows(tmp_path)])
    assert published(home, "sources", "links", "fetches", "rejects") == []


def test_a_page_that_vanishes_fails_the_derivation(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (batch_id,) = ingest.archive(home, [rows(tmp_path)])
    cleaned = pipeline.clean.clean
    monkeypatch.setattr(pipeline.clean, "clean", lambda pages, **more: list(cleaned(pages, **more))[1:])
    with pytest.raises(ConservationError, match=r"a page became neither an article nor a reject"):
        run.run_derive(home, Batch.of(batch_id, home))
    assert published(home, *derive.TABLES[:3], "batches") == []
