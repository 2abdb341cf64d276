"""Registering publishers: survey a site and add it, import lists of sources, ask every registered feed once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from pipeline import collect, opml, sources
from pipeline.errors import ConfigurationError, InputError
from pipeline.progress import Progress, Silent
from pipeline.records import Source
from pipeline.schema import vocabulary
from pipeline.settings import Settings

T = TypeVar("T")

WORLD = "world"
"""The name under which the register that ships is imported."""

STALE_DAYS = 14
"""A feed whose newest entry is older is reported."""

_CODES = (("country", "iso-3166-1"), ("language", "iso-639-1"))


@dataclass(kw_only=True)
class Health:
    """What a feed or sitemap of the register is like."""

    source: Source
    url: str
    kind: str
    state: str
    """One of `collect.STATES`."""
    remarks: list[str] = field(default_factory=list)
    look: collect.Look | None = None


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
) -> tuple[Source, collect.Survey | None]:
    """Register a publisher. Without feeds given, its site is surveyed for them; what that found comes with it.

    Raises InputError for what is no URL or does not answer, ConfigurationError for a wrong code, a taken id, or where
    nothing is found.
    """
    try:
        homepage = collect.normalise(url if "://" in url else f"https://{url}")
        feeds, sitemaps = [collect.normalise(f) for f in feeds], [collect.normalise(s) for s in sitemaps]
    except ValueError as error:
        raise InputError(f"not a URL that can be collected from: {error}") from error
    _check_codes(country=country, language=language)
    found = None
    if not feeds and not sitemaps:
        _check_free(cfg, source_id or _host(homepage))
        found = _with_web(cfg, lambda web: collect.survey(web, homepage))
        feeds, sitemaps = found.taken("feed"), found.taken("news_sitemap", "sitemap", "index")
        if not feeds and not sitemaps:
            raise _nothing(homepage, found)
        homepage = found.homepage
        name, language = name or found.name, language or _language(found.language)
    source = Source(
        source_id=source_id or _host(homepage),
        name=name or _host(homepage),
        homepage=homepage,
        country=country,
        language=language,
        owner=owner,
        agency=agency,
        feeds=feeds,
        sitemaps=sitemaps,
    )
    sources.add(cfg.register, source)
    return source, found


def import_from(
    cfg: Settings, given: str, *, countries: Iterable[str] = (), languages: Iterable[str] = ()
) -> tuple[list[Source], int]:
    """Register what an OPML file or another register names, or, as `world`, the register that ships.

    With countries or languages, only sources of those. Returns the new sources, and how many were registered already.
    Raises InputError for a file that cannot be read, ConfigurationError for one that is neither, or a wrong code.
    """
    countries, languages = {c.upper() for c in countries}, {code.lower() for code in languages}
    for country in countries:
        _check_codes(country=country)
    for language in languages:
        _check_codes(language=language)
    registered = sources.read(cfg.register)
    known = {s.source_id for s in registered}
    named = [
        s
        for s in _listed(given)
        if (not countries or s.country in countries) and (not languages or s.language in languages)
    ]
    new = [s for s in named if s.source_id not in known]
    if new:
        sources.write(cfg.register, [*registered, *new])
    return new, len(named) - len(new)


def check(cfg: Settings, *, stale_days: float = STALE_DAYS, told: Progress | None = None) -> list[Health]:
    """Ask every registered feed and sitemap once, and every sitemap that a robots.txt names. Nothing is archived.

    In the register's order.
    """
    registered = sources.read(cfg.register)
    told = told or Silent()
    told.begin("check", len(registered))

    async def all_of(web: collect.Web) -> list[Health]:
        stale_after = timedelta(days=stale_days)
        streams = (_asked(web, source, stale_after, told) for source in registered)
        return [health async for health in collect.merged(streams)]

    order = {s.source_id: n for n, s in enumerate(registered)}
    return sorted(_with_web(cfg, all_of), key=lambda h: order[h.source.source_id])


def follow_moved(cfg: Settings, found: Iterable[Health]) -> int:
    """Register the new addresses of feeds and sitemaps that moved for good. Returns how many there were."""
    moved = {(h.source.source_id, h.url): h.look.moved_to for h in found if h.look and h.look.moved_to}

    def anew(source: Source, urls: list[str]) -> list[str]:
        return list(dict.fromkeys(moved.get((source.source_id, url)) or url for url in urls))

    before = sources.read(cfg.register)
    after = [replace(s, feeds=anew(s, s.feeds), sitemaps=anew(s, s.sitemaps)) for s in before]
    if after != before:
        sources.write(cfg.register, after)
    return sum(url in (*s.feeds, *s.sitemaps) for s in before for owner, url in moved if owner == s.source_id)


async def _asked(
    web: collect.Web, source: Source, stale_after: timedelta, told: Progress
) -> AsyncGenerator[Health, None]:
    """One source's listings, one after another."""
    start = source.homepage or next(iter(source.feeds), None) or next(iter(source.sitemaps), None)
    named = [(url, "feed") for url in source.feeds] + [(url, "sitemap") for url in source.sitemaps]
    try:
        rules, fetches = await web.robots(collect.normalise(start or ""), source.source_id)
        # Those of a robots.txt are for the publisher to keep in order; they count where nothing else is registered.
        if not named:
            named = [(url, "sitemap") for url in rules.sitemaps]
        if not named and source.homepage:
            named = await _on_the_front_page(web, source)
    except ValueError:
        fetches = []
    seen: set[str] = set()
    for raw, kind in named:
        try:
            url = collect.normalise(raw, start)
        except ValueError as error:
            yield Health(source=source, url=raw, kind=kind, state="dead", remarks=[f"no URL: {error}"])
            continue
        if url in seen:
            continue
        seen.add(url)
        one = await collect.look(web, url, kind, source.source_id)
        state, remarks = one.state(web.now(), stale_after)
        one.body = b""
        yield Health(source=source, url=raw, kind=one.kind, state=state, remarks=remarks, look=one)
    if not named:
        last = fetches[-1] if fetches else None
        state, remark = "empty", "no feed registered or on its front page, no sitemap in its robots.txt"
        if last is not None and last.status_code is None:
            state, remark = "failing", last.detail or last.outcome
        yield Health(source=source, url=start or "", kind="site", state=state, remarks=[remark])
    told.advance({"sources": 1, "feeds and sitemaps": len(seen)})


