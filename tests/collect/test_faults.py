"""Whatever hosts do, every URL ends in its state, no host is asked too often, and nothing that it forbids is asked for.

One web of some ninety faults is collected, derived and grouped in four batches over three days; the tests look at what
the server saw and at what the ledger says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest
from fault_making import ENDS, LIMIT, ROUTES
from fault_manners import FALSE, FEEDS, INVALID, WAITS
from fault_site import FaultSite, Request, self_signed
from fault_wire import FAST, HUGE, SLOW

from pipeline import sources
from pipeline.batch import Batch, run
from pipeline.records import Source
from pipeline.settings import Settings, load
from pipeline.warehouse import conservation, query

START = datetime(2026, 3, 2, 6, 5, tzinfo=UTC)
BATCHES = [START, START + timedelta(hours=1), START + timedelta(hours=26), START + timedelta(hours=74)]
DELAY = 0.06
ATTEMPTS = 2
AGENT = "Newsledger/test (+https://newsledger.example/bot)"


class Played(NamedTuple):
    """What is left when all is over."""

    cfg: Settings
    site: FaultSite

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return query.rows(self.cfg, sql, values)

    def by_host(self) -> dict[tuple[int, str], list[Request]]:
        found: dict[tuple[int, str], list[Request]] = defaultdict(list)
        for request in self.site.requests:
            found[request.batch, request.host].append(request)
        return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The faulty web, collected, derived and grouped in every batch."""
    home = tmp_path_factory.mktemp("faults")
    with FaultSite(ROUTES, self_signed(home / "key.pem", "self-signed.tls.example")) as site:
        for number, moment in enumerate(BATCHES, 1):
            site.batch = number
            cfg = settings(home / "data", site, moment)
            if number == 1:
                sources.write(cfg.register, [source(url) for url in FEEDS])
            batch = Batch.of(moment.strftime("%Y-%m-%dT%H"))
            run.run_collect(cfg, batch)
            run.run_derive(cfg, batch)
        run.run_group(cfg)
        yield Played(cfg, site)


def settings(home: Any, site: FaultSite, moment: datetime) -> Settings:
    # The clock of settings goes on from when the process started.
    passed = (probe := load(home=home, now=moment)).clock() - moment
    assert probe.now is not None
    return load(
        home=home, now=moment - passed, resolve=f"closed.example=127.0.0.1:1,{site.resolve}", user_agent=AGENT,
        timeout=1.0, connect_timeout=0.8, retry_wait=0.05, max_retry_after=3.0, max_attempts=ATTEMPTS,
        max_bytes=LIMIT, host_delay=DELAY, feed_hours=1.0, shards=1, workers=1,
    )  # fmt: skip


def source(feed: str) -> Source:
    host = feed.split("/")[2]
    return Source(source_id=host, name=host, agency=False, feeds=[feed])


# Where URLs end ------------------------------------------------------------------------------------------------------


def test_every_url_ends_in_the_state_that_its_fault_deserves(played: Played) -> None:
    found = {r["url"]: (r["state"], r["reason"]) for r in played.rows("SELECT url, state, reason FROM ledger")}
    wrong = {u: (found.get(u), end) for u, end in ENDS.items() if found.get(u) != end}
    assert not wrong, "URL: (where it is, where it should be)"


def test_the_ledger_closes_and_the_lake_holds_together(played: Played) -> None:
    conservation.check_ledger(played.cfg)
    assert conservation.audit(played.cfg) == []


def test_what_is_no_url_is_told(played: Played) -> None:
    told = {r["url"] for r in played.rows("SELECT url FROM rejects WHERE reason = 'invalid_url'")}
    assert told >= set(INVALID)


def test_pages_hold_what_their_own_url_answered(played: Played) -> None:
    """What a server sends behind an answer belongs to nobody."""
    for row in played.rows("SELECT url, text FROM articles WHERE url LIKE 'http://longer%'"):
        host, _, path = row["url"].removeprefix("http://").partition("/")
        assert f"{host} /{path}" in row["text"], row["url"]
    assert played.rows("SELECT url FROM articles WHERE contains(text, 'Smuggled')") == []


def test_a_page_in_another_charset_than_it_says_is_read(played: Played) -> None:
    texts = {r["url"][-1]: r["text"] for r in played.rows("SELECT url, text FROM articles WHERE url LIKE '%charset%'")}
    assert "Saint-Rémy und Öland" in texts["a"]
    assert "Łódź" in texts["b"]


