"""Politeness: what robots.txt allows, and one request at a time to a host, with a pause after each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from protego import Protego

LONGEST_DELAY = 30.0
"""Longest Crawl-delay honoured, seconds: some files ask for hours, which no news collection can grant."""


@dataclass
class Rules:
    """What a robots.txt says to us."""

    parsed: Protego | None = None
    """None: everything is allowed."""
    refused: str | None = None
    """Why nothing may be requested of this origin in this batch."""
    trouble: str | None = None
    """The outcome with which robots.txt could not be had at all; the host is out of reach."""
    sitemaps: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, text: str, agent: str) -> tuple[Rules, float | None]:
        """The rules in the text of a robots.txt, and the Crawl-delay it asks of `agent`."""
        try:
            parsed = Protego.parse(text)
            delay = parsed.crawl_delay(agent)
            return cls(parsed, sitemaps=list(parsed.sitemaps)), delay
        except (ValueError, TypeError, IndexError):
            # What cannot be parsed has no rules (RFC 9309, 2.2: crawlers try to use what they can).
            return cls(), None

    def allow(self, url: str, agent: str) -> bool:
        """Whether the rules allow the URL."""
        if self.parsed is None:
            return True
        allowed: bool = self.parsed.can_fetch(url, agent)
        return allowed


@dataclass
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    delay: float | None = None


class Politeness:
    """One clock per host; at most `concurrent` requests at once over all hosts."""

    def __init__(self, *, host_delay: float, concurrent: int = 16) -> None:
        self._host_delay = host_delay
        self._hosts: dict[str, _Host] = {}
        self._slots = asyncio.Semaphore(concurrent)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait until the host may be asked, and hold it for one request."""
        state = self._hosts.setdefault(host, _Host())
        loop = asyncio.get_running_loop()
        async with state.lock:
            while (wait := state.free_at - loop.time()) > 0:
                await asyncio.sleep(wait)
            async with self._slots:
                try:
                    yield
                finally:
                    pause = max(self._host_delay, state.delay or 0.0)
                    state.free_at = max(state.free_at, loop.time() + pause)

    def ask_for(self, host: str, delay: float) -> None:
        """Keep a Crawl-delay, where it is longer than ours; at most LONGEST_DELAY."""
        self._hosts.setdefault(host, _Host()).delay = min(delay, LONGEST_DELAY)
        # It was read just now: the pause counts from that request on.
        self.rest(host, min(delay, LONGEST_DELAY))

    def rest(self, host: str, seconds: float) -> None:
        """Leave the host alone for a while."""
        state = self._hosts.setdefault(host, _Host())
        state.free_at = max(state.free_at, asyncio.get_running_loop().time() + seconds)
