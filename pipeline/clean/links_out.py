"""Where the text of an article links to."""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Any
from urllib.parse import urljoin

from pipeline.addresses import identity, normalise
from pipeline.clean.document import Document

_MOST = 200
# Buttons that share the page itself.
_SHARE = re.compile(
    r"//(?:[\w.]+\.)?(?:facebook\.com/(?:sharer|share|dialog)|(?:twitter|x)\.com/(?:intent|share)|linkedin\.com/share|"
    r"pinterest\.\w+/pin/create|reddit\.com/submit|t\.me/share|wa\.me|api\.whatsapp\.com|telegram\.me/share)",
    re.I,
)


def links_out(document: Document, blocks: Set[Any]) -> list[str]:
    """Addresses that the links within these elements lead to, each once, in the order of the page.

    Those to other articles of the site are among them; those within the page, and buttons that share it, are not.
    """
    if not blocks:
        return []
    inside = {anchor for block in blocks for anchor in block.iter("a")}
    own = _identity(document.url)
    found: dict[str, str] = {}
    for anchor in document.marks.anchors:
        if anchor not in inside:
            continue
        url = _absolute(document.url, anchor.get("href") or "")
        key = _identity(url)
        if url and key != own and not _SHARE.search(url):
            found.setdefault(key, url)
    return list(found.values())[:_MOST]


def _absolute(base: str, href: str) -> str:
    """The address in the one spelling of URLs, "" where it is no page's."""
    href = href.strip()
    if not href or href.startswith(("#", "mailto:", "tel:", "javascript:", "data:")):
        return ""
    try:
        return normalise(urljoin(base, href) if base.startswith("http") else href)
    except ValueError:
        return ""


def _identity(url: str) -> str:
    try:
        return identity(url)
    except ValueError:
        return url
