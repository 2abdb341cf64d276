"""When a URL is due again: the only rule about time in collecting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

TROUBLED = frozenset({"rate_limited", "server_error", "timeout", "connection_failed", "tls_failed"})
"""Outcomes that another day may mend."""

_LONGEST = timedelta(days=7)
_GOT = frozenset({"fetched", "not_modified", "unchanged"})


def after_article(
    outcome: str,
    fetched_at: datetime,
    *,
    first_fetched_at: datetime | None,
    last_wait: timedelta | None,
    revisit_hours: Sequence[float],
    feed_hours: float,
    retry_after: float | None = None,
) -> datetime | None:
    """When an article is fetched again; None where it is not.

    One that came is visited again at the hours after its first fetch; one in trouble after a wait that doubles until it
    passes a week (`last_wait`: the wait before this fetch, where that was for trouble, too).
    """
    if outcome in _GOT:
        since = first_fetched_at or fetched_at
        later = (since + timedelta(hours=hours) for hours in sorted(revisit_hours))
        return next((at for at in later if at > fetched_at), None)
    if outcome in TROUBLED:
        wait = timedelta(hours=feed_hours) if last_wait is None else last_wait * 2
        if wait > _LONGEST:
            return None
        return fetched_at + max(wait, timedelta(seconds=retry_after or 0))
    return None


def after_feed(fetched_at: datetime, *, feed_hours: float, retry_after: float | None = None) -> datetime:
    """When a feed or sitemap is polled again."""
    return fetched_at + max(timedelta(hours=feed_hours), timedelta(seconds=retry_after or 0))
