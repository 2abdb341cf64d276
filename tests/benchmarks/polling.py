"""A simulated day of 5,000 feeds in 24 hourly batches: what is polled, what is missed, how late it is found, the time.

    python tests/benchmarks/polling.py                 5,000 feeds of 1,000 publishers, some minutes
    python tests/benchmarks/polling.py --feeds 500     fewer

A server on loopback plays the feeds by a clock that the batches set. Items appear by chance (a Poisson process), by day
more than by night; a feed has 6 a day in the middle, from less than one to 300, and shows its newest 25. Some tell
ETags, some Last-Modified, a quarter neither; a fifth have no dates. Each batch runs collect as it is (plan, discover,
assign, fetch, validate, publish, learn), with the clocks of hosts in the state; one page of each host is fetched.
"""

from __future__ import annotations

import multiprocessing
import random
import shutil
import tempfile
import time
from argparse import ArgumentParser
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from math import log
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from loopback import NOTHING, Server, answer_of

START = datetime(2026, 3, 2, 0, 5, tzinfo=UTC)
HOURS = 24
OF_ONE_HOST = 5
WINDOW = 25
DAY = 86_400.0


@cache
def items(feed: int) -> Sequence[float]:
    """When the items of a feed appear: from three days before the start to the end of the day."""
    rng = random.Random(feed)
    a_day = min(300.0, rng.lognormvariate(log(6), 1.3))
    moment, found = START.timestamp() - 3 * DAY, []
    while moment < START.timestamp() + DAY:
        moment += rng.expovariate(a_day * 1.6 / DAY)
        if rng.random() < (1.0 if 6 <= moment % DAY / 3600 < 22 else 0.25):
            found.append(moment)
    return found


def link(feed: int, number: int) -> str:
    """The URL of an item."""
    return f"http://paper-{feed // OF_ONE_HOST}.example/a/{feed}-{number}"


def window(feed: int, now: float) -> range:
    """The items that a feed shows."""
    end = bisect_right(items(feed), now)
    return range(max(0, end - WINDOW), end)


def make(clock: Any) -> Any:
    """The server, by that clock."""
    page = answer_of(b"<html><title>Report</title><p>The ferry runs again.</p></html>")

    def answer(host: bytes, path: bytes, head: bytes) -> bytes:
        if path.startswith(b"/a/"):
            return page
        if not path.startswith(b"/feed/"):
            return NOTHING
        feed = int(path[6:])
        shown = window(feed, clock.value)
        newest = items(feed)[shown[-1]] if shown else 0.0
        validator = (f'ETag: "{feed}-{shown.stop}"',) if feed % 20 < 12 else ()
        if 12 <= feed % 20 < 15:
            validator = (f"Last-Modified: {_http(newest)}",)
        if validator and validator[0].partition(": ")[2].encode() in head:
            return answer_of(b"", "304 Not Modified", "text/xml", *validator).replace(b"Content-Length: 0\r\n", b"")
        return answer_of(_rss(feed, shown).encode(), "200 OK", "application/rss+xml", *validator)

    return answer


def _rss(feed: int, shown: range) -> str:
    dated = feed % 5 > 0
    made = []
    for n in reversed(shown):
        date = f"<pubDate>{_http(items(feed)[n])}</pubDate>" if dated else ""
        made.append(f"<item><title>Report {n}</title><link>{link(feed, n)}</link>{date}</item>")
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{feed}</title>{"".join(made)}</channel></rss>'


def _http(moment: float) -> str:
    return format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)


