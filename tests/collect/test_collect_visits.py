"""Articles over several batches: visited again, corrected, removed, in trouble, on hosts that ask to be left alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collect_site import NOW, Handler, Site, page, visiting
from test_collect_state import HOUR, link
from warcio.archiveiterator import ArchiveIterator

from pipeline.collect import SLACK, State, Web, fetch, plan
from pipeline.collect.fetch import HOPELESS_AFTER, by_host
from pipeline.records import Fetch, Link

A, B = "http://quay.example/a", "http://quay.example/b"


class Days:
    """Articles asked for by batches, with a clock of the test's, an archive, and a state that learns after each."""

    def __init__(self, home: Path, routes: dict[str, Handler]) -> None:
        self.home, self.site = home, Site(routes)
        self.state = State(f"sqlite:///{home / 'state.db'}")
        self.now = NOW
        self.left: dict[str, str] = {}

    def batch(self, after: timedelta = timedelta(), *links: Link, **settings: Any) -> list[Fetch]:
        """What a batch some time later asked for, of these links and of what is due; robots.txt aside."""
        self.now += after
        until = self.now + SLACK
        known = self.state.known(x.url for x in links) | self.state.due(until)
        targets = plan(links, known, until, max_articles=99, resting=self.state.resting(until))
        self.left = {}
        if not targets:
            return []

        async def visit(web: Web) -> list[Fetch]:
            rules: dict[str, Any] = {"revisit_hours": (1, 6, 24, 168), "feed_hours": 1.0}
            told = fetch(by_host(targets), web, leave=lambda u, why: self.left.update(dict.fromkeys(u, why)), **rules)
            return [f async for f in told]

        options: dict[str, Any] = {"clock": lambda: self.now, "max_attempts": 1} | settings
        fetches = visiting(self.site, visit, self.home / self.now.isoformat(), **options)
        self.state.learn(links, fetches)
        return [f for f in fetches if f.kind == "article"]

    def hours_asked(self, most: int) -> list[int]:
        """Hours since the beginning at which something is asked for, a batch every hour."""
        found = []
        for hour in range(most):
            self.now = NOW + hour * HOUR
            if self.batch():
                found.append(hour)
        return found

    def archived(self, at: datetime) -> list[tuple[str, str]]:
        """Type and content of the records about articles that the batch of that time archived."""
        found = []
        for path in (self.home / at.isoformat()).rglob("*.warc.gz"):
            with path.open("rb") as stream:
                for record in ArchiveIterator(stream):
                    if record.rec_headers.get_header("WARC-Target-URI") in (A, B):
                        found.append((record.rec_type, record.content_stream().read().decode()))
        return found


@pytest.fixture
def days(tmp_path: Path) -> Iterator[Days]:
    opened = Days(tmp_path, {A: page("<p>First</p>"), B: page("<p>Other</p>")})
    yield opened
    opened.state.close()


def test_an_article_is_visited_after_an_hour_six_a_day_and_a_week(days: Days) -> None:
    days.state.learn([link(A)], [])
    assert days.hours_asked(200) == [0, 1, 6, 24, 168]


def test_an_unchanged_article_is_archived_as_a_revisit(days: Days) -> None:
    days.batch(timedelta(), link(A))
    (again,) = days.batch(HOUR)
    assert again.outcome == "unchanged"
    types = [kind for kind, _ in days.archived(days.now)]
    assert "revisit" in types
    assert "response" not in types


def test_a_correction_comes_with_the_next_visit_and_the_visits_go_on(days: Days) -> None:
    (first,) = days.batch(timedelta(), link(A))
    days.batch(HOUR)
    days.site.routes[A] = page("<p>First, corrected</p>", ETag='"2"')
    (corrected,) = days.batch(5 * HOUR)
    assert (corrected.outcome, corrected.content_hash != first.content_hash) == ("fetched", True)
    assert corrected.next_fetch_at == NOW + 24 * HOUR
    (after,) = days.batch(18 * HOUR)
    assert (after.outcome, after.conditional) == ("unchanged", True)


def test_a_removed_article_is_seen_to_be_gone_and_not_asked_for_again(days: Days) -> None:
    days.batch(timedelta(), link(A))
    days.site.routes[A] = page("", 410)
    (gone,) = days.batch(HOUR)
    assert (gone.outcome, gone.next_fetch_at) == ("removed", None)
    assert days.hours_asked(200) == []


def test_an_article_in_trouble_is_tried_over_a_week_and_a_half_and_given_up(days: Days) -> None:
    days.state.learn([link(A)], [])
    days.site.routes[A] = page("", 500)
    assert days.hours_asked(400) == [0, 1, 3, 7, 15, 31, 63, 127, 255]
    known = days.state.known([A])[A]
    assert (known.outcome, known.next_fetch_at) == ("server_error", None)


def test_an_article_that_comes_at_last_is_visited_from_then_on(days: Days) -> None:
    days.site.routes[A] = page("", 500)
    days.batch(timedelta(), link(A))
    days.batch(HOUR)
    days.site.routes[A] = page("<p>At last</p>")
    (came,) = days.batch(2 * HOUR)
    assert (came.outcome, came.next_fetch_at) == ("fetched", days.now + HOUR)


def test_a_host_whose_newest_pages_are_broken_gives_the_others_next_time(days: Days) -> None:
    ill = [link(f"http://quay.example/ill-{n}", published_hint=NOW) for n in range(HOPELESS_AFTER)]
    days.site.routes |= {x.url: page("", 500) for x in ill}
    assert A not in {f.url for f in days.batch(timedelta(), link(A, published_hint=NOW - HOUR), *ill)}
    assert list(days.left) == [A]
    assert days.batch(HOUR)[0].url == A


def test_the_rest_of_a_host_that_asks_to_be_left_alone_waits_as_long(days: Days) -> None:
    days.site.routes[A] = page("", 429, Retry_After="7200")
    newer = link(A, published_hint=NOW)
    (limited,) = days.batch(timedelta(), newer, link(B))
    assert (limited.url, limited.outcome, limited.next_fetch_at) == (A, "rate_limited", NOW + 2 * HOUR)
    assert list(days.left) == [B]
    assert days.batch(HOUR) == []
    days.site.routes[A] = page("<p>First</p>")
    assert [f.outcome for f in days.batch(HOUR)] == ["fetched", "fetched"]


def test_what_a_spent_budget_leaves_is_told_and_comes_with_the_next_batch(days: Days) -> None:
    (got,) = days.batch(timedelta(), link(A, published_hint=NOW), link(B), max_requests=2)
    assert got.url == A
    assert list(days.left) == [B]
    assert days.left[B].startswith("max_requests")
    assert [f.url for f in days.batch()] == [B]


def test_the_archive_says_which_feed_named_an_article(days: Days) -> None:
    days.batch(timedelta(), link(A, published_hint=NOW - HOUR))
    (said,) = [text for kind, text in days.archived(NOW) if kind == "metadata"]
    assert "via: http://quay.example/rss\r\n" in said
    assert f"published: {(NOW - HOUR).isoformat()}\r\n" in said
