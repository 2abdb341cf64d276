"""Invented pages, and the fetches that got them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pipeline.clean import clean
from pipeline.page import Page
from pipeline.records import Article, Fetch, Link, Reject, Source

FETCHED = datetime(2026, 3, 2, 6, 5, tzinfo=UTC)
URL = "http://gazette.example/world/2026/03/01/lighthouse-reopens"
BODY = [
    "The lighthouse at Cape Orrin was lit again on Sunday night after eleven years of darkness, and half of the "
    "town stood on the breakwater to watch.",
    "Keeper Marta Fenwick, 58, turned the brass key at nine. “My father turned it off,” she said. “I was told "
    "to bring it back to where he left it.”",
    "Fishermen had asked for the light since the winter of 2019, when two boats ran onto the reef within a week.",
    "The restoration cost four million crowns and was paid for by a lottery.",
]


def paragraphs(*texts: str) -> str:
    """Text as HTML paragraphs."""
    return "".join(f"<p>{text}</p>\n" for text in texts)


def html(
    body: str = paragraphs(*BODY),
    *,
    head: str = "",
    title: str = "Lighthouse reopens",
    lang: str = "en",
    h1: str | None = None,
) -> str:
    """A page with a menu, an article and a footer."""
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><title>{title}</title>{head}</head><body>'
        '<nav><a href="/">Home</a> <a href="/world">World</a> <a href="/sport">Sport</a></nav>'
        f"<main><article><h1>{h1 or title}</h1>{body}</article></main>"
        "<footer><p>Gazette Printing Works</p></footer></body></html>"
    )


def ld(**fields: Any) -> str:
    """A JSON-LD script with a NewsArticle of these fields."""
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f'<script type="application/ld+json">{json.dumps(node, ensure_ascii=False)}</script>'


def meta(**properties: str) -> str:
    """Meta elements; `__` in a name stands for a colon."""
    return "".join(
        f'<meta property="{name.replace("__", ":")}" content="{value}">' for name, value in properties.items()
    )


def page(
    body: str | bytes,
    *,
    url: str = URL,
    final_url: str | None = None,
    content_type: str | None = "text/html",
    charset: str | None = None,
    links: list[Link] | None = None,
    source: Source | None = None,
) -> Page:
    """A fetched document."""
    fetch = Fetch(
        fetch_id="fetch-1", url=url, final_url=final_url or url, kind="article", source_id="gazette",
        fetched_at=FETCHED, outcome="fetched", status_code=200, attempt=1, content_type=content_type,
    )  # fmt: skip
    raw = body.encode() if isinstance(body, str) else body
    return Page(fetch=fetch, body=raw, charset=charset, links=links or [], source=source)


def link(via: str, published: datetime | None = None, title: str | None = None) -> Link:
    """How the URL was found."""
    return Link(
        url=URL, source_id="gazette", discovered_at=FETCHED, discovered_via=via, discovered_in="http://gazette.example/list",
        discovered_url=URL, title_hint=title, published_hint=published,
    )  # fmt: skip


def cleaned(body: str | bytes, **how: Any) -> Article:
    """The article that a document gives."""
    [record] = clean([page(body, **how)])
    assert isinstance(record, Article), record
    return record


def rejected(body: str | bytes, **how: Any) -> Reject:
    """The reject that a document gives."""
    [record] = clean([page(body, **how)])
    assert isinstance(record, Reject), record
    return record
