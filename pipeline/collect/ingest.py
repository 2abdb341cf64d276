"""Ingest: files handed in → links and fetches, archived as if they had been fetched.

A record of a WARC that a server answered with a page is a fetch; so are HTML and text files, and the rows of tables,
archived as ``resource`` records. What else a crawled WARC holds (redirects, pictures) stays in its file, without rows.
"""

from __future__ import annotations

import gzip
import html
import json
import re
import shutil
import sys
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import urlsplit

from pipeline.collect import feeds, media, sitemaps
from pipeline.collect.archive import ArchiveWriter
from pipeline.collect.exchange import outcome_of, printable
from pipeline.collect.files import IngestBatch, InputFile, sidecar
from pipeline.collect.reader import UNDATED, Document, blocks, is_recordwise, scan
from pipeline.collect.rows import as_json, rows, when
from pipeline.collect.urls import host_of, normalise, source_of
from pipeline.errors import InputError, NotAnArchive, StoreError
from pipeline.records import Fetch, Link, Reject

Record = Fetch | Link | Reject

UNKNOWN_SOURCE = "unknown"
"""source_id of a document that has neither a URL nor a source."""

_SHARD = "0"
_HEAD = 262_144
_LINK = re.compile(rb"<(link|meta)\b([^<>]*)>", re.I)
_ATTRIBUTE = re.compile(rb"([a-zA-Z:_-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body)\b", re.I)


def ingest(
    batch: IngestBatch,
    *,
    folder: Path,
    relative_to: Path,
    clock: Callable[[], datetime],
    hosts: Mapping[str, str],
    in_place: bool = False,
    max_bytes: int = 8_000_000,
) -> Iterator[Record]:
    """The documents of one batch: a Fetch and a Link each, or a Reject.

    They are archived in `folder`; a WARC is copied there, or referred to where it lies (`in_place`). `hosts` gives the
    source_id of registered hosts. Raises InputError or NotAnArchive, leaving nothing in the folder, for a file that
    cannot be read to its end.
    """
    # A WARC stays one file, however long it is.
    longest = sys.maxsize if batch.files[0].kind == "warc" else 1_000_000_000
    writer = ArchiveWriter(folder, _SHARD, relative_to=relative_to, clock=clock, max_bytes=longest)
    try:
        with writer:
            for file in batch.files:
                if file.kind == "warc":
                    yield from _warc(file, writer, folder, relative_to, hosts, in_place, max_bytes)
                else:
                    yield from _Documents(batch, file, writer, clock(), hosts, max_bytes).read()
    except BaseException:
        writer.discard()
        raise


def _warc(
    file: InputFile,
    writer: ArchiveWriter,
    folder: Path,
    relative_to: Path,
    hosts: Mapping[str, str],
    in_place: bool,
    max_bytes: int,
) -> Iterator[Record]:
    recordwise = is_recordwise(file.path)
    source = file.path
    if in_place:
        if file.is_zipped and not recordwise:
            raise InputError(f"{file.path}: its records are not compressed one by one, so it cannot be used in place")
        warc_file = file.path.resolve().as_posix()
    elif recordwise:
        source = folder / f"{_SHARD}-00.warc.gz"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.path, source)
        except OSError as error:
            raise StoreError(f"cannot copy {file.path} into the archive: {error}") from error
        warc_file = source.relative_to(relative_to).as_posix()
    else:
        source = _rewritten(file, writer, relative_to)
        warc_file = source.relative_to(relative_to).as_posix()
    seen: set[str] = set()
    linked: set[str] = set()
    try:
        for document in scan(source, largest=max_bytes):
            kind = _kind(document)
            if kind is None:
                continue
            if document.record_id in seen:
                document.problem = f"another record has the id {document.record_id}"
            seen.add(document.record_id)
            yield from _answered(file, document, kind, warc_file, hosts, linked)
    except NotAnArchive as error:
        raise NotAnArchive(str(error).replace(str(source), str(file.path))) from None


def _rewritten(file: InputFile, writer: ArchiveWriter, relative_to: Path) -> Path:
    """The WARC record by record, each compressed alone, in one file."""
    placed = None
    for record_type, headers, block in blocks(file.path):
        with SpooledTemporaryFile(16_000_000) as held:
            shutil.copyfileobj(block, held)
            length = held.tell()
            held.seek(0)
            placed = writer.again(record_type, headers, held, length)
    for _ in scan(file.path, largest=0):
        # Only scanning to the end tells whether it breaks off.
        pass
    writer.close()
    if placed is None:
        raise NotAnArchive(f"{file.path}: not a WARC file")
    return relative_to / placed.warc_file


