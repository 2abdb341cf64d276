"""The archive: what was written is read back byte for byte, by any reader; what is no archive says so."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from collect_site import NOW
from fastwarc.warc import ArchiveIterator as FastReader
from warcio.archiveiterator import ArchiveIterator as SlowReader

from pipeline.collect import ArchiveReader, ArchiveWriter, read, scan
from pipeline.collect.archive import Placed
from pipeline.collect.reader import blocks, is_recordwise
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


def exchange(
    archive: ArchiveWriter,
    url: str = "http://quay.example/a",
    body: bytes = BODY,
    found: Sequence[Mapping[str, str]] = (),
    truncated: bool = False,
) -> Placed:
    return archive.exchange(
        url, NOW, request=b"GET /a HTTP/1.1\r\nHost: quay.example\r\n\r\n", status_line="HTTP/1.1 200 OK",
        headers=HEADERS, body=body, found=found, truncated=truncated,
    )  # fmt: skip


def record(
    block: bytes,
    content_type: str = "application/http; msgtype=response",
    record_id: int = 1,
    date: str = "2026-03-02T06:00:00Z",
) -> bytes:
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://quay.example/a\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{record_id:012d}>\r\nWARC-Date: {date}\r\n"
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


FOUND = [
    {"via": "http://quay.example/feed.xml", "discovered-via": "feed", "title": "Zwölf Fähren\nfahren wieder"},
    {"via": "http://quay.example/news.xml", "discovered-via": "news_sitemap"},
]


def records(path: Path) -> list[dict[str, str]]:
    """The WARC headers of every record; digests and framing are checked by both readers."""
    with path.open("rb") as file:
        slow = [dict(r.rec_headers.headers) for r in SlowReader(file, check_digests="raise")]
    with path.open("rb") as file:
        fast = [dict(r.headers.to_tuples()) for r in FastReader(file, parse_http=False, verify_digests=True)]
    assert slow == fast
    return slow


def sha1_of(content: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(content).digest()).decode()


def raw_block(path: Path, record_type: str) -> bytes:
    """The block of the first record of a type, framed by hand."""
    for member in gzip.decompress(path.read_bytes()).split(b"WARC/1.1\r\n")[1:]:
        head, _, rest = member.partition(b"\r\n\r\n")
        if f"WARC-Type: {record_type}".encode() in head.splitlines():
            assert rest.endswith(b"\r\n\r\n")
            return rest[:-4]
    raise AssertionError(f"no {record_type}")


def test_an_answer_is_followed_by_its_request_and_by_how_it_was_found(tmp_path: Path) -> None:
    with writer(tmp_path) as archive:
        placed = exchange(archive, found=FOUND)
    path = tmp_path / placed.warc_file
    info, answer, request, *said = records(path)
    assert [each["WARC-Type"] for each in (answer, request, *said)] == ["response", "request", "metadata", "metadata"]
    assert info["WARC-Filename"] == "0-00.warc.gz"
    assert answer["WARC-Record-ID"] == f"<urn:uuid:{placed.record_id}>"
    assert {each["WARC-Concurrent-To"] for each in (request, *said)} == {answer["WARC-Record-ID"]}
    assert {each["WARC-Target-URI"] for each in (answer, request, *said)} == {"http://quay.example/a"}
    assert {each["WARC-Date"] for each in (answer, request, *said)} == {answer["WARC-Date"]}
    assert said[0]["Content-Type"] == "application/warc-fields"
    assert len({each["WARC-Record-ID"] for each in (info, answer, request, *said)}) == 5
    *_, first, second = scan(path)
    assert first.fields == {**FOUND[0], "title": "Zwölf Fähren fahren wieder"}
    assert second.fields == FOUND[1]
    assert first.concurrent_to == second.concurrent_to == {placed.record_id}


def test_digests_are_those_of_the_bytes_that_stand_there(tmp_path: Path) -> None:
    with writer(tmp_path) as archive:
        path = tmp_path / exchange(archive, found=FOUND).warc_file
    by_type = {each["WARC-Type"]: each for each in reversed(records(path))}
    for kind in ("warcinfo", "response", "request", "metadata"):
        assert by_type[kind]["WARC-Block-Digest"] == sha1_of(raw_block(path, kind))
    assert by_type["response"]["WARC-Payload-Digest"] == sha1_of(BODY)
    assert raw_block(path, "response").endswith(b"\r\n\r\n" + BODY)


def test_an_answer_of_304_refers_to_the_one_before(tmp_path: Path) -> None:
    before = NOW - timedelta(hours=6, microseconds=17)
    with writer(tmp_path) as archive:
        placed = archive.revisit(
            "http://quay.example/a", NOW, request=b"GET /a HTTP/1.1\r\n\r\n", status_line="HTTP/1.1 304 Not Modified",
            headers=[(b"ETag", b'"1"')], refers_to=("http://quay.example/a", before), found=FOUND[:1],
        )  # fmt: skip
    _, again, request, said = records(tmp_path / placed.warc_file)
    assert again["WARC-Type"] == "revisit"
    assert again["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert again["WARC-Refers-To-Target-URI"] == "http://quay.example/a"
    assert again["WARC-Refers-To-Date"] == before.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert "WARC-Payload-Digest" not in again
    assert raw_block(tmp_path / placed.warc_file, "revisit") == b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
    assert request["WARC-Concurrent-To"] == said["WARC-Concurrent-To"] == again["WARC-Record-ID"]
    document = read(tmp_path / placed.warc_file, placed.offset)
    assert (document.status_code, document.body, document.problem) == (304, b"", None)


def test_the_same_body_again_is_archived_by_its_digest(tmp_path: Path) -> None:
    with writer(tmp_path) as archive:
        first = exchange(archive)
        again = archive.revisit(
            "http://quay.example/a", NOW, request=b"GET /a HTTP/1.1\r\n\r\n", status_line="HTTP/1.1 200 OK",
            headers=HEADERS, body=BODY, refers_to=("http://quay.example/a", NOW),
        )  # fmt: skip
    path = tmp_path / first.warc_file
    _, whole, _, short, _ = records(path)
    assert short["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert short["WARC-Payload-Digest"] == whole["WARC-Payload-Digest"] == sha1_of(BODY)
    # A reader that joins these headers to the earlier body must find them true of it.
    assert raw_block(path, "revisit") == raw_block(path, "response").removesuffix(BODY)
    document = read(path, again.offset)
    assert (document.status_code, document.body, document.problem) == (200, b"", None)


def test_a_truncated_body_says_so(tmp_path: Path) -> None:
    with writer(tmp_path) as archive:
        path = tmp_path / exchange(archive, truncated=True).warc_file
    assert records(path)[1]["WARC-Truncated"] == "length"


def test_a_line_break_in_a_value_begins_no_other_header(tmp_path: Path) -> None:
    url = "urn:x\r\nWARC-Type: warcinfo\r\n\r\nWARC/1.1"
    with writer(tmp_path) as archive:
        placed = archive.resource(url, NOW, content_type="text/plain", body=b"x")
        exchange(archive, found=[{"title": "one\r\nvia: http://evil.example/\r\n\r\nWARC/1.1"}])
    _, document, *_, said = scan(tmp_path / placed.warc_file)
    assert said.fields == {"title": "one via: http://evil.example/ WARC/1.1"}
    assert (document.record_type, document.target_uri) == ("resource", "urn:x WARC-Type: warcinfo WARC/1.1")


def test_an_answer_and_what_belongs_to_it_stand_in_one_file(tmp_path: Path) -> None:
    with writer(tmp_path, max_bytes=1) as archive:
        placed = [exchange(archive, f"http://quay.example/{n}", found=FOUND) for n in range(3)]
    assert [each.warc_file for each in placed] == [f"archive/0-{n:02d}.warc.gz" for n in range(3)]
    for each in placed:
        kinds = [document.record_type for document in scan(tmp_path / each.warc_file)]
        assert kinds == ["warcinfo", "response", "request", "metadata", "metadata"]


def test_a_file_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    archive = writer(tmp_path)
    placed = exchange(archive)
    assert [p.name for p in (tmp_path / "archive").iterdir()] == ["0-00.warc.gz.open"]
    archive.close()
    assert [p.name for p in (tmp_path / "archive").iterdir()] == ["0-00.warc.gz"]
    assert read(tmp_path / placed.warc_file, placed.offset).body == BODY


def test_a_writer_killed_within_a_record_leaves_what_came_before_and_begins_anew(tmp_path: Path) -> None:
    unfinished = tmp_path / "archive/0-00.warc.gz.open"
    with writer(tmp_path) as archive:
        for n in range(3):
            exchange(archive, f"http://quay.example/{n}")
    whole = (tmp_path / "archive/0-00.warc.gz").read_bytes()
    last = max(d.offset for d in scan(tmp_path / "archive/0-00.warc.gz"))
    (tmp_path / "archive/0-00.warc.gz").unlink()
    for length in range(last, len(whole), 37):
        unfinished.write_bytes(whole[:length])
        found = []
        with suppress(NotAnArchive):
            found.extend(document.target_uri for document in scan(unfinished))
        assert found[:6] == ["", *(f"http://quay.example/{n}" for n in (0, 0, 1, 1, 2))]
    with writer(tmp_path) as archive:
        exchange(archive, "http://quay.example/again")
    assert [p.name for p in (tmp_path / "archive").iterdir()] == ["0-00.warc.gz"]
    assert [d.target_uri for d in scan(tmp_path / "archive/0-00.warc.gz")][1:] == ["http://quay.example/again"] * 2


def test_a_process_killed_at_any_moment_leaves_only_whole_files_of_that_name(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", _WRITES_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    for _ in range(40):
        child.stdout.readline()
    child.kill()
    child.wait()
    files = sorted((tmp_path / "archive").iterdir())
    assert len(files) > 2
    for path in files:
        if path.suffix == ".gz":
            assert [d.record_type for d in scan(path)][:2] == ["warcinfo", "response"]
    assert sum(path.suffix == ".open" for path in files) <= 1
    with writer(tmp_path) as archive:
        exchange(archive)
    assert [p.name for p in (tmp_path / "archive").iterdir()] == ["0-00.warc.gz"]


_WRITES_FOR_EVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline.collect.archive import ArchiveWriter

home = Path(sys.argv[1])
now = datetime(2026, 3, 2, 6, tzinfo=UTC)
archive = ArchiveWriter(home / "archive", "0", relative_to=home, clock=lambda: now, max_bytes=2000)
while True:
    more = {"request": b"GET", "status_line": "HTTP/1.1 200 OK", "headers": []}
    archive.exchange("http://quay.example/a", now, body=b"x" * 999, **more)
    print(flush=True)
"""


def test_a_disk_that_is_full_takes_no_half_record(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    archive = writer(tmp_path)
    first = exchange(archive)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(StoreError, match="cannot write the archive"):
            exchange(archive, body=os.urandom(20_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    second = exchange(archive, "http://quay.example/b")
    archive.close()
    kinds = [document.record_type for document in scan(tmp_path / first.warc_file)]
    assert kinds == ["warcinfo", "response", "request", "response", "request"]
    assert read(tmp_path / second.warc_file, second.offset).target_uri == "http://quay.example/b"


def test_a_record_of_another_archive_is_written_as_it_is(tmp_path: Path) -> None:
    with writer(tmp_path, "other") as archive:
        placed = exchange(archive, found=FOUND)
    with writer(tmp_path, "copy") as archive:
        for headers, block in blocks(tmp_path / placed.warc_file):
            content = block.read()
            archive.again(headers, BytesIO(content), len(content))
    copied = records(tmp_path / "archive/copy-00.warc.gz")[1:]
    assert copied == records(tmp_path / placed.warc_file)
