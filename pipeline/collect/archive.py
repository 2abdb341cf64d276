"""The archive: what the web answered, in WARC 1.1 files of one gzip member a record. Written with warcio.

What stands in a response record is what was received, except that transfer and content encodings are taken off: those
headers are kept as ``X-Orig-…`` and Content-Length says the length of the body as archived.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha1
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, NamedTuple, Self

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

RawHeaders = Sequence[tuple[bytes, bytes]]
"""Header names and values as received."""

_TAKEN_OFF = frozenset({b"content-encoding", b"transfer-encoding", b"content-length"})
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


class Placed(NamedTuple):
    """Where a record stands."""

    record_id: str
    """The UUID of its WARC-Record-ID."""
    warc_file: str
    """Relative to the data home."""
    offset: int


class _Verbatim(StatusAndHeaders):  # type: ignore[misc]
    """A header block written byte for byte; warcio would spell non-ASCII values anew."""

    def __init__(self, block: bytes) -> None:
        super().__init__("", [])
        self.block = block

    def __bool__(self) -> bool:
        return True

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        """Called by warcio for the bytes to write."""
        self.headers_buff = self.block


class ArchiveWriter:
    """Writes the WARC files of one shard, ``<folder>/<shard>-<nn>.warc.gz``. Opening it removes earlier ones.

    A file is begun with its first record, and a new one when it has passed `max_bytes`.
    """

    def __init__(
        self,
        folder: Path,
        shard: str,
        *,
        relative_to: Path,
        clock: Callable[[], datetime],
        software: str = "Newsledger",
        max_bytes: int = 1_000_000_000,
    ) -> None:
        self._folder = folder
        self._shard = shard
        self._relative_to = relative_to
        self._clock = clock
        self._software = software
        self._max_bytes = max_bytes
        self._count = 0
        self._out: BinaryIO | None = None
        self._warc: Any = None
        self._name = ""
        self.discard()

    def discard(self) -> None:
        """Close, and remove every file of the shard."""
        self.close()
        own = re.compile(rf"{re.escape(self._shard)}-\d\d+\.warc\.gz")
        for path in self._folder.glob(f"{self._shard}-*.warc.gz") if self._folder.is_dir() else ():
            if own.fullmatch(path.name):
                path.unlink()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the open file."""
        if self._out is not None:
            self._out.close()
            self._out = self._warc = None

    def exchange(
        self,
        url: str,
        at: datetime,
        *,
        request: bytes,
        status_line: str,
        headers: RawHeaders,
        body: bytes,
        truncated: bool = False,
    ) -> Placed:
        """Archive an answer and the request it answers."""
        more = {"WARC-Truncated": "length"} if truncated else {}
        http = _Verbatim(_block(status_line, headers, len(body)))
        placed = self._write("response", url, at, body, http=http, more=more)
        asked = {"WARC-Concurrent-To": f"<urn:uuid:{placed.record_id}>"}
        self._write("request", url, at, b"", http=_Verbatim(request), more=asked)
        return placed

    def revisit(
        self,
        url: str,
        at: datetime,
        *,
        request: bytes,
        status_line: str,
        headers: RawHeaders,
        body: bytes | None = None,
    ) -> Placed:
        """Archive that an answer was 304, or that its `body` was the one archived before, without the body."""
        more = {"WARC-Profile": _NOT_MODIFIED if body is None else _IDENTICAL}
        if body is not None:
            more["WARC-Payload-Digest"] = _digest(body)
        http = _Verbatim(_block(status_line, headers, None))
        placed = self._write("revisit", url, at, b"", http=http, more=more)
        asked = {"WARC-Concurrent-To": f"<urn:uuid:{placed.record_id}>"}
        self._write("request", url, at, b"", http=_Verbatim(request), more=asked)
        return placed

    def resource(
        self, url: str, at: datetime, *, content_type: str, body: bytes, record_id: str | None = None
    ) -> Placed:
        """Archive a document that no server answered: an ingested file, or a row of one."""
        return self._write("resource", url, at, body, content_type=content_type, record_id=record_id)

    def again(self, record_type: str, headers: dict[str, str], block: IO[bytes], length: int) -> Placed:
        """Archive a record of another WARC as it is, under its own id. `headers` are its WARC headers."""
        self._roll()
        kept = {k: v for k, v in headers.items() if k.lower() not in ("content-length", "warc-type")}
        record = self._warc.create_warc_record(
            None, record_type, payload=block, length=length, warc_headers_dict=kept, http_headers=_NONE
        )
        record.http_headers = None
        return self._put(record)

    def _write(
        self,
        record_type: str,
        url: str,
        at: datetime,
        body: bytes,
        *,
        http: StatusAndHeaders | None = None,
        content_type: str = "",
        record_id: str | None = None,
        more: dict[str, str] | None = None,
    ) -> Placed:
        self._roll()
        headers = {
            "WARC-Type": record_type,
            "WARC-Record-ID": f"<urn:uuid:{record_id or uuid.uuid4()}>",
            "WARC-Date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            **(more or {}),
        }
        record = self._warc.create_warc_record(
            url,
            record_type,
            payload=BytesIO(body),
            length=len(body),
            warc_content_type=content_type,
            warc_headers_dict=headers,
            http_headers=http if http is not None else _NONE,
        )
        if http is None:
            record.http_headers = None
        return self._put(record)

    def _put(self, record: Any) -> Placed:
        assert self._out is not None
        offset = self._out.tell()
        self._warc.write_record(record)
        record_id = uuid_of(record.rec_headers.get_header("WARC-Record-ID"))
        return Placed(record_id, self._name, offset)

    def _roll(self) -> None:
        """Have a file open that may take another record."""
        if self._out is not None and self._out.tell() < self._max_bytes:
            return
        self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._shard}-{self._count:02d}.warc.gz"
        self._count += 1
        self._name = path.relative_to(self._relative_to).as_posix()
        self._out = path.open("wb")
        self._warc = WARCWriter(self._out, gzip=True, warc_version="WARC/1.1")
        info = {"software": self._software, "format": "WARC File Format 1.1", "conformsTo": _CONFORMS}
        record = self._warc.create_warcinfo_record(path.name, info)
        record.rec_headers.replace_header("WARC-Date", self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        self._warc.write_record(record)


_NONE = _Verbatim(b"")
_CONFORMS = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


def uuid_of(record_id: str) -> str:
    """The UUID in a WARC-Record-ID; for an id of another form, a UUID made from it."""
    text = record_id.strip().strip("<>").rpartition(":")[2]
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, record_id))


def _block(status_line: str, headers: RawHeaders, length: int | None) -> bytes:
    """The header block of an answer whose body is archived with `length` bytes; None keeps the headers as they were."""
    lines = [status_line.encode("latin-1", "replace")]
    for name, value in headers:
        if length is not None and name.lower() in _TAKEN_OFF:
            name = b"X-Orig-" + name
        lines.append(name + b": " + value)
    if length is not None:
        lines.append(b"Content-Length: %d" % length)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _digest(body: bytes) -> str:
    from base64 import b32encode

    return "sha1:" + b32encode(sha1(body).digest()).decode()
