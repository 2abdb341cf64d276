"""Hints: how a URL was found and fetched, as the fields of a WARC ``metadata`` record beside its answer, and back.

Whoever has only the archive knows by them which feed named a page, and with which title and dates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from pipeline.collect import feeds
from pipeline.collect.urls import normalise
from pipeline.records import Fetch, Link

_VIA = frozenset({"feed", "sitemap", "news_sitemap", "page"})
_KINDS = frozenset({"article", "feed", "sitemap", "robots", "homepage"})
_LIKE_FETCHED = frozenset({"unchanged", "unsupported_type", "too_large"})
"""Outcomes that the record itself does not tell from fetched."""
_SOURCE = re.compile(r"[\w.-]{1,200}")
_HASH = re.compile(r"[0-9a-f]{64}")


def of_link(link: Link) -> dict[str, str]:
    """What a discovery says. ``via`` is the field that WARC readers know."""
    said = {
        "via": link.discovered_in,
        "discovered-via": link.discovered_via,
        "discovered-at": _written(link.discovered_at),
        "discovered-url": link.discovered_url,
        "discovered-source": link.source_id,
        "title": link.title_hint,
        "published": _written(link.published_hint),
        "modified": _written(link.modified_hint),
    }
    return {name: value for name, value in said.items() if value}


def of_fetch(fetch: Fetch, found: Sequence[Mapping[str, str]] = ()) -> list[dict[str, str]]:
    """What the records beside a fetch's answer say: one for each discovery, or one of the fetch alone."""
    about = {
        "source": fetch.source_id,
        "kind": fetch.kind,
        "requested": fetch.url,
        "outcome": fetch.outcome,
        "attempt": str(fetch.attempt),
        "content-hash": fetch.content_hash,
    }
    said = {name: value for name, value in about.items() if value}
    return [{**each, **said} for each in found or ({},)]


def is_ours(said: Sequence[Mapping[str, str]]) -> bool:
    """Whether what stands beside an answer is what `of_fetch` says, not the metadata of another collector."""
    return bool(said) and said[0].get("kind") in _KINDS and "requested" in said[0]


def complete(fetch: Fetch, said: Mapping[str, str], *, is_registered: bool) -> None:
    """Complete a fetch that was read from an archive of ours; its source_id only where it `is_registered` to nobody."""
    fetch.kind = said["kind"]
    with suppress(ValueError):
        fetch.url = normalise(said["requested"], strip_tracking=False)
    with suppress(KeyError, ValueError):
        fetch.attempt = max(1, min(1000, int(said["attempt"])))
    if fetch.outcome == "fetched" and said.get("outcome") in _LIKE_FETCHED:
        fetch.outcome = said["outcome"]
    if fetch.outcome != "fetched":
        digest = said.get("content-hash", "")
        fetch.content_hash = digest if _HASH.fullmatch(digest) else None
    if not is_registered and _SOURCE.fullmatch(said.get("source", "")):
        fetch.source_id = said["source"]


def link_again(fetch: Fetch, said: Mapping[str, str]) -> Link | None:
    """The discovery that a metadata record of ours tells of; None where it tells of none."""
    at = _read(said.get("discovered-at"))
    if said.get("discovered-via") not in _VIA or not said.get("via") or at is None:
        return None
    source_id = said.get("discovered-source", "")
    return Link(
        url=fetch.url,
        source_id=source_id if _SOURCE.fullmatch(source_id) else fetch.source_id,
        discovered_at=at,
        discovered_via=said["discovered-via"],
        discovered_in=said["via"],
        discovered_url=said.get("discovered-url") or fetch.url,
        title_hint=(said.get("title") or "")[:1000] or None,
        published_hint=feeds.plausible(_read(said.get("published"))),
        modified_hint=feeds.plausible(_read(said.get("modified"))),
    )


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _read(value: str | None) -> datetime | None:
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(value or "")
        return at.astimezone(UTC) if at.tzinfo else None
    return None
