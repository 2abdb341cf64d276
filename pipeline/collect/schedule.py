"""When a URL is due again, and whether its validators are believed: the only rules about time in collecting.

Listings (feeds, sitemaps) that answer are asked again

1. when the next new entry is to be expected: the time since the last answer, shared among the new entries it brought;
2. where nothing new came (304, the same bytes, or no entry that was not known), after half as long again as the last
   time, but before half of what it lists has rolled over at the rhythm it last had;
3. where every entry is new though the listing was read before, entries may have been missed: after half the last wait
   at most, and at the rhythm of its entries' dates;
4. read for the first time: at the rhythm of its entries' dates, within `UNTRIED` at the latest; without dates, as soon
   as may be.

Never before the document or the server says that it may have changed (ttl, max-age), and always between one batch
interval (`feed_hours`) and one day. `feed_hours` 0 asks every listing in every batch.

The first rule finds its own balance: where entries come by chance, one new entry keeps the wait, two halve it, none
lengthens it by half, which settles near 0.85 of the mean time between entries.

Listings in trouble wait `feed_hours`, doubled each time, a day at most; those that are gone, or have not answered for a
month, a week at most: they are asked again for ever, and one answer puts them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.collect.known import Known

TROUBLED = frozenset(
    {"rate_limited", "server_error", "timeout", "connection_failed", "tls_failed", "unasked_not_modified"}
)
"""Outcomes that another day may mend."""

SLACK = timedelta(minutes=30)
"""What is due within so much time is due now: batches are hours, and a request takes its time within one. Callers add
it to the time up to which they ask what is due."""

GOT = frozenset({"fetched", "not_modified", "unchanged"})
"""Outcomes that say what the URL holds now."""

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
"""The longest wait for anything; a Retry-After of more is cut to it."""

UNTRIED = timedelta(hours=6)
"""A listing read once is asked again within so much time: how much of it is new then is what tells its rhythm."""

_DEAD_AFTER = timedelta(days=30)
_DISTRUSTED_FOR = timedelta(days=30)
_PLAIN_AFTER = timedelta(hours=12)
_PLAIN_RHYTHMS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What reading a feed or sitemap brought."""

    count: int = 0
    """Entries it lists."""
    known: int = 0
    """Those of them that earlier batches knew."""
    times: Sequence[datetime] = ()
    """When they were published, or modified, where they say."""

    @property
    def new(self) -> int:
        """Entries that no earlier batch knew."""
        return self.count - self.known


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
        steps = (timedelta(hours=hours) for hours in sorted(revisit_hours))
        return next((since + s for s in steps if since + s - min(SLACK, s / 2) > fetched_at), None)
    if outcome in TROUBLED:
        wait = timedelta(hours=feed_hours) if last_wait is None else last_wait * 2
        if wait > WEEK:
            return None
        return fetched_at + max(wait, _asked(retry_after))
    return None


def after_listing(
    outcome: str,
    fetched_at: datetime,
    *,
    known: Known | None,
    feed_hours: float,
    listed: Listed | None = None,
    keep: timedelta | None = None,
    retry_after: float | None = None,
) -> datetime:
    """When a feed or sitemap is asked again, by the rules above.

    `known` is what was known of it before, `listed` what it lists now (None where no body came), `keep` how long the
    document and the server say that it may be kept.
    """
    least = timedelta(hours=feed_hours)
    if outcome not in GOT:
        return fetched_at + max(_trouble(outcome, fetched_at, known, least), _asked(retry_after))
    if not least:
        return fetched_at
    wait = _rhythm(fetched_at, known, listed, least)
    return fetched_at + max(least, min(DAY, max(wait, keep or timedelta())))


def after_index(fetched_at: datetime, children: Sequence[datetime], *, feed_hours: float) -> datetime:
    """When a sitemap that names sitemaps is asked again: with the first of those, within the bounds of all listings."""
    least = timedelta(hours=feed_hours)
    return fetched_at + max(least, min(DAY, min(children) - fetched_at))


def asks_plainly(known: Known, at: datetime) -> bool:
    """Whether a listing is asked without validators, so that its body comes whatever they say.

    Those of a server that was caught lying are not believed for a month. Others are put to the test where no body came
    for half a day and for six times the wait that brought something new. And an index of sitemaps (it has no entry of
    its own) may stay as it is while those it names change.
    """
    if known.distrusted_at is not None and at - known.distrusted_at < _DISTRUSTED_FOR:
        return True
    if known.entry_count == 0:
        return True
    if known.body_at is None:
        return True
    return at - known.body_at >= max(_PLAIN_AFTER, (known.rhythm or timedelta()) * _PLAIN_RHYTHMS)


def _rhythm(at: datetime, known: Known | None, listed: Listed | None, least: timedelta) -> timedelta:
    """How long a listing that answered is left alone, bounds aside."""
    before = known.got_at if known else None
    last_wait = max(least, (known.wait if known and known.outcome in GOT else None) or least)
    if listed is None or not listed.new:
        slower = last_wait * 1.5
        if known and known.rhythm is not None and known.news_count:
            return min(slower, max(known.rhythm, least) * known.news_count / 2)
        return slower
    if before is None:
        return min(_dated_gap(at, listed.times) or least, UNTRIED)
    if not listed.known:
        return min(_dated_gap(at, listed.times) or last_wait, last_wait / 2)
    return (at - before) / listed.new


def _dated_gap(at: datetime, times: Sequence[datetime]) -> timedelta | None:
    """The mean time between entries, by the half of them that is newest: an old one that stays is no measure."""
    ages = [(at - t).total_seconds() for t in times if t <= at]
    return timedelta(seconds=2 * median(ages) / len(ages)) if ages else None


def _trouble(outcome: str, at: datetime, known: Known | None, least: timedelta) -> timedelta:
    if outcome == "removed":
        return WEEK
    if outcome == "robots_disallowed":
        return DAY
    came_lately = known is not None and known.got_at is not None and at - known.got_at < _DEAD_AFTER
    longest = DAY if outcome in TROUBLED and came_lately else WEEK
    last = known.last_wait if known else None
    return min(longest, least if last is None else max(least, last * 2))


def _asked(retry_after: float | None) -> timedelta:
    """A Retry-After as a wait."""
    return timedelta(seconds=min(retry_after or 0.0, WEEK.total_seconds()))
