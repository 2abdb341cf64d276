"""Media types: what a Content-Type header says, and what the bytes look like where it says nothing."""

from __future__ import annotations

import re

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.I)
_TYPE = re.compile(r"\s*([A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+)")
_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|title|meta|div|p|article)\b", re.I)
_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
    (b"\x1f\x8b", "application/gzip"),
    (b"PK\x03\x04", "application/zip"),
)
_UNSAID = frozenset({"", "application/octet-stream", "binary/octet-stream", "unknown/unknown"})
_PAGES = frozenset({"text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml"})
_BINARY = ("image/", "audio/", "video/", "font/")
_BINARY_TYPES = frozenset({"application/pdf", "application/zip", "application/msword", "application/epub+zip"})


def declared(header: str | None) -> tuple[str | None, str | None]:
    """Media type (lower case, without parameters) and charset of a Content-Type header."""
    if not header:
        return None, None
    kind, charset = _TYPE.match(header), _CHARSET.search(header)
    return kind and kind[1].lower(), charset and charset[1].lower()


def sniffed(declared_type: str | None, start: bytes) -> str:
    """The declared media type, or what the first bytes look like where the declaration says nothing."""
    if declared_type and declared_type not in _UNSAID:
        return declared_type
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            return kind
    if _MARKUP.search(start[:2048]):
        return "text/html"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"<"):
        return "application/xml"
    if text.startswith(b"{"):
        return "application/json"
    return "application/octet-stream" if b"\0" in start[:2048] else "text/plain"


def is_page(media_type: str) -> bool:
    """Whether a document of that type could be an article."""
    return media_type in _PAGES


def is_listing(media_type: str) -> bool:
    """Whether a document of that type could be a feed, a sitemap or a robots.txt: servers declare these wildly."""
    return not media_type.startswith(_BINARY) and media_type not in _BINARY_TYPES
