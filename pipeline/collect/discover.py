"""Discover: what registered sources list → links. Feeds, and the sitemaps of the register and of robots.txt."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from datetime import datetime, timedelta

from pipeline.collect import feeds, sitemaps
from pipeline.collect.feeds import Entry, Listing
from pipeline.collect.schedule import GOT, after_feed
from pipeline.collect.state import Known
from pipeline.collect.streams import merged
from pipeline.collect.urls import normalise
from pipeline.collect.web import Answer, Web
from pipeline.records import Fetch, Link, Reject, Source

Record = Fetch | Link | Reject

MOST_SITEMAPS = 50
"""Sitemaps read for one source in one batch; the newest of an index come first."""

MOST_UNDATED = 1000
"""Entries without a date taken of one sitemap: such a sitemap lists a whole site, not its news."""

_DEEPEST = 3


def discover(
    sources: Iterable[Source],
    web: Web,
    feed_state: Callable[[str], Known | None],
    *,
    feed_hours: float,
    sitemap_days: float = 30.0,
    until: datetime | None = None,
) -> AsyncGenerator[Record, None]:
    """Links of the sources, with every request made for them and every reject.

    `feed_state` gives what is known of a feed or sitemap. With `until`, only those due by then are asked for; without,
    all. Entries of sitemaps older than `sitemap_days` are left aside, and counted in a reject.
    """
    seen: set[str] = set()
    rounds = [_Round(source, web, feed_state, feed_hours, sitemap_days, until, seen) for source in sources]
    return merged(r.run() for r in rounds)


class _Round:
    """One source's listings, asked for one after another."""

    def __init__(
        self,
        source: Source,
        web: Web,
        feed_state: Callable[[str], Known | None],
        feed_hours: float,
        sitemap_days: float,
        until: datetime | None,
        seen: set[str],
    ) -> None:
        self.source = source
        self.web = web
        self.feed_state = feed_state
        self.feed_hours = feed_hours
        self.window = timedelta(days=sitemap_days)
        self.until = until
        # Listings asked for in this call, by any source: one that two sources share is read once.
        self.seen = seen
        self.sitemaps_left = MOST_SITEMAPS
        self.sitemaps_unread = 0

    async def run(self) -> AsyncGenerator[Record, None]:
        """Everything found for the source."""
        named = list(self.source.sitemaps)
        if start := self.source.homepage or next(iter(self.source.feeds), None):
            try:
                rules, fetches = await self.web.robots(normalise(start), self.source.source_id)
            except ValueError as error:
                yield self._invalid(start, str(error), self.web.now(), "the register of sources")
            else:
                named += rules.sitemaps
                for fetch in fetches:
                    yield fetch
        for raw in self.source.feeds:
            async for record in self._listed(raw, "feed", start):
                yield record
        for raw in named:
            async for record in self._listed(raw, "sitemap", start):
                yield record
        if self.sitemaps_unread:
            yield Reject(
                step="discover",
                url=start or self.source.source_id,
                source_id=self.source.source_id,
                rejected_at=self.web.now(),
                reason="outside_window",
                detail=f"{self.sitemaps_unread} sitemaps are more than the {MOST_SITEMAPS} read in a batch",
            )

    async def _listed(self, raw: str, kind: str, start: str | None) -> AsyncGenerator[Record, None]:
        try:
            url = normalise(raw, start)
        except ValueError as error:
            yield self._invalid(raw, str(error), self.web.now(), "the register of sources or robots.txt")
            return
        async for record in self._poll(url, kind):
            yield record

    async def _poll(
        self, url: str, kind: str, depth: int = 1, modified: Entry | None = None
    ) -> AsyncGenerator[Record, None]:
        """A feed or sitemap, and what it lists."""
        known = self.feed_state(url)
        if url in self.seen or not self._is_wanted(known, modified):
            return
        self.seen.add(url)
        if kind == "sitemap":
            if self.sitemaps_left <= 0:
                self.sitemaps_unread += 1
                return
            self.sitemaps_left -= 1
        answer = await self.web.get(
            url,
            kind=kind,
            source_id=self.source.source_id,
            etag=known.etag if known else None,
            last_modified=known.last_modified if known else None,
            content_hash=known.content_hash if known else None,
        )
        last = answer.last
        last.next_fetch_at = after_feed(last.fetched_at, feed_hours=self.feed_hours, retry_after=answer.retry_after)
        for fetch in answer.fetches:
            yield fetch
        if last.outcome not in ("fetched", "unchanged"):
            return
        listing, via = _read(answer, kind)
        if listing.problem:
            yield self._reject(last, url, "malformed_feed", listing.problem)
        if last.outcome == "fetched":
            for found in self._links(listing, last, via):
                yield found
        async for record in self._children(listing, last, depth):
            yield record

    def _is_wanted(self, known: Known | None, modified: Entry | None) -> bool:
        if known is None or known.last_fetched_at is None:
            return True
        if modified and modified.modified and known.outcome in GOT:
            # A day without a time may be any time of that day.
            latest = modified.modified + (timedelta(days=1) if modified.modified_on else timedelta())
            return latest > known.last_fetched_at
        return self.until is None or known.next_fetch_at is None or known.next_fetch_at <= self.until

    async def _children(self, listing: Listing, fetch: Fetch, depth: int) -> AsyncGenerator[Record, None]:
        if not listing.children:
            return
        recent = [c for c in listing.children if not self._is_old(c, fetch.fetched_at)]
        recent.sort(key=lambda c: (c.modified is None, -(c.modified.timestamp() if c.modified else 0.0), c.link))
        read = recent[: self.sitemaps_left] if depth < _DEEPEST else []
        if left := len(listing.children) - len(read):
            detail = f"{left} of the {len(listing.children)} sitemaps named are old, or more than are read in a batch"
            yield self._reject(fetch, fetch.url, "outside_window", detail)
        for child in read:
            try:
                url = normalise(child.link, fetch.final_url)
            except ValueError as error:
                yield self._invalid(child.link, str(error), fetch.fetched_at, fetch.url, fetch)
                continue
            async for record in self._poll(url, "sitemap", depth + 1, child):
                yield record

    def _links(self, listing: Listing, fetch: Fetch, via: str) -> Iterator[Link | Reject]:
        found: set[str] = set()
        aside = undated = 0
        for entry in listing.entries:
            if via != "feed":
                undated += _is_undated(entry)
                if self._is_old(entry, fetch.fetched_at) or (_is_undated(entry) and undated > MOST_UNDATED):
                    aside += 1
                    continue
            raw = entry.link.encode("utf-8", "replace").decode()
            if not raw:
                if "" not in found:
                    yield self._reject(fetch, fetch.url, "malformed_feed", "an entry has no link", entry.title)
                    found.add("")
                continue
            try:
                url = normalise(raw, fetch.final_url)
            except ValueError as error:
                if raw not in found:
                    yield self._invalid(raw, str(error), fetch.fetched_at, entry.title or fetch.url, fetch)
                    found.add(raw)
                continue
            if url in found:
                continue
            found.add(url)
            yield Link(
                url=url,
                source_id=self.source.source_id,
                discovered_at=fetch.fetched_at,
                discovered_via=via,
                discovered_in=fetch.url,
                discovered_url=raw,
                title_hint=entry.title,
                published_hint=entry.published,
                modified_hint=entry.modified,
            )
        if aside:
            detail = f"{aside} of {len(listing.entries)} entries are old, or undated and more than {MOST_UNDATED}"
            yield self._reject(fetch, fetch.url, "outside_window", detail)

    def _is_old(self, entry: Entry, now: datetime) -> bool:
        newest = max((t for t in (entry.modified, entry.published) if t), default=None)
        return newest is not None and newest < now - self.window

    def _reject(self, fetch: Fetch, url: str, reason: str, detail: str, evidence: str | None = None) -> Reject:
        return Reject(
            step="discover",
            url=url,
            source_id=self.source.source_id,
            fetch_id=fetch.fetch_id,
            rejected_at=fetch.fetched_at,
            reason=reason,
            detail=detail,
            evidence=evidence,
        )

    def _invalid(self, raw: str, detail: str, at: datetime, evidence: str, fetch: Fetch | None = None) -> Reject:
        return Reject(
            step="discover",
            url=raw,
            source_id=self.source.source_id,
            fetch_id=fetch.fetch_id if fetch else None,
            rejected_at=at,
            reason="invalid_url",
            detail=detail,
            evidence=evidence,
        )


def _is_undated(entry: Entry) -> bool:
    return entry.modified is None and entry.published is None


def _read(answer: Answer, kind: str) -> tuple[Listing, str]:
    """What a document lists, and as what: some publish a sitemap as a feed, and a feed as a sitemap."""
    body = answer.body
    as_sitemap = (kind == "sitemap" or sitemaps.is_sitemap(body)) and not feeds.is_feed(body)
    if not as_sitemap:
        return feeds.parse(body, answer.charset), "feed"
    listing = sitemaps.parse(body)
    return listing, "news_sitemap" if listing.is_news else "sitemap"
