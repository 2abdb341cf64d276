"""When a URL is due again: the only rule about time in collecting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

TROUBLED = frozenset({"rate_limited", "server_error", "timeout", "connection_failed", "tls_failed"})
"""Outcomes that another day may mend."""

SLACK = timedelta(minutes=30)
"""What is due within so much time is due now: batches are hours, and a request takes its time within one. Callers add
it to the time up to which they ask what is due."""

_LONGEST = timedelta(days=7)
GOT = frozenset({"fetched", "not_modified", "unchanged"})
"""Outcomes that say what the URL holds now."""


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
    if outcome in GOT:
        since = first_fetched_at or fetched_at
        # A visit a little before its time has served it; steps shorter than an hour have half their length as slack.
        steps = [timedelta(hours=hours) for hours in sorted(revisit_hours)]
        return next((since + s for s in steps if since + s - min(SLACK, s / 2) > fetched_at), None)
    if outcome in TROUBLED:
        wait = timedelta(hours=feed_hours) if last_wait is None else last_wait * 2
        if wait > _LONGEST:
            return None
        return fetched_at + max(wait, timedelta(seconds=retry_after or 0))
    return None


def after_feed(fetched_at: datetime, *, feed_hours: float, retry_after: float | None = None) -> datetime:
    """When a feed or sitemap is polled again."""
    return fetched_at + max(timedelta(hours=feed_hours), timedelta(seconds=retry_after or 0))
