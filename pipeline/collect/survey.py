"""Surveying a site: the feeds and sitemaps it names, or has where most have theirs; each read, and judged.

As polite as everything: through `Web`, so robots.txt is obeyed, and one request at a time with a pause after each. What
a site names itself comes first; addresses are guessed only where that gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from pipeline.collect import feeds
from pipeline.collect.probe import Look, look, read
from pipeline.collect.urls import host_of, normalise, origin_of
from pipeline.collect.web import Web

FEED_PATHS = (
    "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/all.atom.xml", "/rss/all.xml",
    "/feed.json", "/index.rdf",
)  # fmt: skip
"""Where feeds often are; in the order they are tried, until one is found."""

SITEMAP_PATHS = (
    "/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/sitemap/news.xml", "/sitemap_index.xml",
    "/sitemap.xml", "/sitemap.xml.gz",
)  # fmt: skip
"""Where sitemaps often are; those of news first."""

MOST_NAMED = 25
"""Listings read of those that a site names; with a second between two requests, half a minute."""

_SILENT = timedelta(days=365)
_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
_PATH = re.compile(
    r"(?:^|/)(?:rss|feeds?|atom|rdf)(?:[/.]|$)|\.(?:rss|rdf|atom)$|(?:rss|atom|feed)[\w-]*\.(?:xml|json)$"
)
_QUERY = re.compile(r"(?:^|&)(?:feed|format|type)=(?:rss|rss2|atom|rdf|feed|json_?feed)", re.I)
_HOST = re.compile(r"^(?:feeds?\d?|rss)\.")
_WORDS = frozenset({"rss", "rss feed", "rss feeds", "rss-feed", "rss-feeds", "atom", "feed", "feeds"})
_UNREACHED = frozenset({"timeout", "connection_failed", "tls_failed", "address_refused", "invalid"})


@dataclass(kw_only=True)
class Find:
    """One listing that was found."""

    look: Look
    where: str
    """front page, robots.txt, RSS page, tried."""
    left_out: str | None = None
    """Why it is not taken."""


@dataclass(kw_only=True)
class Survey:
    """What a site showed of itself."""

    homepage: str
    trouble: str | None = None
    """Why the front page could not be read."""
    name: str | None = None
    language: str | None = None
    finds: list[Find] = field(default_factory=list)
    unread_count: int = 0
    """Named, and not read: more than MOST_NAMED."""

    def taken(self, *kinds: str) -> list[str]:
        """URLs of the listings of those kinds that are worth collecting from."""
        found = [f.look for f in self.finds if f.left_out is None and f.look.kind in kinds]
        return list(dict.fromkeys(one.moved_to or one.url for one in found))


async def survey(web: Web, homepage: str) -> Survey:
    """The feeds and sitemaps of a site, by its front page, its robots.txt, and the usual addresses."""
    return await _Surveyor(web, homepage).run()


class _Surveyor:
    def __init__(self, web: Web, homepage: str) -> None:
        self.web = web
        self.found = Survey(homepage=homepage)
        self.base = homepage
        self.asked: set[str] = set()

    async def run(self) -> Survey:
        answer = await self.web.get(self.found.homepage, kind="homepage", source_id="")
        first = read(answer, self.found.homepage, "feed", self.web.now())
        self.base = first.final_url or self.found.homepage
        self.asked.add(first.url)
        if not first.is_read:
            self.found.trouble = first.detail or first.outcome.replace("_", " ")
            if first.outcome in _UNREACHED:
                return self.found
        elif feeds.is_feed(answer.body):
            # It is a feed that was given, not a front page.
            self.found.homepage = origin_of(self.base) + "/"
            self._keep(first, "as given")
            self._say_who(first)
            return self.found
        if first.moved_to:
            self.found.homepage = first.moved_to
        await self._feeds(feeds_in(answer.body, self.base))
        await self._sitemaps()
        self._name(_parsed(answer.body))
        return self.found

    async def _feeds(self, named: list[str]) -> None:
        waiting = [(url, "front page") for url in named]
        pages_left = 2
        while waiting:
            url, where = waiting.pop(0)
            if len(self.found.finds) >= MOST_NAMED:
                self.found.unread_count = len({u for u, _ in waiting} - self.asked) + 1
                break
            one = await self._look(url, "feed")
            if one is None:
                continue
            if one.is_html and not one.entry_count and where == "front page":
                # Many a paper has a page that lists its feeds.
                if pages_left:
                    pages_left -= 1
                    waiting[:0] = [(u, "RSS page") for u in feeds_in(one.body, one.final_url or url)]
                continue
            self._keep(one, where)
        if not self.found.taken("feed"):
            await self._try(FEED_PATHS, "feed")

    async def _sitemaps(self) -> None:
        rules, _ = await self.web.robots(self.base, "")
        for raw in rules.sitemaps[:MOST_NAMED]:
            try:
                one = await self._look(normalise(raw, self.base), "sitemap")
            except ValueError:
                continue
            if one is not None:
                self._keep(one, "robots.txt")
        self.found.unread_count += len(rules.sitemaps[MOST_NAMED:])
        if not self.found.taken("sitemap", "news_sitemap", "index"):
            await self._try(SITEMAP_PATHS, "sitemap")

    async def _try(self, paths: tuple[str, ...], kind: str) -> None:
        """Ask at usual addresses until one gives something; those that give nothing are not mentioned."""
        for path in paths:
            one = await self._look(normalise(path, self.base), kind)
            if one is not None and one.is_read and (one.entry_count or one.child_count):
                self._keep(one, "tried")
                if self.found.finds[-1].left_out is None:
                    return

    async def _look(self, url: str, kind: str) -> Look | None:
        """What is there; None where it was asked for already."""
        if url in self.asked:
            return None
        self.asked.add(url)
        return await look(self.web, url, kind)

    def _keep(self, one: Look, where: str) -> None:
        one.body = b""
        self.found.finds.append(Find(look=one, where=where, left_out=self._objection(one, self.web.now())))

    def _objection(self, one: Look, now: datetime) -> str | None:
        if not one.is_read:
            return one.detail or one.outcome.replace("_", " ")
        if not one.entry_count and not one.child_count:
            return one.problem or "lists nothing"
        if one.kind == "feed" and one.is_comments:
            return "comments of readers"
        if one.newest and now - one.newest > _SILENT:
            return f"silent since {one.newest:%Y-%m-%d}"
        same = next((f for f in self.found.finds if f.left_out is None and f.look.repeats(one)), None)
        return f"same as {shortened(same.look.url, self.base)}" if same else None

    def _name(self, page: Any) -> None:
        if page is not None:
            self.found.name = _meta(page, "og:site_name")
            self.found.language = (page.get("lang") or "").strip() or None
        for find in self.found.finds:
            if find.left_out is None:
                self._say_who(find.look)

    def _say_who(self, one: Look) -> None:
        self.found.name = self.found.name or one.title
        self.found.language = self.found.language or one.language


def feeds_in(body: bytes, base: str) -> list[str]:
    """Feeds that a page names in its head, then links in it that look like feeds; none where it is no page."""
    page = _parsed(body)
    return list(dict.fromkeys((*_alternates(page, base), *_anchors(page, base)))) if page is not None else []


def shortened(url: str, base: str | None) -> str:
    """The URL as its site would write it: without scheme and host, where these are the site's own."""
    return url.removeprefix(origin_of(base)) if base and origin_of(url) == origin_of(base) else url


