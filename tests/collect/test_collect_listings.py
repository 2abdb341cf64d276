"""Listings over several batches: what was known of them, when they are asked again, and whether they are believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web as server
from collect_site import NOW, Handler, Site, page, visiting
from test_collect_discover import HOME, XMLNS, quay, rss, urlset
from test_collect_state import HOUR

from pipeline.collect import SLACK, State, Web, discover, owners
from pipeline.collect.known import Known
from pipeline.collect.state_tables import LYING
from pipeline.records import Fetch, Link, Reject, Source

FEED = f"{HOME}rss"
DAY = timedelta(days=1)


class Days:
    """One source's listings polled by batches, with a clock of the test's and a state that learns after each."""

    def __init__(self, state: State, routes: dict[str, Handler], *sources: Source) -> None:
        self.state, self.site, self.sources = state, Site(routes), sources
        self.now = NOW
        self.links: list[Link] = []
        self.rejects: list[Reject] = []

    def batch(self, after: timedelta = timedelta(), **settings: Any) -> list[Fetch]:
        """What a batch some time later asked for, robots.txt aside."""
        self.now += after

        async def visit(web: Web) -> list[Link | Fetch | Reject]:
            stream = discover(
                self.sources,
                web,
                self.state.feed,
                feed_hours=1.0,
                until=self.now + SLACK,
                seen=self.state.seen,
                owners=owners(self.sources),
            )
            return [r async for r in stream]

        found = visiting(self.site, visit, clock=lambda: self.now, max_attempts=1, **settings)
        self.links = [r for r in found if isinstance(r, Link)]
        self.rejects = [r for r in found if isinstance(r, Reject)]
        fetches = [r for r in found if isinstance(r, Fetch)]
        self.state.learn(self.links, fetches)
        return [f for f in fetches if f.kind != "robots"]

    def known(self, url: str = FEED) -> Known:
        found = self.state.feed(url)
        assert found is not None
        return found


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(f"sqlite:///{tmp_path / 'state.db'}") as opened:
        yield opened


def rolling(per_hour: int, window: int, **headers: str) -> tuple[Handler, Callable[[datetime], None]]:
    """A feed with so many new entries an hour, of which it lists the newest; and its clock."""
    hours = [0]

    async def answer(request: server.Request) -> server.StreamResponse:
        newest = hours[0] * per_hour + window
        items = [(f"No. {n}", f"/{n}") for n in range(newest, newest - window, -1)]
        return await page(rss(*items), **headers)(request)

    def set_time(at: datetime) -> None:
        hours[0] = (at - NOW) // HOUR

    return answer, set_time


def counts(fetch: Fetch) -> tuple[int | None, int | None]:
    return fetch.entry_count, fetch.known_entry_count


def test_a_poll_says_what_was_listed_and_what_earlier_batches_knew(state: State) -> None:
    handler, set_time = rolling(2, 10)
    days = Days(state, {FEED: handler}, quay(feeds=[FEED]))
    (first,) = days.batch()
    assert counts(first) == (10, 0)
    set_time(NOW + HOUR)
    (second,) = days.batch(HOUR)
    assert counts(second) == (10, 8)
    (third,) = days.batch(HOUR)
    assert (third.outcome, counts(third)) == ("unchanged", (10, 10))


def test_a_feed_that_rolled_over_says_so_and_is_asked_sooner(state: State) -> None:
    handler, set_time = rolling(2, 10)
    days = Days(state, {FEED: handler}, quay(feeds=[FEED]))
    days.batch()
    set_time(NOW + 8 * HOUR)
    (late,) = days.batch(8 * HOUR)
    assert counts(late) == (10, 0)
    assert late.next_fetch_at is not None
    assert late.next_fetch_at - late.fetched_at <= HOUR


def test_an_entry_another_listing_of_the_batch_named_is_not_known_yet(state: State) -> None:
    other = f"{HOME}map.xml"
    routes = {FEED: page(rss(("A", "/a"))), other: page(urlset(f"<loc>{HOME}a</loc>"))}
    days = Days(state, routes, quay(feeds=[FEED], sitemaps=[other]))
    assert [counts(f) for f in days.batch()] == [(1, 0), (1, 0)]


def test_a_quiet_feed_is_left_alone_a_little_longer_each_time(state: State) -> None:
    days = Days(state, {FEED: page(rss(*((str(n), f"/{n}") for n in range(40))))}, quay(feeds=[FEED]))
    polls = [days.batch(HOUR * bool(n)) for n in range(24)]
    asked = [n for n, fetches in enumerate(polls) if fetches]
    gaps = [b - a for a, b in pairwise(asked)]
    assert gaps == sorted(gaps)
    assert len(asked) < 9


def test_max_age_is_kept(state: State) -> None:
    handler, _ = rolling(5, 10, Cache_Control="public, max-age=10800")
    (first,) = Days(state, {FEED: handler}, quay(feeds=[FEED])).batch()
    assert first.next_fetch_at == NOW + 3 * HOUR


def test_a_dead_feed_backs_off_and_comes_back(state: State) -> None:
    routes: dict[str, Handler] = {FEED: page("", 404)}
    days = Days(state, routes, quay(feeds=[FEED]))
    asked = [len(days.batch(HOUR)) for _ in range(30)]
    assert sum(asked) == 5
    assert days.known().outcome == "not_found"
    routes[FEED] = page(rss(("A", "/a")))
    (back,) = days.batch(7 * DAY)
    assert (back.outcome, len(days.links)) == ("fetched", 1)
    assert back.next_fetch_at is not None
    assert back.next_fetch_at - back.fetched_at < DAY


def test_retry_after_is_kept_and_the_other_feeds_of_the_host_are_left_alone(state: State) -> None:
    routes = {FEED: page("", 429, Retry_After="7200"), f"{HOME}more": page(rss(("A", "/a")))}
    days = Days(state, routes, quay(feeds=[FEED, f"{HOME}more"]))
    (limited,) = days.batch()
    assert limited.next_fetch_at == NOW + 2 * HOUR
    assert state.feed(f"{HOME}more") is None


def test_what_a_spent_budget_leaves_stays_due(state: State) -> None:
    routes = {f"{HOME}{n}": page(rss((n, f"/{n}"))) for n in "abc"}
    days = Days(state, routes, quay(feeds=list(routes)))
    assert len(days.batch(max_requests=2)) == 1, "robots.txt is a request, too"
    assert len(days.batch()) == 2


class Cached:
    """A server that answers 304 to whoever sends the ETag it always gives, whatever the feed holds by now."""

    def __init__(self, per_hour: int) -> None:
        self.handler, self.set_time = rolling(per_hour, 10, ETag='"always"')

    async def __call__(self, request: server.Request) -> server.StreamResponse:
        if request.headers.get("If-None-Match") == '"always"':
            return server.Response(status=304, headers={"ETag": '"always"'})
        return await self.handler(request)


def test_a_server_whose_validators_lie_is_found_out_and_not_believed(state: State) -> None:
    lying = Cached(per_hour=1)
    days = Days(state, {FEED: lying}, quay(feeds=[FEED]))
    polls = []
    for hour in range(48):
        lying.set_time(NOW + hour * HOUR)
        polls += days.batch(HOUR * bool(hour))
    caught = next(n for n, f in enumerate(polls) if LYING in (f.detail or ""))
    assert polls[caught].fetched_at <= NOW + 18 * HOUR
    assert {f.outcome for f in polls[1:caught]} == {"not_modified"}
    assert [f.conditional for f in polls[1:caught]] == [True] * (caught - 1)
    assert {(f.outcome, f.conditional) for f in polls[caught:]} == {("fetched", False)}
    assert counts(polls[-1])[1] not in (0, None), "from then on nothing is missed"


def test_who_lied_is_known_from_the_published_rows_alone(state: State, tmp_path: Path) -> None:
    lying = Cached(per_hour=1)
    days = Days(state, {FEED: lying}, quay(feeds=[FEED]))
    rows = days.batch()
    lying.set_time(NOW + 20 * HOUR)
    rows += days.batch(20 * HOUR)
    assert days.known().distrusted_at == NOW + 20 * HOUR
    with State(f"sqlite:///{tmp_path / 'rebuilt.db'}") as rebuilt:
        rebuilt.learn([], reversed(rows))
        assert rebuilt.feed(FEED) == days.known()


def test_one_etag_for_a_body_with_another_date_of_building_is_no_lie(state: State) -> None:
    built = [0]

    async def answer(request: server.Request) -> server.StreamResponse:
        built[0] += 1
        body = rss(("A", "/a")).replace("</title>", f"</title><lastBuildDate>{built[0]}</lastBuildDate>", 1)
        return await page(body, ETag='W/"same"')(request)

    days = Days(state, {FEED: answer}, quay(feeds=[FEED]))
    days.batch()
    (second,) = days.batch(DAY)
    assert (second.outcome, days.known().distrusted_at) == ("fetched", None)


def test_a_new_etag_for_the_same_bytes_is_no_news(state: State) -> None:
    tags = iter(range(9))

    async def answer(request: server.Request) -> server.StreamResponse:
        return await page(rss(("A", "/a")), ETag=f'"{next(tags)}"')(request)

    days = Days(state, {FEED: answer}, quay(feeds=[FEED]))
    days.batch()
    (second,) = days.batch(2 * HOUR)
    assert (second.outcome, days.links, days.known().etag) == ("unchanged", [], '"1"')


def index_of(*names: str) -> str:
    lines = "".join(f"<sitemap><loc>{HOME}{name}</loc></sitemap>" for name in names)
    return f"<sitemapindex {XMLNS}>{lines}</sitemapindex>"


def answering_304(body: str, etag: str = '"1"') -> Handler:
    async def answer(request: server.Request) -> server.StreamResponse:
        if request.headers.get("If-None-Match") == etag:
            return server.Response(status=304)
        return await page(body, ETag=etag)(request)

    return answer


def test_an_index_that_never_changes_hides_no_sitemap_that_does(state: State) -> None:
    routes: dict[str, Handler] = {
        f"{HOME}index.xml": answering_304(index_of("a.xml", "b.xml")),
        f"{HOME}a.xml": page(urlset(f"<loc>{HOME}1</loc>")),
        f"{HOME}b.xml": page("", 404),
    }
    days = Days(state, routes, quay(sitemaps=[f"{HOME}index.xml"]))
    first = {f.url: f for f in days.batch()}
    index = first[f"{HOME}index.xml"]
    assert counts(index) == (0, 0)
    assert index.next_fetch_at == min(f.next_fetch_at for f in first.values() if f.next_fetch_at)
    routes[f"{HOME}a.xml"] = page(urlset(f"<loc>{HOME}1</loc>", f"<loc>{HOME}2</loc>"))
    again = {f.url: f for f in days.batch(2 * HOUR)}
    assert again[f"{HOME}index.xml"].outcome == "unchanged"
    assert counts(again[f"{HOME}a.xml"]) == (2, 1)


def test_a_source_with_a_front_page_only_gives_the_feeds_linked_there(state: State) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/rss">'
    routes = {HOME: page(f"<html><head>{head}</head><body>News</body></html>"), FEED: page(rss(("A", "/a")))}
    days = Days(state, routes, quay())
    assert {f.url: f.kind for f in days.batch()} == {HOME: "homepage", FEED: "feed"}
    assert [link.url for link in days.links] == [f"{HOME}a"]
    assert days.batch() == [], "neither is due again"
    assert {f.url for f in days.batch(2 * HOUR)} == {HOME, FEED}


def test_a_front_page_without_a_feed_says_so(state: State) -> None:
    days = Days(state, {HOME: page("<html><body>News</body></html>")}, quay())
    days.batch()
    assert [(r.reason, r.detail) for r in days.rejects] == [("malformed_feed", "the front page names no feed")]


def test_an_entry_that_points_to_another_source_is_that_ones(state: State) -> None:
    pier = Source(source_id="pier", name="Pier", agency=False, homepage="http://www.pier.example/")
    twins = [Source(source_id=i, name=i, agency=False, homepage="http://twin.example/") for i in ("one", "two")]
    entries = [(n, f"http://{n}.example/a") for n in ("pier", "quay", "else", "twin")]
    days = Days(state, {FEED: page(rss(*entries))}, quay(feeds=[FEED]), pier, *twins)
    days.batch()
    assert {link.url.split(".")[0][7:]: link.source_id for link in days.links} == {
        "pier": "pier",
        "quay": "quay",
        "else": "quay",
        "twin": "quay",
    }
