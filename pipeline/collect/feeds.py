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
_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]")
_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>/]", re.I)
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>")
_PERIOD = re.compile(rb"<\w+:updatePeriod>\s*(hourly|daily|weekly|monthly)\s*</")
_FREQUENCY = re.compile(rb"<\w+:updateFrequency>\s*(\d{1,4})\s*</")
_HOURS = {b"hourly": 1, b"daily": 24, b"weekly": 24 * 7, b"monthly": 24 * 30}
_TTLS = (timedelta(minutes=1), timedelta(days=31))
_UTF16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_LANGUAGE_SAID = re.compile(rb"<(?:\w+:)?language>\s*([\w-]{2,20})\s*</|\bxml:lang=[\"']([\w-]{2,20})[\"']")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")

MOST_ENTRIES = 20_000
"""Entries read of one feed; the longest known have some thousands, and a hostile one a million."""

# feedparser takes half a minute for some documents of 7 MB (measured), and a second for any of this size.
_LONGEST_SLOWLY = 1_000_000
_MOST_SLOWLY = 5_000

_LONG_TAG = re.compile(rb"<[^<>]{20000,}")
_MOST_ATTRIBUTES = 2_000
_MOST_OBJECTS = 200_000
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
    title: str | None = None
    """The feed's own."""
    language: str | None = None
    """As the feed says it: `en`, `pt-BR`."""
    problem: str | None = None
    """Why it could be read only in part, or not at all."""


def parse(body: bytes, charset: str | None = None) -> Listing:
    """The entries of a feed, in its order. What cannot be read is told in `problem`; nothing is raised."""
    body = _without_utf16(body).lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not body:
        return Listing(problem="the document is empty")
    if charset and charset not in ("utf-8", "utf8", "us-ascii") and not _DECLARED.match(body):
        body = _in_utf8(body, charset)
    if _is_hostile(body):
        return Listing(problem="made to exhaust a reader: too many attributes or objects")
    body, in_all = _cut(body, MOST_ENTRIES)
    problem = None if _JSON.match(body) else _fault(body)
    listing = _fast(body)
    has_base = b"xml:base" in body
    if (has_base or len(listing.entries) < min(in_all, _MOST_SLOWLY)) and "depth" not in (problem or ""):
        # feedparser costs forty times as much, and reads what nothing else reads.
        slow = _slow(_cut(body[:_LONGEST_SLOWLY], _MOST_SLOWLY)[0])
        if len(slow.entries) > len(listing.entries) or (has_base and len(slow.entries) == len(listing.entries)):
            listing = slow
    listing.problem = problem if listing.entries else listing.problem or problem
    if in_all > MOST_ENTRIES or len(listing.entries) > MOST_ENTRIES:
        listing.entries = listing.entries[:MOST_ENTRIES]
        listing.problem = f"more than {MOST_ENTRIES} entries; the others are not read"
    head = _head(body)
    listing.ttl = _ttl(head)
    if listing.language is None and (said := _LANGUAGE_SAID.search(head)):
        listing.language = _code((said[1] or said[2]).decode("ascii", "replace"))
    return listing


def is_feed(body: bytes) -> bool:
    """Whether a document's first element is that of a feed, or it is a JSON feed."""
    start = body[:2048]
    return _FEED.search(start) is not None or (_JSON.match(start) is not None and b"jsonfeed.org/version" in start)


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


def _fast(body: bytes) -> Listing:
    import fastfeedparser

    try:
        feed = fastfeedparser.parse(
            body, include_content=False, include_tags=False, include_media=False, include_enclosures=False
        )
    except Exception as error:
        # Anything may come out of a parser that is fed with what the web calls a feed; feedparser is next.
        said = " ".join(str(error).split(": ", 1)[0][:200].split())
        return Listing(problem=said or type(error).__name__)
    # Where an entry of an Atom feed has no date of publication, fastfeedparser gives that of its update.
    published = _JSON.match(body) or _PUBLISHED.search(body)
    entries = [
        Entry(
            link=_link(item),
            title=tidy(item.get("title")),
            published=_iso(item.get("published")) if published else None,
            modified=_iso(item.get("updated")),
        )
        for item in feed.entries
    ]
    return Listing(entries=entries, title=tidy(feed.feed.get("title")), language=_code(feed.feed.get("language")))


def _slow(body: bytes) -> Listing:
    import feedparser

    try:
        feed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=True)
    except Exception as error:
        # As above: of a million documents, some break it.
        return Listing(problem=f"cannot be read: {type(error).__name__}")
    entries = [
        Entry(
            link=_link(item),
            title=tidy(item.get("title")),
            published=_struct(item.get("published_parsed") or item.get("created_parsed")),
            modified=_struct(item["updated_parsed"] if "updated_parsed" in item.keys() else None),  # noqa: SIM118
        )
        for item in feed.entries
    ]
    return Listing(entries=entries, title=tidy(feed.feed.get("title")), language=_code(feed.feed.get("language")))


def _is_hostile(body: bytes) -> bool:
    """Whether reading it would take minutes, or a gigabyte: measured at 200,000 attributes, and a million objects."""
    if _JSON.match(body):
        return body.count(b"{") > _MOST_OBJECTS
    return any(tag[0].count(b"=") > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(body))


def _cut(body: bytes, most: int) -> tuple[bytes, int]:
    """The document up to so many entries, and how many it has, as far as its tags tell."""
    count = 0
    for count, tag in enumerate(_ITEM.finditer(body), 1):
        if count > most:
            return body[: tag.start()], count
    return body, count


def _head(body: bytes) -> bytes:
    """What a feed says of itself, before its entries; in RSS at least."""
    first = _ITEM.search(body)
    return body[: first.start() if first else len(body)][:20_000]


def _ttl(head: bytes) -> timedelta | None:
    """How long the feed says it may be kept; None where it says nothing, or nothing anyone could mean."""
    if said := _TTL.search(head):
        kept = timedelta(minutes=int(said[1]))
    elif period := _PERIOD.search(head):
        frequency = _FREQUENCY.search(head)
        kept = timedelta(hours=_HOURS[period[1]]) / (int(frequency[1]) or 1 if frequency else 1)
    else:
        return None
    return kept if _TTLS[0] <= kept <= _TTLS[1] else None


def _code(text: Any) -> str | None:
    return text.strip() if isinstance(text, str) and _LANGUAGE.fullmatch(text.strip()) else None


def _link(item: Any) -> str:
    """Where an entry leads; "" where it says nothing, or what is no text."""
    link = item.get("link") or _alternate(item.get("links") or [])
    return link.strip() if isinstance(link, str) else ""


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
    """In UTF-8, as the server declared the charset; as it is where that is none, or one in which < is not <."""
    try:
        if b"<rss/>".decode(charset) != "<rss/>":
            return body
        return body.decode(charset, "replace").encode("utf-8", "replace")
    except (LookupError, ValueError):
        # Python has codecs that are no charsets: idna, punycode.
        return body


def _without_utf16(body: bytes) -> bytes:
    """In UTF-8, where the document is in UTF-16."""
    name = next((name for start, name in _UTF16.items() if body.startswith(start)), None)
    if name is None:
        return body
    return re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", body.decode(name, "replace")).encode("utf-8", "replace")


def _fault(body: bytes) -> str | None:
    """Where the document is no well-formed XML."""
    from lxml import etree

    try:
        etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        said = str(error).removesuffix(f" (<string>, line {getattr(error, 'lineno', None)})")
        return " ".join(f"not well-formed XML: {said}"[:300].split())
    return None