def _parsed(body: bytes) -> Any:
    from lxml import etree, html

    try:
        return html.document_fromstring(body)
    except (etree.LxmlError, ValueError):
        return None


def _meta(page: Any, name: str) -> str | None:
    return next((feeds.tidy(m.get("content")) for m in page.iter("meta") if m.get("property") == name), None)


def _alternates(page: Any, base: str) -> Iterator[str]:
    for link in page.iter("link"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" in (link.get("rel") or "").lower().split() and kind in _TYPES:
            yield from _url(link.get("href"), base)


def _anchors(page: Any, base: str) -> Iterator[str]:
    for anchor in page.iter("a"):
        for url in _url(anchor.get("href"), base):
            parts = urlsplit(url)
            said = " ".join(anchor.itertext(with_tail=False)).strip().lower() if len(anchor) < 5 else ""
            looks = (
                _PATH.search(parts.path.lower())
                or _QUERY.search(parts.query)
                or said in ("rss", "rss feed", "rss feeds")
            )
            if (looks or _HOST.match(parts.hostname or "")) and _is_of_site(host_of(url), host_of(base)):
                yield url


def _url(href: str | None, base: str) -> Iterator[str]:
    try:
        if href and href.strip():
            yield normalise(re.sub(r"^feed:(//)?(?=https?:)", "", href.strip()), base)
    except ValueError:
        return


def _is_of_site(host: str, site: str) -> bool:
    """Whether a host belongs to a site, or serves feeds for others."""
    host, site = host.removeprefix("www."), site.removeprefix("www.")
    within = host == site or host.endswith(f".{site}") or (site.endswith(f".{host}") and "." in host)
    return within or "feedburner.com" in host