def _kind(document: Document) -> str | None:
    """What a record of a WARC was fetched as; None for what makes no row."""
    if document.record_type not in ("response", "resource", "conversion"):
        return None
    if document.problem:
        return "article"
    if document.status_code is not None and 300 <= document.status_code < 400:
        return None
    media_type, body = document.content_type or "", document.body
    if urlsplit(document.target_uri).path == "/robots.txt":
        return "robots"
    if "xml" in media_type or media_type in ("application/gzip", "application/x-gzip"):
        if media_type in ("application/rss+xml", "application/atom+xml", "application/rdf+xml") or feeds.is_feed(body):
            return "feed"
        if sitemaps.is_sitemap(body):
            return "sitemap"
        return "article" if "xhtml" in media_type or _MARKUP.search(body[:2048]) else None
    if media_type == "application/feed+json":
        return "feed"
    if media_type == "application/json":
        return "article" if document.record_type == "resource" else None
    return "article" if media.is_page(media_type) or not media_type else None


def _answered(
    file: InputFile, document: Document, kind: str, warc_file: str, hosts: Mapping[str, str], linked: set[str]
) -> Iterator[Record]:
    """The rows of a WARC record."""
    raw = document.target_uri
    at = document.date

    def rejected(reason: str, detail: str) -> Reject:
        return Reject(
            step="ingest",
            url=raw or file.name,
            rejected_at=at,
            reason=reason,
            detail=detail,
            evidence=f"{file.name}, record {document.record_id} at byte {document.offset}",
        )

    problem = document.problem
    if problem is None and at == UNDATED:
        problem = "the record has no date"
    if problem is None and document.status_code is not None and not 200 <= document.status_code <= 599:
        problem = f"no such status: {document.status_code}"
    if problem is not None:
        yield rejected("malformed_record", problem)
        return
    try:
        url = raw if raw.startswith("urn:") else normalise(raw)
    except ValueError as error:
        yield rejected("invalid_url", str(error))
        return
    retry_after = document.header("retry-after") is not None
    outcome = outcome_of(document.status_code, retry_after=retry_after) if document.status_code else "fetched"
    if outcome == "fetched" and document.is_cut:
        outcome = "too_large"
    fetch = _fetch(document.record_id, url, source_of(url, hosts) or UNKNOWN_SOURCE, at, document.body, kind=kind)
    fetch.outcome, fetch.status_code = outcome, document.status_code
    fetch.content_type = document.content_type
    fetch.etag, fetch.last_modified = printable(document.header("etag")), printable(document.header("last-modified"))
    fetch.warc_file, fetch.warc_offset = warc_file, document.offset
    if outcome == "too_large":
        fetch.content_hash, fetch.detail = None, f"the body is cut off at {len(document.body)} bytes"
    yield fetch
    if kind == "article" and url not in linked:
        linked.add(url)
        yield _link(fetch, "archive", file.name, raw)


