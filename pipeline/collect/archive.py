"""The archive: what the web answered, in WARC 1.1 files of one gzip member a record.

What stands in a response record is what was received, except that transfer and content encodings are taken off: those
headers are kept as ``X-Orig-…`` and Content-Length says the length of the body as archived. A file bears its name once
it is closed; until then it is ``….open``, so whatever ends in ``.warc.gz`` is whole.

Records are framed here and not by warcio, which deflates at level 9: that alone took ten times as long as fetching a
page of 30 kB from a server beside it. See `_deflater` for what deflating costs.
"""

from __future__ import annotations

import os
import re
import uuid
import zlib
from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, NamedTuple, Self

from pipeline.errors import StoreError

RawHeaders = Sequence[tuple[bytes, bytes]]
"""Header names and values as received."""

Fields = Sequence[tuple[str, str]]
"""Names and values of a record's WARC headers, in their order."""

_TAKEN_OFF = frozenset({b"content-encoding", b"transfer-encoding", b"content-length"})
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_CONFORMS = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_BREAKS = re.compile(r"[\x00-\x1f\x7f]+")
_REQUEST = "application/http; msgtype=request"
_RESPONSE = "application/http; msgtype=response"
_FIELDS = "application/warc-fields"
_OPEN = ".open"


class Placed(NamedTuple):
    """Where a record stands."""

    record_id: str
    """The UUID of its WARC-Record-ID."""
    warc_file: str
    """Relative to the data home."""
    offset: int


