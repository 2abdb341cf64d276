"""Listings: what a feed or sitemap that was read gives: links, the rejects among its entries, and how many were new."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.collect import feeds, sitemaps
from pipeline.collect.feeds import Entry, Listing
from pipeline.collect.schedule import Listed
from pipeline.collect.urls import host_of, normalise
from pipeline.collect.web import Answer
from pipeline.records import Fetch, Link, Reject, Source

MOST_UNDATED = 1000
"""Entries without a date taken of one sitemap: such a sitemap lists a whole site, not its news."""


@dataclass(kw_only=True)
class Reading:
    """Takes listings apart for one source."""

    source_id: str
    window: timedelta
    """Entries of sitemaps older than this are left aside, and counted in a reject."""
    seen: Callable[[Collection[str]], Collection[str]] | None = None
    """Which URLs earlier batches knew."""
    owners: Mapping[str, str] = field(default_factory=dict)
    """Sources by the host of their front page: an entry that points to another source is that one's."""

    def take(self, listing: Listing, fetch: Fetch, via: str) -> tuple[list[Link], list[Reject]]:
        """Its links, each URL once, and its rejects. Says in `fetch` how many there are, and how many were known."""
        links: dict[str, Link] = {}
        rejects: dict[str, Reject] = {}
        aside = undated = 0
        for entry in listing.entries:
            if via != "feed":
                undated += _is_undated(entry)
                if self.is_old(entry, fetch.fetched_at) or (_is_undated(entry) and undated > MOST_UNDATED):
                    aside += 1
                    continue
            raw = entry.link.encode("utf-8", "replace").decode()
            if raw in rejects:
                continue
            if not raw:
                rejects[raw] = self.reject(fetch, fetch.url, "malformed_feed", "an entry has no link", entry.title)
                continue
            try:
                url = normalise(raw, fetch.final_url)
            except ValueError as error:
                rejects[raw] = self.invalid(raw, str(error), fetch.fetched_at, entry.title or fetch.url, fetch)
                continue
            if url not in links:
                links[url] = self._link(url, raw, entry, fetch, via)
        if aside:
            detail = f"{aside} of {len(listing.entries)} entries are old, or undated and more than {MOST_UNDATED}"
            # An entry's raw link cannot be this.
            rejects["\n"] = self.reject(fetch, fetch.url, "outside_window", detail)
        fetch.entry_count = len(links)
        if self.seen is not None:
            fetch.known_entry_count = len(self.seen(links.keys()))
        return list(links.values()), list(rejects.values())

    def is_old(self, entry: Entry, now: datetime) -> bool:
        """Whether an entry lies outside the window."""
        newest = max((t for t in (entry.modified, entry.published) if t), default=None)
        return newest is not None and newest < now - self.window

    def reject(self, fetch: Fetch, url: str, reason: str, detail: str, evidence: str | None = None) -> Reject:
        """What did not go on of a listing."""
        return Reject(
            step="discover",
            url=url,
            source_id=self.source_id,
            fetch_id=fetch.fetch_id,
            rejected_at=fetch.fetched_at,
            reason=reason,
            detail=detail,
            evidence=evidence,
        )

    def invalid(self, raw: str, detail: str, at: datetime, evidence: str, fetch: Fetch | None = None) -> Reject:
        """An address that is none."""
        return Reject(
            step="discover",
            url=raw,
            source_id=self.source_id,
            fetch_id=fetch.fetch_id if fetch else None,
            rejected_at=at,
            reason="invalid_url",
            detail=detail,
            evidence=evidence,
        )

    def _link(self, url: str, raw: str, entry: Entry, fetch: Fetch, via: str) -> Link:
        return Link(
            url=url,
            source_id=self.owners.get(bare_host(url), self.source_id),
            discovered_at=fetch.fetched_at,
            discovered_via=via,
            discovered_in=fetch.url,
            discovered_url=raw,
            title_hint=entry.title,
            published_hint=entry.published,
            modified_hint=entry.modified,
        )


def read(answer: Answer, kind: str) -> tuple[Listing, str]:
    """What a document lists, and as what: some publish a sitemap as a feed, and a feed as a sitemap."""
    body = answer.body
    as_sitemap = (kind == "sitemap" or sitemaps.is_sitemap(body)) and not feeds.is_feed(body)
    if not as_sitemap:
        return feeds.parse(body, answer.charset), "feed"
    listing = sitemaps.parse(body)
    return listing, "news_sitemap" if listing.is_news else "sitemap"


def listed(fetch: Fetch, links: Collection[Link]) -> Listed:
    """What `schedule` asks of a listing that was taken apart."""
    times = [t for link in links if (t := link.published_hint or link.modified_hint) is not None]
    return Listed(count=fetch.entry_count or 0, known=fetch.known_entry_count or 0, times=times)


def owners(sources: Iterable[Source]) -> dict[str, str]:
    """Sources by the host of their front page, where it is that of no other source."""
    found: dict[str, set[str]] = {}
    for source in sources:
        if source.homepage and (host := bare_host(source.homepage)):
            found.setdefault(host, set()).add(source.source_id)
    return {host: next(iter(ids)) for host, ids in found.items() if len(ids) == 1}


def bare_host(url: str) -> str:
    """The host without the ``www.`` that says nothing."""
    return host_of(url).removeprefix("www.")


def _is_undated(entry: Entry) -> bool:
    return entry.modified is None and entry.published is None