class _Documents:
    """The documents of one file that is no WARC."""

    def __init__(
        self,
        batch: IngestBatch,
        file: InputFile,
        writer: ArchiveWriter,
        at: datetime,
        hosts: Mapping[str, str],
        max_bytes: int,
    ) -> None:
        self.batch = batch
        self.file = file
        self.writer = writer
        self.at = at
        self.hosts = hosts
        self.max_bytes = max_bytes
        self.linked: set[str] = set()

    def read(self) -> Iterator[Record]:
        """Their rows."""
        if self.file.kind in ("html", "text"):
            yield from self._document()
            return
        for number, row in rows(self.file, longest=self.max_bytes):
            yield from self._row(number, row)

    def _document(self) -> Iterator[Record]:
        body = self._bytes()
        if len(body) > self.max_bytes:
            yield self._rejected("malformed_record", f"longer than {self.max_bytes} bytes", self.file.name)
            return
        try:
            beside = _beside(self.file.path)
        except ValueError as error:
            yield self._rejected("malformed_record", f"{sidecar(self.file.path).name}: {error}", self.file.name)
            return
        raw = beside.get("url") or (_canonical(body) if self.file.kind == "html" else None)
        at = when(beside.get("fetched_at")) or self.at
        content_type = "text/html" if self.file.kind == "html" else _text_type(body)
        yield from self._archived(raw, body, content_type, at, "", {})

    def _row(self, number: int, row: dict[str, Any] | str) -> Iterator[Record]:
        where = f"{self.file.name}, row {number}"
        if isinstance(row, str):
            yield self._rejected("malformed_record", row, where)
            return
        body = as_json(row)
        shown = f"{where}: {body[:300].decode('utf-8', 'ignore')}"
        if not isinstance(row.get("text"), str):
            yield self._rejected("malformed_record", "the row has no text", shown, row.get("url"))
            return
        if len(body) > self.max_bytes:
            yield self._rejected("malformed_record", f"longer than {self.max_bytes} bytes", shown, row.get("url"))
            return
        at = when(row.get("fetched_at")) or self.at
        yield from self._archived(row.get("url"), body, "application/json", at, f", row {number}", row)

    def _archived(
        self, raw: Any, body: bytes, content_type: str, at: datetime, place: str, said: Mapping[str, Any]
    ) -> Iterator[Record]:
        """A document put into the archive."""
        urn = f"urn:sha256:{sha256(body).hexdigest()}"
        raw = str(raw).encode("utf-8", "replace").decode() if raw else urn
        try:
            url = raw if raw.startswith("urn:sha256:") else normalise(raw)
        except ValueError as error:
            yield self._rejected("invalid_url", str(error), self.file.name + place, raw)
            return
        source_id = source_of(url, self.hosts) if host_of(url) else _slug(said.get("source"))
        # The same files again make the same ids.
        fetch_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.batch.batch_id}/{self.file.name}{place}"))
        placed = self.writer.resource(url, at, content_type=content_type, body=body, record_id=fetch_id)
        fetch = _fetch(placed.record_id, url, source_id, at, body, kind="article")
        fetch.content_type = media.declared(content_type)[0]
        fetch.warc_file, fetch.warc_offset = placed.warc_file, placed.offset
        yield fetch
        if url not in self.linked:
            self.linked.add(url)
            link = _link(fetch, "file", self.file.name, raw)
            link.title_hint = feeds.tidy(said.get("title"))
            link.published_hint = feeds.plausible(when(said.get("published_at")))
            yield link

    def _bytes(self) -> bytes:
        try:
            with gzip.open(self.file.path) if self.file.is_zipped else self.file.path.open("rb") as content:
                read: bytes = content.read(self.max_bytes + 1)
                return read
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{self.file.path}: cannot be read: {error}") from None

    def _rejected(self, reason: str, detail: str, evidence: str, url: Any = None) -> Reject:
        return Reject(
            step="ingest",
            url=str(url or self.file.name).encode("utf-8", "replace").decode(),
            rejected_at=self.at,
            reason=reason,
            detail=detail,
            evidence=evidence,
        )


def _fetch(fetch_id: str, url: str, source_id: str, at: datetime, body: bytes, *, kind: str) -> Fetch:
    return Fetch(
        fetch_id=fetch_id,
        url=url,
        final_url=url,
        kind=kind,
        source_id=source_id,
        fetched_at=at,
        outcome="fetched",
        attempt=1,
        body_bytes=len(body),
        content_hash=sha256(body).hexdigest(),
    )


def _link(fetch: Fetch, via: str, name: str, raw: str) -> Link:
    return Link(
        url=fetch.url,
        source_id=fetch.source_id,
        discovered_at=fetch.fetched_at,
        discovered_via=via,
        discovered_in=name,
        discovered_url=raw,
    )


def _beside(path: Path) -> dict[str, Any]:
    """What the sidecar of a document says; nothing where there is none. Raises ValueError."""
    beside = sidecar(path)
    if not beside.is_file():
        return {}
    said = json.loads(beside.read_bytes())
    if not isinstance(said, dict):
        raise ValueError("not a JSON object")
    return said


def _canonical(body: bytes) -> str | None:
    """The URL an HTML page gives as its own: a canonical link, else og:url; None where neither is one."""
    found: dict[str, str] = {}
    for tag, inside in _LINK.findall(body[:_HEAD]):
        said = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(inside)}
        if tag.lower() == b"link" and b"canonical" in said.get(b"rel", b"").lower().split():
            found.setdefault("canonical", html.unescape(said.get(b"href", b"").decode("utf-8", "replace")))
        elif said.get(b"property", b"").lower() == b"og:url":
            found.setdefault("og", html.unescape(said.get(b"content", b"").decode("utf-8", "replace")))
    for key in ("canonical", "og"):
        try:
            normalise(found[key])
            return found[key]
        except (KeyError, ValueError):
            continue
    return None


def _text_type(body: bytes) -> str:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "text/plain"
    return "text/plain; charset=utf-8"


def _slug(source: Any) -> str:
    """A source's name as an id."""
    name = re.sub(r"[^\w.]+", "-", str(source or "").strip().lower()).strip("-.")
    return name or UNKNOWN_SOURCE
