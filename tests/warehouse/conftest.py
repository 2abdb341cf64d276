"""A small lake to ask: written with the real store, in a folder that is thrown away."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.lake import publish, store
from pipeline.records import Record
from pipeline.settings import Settings, load

sys.path.insert(0, str(Path(__file__).parents[1] / "lake"))  # the builders of rows

Put = Callable[..., None]


@pytest.fixture
def cfg(tmp_path: Path) -> Settings:
    (tmp_path / "home").mkdir()
    return load(home=tmp_path / "home")


@pytest.fixture
def put(cfg: Settings, tmp_path: Path) -> Put:
    """Publish records as a batch's files; the day is that of the batch's name, if not given."""

    def write(batch_id: str, *records: Record, day: str | None = None) -> None:
        by_table: dict[str, list[Record]] = {}
        for record in records:
            by_table.setdefault(record.TABLE, []).append(record)
        for name, rows in by_table.items():
            with store.Writer(tmp_path / "staged", name, batch_id=batch_id) as writer:
                for row in rows:
                    writer.add(row)
            publish.publish(tmp_path / "staged", cfg.lake, name, day or batch_id[:10], batch_id)

    return write
