"""A page: what the archive gives to clean. The one record without a table."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.records import Fetch, Link, Source


@dataclass(slots=True, kw_only=True)
class Page:
    """One archived document, with what was known of it before it was opened."""

    fetch: Fetch
    """The fetch that got it: URL, final URL, time, content type."""
    body: bytes
    """The decoded body (no transfer or content encoding)."""
    charset: str | None = None
    """The charset the server declared, if any; it may be wrong."""
    links: list[Link] = field(default_factory=list)
    """How the URL was discovered: title and date hints."""
    source: Source | None = None
    """The publisher, where it is registered."""
