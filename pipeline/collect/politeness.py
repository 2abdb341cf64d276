"""Politeness: one request at a time to a host, a pause after each, and no host takes a whole batch."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

LONGEST_DELAY = 30.0
"""Longest Crawl-delay honoured, seconds: some files ask for hours, which no news collection can grant."""

LONGEST_REST = 30 * 86_400.0
"""Longest Retry-After believed, seconds."""

_MAX_AGE = re.compile(r"(?<![\w-])max-age\s*=\s*\"?(\d+)")


class HostClocks(Protocol):
    """The clocks of hosts that all workers share. Called from other threads than the event loop's."""

    def take(self, host: str, at: datetime, pause: float) -> datetime:
        """Reserve the next turn at the host, not before `at`: when it is. The one after it is `pause` seconds later."""
        ...

    def rest(self, host: str, until: datetime) -> None:
        """Let nobody ask the host before `until`."""
        ...


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    delay: float = 0.0
    first_at: float | None = None
    """When it was first asked."""
    closed_until: float = 0.0
    """When it may be asked again, where it asked for more than a batch can wait."""


class Politeness:
    """Turns at hosts, at most `concurrent` at once over all of them, and what they may cost in all.

    `clocks` are asked beside this one where a host is to be left alone between requests. `max_requests` and
    `max_host_seconds` (from a host's first request on) are no limits where they are 0.
    """

    def __init__(
        self,
        *,
        host_delay: float,
        concurrent: int,
        clock: Callable[[], datetime],
        clocks: HostClocks | None = None,
        max_requests: int = 0,
        max_host_seconds: float = 0.0,
    ) -> None:
        self._host_delay = host_delay
        self._clock = clock
        self._clocks = clocks
        self._max_requests = max_requests
        self._max_host_seconds = max_host_seconds
        self._requests = 0
        self._hosts: dict[str, _Host] = {}
        self._slots = asyncio.Semaphore(concurrent)

    def spent(self, host: str) -> str | None:
        """Why the host is not to be asked any more, None where it may be."""
        if self._max_requests and self._requests >= self._max_requests:
            return f"max_requests: {self._requests} requests were made"
        state = self._hosts.get(host)
        if state is None or state.first_at is None:
            return None
        now = asyncio.get_running_loop().time()
        if state.closed_until > now:
            return f"Retry-After: {host} is to be left alone for {state.closed_until - now:.0f} s"
        if not self._max_host_seconds:
            return None
        passed = now - state.first_at
        return f"max_host_seconds: {host} took {passed:.0f} s" if passed >= self._max_host_seconds else None

    def closed_for(self, host: str) -> float | None:
        """Seconds for which the host asked to be left alone, where that is more than is waited for."""
        state = self._hosts.get(host)
        left = state.closed_until - asyncio.get_running_loop().time() if state else 0.0
        return left if left > 0 else None

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait until the host may be asked, and hold it for one request."""
        state = self._state(host)
        loop = asyncio.get_running_loop()
        async with state.lock:
            while (wait := state.free_at - loop.time()) > 0:
                await asyncio.sleep(wait)
            if self._clocks is None or self._pause(state) <= 0:
                await self._slots.acquire()
            else:
                await self._shared_turn(self._clocks, host, self._pause(state))
            began = loop.time()
            state.first_at = state.first_at or began
            self._requests += 1
            try:
                yield
            finally:
                self._slots.release()
                ended, pause = loop.time(), self._pause(state)
                state.free_at = max(state.free_at, ended + pause)
                # The shared pause counts from the start; after a slow answer it would be over already.
                if self._clocks is not None and 0 < pause < 2 * (ended - began):
                    await self._shared_rest(host, pause)

    async def ask_for(self, host: str, delay: float) -> None:
        """Keep a Crawl-delay, where it is longer than ours; at most LONGEST_DELAY."""
        state = self._state(host)
        state.delay = max(state.delay, min(delay, LONGEST_DELAY))
        # It was read just now: the pause counts from that request on.
        await self.rest(host, state.delay)

    async def rest(self, host: str, seconds: float) -> None:
        """Leave the host alone for a while."""
        state = self._state(host)
        state.free_at = max(state.free_at, asyncio.get_running_loop().time() + seconds)
        if self._clocks is not None and seconds > 0:
            await self._shared_rest(host, seconds)

    def close(self, host: str, seconds: float) -> None:
        """Have the host `spent` for so long: nobody waits for it."""
        self._state(host).closed_until = asyncio.get_running_loop().time() + seconds

    async def _shared_rest(self, host: str, seconds: float) -> None:
        assert self._clocks is not None
        await asyncio.to_thread(self._clocks.rest, host, self._clock() + timedelta(seconds=seconds))

    async def _shared_turn(self, clocks: HostClocks, host: str, pause: float) -> None:
        """Wait for a turn at the shared clock and take a slot for it; no slot is held while waiting."""
        until = None
        while True:
            await self._slots.acquire()
            try:
                turn = await asyncio.to_thread(clocks.take, host, self._clock(), pause)
                wait = (turn - self._clock()).total_seconds()
                # One turn was missed while waiting for a slot, and nobody came between it and this one: both are ours.
                if wait <= 0 or (until is not None and turn <= until):
                    return
            except BaseException:
                self._slots.release()
                raise
            self._slots.release()
            await asyncio.sleep(wait)
            await self._slots.acquire()
            if (self._clock() - turn).total_seconds() < pause / 10:
                return
            self._slots.release()
            until = turn + timedelta(seconds=pause)

    def _state(self, host: str) -> _Host:
        found = self._hosts.get(host)
        if found is None:
            found = self._hosts[host] = _Host()
        return found

    def _pause(self, state: _Host) -> float:
        return max(self._host_delay, state.delay)


def seconds_of(retry_after: str, date: str | None, now: datetime) -> float | None:
    """Seconds a Retry-After asks for; a date counts from the server's own Date, else from `now`. None: says nothing."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), LONGEST_REST)
    with suppress(TypeError, ValueError, OverflowError):
        until = _time(retry_after)
        with suppress(TypeError, ValueError, OverflowError):
            now = _time(date) if date else now
        return min(max(0.0, (until - now).total_seconds()), LONGEST_REST)
    return None


def kept_for(cache_control: str | None, expires: str | None, date: str | None, now: datetime) -> float | None:
    """Seconds an answer says that it holds for, by these headers; None where it does not say, or is not to be kept."""
    said = (cache_control or "").lower()
    if "no-cache" in said or "no-store" in said:
        return None
    if age := _MAX_AGE.search(said):
        return min(float(age[1]), LONGEST_REST)
    return seconds_of(expires, date, now) if expires and not expires.isdigit() else None


def _time(text: str) -> datetime:
    """An HTTP date; it is in GMT also where it does not say so. Raises ValueError and what else dates raise."""
    found = parsedate_to_datetime(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
