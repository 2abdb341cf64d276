"""When listings are asked again: by their own rhythm, never more often than they allow, and never forgotten."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from collect_site import NOW

from pipeline.collect.known import Known
from pipeline.collect.schedule import (
    DAY,
    SLACK,
    UNTRIED,
    WEEK,
    Listed,
    after_article,
    after_index,
    after_listing,
    asks_plainly,
)

HOUR = timedelta(hours=1)
URL = "http://quay.example/rss"


def before(wait: timedelta = HOUR, outcome: str = "fetched", **more: Any) -> Known:
    """A listing asked `wait` ago, when it was to be left alone for so long."""
    told = {"got_at": NOW - wait, "body_at": NOW - wait, "entry_count": 10} | more
    return Known(url=URL, source_id="quay", outcome=outcome, last_fetched_at=NOW - wait, next_fetch_at=NOW, **told)


def wait(outcome: str = "fetched", known: Known | None = None, **more: Any) -> timedelta:
    return after_listing(outcome, NOW, known=known, **({"feed_hours": 1.0} | more)) - NOW


def brought(new: int, count: int = 10, every: timedelta | None = None) -> Listed:
    """A reading of `count` entries, `new` of them not known, published one after another."""
    times = [NOW - n * every for n in range(count)] if every else []
    return Listed(count=count, known=count - new, times=times)


def test_a_listing_is_asked_when_the_next_entry_is_to_be_expected() -> None:
    assert wait(known=before(6 * HOUR), listed=brought(1)) == 6 * HOUR
    assert wait(known=before(6 * HOUR), listed=brought(3)) == 2 * HOUR


def test_the_time_since_the_last_answer_counts_not_since_the_last_attempt() -> None:
    known = before(HOUR, "timeout", got_at=NOW - 12 * HOUR)
    assert wait(known=known, listed=brought(3)) == 4 * HOUR


def test_where_nothing_new_came_the_wait_grows_gently() -> None:
    known = before(2 * HOUR)
    assert wait("not_modified", known) == wait("unchanged", known, listed=brought(0)) == 3 * HOUR
    assert wait("fetched", known, listed=brought(0)) == 3 * HOUR


def test_silence_never_outlasts_half_the_window_at_the_rhythm_it_had() -> None:
    known = before(6 * HOUR, news_at=NOW - 30 * HOUR, news_next_at=NOW - 29 * HOUR, news_count=10)
    assert wait("not_modified", known) == 5 * HOUR


def test_a_window_that_rolled_over_is_asked_again_sooner() -> None:
    assert wait(known=before(8 * HOUR), listed=brought(10)) == 4 * HOUR
    assert wait(known=before(8 * HOUR), listed=brought(10, every=HOUR)) < 2 * HOUR


def test_the_first_reading_goes_by_the_dates_and_is_put_to_the_test_soon() -> None:
    assert wait(listed=brought(10, every=2 * HOUR)) == pytest.approx(2 * HOUR, abs=HOUR / 2)
    assert wait(listed=brought(10, every=9 * DAY)) == UNTRIED
    assert wait(listed=brought(10)) == wait(listed=Listed()) * (2 / 3) == HOUR


def test_an_old_entry_that_stays_and_one_of_next_week_are_no_measure() -> None:
    times = [NOW - n * 2 * HOUR for n in range(9)] + [NOW - 400 * DAY, NOW + 7 * DAY]
    assert wait(listed=Listed(count=11, times=times)) < 3 * HOUR


def test_what_the_document_and_the_server_allow_is_kept() -> None:
    assert wait(known=before(), listed=brought(9), keep=3 * HOUR) == 3 * HOUR
    assert wait("not_modified", before(), keep=3 * HOUR) == 3 * HOUR
    assert wait(known=before(), listed=brought(9), keep=90 * DAY) == DAY


def test_waits_lie_between_a_batch_and_a_day() -> None:
    assert wait(known=before(), listed=brought(9)) == HOUR
    assert wait(known=before(), listed=brought(9), feed_hours=2.0) == 2 * HOUR
    assert wait("not_modified", before(20 * HOUR)) == DAY


def test_with_no_hours_between_polls_every_batch_polls() -> None:
    assert wait("not_modified", before(20 * HOUR), feed_hours=0.0, keep=DAY) == timedelta()
    assert wait("timeout", before(outcome="timeout"), feed_hours=0.0) <= DAY


def test_an_index_is_asked_with_the_first_of_its_sitemaps() -> None:
    assert after_index(NOW, [NOW + 9 * HOUR, NOW + 3 * HOUR], feed_hours=1.0) == NOW + 3 * HOUR
    assert after_index(NOW, [NOW - HOUR], feed_hours=1.0) == NOW + HOUR
    assert after_index(NOW, [NOW + 9 * DAY], feed_hours=1.0) == NOW + DAY


def waits_for(outcome: str, times: int, **known: Any) -> list[float]:
    waits: list[timedelta] = []
    last = before(**known) if known else None
    for _ in range(times):
        waits.append(wait(outcome, last))
        told = {"outcome": outcome, "last_fetched_at": NOW, "next_fetch_at": NOW + waits[-1]}
        last = replace(last, **told) if last else Known(url=URL, source_id="quay", **told)
    return [w / HOUR for w in waits]


def test_a_broken_listing_waits_longer_each_time_and_a_day_at_most() -> None:
    assert waits_for("server_error", 7, wait=HOUR) == [1, 2, 4, 8, 16, 24, 24]


def test_a_listing_that_is_gone_or_dead_for_a_month_is_asked_every_week_for_ever() -> None:
    week = WEEK / HOUR
    assert waits_for("not_found", 10, wait=HOUR) == [1, 2, 4, 8, 16, 32, 64, 128, week, week]
    assert waits_for("timeout", 9, got_at=NOW - 31 * DAY)[-1] == week
    assert waits_for("connection_failed", 9)[-1] == week
    assert waits_for("removed", 1) == [week]


def test_one_answer_puts_a_dead_listing_back() -> None:
    dead = before(WEEK, "not_found", got_at=NOW - 60 * DAY)
    assert wait(known=dead, listed=brought(10, every=HOUR)) <= UNTRIED
    assert wait("not_modified", dead) < 2 * HOUR


def test_robots_txt_is_asked_for_its_opinion_once_a_day() -> None:
    assert wait("robots_disallowed", before()) == DAY


def test_retry_after_is_kept_and_bounded() -> None:
    assert wait("rate_limited", before(), retry_after=7200.0) == 2 * HOUR
    assert wait("rate_limited", before(), retry_after=60.0) == HOUR
    assert wait("rate_limited", before(), retry_after=1e9) == WEEK
    rules: dict[str, Any] = {"first_fetched_at": None, "last_wait": None, "revisit_hours": (), "feed_hours": 1.0}
    assert after_article("rate_limited", NOW, retry_after=1e9, **rules) == NOW + WEEK


def test_validators_are_believed_until_they_have_lied_and_again_after_a_month() -> None:
    assert not asks_plainly(before(), NOW)
    assert asks_plainly(before(distrusted_at=NOW - 29 * DAY), NOW)
    assert not asks_plainly(before(distrusted_at=NOW - 31 * DAY), NOW)


def test_after_a_long_silence_a_listing_is_asked_without_validators() -> None:
    quiet = before(news_at=NOW - 9 * DAY, news_next_at=NOW - 9 * DAY + 3 * HOUR, news_count=10)
    assert not asks_plainly(replace(quiet, body_at=NOW - 17 * HOUR), NOW)
    assert asks_plainly(replace(quiet, body_at=NOW - 18 * HOUR), NOW)
    hourly = replace(quiet, news_next_at=NOW - 9 * DAY + HOUR)
    assert not asks_plainly(replace(hourly, body_at=NOW - 11 * HOUR), NOW)
    assert asks_plainly(replace(hourly, body_at=NOW - 12 * HOUR), NOW)


def test_an_index_is_asked_without_validators() -> None:
    assert asks_plainly(before(entry_count=0), NOW)


def lived(rate: float, window: int, *, days: int = 14, sleeps: bool = False, dated: bool = True) -> dict[str, float]:
    """A feed of `rate` articles an hour and `window` entries, polled by hourly batches: what that cost and brought."""
    luck = random.Random(1)
    at, published = NOW - 10 * DAY, []
    while at < NOW + days * DAY:
        at += timedelta(hours=luck.expovariate(rate))
        if not sleeps or 6 <= at.hour < 22:
            published.append(at)
    known: Known | None = None
    seen: set[datetime] = set()
    polls, delays = 0, []
    for hour in range(24 * days):
        at = NOW + hour * HOUR
        if known and known.next_fetch_at and known.next_fetch_at > at + SLACK:
            continue
        polls += 1
        listing = [t for t in published if t <= at][-window:]
        fresh = [t for t in listing if t not in seen]
        delays += [(at - t) / HOUR for t in fresh] if known else []
        listed = Listed(count=len(listing), known=len(listing) - len(fresh), times=listing if dated else ())
        outcome = "fetched" if fresh else "not_modified"
        due = after_listing(outcome, at, known=known, feed_hours=1.0, listed=listed if fresh else None)
        told = {"outcome": outcome, "last_fetched_at": at, "next_fetch_at": due, "got_at": at}
        if fresh:
            told |= {"news_at": at, "news_next_at": due, "news_count": len(listing)}
        known = replace(known or Known(url=URL, source_id="quay"), **told)
        seen.update(fresh)
    missed = [t for t in published if min(seen) < t <= max(seen) and t not in seen]
    return {"polls": polls / days, "missed": len(missed), "delay": sum(delays) / len(delays)}


@pytest.mark.parametrize("sleeps", [False, True])
@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize(("rate", "window"), [(0.1, 10), (0.25, 10), (1, 10), (4, 30), (10, 100)])
def test_nothing_is_missed_whatever_the_rhythm(rate: float, window: int, dated: bool, sleeps: bool) -> None:
    """The simulated clock of two weeks: no article rolls out of the window unseen, and quiet feeds are let be."""
    found = lived(rate, window, dated=dated, sleeps=sleeps)
    assert found["missed"] == 0
    assert found["polls"] <= 24 * min(1.0, 2.2 * rate)
    assert found["delay"] <= max(1.0, 1.2 / rate)
