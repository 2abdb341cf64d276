"""Sitemaps: URLs, Google News entries and the children of an index, zipped or not, also of broken ones."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from typing import Any

from pipeline.collect.feeds import Entry, Listing, plausible, tidy
from pipeline.collect.message import Undecodable, gunzipped

_LARGEST = 64_000_000
"""Longest sitemap read, bytes; the protocol allows 50 MiB."""

MOST_ENTRIES = 100_000
"""Entries read of one sitemap; the protocol allows 50,000."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TOO_MANY = f"more than {MOST_ENTRIES} entries; the others are not read"
_MONTH = re.compile(r"\d{4}(?:-\d{2})?")
_LONGEST_TEXT = 10_000
_ROOT = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)[\s>]")
_LINE = re.compile(rb"https?://\S+")


def parse(body: bytes) -> Listing:
    """The entries of a sitemap, or the children of an index. What cannot be read is told in `problem`."""
    problem = None
    if body.startswith(b"\x1f\x8b"):
        try:
            body = gunzipped(body, _LARGEST)
        except Undecodable as error:
            return Listing(problem=str(error))
    if len(body) > _LARGEST:
        body, problem = body[:_LARGEST], f"longer than {_LARGEST} bytes"
    body = body.lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not body:
        return Listing(problem="the document is empty")
    if not body.startswith(b"<") and not is_sitemap(body):
        lines = body.split(b"\n", MOST_ENTRIES)
        if _LINE.fullmatch(lines[0].strip()):
            if len(lines) > MOST_ENTRIES:
                problem = _TOO_MANY
            links = [line.strip().decode("utf-8", "replace") for line in lines[:MOST_ENTRIES]]
            return Listing(entries=[Entry(link=link) for link in links if link], problem=problem)
    if not is_sitemap(body):
        return Listing(problem="neither a sitemap nor an index of sitemaps")
    listing = _read(body)
    listing.problem = listing.problem or problem
    return listing


def is_sitemap(body: bytes) -> bool:
    """Whether a document's first element is that of a sitemap or an index."""
    return body.startswith(b"\x1f\x8b") or _ROOT.search(body[:4096]) is not None


def _read(body: bytes) -> Listing:
    from lxml import etree

    listing = Listing()
    context = etree.iterparse(
        BytesIO(body), events=("end",), recover=True, resolve_entities=False, no_network=True, huge_tree=True
    )
    said: dict[str, str] = {}
    try:
        for _, element in context:
            name, parent = _name(element), element.getparent()
            if name in ("url", "sitemap"):
                (listing.entries if name == "url" else listing.children).append(_entry(said))
                said = {}
                if len(listing.entries) + len(listing.children) >= MOST_ENTRIES:
                    listing.problem = _TOO_MANY
                    break
            elif name in ("loc", "lastmod", "publication_date", "title"):
                # Image and video extensions have a loc and a title of their own.
                outer = _name(parent) if parent is not None else ""
                if (name in ("loc", "lastmod") and outer in ("url", "sitemap")) or outer == "news":
                    said.setdefault(name, (element.text or "").strip()[:_LONGEST_TEXT])
                listing.is_news = listing.is_news or outer == "news"
            _forget(element, parent)
    except etree.XMLSyntaxError as error:
        listing.problem = " ".join(f"not well-formed XML: {error}"[:300].split())
    log = context.error_log
    if len(log) and listing.problem is None:
        listing.problem = " ".join(f"not well-formed XML: {log[0].message}, line {log[0].line}"[:300].split())
    return listing


def _entry(said: dict[str, str]) -> Entry:
    modified = said.get("lastmod", "")
    return Entry(
        link=said.get("loc", ""),
        title=tidy(said.get("title")),
        published=_when(said.get("publication_date", "")),
        modified=_when(modified),
        modified_on=_DAY.fullmatch(modified) is not None,
    )


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _forget(element: Any, parent: Any) -> None:
    """Free what has been read: a sitemap may have 50,000 entries, and a hostile one a million children of one."""
    element.clear()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _when(text: str) -> datetime | None:
    """A W3C date or time; one without a zone is read as UTC."""
    if _MONTH.fullmatch(text):
        text = f"{text}-01" if len(text) == 7 else f"{text}-01-01"
    try:
        return plausible(datetime.fromisoformat(text)) if text else None
    except (ValueError, OverflowError):
        return None
