"""Waiting: what a host asks for, one clock for all who ask it, and what it may cost in all."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collect_site import NOW, Handler, Site, in_turn, page, visiting

from pipeline.collect import Web
from pipeline.collect.politeness import LONGEST_DELAY, LONGEST_REST, Politeness, kept_for, seconds_of
from pipeline.collect.web import Answer

URL = "http://quay.example/a"
DATE = "Mon, 02 Mar 2026 06:00:00 GMT"


@pytest.mark.parametrize(
    ("said", "date", "seconds"),
    [
        *(("120", None, 120.0), ("0", None, 0.0), ("9" * 400, None, LONGEST_REST), ("-5", None, None)),
        *(("Mon, 02 Mar 2026 06:02:00 GMT", None, 120.0), ("Mon, 02 Mar 2026 06:02:00 GMT", DATE, 120.0)),
        # The server's clock is an hour slow: two minutes on it are two minutes.
        ("Mon, 02 Mar 2026 05:02:00 GMT", "Mon, 02 Mar 2026 05:00:00 GMT", 120.0),
        *(("Mon, 02 Mar 2026 06:02:00 -0000", DATE, 120.0), ("Monday, 02-Mar-26 06:02:00 GMT", DATE, 120.0)),
        *(("Sun, 01 Mar 2026 06:00:00 GMT", DATE, 0.0), ("Fri, 31 Dec 9999 23:59:59 GMT", DATE, LONGEST_REST)),
        *(("soon", None, None), ("", None, None), ("٣", None, None), ("Mon, 02 Mar 2026 06:02:00 GMT", "noon", 120.0)),
    ],
)
def test_a_retry_after_is_seconds_or_a_date_by_the_servers_own_clock(
    said: str, date: str | None, seconds: float | None
) -> None:
    assert seconds_of(said, date, NOW) == seconds


@pytest.mark.parametrize(
    ("cache_control", "expires", "seconds"),
    [
        *(("max-age=600", None, 600.0), ("public, MAX-AGE = 60", DATE, 60.0), ("s-maxage=9", None, None)),
        *(("no-cache, max-age=600", None, None), ("no-store", DATE, None), (None, None, None), (None, "0", None)),
        *((None, "Mon, 02 Mar 2026 07:00:00 GMT", 3600.0), ("public", "Mon, 02 Mar 2026 05:00:00 GMT", 0.0)),
        ("max-age=" + "9" * 30, None, LONGEST_REST),
    ],
)
def test_an_answer_says_how_long_it_holds(
    cache_control: str | None, expires: str | None, seconds: float | None
) -> None:
    assert kept_for(cache_control, expires, DATE, NOW) == seconds


def asking(routes: dict[str, Handler], *urls: str, **settings: Any) -> tuple[list[Answer], list[str | None], Site]:
    """The answers to some URLs, what `spent` said before each, and the site."""
    site = Site(routes)

    async def visit(web: Web) -> tuple[list[Answer], list[str | None]]:
        spent, answers = [], []
        for url in urls or (URL,):
            spent.append(web.spent(url))
            answers.append(await web.get(url, kind="article", source_id="quay"))
        return answers, spent

    answers, spent = visiting(site, visit, **settings)
    return answers, spent, site


def test_a_retry_after_by_date_is_waited_for() -> None:
    later = page("", 503, Retry_After="Mon, 02 Mar 2026 06:00:01 GMT", Date=DATE)
    answers, _, site = asking({URL: in_turn(later, page())})
    assert [f.outcome for f in answers[0].fetches[1:]] == ["rate_limited", "fetched"]
    (_, _, first), (_, _, second) = site.requests[1:]
    assert second - first >= 0.99


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 501])
def test_only_what_may_pass_is_tried_again(status: int) -> None:
    _, _, site = asking({URL: page("", status)}, max_attempts=3)
    assert len(site.asked) == (3 if status == 501 else 1)


def test_the_waits_between_attempts_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def counted(seconds: float) -> None:
        if seconds:
            waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", counted)
    for _ in range(2):
        asking({URL: page("", 500)}, max_attempts=4, retry_wait=8.0)
    assert len(waits) == 6
    assert all(4 * 2**n <= wait <= 12 * 2**n for n, wait in enumerate(waits[:3]))
    assert waits[:3] != waits[3:]


def test_requests_are_counted_and_the_budget_of_a_run_ends_them() -> None:
    urls = [f"http://quay-{n}.example/a" for n in range(3)]
    _, spent, site = asking(dict.fromkeys(urls, page("", 500)), *urls, max_requests=3, max_attempts=3)
    assert spent[:2] == [None, "max_requests: 3 requests were made"]
    # robots.txt and two attempts; from then on nobody tries again.
    assert [u for u, _, _ in site.requests].count(urls[0]) == 2


def test_a_host_that_takes_too_long_is_spent_and_others_are_not() -> None:
    async def slow(request: Any) -> Any:
        await asyncio.sleep(0.3)
        return await page()(request)

    urls = [URL, "http://quay.example/b", "http://pier.example/c"]
    _, spent, _ = asking({URL: slow}, *urls, max_host_seconds=0.2)
    assert spent[0] is None
    assert spent[1] is not None
    assert spent[1].startswith("max_host_seconds: quay.example took")
    assert spent[2] is None


def test_a_host_that_asks_for_a_long_rest_is_spent() -> None:
    answers, spent, _ = asking({URL: page("", 429, Retry_After="7200")}, URL, URL)
    assert answers[0].retry_after == 7200
    assert spent == [None, "Retry-After: quay.example is to be left alone for 7200 s"]


def test_a_crawl_delay_is_kept_up_to_half_a_minute() -> None:
    async def asked() -> float:
        politeness = Politeness(host_delay=1.0, concurrent=1, clock=lambda: NOW)
        await politeness.ask_for("quay.example", 86_400.0)
        return politeness._state("quay.example").delay

    assert asyncio.run(asked()) == LONGEST_DELAY


class InMemory:
    """Clocks that threads of one process share."""

    def __init__(self) -> None:
        self.free: dict[str, datetime] = {}
        self.taken = 0
        self._lock = threading.Lock()

    def take(self, host: str, at: datetime, pause: float) -> datetime:
        with self._lock:
            turn = max(at, self.free.get(host, at))
            self.free[host] = turn + timedelta(seconds=pause)
            self.taken += 1
            return turn

    def rest(self, host: str, until: datetime) -> None:
        with self._lock:
            self.free[host] = max(until, self.free.get(host, until))


def side_by_side(site: Site, count: int, visit: Any, **settings: Any) -> None:
    """The same visit by several Webs, each in a thread and event loop of its own."""

    async def alone(number: int) -> None:
        options = {"user_agent": "Newsledger/test", "resolve": f"*.example=127.0.0.1:{site.port}", "retry_wait": 0.01}
        async with Web(archive=None, clock=lambda: datetime.now(UTC), **options, **settings) as web:  # type: ignore[arg-type]
            await visit(web, number)

    async def all_of_them() -> None:
        async with site.open():
            await asyncio.gather(*(asyncio.to_thread(asyncio.run, alone(n)) for n in range(count)))

    asyncio.run(all_of_them())


def span(site: Site, pause: float, *, of: str = "") -> float:
    """Time from the first request to the last, in parts of what that many must take with that pause between two.

    A request may be slow to arrive, so parts of it count, not each gap.
    """
    times = sorted(at for url, _, at in site.requests if of in url)
    return (times[-1] - times[0]) / (pause * (len(times) - 1))


@pytest.mark.parametrize("concurrent", [1, 8])
def test_workers_that_share_clocks_ask_a_host_no_more_often_than_one_would(concurrent: int) -> None:
    site, clocks = Site({f"http://quay.example/{n}": page() for n in range(9)}), InMemory()

    async def visit(web: Web, number: int) -> None:
        urls = [f"http://quay.example/{n}" for n in range(number, 9, 3)]
        await asyncio.gather(*(web.get(u, kind="article", source_id="quay") for u in urls))

    side_by_side(site, 3, visit, clocks=clocks, host_delay=0.1, concurrent=concurrent)
    assert len(site.requests) == 12
    assert span(site, 0.1) > 0.9


def test_workers_that_share_clocks_keep_a_crawl_delay_together() -> None:
    robots = page("User-agent: *\nCrawl-delay: 0.3", Content_Type="text/plain")
    site = Site({"http://quay.example/robots.txt": robots} | {f"http://quay.example/{n}": page() for n in range(4)})

    async def visit(web: Web, number: int) -> None:
        for n in range(2):
            await web.get(f"http://quay.example/{2 * number + n}", kind="article", source_id="quay")

    side_by_side(site, 2, visit, clocks=InMemory(), host_delay=0.1)
    assert len(site.asked) == 4
    # Two times robots.txt, before the delay was known; then every 0.3 seconds.
    assert span(site, 0.3, of="example/") > 0.6


def test_shared_clocks_are_left_alone_where_no_pause_is_asked() -> None:
    clocks = InMemory()
    asking({URL: page()}, clocks=clocks, host_delay=0.0)
    assert (clocks.taken, clocks.free) == (0, {})


WORKER = """
import asyncio, json, sys, fcntl
from datetime import UTC, datetime, timedelta
from pipeline.collect import Web

