"""Planning what to ask for, and asking for it."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from collect_site import NOW, Site, in_turn, page, visiting
from test_collect_state import HOUR, link

from pipeline.collect import Target, Web, fetch, plan
from pipeline.collect.fetch import HOPELESS_AFTER, by_host
from pipeline.collect.schedule import after_article
from pipeline.collect.state import Known
from pipeline.records import Fetch

A, B = "http://quay.example/a", "http://quay.example/b"
RULES: dict[str, Any] = {"revisit_hours": (1, 6, 24), "feed_hours": 1.0}


def seen(url: str = A, **more: Any) -> dict[str, Known]:
    return {url: Known(url=url, source_id="quay", first_seen_at=NOW - 48 * HOUR, **more)}


def planned(*args: Any, most: int = 10) -> list[str]:
    return [t.url for t in plan(*args, max_articles=most)]


def target(url: str, **more: Any) -> Target:
    return Target(url=url, source_id="quay", newest_at=NOW, **more)


def fetching(site: Site, targets: list[Target], **settings: Any) -> list[Fetch]:
    async def visit(web: Web) -> list[Fetch]:
        return [f async for f in fetch(by_host(targets), web, **RULES)]

    return [f for f in visiting(site, visit, **settings) if f.kind == "article"]


def test_a_new_url_is_asked_for_once_however_often_it_was_found() -> None:
    assert planned([link(A), link(A, NOW + HOUR), link(B)], {}, NOW) == [A, B]


def test_what_was_fetched_is_not_asked_for_before_it_is_due() -> None:
    known = seen(last_fetched_at=NOW - HOUR, outcome="fetched", next_fetch_at=NOW + HOUR)
    assert planned([link(A)], known, NOW) == []
    assert planned([link(A)], known, NOW + HOUR) == [A]
    assert planned([], known, NOW + HOUR) == [A]


def test_a_url_that_waited_since_an_earlier_batch_is_asked_for() -> None:
    assert planned([], seen(), NOW) == [A]


def test_what_is_gone_stays_gone_unless_it_is_said_to_have_changed() -> None:
    known = seen(last_fetched_at=NOW - 2 * HOUR, outcome="removed")
    assert planned([link(A, modified_hint=NOW - 3 * HOUR)], known, NOW) == []
    assert planned([link(A, modified_hint=NOW - HOUR)], known, NOW) == [A]
    # A date to come is no sign of change: some sitemaps give such dates to every page.
    assert planned([link(A, modified_hint=NOW + 9 * HOUR)], known, NOW) == []


def test_the_newest_are_taken_of_each_host_and_the_order_of_links_does_not_matter() -> None:
    links = [link(f"http://quay.example/{n}", published_hint=NOW - n * HOUR) for n in range(6)]
    links += [link("http://pier.example/x"), link("http://quay.example/3", NOW + HOUR, "pier")]
    wanted = ["http://pier.example/x", "http://quay.example/0", "http://quay.example/1"]
    first = plan(links, {}, NOW, max_articles=2)
    for _ in range(5):
        random.Random(3).shuffle(links)
        assert plan(links, {}, NOW, max_articles=2) == first
    assert [t.url for t in first] == wanted


def test_a_target_survives_being_written_down() -> None:
    one = target(A, etag='"1"', first_fetched_at=NOW - HOUR, last_wait=3600.0)
    assert Target.from_json(json.loads(json.dumps(one.to_json()))) == one
    assert one.host == "quay.example"


def test_an_article_is_visited_again_after_the_hours_set() -> None:
    (got,) = fetching(Site({A: page()}), [target(A)])
    assert (got.outcome, got.next_fetch_at) == ("fetched", NOW + HOUR)
    (again,) = fetching(Site({A: page("", 304)}), [target(A, etag='"1"', first_fetched_at=NOW - 2 * HOUR)])
    assert (again.outcome, again.next_fetch_at) == ("not_modified", NOW + 4 * HOUR)
    (last,) = fetching(Site({A: page()}), [target(A, first_fetched_at=NOW - 25 * HOUR)])
    assert last.next_fetch_at is None


def test_a_visit_a_little_early_has_served_its_hour() -> None:
    times = {"first_fetched_at": NOW, "last_wait": None} | RULES
    assert after_article("fetched", NOW + timedelta(minutes=59), **times) == NOW + 6 * HOUR
    assert after_article("fetched", NOW + timedelta(minutes=10), **times) == NOW + HOUR


def test_trouble_doubles_the_wait_until_it_is_given_up() -> None:
    wait, waits = None, []
    while (at := after_article("timeout", NOW, first_fetched_at=None, last_wait=wait, **RULES)) is not None:
        wait = at - NOW
        waits.append(wait / HOUR)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_what_is_blocked_or_gone_is_not_asked_for_again(status: int) -> None:
    (got,) = fetching(Site({A: page("", status)}), [target(A)])
    assert got.next_fetch_at is None


def test_only_the_last_attempt_says_when_a_url_is_due() -> None:
    first, last = fetching(Site({A: in_turn(page("", 500), page())}), [target(A)])
    assert (first.next_fetch_at, last.next_fetch_at) == (None, NOW + HOUR)


def test_a_robots_txt_in_trouble_is_asked_again_later() -> None:
    (got,) = fetching(Site({"http://quay.example/robots.txt": page("", 500)}), [target(A)])
    assert (got.outcome, got.next_fetch_at) == ("robots_disallowed", NOW + HOUR)


def test_a_host_that_answers_nothing_is_left_alone_and_the_others_are_not() -> None:
    ill = [f"http://ill.example/{n}" for n in range(9)]
    well = [f"http://well.example/{n}" for n in range(9)]
    site = Site(dict.fromkeys(ill, page("", 500)) | dict.fromkeys(well, page()))
    got = fetching(site, [target(u) for u in ill + well], max_attempts=1)
    assert [f.url for f in got if "ill" in f.url] == ill[:HOPELESS_AFTER]
    assert sorted(f.url for f in got if "well" in f.url) == well


def test_a_host_that_asks_for_an_hour_gets_it() -> None:
    site = Site({A: page("", 429, Retry_After="7200"), B: page()})
    got = fetching(site, [target(A), target(B)])
    assert [(f.url, f.outcome, f.next_fetch_at) for f in got] == [(A, "rate_limited", NOW + 2 * HOUR)]


def test_leaving_early_leaves_nothing_running() -> None:
    site = Site({f"http://quay-{n}.example/a": page() for n in range(5)})

    async def visit(web: Web) -> int:
        stream = fetch(by_host(target(u) for u in site.routes), web, **RULES)
        async for _ in stream:
            break
        await stream.aclose()
        return 1

    assert visiting(site, visit) == 1
