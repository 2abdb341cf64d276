"""A small web site on loopback, for the tests of the collect room; every ``*.example`` host leads to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web as server

from pipeline.collect import ArchiveWriter, Web

T = TypeVar("T")
NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
Handler = Callable[[server.Request], Awaitable[server.StreamResponse]]


def page(body: str | bytes = "<html><p>Ferry runs again</p></html>", status: int = 200, **headers: str) -> Handler:
    """A handler that always answers the same; ``_`` in a header's name stands for ``-``."""

    async def answer(request: server.Request) -> server.StreamResponse:
        content = body.encode() if isinstance(body, str) else body
        named = {"Content-Type": "text/html; charset=utf-8"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return server.Response(status=status, body=content, headers=named)

    return answer


def in_turn(*handlers: Handler) -> Handler:
    """The first handler for the first request, and so on; the last one from then on."""
    waiting = list(handlers)

    async def answer(request: server.Request) -> server.StreamResponse:
        return await (waiting.pop(0) if len(waiting) > 1 else waiting[0])(request)

    return answer


class Site:
    """What is served, by host and path, and what was asked for."""

    def __init__(self, routes: dict[str, Handler]) -> None:
        self.routes = routes
        self.requests: list[tuple[str, dict[str, str], float]] = []
        self.port = 0

    @property
    def asked(self) -> list[str]:
        """Every URL requested, robots.txt aside."""
        return [url for url, _, _ in self.requests if not url.endswith("/robots.txt")]

    async def _serve(self, request: server.Request) -> server.StreamResponse:
        url = f"http://{request.host}{request.rel_url}"
        self.requests.append((url, dict(request.headers), asyncio.get_running_loop().time()))
        handler = self.routes.get(url)
        return await handler(request) if handler else server.Response(status=404, text="nothing here")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Site]:
        app = server.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        runner = server.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await server.TCPSite(runner, "127.0.0.1", 0).start()
            self.port = runner.addresses[0][1]
            yield self
        finally:
            await runner.cleanup()


def visiting(
    site: Site, visit: Callable[[Web], Coroutine[Any, Any, T]], home: Path | None = None, **settings: Any
) -> T:
    """Open the site, visit it with a Web of these settings, and say what the visit found."""

    async def run() -> T:
        async with site.open():
            archive = None
            if home is not None:
                archive = ArchiveWriter(home / "archive", "0", relative_to=home, clock=lambda: NOW)
            options: dict[str, Any] = {
                "clock": lambda: NOW,
                "user_agent": "Newsledger/test",
                "host_delay": 0.0,
                "retry_wait": 0.01,
                "resolve": f"*.example=127.0.0.1:{site.port}",
            }
            try:
                async with Web(archive=archive, **(options | settings)) as web:
                    return await visit(web)
            finally:
                if archive is not None:
                    archive.close()

    return asyncio.run(run())
