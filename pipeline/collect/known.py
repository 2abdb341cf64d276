"""What the state knows of one URL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.collect.schedule import GOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one URL. What is said of listings is None for articles."""

    url: str
    source_id: str
    first_seen_at: datetime | None = None
    """When it was first discovered; None for what was fetched but never discovered (feeds)."""
    published_hint: datetime | None = None
    modified_hint: datetime | None = None
    first_fetched_at: datetime | None = None
    """The first time that it came."""
    last_fetched_at: datetime | None = None
    """The last attempt; None: never attempted."""
    outcome: str | None = None
    """How the last attempt ended."""
    next_fetch_at: datetime | None = None
    got_at: datetime | None = None
    """The last time that it answered with what it holds, be it a 304; the validators are of then."""
    etag: str | None = None
    last_modified: str | None = None
    stored_at: datetime | None = None
    """The last time that a new body came; the archive has it."""
    body_at: datetime | None = None
    """The last time that a body came; the hash and the number of entries are of then."""
    content_hash: str | None = None
    entry_count: int | None = None
    """Entries that a listing had; 0 for an index of sitemaps and for a front page."""
    news_at: datetime | None = None
    """The last time that a listing had entries that no earlier batch knew."""
    news_next_at: datetime | None = None
    """When it was to be asked again after that."""
    news_count: int | None = None
    """Entries that it had then."""
    distrusted_at: datetime | None = None
    """The last time that a listing's validators were caught lying."""

    def is_due(self, until: datetime) -> bool:
        """Whether it is pending, or due again by then."""
        return self.last_fetched_at is None or (self.next_fetch_at is not None and self.next_fetch_at <= until)

    @property
    def wait(self) -> timedelta | None:
        """How long it was to be left alone after the last attempt."""
        if self.last_fetched_at is None or self.next_fetch_at is None:
            return None
        return self.next_fetch_at - self.last_fetched_at

    @property
    def last_wait(self) -> timedelta | None:
        """How long a URL in trouble was left alone; None for one that is not."""
        return None if self.outcome in GOT else self.wait

    @property
    def rhythm(self) -> timedelta | None:
        """How long a listing was left alone after the last time that it brought something new."""
        return None if self.news_at is None or self.news_next_at is None else self.news_next_at - self.news_at
