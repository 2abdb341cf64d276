"""Builders of small, valid rows: an article, its fetch and link, mentions and events where their words stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline import ids
from pipeline.records import Actor, Article, Candidate, Event, Fetch, Link, Mention, Reject

AT = datetime(2026, 3, 2, 6, 10, tzinfo=UTC)
BATCH = "2026-03-02T06"
TEXT = (
    "Ports minister Ines Tavora met union leaders in Lisbon on Monday.\n\n"
    "Dockers at the Café du Môle had walked out over night shifts. 🚢 The minister offered talks."
)


def url(name: str, host: str = "harbour.example") -> str:
    return f"http://{host}/{name}"


def link(name: str = "a", **more: Any) -> Link:
    given: dict[str, Any] = {
        "url": url(name), "source_id": "harbour", "discovered_at": AT, "discovered_via": "feed",
        "discovered_in": "http://harbour.example/feed.xml", "discovered_url": url(name),
    }  # fmt: skip
    return Link(**(given | more))


def fetch(name: str = "a", **more: Any) -> Fetch:
    given: dict[str, Any] = {
        "fetch_id": f"fetch-{name}", "url": url(name), "kind": "article", "source_id": "harbour", "attempt": 1,
        "fetched_at": AT, "outcome": "fetched", "status_code": 200,
        "warc_file": "archive/day=2026-03-02/x.warc.gz", "warc_offset": 0, "content_hash": "0" * 64,
    }  # fmt: skip
    if more.get("outcome", "fetched") != "fetched":
        given |= {"warc_file": None, "warc_offset": None, "content_hash": None, "status_code": None}
    return Fetch(**(given | more))


def article(name: str = "a", *, text: str = TEXT, title: str | None = "Minister meets dockers", **more: Any) -> Article:
    address = more.get("canonical_url", url(name))
    article_id = ids.article_id(address)
    given: dict[str, Any] = {
        "article_id": article_id, "version_id": ids.version_id(article_id, title, text), "url": url(name),
        "canonical_url": address, "source_id": "harbour", "title": title, "published_at": AT - timedelta(hours=1),
        "published_basis": "json_ld", "fetched_at": AT, "language": "en", "kind": "news", "access": "open",
        "text": text, "word_count": len(text.split()), "extraction_method": "trafilatura", "fetch_id": f"fetch-{name}",
        "published_candidates": [Candidate(basis="json_ld", value="2026-03-02", at=AT - timedelta(hours=1))],
        "authors": ["Ada Quill"],
    }  # fmt: skip
    return Article(**(given | more))


def mention(of: Article, words: str = "Lisbon", **more: Any) -> Mention:
    start = of.text.index(words)
    given: dict[str, Any] = {
        "article_id": of.article_id, "version_id": of.version_id, "field": "text",
        "entity_id": ids.entity_id(words, "location"), "entity_name": words, "entity_type": "location", "text": words,
        "start": start, "end": start + len(words), "sentence_index": 0, "confidence": 0.9, "method": "gazetteer",
        "country_code": "PT", "latitude": 38.72, "longitude": -9.14, "is_metonym": False,
    }  # fmt: skip
    return Mention(**(given | more))


def event(of: Article, trigger: str = "met", **more: Any) -> Event:
    quote = of.text.split("\n")[0]
    start = of.text.index(trigger)
    actor, to = "Ines Tavora", "union leaders"
    who, whom = (
        Actor(text=words, start=of.text.index(words), end=of.text.index(words) + len(words)) for words in (actor, to)
    )
    given: dict[str, Any] = {
        "event_id": ids.event_id(of.version_id, "text", "CONSULT", start, start + len(trigger)),
        "article_id": of.article_id, "version_id": of.version_id, "field": "text", "event_type": "CONSULT",
        "cameo_root": "04", "quad_class": 1, "actors": [who], "recipients": [whom], "actor_text": actor,
        "actor_start": who.start, "actor_end": who.end, "recipient_text": to, "recipient_start": whom.start,
        "recipient_end": whom.end, "trigger_text": trigger, "trigger_start": start, "trigger_end": start + len(trigger),
        "quote": quote, "sentence_start": 0, "event_date": AT.date(), "event_date_basis": "sentence",
        "place_name": "Lisbon", "place_country": "PT", "latitude": 38.72, "longitude": -9.14,
        "is_negated": False, "is_hypothetical": False, "is_future": False, "is_historical": False,
        "is_reported": False, "confidence": 0.8, "coder_version": "test",
    }  # fmt: skip
    return Event(**(given | more))


def reject(name: str = "a", reason: str = "too_short", **more: Any) -> Reject:
    given: dict[str, Any] = {
        "step": "clean", "url": url(name), "source_id": "harbour", "fetch_id": f"fetch-{name}", "rejected_at": AT,
        "reason": reason,
    }  # fmt: skip
    return Reject(**(given | more))
