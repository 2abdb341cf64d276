"""The archive: what was written is read back byte for byte, by any reader; what is no archive says so."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from collect_site import NOW
from fastwarc.warc import ArchiveIterator as FastReader
from warcio.archiveiterator import ArchiveIterator as SlowReader

from pipeline.collect import ArchiveReader, ArchiveWriter, read, scan
from pipeline.collect.reader import is_recordwise
from pipeline.errors import NotAnArchive, StoreError

BODY = "<html><p>Zwölf Fähren</p></html>".encode()
HEADERS = [
    (b"Content-Type", b"text/html; charset=utf-8"),
    (b"X-Harbour", "Hafen Süd".encode()),
    (b"Content-Encoding", b"gzip"),
    (b"Transfer-Encoding", b"chunked"),
]


def writer(home: Path, shard: str = "0", **settings: int) -> ArchiveWriter:
    return ArchiveWriter(home / "archive", shard, relative_to=home, clock=lambda: NOW, **settings)


def exchange(archive: ArchiveWriter, url: str = "http://quay.example/a", body: bytes = BODY) -> tuple[str, str, int]:
    request = b"GET /a HTTP/1.1\r\nHost: quay.example\r\n\r\n"
    return archive.exchange(url, NOW, request=request, status_line="HTTP/1.1 200 OK", headers=HEADERS, body=body)


def record(block: bytes, content_type: str = "application/http; msgtype=response", record_id: int = 1) -> bytes:
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://quay.example/a\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{record_id:012d}>\r\nWARC-Date: 2026-03-02T06:00:00Z\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A WARC with ten pages."""
    with writer(tmp_path) as archive:
        for n in range(10):
            exchange(archive, f"http://quay.example/{n}", BODY * (n + 1))
    return tmp_path / "archive/0-00.warc.gz"


def test_what_is_written_is_what_both_readers_read(tmp_path: Path) -> None:
    with writer(tmp_path) as archive:
        record_id, warc_file, offset = exchange(archive)
    path = tmp_path / warc_file
    with path.open("rb") as file:
        slow = [(r.rec_type, r.content_stream().read()) for r in SlowReader(file, check_digests="raise")]
    with path.open("rb") as file:
        fast = [(str(r.record_type), r.reader.read()) for r in FastReader(file, verify_digests=True)]
    assert [kind for kind, _ in fast] == [kind for kind, _ in slow] == ["warcinfo", "response", "request"]
    assert slow[1][1] == fast[1][1] == BODY
    document = read(path, offset)
    assert (document.body, document.record_id, document.date) == (BODY, record_id, NOW)
    assert (document.status_code, document.content_type, document.charset) == (200, "text/html", "utf-8")
    assert dict(document.headers) == {
        "Content-Type": "text/html; charset=utf-8",
        "X-Harbour": "Hafen Süd",
        "X-Orig-Content-Encoding": "gzip",
        "X-Orig-Transfer-Encoding": "chunked",
        "Content-Length": str(len(BODY)),
    }


def test_a_full_file_is_followed_by_another(tmp_path: Path) -> None:
    with writer(tmp_path, max_bytes=2000) as archive:
        placed = [exchange(archive, f"http://quay.example/{n}") for n in range(6)]
    files = sorted(p.name for p in (tmp_path / "archive").iterdir())
    assert len(files) > 1
    assert files[0] == "0-00.warc.gz"
    with ArchiveReader(tmp_path) as reader:
        found = [reader.read(warc_file, offset).target_uri for _, warc_file, offset in placed]
    assert found == [f"http://quay.example/{n}" for n in range(6)]


def test_a_shard_begun_again_replaces_its_own_files_only(tmp_path: Path) -> None:
    for shard in ("0", "0-1"):
        with writer(tmp_path, shard) as archive:
            exchange(archive)
    with writer(tmp_path, "0"):
        pass
    assert [p.name for p in (tmp_path / "archive").iterdir()] == ["0-1-00.warc.gz"]


def test_a_shard_without_records_makes_no_file(tmp_path: Path) -> None:
    with writer(tmp_path):
        pass
    assert not (tmp_path / "archive").exists()


def test_scanning_gives_every_record_with_the_offset_to_read_it_by(filled: Path) -> None:
    documents = list(scan(filled))
    assert [d.record_type for d in documents[:3]] == ["warcinfo", "response", "request"]
    for document in documents:
        assert read(filled, document.offset) == document
    assert is_recordwise(filled)


def test_an_archive_that_breaks_off_says_so_wherever_it_breaks(filled: Path, tmp_path: Path) -> None:
    whole = filled.read_bytes()
    ends = {d.offset for d in scan(filled)} | {len(whole)}
    for length in range(1, len(whole), 29):
        cut = tmp_path / "cut.warc.gz"
        cut.write_bytes(whole[:length])
        if length in ends:
            continue
        with pytest.raises(NotAnArchive, match="cut"):
            list(scan(cut))


def test_a_plain_warc_that_breaks_off_says_so(filled: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.warc"
    plain.write_bytes(gzip.decompress(filled.read_bytes()))
    assert len(list(scan(plain))) == 21
    assert not is_recordwise(plain)
    plain.write_bytes(plain.read_bytes()[:-40])
    with pytest.raises(NotAnArchive, match="breaks off"):
        list(scan(plain))


@pytest.mark.parametrize("content", [b"", b"no archive at all", gzip.compress(b"no archive"), b"\x1f\x8b\x08junk"])
def test_what_is_no_archive_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no_archive.warc.gz"
    path.write_bytes(content)
    with pytest.raises(NotAnArchive, match="no_archive"):
        list(scan(path))


def test_a_missing_archive_is_a_store_error(tmp_path: Path) -> None:
    with ArchiveReader(tmp_path) as reader, pytest.raises(StoreError):
        reader.read("archive/none.warc.gz", 0)


def test_an_offset_where_no_record_stands_is_no_archive(filled: Path) -> None:
    with pytest.raises(NotAnArchive, match="no record at byte 17"):
        read(filled, 17)


@pytest.mark.parametrize(
    ("block", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(BODY), BODY),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + BODY, BODY),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<htm\r\n3\r\nl>\n\r\n0\r\n\r\n", b"<html>\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY, BODY),
        (b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n<html>", b"<html>"),
        (b"HTTP/1.1 200 OK\r\n\r\n<html>", b"<html>"),
        (b"HTTP/2 200\r\ncontent-type: text/html\r\n\r\n<html>", b"<html>"),
    ],
)
def test_answers_archived_by_others_are_read_as_a_browser_would(tmp_path: Path, block: bytes, body: bytes) -> None:
    path = tmp_path / "other.warc.gz"
    path.write_bytes(record(block, record_id=1) + record(b"HTTP/1.1 200 OK\r\n\r\nnext", record_id=2))
    first, second = scan(path)
    assert (first.body, first.status_code, first.problem) == (body, 200, None)
    # One odd record takes no other with it.
    assert second.body == b"next"


@pytest.mark.parametrize(
    "block", [b"", b"no answer", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08no"]
)
def test_a_record_that_cannot_be_read_says_why(tmp_path: Path, block: bytes) -> None:
    path = tmp_path / "other.warc.gz"
    path.write_bytes(record(block))
    (document,) = scan(path)
    assert document.problem


def test_times_keep_their_microseconds(tmp_path: Path) -> None:
    at = NOW + timedelta(microseconds=123456)
    with writer(tmp_path) as archive:
        _, warc_file, offset = archive.resource("urn:sha256:0", at, content_type="text/plain", body=b"x")
    assert read(tmp_path / warc_file, offset).date == at
