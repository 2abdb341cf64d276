"""A derivation replaces its whole batch, goes on after an interruption, and publishes nothing that is not validated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.batch import Batch, derive, group, ingest, run, staging
from pipeline.clean import address
from pipeline.collect import normalise
from pipeline.errors import BatchBusy, UnknownBatch, ValidationError
from pipeline.lake import store
from pipeline.settings import Settings
from pipeline.warehouse import query
from tests.batch.conftest import a_row, write_jsonl


def a_collected(cfg: Settings, tmp_path: Path, count: int = 3) -> Batch:
    rows = write_jsonl(tmp_path / "rows.jsonl", [a_row(n) for n in range(count)])
    (batch_id,) = ingest.archive(cfg, [rows])
    return Batch.of(batch_id, cfg)


def contents(cfg: Settings) -> dict[str, list[dict[str, Any]]]:
    return {t: query.rows(cfg, f"SELECT * FROM {t} ORDER BY ALL") for t in (*derive.TABLES, *group.TABLES)}


def test_deriving_and_grouping_again_changes_no_row(cfg: Settings, tmp_path: Path) -> None:
    batch = a_collected(cfg, tmp_path)
    run.run_derive(cfg, batch)
    run.run_group(cfg)
    before = contents(cfg)
    assert before["articles"]
    assert before["mentions"]
    assert before["events"]
    run.run_derive(cfg, batch)
    assert run.run_group(cfg) == {"days": 0}, "the same derivation leaves no day stale"
    assert contents(cfg) == before


def test_an_interrupted_derivation_keeps_its_finished_shards(cfg: Settings, tmp_path: Path) -> None:
    batch = a_collected(cfg, tmp_path)
    shards = derive.plan(cfg, batch)
    derive.clean(cfg, batch, shards[0])
    finished = batch.staging(cfg) / "derive" / "clean" / shards[0]
    written = finished.stat().st_mtime_ns
    assert derive.plan(cfg, batch) == shards
    derive.clean(cfg, batch, shards[0])
    assert finished.stat().st_mtime_ns == written
    run.run_derive(cfg, batch)
    assert len(query.rows(cfg, "SELECT * FROM articles")) == 3


def test_a_batch_derived_by_other_code_is_stale(cfg: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = a_collected(cfg, tmp_path)
    assert derive.is_stale(cfg, batch), "it was never derived"
    run.run_derive(cfg, batch)
    assert not derive.is_stale(cfg, batch)
    monkeypatch.setattr(derive, "code_digest", lambda step: "another")
    assert derive.is_stale(cfg, batch)


def test_every_file_of_a_batch_carries_the_derivation_named_in_batches(cfg: Settings, tmp_path: Path) -> None:
    batch = a_collected(cfg, tmp_path)
    run.run_derive(cfg, batch)
    (row,) = query.rows(cfg, "SELECT derive_id FROM batches")
    named = {store.metadata(batch.file(cfg, t))["derive_id"] for t in (*derive.TABLES, "batches")}
    assert named == {row["derive_id"]}


def test_the_row_of_batches_adds_up(cfg: Settings, tmp_path: Path) -> None:
    run.run_derive(cfg, a_collected(cfg, tmp_path, 5))
    (row,) = query.rows(cfg, "SELECT * FROM batches")
    states = ("stored", "duplicate", "paywalled", "not_article", "blocked", "gone", "not_modified", "failed", "pending")
    assert row["url_count"] == sum(row[f"{s}_count"] for s in states) == row["page_count"] == row["article_count"] == 5


def test_what_breaks_an_offset_publishes_nothing(cfg: Settings, tmp_path: Path) -> None:
    batch = a_collected(cfg, tmp_path)
    for shard in (shards := derive.plan(cfg, batch)):
        derive.clean(cfg, batch, shard)
    for shard in shards:
        derive.extract(cfg, batch, shard)
    path = batch.staging(cfg) / "derive" / "extract" / shards[0] / "mentions.parquet"
    mentions = list(store.read(path, "mentions"))
    mentions[0].start += 1
    with store.Writer(path, "mentions", batch_id=batch.id) as writer:
        for mention in mentions:
            writer.add(mention)
    with pytest.raises(ValidationError, match="nothing was published") as caught:
        derive.validate(cfg, batch)
    assert "\n" not in str(caught.value)
    assert not batch.file(cfg, "articles").exists()


def test_a_bad_row_becomes_a_reject_with_its_dependents(cfg: Settings, tmp_path: Path) -> None:
    batch = a_collected(cfg, tmp_path)
    for shard in (shards := derive.plan(cfg, batch)):
        derive.clean(cfg, batch, shard)
    for shard in shards:
        derive.extract(cfg, batch, shard)
    path = batch.staging(cfg) / "derive" / "extract" / shards[0] / "articles.parquet"
    articles = list(store.read(path, "articles"))
    articles[0].language = "not a language"
    with store.Writer(path, "articles", batch_id=batch.id) as writer:
        for article in articles:
            writer.add(article)
    derive.validate(cfg, batch)
    derive.publish(cfg, batch)
    rejects = query.rows(cfg, "SELECT table_name, reason, detail, article_id FROM rejects WHERE step = 'validate'")
    assert {(r["table_name"], r["reason"]) for r in rejects} >= {
        ("articles", "expectation_failed"),
        ("mentions", "parent_rejected"),
    }
    assert {r["article_id"] for r in rejects} == {articles[0].article_id}
    assert len(query.rows(cfg, "SELECT * FROM articles")) == 2
    (state,) = query.rows(cfg, "SELECT state FROM ledger WHERE url = ?", [articles[0].url])
    assert state["state"] == "failed"


def test_two_runs_of_one_batch_at_once_are_refused(cfg: Settings, tmp_path: Path) -> None:
    batch = a_collected(cfg, tmp_path)
    with staging.lock(cfg, batch.id), pytest.raises(BatchBusy, match=batch.id):
        run.run_derive(cfg, batch)


def test_shards_of_a_batch_are_worked_on_side_by_side_and_nothing_else_is(cfg: Settings, tmp_path: Path) -> None:
    batch = a_collected(cfg, tmp_path)
    one, other = (staging.lock(cfg, batch.id, shared=True) for _ in range(2))
    with one, other, pytest.raises(BatchBusy, match=batch.id):
        run.run_derive(cfg, batch)
    assert run.run_derive(cfg, batch)["articles"]


def test_what_was_not_collected_cannot_be_derived(cfg: Settings) -> None:
    with pytest.raises(UnknownBatch, match="not collected"):
        derive.plan(cfg, Batch.of("2026-03-02T06"))


def test_a_day_without_batches_cannot_be_grouped(cfg: Settings) -> None:
    with pytest.raises(UnknownBatch, match="nothing was derived on 2026-03-02"):
        group.plan(cfg, ["2026-03-02"])
    with pytest.raises(UnknownBatch, match="not a day"):
        group.plan(cfg, ["yesterday"])


@pytest.mark.parametrize("query_string", ["utm_source=x", "fbclid=1", "gclid=2&utm_medium=rss", "mc_cid=3"])
def test_clean_and_collect_agree_on_what_tracks(query_string: str) -> None:
    url = f"https://tagus-times.example/port?id=7&{query_string}"
    assert normalise(url) == address.tidied(url) == "https://tagus-times.example/port?id=7"
