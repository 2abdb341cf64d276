"""Registering publishers: add one with the feeds its front page names, import OPML, ask every feed once."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from pipeline import collect, sources
from pipeline.errors import ConfigurationError, InputError
from pipeline.records import Fetch, Link, Reject, Source
from pipeline.schema import vocabulary
from pipeline.settings import Settings

_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}


def add(
    cfg: Settings,
    url: str,
    *,
    source_id: str | None,
    name: str | None,
    country: str | None,
    language: str | None,
    owner: str | None,
    agency: bool,
    feeds: list[str],
    sitemaps: list[str],
) -> Source:
    """Register a publisher. Without feeds given, those its front page links to are taken, and it is asked for that.

    Raises InputError for what is no URL, ConfigurationError for a wrong code, a taken id, or where nothing is found.
    """
    try:
        homepage = collect.normalise(url if "://" in url else f"https://{url}")
        feeds, sitemaps = [collect.normalise(f) for f in feeds], [collect.normalise(s) for s in sitemaps]
    except ValueError as error:
        raise InputError(f"not a URL that can be collected from: {error}") from error
    for value, code in ((country, "iso-3166-1"), (language, "iso-639-1")):
        if value is not None and value not in vocabulary(code):
            raise ConfigurationError(f"{value} is no code of {code}")
    host = (urlsplit(homepage).hostname or "").removeprefix("www.")
    if not feeds and not sitemaps:
        feeds, sitemaps = asyncio.run(_named(cfg, homepage))
        if not feeds and not sitemaps:
            raise ConfigurationError(f"{homepage} names no feed and no sitemap; give one with --feed or --sitemap")
    source = Source(
        source_id=source_id or host,
        name=name or host,
        homepage=homepage,
        country=country,
        language=language,
        owner=owner,
        agency=agency,
        feeds=feeds,
        sitemaps=sitemaps,
    )
    sources.add(cfg.register, source)
    return source


def import_file(cfg: Settings, file: Path) -> tuple[int, int]:
    """Register what an OPML file, or another register, names. Returns how many were new, and how many known.

    Raises InputError for a file that cannot be read, ConfigurationError for one that is neither.
    """
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from error
    given = sources.read(file) if _is_toml(text) else sources.from_opml(text)
    registered = sources.read(cfg.register)
    known = {s.source_id for s in registered}
    new = [s for s in given if s.source_id not in known]
    sources.write(cfg.register, [*registered, *new])
    return len(new), len(given) - len(new)


def check(cfg: Settings) -> Iterator[tuple[Source, str, str, int]]:
    """Ask every registered feed and sitemap once: source, URL, outcome, links it gave. Nothing is archived."""
    for source in sources.read(cfg.register):
        yield from asyncio.run(_asked(cfg, source))


async def _asked(cfg: Settings, source: Source) -> list[tuple[Source, str, str, int]]:
    said: dict[str, str] = {}
    links: dict[str, int] = {}
    async with _web(cfg) as web:
        async for record in collect.discover([source], web, lambda url: None, feed_hours=cfg.feed_hours):
            match record:
                case Fetch() if record.kind in ("feed", "sitemap"):
                    said[record.url] = record.outcome
                case Link():
                    links[record.discovered_in] = links.get(record.discovered_in, 0) + 1
                case Reject() if record.url in said:
                    said[record.url] = record.detail or record.reason
    return [(source, url, outcome, links.get(url, 0)) for url, outcome in said.items()]


async def _named(cfg: Settings, homepage: str) -> tuple[list[str], list[str]]:
    """Feeds that a front page links to, and sitemaps that its robots.txt names."""
    from lxml import html

    async with _web(cfg) as web:
        answer = await web.get(homepage, kind="homepage", source_id="")
        rules, _ = await web.robots(homepage, "")
    if answer.last.outcome != "fetched":
        raise InputError(f"{homepage} cannot be read: {answer.last.outcome} {answer.last.detail or ''}".rstrip())
    feeds = []
    for link in html.fromstring(answer.body or b"<html/>").iter("link"):
        if "alternate" in (link.get("rel") or "").lower().split() and link.get("type", "").lower() in _FEED_TYPES:
            feeds.append(collect.normalise(urljoin(answer.last.final_url or homepage, link.get("href", ""))))
    return list(dict.fromkeys(feeds)), list(rules.sitemaps)


@asynccontextmanager
async def _web(cfg: Settings) -> AsyncIterator[collect.Web]:
    async with collect.Web(archive=None, **cfg.web()) as web:
        yield web


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
