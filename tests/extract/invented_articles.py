"""Small builders for extract's tests; every text is invented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline import ids
from pipeline.extract import extract
from pipeline.records import Article, Event, Mention, Reject

PUBLISHED = datetime(2026, 3, 4, 9, tzinfo=UTC)  # a Wednesday


def article(text: str, title: str | None = None, **other: Any) -> Article:
    """An article published on Wednesday 4 March 2026 with this text."""
    article_id = ids.article_id("https://herald.example/" + text[:20])
    values: dict[str, Any] = {
        "article_id": article_id,
        "version_id": ids.version_id(article_id, title, text),
        "url": "https://herald.example/a",
        "canonical_url": "https://herald.example/a",
        "source_id": "herald",
        "title": title,
        "published_at": PUBLISHED,
        "fetched_at": datetime(2026, 3, 5, tzinfo=UTC),
        "language": "en",
        "kind": "news",
        "access": "open",
        "text": text,
        "word_count": len(text.split()),
        "extraction_method": "record",
        "fetch_id": "f",
    }
    return Article(**values | other)


def rows(text: str, title: str | None = None, **other: Any) -> list[Mention | Event | Reject]:
    """What extract makes of one article."""
    found = extract([article(text, title, **other)])
    return [row for row in found if not isinstance(row, Article)]


def mentions(text: str, title: str | None = None, **other: Any) -> list[Mention]:
    """Its mentions."""
    return [r for r in rows(text, title, **other) if isinstance(r, Mention)]


def events(text: str, title: str | None = None, **other: Any) -> list[Event]:
    """Its events."""
    return [r for r in rows(text, title, **other) if isinstance(r, Event)]


def event(text: str, event_type: str, **other: Any) -> Event:
    """Its one event of that type."""
    found = [e for e in events(text, **other) if e.event_type == event_type]
    assert len(found) == 1, [(e.event_type, e.trigger_text) for e in events(text, **other)]
    return found[0]


def named(text: str, **other: Any) -> dict[str, str]:
    """Mention → entity type."""
    return {m.text: m.entity_type for m in mentions(text, **other)}


def texts(side: list[Any]) -> list[str]:
    """The words of each actor."""
    return [a.text for a in side]
