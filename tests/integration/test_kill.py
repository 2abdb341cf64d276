"""Runs killed (-9) at any moment: begun again, they lose nothing and double nothing, and every WARC can be read."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from warcio.archiveiterator import ArchiveIterator

from pipeline import sources
from pipeline.batch import collect, collected, unfinished
from pipeline.collect import State
from pipeline.records import Source
from pipeline.settings import Settings, load
from pipeline.warehouse import conservation, query

pytestmark = pytest.mark.integration
HOSTS = [f"paper-{n}.example" for n in range(10)]
PAGES = 20
SEED = 20261124
LONGEST = 60.0


class Site:
    """Ten papers with a feed and twenty pages each, in a thread of their own; counts what it is asked."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)

    @property
    def count(self) -> int:
        return sum(self.asked.values())

    def __enter__(self) -> Site:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _run(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        self.asked[f"http://{request.host}{request.path}"] += 1
        if request.path == "/feed":
            return web.Response(body=feed(request.host), content_type="application/rss+xml")
        if request.path == "/robots.txt":
            return web.Response(status=404)
        return web.Response(text=page(f"{request.host} {request.path}"), content_type="text/html")


def urls(host: str) -> list[str]:
    return [f"http://{host}/reports/{n}" for n in range(PAGES)]


def feed(host: str) -> str:
    items = "".join(f"<item><title>Report</title><link>{url}</link></item>" for url in urls(host))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'


def page(name: str) -> str:
    text = (
        f"<p>The harbour council of {name} voted on Monday to reopen the northern ferry line, closed since autumn.</p>"
        f"<p>Engineers at {name} said that the first boat could leave within nine days, if the weather holds.</p>"
        f"<p>Fishermen of {name} welcomed the decision, and asked for lower harbour dues for a season.</p>"
    )
    return f'<html lang="en"><head><title>Ferry of {name}</title></head><body><article>{text}</article></body></html>'


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as opened:
        yield opened


class Runs:
    """`newsledger run` in processes of their own, over one home."""

    def __init__(self, home: Path, site: Site) -> None:
        self.home, self.site = home, site
        self.cfg: Settings = load(home=home)
        self._env = os.environ | {
            "NEWSLEDGER_HOME": str(home), "NEWSLEDGER_RESOLVE": f"*.example=127.0.0.1:{site.port}",
            "NEWSLEDGER_HOST_DELAY": "0.03", "NEWSLEDGER_SHARDS": "3", "NEWSLEDGER_WORKERS": "1",
        }  # fmt: skip

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from pipeline.cli import main; main()", "run"]
        out = subprocess.PIPE
        return subprocess.Popen(command, env=self._env, stdout=out, stderr=subprocess.STDOUT, text=True)

    def kill_when(self, is_time: Callable[[], object], wait: float) -> bool:
        """Start a run and kill it `wait` seconds after the moment; False where it came to its end before."""
        self._began_at, self._began_with = time.time(), self.site.count
        process = self.start()
        until = time.monotonic() + LONGEST
        while process.poll() is None and not is_time():
            assert time.monotonic() < until, "the moment never came"
            time.sleep(0.002)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(wait)
        is_running = process.poll() is None
        if is_running:
            process.send_signal(signal.SIGKILL)
        said, _ = process.communicate(timeout=10)
        assert is_running or process.returncode == 0, said
        return is_running

    def asked(self, more: int) -> Callable[[], object]:
        """The moment when this run has made so many requests."""
        return lambda: self.site.count >= self._began_with + more

    def made(self, pattern: str) -> Callable[[], object]:
        """The moment when this run has made a file or folder like that."""

        def is_there() -> bool:
            with contextlib.suppress(FileNotFoundError):  # gone since it was listed
                return any(path.stat().st_mtime >= self._began_at for path in self.home.glob(pattern))
            return False

        return is_there

    def finish(self) -> None:
        """Run to the end."""
        process = self.start()
        said, _ = process.communicate(timeout=4 * LONGEST)
        assert process.returncode == 0, said


def moments(runs: Runs) -> dict[str, Callable[[], object]]:
    """When to kill: at the start, while pages come, and in each step that follows."""
    return {
        "at once": lambda: True,
        "while feeds come": runs.asked(3),
        "while feeds come, again": runs.asked(9),
        "when URLs are assigned": runs.made("staging/*/collect/assigned.json"),
        "while pages come": runs.asked(60),
        "when a shard of pages is done": runs.made("staging/*/collect/fetch/0?"),
        "while the last pages come": runs.asked(50),
        "while collecting is validated": runs.made("staging/*/collect/merged"),
        "when collecting is validated": runs.made("staging/*/collect/tables/fetches.parquet"),
        "while links are published": runs.made("lake/links/day=*/*.parquet"),
        "when fetches are published": runs.made("lake/fetches/day=*/*.parquet"),
        "while articles are made": runs.made("staging/*/derive/clean/*"),
        "while articles are published": runs.made("lake/articles/day=*/*.parquet"),
        "while groups are made": runs.made("lake/batches/day=*/*.parquet"),
    }


@pytest.fixture(scope="module")
def survived(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """A home whose runs were killed a dozen times, and then brought to their end."""
    runs = Runs(tmp_path_factory.mktemp("killed") / "home", site)
    register = [Source(source_id=h, name=h, agency=False, feeds=[f"http://{h}/feed"]) for h in HOSTS]
    sources.write(runs.cfg.register, register)
    chance = random.Random(SEED)
    killed = {name: runs.kill_when(moment, chance.uniform(0.0, 0.2)) for name, moment in moments(runs).items()}
    print(killed)
    assert sum(killed.values()) >= 8, killed
    runs.finish()
    return runs


def rows(runs: Runs, sql: str) -> list[dict[str, Any]]:
    return query.rows(runs.cfg, sql)


def test_no_url_is_lost_and_none_stands_twice(survived: Runs) -> None:
    expected = sorted(url for host in HOSTS for url in urls(host))
    found = rows(survived, "SELECT url, state, reason FROM ledger ORDER BY url")
    assert [r["url"] for r in found] == expected
    assert {(r["state"], r["reason"]) for r in found} == {("stored", "published")}


def test_no_row_is_lost_or_doubled(survived: Runs) -> None:
    conservation.check_ledger(survived.cfg)
    assert conservation.audit(survived.cfg) == []
    total = len(HOSTS) * PAGES
    assert rows(survived, "SELECT count(*) AS n, count(DISTINCT url) AS urls FROM links") == [
        {"n": total, "urls": total}
    ]
    assert rows(survived, "SELECT count(DISTINCT article_id) AS n FROM articles") == [{"n": total}]
    twice = "SELECT batch_id, url, attempt FROM fetches WHERE kind = 'article' GROUP BY ALL HAVING count(*) > 1"
    assert rows(survived, twice) == []


def test_every_warc_is_readable_to_its_end_and_holds_what_the_rows_say(survived: Runs) -> None:
    answers = {}
    for path in sorted(survived.home.glob("archive/**/*.warc.gz")):
        with path.open("rb") as file:
            reader = ArchiveIterator(file, check_digests="raise")
            for record in reader:
                record.content_stream().read()
                if record.rec_type in ("response", "revisit"):
                    place = str(path.relative_to(survived.home)), reader.get_record_offset()
                    answers[place] = record.rec_headers.get_header("WARC-Target-URI")
    told = rows(survived, "SELECT warc_file, warc_offset, url FROM fetches WHERE warc_file IS NOT NULL")
    assert {(r["warc_file"], r["warc_offset"]): r["url"] for r in told} == answers
    assert len(told) == len(answers), "no two rows share a record"


def test_nothing_half_done_is_left(survived: Runs) -> None:
    assert [b.id for b in unfinished(survived.cfg)] == []
    assert [str(p) for p in survived.home.glob("archive/**/*.open")] == []
    assert [str(p) for p in survived.home.glob("lake/**/*") if p.is_file() and p.suffix != ".parquet"] == []


def test_the_state_is_the_one_that_the_lake_gives(survived: Runs, tmp_path: Path) -> None:
    again = load(home=survived.home, state_url=f"sqlite:///{tmp_path / 'again.db'}")
    collect.learn(again, collected(again))
    listings = [f"http://{host}/feed" for host in HOSTS]
    with State(survived.cfg.state) as state, State(again.state) as rebuilt:
        for host in HOSTS:
            assert len(state.known(urls(host))) == PAGES
            assert state.known(urls(host)) == rebuilt.known(urls(host))
        assert [state.feed(url) for url in listings] == [rebuilt.feed(url) for url in listings]
        assert None not in [state.feed(url) for url in listings]


def test_no_page_was_asked_for_more_often_than_runs_were_killed(survived: Runs) -> None:
    """A shard that was killed asks again; a page of a finished one is not asked for twice."""
    assert max(survived.site.asked.values()) <= len(moments(survived)) + 1
