"""Great Expectations finds what breaks the contract; bad rows become rejects, and what is critical stops the batch."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lake_rows import AT, BATCH, article, event, fetch, link, mention, reject, url

from pipeline.errors import ValidationError
from pipeline.lake import store
from pipeline.lake.settle import settle
from pipeline.lake.validate import Findings, validate
from pipeline.records import (
    Actor,
    Batch,
    Family,
    Occurrence,
    OccurrenceEvent,
    Record,
    Reject,
    Source,
    Story,
    StoryTitle,
)
from pipeline.schema import tables

Stage = Callable[..., dict[str, list[Path]]]
ID = "a" * 16


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Write records, each to its table's file; tables named in `also` get a file without rows."""

    def write(*records: Record, also: Sequence[str] = ()) -> dict[str, list[Path]]:
        by_table: dict[str, list[Record]] = {name: [] for name in also}
        for record in records:
            by_table.setdefault(record.TABLE, []).append(record)
        staged = {}
        for name, rows in by_table.items():
            staged[name] = [tmp_path / "in" / f"{name}.parquet"]
            with store.Writer(staged[name][0], name, batch_id=BATCH) as writer:
                for row in rows:
                    writer.add(row)
        return staged

    return write


def batch_row(**more: int) -> Batch:
    counts = {c: 0 for c in tables()["batches"].columns if c.endswith("_count")}
    return Batch(
        **(counts | {"url_count": 1, "stored_count": 1} | more), derive_id="d", derived_with="w", schema_version="0.1",
        started_at=AT, finished_at=AT,
    )  # type: ignore[arg-type]  # fmt: skip


def occurrence(**more: int) -> Occurrence:
    counts = {c: 1 for c in tables()["occurrences"].columns if c.endswith("_count")}
    return Occurrence(occurrence_id=ID, event_type="CONSULT", **(counts | more))  # type: ignore[arg-type]


def test_valid_rows_of_every_table_pass(stage: Stage) -> None:
    a = article()
    rows: list[Record] = [
        Source(source_id="harbour", name="Harbour", agency=False, country="PT", language="pt"),
        link(), fetch(), a, mention(a), event(a), event(a, actors=[], actor_text=None, actor_start=None, actor_end=None,
        event_id=ID), reject("b"), batch_row(),
        Family(article_id=ID, version_id=ID, family_id=ID, role="original", similarity=1.0),
        Story(article_id=ID, version_id=ID, story_id=ID, score=1.0),
        StoryTitle(story_id=ID, title="T", lead_article_id=ID, first_seen_at=AT, last_seen_at=AT, article_count=1,
                   family_count=1, source_count=1),
        occurrence(), OccurrenceEvent(occurrence_id=ID, event_id=ID),
    ]  # fmt: skip
    staged = stage(*rows)
    assert set(staged) == set(tables())
    findings = validate(staged)
    assert (findings.failures, findings.bad_rows, findings.warnings) == ([], {}, [])
    assert findings.rows["events"] == 2
    findings.demand("batch", every_row=True)


def test_tables_without_rows_pass(stage: Stage) -> None:
    assert validate(stage(also=["articles", "mentions", "events", "rejects"])) == Findings(
        rows={"articles": 0, "mentions": 0, "events": 0, "rejects": 0}
    )


def test_a_bad_row_is_found_with_the_expectations_it_breaks(stage: Stage) -> None:
    bad: list[tuple[Record, str]] = [
        (article("1", kind="rumour"), "kind is one of the values"),
        (article("2", language="xx"), "language is one of the values of iso-639-1"),
        (article("3", quality_score=1.5), "quality_score is at most 1"),
        (article("4", text=""), "text has at least 1 characters"),
        (article("5", published_at=AT + timedelta(days=2)), "published_at is at most a day after"),
        (article("6", version_id="1"), "version_id matches"),
        (article("7", canonical_url="harbour.example/a"), "canonical_url is an absolute"),
        (article("8", word_count=-1, access="shut"), "word_count is at least 0"),
        (link("1", source_id=None), "source_id is filled"),
        (link("2", discovered_via="rumour"), "discovered_via is one of the values"),
        (fetch("1", warc_file=None), "has its place in the archive"),
        (fetch("2", status_code=42), "status_code is at least 100"),
        (fetch("3", content_hash="0"), "content_hash matches"),
        (fetch("4", next_fetch_at=AT - timedelta(hours=1)), "it is due again after it was fetched"),
    ]
    findings = validate(stage(article("good"), link("good"), fetch("good"), *(row for row, _ in bad)))
    assert findings.failures == []
    told = [says for table in ("articles", "links", "fetches") for says in findings.bad_rows[table].values()]
    for said, (_, says) in zip(told, bad, strict=True):
        assert says in said
        assert "(expect_column_values" in said
    assert {name: list(rows) for name, rows in findings.bad_rows.items()} == {
        "articles": [*range(1, 9)], "links": [1, 2], "fetches": [1, 2, 3, 4],
    }  # fmt: skip
    assert "access is one of the values" in told[7], "a row tells everything that is wrong with it"