class InFile:
    def take(self, host, at, pause):
        with open(sys.argv[2], "a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            free = datetime.fromisoformat(file.read() or at.isoformat())
            turn = max(at, free)
            file.truncate(0)
            file.write((turn + timedelta(seconds=pause)).isoformat())
            file.flush()
            return turn
    def rest(self, host, until):
        pass

async def main():
    options = {"user_agent": "Newsledger/test", "resolve": "*.example=127.0.0.1:" + sys.argv[1], "host_delay": 0.1}
    async with Web(archive=None, clock=lambda: datetime.now(UTC), clocks=InFile(), **options) as web:
        for n in range(4):
            await web.get(f"http://quay.example/{sys.argv[3]}/{n}", kind="article", source_id="quay")

asyncio.run(main())
"""


def test_two_processes_that_share_clocks_keep_the_pause_together(tmp_path: Path) -> None:
    site = Site({})

    async def run() -> None:
        async with site.open():
            workers = [
                await asyncio.create_subprocess_exec(
                    sys.executable, "-c", WORKER, str(site.port), str(tmp_path / "clock"), name, stderr=subprocess.PIPE
                )
                for name in ("first", "second")
            ]
            for worker in workers:
                _, errors = await worker.communicate()
                assert worker.returncode == 0, errors.decode()

    asyncio.run(run())
    assert len(site.requests) == 10
    assert span(site, 0.1) > 0.9


def test_waiting_ends_when_the_web_is_left() -> None:
    async def run() -> None:
        async with Web(
            archive=None, clock=lambda: NOW, user_agent="Newsledger/test", resolve="*.example=127.0.0.1:9"
        ) as web:
            task = asyncio.create_task(web.get(URL, kind="article", source_id="quay"))
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_a_host_that_a_redirect_leads_to_is_left_alone_as_it_asks() -> None:
    routes = {f"http://quay.example/{n}": page("", 302, Location=f"http://www.quay.example/{n}") for n in range(3)}
    routes |= {f"http://www.quay.example/{n}": page("", 429, Retry_After="3600") for n in range(3)}
    answers, _, site = asking(routes, *(f"http://quay.example/{n}" for n in range(3)))
    assert [a.last.outcome for a in answers] == ["rate_limited"] * 3
    assert sum(url.startswith("http://www.") for url in site.asked) == 1
    assert all((a.retry_after or 0) > 3500 for a in answers)


def test_a_host_whose_time_is_spent_is_not_asked_through_a_redirect() -> None:
    routes = {f"http://quay.example/{n}": page("", 302, Location=f"http://www.quay.example/{n}") for n in range(2)}
    answers, _, site = asking(
        routes | {"http://www.quay.example/0": page()},
        *(f"http://quay.example/{n}" for n in range(2)),
        max_host_seconds=1e-9,
    )
    assert sum(url.startswith("http://www.") for url in site.asked) <= 1
    assert answers[-1].last.outcome == "rate_limited"
