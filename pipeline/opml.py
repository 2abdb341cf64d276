"""OPML, what feed readers exchange their lists in: the register in and out of it, nothing lost on the way.

What OPML 2.0 has no attribute for (country, owner, expected volume …) stands in a namespace of ours, as its
specification asks. A source with one feed is an outline, one with several a folder of them; one without any is a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from pipeline.errors import ConfigurationError
from pipeline.records import Source

# Ids that the register takes.
_SLUG = re.compile(r"[a-z0-9][a-z0-9.-]*")
NAMESPACE = "urn:newsledger:opml:1"
"""Of the attributes that are ours."""

_SHARED = (
    "feedburner.com", "feedproxy.google.com", "news.google.com", "youtube.com", "reddit.com", "medium.com", "rss.app",
    "feedblitz.com", "podbean.com", "bsky.app",
)  # fmt: skip
_TEXTS = ("country", "owner")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(document: bytes | str) -> list[Source]:
    """The sources of an OPML document, from folders too: feeds of one publisher are one source.

    Raises ConfigurationError where it is none.
    """
    from lxml import etree

    if isinstance(document, str):
        # lxml refuses text that declares an encoding.
        document = re.sub(r"^\s*<\?xml[^>]*\?>", "", document.removeprefix("\ufeff")).encode("utf-8")
    # Many lists have a bare & in a URL.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(document.lstrip(), parser)
    except etree.XMLSyntaxError as error:
        raise ConfigurationError(f"not OPML: {error}") from error
    if root is None or root.tag != "opml":
        raise ConfigurationError(f"not OPML: the document is {'empty' if root is None else f'<{root.tag}>'}")
    found: dict[str, Source] = {}
    for outline in root.iter("outline"):
        feed = _url(outline.get("xmlUrl"))
        if not feed and outline.get(_ours("id")) is None:
            continue
        source_id = outline.get(_ours("id")) or ""
        if not _SLUG.fullmatch(source_id):
            source_id = _identity(outline, feed)
        source = found.get(source_id)
        if source is None:
            source = found[source_id] = _described(outline, source_id)
        if feed and feed not in source.feeds:
            source.feeds.append(feed)
    return list(found.values())


def write(sources: Iterable[Source]) -> str:
    """The sources as an OPML 2.0 document."""
    from lxml import etree

    root: Any = etree.Element("opml", nsmap={"newsledger": NAMESPACE}, version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Newsledger sources"
    body = etree.SubElement(root, "body")
    for source in sources:
        said = dict(_attributes(source))
        if len(source.feeds) > 1:
            folder = etree.SubElement(body, "outline", said)
            mine = {_ours("id"): source.source_id, "text": said["text"], "title": said["text"]}
            if source.homepage:
                mine["htmlUrl"] = said["htmlUrl"]
            for feed in source.feeds:
                etree.SubElement(folder, "outline", mine | {"type": "rss", "xmlUrl": _legal(feed)})
        elif source.feeds:
            etree.SubElement(body, "outline", said | {"type": "rss", "xmlUrl": _legal(source.feeds[0])})
        else:
            link = {"type": "link", "url": said["htmlUrl"]} if source.homepage else {}
            etree.SubElement(body, "outline", said | link)
    text: str = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="utf-8").decode()
    return text


def _attributes(source: Source) -> Iterator[tuple[str, str]]:
    yield from (("text", _legal(source.name)), ("title", _legal(source.name)), (_ours("id"), _legal(source.source_id)))
    if source.homepage:
        yield "htmlUrl", _legal(source.homepage)
    if source.language:
        yield "language", _legal(source.language)
    for name in _TEXTS:
        if value := getattr(source, name):
            yield _ours(name), _legal(value)
    if source.agency:
        yield _ours("agency"), "true"
    if source.sitemaps:
        yield _ours("sitemaps"), _legal(" ".join(source.sitemaps))
    if source.volume_low is not None and source.volume_high is not None:
        yield _ours("volume"), f"{source.volume_low}-{source.volume_high}"


def _described(outline: Any, source_id: str) -> Source:
    band = re.fullmatch(r"(\d{1,9})-(\d{1,9})", outline.get(_ours("volume"), ""))
    low, high = (int(band[1]), int(band[2])) if band and int(band[1]) <= int(band[2]) else (None, None)
    language = re.match(r"[A-Za-z]{2}(?![A-Za-z])", outline.get("language", ""))
    return Source(
        source_id=source_id,
        name=outline.get("title") or outline.get("text") or source_id,
        homepage=_url(outline.get("htmlUrl")),
        country=outline.get(_ours("country")),
        language=language[0].lower() if language else None,
        owner=outline.get(_ours("owner")),
        agency=outline.get(_ours("agency")) == "true",
        sitemaps=outline.get(_ours("sitemaps"), "").split(),
        volume_low=low,
        volume_high=high,
    )


def _identity(outline: Any, feed: str | None) -> str:
    """The host of the publisher; of a host that serves the feeds of many, with the feed's path."""
    try:
        parts = urlsplit(_url(outline.get("htmlUrl")) or feed or "")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "source"
    if any(host == shared or host.endswith(f".{shared}") for shared in _SHARED):
        host = f"{host}-{parts.path}-{parts.query}"
    return re.sub(r"[^a-z0-9.]+", "-", host.lower()).strip("-.") or "source"


def _url(said: str | None) -> str | None:
    """The URL without spaces around it, and without the scheme that feed readers invented."""
    if not said or not said.strip():
        return None
    return re.sub(r"^feed:(?://)?(?=https?:)", "", re.sub(r"^feed://(?!https?:)", "http://", said.strip()))


def _ours(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
