"""Ingest: files handed in → links and fetches, archived as if they had been fetched.

A record of a WARC that a server answered with a page is a fetch; so are HTML and text files, and the rows of tables,
archived as ``resource`` records. What else a crawled WARC holds (redirects, pictures) stays in its file, without rows.
In an archive of ours, metadata records say how each page was found: its links come back as they were (``hints``).
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from urllib.parse import urlsplit

from pipeline.collect import feeds, hints, media, sitemaps
from pipeline.collect.archive import ArchiveWriter
from pipeline.collect.documents import UNKNOWN_SOURCE, Documents, fetch_of, link_of
from pipeline.collect.exchange import outcome_of, printable
from pipeline.collect.files import IngestBatch, InputFile
from pipeline.collect.reader import UNDATED, Document, blocks, is_recordwise, scan
from pipeline.collect.urls import as_given, source_of
from pipeline.errors import InputError, NotAnArchive, StoreError
from pipeline.records import Fetch, Link, Reject

Record = Fetch | Link | Reject

_SHARD = "0"
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
                    yield from Documents(batch, file, writer, clock(), hosts, max_bytes).read()
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
    linked: set[tuple[str, str, str]] = set()
    try:
        for document, said in _with_fields(scan(source, largest=max_bytes)):
            kind = _kind(document, said)
            if kind is None:
                continue
            if document.record_id in seen:
                document.problem = f"another record has the id {document.record_id}"
            seen.add(document.record_id)
            yield from _answered(file, document, kind, warc_file, hosts, linked, said)
    except NotAnArchive as error:
        raise NotAnArchive(str(error).replace(str(source), str(file.path))) from None


def _with_fields(documents: Iterator[Document]) -> Iterator[tuple[Document, list[dict[str, str]]]]:
    """Answers, each with what the metadata records that follow it say of it."""
    held: Document | None = None
    said: list[dict[str, str]] = []
    for document in documents:
        if document.record_type in ("request", "metadata"):
            if held is not None and document.fields and held.record_id in document.concurrent_to:
                said.append(document.fields)
            continue
        if held is not None:
            yield held, said
        held, said = document, []
    if held is not None:
        yield held, said


def _rewritten(file: InputFile, writer: ArchiveWriter, relative_to: Path) -> Path:
    """The WARC record by record, each compressed alone, in one file."""
    placed = None
    for headers, block in blocks(file.path):
        with SpooledTemporaryFile(16_000_000) as held:
            shutil.copyfileobj(block, held)
            length = held.tell()
            held.seek(0)
            placed = writer.again(headers, held, length)
    for _ in scan(file.path, largest=0):
        # Only scanning to the end tells whether it breaks off.
        pass
    writer.close()
    if placed is None:
        raise NotAnArchive(f"{file.path}: not a WARC file")
    return relative_to / placed.warc_file


def _kind(document: Document, said: list[dict[str, str]]) -> str | None:
    """What a record of a WARC was fetched as; None for what makes no row."""
    if document.record_type == "revisit":
        return said[0]["kind"] if hints.is_ours(said) else None
    if document.record_type not in ("response", "resource", "conversion"):
        return None
    if document.problem:
        return "article"
    if document.status_code is not None and 300 <= document.status_code < 400:
        return None
    if hints.is_ours(said):
        return said[0]["kind"]
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
    file: InputFile,
    document: Document,
    kind: str,
    warc_file: str,
    hosts: Mapping[str, str],
    linked: set[tuple[str, str, str]],
    said: list[dict[str, str]],
) -> Iterator[Record]:
    """The rows of a WARC record, beside which metadata records may have `said` how it was found."""
    raw = document.target_uri
    reason, problem, url = "malformed_record", _problem(document), ""
    if problem is None:
        try:
            url = as_given(raw)
        except ValueError as error:
            reason, problem = "invalid_url", str(error)
    if problem is not None:
        yield Reject(
            step="ingest",
            url=raw or file.name,
            rejected_at=document.date,
            reason=reason,
            detail=problem,
            evidence=f"{file.name}, record {document.record_id} at byte {document.offset}",
        )
        return
    fetch = _fetch(document, kind, url, source_of(url, hosts) or UNKNOWN_SOURCE)
    fetch.warc_file, fetch.warc_offset = warc_file, document.offset
    if hints.is_ours(said):
        hints.complete(fetch, said[0], is_registered=fetch.source_id in hosts.values())
        # Where nothing led to it, it is a later visit: its discovery stands in the archive of an earlier batch.
        found = [link for each in said if (link := hints.link_again(fetch, each))]
    else:
        found = [link_of(fetch, "archive", file.name, raw)]
    yield fetch
    if fetch.kind != "article":
        return
    for link in found:
        key = link.url, link.discovered_via, link.discovered_in
        if key not in linked:
            linked.add(key)
            yield link


def _problem(document: Document) -> str | None:
    """Why a record gives no row."""
    if document.problem is None and document.date == UNDATED:
        return "the record has no date"
    if document.problem is None and document.status_code is not None and not 200 <= document.status_code <= 599:
        return f"no such status: {document.status_code}"
    return document.problem


def _fetch(document: Document, kind: str, url: str, source_id: str) -> Fetch:
    """The fetch that a record is of, as far as the record itself tells."""
    retry_after = document.header("retry-after") is not None
    outcome = outcome_of(document.status_code, retry_after=retry_after) if document.status_code else "fetched"
    if outcome == "fetched" and document.is_cut:
        outcome = "too_large"
    fetch = fetch_of(document.record_id, url, source_id, document.date, document.body, kind=kind)
    fetch.outcome, fetch.status_code = outcome, document.status_code
    fetch.content_type = document.content_type
    fetch.etag, fetch.last_modified = printable(document.header("etag")), printable(document.header("last-modified"))
    if outcome == "too_large":
        fetch.content_hash, fetch.detail = None, f"the body is cut off at {len(document.body)} bytes"
    if document.record_type == "revisit":
        length = document.header("content-length") or ""
        fetch.body_bytes = int(length) if document.status_code != 304 and re.fullmatch(r"\d{1,15}", length) else None
        fetch.content_type = media.declared(document.header("content-type"))[0]
        fetch.content_hash = None
    return fetch
