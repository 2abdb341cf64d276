"""Records go to Parquet and come back the same; a file is there whole, or not at all."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lake_rows import BATCH, article, event, fetch, link, mention

from pipeline.errors import StoreError, ValidationError
from pipeline.lake import store
from pipeline.records import Article, Family, Record
from pipeline.schema import table


def written(path: Path, *records: Record, metadata: dict[str, str] | None = None) -> Path:
    with store.Writer(path, records[0].TABLE, metadata, batch_id=BATCH) as writer:
        for record in records:
            writer.add(record)
    return path


def test_records_come_back_as_they_went(tmp_path: Path) -> None:
    a = article()
    for record in (link(), fetch(), a, mention(a), event(a)):
        path = written(tmp_path / f"{record.TABLE}.parquet", record)
        back = list(store.read(path, record.TABLE))
        record.batch_id = BATCH
        assert back == [record]
        assert pq.read_schema(path).equals(table(record.TABLE).arrow())


def test_records_come_back_in_the_order_they_were_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_ROWS", 3)
    path = written(tmp_path / "links.parquet", *(link(str(n)) for n in range(10)))
    assert [r.url for r in store.read(path, "links")] == [link(str(n)).url for n in range(10)]
    assert pq.ParquetFile(path).num_row_groups == 4


def test_a_row_group_holds_no_more_text_than_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_CHARACTERS", 1000)
    path = written(tmp_path / "articles.parquet", *(article(str(n), text="word " * 120) for n in range(6)))
    assert pq.ParquetFile(path).num_row_groups == 3


def test_an_exception_leaves_no_file_and_no_part(tmp_path: Path) -> None:
    def write_some() -> None:
        with store.Writer(tmp_path / "links.parquet", "links", batch_id=BATCH) as writer:
            writer.add(link())
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        write_some()
    assert list(tmp_path.iterdir()) == []


def test_a_failed_rewrite_keeps_the_file_of_before(tmp_path: Path) -> None:
    path = written(tmp_path / "links.parquet", link())
    with pytest.raises(ValidationError, match=r"links\.title_hint"), store.Writer(path, "links") as writer:
        writer.add(link(title_hint="broken \ud800"))
    assert store.count(path) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_record_of_another_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="Fetch is no record of links"), store.Writer(tmp_path / "x", "links") as writer:
        writer.add(fetch())


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="without a time zone"):
        written(tmp_path / "links.parquet", link(discovered_at=datetime(2026, 3, 2)))


def test_a_value_missing_where_one_must_be_is_written_for_validation_to_find(tmp_path: Path) -> None:
    path = tmp_path / "links.parquet"
    with store.Writer(path, "links", batch_id=BATCH) as writer:
        writer.add(link("a"))
        writer._flush()
        writer.add(link("b", source_id=None))
    assert [r.source_id for r in store.read(path, "links")] == ["harbour", None]
    assert not pq.read_schema(path).equals(table("links").arrow())
    assert list(tmp_path.iterdir()) == [path]


def test_what_stands_beside_the_rows_can_be_read(tmp_path: Path) -> None:
    path = written(tmp_path / "links.parquet", link(), metadata={"derive_id": "abc"})
    assert store.metadata(path)["derive_id"] == "abc"
    assert store.metadata(path)["table"] == "links"
    assert pq.read_schema(path).field("url").metadata[b"description"]


def test_an_empty_file_has_the_columns(tmp_path: Path) -> None:
    store.write_empty(tmp_path / "e.parquet", "events", {"derive_id": "abc"})
    assert store.count(tmp_path / "e.parquet") == 0
    assert list(store.read(tmp_path / "e.parquet", "events")) == []
    assert pq.read_schema(tmp_path / "e.parquet").equals(table("events").arrow())


def test_columns_that_are_not_asked_for_stand_empty(tmp_path: Path) -> None:
    path = written(tmp_path / "articles.parquet", article())
    [found] = store.read(path, "articles", ["article_id"])
    assert isinstance(found, Article)
    assert (found.article_id, found.text, found.authors) == (article().article_id, None, [])
    with pytest.raises(StoreError, match="articles has no column nonsense"):
        next(store.read(path, "articles", ["nonsense"]))


def test_a_file_from_before_a_column_was_added_can_be_read_and_merged(tmp_path: Path) -> None:
    path = written(tmp_path / "fetches.parquet", fetch())
    pq.write_table(pq.read_table(path).drop_columns(["detail"]), path)
    assert next(store.read(path, "fetches")).detail is None
    store.merge([path], tmp_path / "merged.parquet", "fetches")
    assert pq.read_schema(tmp_path / "merged.parquet").equals(table("fetches").arrow())


def test_shards_become_one_file_without_the_dropped_rows(tmp_path: Path) -> None:
    shards = [written(tmp_path / f"{s}.parquet", *(link(f"{s}{n}") for n in range(3))) for s in "ab"]
    out = tmp_path / "links.parquet"
    rows = store.merge(shards, out, "links", {"derive_id": "abc"}, drop={0, 4}, add=[link("new", batch_id=BATCH)])
    names = [r.url.rsplit("/", 1)[1] for r in store.read(out, "links")]
    assert rows == 5
    assert names == ["a1", "a2", "b0", "b2", "new"]
    assert store.metadata(out)["derive_id"] == "abc"


def test_a_file_that_is_no_parquet_gives_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(StoreError, match=r"cannot read .*x\.parquet"):
        store.count(tmp_path / "x.parquet")
    with pytest.raises(StoreError, match="no such file"):
        list(store.read(tmp_path / "y.parquet", "links"))


def test_a_grouped_table_has_no_batch(tmp_path: Path) -> None:
    row = Family(article_id="a" * 16, version_id="b" * 16, family_id="a" * 16, role="original", similarity=1.0)
    path = written(tmp_path / "families.parquet", row)
    assert list(store.read(path, "families")) == [row]
    assert "batch_id" not in pq.read_schema(path).names


def test_rows_of_another_type_are_refused_in_a_merge(tmp_path: Path) -> None:
    path = written(tmp_path / "fetches.parquet", fetch())
    rows = pq.read_table(path)
    at = rows.schema.get_field_index("attempt")
    pq.write_table(rows.set_column(at, "attempt", pa.array(["first"])), path)
    with pytest.raises(ValidationError, match=r"fetches\.attempt"):
        store.merge([path], tmp_path / "merged.parquet", "fetches")
