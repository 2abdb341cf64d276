"""How fast pages are fetched and archived, beside plain aiohttp and scrapy, which only read them; and in what memory.

    python tests/benchmarks/fetch.py             all, about four minutes
    python tests/benchmarks/fetch.py --quick     fewer pages, one round

200 hosts on loopback give pages of 30 kB, compressed as on the web (gzip), without delays and without robots.txt.
Newsledger's share is the batch's own fetch step: targets from staging, every request and answer into WARC files, rows
into Parquet. Each way runs in a fresh process, hosts side by side, one request at a time to each host, 16 at once over
all. Scrapy comes through `uv run --with scrapy`, or from the interpreter named by --scrapy; without it, it is skipped.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

HOSTS = 200
AT_ONCE = 16
GOAL = 0.6
HEAD = f"  {{:<24}}{'pages/s':>10}{'CPU s/1,000 p.':>18}{'peak MB':>14}{'MB':>12}"


def make(size: int, pages: int) -> Any:
    """The server: a feed of `pages` URLs for each host, and pages of about `size` bytes."""
    from loopback import NOTHING, answer_of

    ready = [answer_of(gzip.compress(_page(n, size), 6), "200 OK", "text/html; charset=utf-8",
                       "Content-Encoding: gzip", "Vary: Accept-Encoding") for n in range(HOSTS)]  # fmt: skip

    def answer(host: bytes, path: bytes, head: bytes) -> bytes:
        if path.startswith(b"/p/"):
            return ready[int(path[3:]) % HOSTS]
        if path == b"/feed":
            links = "".join(f"<item><link>http://{host.decode()}/p/{n}</link></item>" for n in range(pages))
            return answer_of(f'<rss version="2.0"><channel>{links}</channel></rss>'.encode(), kind="text/xml")
        return NOTHING

    return answer


def _page(seed: int, size: int) -> bytes:
    """A page of invented words that compresses about as well as real ones do."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("aeioulnrstdmkbgpv", k=rng.randint(2, 9))) for _ in range(1200)]
    made = [f'<!doctype html><html lang="en"><head><title>Report {seed}</title></head><body><article>']
    length = 0
    while length < size:
        text = " ".join(rng.choices(words, k=70))
        made.append(f'<div class="block block-{rng.randint(1, 40)}"><p id="p{length}">{text}.</p></div>\n')
        length += len(made[-1])
    return "".join([*made, "</article></body></html>"]).encode()


# One way each, in a process of its own -------------------------------------------------------------------------------


def _cost() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _tell(pages: int, began: tuple[float, float], size: int = 0) -> None:
    cpu, wall = _cost() - began[0], time.monotonic() - began[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"pages": pages, "cpu": cpu, "wall": wall, "peak": peak, "bytes": size}))


def ours(home: str, port: str, pages: str, part: str) -> None:
    """Newsledger: `prepare` reads the feeds and plans; `fetch` is what is measured, as a mapped task would run it."""
    from pipeline import sources
    from pipeline.batch import Batch, collect
    from pipeline.records import Source
    from pipeline.settings import load

    cfg = load(
        home=Path(home), resolve=f"*.example=127.0.0.1:{port}", host_delay=0.0, shards=1, workers=1,
        max_articles=int(pages),
    )  # fmt: skip
    batch = Batch.of("2026-03-02T06")
    if part == "prepare":
        names = [f"paper-{n}.example" for n in range(HOSTS)]
        register = [Source(source_id=n, name=n, agency=False, feeds=[f"http://{n}/feed"]) for n in names]
        sources.write(cfg.register, register)
        for shard in collect.plan(cfg, batch):
            collect.discover(cfg, batch, shard)
        collect.assign(cfg, batch)
        return
    # What pyarrow loads with its first file; aiohttp alone has nothing like it, and a batch pays it once.
    import pandas  # noqa: F401

    began = _cost(), time.monotonic()
    counts = [collect.fetch(cfg, batch, shard)["fetches"] for shard in collect.assign(cfg, batch)]
    # Each host's robots.txt is asked for, too.
    _tell(sum(counts) - HOSTS, began, sum(f.stat().st_size for f in cfg.archive.rglob("fetch-*.gz")))