A = article()
CRITICAL: dict[str, tuple[list[Record], list[str]]] = {
    "mentions": (
        [
            mention(A),
            mention(A),
            mention(A, "union", start=3, end=9),
            mention(A, start=5000, end=5006),
            mention(A, field="title"),
            mention(A, "Monday", end=0),
            mention(article("z")),
        ],
        [
            "2 of 7 rows fail: version_id, field, start, end, batch_id are unique together",
            "4 of 7 rows fail: text is what stands from start to end",
            "1 of 7 rows fail: end lies after start",
            "1 of 7 rows fail: its article is in the batch",
        ],
    ),
    "events": (
        [
            event(A),
            event(A, event_id="1" * 16, trigger_start=0, trigger_end=3),
            event(A, event_id="2" * 16, sentence_start=1),
            event(A, event_id="3" * 16, quote="Ports minister"),
            event(
                A,
                event_id="4" * 16,
                actors=[Actor(text="Ines", start=0, end=4)],
                actor_text="Ines",
                actor_start=0,
                actor_end=4,
            ),
            event(A, event_id="5" * 16, actor_text="He"),
            event(A, event_id="6" * 16, recipients=[]),
            event(article("z")),
            event(A),
        ],
        [
            "2 of 9 rows fail: event_id, batch_id are unique together",
            "1 of 9 rows fail: trigger_text is what stands at its offsets",
            "1 of 9 rows fail: quote is what stands at sentence_start",
            "1 of 9 rows fail: the trigger lies within the quote",
            "1 of 9 rows fail: each actor's text is what stands",
            "1 of 9 rows fail: the actor_ columns repeat the first of actors",
            "1 of 9 rows fail: the recipient_ columns repeat the first of recipients",
            "1 of 9 rows fail: its article is in the batch",
        ],
    ),
    "fetches": ([fetch(), fetch()], ["2 of 2 rows fail: fetch_id, batch_id are unique together"]),
    "batches": ([batch_row(url_count=2)], ["1 of 1 rows fail: the states add up to url_count"]),
    "rejects": (
        [reject(reason="bored"), reject(reason="duplicate")],
        ["1 of 2 rows fail: reason is one of the values", "1 of 2 rows fail: a duplicate names its article"],
    ),
}


