"""Ingesting files: every document becomes a fetch and a link, archived, or a reject."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from collect_site import NOW
from test_collect_archive import record

from pipeline.collect import ArchiveReader, ArchiveWriter, batches, ingest, scan
from pipeline.errors import InputError, NotAnArchive
from pipeline.records import Fetch, Link, Reject

HTML = b'<html><head><link href="http://Quay.example/a?utm_source=x" rel="canonical"></head><p>Ferry</p></html>'


def ingesting(
    home: Path, *paths: Path, hosts: dict[str, str] | None = None, **settings: Any
) -> tuple[list[Fetch], list[Link], list[Reject]]:
    found: list[Fetch | Link | Reject] = []
    for batch in batches(paths, lambda: NOW):
        folder = home / "archive" / batch.batch_id
        found += ingest(batch, folder=folder, relative_to=home, clock=lambda: NOW, hosts=hosts or {}, **settings)
    fetches = [r for r in found if isinstance(r, Fetch)]
    return fetches, [r for r in found if isinstance(r, Link)], [r for r in found if isinstance(r, Reject)]


def bodies(home: Path, fetches: Iterable[Fetch]) -> list[bytes]:
    with ArchiveReader(home) as reader:
        found = []
        for fetch in fetches:
            assert fetch.warc_file is not None
            assert fetch.warc_offset is not None
            document = reader.read(fetch.warc_file, fetch.warc_offset)
            assert document.record_id == fetch.fetch_id
            assert fetch.content_hash == sha256(document.body).hexdigest()
            found.append(document.body)
    return found


def file(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def warc(folder: Path, name: str = "crawl.warc.gz") -> Path:
    """A crawl: three pages, one of them gone, and what comes along with pages."""
    answers = [
        ("http://www.quay.example/a#x", 200, b"text/html; charset=utf-8", b"<html>one"),
        ("http://quay.example/gone", 410, b"text/html", b"<html>gone"),
        ("http://pier.example/b", 200, b"text/html", b"<html>two"),
        ("http://pier.example/old", 301, b"text/html", b""),
        ("http://pier.example/b.jpg", 200, b"image/jpeg", b"\xff\xd8\xff"),
        ("http://pier.example/robots.txt", 200, b"text/plain", b"User-agent: *"),
        ("http://pier.example/rss", 200, b"application/xml", b"<rss version='2.0'></rss>"),
    ]
    with ArchiveWriter(folder / "made", "0", relative_to=folder, clock=lambda: NOW) as writer:
        for url, status, kind, body in answers:
            headers = [(b"Content-Type", kind), (b"ETag", b'"1"')]
            line = f"HTTP/1.1 {status} X"
            writer.exchange(url, NOW, request=b"GET", status_line=line, headers=headers, body=body)
    path = folder / name
    (folder / "made/0-00.warc.gz").rename(path)
    return path


def test_a_crawl_gives_its_pages_and_copies_itself_byte_for_byte(tmp_path: Path) -> None:
    path = warc(tmp_path)
    fetches, links, rejects = ingesting(tmp_path, path, hosts={"quay.example": "quay"})
    assert [(f.url, f.outcome, f.kind) for f in fetches] == [
        ("http://www.quay.example/a#x", "fetched", "article"),
        ("http://quay.example/gone", "removed", "article"),
        ("http://pier.example/b", "fetched", "article"),
        ("http://pier.example/robots.txt", "fetched", "robots"),
        ("http://pier.example/rss", "fetched", "feed"),
    ]
    assert rejects == []
    assert [(x.discovered_via, x.discovered_in, x.source_id) for x in links] == [
        ("archive", "crawl.warc.gz", "quay"),
        ("archive", "crawl.warc.gz", "quay"),
        ("archive", "crawl.warc.gz", "pier.example"),
    ]
    assert links[0].discovered_url == "http://www.quay.example/a#x"
    first = fetches[0]
    assert (first.fetched_at, first.attempt, first.etag, first.next_fetch_at) == (NOW, 1, '"1"', None)
    assert (first.status_code, first.content_type) == (200, "text/html")
    assert bodies(tmp_path, fetches)[0] == b"<html>one"
    assert (tmp_path / (first.warc_file or "")).read_bytes() == path.read_bytes()


def test_a_crawl_used_in_place_is_not_copied(tmp_path: Path) -> None:
    path = warc(tmp_path)
    fetches, _, _ = ingesting(tmp_path / "home", path, in_place=True)
    assert {f.warc_file for f in fetches} == {path.resolve().as_posix()}
    assert bodies(tmp_path / "home", fetches)[0] == b"<html>one"
    assert not list((tmp_path / "home").rglob("*.gz"))


@pytest.mark.parametrize("name", ["plain.warc", "whole.warc.gz"])
def test_a_crawl_that_is_not_compressed_record_by_record_is_rewritten(tmp_path: Path, name: str) -> None:
    unpacked = gzip.decompress(warc(tmp_path).read_bytes())
    path = file(tmp_path, name, gzip.compress(unpacked) if name.endswith("gz") else unpacked)
    fetches, _, rejects = ingesting(tmp_path, path)
    assert (len(fetches), rejects) == (5, [])
    assert bodies(tmp_path, fetches)[2] == b"<html>two"
    copy = next((tmp_path / "archive").rglob("*.warc.gz"))
    before = [(d.record_type, d.record_id, d.headers, d.body) for d in scan(path)]
    after = [(d.record_type, d.record_id, d.headers, d.body) for d in scan(copy)][1:]
    assert after == before


def test_records_that_cannot_be_read_are_rejects(tmp_path: Path) -> None:
    good = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"
    path = file(tmp_path, "odd.warc.gz", record(b"no answer", record_id=1) + record(good, record_id=2) * 2)
    fetches, links, rejects = ingesting(tmp_path, path)
    assert len(fetches) == len(links) == 1
    assert [(r.step, r.reason) for r in rejects] == [("ingest", "malformed_record")] * 2
    assert "id" in (rejects[1].detail or "")


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("length", [-5, 600, 40])
def test_a_crawl_that_breaks_off_leaves_nothing_behind(tmp_path: Path, length: int, in_place: bool) -> None:
    path = file(tmp_path, "cut.warc.gz", warc(tmp_path).read_bytes()[:length])
    with pytest.raises(NotAnArchive, match="cut"):
        ingesting(tmp_path / "home", path, in_place=in_place)
    assert not list((tmp_path / "home").rglob("*.gz"))


def test_a_page_has_the_url_it_gives_as_its_own(tmp_path: Path) -> None:
    fetches, links, _ = ingesting(tmp_path, file(tmp_path, "a.html", HTML))
    (fetch,), (link,) = fetches, links
    assert (fetch.url, fetch.source_id, fetch.content_type) == ("http://quay.example/a", "quay.example", "text/html")
    assert (fetch.fetched_at, fetch.status_code) == (NOW, None)
    assert (link.discovered_via, link.discovered_in) == ("file", "a.html")
    assert bodies(tmp_path, fetches) == [HTML]


def test_what_stands_beside_a_page_counts_more(tmp_path: Path) -> None:
    path = file(tmp_path, "a.html", HTML)
    file(tmp_path, "a.html.json", '{"url": "http://pier.example/b", "fetched_at": "2026-02-01T10:00:00+01:00"}')
    (fetch,), _, _ = ingesting(tmp_path, path)
    assert (fetch.url, fetch.fetched_at) == ("http://pier.example/b", datetime(2026, 2, 1, 9, 0, tzinfo=UTC))
    file(tmp_path, "a.html.json", "{")
    fetches, _, (reject,) = ingesting(tmp_path, path)
    assert (fetches, reject.reason) == ([], "malformed_record")


def test_a_document_without_a_url_is_known_by_its_bytes(tmp_path: Path) -> None:
    text = b"Ferry returns\n\nThe ferry is back.\n"
    fetches, links, _ = ingesting(tmp_path, file(tmp_path, "note.txt", text), file(tmp_path, "x.html", b"<p>x</p>"))
    assert f"urn:sha256:{sha256(text).hexdigest()}" in {f.url for f in fetches}
    assert {f.url for f in fetches} == {x.url for x in links}
    assert {f.source_id for f in fetches} == {"unknown"}
    assert {f.content_type for f in fetches} == {"text/plain", "text/html"}


ROWS: list[dict[str, Any]] = [
    {
        "link": "http://www.quay.example/a",
        "headline": "A",
        "body": "Ferry  back.",
        "date": "2026-03-01",
        "author": "Ana",
    },
    {"link": None, "headline": "B", "body": "Crane down.", "source": "The Pier Post"},
    {"link": "http://quay.example/c", "headline": "C", "body": None},
    {"link": "quay dot example", "headline": "D", "body": "Where?"},
]


def table(folder: Path, kind: str) -> Path:
    names = ["link", "headline", "body", "date", "author", "source"]
    if kind == "csv":
        lines = [";".join(names), *(";".join(str(row.get(n) or "") for n in names) for row in ROWS)]
        return file(folder, "rows.csv", "\ufeff" + "\n".join(lines))
    if kind == "parquet":
        path = folder / "rows.parquet"
        pq.write_table(pa.Table.from_pylist([{n: row.get(n) for n in names} for row in ROWS]), path)
        return path
    content = "\n".join(json.dumps(row) for row in ROWS)
    return file(folder, f"rows.{kind}", gzip.compress(content.encode()) if kind.endswith("gz") else content)


@pytest.mark.parametrize("kind", ["jsonl", "ndjson", "jsonl.gz", "csv", "parquet"])
def test_rows_of_a_table_are_documents(tmp_path: Path, kind: str) -> None:
    fetches, links, rejects = ingesting(tmp_path, table(tmp_path, kind), hosts={"quay.example": "quay"})
    assert [f.source_id for f in fetches] == ["quay", "the-pier-post"]
    assert fetches[0].url == "http://www.quay.example/a"
    assert fetches[1].url.startswith("urn:sha256:")
    first, second = (json.loads(b) for b in bodies(tmp_path, fetches))
    assert first == {
        "url": "http://www.quay.example/a",
        "title": "A",
        "text": "Ferry  back.",
        "published_at": "2026-03-01",
        "authors": "Ana",
    }
    assert second == {"title": "B", "text": "Crane down.", "source": "The Pier Post"}
    assert {f.content_type for f in fetches} == {"application/json"}
    assert (links[0].title_hint, links[0].published_hint) == ("A", datetime(2026, 3, 1, tzinfo=UTC))
    assert [(r.reason, r.url) for r in rejects] == [
        ("malformed_record", "http://quay.example/c"),
        ("invalid_url", "quay dot example"),
    ]
    assert "row 3" in (rejects[0].evidence or "")


def test_dates_and_lists_of_a_parquet_file_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    row = {"text": "Crane down.", "published": NOW, "day": date(2026, 3, 1), "authors": ["Ana", "Ben"], "n": 3}
    pq.write_table(pa.Table.from_pylist([row]), path)
    fetches, (link,), _ = ingesting(tmp_path, path)
    said = json.loads(bodies(tmp_path, fetches)[0])
    assert said["published_at"].startswith("2026-03-02T06:00:00")
    assert (said["authors"], said["day"], said["n"]) == (["Ana", "Ben"], "2026-03-01", 3)
    assert link.published_hint == NOW


def test_lines_that_are_no_rows_are_rejects_with_their_number(tmp_path: Path) -> None:
    lines = ['{"text": "one"}', "", "{", "[1]", json.dumps({"text": "x" * 500}), '{"text": "two"}']
    fetches, _, rejects = ingesting(tmp_path, file(tmp_path, "rows.jsonl", "\n".join(lines)), max_bytes=200)
    assert len(fetches) == 2
    assert [r.evidence for r in rejects] == ["rows.jsonl, row 3", "rows.jsonl, row 4", "rows.jsonl, row 5"]


def test_the_same_content_makes_the_same_batch_and_the_same_rows(tmp_path: Path) -> None:
    one, two = file(tmp_path, "a.html", HTML), file(tmp_path, "note.txt", "Ferry returns")
    first, second = batches([one, two], lambda: NOW), batches([two, one.parent, one], lambda: NOW)
    assert [(b.batch_id, b.day) for b in first] == [(b.batch_id, b.day) for b in second]
    assert ingesting(tmp_path / "x", one, two)[1:] == ingesting(tmp_path / "y", two, one)[1:]
    ids = [[f.fetch_id for f in ingesting(tmp_path / home, one, two)[0]] for home in "xy"]
    assert ids[0] == ids[1]


def test_each_crawl_is_a_batch_of_its_first_day_and_the_rest_one_of_today(tmp_path: Path) -> None:
    crawl = file(tmp_path, "old.warc.gz", record(b"HTTP/1.1 200 OK\r\n\r\n<html>"))
    found = batches([file(tmp_path, "a.html", HTML), crawl, crawl, file(tmp_path, "b.txt", "b")], lambda: NOW)
    assert [(len(b.files), b.day) for b in found] == [(1, "2026-03-02"), (2, "2026-03-02")]
    assert all(b.batch_id.startswith("ingest-") and len(b.batch_id) == 23 for b in found)


def test_a_folder_gives_every_file_of_a_known_kind_below_it(tmp_path: Path) -> None:
    file(tmp_path, "deep/er/a.html", HTML)
    file(tmp_path, "deep/er/a.html.json", '{"url": "http://pier.example/b"}')
    file(tmp_path, "picture.png", b"\x89PNG")
    _, (link,), _ = ingesting(tmp_path, tmp_path / "in")
    assert (link.discovered_in, link.url) == ("deep/er/a.html", "http://pier.example/b")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.html", None, "no such file"),
        ("picture.png", b"\x89PNG", "not a known kind"),
        ("empty.txt", b"", "is empty"),
        ("fake.warc.gz", b"not a WARC", "not a WARC"),
        ("fake.parquet", b"not Parquet", "not a Parquet file"),
        ("cut.jsonl.gz", gzip.compress(b'{"text": "one"}' * 99)[:-20], "cannot be read"),
        ("cut.html.gz", gzip.compress(b"<html>" * 99)[:-10], "cannot be read"),
        ("fake.csv.gz", b"text\nplain", "cannot be read"),
        ("blank.jsonl", b"\n\n", "no rows"),
        ("head.csv", b"url,text\n", "no rows"),
        ("other.csv", b"url,words\nx,y\n", "no column is named text"),
        ("latin.csv", "text\nFähre\n".encode("latin-1"), "not UTF-8"),
    ],
)
def test_what_cannot_be_ingested_says_so_and_leaves_nothing(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name if content is None else file(tmp_path, name, content)
    with pytest.raises(InputError, match=said) as error:
        ingesting(tmp_path / "home", file(tmp_path, "good.txt", "Good text"), path)
    assert name in str(error.value)
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "home").rglob("*.gz"))


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="known kind"):
        batches([tmp_path], lambda: NOW)


def test_a_page_just_within_the_limit_is_whole_when_our_archive_is_read_again(tmp_path: Path) -> None:
    body = b"<html>" + b"x" * 994
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n"
    path = file(tmp_path, "crawl.warc.gz", record(head + body))
    assert [f.outcome for f in ingesting(tmp_path, path, max_bytes=1000)[0]] == ["fetched"]
    assert [f.outcome for f in ingesting(tmp_path / "b", path, max_bytes=999)[0]] == ["too_large"]


def test_a_crawl_may_date_its_records_by_the_day(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "crawl.warc.gz",
        record(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", date="2024-01-01"),
    )
    fetches, _, rejects = ingesting(tmp_path, path)
    assert rejects == []
    assert [f.fetched_at for f in fetches] == [datetime(2024, 1, 1, tzinfo=UTC)]