# How often hosts are asked -------------------------------------------------------------------------------------------


def test_no_host_is_asked_again_before_its_pause_is_over(played: Played) -> None:
    least = defaultdict(lambda: DELAY, {"crawl.example": 0.4, "longer-later.example": 0.5})
    early = [
        (batch, second.url, round(second.at - first.at, 3))
        for (batch, host), requests in played.by_host().items()
        for first, second in pairwise(requests)
        if second.at - first.at < least[host] - 0.01
    ]
    assert not early


def test_no_url_is_asked_more_often_than_it_is_worth(played: Played) -> None:
    often = {
        (batch, host, url): count
        for (batch, host), requests in played.by_host().items()
        for url, count in counted(requests).items()
        if count > ATTEMPTS * (2 if host in ("ring.example", "barred.example") else 1)
    }
    assert not often


def counted(requests: list[Request]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for request in requests:
        found[request.url] += 1
    return found


def test_redirects_are_followed_only_so_far(played: Played) -> None:
    most = played.cfg.max_redirects + 1
    for batch in range(1, len(BATCHES) + 1):
        assert len([r for r in played.site.asked("http://maze.example/", batch) if r.path != "/robots.txt"]) <= most


@pytest.mark.parametrize("url", WAITS)
def test_a_host_that_asks_for_a_second_gets_it_whatever_its_clock_says(played: Played, url: str) -> None:
    first, second = played.site.asked(url, 1)
    assert second.at - first.at >= 0.99


def test_a_host_that_asks_for_hours_is_left_alone_for_hours(played: Played) -> None:
    pages = [len(played.site.asked(f"http://away.example/{n}", batch)) for batch in (1, 2) for n in "ab"]
    assert sum(pages[:2]) == 1, "one page was asked for in the first batch, and none after it"
    assert pages[2:] == [0, 0], "an hour later neither is asked for"


def test_a_host_that_answers_nothing_is_left_alone_for_the_batch(played: Played) -> None:
    asked = {r.url for r in played.site.asked("http://half-broken.example/", 1)}
    assert len(asked) <= 6, "robots.txt and five pages"


def test_a_slow_host_does_not_hold_up_the_others(played: Played) -> None:
    """While it gives its first pages, the others have given all of theirs."""
    order = [r.url for r in played.site.requests if r.batch == 1]
    last_fast = max(order.index(url) for url in FAST)
    slow = sorted(order.index(url) for url in SLOW)
    assert last_fast < slow[-1]


# What is never asked for ---------------------------------------------------------------------------------------------


def test_nothing_is_asked_for_that_robots_disallows(played: Played) -> None:
    barred = [r.url for r in played.site.requests if unquote(r.path).lower().startswith("/private")]
    assert barred == []


@pytest.mark.parametrize("host", ["no-robots.example", "mute-robots.example"])
def test_a_host_without_a_readable_robots_txt_is_asked_for_nothing_else(played: Played, host: str) -> None:
    assert {r.path for r in played.site.asked(f"http://{host}/")} == {"/robots.txt"}


def test_a_host_whose_robots_txt_comes_back_is_asked_then(played: Played) -> None:
    host = "http://late-robots.example"
    assert {r.path for r in played.site.asked(host, 1)} == {"/robots.txt"}
    assert {r.path for r in played.site.asked(host, 2)} == {"/robots.txt", "/a"}


def test_robots_txt_comes_first_and_once_a_batch(played: Played) -> None:
    for (batch, host), requests in played.by_host().items():
        robots = [n for n, r in enumerate(requests) if r.path == "/robots.txt"]
        assert robots[:1] == [0], (batch, host, "robots.txt is asked for first")


def test_no_redirect_leads_to_a_private_address(played: Played) -> None:
    assert {r.host for r in played.site.requests if not r.host.endswith(".example")} == set()
    assert not [r.url for r in played.site.requests if "secret" in r.url]


def test_every_request_says_who_asks_and_none_brings_a_cookie(played: Played) -> None:
    assert {r.headers.get("user-agent") for r in played.site.requests} == {AGENT}
    assert not [r.url for r in played.site.requests if "cookie" in r.headers or "authorization" in r.headers]


# How much is taken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [*HUGE, "http://long-robots.example/robots.txt", "http://endless-headers.example/a"])
def test_what_is_too_much_is_cut_off_while_it_comes(played: Played, url: str) -> None:
    """The limit, what both sides' buffers hold (some megabytes where the system is generous), and no more."""
    requests = played.site.asked(url)
    assert requests
    assert max(r.sent for r in requests) < LIMIT + 7_000_000


def test_of_a_body_that_is_too_large_no_more_than_the_limit_is_kept(played: Played) -> None:
    kept = played.rows("SELECT url, body_bytes FROM fetches WHERE outcome = 'too_large'")
    assert {r["url"] for r in kept} >= {*HUGE, "http://zipped-twice.example/a"}
    assert all(r["body_bytes"] <= LIMIT + 300_000 for r in kept), kept


# Validators and listings ---------------------------------------------------------------------------------------------


def test_validators_are_sent_back_byte_for_byte_or_not_at_all(played: Played) -> None:
    sent = {r.headers["if-none-match"] for r in played.site.requests if "if-none-match" in r.headers}
    assert '"same"' in sent
    assert all(tag.isascii() and tag.isprintable() for tag in sent)
    assert not [r for r in played.site.asked("http://odd-etag.example/a") if "if-none-match" in r.headers]


def test_the_same_bytes_under_a_new_etag_are_unchanged(played: Played) -> None:
    outcomes = outcomes_of(played, "http://new-etag.example/a")
    assert outcomes[0] == "fetched"
    assert set(outcomes[1:]) == {"unchanged"}


def test_other_bytes_under_the_same_etag_are_a_new_version(played: Played) -> None:
    assert set(outcomes_of(played, "http://same-etag.example/a")) == {"fetched"}


def outcomes_of(played: Played, url: str) -> list[str]:
    return [r["outcome"] for r in played.rows("SELECT outcome FROM fetches WHERE url = ? ORDER BY fetched_at", url)]


@pytest.mark.parametrize(
    ("host", "outcome"),
    [("drip-feed", "timeout"), ("zipped-feed", "too_large"), ("shorter-feed", "connection_failed"),
     ("gone-feed", "removed"), ("always-304-feed", "unasked_not_modified"), ("flap-feed", "fetched")],
)  # fmt: skip
def test_a_broken_feed_ends_as_what_it_is(played: Played, host: str, outcome: str) -> None:
    outcomes = set(outcomes_of(played, f"http://{host}.example/feed")) - {"server_error", "unchanged"}
    assert outcomes == {outcome}


def test_half_a_feed_gives_no_links(played: Played) -> None:
    assert played.rows("SELECT url FROM links WHERE contains(url, 'never')") == []


def test_a_page_in_place_of_a_feed_is_told(played: Played) -> None:
    told = played.rows("SELECT DISTINCT reason FROM rejects WHERE url = ?", FALSE)
    assert told == [{"reason": "malformed_feed"}]


def test_a_feed_that_rolled_over_between_two_polls_says_so(played: Played) -> None:
    first, *later = counts_of(played, "http://rolling.example/feed")
    assert first == (5, 0)
    assert later
    assert set(later) == {(5, 0)}, "five entries, none of them known: some may have been missed"


def test_a_feed_that_did_not_roll_over_says_so_too(played: Played) -> None:
    first, *later = counts_of(played, "http://overlap.example/feed")
    assert first == (5, 0)
    assert later
    assert all(known > 0 for _, known in later)


def counts_of(played: Played, url: str) -> list[tuple[int, int]]:
    sql = "SELECT entry_count, known_entry_count FROM fetches WHERE url = ? AND outcome = 'fetched' ORDER BY fetched_at"
    return [(r["entry_count"], r["known_entry_count"]) for r in played.rows(sql, url)]


def test_a_feed_whose_validators_lie_is_found_out(played: Played) -> None:
    """Its entries of the last batch stand in the ledger, though it said 304 to all who asked with its ETag."""
    listed = played.rows("SELECT url FROM ledger WHERE url LIKE 'http://lying-feed.example/%' AND state = 'stored'")
    assert {f"http://lying-feed.example/{n}" for n in range(20, 25)} <= {r["url"] for r in listed}


def test_a_failing_feed_is_left_alone_for_longer_each_time(played: Played) -> None:
    sql = "SELECT fetched_at, next_fetch_at FROM fetches WHERE url = ? AND next_fetch_at IS NOT NULL ORDER BY 1"
    waits = [r["next_fetch_at"] - r["fetched_at"] for r in played.rows(sql, "http://drip-feed.example/feed")]
    assert waits[0] >= timedelta(minutes=59)
    assert all(later >= earlier for earlier, later in pairwise(waits))
