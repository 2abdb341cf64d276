"""Reading the archive back, and the WARC files of others. Framed by fastwarc; its HTTP parser is not used, because it
drops records and garbles headers of answers that are only slightly odd (see ``message``)."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from fastwarc.warc import ArchiveIterator

from pipeline.collect import media, message
from pipeline.collect.archive import Fields, uuid_of
from pipeline.errors import NotAnArchive, StoreError

LARGEST = 64_000_000
"""Longest body read, bytes; what is longer is cut off there."""

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""Date of a record that has none."""

_LONGEST_FIELDS = 65_536
_LONGEST_HEAD = 1 << 20
_WITH_BODY = frozenset({"response", "resource", "conversion"})


@dataclass(slots=True, kw_only=True)
class Document:
    """One record of an archive."""

    offset: int
    record_type: str
    """response, resource, conversion, revisit, request, metadata, warcinfo …"""
    record_id: str
    """The UUID in its WARC-Record-ID."""
    target_uri: str
    date: datetime
    status_code: int | None = None
    """HTTP status; None for what no server answered."""
    headers: list[tuple[str, str]] = field(default_factory=list)
    """HTTP headers, in their order."""
    body: bytes = b""
    """Decoded. Empty for types other than response, resource and conversion."""
    content_type: str | None = None
    """Media type, as declared or sniffed."""
    charset: str | None = None
    """As declared; it may be wrong."""
    is_cut: bool = False
    """Whether the body is longer than was read."""
    concurrent_to: frozenset[str] = frozenset()
    """The UUIDs of records it belongs to: of an answer, where this is its request or says how it was found."""
    fields: dict[str, str] = field(default_factory=dict)
    """What a metadata record says, by name in lower case; of a name that is there twice, the first."""
    problem: str | None = None
    """Why the record cannot be used, where it cannot."""

    def header(self, name: str) -> str | None:
        """The first HTTP header of that name (lower case)."""
        return next((value for key, value in self.headers if key.lower() == name), None)


class ArchiveReader:
    """Reads documents of archive files by name and offset; keeps the last file open, so read in the files' order."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._name: str | None = None
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the open file."""
        if self._file is not None:
            self._file.close()
        self._file = self._name = None

    def read(self, warc_file: str, offset: int) -> Document:
        """The document at an offset of a file (relative to the home, or absolute).

        Raises StoreError where the file cannot be read, NotAnArchive where no record stands there.
        """
        if self._file is None or self._name != warc_file:
            self.close()
            try:
                self._file = (self._home / warc_file).open("rb")
            except OSError as error:
                raise StoreError(f"cannot read the archive: {error}") from error
            self._name = warc_file
        self._file.seek(offset)
        try:
            record = next(iter(ArchiveIterator(self._file, parse_http=False)))
            return _document(record, offset, LARGEST)
        except (StopIteration, OSError, ValueError) as error:
            raise NotAnArchive(f"{warc_file}: no record at byte {offset}") from error


def read(path: Path, offset: int) -> Document:
    """The document at an offset of a WARC file. Raises as `ArchiveReader.read` does."""
    with ArchiveReader(Path()) as reader:
        return reader.read(str(path), offset)


def scan(path: Path, *, largest: int = LARGEST) -> Iterator[Document]:
    """Every record of a WARC file in its order, one at a time; bodies are cut off at `largest` bytes.

    Raises NotAnArchive for what is no WARC, and, after the last readable record, for one that breaks off.
    """
    last = None
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, parse_http=False):
                last = record.stream_pos
                yield _document(record, last, largest)
    except FileNotFoundError:
        raise NotAnArchive(f"no such file: {path}") from None
    except (OSError, ValueError) as error:
        if last is None:
            raise NotAnArchive(f"{path}: not a WARC file ({error})") from None
        raise NotAnArchive(f"{path}: readable up to the record at byte {last}, then {error}") from None
    if last is None:
        raise NotAnArchive(f"{path}: {'not a WARC file' if path.stat().st_size else 'the file is empty'}")
    if problem := _end(path, last):
        raise NotAnArchive(f"{path}: {problem} (the last record begins at byte {last})")


def is_recordwise(path: Path) -> bool:
    """Whether every record is a gzip member of its own, so that it can be read by its offset.

    Raises NotAnArchive for what is no WARC.
    """
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            return False
        try:
            with path.open("rb") as other:
                for record in ArchiveIterator(other, parse_http=False):
                    file.seek(record.stream_pos)
                    if file.read(3) != b"\x1f\x8b\x08":
                        return False
        except OSError as error:
            raise NotAnArchive(f"{path}: not a WARC file ({error})") from None
    return True