async def _on_the_front_page(web: collect.Web, source: Source) -> list[tuple[str, str]]:
    """Where nothing else is named, collecting goes by the front page."""
    answer = await web.get(collect.normalise(source.homepage or ""), kind="homepage", source_id=source.source_id)
    found = collect.feeds_in(answer.body, answer.last.final_url or answer.last.url)
    return [(url, "feed") for url in found[: collect.MOST_NAMED]]


def _listed(given: str) -> list[Source]:
    if given == WORLD:
        return sources.read(sources.SHIPPED)
    file = Path(given)
    try:
        document = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {given}: {error.strerror or error}") from error
    if file.suffix.lower() == ".toml" or (not document.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")):
        return sources.read(file)
    # A code that is none would be refused when the batch is published: better an unknown country.
    return [
        replace(s, country=_known(s.country, "iso-3166-1"), language=_known(s.language, "iso-639-1"))
        for s in opml.read(document)
    ]


def _known(code: str | None, name: str) -> str | None:
    return code if code in vocabulary(name) else None


def _check_codes(**given: str | None) -> None:
    for name, code in _CODES:
        value = given.get(name)
        if value is not None and value not in vocabulary(code):
            raise ConfigurationError(f"{value} is no code of {code}")


def _check_free(cfg: Settings, source_id: str) -> None:
    """Before a site is asked thirty times for nothing."""
    if any(s.source_id == source_id for s in sources.read(cfg.register)):
        raise ConfigurationError(f"a source {source_id} is registered already; remove it first, or give another --id")


def _language(said: str | None) -> str | None:
    code = (said or "").replace("_", "-").partition("-")[0].lower()
    return _known(code, "iso-639-1")


def _nothing(homepage: str, found: collect.Survey) -> Exception:
    if found.trouble:
        return InputError(f"{homepage} cannot be read: {found.trouble}")
    why = "; ".join(f"{f.look.url}: {f.left_out}" for f in found.finds)
    return ConfigurationError(
        f"{homepage} has no feed and no sitemap that could be found{f' ({why})' if why else ''}; "
        "give one with --feed or --sitemap"
    )


def _host(url: str) -> str:
    return collect.host_of(url).removeprefix("www.")


def _with_web(cfg: Settings, visit: Callable[[collect.Web], Coroutine[None, None, T]]) -> T:
    async def run() -> T:
        async with collect.Web(archive=None, **cfg.web()) as web:
            return await visit(web)

    return asyncio.run(run())
