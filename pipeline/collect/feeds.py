"""Feeds: the entries of RSS, RDF, Atom and JSON feeds, also of broken ones. fastfeedparser first, then feedparser."""

from __future__ import annotations

import html
import re
from calendar import timegm
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*encoding", re.I)
_PUBLISHED = re.compile(rb"<(?:\w+:)?(?:published|issued|created|pubDate|date)[\s>]")
_JSON = re.compile(rb"^\s*\{")
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Entry:
    """One URL that a feed or sitemap names, with what it says beside it."""

    link: str
    """As it stands there, or resolved where the document sets a base of its own; "" where an entry has none."""
    title: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    modified_on: bool = False
    """Whether `modified` names the day only."""


@dataclass(slots=True, kw_only=True)
class Listing:
    """What was read of a feed or sitemap."""

    entries: list[Entry] = field(default_factory=list)
    children: list[Entry] = field(default_factory=list)
    """Sitemaps that a sitemap index names."""
    is_news: bool = False
    """A sitemap with Google News entries."""
    ttl: timedelta | None = None
    """How long the document says it may be kept (RSS ttl, sy:updatePeriod)."""
    problem: str | None = None
    """Why it could be read only in part, or not at all."""


def parse(body: bytes, charset: str | None = None) -> Listing:
    """The entries of a feed, in its order. What cannot be read is told in `problem`; nothing is raised."""
    body = body.lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not body:
        return Listing(problem="the document is empty")
    if charset and charset not in ("utf-8", "utf8", "us-ascii") and not _DECLARED.match(body):
        body = _in_utf8(body, charset)
    problem = None if _JSON.match(body) else _fault(body)
    entries, failure = _fast(body)
    if failure or problem or not entries or b"xml:base" in body:
        # feedparser costs forty times as much, and reads what nothing else reads.
        slow = _slow(body)
        if len(slow) > len(entries) or (b"xml:base" in body and len(slow) == len(entries)):
            entries, failure = slow, None
    if not entries and failure:
        problem = failure
    return Listing(entries=entries, problem=problem)


def is_feed(body: bytes) -> bool:
    """Whether a document's first element is that of a feed."""
    return re.search(rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]", body[:2048]) is not None


def tidy(text: Any) -> str | None:
    """A title without markup, entities and odd spaces; None for an empty one."""
    if not isinstance(text, str):
        return None
    # A title may be escaped once or twice, and its markup, too.
    plain = html.unescape(_TAG.sub(" ", html.unescape(text)))
    return " ".join(plain.split())[:1000] or None


def plausible(at: datetime | None) -> datetime | None:
    """The time in UTC, where it can be that of a document on the web."""
    if at is None:
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at if _OLDEST <= at < datetime(2200, 1, 1, tzinfo=UTC) else None


def _fast(body: bytes) -> tuple[list[Entry], str | None]:
    import fastfeedparser

    try:
        feed = fastfeedparser.parse(
            body, include_content=False, include_tags=False, include_media=False, include_enclosures=False
        )
    except Exception as error:
        # Anything may come out of a parser that is fed with what the web calls a feed; feedparser is next.
        return [], str(error).split(": ", 1)[0][:200] or type(error).__name__
    # Where an entry of an Atom feed has no date of publication, fastfeedparser gives that of its update.
    published = _JSON.match(body) or _PUBLISHED.search(body)
    entries = []
    for item in feed.entries:
        entries.append(
            Entry(
                link=(item.get("link") or _alternate(item.get("links") or []) or "").strip(),
                title=tidy(item.get("title")),
                published=_iso(item.get("published")) if published else None,
                modified=_iso(item.get("updated")),
            )
        )
    return entries, None


def _slow(body: bytes) -> list[Entry]:
    import feedparser

    feed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=True)
    return [
        Entry(
            link=(item.get("link") or _alternate(item.get("links") or []) or "").strip(),
            title=tidy(item.get("title")),
            published=_struct(item.get("published_parsed") or item.get("created_parsed")),
            modified=_struct(item["updated_parsed"] if "updated_parsed" in item.keys() else None),  # noqa: SIM118
        )
        for item in feed.entries
    ]


def _alternate(links: Iterable[Any]) -> str | None:
    found: list[str] = [link["href"] for link in links if link.get("rel") in (None, "alternate") and link.get("href")]
    return found[0] if found else None


def _iso(text: Any) -> datetime | None:
    try:
        return plausible(datetime.fromisoformat(text)) if text else None
    except (ValueError, TypeError, OverflowError):
        return None


def _struct(parsed: Any) -> datetime | None:
    try:
        return plausible(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=timegm(parsed))) if parsed else None
    except (ValueError, OverflowError):
        return None


def _in_utf8(body: bytes, charset: str) -> bytes:
    try:
        return body.decode(charset, "replace").encode("utf-8")
    except LookupError:
        return body


def _fault(body: bytes) -> str | None:
    """Where the document is no well-formed XML."""
    from lxml import etree

    try:
        etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        return f"not well-formed XML: {error}"[:300]
    return None
