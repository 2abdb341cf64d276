"""Fetch: links → pages. ``plan`` says which URLs are asked for, ``fetch`` asks; what is not asked for stays pending."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from pipeline.collect import hints
from pipeline.collect.known import Known
from pipeline.collect.schedule import TROUBLED, after_article
from pipeline.collect.streams import merged
from pipeline.collect.urls import host_of
from pipeline.collect.web import Web
from pipeline.records import Fetch, Link

HOPELESS_AFTER = 5
"""URLs of a host that fail in a row before the rest of them is left for another batch."""

_TIMES = ("newest_at", "first_fetched_at", "stored_at")

Leave = Callable[[Sequence[str], str], None]
"""Told the URLs that were not asked for, and why: they stay pending, or due."""


@dataclass(slots=True, kw_only=True)
class Target:
    """A URL to ask for, with what is needed to ask well."""

    url: str
    source_id: str
    newest_at: datetime
    """The newest date known of it: hints first, else the time of discovery."""
    etag: str | None = None
    last_modified: str | None = None
    content_hash: str | None = None
    first_fetched_at: datetime | None = None
    stored_at: datetime | None = None
    """When the body came that the archive has of it."""
    last_wait: float | None = None
    """Seconds it was left alone for trouble, if it was."""
    found: list[dict[str, str]] = field(default_factory=list)
    """How this batch found it: what the archive keeps beside the answer."""

    @property
    def host(self) -> str:
        """Its host: what shards are made of."""
        return host_of(self.url)

    def to_json(self) -> dict[str, Any]:
        """As plain values, for `from_json`."""
        plain = asdict(self)
        return plain | {name: plain[name] and plain[name].isoformat() for name in _TIMES}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Target:
        """The target that gave these plain values."""
        times = {name: plain[name] and datetime.fromisoformat(plain[name]) for name in _TIMES}
        return cls(**{**plain, **times})


def plan(
    links: Iterable[Link],
    known: Mapping[str, Known],
    until: datetime,
    *,
    max_articles: int,
    resting: Collection[str] = (),
) -> list[Target]:
    """Which URLs to ask for: new ones, those due by `until`, those said to be modified since. One target a URL.

    `known` holds what the state knows of the links' URLs, and the URLs that are due. At most `max_articles` of a host,
    the newest, and none of those `resting`; sorted by host, newest first, those in trouble last. The order of the links
    makes no difference.
    """
    first: dict[str, Link] = {}
    found: dict[str, dict[str, Link]] = {}
    newest: dict[str, datetime] = {}
    modified: set[str] = set()
    for link in links:
        before = first.get(link.url)
        if before is None or _age(link) < _age(before):
            first[link.url] = link
        places = found.setdefault(link.url, {})
        if link.discovered_in not in places or _age(link) < _age(places[link.discovered_in]):
            places[link.discovered_in] = link
        for hint in (link.published_hint, link.modified_hint):
            # A date to come is no sign of news.
            if hint is not None and hint <= until:
                newest[link.url] = max(hint, newest.get(link.url, hint))
        seen = known.get(link.url)
        if seen and seen.last_fetched_at and link.modified_hint and seen.last_fetched_at < link.modified_hint <= until:
            modified.add(link.url)
    targets = []
    for url in sorted(first.keys() | known.keys()):
        seen, link_ = known.get(url), first.get(url)
        if host_of(url) in resting or (seen is not None and not (seen.is_due(until) or url in modified)):
            continue
        target = _target(url, seen, link_, newest.get(url), until)
        target.found = [hints.of_link(link) for _, link in sorted(found.get(url, {}).items())]
        targets.append(target)
    # Those in trouble come last: else a host's five newest, if they fail for ever, would keep it from giving the rest.
    targets.sort(key=lambda t: (t.host, t.last_wait is not None, -t.newest_at.timestamp(), t.url))
    return [t for _, group in groupby(targets, key=lambda t: t.host) for t in list(group)[:max_articles]]


def by_host(targets: Iterable[Target]) -> list[list[Target]]:
    """The targets of each host, in the order given."""
    hosts: dict[str, list[Target]] = {}
    for target in targets:
        hosts.setdefault(target.host, []).append(target)
    return list(hosts.values())


async def fetch(
    hosts: Iterable[Iterable[Target]],
    web: Web,
    *,
    revisit_hours: Sequence[float],
    feed_hours: float,
    leave: Leave = lambda urls, why: None,
) -> AsyncGenerator[Fetch, None]:
    """Ask for the targets of each host, hosts side by side, URLs of one in the order given. Yields every attempt.

    The last attempt at a URL says when it is due again. A host that answers nothing is left alone for this batch, so is
    one that asks for it, and one whose budget is spent; `leave` is told of each URL left.
    """
    rounds = [_host(targets, web, revisit_hours, feed_hours, leave) for targets in hosts]
    async with aclosing(merged(rounds)) as records:
        async for record in records:
            yield record


async def _host(
    targets: Iterable[Target], web: Web, revisit_hours: Sequence[float], feed_hours: float, leave: Leave
) -> AsyncGenerator[Fetch, None]:
    failures = 0
    waiting = iter(targets)
    for target in waiting:
        if why := web.spent(target.url):
            leave([target.url, *(t.url for t in waiting)], why)
            return
        answer = await web.get(
            target.url,
            kind="article",
            source_id=target.source_id,
            etag=target.etag,
            last_modified=target.last_modified,
            content_hash=target.content_hash,
            fetched_before=target.stored_at,
            found=target.found,
        )
        last = answer.last
        # A robots.txt that could not be read is trouble, not a rule.
        outcome = "server_error" if answer.temporary and last.outcome == "robots_disallowed" else last.outcome
        last.next_fetch_at = after_article(
            outcome,
            last.fetched_at,
            first_fetched_at=target.first_fetched_at,
            last_wait=timedelta(seconds=target.last_wait) if target.last_wait is not None else None,
            revisit_hours=revisit_hours,
            feed_hours=feed_hours,
            retry_after=answer.retry_after,
        )
        for record in answer.fetches:
            yield record
        failures = failures + 1 if outcome in TROUBLED else 0
        if failures >= HOPELESS_AFTER:
            leave([t.url for t in waiting], f"{target.host}: {failures} URLs failed in a row")
            return


def _age(link: Link) -> tuple[datetime, str, str]:
    return link.discovered_at, link.source_id, link.discovered_in


def _target(url: str, known: Known | None, link: Link | None, hint: datetime | None, until: datetime) -> Target:
    if known is None:
        assert link is not None
        return Target(url=url, source_id=link.source_id, newest_at=hint or link.discovered_at)
    hints = [t for t in (hint, known.published_hint, known.modified_hint) if t is not None and t <= until]
    wait = known.last_wait
    return Target(
        url=url,
        source_id=known.source_id,
        newest_at=max(hints, default=known.first_seen_at or known.last_fetched_at or until),
        etag=known.etag,
        last_modified=known.last_modified,
        content_hash=known.content_hash,
        first_fetched_at=known.first_fetched_at,
        stored_at=known.stored_at,
        last_wait=None if wait is None else wait.total_seconds(),
    )
