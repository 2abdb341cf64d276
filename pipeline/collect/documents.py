"""Documents that no server answered: HTML and text files, rows of tables. Each is archived as a resource record."""

from __future__ import annotations

import gzip
import html
import json
import re
import uuid
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.collect import feeds, media
from pipeline.collect.archive import ArchiveWriter
from pipeline.collect.files import IngestBatch, InputFile, sidecar
from pipeline.collect.rows import as_json, rows, when
from pipeline.collect.urls import as_given, host_of, normalise, source_of
from pipeline.errors import InputError
from pipeline.records import Fetch, Link, Reject

UNKNOWN_SOURCE = "unknown"
"""source_id of a document that has neither a URL nor a source."""

_HEAD = 262_144
_LINK = re.compile(rb"<(link|meta)\b([^<>]*)>", re.I)
_ATTRIBUTE = re.compile(rb"([a-zA-Z:_-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")


class Documents:
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

    def read(self) -> Iterator[Fetch | Link | Reject]:
        """Their rows."""
        if self.file.kind in ("html", "text"):
            yield from self._document()
            return
        for number, row in rows(self.file, longest=self.max_bytes):
            yield from self._row(number, row)

    def _document(self) -> Iterator[Fetch | Link | Reject]:
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

    def _row(self, number: int, row: dict[str, Any] | str) -> Iterator[Fetch | Link | Reject]:
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
    ) -> Iterator[Fetch | Link | Reject]:
        """A document put into the archive."""
        urn = f"urn:sha256:{sha256(body).hexdigest()}"
        raw = str(raw).encode("utf-8", "replace").decode() if raw else urn
        try:
            url = as_given(raw)
        except ValueError as error:
            yield self._rejected("invalid_url", str(error), self.file.name + place, raw)
            return
        source_id = source_of(url, self.hosts) if host_of(url) else _slug(said.get("source"))
        # The same files again make the same ids.
        fetch_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.batch.batch_id}/{self.file.name}{place}"))
        placed = self.writer.resource(url, at, content_type=content_type, body=body, record_id=fetch_id)
        fetch = fetch_of(placed.record_id, url, source_id, at, body, kind="article")
        fetch.content_type = media.declared(content_type)[0]
        fetch.warc_file, fetch.warc_offset = placed.warc_file, placed.offset
        yield fetch
        if url not in self.linked:
            self.linked.add(url)
            link = link_of(fetch, "file", self.file.name, raw)
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


def fetch_of(fetch_id: str, url: str, source_id: str, at: datetime, body: bytes, *, kind: str) -> Fetch:
    """The fetch of a document that is there."""
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


def link_of(fetch: Fetch, via: str, name: str, raw: str) -> Link:
    """The link by which a document was found in a file."""
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
            return normalise(found[key])
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
