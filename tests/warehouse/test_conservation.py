"""What came in is what went on plus what was rejected, at every stage; a sum that fails names a row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lake_rows import BATCH, article, event, fetch, link, mention, reject, url

from pipeline.errors import ConservationError
from pipeline.lake import store
from pipeline.records import Record
from pipeline.settings import Settings
from pipeline.warehouse import conservation

Put = Callable[..., None]


def staged(folder: Path, *records: Record) -> dict[str, list[Path]]:
    by_table: dict[str, list[Record]] = {}
    for record in records:
        by_table.setdefault(record.TABLE, []).append(record)
    files = {}
    for name, rows in by_table.items():
        files[name] = [folder / f"{name}.parquet"]
        with store.Writer(files[name][0], name, batch_id=BATCH) as writer:
            for row in rows:
                writer.add(row)
    return files


def test_every_url_is_attempted_or_deferred(tmp_path: Path) -> None:
    files = staged(
        tmp_path, link("a"), link("b"), link("b", discovered_in="elsewhere"), fetch("a"), fetch("due-again"),
        link("c"), reject("c", "expectation_failed", step="validate", table_name="fetches"),
    )  # fmt: skip
    conservation.check_collected(BATCH, files, deferred=[url("b"), url("known")])
    with pytest.raises(ConservationError, match=r"neither attempted nor deferred \(1 in all, the first: .*/b\)"):
        conservation.check_collected(BATCH, files, deferred=[])
    with pytest.raises(ConservationError, match=r"both attempted and deferred .*/a\)"):
        conservation.check_collected(BATCH, files, deferred=[url("a"), url("b")])


def test_every_page_becomes_an_article_or_a_reject(tmp_path: Path) -> None:
    a, kept = article("a"), article("kept")
    rows: list[Record] = [
        fetch("a"), a, mention(a), event(a), fetch("short"), reject("short"),
        fetch("bad"), reject("bad", "expectation_failed", step="validate", table_name="articles"),
        fetch("kept"), kept, fetch("copy"), reject("copy", "duplicate", article_id=kept.article_id),
        fetch("gone", outcome="not_found"), fetch("feed", kind="feed"), reject("x", "invalid_url", step="discover"),
    ]  # fmt: skip
    conservation.check_derived(BATCH, staged(tmp_path, *rows))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([fetch("a")], r"a page became neither an article nor a reject \(1 in all, the first: .*/a\)"),
        ([fetch("a"), article("a"), reject("a")], r"a page was counted twice .*fetch-a"),
        ([article("a")], "an article or reject has no page .*fetch-a"),
        ([fetch("a"), reject("a"), mention(article("a"))], "mentions without their article"),
        ([fetch("a"), article("a"), event(article("b"))], "events without their article"),
    ],
)
def test_a_page_that_vanishes_is_named(tmp_path: Path, rows: list[Record], says: str) -> None:
    with pytest.raises(ConservationError, match=f"{BATCH}: {says}"):
        conservation.check_derived(BATCH, staged(tmp_path, *rows))


def test_rows_in_are_rows_out_plus_rejects(tmp_path: Path) -> None:
    a, b = article("a"), article("b")
    earlier = reject("z", "expectation_failed", step="validate", table_name="links")
    before = staged(tmp_path / "in", a, b, mention(a), mention(b), earlier)
    lost = [
        reject("b", "expectation_failed", step="validate", table_name="articles"),
        reject("b", "parent_rejected", step="validate", table_name="mentions"),
    ]
    after = staged(tmp_path / "out", a, mention(a), earlier, *lost)
    conservation.check_settled(BATCH, before, after)
    short = staged(tmp_path / "short", a, mention(a), earlier, lost[0])
    with pytest.raises(ConservationError, match="mentions: 2 rows came in, 1 went on and 0 were rejected"):
        conservation.check_settled(BATCH, before, short)


def test_the_audit_of_a_sound_lake_finds_nothing(cfg: Settings, put: Put) -> None:
    a = article("a")
    put(BATCH, link("a"), fetch("a"), a, mention(a), event(a))
    assert conservation.audit(cfg) == []


def test_the_audit_finds_keys_that_stand_twice_and_rows_without_what_they_refer_to(cfg: Settings, put: Put) -> None:
    put(BATCH, fetch("a"), fetch("a"), article("a"))
    put("2026-03-02T07", fetch("a"), article("b"))
    found = conservation.audit(cfg)
    assert found[0].startswith("fetches: a key stands twice (1 in all, the first: fetch-a, ")
    assert found[1].startswith("articles: a row has no fetches (1 in all, the first: fetch-b, ")
    assert len(found) == 2