@pytest.mark.parametrize("name", sorted(CRITICAL))
def test_what_is_critical_stops_the_batch(stage: Stage, tmp_path: Path, name: str) -> None:
    rows, expected = CRITICAL[name]
    staged = stage(A, *rows)
    findings = validate(staged)
    for says in expected:
        assert any(f"{name}: {says}" in failure for failure in findings.failures), (says, findings.failures)
    assert len(findings.failures) == len(expected), findings.failures
    with pytest.raises(ValidationError, match="nothing was published"):
        settle(staged, findings, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_offsets_count_code_points(stage: Stage) -> None:
    a = article(text="A 🚢 and a café in Łódź.", title="Łódź 🚢")
    in_title = mention(a, "Łódź", field="title", start=0, end=4)
    assert validate(stage(a, mention(a, "Łódź"), in_title)).failures == []


def test_a_file_with_other_columns_is_a_failure(stage: Stage) -> None:
    staged = stage(fetch())
    path = staged["fetches"][0]
    pq.write_table(pq.read_table(path).drop_columns(["outcome"]), path)
    [failure] = validate(staged).failures
    assert "the columns are those of schemas/fetches.toml" in failure
    assert "lacks outcome" in failure


def test_a_column_of_another_type_is_a_failure(stage: Stage) -> None:
    staged = stage(fetch())
    path = staged["fetches"][0]
    rows = pq.read_table(path)
    at = rows.schema.get_field_index("attempt")
    pq.write_table(rows.set_column(at, "attempt", rows["attempt"].cast("int64")), path)
    assert validate(staged).failures == [f"fetches.attempt: {path.name} has int64, not int32"]


def test_a_low_fill_rate_is_a_warning_from_200_rows_on(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    many = validate(stage(*(article(str(n), published_at=None) for n in range(200))))
    assert many.warnings == ["articles: fails: published_at is filled in at least 80% of the rows "
                             "(expect_column_values_to_not_be_null): empty in 200 of 200 rows"]  # fmt: skip
    assert many.bad_rows == {}
    with caplog.at_level(logging.WARNING):
        few = validate(stage(*(article(str(n), published_at=None) for n in range(199))))
    assert few.warnings == []
    assert "published_at is filled" in caplog.text


def rejects_of(path: Path) -> list[Reject]:
    return list(store.read(path, "rejects"))


def test_a_bad_article_takes_its_mentions_and_events_along(stage: Stage, tmp_path: Path) -> None:
    good, bad = article("good"), article("bad", kind="rumour")
    staged = stage(
        bad, good, mention(bad), mention(good), event(bad), event(good), reject("short"), fetch("good"), fetch("bad")
    )
    out = tmp_path / "out"
    new = settle(staged, validate(staged), out, {"derive_id": "abc"})
    assert [(r.table_name, r.reason) for r in new] == [
        ("articles", "expectation_failed"), ("mentions", "parent_rejected"), ("events", "parent_rejected"),
    ]  # fmt: skip
    assert {(r.step, r.url, r.fetch_id, r.article_id, r.rejected_at, r.batch_id) for r in new} == {
        ("validate", url("bad"), "fetch-bad", bad.article_id, AT, BATCH)
    }
    assert "kind is one of the values" in (new[0].detail or "")
    assert json.loads(new[0].evidence or "")["kind"] == "rumour"
    for name in ("articles", "mentions", "events"):
        assert [r.article_id for r in store.read(out / f"{name}.parquet", name)] == [good.article_id]
        assert store.metadata(out / f"{name}.parquet")["derive_id"] == "abc"
    assert rejects_of(out / "rejects.parquet") == [*store.read(staged["rejects"], "rejects"), *new]


def test_a_bad_mention_goes_alone(stage: Stage, tmp_path: Path) -> None:
    a = article()
    staged = stage(a, mention(a, latitude=None), mention(a, "Café"), also=["rejects"])
    [made] = settle(staged, validate(staged), tmp_path / "out")
    assert (made.table_name, made.url, made.reason) == ("mentions", url("a"), "expectation_failed")
    assert made.detail
    assert made.detail.startswith("latitude and longitude are both given or both empty")
    assert [m.text for m in store.read(tmp_path / "out" / "mentions.parquet", "mentions")] == ["Café"]
    assert store.count(tmp_path / "out" / "articles.parquet") == 1


def test_row_numbers_count_through_all_files(stage: Stage, tmp_path: Path) -> None:
    shards = []
    for n, kind in enumerate(["news", "rumour", "news"]):
        shards.append(tmp_path / f"{n}.parquet")
        with store.Writer(shards[-1], "articles", batch_id=BATCH) as writer:
            writer.add(article(f"{n}-0"))
            writer.add(article(f"{n}-1", kind=kind))
    staged: Mapping[str, Sequence[Path]] = {"articles": shards}
    findings = validate(staged)
    assert list(findings.bad_rows["articles"]) == [3]
    settle(staged, findings, tmp_path / "out")
    left = [r.url for r in store.read(tmp_path / "out" / "articles.parquet", "articles")]
    assert left == [url(n) for n in ("0-0", "0-1", "1-0", "2-0", "2-1")]


def test_settled_files_have_the_declared_schema_though_a_bad_row_had_a_hole(stage: Stage, tmp_path: Path) -> None:
    staged = stage(link("a"), link("b", source_id=None))
    [made] = settle(staged, validate(staged), tmp_path / "out")
    assert made.url == url("b")
    assert pq.read_schema(tmp_path / "out" / "links.parquet").equals(tables()["links"].arrow())


def test_a_grouped_table_may_have_no_bad_row(stage: Stage) -> None:
    findings = validate(stage(occurrence(article_count=2)))
    findings.demand("groups")
    with pytest.raises(ValidationError, match="groups: nothing was published: occurrences: 1 of 1 rows bad"):
        findings.demand("groups", every_row=True)


def test_validation_says_nothing_on_its_own(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    validate(stage(article()))
    assert capfd.readouterr() == ("", "")
