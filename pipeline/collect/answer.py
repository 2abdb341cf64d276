"""What came of asking for a URL: an answer read, named and described as a row of ``fetches``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from pipeline.collect import hints, media
from pipeline.collect.archive import ArchiveWriter
from pipeline.collect.exchange import Received, printable, suits
from pipeline.collect.politeness import kept_for, seconds_of
from pipeline.records import Fetch


@dataclass(slots=True, kw_only=True)
class Asked:
    """What is asked for, and what is known of it."""

    url: str
    kind: str
    source_id: str
    conditions: dict[str, str] = field(default_factory=dict)
    """Headers that make the request conditional."""
    content_hash: str | None = None
    fetched_before: datetime | None = None
    """When the body that `conditions` and `content_hash` speak of came."""
    found: Sequence[Mapping[str, str]] = ()
    """How it was discovered, for the archive."""
    max_bytes: int
    max_redirects: int


@dataclass
class Answer:
    """What came of asking for a URL."""

    fetches: list[Fetch] = field(default_factory=list)
    """Every attempt, in order; with those at a robots.txt that had to be read first. The last one counts."""
    body: bytes = b""
    """Decoded; empty unless the outcome is fetched or unchanged."""
    charset: str | None = None
    retry_after: float | None = None
    """Seconds the host asked to be left alone."""
    temporary: bool = False
    """Whether it was not asked for only now: robots.txt could not be read, or a redirect led to a host that rests."""
    max_age: float | None = None
    """Seconds the answer says that it holds for."""
    moved_to: str | None = None
    """Where permanent redirects (301, 308) alone lead, from the first on."""

    @property
    def last(self) -> Fetch:
        """The attempt that counts."""
        return self.fetches[-1]

    def begin(self) -> None:
        """Forget what an earlier attempt brought."""
        self.body, self.charset, self.retry_after = b"", None, None
        self.temporary, self.max_age, self.moved_to = False, None, None


def judge(answer: Answer, fetch: Fetch, got: Received, asked: Asked, now: datetime) -> None:
    """Say in `fetch` and `answer` how an answer that is no redirect ended the attempt."""
    fetch.etag, fetch.last_modified = printable(got.header(b"etag")), printable(got.header(b"last-modified"))
    declared, answer.charset = media.declared(got.header(b"content-type"))
    fetch.outcome = got.outcome
    if got.status == 304 and not asked.conditions:
        # Some cache speaks of what it never gave us: taken as an answer, the page would never be asked for again.
        fetch.outcome = "unasked_not_modified"
        fetch.etag = fetch.last_modified = None
        return
    date = got.header(b"date")
    if got.status in (429, 503) and (said := got.header(b"retry-after")):
        answer.retry_after = seconds_of(said, date, now)
    answer.max_age = kept_for(got.header(b"cache-control"), got.header(b"expires"), date, now)
    if got.unread:
        fetch.content_type, fetch.detail = declared, f"the type is {declared}"
        return
    if got.status != 304:
        fetch.body_bytes = len(got.body)
        fetch.content_type = media.sniffed(declared, got.body[:4096]) if got.body else declared
    if fetch.outcome == "fetched":
        fetch.content_hash = sha256(got.body).hexdigest()
        if fetch.content_type and got.body and not suits(fetch.kind, fetch.content_type):
            fetch.outcome, fetch.detail = "unsupported_type", f"the type is {fetch.content_type}"
            return
        answer.body = got.body
        if fetch.content_hash == asked.content_hash:
            fetch.outcome = "unchanged"
    elif fetch.outcome == "too_large":
        fetch.detail = f"the body is longer than {asked.max_bytes} bytes"
        # Of a robots.txt, the beginning is used.
        answer.body = got.body if fetch.kind == "robots" else b""
    elif fetch.outcome != "not_modified":
        fetch.detail = got.status_line.partition(" ")[2] or None


def keep(archive: ArchiveWriter, asked: Asked, fetch: Fetch, url: str, got: Received) -> None:
    """Archive the answer of `url`, described by `fetch`; the fetch learns where it stands."""
    said = hints.of_fetch(fetch, asked.found)
    is_known = fetch.outcome == "unchanged"
    if fetch.outcome == "not_modified" or is_known:
        placed = archive.revisit(
            url,
            fetch.fetched_at,
            request=got.request,
            status_line=got.status_line,
            headers=got.headers,
            body=got.body if is_known else None,
            refers_to=(url, asked.fetched_before) if asked.fetched_before else None,
            found=said,
        )
    else:
        placed = archive.exchange(
            url,
            fetch.fetched_at,
            request=got.request,
            status_line=got.status_line,
            headers=got.headers,
            body=got.body,
            truncated=got.cut,
            found=said,
        )
    fetch.fetch_id, fetch.warc_file, fetch.warc_offset = placed
