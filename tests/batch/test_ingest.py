"""Files of every kind become published tables; the same again change nothing, and bad ones leave nothing behind."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline import sources
from pipeline.batch import Batch, ingest, run
from pipeline.collect import normalise
from pipeline.errors import InputError, NewsledgerError, NotAnArchive, UnknownBatch
from pipeline.records import Source
from pipeline.settings import Settings
from pipeline.warehouse import query
from tests.batch.conftest import PARAGRAPHS, a_page, a_row, write_jsonl


def taken_in(cfg: Settings, *paths: Path) -> list[dict[str, Any]]:
    """Ingest and derive; the articles."""
    for batch_id in ingest.archive(cfg, list(paths)):
        run.run_derive(cfg, Batch.of(batch_id, cfg))
    return query.rows(cfg, "SELECT * FROM articles ORDER BY url")


def a_warc(path: Path, pages: dict[str, str]) -> Path:
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for url, html in pages.items():
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    url, "response", payload=io.BytesIO(html.encode()), http_headers=head,
                    warc_headers_dict={"WARC-Date": "2026-03-02T09:00:00Z"},
                )
            )  # fmt: skip
    return path


def test_an_html_file_is_an_article_of_its_canonical_url(cfg: Settings, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(a_page())
    (article,) = taken_in(cfg, page)
    assert article["url"] == "https://tagus-times.example/port"
    assert article["title"] == "Lisbon dockers end strike"
    assert article["text"] == "\n\n".join(PARAGRAPHS)


def test_an_html_file_without_a_url_is_named_by_its_bytes(cfg: Settings, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(a_page().replace('<link rel="canonical" href="https://tagus-times.example/port">', ""))
    (article,) = taken_in(cfg, page)
    assert article["url"].startswith("urn:sha256:")


def test_a_plain_text_has_title_subtitle_body_and_author(cfg: Settings, tmp_path: Path) -> None:
    text = tmp_path / "article.txt"
    body = "\n\n".join(PARAGRAPHS)
    text.write_text(f"Dockers end strike\n\nForty ships wait in the estuary\n\n{body}\n\nAuthor: Inês Carvalhal\n")
    (article,) = taken_in(cfg, text)
    assert (article["title"], article["subtitle"]) == ("Dockers end strike", "Forty ships wait in the estuary")
    assert article["authors"] == ["Inês Carvalhal"]
    assert article["text"] == body


def test_rows_of_jsonl_csv_and_parquet_are_articles(cfg: Settings, tmp_path: Path) -> None:
    jsonl = write_jsonl(tmp_path / "rows.jsonl", [a_row(1), a_row(2)])
    table = tmp_path / "rows.csv"
    with table.open("w", newline="") as out:
        writer = csv.DictWriter(out, ["url", "title", "text", "published_at"])
        writer.writeheader()
        writer.writerow({k: v for k, v in a_row(3).items() if k != "authors"})
    parquet = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_pylist([a_row(4)]), parquet)
    articles = taken_in(cfg, jsonl, table, parquet)
    assert [a["url"][-1] for a in articles] == ["1", "2", "3", "4"]
    assert {a["published_at"].isoformat() for a in articles} == {"2026-03-02T08:00:00+00:00"}
    assert {a["batch_id"] for a in articles} == {articles[0]["batch_id"]}, "files of one call are one batch"


def test_a_warc_is_a_batch_of_the_day_of_its_first_record(cfg: Settings, tmp_path: Path) -> None:
    warc = a_warc(tmp_path / "pages.warc.gz", {"https://tagus-times.example/port": a_page()})
    (article,) = taken_in(cfg, warc)
    (path,) = cfg.lake.glob(f"articles/day=*/{article['batch_id']}.parquet")
    assert path.parent.name == "day=2026-03-02"
    (fetch,) = query.rows(cfg, "SELECT * FROM fetches")
    assert (cfg.home / fetch["warc_file"]).read_bytes() == warc.read_bytes(), "archived byte for byte"


def test_an_uncompressed_warc_is_archived_record_by_record(cfg: Settings, tmp_path: Path) -> None:
    zipped = a_warc(tmp_path / "pages.warc.gz", {"https://tagus-times.example/port": a_page()})
    plain = tmp_path / "pages.warc"
    plain.write_bytes(gzip.decompress(zipped.read_bytes()))
    (article,) = taken_in(cfg, plain)
    assert article["text"] == "\n\n".join(PARAGRAPHS)


def test_the_same_files_again_change_no_row(cfg: Settings, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(a_page())
    first = taken_in(cfg, page)
    fetches = query.rows(cfg, "SELECT * FROM fetches")
    assert taken_in(cfg, page) == first
    assert query.rows(cfg, "SELECT * FROM fetches") == fetches


def test_two_urls_of_one_article_are_one_article_and_a_counted_duplicate(cfg: Settings, tmp_path: Path) -> None:
    pages = {
        "https://tagus-times.example/port?print=1": a_page(),
        "https://tagus-times.example/port": a_page(),
    }
    (article,) = taken_in(cfg, a_warc(tmp_path / "pages.warc.gz", pages))
    assert article["url"] == "https://tagus-times.example/port"
    states = {r["url"]: r["state"] for r in query.rows(cfg, "SELECT url, state FROM ledger")}
    assert states == {
        "https://tagus-times.example/port": "stored",
        "https://tagus-times.example/port?print=1": "duplicate",
    }


def test_a_row_that_cannot_be_used_is_a_counted_reject_and_the_others_go_on(cfg: Settings, tmp_path: Path) -> None:
    rows = write_jsonl(tmp_path / "rows.jsonl", [a_row(1), a_row(2, text=None), a_row(3, text="Too short.")])
    rows.write_text(rows.read_text() + "{not json\n")
    assert len(taken_in(cfg, rows)) == 1
    reasons = sorted(r["reason"] for r in query.rows(cfg, "SELECT reason FROM rejects"))
    assert reasons == ["malformed_record", "malformed_record", "too_short"]


@pytest.mark.parametrize(
    ("name", "content", "error", "said"),
    [
        ("missing.warc.gz", None, InputError, "no such file"),
        ("empty.html", b"", InputError, "empty"),
        ("picture.png", b"\x89PNG", InputError, "picture.png"),
        ("not.warc.gz", gzip.compress(b"no archive at all"), NotAnArchive, "not a WARC"),
        ("text.warc", b"no archive at all", NotAnArchive, "not a WARC"),
    ],
)
def test_what_cannot_be_taken_in_is_one_clear_error_and_leaves_nothing(
    cfg: Settings, tmp_path: Path, name: str, content: bytes | None, error: type[NewsledgerError], said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=said) as caught:
        ingest.archive(cfg, [path])
    assert "\n" not in str(caught.value)
    assert_nothing_in(cfg)


def test_a_truncated_warc_publishes_nothing(cfg: Settings, tmp_path: Path) -> None:
    pages = {f"https://tagus-times.example/{n}": a_page(f"https://tagus-times.example/{n}") for n in range(9)}
    whole = a_warc(tmp_path / "pages.warc.gz", pages).read_bytes()
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(whole[:-700])
    with pytest.raises(NotAnArchive):
        ingest.archive(cfg, [cut])
    assert_nothing_in(cfg)


def assert_nothing_in(cfg: Settings) -> None:
    assert not list(cfg.lake.rglob("ingest-*.parquet"))
    assert not list(cfg.archive.rglob("*.warc.gz"))
    assert not list(cfg.staging.rglob("*.parquet"))


def test_an_ingest_that_never_was_is_no_batch(cfg: Settings) -> None:
    with pytest.raises(UnknownBatch, match="no such batch"):
        Batch.of("ingest-0123456789abcdef", cfg)


def test_a_document_keeps_the_url_it_was_given_and_its_article_has_its_own(cfg: Settings, tmp_path: Path) -> None:
    rows = write_jsonl(tmp_path / "rows.jsonl", [a_row(url="https://tagus-times.example/rows/1?utm_source=rss#top")])
    (article,) = taken_in(cfg, rows)
    assert article["url"] == "https://tagus-times.example/rows/1?utm_source=rss#top"
    assert article["canonical_url"] == "https://tagus-times.example/rows/1"


@pytest.mark.parametrize("url", ["HTTPS://Tagus-Times.example:443/s#frag", "https://münchen.example/ü x"])
def test_a_url_that_is_not_spelled_as_urls_are_is_spelled_anew_and_nothing_is_lost(
    cfg: Settings, tmp_path: Path, url: str
) -> None:
    (article,) = taken_in(cfg, write_jsonl(tmp_path / "rows.jsonl", [a_row(url=url)]))
    assert article["url"] == normalise(url)


def test_a_warc_in_place_that_was_moved_is_found_again(cfg: Settings, tmp_path: Path) -> None:
    warc = a_warc(tmp_path / "pages.warc.gz", {"https://tagus-times.example/port": a_page()})
    (batch_id,) = ingest.archive(cfg, [warc], in_place=True)
    moved = warc.rename(tmp_path / "moved.warc.gz")
    assert ingest.archive(cfg, [moved], in_place=True) == [batch_id]
    run.run_derive(cfg, Batch.of(batch_id, cfg))
    assert len(query.rows(cfg, "SELECT * FROM articles")) == 1


def test_pages_of_a_host_that_several_sources_share_are_nobodys(cfg: Settings, tmp_path: Path) -> None:
    shared = [
        Source(source_id=f"quay-{n}", name="Quay", agency=False, homepage=f"https://quay.example/{n}") for n in "ab"
    ]
    alone = Source(source_id="pier", name="Pier", agency=False, homepage="https://www.pier.example/")
    sources.write(cfg.register, [*shared, alone])
    pages = {
        url: a_page(url, title) for url, title in (("https://quay.example/1", "One"), ("https://pier.example/2", "Two"))
    }
    taken_in(cfg, a_warc(tmp_path / "w.warc.gz", pages))
    assert query.rows(cfg, "SELECT source_id FROM links ORDER BY url DESC") == [
        {"source_id": "quay.example"}, {"source_id": "pier"},
    ]  # fmt: skip
