"""Probing: one listing of a site asked once, for what it is, and what can be said of its health."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from pipeline.collect import feeds, listings
from pipeline.collect.urls import normalise
from pipeline.collect.web import Answer, Web

STATES = ("ok", "redirected", "moved", "stale", "malformed", "empty", "refused", "failing", "dead")
"""What a listing may be, from well to hopeless."""

_DEAD = frozenset({"not_found", "removed", "client_error", "invalid"})
_REFUSED = frozenset({"robots_disallowed", "address_refused"})
_READ = frozenset({"fetched", "unchanged"})
_NAMELESS = ("name does not resolve", "name or service", "nodename", "no address", "name resolution")
_SAME = 0.8
"""Two feeds with so much of their entries in common are one: they were read a moment apart."""


@dataclass(slots=True, kw_only=True)
class Look:
    """What a feed or sitemap showed when it was asked once."""

    url: str
    kind: str
    """feed, sitemap, news_sitemap or index."""
    outcome: str
    detail: str | None = None
    final_url: str | None = None
    moved_to: str | None = None
    """Where permanent redirects alone lead."""
    links: frozenset[str] = frozenset()
    entry_count: int = 0
    child_count: int = 0
    newest: datetime | None = None
    title: str | None = None
    language: str | None = None
    problem: str | None = None
    temporary: bool = False
    """robots.txt refused only because it could not be read."""
    is_html: bool = False
    """It is a web page."""
    body: bytes = field(default=b"", repr=False)

    @property
    def is_read(self) -> bool:
        """Whether a body came."""
        return self.outcome in _READ

    @property
    def is_comments(self) -> bool:
        """Whether it lists what readers say, not what the publisher does."""
        # WordPress, which most such feeds come from, points into the page.
        marked = sum("#comment" in link for link in self.links)
        path = urlsplit(self.url).path.lower()
        return "/comments/" in f"{path}/" or (marked > 0 and 2 * marked >= len(self.links))

    def repeats(self, other: Look) -> bool:
        """Whether both list the same; a sitemap may name what a feed does, and should."""
        if (self.kind == "feed") != (other.kind == "feed"):
            return False
        if self.final_url == other.final_url:
            return True
        either = self.links | other.links
        return bool(either) and len(self.links & other.links) / len(either) >= _SAME

    def state(self, now: datetime, stale_after: timedelta) -> tuple[str, list[str]]:
        """One of STATES, the gravest that holds, and remarks on all that do."""
        if not self.is_read:
            return self._unread(), [self.detail or self.outcome.replace("_", " ")]
        found: list[tuple[str, str]] = []
        if self.problem:
            found.append(("malformed", self.problem))
        if not self.entry_count and not self.child_count and not self.problem:
            found.append(("empty", "nothing is listed"))
        if self.newest and now - self.newest > stale_after:
            found.append(("stale", f"newest entry is {(now - self.newest).days} days old"))
        if self.moved_to:
            found.append(("moved", f"now at {self.moved_to}"))
        elif self.final_url and self.final_url != self.url:
            found.append(("redirected", f"for now to {self.final_url}"))
        worst = max((state for state, _ in found), key=STATES.index, default="ok")
        return worst, [said for _, said in found]

    def _unread(self) -> str:
        if self.outcome in _REFUSED:
            return "failing" if self.temporary else "refused"
        if self.outcome in _DEAD:
            return "dead"
        said = (self.detail or "").lower()
        return "dead" if self.outcome == "connection_failed" and any(n in said for n in _NAMELESS) else "failing"


async def look(web: Web, url: str, kind: str, source_id: str = "") -> Look:
    """Ask for a normalised URL once and read what comes, as a feed or a sitemap, whichever it is."""
    return read(await web.get(url, kind=kind, source_id=source_id), url, kind, web.now())


def read(answer: Answer, url: str, kind: str, now: datetime) -> Look:
    """What an answer shows."""
    last = answer.last
    found = Look(
        url=url,
        kind=kind,
        outcome=last.outcome,
        detail=last.detail,
        final_url=last.final_url,
        moved_to=answer.moved_to,
        temporary=answer.temporary,
        body=answer.body,
    )
    if not found.is_read:
        return found
    start = answer.body[:2048].lower()
    found.is_html = not feeds.is_feed(answer.body) and (b"<html" in start or b"<!doctype html" in start)
    listing, found.kind = listings.read(answer, kind)
    if found.kind == "sitemap" and listing.children:
        found.kind = "index"
    entries = listing.entries or listing.children
    found.links = frozenset(_resolved(e.link, last.final_url or url) for e in listing.entries if e.link)
    found.entry_count, found.child_count = len(listing.entries), len(listing.children)
    dated = [at for e in entries if (at := max((t for t in (e.published, e.modified) if t), default=None))]
    # A clock that is wrong, or an event of next week, is no news of tomorrow.
    found.newest = max((at for at in dated if at <= now + timedelta(days=1)), default=None)
    found.title, found.language, found.problem = listing.title, listing.language, listing.problem
    if found.is_html and not entries:
        found.problem = f"a web page, no {kind}"
    return found


def _resolved(link: str, base: str) -> str:
    try:
        # The fragment tells comments from articles.
        return normalise(link, base) + ("#comment" if "#comment" in link else "")
    except ValueError:
        return link
