"""The sample newsroom: ten invented publishers, for `newsledger demo` and the tests.

```
 articles/<publisher>/<slug>.toml   what was written, with the entities and events a reader finds in it
 urls.toml                          every URL that misbehaves, and the ledger state it should end in
 sources.toml                       the publishers as a register (SOURCES)
 publishers.py  content.py          both of the above, read
 feeds.py  pages.py  templates/     how each publisher lists and prints its articles
 app.py                             the aiohttp application: conditional requests, redirects, walls, errors
 gold.py  gold.json                 what a perfect pipeline would know after each batch (GOLD)
```

Its hosts end in `.example` and are told apart by the Host header, so one port serves them all. What it answers depends
on nothing but the host, the path, the newsroom's clock, the conditional headers, and how often that URL was requested
since the clock was last set. Three batches play it:

    with Newsroom() as room:
        for batch_id, moment in BATCHES:
            room.set_time(moment)
            ...                       # collect with `room.resolve`, then look at `room.requests`
"""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from aiohttp import web

    from pipeline.newsroom.app import Desk, Request

__all__ = ["BATCHES", "GOLD", "SOURCES", "Newsroom", "make_app"]

BATCHES: list[tuple[str, datetime]] = [
    ("2026-03-02T06", datetime(2026, 3, 2, 6, 5, tzinfo=UTC)),
    ("2026-03-02T12", datetime(2026, 3, 2, 12, 5, tzinfo=UTC)),
    ("2026-03-03T06", datetime(2026, 3, 3, 6, 5, tzinfo=UTC)),
]
"""The batches that play the newsroom, and the time its clock shows in each."""

SOURCES = Path(__file__).with_name("sources.toml")
"""The register of its publishers."""

GOLD = Path(__file__).with_name("gold.json")
"""What a perfect pipeline would know about it."""


def make_app(desk: Desk | None = None) -> web.Application:
    """The newsroom as an aiohttp application; `desk` holds its clock and its log of requests."""
    from pipeline.newsroom.app import Desk, build

    return build(desk or Desk())


class Newsroom:
    """The newsroom on a free port of 127.0.0.1, in a thread of its own, for as long as the context lasts."""

    def __init__(self, port: int = 0) -> None:
        from pipeline.newsroom.app import Desk

        self.port = port
        self._desk = Desk()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="newsroom", daemon=True)

    @property
    def resolve(self) -> str:
        """The collector's setting that leads every `.example` host here."""
        return f"*.example=127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[Request]:
        """Every request served so far, oldest first: (host, path and query, status)."""
        return list(self._desk.requests)

    def set_time(self, moment: datetime) -> None:
        """Set the newsroom's clock; requests are counted afresh."""
        self._desk.set_time(moment)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        from aiohttp import web

        runner = web.AppRunner(make_app(self._desk), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", self.port)
            await site.start()
            self.port = runner.addresses[0][1]
            self._ready.set()
            await self._stop.wait()
        finally:
            await runner.cleanup()