def blocks(path: Path) -> Iterator[tuple[Fields, Any]]:
    """WARC headers and a reader over the block of every record, for writing them anew."""
    with path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False):
            yield record.headers.to_tuples(), record.reader


def _document(record: Any, offset: int, largest: int) -> Document:
    headers = record.headers
    kind = str(record.record_type)
    found = Document(
        offset=offset,
        record_type=kind,
        record_id=uuid_of(record.record_id or f"offset {offset}"),
        target_uri=(headers.get("WARC-Target-URI") or "").strip().strip("<>"),
        date=_date(headers.get("WARC-Date") or ""),
    )
    declared = headers.get("Content-Type") or ""
    if kind in ("request", "metadata"):
        found.concurrent_to = frozenset(
            uuid_of(value) for name, value in headers.to_tuples() if name.lower() == "warc-concurrent-to"
        )
    if kind == "metadata" and declared.lower().startswith("application/warc-fields"):
        found.fields = _fields(record.reader.read(_LONGEST_FIELDS))
    if kind not in _WITH_BODY and kind != "revisit":
        return found
    may_be_http = "application/http" in declared or kind == "response"
    most = largest + (_LONGEST_HEAD if may_be_http else 0)
    # One byte more tells whether it is longer.
    block = record.reader.read(most + 1)
    if len(block) > most:
        block, found.is_cut = block[:most], True
    elif len(block) < record.content_length:
        found.problem = f"the record breaks off after {len(block)} of {record.content_length} bytes"
    if "application/http" in declared or (may_be_http and block.startswith(b"HTTP/")):
        try:
            answer = message.parse(block)
            found.status_code, found.headers = answer.status, answer.headers
            found.body, cut = message.decoded(answer, largest)
            found.is_cut = found.is_cut or cut
        except message.Undecodable as error:
            found.problem = found.problem or str(error)
        declared = found.header("content-type") or ""
    else:
        found.body, found.is_cut = block[:largest], found.is_cut or len(block) > largest
    media_type, found.charset = media.declared(declared)
    found.content_type = media.sniffed(media_type, found.body[:4096]) if found.body else media_type
    return found


def _date(text: str) -> datetime:
    """A WARC-Date, down to the year alone (WARC 1.1, 5.4); UNDATED where it is none."""
    text = text.strip()
    if match := re.fullmatch(r"(\d{4})(-\d\d)?", text):
        text = f"{match[1]}{match[2] or '-01'}-01"
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return UNDATED


def _fields(block: bytes) -> dict[str, str]:
    """The fields of ``application/warc-fields``. A line that begins with a space goes on with the one before."""
    fields: dict[str, str] = {}
    for line in re.split(r"\r?\n(?![ \t])", block.decode("utf-8", "replace")):
        name, colon, value = line.partition(":")
        if colon and name.strip():
            fields.setdefault(name.strip().lower(), " ".join(value.split()))
    return fields


def _end(path: Path, last: int) -> str | None:
    """What is wrong with the end of a WARC file whose last readable record begins at byte `last`; None if nothing."""
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            file.seek(last)
            head, length = _head(file.read(65536))
            missing = last + head + length - path.stat().st_size
            return f"breaks off {missing} bytes too early" if missing > 0 else None
        file.seek(last)
        if file.read(2) != b"\x1f\x8b":
            return _whole_gzip(path)
        file.seek(last)
        decoder = zlib.decompressobj(31)
        while not decoder.eof:
            piece = file.read(1 << 16)
            if not piece:
                return "breaks off in the middle of a record"
            while piece and not decoder.eof:
                decoder.decompress(piece, 1 << 20)
                piece = decoder.unconsumed_tail
        rest = decoder.unused_data + file.read(64)
        return "breaks off after a whole record, or goes on with what is no record" if rest.strip(b"\0") else None


def _head(start: bytes) -> tuple[int, int]:
    """Length of a record's WARC headers and of its block."""
    head, _, _ = start.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return len(head) + 4, int(value)
    return len(head), 0


def _whole_gzip(path: Path) -> str | None:
    try:
        with gzip.open(path) as file:
            while file.read(1 << 20):
                pass
    except (EOFError, OSError, zlib.error) as error:
        return f"the gzip file breaks off: {error}"
    return None