def plain(port: str, pages: str) -> None:
    """aiohttp alone: every body is read to its end, and dropped."""
    import aiohttp
    from aiohttp.abc import AbstractResolver

    class Here(AbstractResolver):
        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[Any]:
            return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}]

        async def close(self) -> None:
            pass

    async def run() -> int:
        slots = asyncio.Semaphore(AT_ONCE)
        connector = aiohttp.TCPConnector(resolver=Here(), limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def host(number: int) -> int:
                length = 0
                for n in range(int(pages)):
                    async with slots, session.get(f"http://paper-{number}.example:{port}/p/{n}") as answer:
                        length += len(await answer.read())
                return length

            return sum(await asyncio.gather(*(host(n) for n in range(HOSTS))))

    began = _cost(), time.monotonic()
    size = asyncio.run(run())
    _tell(HOSTS * int(pages), began, size)


def scrapy(port: str, pages: str) -> None:
    """Scrapy: every body is read to its end, and dropped. Its hosts are addresses of loopback."""
    import scrapy as peer
    from scrapy.crawler import CrawlerProcess

    came = [0, 0]

    class Reader(peer.Spider):  # type: ignore[misc]
        name = "reader"

        async def start(self) -> Any:
            for n in range(int(pages)):
                for host in range(HOSTS):
                    yield peer.Request(f"http://127.0.1.{host + 1}:{port}/p/{n}", self.parse)

        def parse(self, response: Any) -> None:
            came[0] += 1
            came[1] += len(response.body)

    settings = {
        "CONCURRENT_REQUESTS": AT_ONCE, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False, "COOKIES_ENABLED": False, "LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False,
        "RETRY_ENABLED": False,
    }  # fmt: skip
    process = CrawlerProcess(settings)
    process.crawl(Reader)
    began = _cost(), time.monotonic()
    process.start()
    _tell(came[0], began, came[1])


# All of them ---------------------------------------------------------------------------------------------------------


def child(*command: str) -> dict[str, float]:
    """What a process of this file tells. Raises RuntimeError where it fails."""
    done = subprocess.run([*command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it failed"])[-1])
    return dict(json.loads(done.stdout.splitlines()[-1])) if done.stdout else {}


def run_ours(port: int, pages: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        parts = [child(sys.executable, __file__, "ours", home, str(port), str(pages), p) for p in ("prepare", "fetch")]
    return parts[1]


def scrapy_from(given: str | None) -> list[str] | None:
    """The command of an interpreter that has scrapy; None where there is none."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    command = [given] if given else [uv, "run", "--quiet", "--no-project", "--with", "scrapy", "python"]
    try:
        found = subprocess.run([*command, "-c", "import scrapy"], capture_output=True, check=False, timeout=180)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if found.returncode else command


def show(name: str, rounds: list[dict[str, float]]) -> tuple[float, float]:
    """Print the means of some rounds. Returns pages/s and CPU s for 1,000 pages."""
    rate = sum(r["pages"] for r in rounds) / sum(r["wall"] for r in rounds)
    cpu = 1000 * sum(r["cpu"] for r in rounds) / sum(r["pages"] for r in rounds)
    peak = max(r["peak"] for r in rounds)
    print(f"  {name:<24}{rate:>10.0f}{cpu:>18.2f}{peak:>14.0f}{rounds[0]['bytes'] / 1e6:>12.0f}", flush=True)
    return rate, cpu


def measure_speed(pages: int, rounds: int, interpreter: str | None) -> None:
    """Pages of 30 kB, each way in turn."""
    from loopback import Server

    peer = scrapy_from(interpreter)
    found: dict[str, list[dict[str, float]]] = {"plain aiohttp": [], "scrapy": [], "newsledger": []}
    with Server(make, 30_000, pages) as server:
        for _ in range(rounds):
            found["plain aiohttp"].append(child(sys.executable, __file__, "plain", str(server.port), str(pages)))
            found["newsledger"].append(run_ours(server.port, pages))
            if peer:
                found["scrapy"].append(child(*peer, __file__, "scrapy", str(server.port), str(pages)))
    print(f"\n{HOSTS * pages:,} pages of 30 kB of {HOSTS} hosts, {AT_ONCE} at once, {rounds} rounds")
    print(HEAD.format(""))
    rates = {name: show(name, some) for name, some in found.items() if some}
    if not peer:
        print("  scrapy: skipped, it is not installed (--scrapy PYTHON, or uv with a network)")
    (theirs, their_cpu), (our, our_cpu) = rates["plain aiohttp"], rates["newsledger"]
    print(f"  newsledger / plain aiohttp: {our / theirs:.2f} of the pages/s (goal {GOAL}),", end=" ")
    print(f"{our_cpu / their_cpu:.2f} × the CPU")


def measure_memory(sizes: list[int]) -> None:
    """Small pages, more and more URLs, each size in a fresh process."""
    from loopback import Server

    print("\nmemory of the fetch step, pages of 3 kB")
    print(HEAD.format("URLs"))
    peaks = []
    for size in sizes:
        with Server(make, 3_000, size // HOSTS) as server:
            found = run_ours(server.port, size // HOSTS)
        show(f"{size:,}", [found])
        peaks.append(found["peak"])
    more = (peaks[-1] - peaks[0]) * 1024 / ((sizes[-1] - sizes[0]) / 1000)
    print(f"  from {sizes[0]:,} to {sizes[-1]:,} URLs: {peaks[-1] / peaks[0]:.2f} ×, {more:.0f} kB more for 1,000 URLs")


def main() -> None:
    """Measure everything."""
    parser = ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--quick", action="store_true", help="fewer pages, one round")
    parser.add_argument("--scrapy", metavar="PYTHON", help="an interpreter that has scrapy")
    given = parser.parse_args()
    began = time.monotonic()
    measure_speed(10 if given.quick else 25, 1 if given.quick else 3, given.scrapy)
    measure_memory([1_000, 10_000] if given.quick else [1_000, 10_000, 50_000])
    print(f"\nin all: {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    ways = {"ours": ours, "plain": plain, "scrapy": scrapy}
    if len(sys.argv) > 1 and sys.argv[1] in ways:
        if sys.argv[1] == "scrapy":
            # `import scrapy` must not find a file beside this one.
            sys.path.pop(0)
        ways[sys.argv[1]](*sys.argv[2:])
    else:
        main()