class ArchiveWriter:
    """Writes the WARC files of one shard, ``<folder>/<shard>-<nn>.warc.gz``. Opening it removes earlier ones.

    A file is begun with its first record, and a new one when it has passed `max_bytes`. Writing raises StoreError where
    the disk does not take a record; what was written before it stays whole.
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
        self._path = Path()
        self._name = ""
        self._end = 0
        self.discard()

    def discard(self) -> None:
        """Close, and remove every file of the shard."""
        self.close()
        own = re.compile(rf"{re.escape(self._shard)}-\d\d+\.warc\.gz(?:\{_OPEN})?")
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
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
        """Close the open file, and give it its name."""
        if self._out is not None:
            out, self._out = self._out, None
            try:
                with out:
                    os.fsync(out.fileno())
                self._path.with_name(self._path.name + _OPEN).replace(self._path)
            except OSError as error:
                raise StoreError(f"cannot close the archive {self._path}: {error}") from error

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
        found: Sequence[Mapping[str, str]] = (),
    ) -> Placed:
        """Archive an answer, the request it answers, and a metadata record of each mapping of `found` (``hints``)."""
        more = [("WARC-Payload-Digest", _digest(body))]
        if truncated:
            more.append(("WARC-Truncated", "length"))
        block = _block(status_line, headers, len(body)) + body
        return self._group("response", url, at, block, more, request, found)

    def revisit(
        self,
        url: str,
        at: datetime,
        *,
        request: bytes,
        status_line: str,
        headers: RawHeaders,
        body: bytes | None = None,
        refers_to: tuple[str, datetime] | None = None,
        found: Sequence[Mapping[str, str]] = (),
    ) -> Placed:
        """Archive that an answer was 304, or that its `body` was the one archived before, without the body.

        `refers_to` gives the URL and the time of that earlier answer.
        """
        more = [("WARC-Profile", _NOT_MODIFIED if body is None else _IDENTICAL)]
        if body is not None:
            more.append(("WARC-Payload-Digest", _digest(body)))
        if refers_to is not None:
            more += [("WARC-Refers-To-Target-URI", refers_to[0]), ("WARC-Refers-To-Date", _moment(refers_to[1]))]
        block = _block(status_line, headers, None if body is None else len(body))
        return self._group("revisit", url, at, block, more, request, found)

    def resource(
        self, url: str, at: datetime, *, content_type: str, body: bytes, record_id: str | None = None
    ) -> Placed:
        """Archive a document that no server answered: an ingested file, or a row of one."""
        record_id = record_id or str(uuid.uuid4())
        digest = [("WARC-Payload-Digest", _digest(body))]
        record = _record("resource", record_id, url, _moment(at), content_type, body, digest)
        return self._append(record_id, [_member(record)])

    def again(self, headers: Fields, block: IO[bytes], length: int) -> Placed:
        """Archive a record of another WARC as it is, under its own id. `headers` are its WARC headers."""
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        record_id = next((value for name, value in kept if name.lower() == "warc-record-id"), "")
        head = _head([*kept, ("Content-Length", str(length))])
        return self._append(uuid_of(record_id), _deflated(head, block))

    def _group(
        self,
        record_type: str,
        url: str,
        at: datetime,
        block: bytes,
        more: Fields,
        request: bytes,
        found: Sequence[Mapping[str, str]],
    ) -> Placed:
        """A record of an answer, and behind it what belongs to it; never apart in two files."""
        record_id, date = str(uuid.uuid4()), _moment(at)
        beside = [("WARC-Concurrent-To", f"<urn:uuid:{record_id}>")]
        records = [
            _record(record_type, record_id, url, date, _RESPONSE, block, more),
            _record("request", str(uuid.uuid4()), url, date, _REQUEST, request, beside),
            *(_record("metadata", str(uuid.uuid4()), url, date, _FIELDS, _fields(each), beside) for each in found),
        ]
        return self._append(record_id, [b"".join(map(_member, records))])

    def _append(self, record_id: str, members: Iterable[bytes]) -> Placed:
        """Write whole gzip members; all of them, or, where that fails, none."""
        out, begun = self._opened(), self._end
        try:
            for member in members:
                out.write(member)
                self._end += len(member)
            out.flush()
        except BaseException as error:
            self._end = begun
            with suppress(OSError):
                out.truncate(begun)
            with suppress(OSError):
                out.seek(begun)
            if isinstance(error, OSError):
                raise StoreError(f"cannot write the archive {self._path}: {error}") from error
            raise
        return Placed(record_id, self._name, begun)

    def _opened(self) -> BinaryIO:
        """A file that may take another record."""
        if self._out is not None and self._end < self._max_bytes:
            return self._out
        self.close()
        self._path = self._folder / f"{self._shard}-{self._count:02d}.warc.gz"
        self._name = self._path.relative_to(self._relative_to).as_posix()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._out = out = self._path.with_name(self._path.name + _OPEN).open("wb")
        except OSError as error:
            raise StoreError(f"cannot write the archive {self._path}: {error}") from error
        self._count += 1
        self._end = 0
        block = _fields({"software": self._software, "format": "WARC File Format 1.1", "conformsTo": _CONFORMS})
        named = [("WARC-Filename", self._path.name)]
        info = _record("warcinfo", str(uuid.uuid4()), None, _moment(self._clock()), _FIELDS, block, named)
        self._append("", [_member(info)])
        return out


def uuid_of(record_id: str) -> str:
    """The UUID in a WARC-Record-ID; for an id of another form, a UUID made from it."""
    text = record_id.strip().strip("<>").rpartition(":")[2]
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, record_id))


def _record(
    record_type: str, record_id: str, url: str | None, date: str, content_type: str, block: bytes, more: Fields
) -> bytes:
    """A record as it stands before it is deflated."""
    head = _head(
        [
            ("WARC-Type", record_type),
            ("WARC-Record-ID", f"<urn:uuid:{record_id}>"),
            ("WARC-Date", date),
            *([("WARC-Target-URI", url)] if url is not None else ()),
            *more,
            ("WARC-Block-Digest", _digest(block)),
            ("Content-Type", content_type),
            ("Content-Length", str(len(block))),
        ]
    )
    return b"".join((head, block, b"\r\n\r\n"))


def _head(headers: Iterable[tuple[str, str]]) -> bytes:
    """The first lines of a record. A line break in a value would begin another header."""
    lines = "".join([f"{name}: {_one_line(value)}\r\n" for name, value in headers])
    return f"WARC/1.1\r\n{lines}\r\n".encode("utf-8", "replace")


def _fields(said: Mapping[str, str]) -> bytes:
    """A block of ``application/warc-fields``."""
    return "".join([f"{name}: {_one_line(value)}\r\n" for name, value in said.items()]).encode("utf-8", "replace")


def _one_line(value: str) -> str:
    return value if value.isprintable() else _BREAKS.sub(" ", value)


def _deflater() -> Callable[[bytes], bytes]:
    """What makes one gzip member of a record.

    A page of 30 kB takes zlib 590 µs at level 9 (8.0 kB), 210 µs at level 1 (9.0 kB), isal 60 µs at level 2 (8.8 kB).
    isal's level 1 makes it 1 % longer; one of few repetitions takes it two thirds of the time of level 2.
    """
    try:
        from isal import isal_zlib
    except ImportError:  # there is no wheel for this machine
        return lambda record: zlib.compress(record, 1, 31)
    return lambda record: isal_zlib.compress(record, 1, 31)


_member = _deflater()


def _deflated(head: bytes, block: IO[bytes]) -> Iterator[bytes]:
    """The one gzip member of a record too long for the memory, in pieces."""
    squeezing = zlib.compressobj(6, zlib.DEFLATED, 31)
    yield squeezing.compress(head)
    while piece := block.read(1 << 20):
        yield squeezing.compress(piece)
    yield squeezing.compress(b"\r\n\r\n") + squeezing.flush()


def _block(status_line: str, headers: RawHeaders, length: int | None) -> bytes:
    """The header block of an answer whose body is archived with `length` bytes; of one that had none, as it was."""
    lines = [status_line.encode("latin-1", "replace")]
    for name, value in headers:
        if length is not None and name.lower() in _TAKEN_OFF:
            name = b"X-Orig-" + name
        lines.append(name + b": " + value)
    if length is not None:
        lines.append(b"Content-Length: %d" % length)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _digest(content: bytes) -> str:
    return "sha1:" + b32encode(sha1(content, usedforsecurity=False).digest()).decode()
