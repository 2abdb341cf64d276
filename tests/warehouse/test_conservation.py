"""What came in is what went on plus what was rejected, at every stage; a sum that fails names a row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lake_rows import AT, BATCH, article, event, fetch, link, mention, reject, url

from pipeline.errors import ConservationError
from pipeline.lake import store
from pipeline.records import Batch, Family, Record, Story, StoryTitle
from pipeline.settings import Settings
from pipeline.warehouse import connect as warehouse
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
        ([fetch("b", fetch_id="fetch-a"), article("a")], "an article has another URL or time than its fetch .*/a"),
        ([fetch("a", fetched_at=AT - timedelta(days=1)), article("a")], "an article has another URL or time"),
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


def archived(home: Path, start: bytes = b"\x1f\x8b\x08\x00\x00\x00") -> None:
    """The file of the archive that the fetches of these tests name."""
    path = home / str(fetch().warc_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(start)


def test_a_body_is_where_its_fetch_says(tmp_path: Path) -> None:
    files = staged(tmp_path / "in", link("a"), fetch("a"), fetch("feed.xml", kind="feed"))
    archived(tmp_path)
    conservation.check_collected(BATCH, files, [], tmp_path)
    archived(tmp_path, b"WARC/1.1\r\n")
    conservation.check_collected(BATCH, files, [], tmp_path)


@pytest.mark.parametrize(
    ("made", "start", "says"),
    [
        (fetch("a", warc_file=None, warc_offset=None), b"\x1f\x8b\x08", r"fetched and not archived \(1 .*example/a\)"),
        (fetch("a", warc_offset=None), b"\x1f\x8b\x08", "fetched and not archived"),
        (
            fetch("a", warc_file="archive/lost.warc.gz"),
            b"",
            r"a file .* is missing \(1 in all, .*lost.warc.gz with .*/a",
        ),
        (
            fetch("a", warc_offset=900),
            b"\x1f\x8b\x08",
            r"no record .* begins there \(1 in all, .*gz at 900: .*example/a\)",
        ),
        (fetch("a", warc_offset=1), b"\x1f\x8b\x08\x00\x00\x00\x00", "no record of the archive begins there"),
    ],
)
def test_a_body_that_is_not_there_is_named(tmp_path: Path, made: Record, start: bytes, says: str) -> None:
    archived(tmp_path, start)
    with pytest.raises(ConservationError, match=f"{BATCH}: .*{says}") as caught:
        conservation.check_collected(BATCH, staged(tmp_path / "in", link("a"), made), [], tmp_path)
    assert "\n" not in str(caught.value)


def test_an_outcome_without_a_rule_fails_the_collection(tmp_path: Path) -> None:
    with pytest.raises(ConservationError, match=r"a rule is missing in url_states \(.*teapot"):
        conservation.check_collected(BATCH, staged(tmp_path, link("a"), fetch("a", outcome="teapot")), [])


@pytest.mark.parametrize(
    ("ledger", "says"),
    [
        ("SELECT url, NULL AS state, 'x' AS reason FROM links", r"in no state: .* \(1 .*/a, x\)"),
        ("SELECT url, 'lost' AS state, 'x' AS reason FROM links", "a URL is in a state that there is not .*/a, lost"),
        ("SELECT url, 'stored' AS state, 'x' AS reason FROM links, range(2)", "a URL counts twice .*/a"),
        (
            "SELECT url, 'stored' AS state, 'x' AS reason FROM links WHERE false",
            "a URL is missing from the ledger .*/a",
        ),
    ],
)
def test_a_ledger_that_does_not_close_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger: str, says: str
) -> None:
    broken = warehouse.View("ledger", f"CREATE VIEW ledger AS {ledger}", "", {})
    monkeypatch.setattr(warehouse, "views", lambda: [broken])
    with pytest.raises(ConservationError, match=says):
        conservation.batch_counts(staged(tmp_path, link("a")))


def test_an_article_without_a_url_is_noticed(cfg: Settings, put: Put) -> None:
    put(BATCH, article("a"))
    with pytest.raises(ConservationError, match=r"ledger: an article belongs to no URL \(1 in all"):
        conservation.check_ledger(cfg)


def test_the_funnel_counts_one_source_or_one_day(cfg: Settings, put: Put) -> None:
    put(BATCH, link("a"), fetch("a"), article("a"), link("b", source_id="courier"))
    put("2026-03-03T06", link("c", discovered_at=AT + timedelta(days=1)))
    counted = [(str(r["day"]), r["source_id"], r["state"], r["url_count"]) for r in conservation.funnel(cfg)]
    assert counted == [
        ("2026-03-02", "courier", "pending", 1), ("2026-03-02", "harbour", "stored", 1),
        ("2026-03-03", "harbour", "pending", 1),
    ]  # fmt: skip
    assert [r["state"] for r in conservation.funnel(cfg, source_id="harbour")] == ["stored", "pending"]
    assert [r["state"] for r in conservation.funnel(cfg, "2026-03-03")] == ["pending"]
    assert conservation.funnel(cfg, "2026-03-03", "courier") == []


def a_batch(**given: Any) -> Batch:
    counts = dict.fromkeys((f for f in Batch.__dataclass_fields__ if f.endswith("_count")), 0)
    times = {"started_at": AT, "finished_at": AT}
    return Batch(derive_id="d", derived_with="x", warnings=[], schema_version="1", **times, **(counts | given))


def test_the_audit_of_a_sound_lake_finds_nothing(cfg: Settings, put: Put) -> None:
    a = article("a")
    put(BATCH, link("a"), fetch("a"), a, mention(a), event(a))
    put(BATCH, a_batch(link_count=1, fetch_count=1, article_count=1, mention_count=1, event_count=1, url_count=1,
                       stored_count=1))  # fmt: skip
    archived(cfg.home)
    assert conservation.audit(cfg) == []


def test_the_audit_finds_keys_that_stand_twice_and_rows_without_what_they_refer_to(cfg: Settings, put: Put) -> None:
    put(BATCH, link("a"), fetch("a"), fetch("a"), article("a"))
    put("2026-03-02T07", fetch("a"), article("b"))
    archived(cfg.home)
    found = conservation.audit(cfg)
    assert found[0].startswith("fetches: a key stands twice (1 in all, the first: fetch-a, ")
    assert found[1].startswith("articles: a row has no fetches (1 in all, the first: fetch-b, ")
    assert len(found) == 2


A, B = article("a"), article("b")
KEYS = {a.article_id: {"article_id": a.article_id, "version_id": a.version_id} for a in (A, B)}


def grouped(stories: dict[str, str], families: dict[str, str] | None = None, titles: int = 2) -> list[Record]:
    """Two articles and their groups: the story and the family of each, with the counts of one story of both."""
    rows: list[Record] = [link("a"), fetch("a"), A, link("b"), fetch("b"), B]
    for key, family in (families or dict.fromkeys(KEYS, A.article_id)).items():
        rows.append(Family(**KEYS[key], family_id=family, role="original" if key == family else "copy", similarity=1.0))
    rows += [Story(**KEYS[key], story_id=story, score=1.0) for key, story in stories.items()]
    for story in sorted(set(stories.values()))[:titles]:
        count = list(stories.values()).count(story)
        rows.append(
            StoryTitle(
                story_id=story, title="T", lead_article_id=story, first_seen_at=AT, last_seen_at=AT,
                article_count=count, family_count=1, source_count=1,
            )
        )  # fmt: skip
    return rows


ONE_STORY = dict.fromkeys(KEYS, A.article_id)


def test_the_audit_of_sound_groups_finds_nothing(cfg: Settings, put: Put) -> None:
    put(BATCH, *grouped(ONE_STORY))
    archived(cfg.home)
    assert conservation.audit(cfg) == []


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (grouped(ONE_STORY, titles=0), ["stories: a row has no story_titles"]),
        (grouped({A.article_id: A.article_id}), ["families: a row has no stories"]),
        (grouped({key: key for key in KEYS}), ["families: a family is in two stories"]),
        (
            grouped(ONE_STORY, {key: B.article_id if key == A.article_id else A.article_id for key in KEYS}),
            ["families: a family has not one original", "story_titles: the counts are not those of the story"],
        ),
        (
            grouped({A.article_id: B.article_id, B.article_id: A.article_id}, {key: key for key in KEYS}),
            ["stories: a story has no article of its name", "story_titles: the leading article is not of the story"],
        ),
    ],
)
def test_the_audit_names_what_does_not_hold_among_groups(
    cfg: Settings, put: Put, rows: list[Record], says: list[str]
) -> None:
    put(BATCH, *rows)
    archived(cfg.home)
    found = conservation.audit(cfg)
    assert [line[: len(s)] for line, s in zip(found, says, strict=True)] == says


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([fetch("a")], "fetches: a URL was fetched and never discovered"),
        ([link("a"), fetch("a", warc_offset=7)], "no record of the archive begins there"),
        ([link("a"), fetch("a", warc_file="elsewhere.warc.gz")], "a file of the archive is missing"),
        ([mention(article("a"))], "mentions: a row has no articles"),
        ([event(article("a"))], "events: a row has no articles"),
        ([a_batch(link_count=2)], "batches: link_count is not the rows of links"),
        ([a_batch(url_count=2, stored_count=1)], "batches: the states do not add up to url_count"),
    ],
)
def test_the_audit_names_what_does_not_hold(cfg: Settings, put: Put, rows: list[Record], says: str) -> None:
    put(BATCH, *rows)
    archived(cfg.home)
    (line,) = conservation.audit(cfg)
    assert line.startswith(says)