def play(home: Path, feeds: int, pages: int) -> float:
    """Run the batches and print a line for each. Returns the longest, in seconds."""
    from pipeline import sources
    from pipeline.batch import Batch, run
    from pipeline.records import Source
    from pipeline.settings import load
    from pipeline.warehouse import query

    clock = multiprocessing.get_context("spawn").Value("d", START.timestamp())
    hosts: dict[str, list[str]] = {}
    for feed in range(feeds):
        host = f"paper-{feed // OF_ONE_HOST}.example"
        hosts.setdefault(host, []).append(f"http://{host}/feed/{feed}")
    print(f"{'batch':<15}{'polls':>7}{'304':>7}{'same':>7}{'new':>7}{'links':>9}{'requests':>10}{'a host':>8}{'s':>8}")
    longest = 0.0
    with Server(make, clock) as server:
        for hour in range(HOURS):
            moment = START + timedelta(hours=hour)
            clock.value = moment.timestamp()
            # The clock of settings goes on from when the process started.
            passed = load(home=home, now=moment).clock() - moment
            cfg = load(
                home=home, now=moment - passed, resolve=f"*.example=127.0.0.1:{server.port}", host_delay=0.01,
                max_articles=pages, workers=1, shards=4,
            )  # fmt: skip
            if not hour:
                register = [Source(source_id=h, name=h, agency=False, feeds=urls) for h, urls in hosts.items()]
                sources.write(cfg.register, register)
            batch = Batch.of(moment.strftime("%Y-%m-%dT%H"))
            began = time.monotonic()
            run.run_collect(cfg, batch)
            took = time.monotonic() - began
            longest = max(longest, took)
            told = query.rows(
                cfg,
                "SELECT count(*) FILTER (kind = 'feed') AS polls, "
                "count(*) FILTER (kind = 'feed' AND outcome = 'not_modified') AS same, "
                "count(*) FILTER (kind = 'feed' AND outcome = 'unchanged') AS equal, "
                "count(*) FILTER (kind = 'feed' AND outcome = 'fetched') AS new, count(*) AS requests, "
                "(SELECT count(*) FROM links WHERE batch_id = ?) AS links, (SELECT max(n) FROM (SELECT count(*) AS n "
                "FROM fetches WHERE batch_id = ? GROUP BY split_part(url, '/', 3))) AS host "
                "FROM fetches WHERE batch_id = ?",
                [batch.id] * 3,
            )[0]
            counts = "".join(f"{told[n]:>7,}" for n in ("polls", "same", "equal", "new"))
            print(
                f"{batch.id:<15}{counts}{told['links']:>9,}{told['requests']:>10,}{told['host']:>8}{took:>8.1f}",
                flush=True,
            )
        found = query.rows(cfg, "SELECT url, epoch(min(discovered_at)) AS at FROM links GROUP BY url")
        sums = query.rows(
            cfg,
            "SELECT count(*) AS polls, count(*) FILTER (known_entry_count = 0 AND entry_count > 0 "
            "AND batch_id > (SELECT min(batch_id) FROM fetches)) AS warned FROM fetches WHERE kind = 'feed'",
        )[0]
    tell({r["url"]: r["at"] for r in found}, feeds, sums["polls"], sums["warned"])
    return longest


def tell(found: dict[str, float], feeds: int, polls: int, warned: int) -> None:
    """How complete and how late the day's items were found, beside asking every feed every hour."""
    first, last = START.timestamp(), START.timestamp() + (HOURS - 1) * 3600
    late, hourly, lost, lost_hourly, waiting, total = [], [], 0, 0, 0, 0
    for feed in range(feeds):
        times = items(feed)
        shown = window(feed, last)
        for n in range(bisect_right(times, first), bisect_right(times, last)):
            total += 1
            tick = first + -(-(times[n] - first) // 3600) * 3600
            if n in window(feed, tick):
                hourly.append(tick - times[n])
            else:
                lost_hourly += 1
            if (at := found.get(link(feed, n))) is not None:
                late.append(at - times[n])
            elif n in shown:
                waiting += 1
            else:
                lost += 1
    print(f"\n{total:,} items of {feeds:,} feeds appeared between the first batch and the last")
    print(f"  {'':<12}{'polls':>10}{'found':>10}{'to come':>10}{'missed':>10}", end="")
    print(f"{'h late: mean':>15}{'median':>9}{'9 in 10':>9}")
    for name, asked, times, left, gone in (
        ("newsledger", polls, late, waiting, lost),
        ("every hour", feeds * HOURS, hourly, 0, lost_hourly),
    ):
        cuts = quantiles(times, n=10)
        hours = "".join(f"{v / 3600:>{w}.2f}" for v, w in ((mean(times), 15), (cuts[4], 9), (cuts[8], 9)))
        print(f"  {name:<12}{asked:>10,}{len(times):>10,}{left:>10,}{gone:>10,}{hours}")
    saved = 1 - polls / (feeds * HOURS)
    print(f"  polls saved: {saved:.0%}; polls that said that items may have been missed: {warned:,}")


def main() -> None:
    """Play the day."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=5_000)
    parser.add_argument("--pages", type=int, default=1, help="pages fetched of one host in one batch")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp())
    began = time.monotonic()
    try:
        longest = play(home / "data", given.feeds, given.pages)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"  the longest batch took {longest:.0f} s of its hour ({3600 / longest:.0f} ×);", end=" ")
    print(f"in all {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
