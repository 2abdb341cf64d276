"""Discover: what registered sources list → links. Feeds, and the sitemaps of the register and of robots.txt.

A source that names neither is asked for its front page, and the feeds that are linked there.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.collect import listings
from pipeline.collect.feeds import Entry, Listing
from pipeline.collect.known import Known
from pipeline.collect.listings import MOST_UNDATED, Reading
from pipeline.collect.schedule import GOT, TROUBLED, Listed, after_index, after_listing, asks_plainly
from pipeline.collect.state_tables import LYING
from pipeline.collect.streams import merged
from pipeline.collect.survey import feeds_in
from pipeline.collect.urls import normalise, origin_of
from pipeline.collect.web import Answer, Web
from pipeline.records import Fetch, Link, Reject, Source

__all__ = ["MOST_SITEMAPS", "MOST_UNDATED", "discover"]

Record = Fetch | Link | Reject

MOST_SITEMAPS = 50
"""Sitemaps read for one source in one batch; the newest of an index come first."""

MOST_NAMED = 1000
"""Sitemaps of an index that are looked at, the newest: each may have its turn in one of the next batches."""

MOST_LINKED = 10
"""Feeds read of those that a front page links to."""

_DEEPEST = 3


def discover(
    sources: Iterable[Source],
    web: Web,
    feed_state: Callable[[str], Known | None],
    *,
    feed_hours: float,
    sitemap_days: float = 30.0,
    until: datetime | None = None,
    seen: Callable[[Collection[str]], Collection[str]] | None = None,
    owners: Mapping[str, str] | None = None,
) -> AsyncGenerator[Record, None]:
    """Links of the sources, with every request made for them and every reject.

    `feed_state` gives what is known of a listing, `seen` which article URLs earlier batches knew. With `until`, only
    listings due by then are asked for; without, all. Entries of sitemaps older than `sitemap_days` are left aside, and
    counted in a reject. `owners` are sources by the host of their front page. What is left when a budget is spent, or a
    host asks to be left alone, stays due.
    """
    call = _Call(web, feed_state, feed_hours, timedelta(days=sitemap_days), until, seen, owners or {})
    return merged(_Round(source, call).run() for source in sources)


@dataclass
class _Call:
    """What the rounds of one call share."""

    web: Web
    feed_state: Callable[[str], Known | None]
    feed_hours: float
    window: timedelta
    until: datetime | None
    seen: Callable[[Collection[str]], Collection[str]] | None
    owners: Mapping[str, str]
    asked: set[str] = field(default_factory=set)
    """Listings asked for, by any source: one that two sources share is read once."""


class _Round:
    """One source's listings, asked for one after another."""

    def __init__(self, source: Source, call: _Call) -> None:
        self.source = source
        self.call = call
        self.web = call.web
        self.reading = Reading(
            source_id=source.source_id, window=call.window, seen=call.seen, owners=call.owners
        )  # fmt: skip
        self.sitemaps_left = MOST_SITEMAPS
        self.sitemaps_unread = 0

    async def run(self) -> AsyncGenerator[Record, None]:
        """Everything found for the source."""
        named = list(self.source.sitemaps)
        if start := self.source.homepage or next(iter(self.source.feeds), None):
            try:
                if self._is_left_alone(normalise(start)):
                    return
                rules, fetches = await self.web.robots(normalise(start), self.source.source_id)
            except ValueError as error:
                yield self.reading.invalid(start, str(error), self.web.now(), "the register of sources")
                start = None
            else:
                named += rules.sitemaps
                if fetches and fetches[-1].outcome in TROUBLED:
                    before = self.call.feed_state(fetches[-1].url)
                    fetches[-1].next_fetch_at = after_listing(
                        fetches[-1].outcome, fetches[-1].fetched_at, known=before, feed_hours=self.call.feed_hours
                    )
                for fetch in fetches:
                    yield fetch
        listings_ = [(raw, "feed") for raw in self.source.feeds] + [(raw, "sitemap") for raw in named]
        if not listings_ and start and self.source.homepage:
            listings_ = [(self.source.homepage, "homepage")]
        for raw, kind in listings_:
            async for record in self._listed(raw, kind, start):
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

    def _is_left_alone(self, start: str) -> bool:
        """Whether the site was in trouble, and neither its robots.txt nor anything registered is due again."""
        robots = self.call.feed_state(f"{origin_of(start)}/robots.txt")
        if robots is None or robots.outcome not in TROUBLED or self._is_wanted(robots, None):
            return False
        for raw in [*self.source.feeds, *self.source.sitemaps] or [start]:
            try:
                if self._is_wanted(self.call.feed_state(normalise(raw, start)), None):
                    return False
            except ValueError:
                continue
        return True

    async def _listed(self, raw: str, kind: str, start: str | None) -> AsyncGenerator[Record, None]:
        try:
            url = normalise(raw, start)
        except ValueError as error:
            yield self.reading.invalid(raw, str(error), self.web.now(), "the register of sources or robots.txt")
            return
        async for record in self._poll(url, kind, []):
            yield record

    async def _poll(
        self, url: str, kind: str, due: list[datetime], depth: int = 1, modified: Entry | None = None
    ) -> AsyncGenerator[Record, None]:
        """A listing, and what it lists. Adds to `due` when it is asked again."""
        known = self.call.feed_state(url)
        if url in self.call.asked:
            return
        if not self._is_wanted(known, modified):
            if known and known.next_fetch_at:
                due.append(known.next_fetch_at)
            return
        if self.web.spent(url):
            return
        if kind == "sitemap":
            if self.sitemaps_left <= 0:
                self.sitemaps_unread += 1
                return
            self.sitemaps_left -= 1
        self.call.asked.add(url)
        answer = await self._get(url, kind, known)
        last = answer.last
        for fetch in answer.fetches[:-1]:
            yield fetch
        if last.outcome not in ("fetched", "unchanged"):
            last.next_fetch_at = self._again(answer, known)
            due.append(last.next_fetch_at)
            yield last
            return
        listing, via = _linked(answer) if kind == "homepage" else listings.read(answer, kind)
        links, rejects = self.reading.take(listing, last, via)
        if _is_lying(known, last):
            last.detail = f"{last.detail}; {LYING}" if last.detail else LYING
        below: list[datetime] = []
        async for record in self._children(listing, last, depth, below):
            yield record
        if below:
            last.next_fetch_at = after_index(last.fetched_at, below, feed_hours=self.call.feed_hours)
        else:
            last.next_fetch_at = self._again(answer, known, listings.listed(last, links), listing.ttl)
        due.append(last.next_fetch_at)
        for found in self._found(last, listing, links, rejects):
            yield found

    def _found(self, last: Fetch, listing: Listing, links: list[Link], rejects: list[Reject]) -> Iterator[Record]:
        """The records of a listing that was read; of an unchanged one, its links stand in the lake already."""
        yield last
        if listing.problem:
            yield self.reading.reject(last, last.url, "malformed_feed", listing.problem)
        if last.outcome == "fetched":
            yield from links
            yield from rejects

    async def _get(self, url: str, kind: str, known: Known | None) -> Answer:
        is_plain = known is None or asks_plainly(known, self.web.now())
        return await self.web.get(
            url,
            kind=kind,
            source_id=self.source.source_id,
            etag=known.etag if known and not is_plain else None,
            last_modified=known.last_modified if known and not is_plain else None,
            content_hash=known.content_hash if known else None,
            fetched_before=known.stored_at if known else None,
        )

    def _again(
        self, answer: Answer, known: Known | None, listed: Listed | None = None, ttl: timedelta | None = None
    ) -> datetime:
        # A robots.txt that could not be read is trouble, not a rule.
        last = answer.last
        outcome = "server_error" if answer.temporary and last.outcome == "robots_disallowed" else last.outcome
        return after_listing(
            outcome,
            last.fetched_at,
            known=known,
            feed_hours=self.call.feed_hours,
            listed=listed,
            keep=max(ttl or timedelta(), timedelta(seconds=answer.max_age or 0)),
            retry_after=answer.retry_after,
        )

    def _is_wanted(self, known: Known | None, modified: Entry | None) -> bool:
        if known is None or known.last_fetched_at is None:
            return True
        # What an index says may bring it forward; that it does not forbids nothing: many never move a date.
        if modified and known.outcome in GOT and self._is_newer(modified, known.last_fetched_at):
            return True
        return self.call.until is None or known.next_fetch_at is None or known.next_fetch_at <= self.call.until

    def _is_newer(self, child: Entry, than: datetime) -> bool:
        if child.modified is None or child.modified > self.web.now():
            return False
        # A day without a time may be any time of that day.
        return child.modified + (timedelta(days=1) if child.modified_on else timedelta()) > than

    def _first(self, child: Entry, base: str | None) -> tuple[bool, float, str]:
        """The order in which sitemaps of an index have their turn: new and changed ones by date, then the overdue."""
        try:
            known = self.call.feed_state(normalise(child.link, base))
        except ValueError:
            known = None
        changed = child.modified.timestamp() if child.modified and child.modified <= self.web.now() else 0.0
        if known is None or known.last_fetched_at is None or self._is_newer(child, known.last_fetched_at):
            return False, -changed, child.link
        return True, known.next_fetch_at.timestamp() if known.next_fetch_at else 0.0, child.link

    async def _children(
        self, listing: Listing, fetch: Fetch, depth: int, due: list[datetime]
    ) -> AsyncGenerator[Record, None]:
        """What the listings give that a listing names."""
        if not listing.children:
            return
        kind = "feed" if fetch.kind == "homepage" else "sitemap"
        recent = [c for c in listing.children if not self.reading.is_old(c, fetch.fetched_at)]
        if kind == "sitemap":
            recent.sort(key=lambda c: (c.modified is None, -(c.modified.timestamp() if c.modified else 0.0), c.link))
            recent = sorted(recent[:MOST_NAMED], key=lambda c: self._first(c, fetch.final_url))
        else:
            recent = recent[:MOST_LINKED]
        # How many of them are read is for `_poll` to say: those that are not due take no other's turn.
        read = recent if depth < _DEEPEST else []
        if left := len(listing.children) - len(read):
            detail = f"{left} of the {len(listing.children)} {kind}s named are old, too deep, or too many to look at"
            yield self.reading.reject(fetch, fetch.url, "outside_window", detail)
        for child in read:
            try:
                url = normalise(child.link, fetch.final_url)
            except ValueError as error:
                yield self.reading.invalid(child.link, str(error), fetch.fetched_at, fetch.url, fetch)
                continue
            async for record in self._poll(url, kind, due, depth + 1, child):
                yield record


def _is_lying(known: Known | None, fetch: Fetch) -> bool:
    """Whether the validators are those of the last time though there are entries that were not there then."""
    if known is None or known.got_at is None or fetch.outcome != "fetched":
        return False
    validators = fetch.etag, fetch.last_modified
    has_news = fetch.known_entry_count is not None and (fetch.entry_count or 0) > fetch.known_entry_count
    return any(validators) and validators == (known.etag, known.last_modified) and has_news


def _linked(answer: Answer) -> tuple[Listing, str]:
    """The feeds that a front page links to."""
    found = feeds_in(answer.body, answer.last.final_url or answer.last.url)
    problem = None if found else "the front page names no feed"
    return Listing(children=[Entry(link=url) for url in found], problem=problem), "page"
