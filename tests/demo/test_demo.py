"""The demo as its audience sees it: what it prints, what happened on the way, and that a rerun changes nothing."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from pipeline import demo
from tests.demo.conftest import Played, newsledger


def test_it_prints_the_funnel_the_stories_the_events_and_what_to_try(played: Played) -> None:
    for line in (
        "Where every URL ended",
        "= 79 URLs; none unaccounted for",
        "Newest stories",
        "What happened",
        "newsledger",
    ):
        assert line in played.shown
    assert str(played.cfg.lake) in played.shown
    assert played.shown.count("“") >= 5, "events come with their sentences"


def test_it_says_what_goes_on_meanwhile(played: Played) -> None:
    assert [line for line in played.told.splitlines() if line.startswith("Batch")] == [
        "Batch 2026-03-02T06",
        "Batch 2026-03-02T12",
        "Batch 2026-03-03T06",
    ]


@pytest.mark.parametrize("question", demo.NEXT)
def test_what_it_says_to_try_works(played: Played, question: str) -> None:
    done = newsledger("sql", question, "--home", str(played.cfg.home))
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 3


def test_a_correction_makes_a_second_version_of_the_same_article(played: Played) -> None:
    versions = played.rows(
        "SELECT article_id, count(DISTINCT version_id) AS n, count(DISTINCT title) AS titles FROM articles "
        "GROUP BY article_id HAVING n > 1"
    )
    assert [(v["n"], v["titles"]) for v in versions] == [(2, 1)]
    (current,) = played.rows("SELECT text FROM articles_current WHERE article_id = ?", versions[0]["article_id"])
    assert "Correction" in current["text"]


def test_a_feed_that_has_not_changed_answers_304(played: Played) -> None:
    rows = played.rows("SELECT DISTINCT batch_id FROM fetches WHERE kind = 'feed' AND status_code = 304")
    assert {"batch_id": "2026-03-02T12"} in rows


def test_a_500_is_tried_three_times_and_comes_in_the_next_batch(played: Played) -> None:
    rows = played.rows(
        "SELECT batch_id, attempt, outcome FROM fetches WHERE url IN (SELECT url FROM fetches WHERE status_code = 500) "
        "ORDER BY batch_id, attempt"
    )
    assert [r["outcome"] for r in rows][:4] == ["server_error", "server_error", "server_error", "fetched"]
    assert rows[3]["batch_id"] == "2026-03-02T12"


def test_a_429_is_waited_out(played: Played) -> None:
    rows = played.rows(
        "SELECT attempt, outcome FROM fetches WHERE batch_id = '2026-03-02T06' AND url IN "
        "(SELECT url FROM fetches WHERE status_code = 429) ORDER BY attempt"
    )
    assert [(r["attempt"], r["outcome"]) for r in rows] == [(1, "rate_limited"), (2, "fetched")]


def test_what_robots_txt_disallows_is_never_requested(played: Played) -> None:
    rows = played.rows("SELECT status_code, warc_file FROM fetches WHERE outcome = 'robots_disallowed'")
    assert rows
    assert all(r["status_code"] is None and r["warc_file"] is None for r in rows)


def test_every_mention_stands_where_it_says(played: Played) -> None:
    rows = played.rows(
        "SELECT m.*, a.title, a.text AS body FROM mentions m JOIN articles a USING (article_id, version_id, batch_id)"
    )
    assert len(rows) > 500
    for m in rows:
        field = m["title"] if m["field"] == "title" else m["body"]
        assert field[m["start"] : m["end"]] == m["text"]


def test_every_event_is_proved_by_its_sentence_and_its_archived_bytes(played: Played) -> None:
    from pipeline.collect import ArchiveReader

    rows = played.rows(
        "SELECT e.*, a.title, a.text AS body, f.warc_file, f.warc_offset FROM events e "
        "JOIN articles a USING (article_id, version_id, batch_id) JOIN fetches f USING (fetch_id)"
    )
    assert len(rows) > 50
    with ArchiveReader(played.cfg.home) as reader:
        for e in rows:
            field = e["title"] if e["field"] == "title" else e["body"]
            assert field[e["sentence_start"] :].startswith(e["quote"])
            assert field[e["trigger_start"] : e["trigger_end"]] == e["trigger_text"]
            for party in ("actor", "recipient"):
                if e[f"{party}_text"] is not None:
                    assert field[e[f"{party}_start"] : e[f"{party}_end"]] == e[f"{party}_text"]
            assert reader.read(e["warc_file"], e["warc_offset"]).body


def test_a_plain_glob_gives_the_rows_of_the_view(played: Played) -> None:
    files = sorted(str(p) for p in played.cfg.lake.glob("articles/*/*.parquet"))
    (counted,) = played.rows("SELECT count(*) AS n FROM articles")
    assert ds.dataset(files).count_rows() == counted["n"]


def test_the_archived_page_is_printed_byte_for_byte(played: Played) -> None:
    (row,) = played.rows(
        "SELECT url, content_hash FROM fetches WHERE kind = 'article' AND outcome = 'fetched' ORDER BY url LIMIT 1"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "page", row["url"], "--home", str(played.cfg.home)],
        capture_output=True,
        check=True,
    )
    assert sha256(done.stdout).hexdigest() == row["content_hash"]


def rows_of(played: Played, table: str, *leave_out: str) -> list[tuple[object, ...]]:
    found = played.rows(f"SELECT * FROM {table} ORDER BY ALL")
    return [tuple(str(v) for k, v in row.items() if k not in leave_out) for row in found]


TABLES = (
    "sources", "links", "fetches", "articles", "mentions", "events", "rejects", "families", "stories", "story_titles",
    "occurrences", "occurrence_events",
)  # fmt: skip


def test_deriving_everything_again_gives_the_same_rows(played: Played) -> None:
    before = {t: rows_of(played, t) for t in TABLES}
    batches = rows_of(played, "batches", "started_at", "finished_at")
    done = newsledger("derive", "--all", "--home", str(played.cfg.home))
    assert done.returncode == 0, done.stderr
    assert {t: rows_of(played, t) for t in TABLES} == before
    assert rows_of(played, "batches", "started_at", "finished_at") == batches


def test_deriving_from_extract_gives_the_same_rows(played: Played) -> None:
    before = {t: rows_of(played, t) for t in TABLES}
    done = newsledger("derive", "--batch", "2026-03-02T06", "--from", "extract", "--home", str(played.cfg.home))
    assert done.returncode == 0, done.stderr
    assert {t: rows_of(played, t) for t in TABLES} == before


def test_nothing_is_left_in_staging(played: Played) -> None:
    assert not list(played.cfg.staging.rglob("*.parquet"))


def test_no_file_outside_the_home_is_named_in_the_tables(played: Played) -> None:
    rows = played.rows("SELECT DISTINCT warc_file FROM fetches WHERE warc_file IS NOT NULL")
    assert all(not Path(r["warc_file"]).is_absolute() for r in rows)
