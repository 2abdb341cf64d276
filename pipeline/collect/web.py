"""The web: one polite client. Every attempt becomes a Fetch, every answer stands in the archive.

Nothing outside this file requests anything. Which host is where is `resolver`'s, when it may be asked `politeness`'s,
what its robots.txt says `robots`'s; `exchange` asks, `answer` says what came of it.
"""

from __future__ import annotations

import asyncio
import random
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

import aiohttp
from yarl import URL

from pipeline.collect import rights, robots
from pipeline.collect.answer import Answer, Asked, judge, keep
from pipeline.collect.archive import ArchiveWriter
from pipeline.collect.exchange import Received, Stopped, ask, open_session, printable, requestable
from pipeline.collect.politeness import HostClocks, Politeness
from pipeline.collect.resolver import Resolver
from pipeline.collect.robots import Rules
from pipeline.collect.urls import host_of, normalise, origin_of
from pipeline.records import Fetch

__all__ = ["Answer", "Web"]

RETRIED = frozenset({"server_error", "timeout", "connection_failed", "rate_limited"})
"""Outcomes after which the same URL is tried again within the batch."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_ROBOTS_REDIRECTS = 5
"""Followed at least, for a robots.txt (RFC 9309, 2.3.1.2)."""
_UNREACHED = frozenset({"timeout", "connection_failed", "tls_failed", "address_refused"})
_NO_RULES = frozenset({"forbidden", "not_found", "removed", "client_error", "too_many_redirects"})
_PRODUCT = re.compile(r"[A-Za-z0-9_.-]*")
_EVERYTHING = Rules()


class Web:
    """Gets URLs. Use as an async context manager; one for each shard and batch.

    `clocks` are shared with other workers; `max_requests` and `max_host_seconds` are budgets that `spent` tells of.
    """

    def __init__(
        self,
        *,
        archive: ArchiveWriter | None,
        clock: Callable[[], datetime],
        user_agent: str,
        clocks: HostClocks | None = None,
        timeout: float = 30.0,
        connect_timeout: float = 10.0,
        read_timeout: float = 15.0,
        max_bytes: int = 8_000_000,
        max_redirects: int = 5,
        max_attempts: int = 3,
        max_requests: int = 0,
        max_host_seconds: float = 0.0,
        retry_wait: float = 1.0,
        max_retry_after: float = 60.0,
        host_delay: float = 1.0,
        opt_outs: Literal["record", "obey"] = "record",
        resolve: str = "",
        allow_private: bool = False,
        concurrent: int = 16,
    ) -> None:
        self._archive = archive
        self.now = clock
        self._user_agent = user_agent
        self._agent = _PRODUCT.match(user_agent)[0]  # type: ignore[index]
        self._timeouts = {"timeout": timeout, "connect_timeout": connect_timeout, "read_timeout": read_timeout}
        self._max_bytes = max_bytes
        self._max_redirects = max_redirects
        self._max_attempts = max_attempts
        self._retry_wait = retry_wait
        self.max_retry_after = max_retry_after
        self._obeys_opt_outs = opt_outs == "obey"
        self._politeness = Politeness(
            host_delay=host_delay,
            concurrent=concurrent,
            clock=clock,
            clocks=clocks,
            max_requests=max_requests,
            max_host_seconds=max_host_seconds,
        )
        self._resolver = Resolver(resolve, allow_private=allow_private)
        self._robots: dict[str, asyncio.Task[tuple[Rules, list[Fetch]]]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = open_session(self._resolver, user_agent=self._user_agent, **self._timeouts)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._robots.values():
            task.cancel()
        await asyncio.gather(*self._robots.values(), return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def spent(self, url: str) -> str | None:
        """Why the URL's host is not to be asked any more in this batch, None where it may be. Ask before each `get`."""
        return self._politeness.spent(host_of(url))

    async def get(
        self,
        url: str,
        *,
        kind: str,
        source_id: str,
        etag: str | None = None,
        last_modified: str | None = None,
        content_hash: str | None = None,
        fetched_before: datetime | None = None,
        found: Sequence[Mapping[str, str]] = (),
    ) -> Answer:
        """Ask for a normalised URL, conditionally where validators are known, as often as it is worth it.

        With `content_hash`, a body that has that SHA-256 gives the outcome unchanged. For the archive, `fetched_before`
        says when the body came that these speak of, and `found` how the URL was discovered (``hints``).
        """
        validators = {"If-None-Match": printable(etag), "If-Modified-Since": printable(last_modified)}
        is_robots = kind == "robots"
        asked = Asked(
            url=url,
            kind=kind,
            source_id=source_id,
            conditions={name: value for name, value in validators.items() if value},
            content_hash=content_hash,
            fetched_before=fetched_before,
            found=found,
            max_bytes=robots.LARGEST if is_robots else self._max_bytes,
            max_redirects=max(_ROBOTS_REDIRECTS, self._max_redirects) if is_robots else self._max_redirects,
        )
        answer = Answer()
        for attempt in range(1, self._max_attempts + 1):
            if attempt > 1:
                # Not all that a host let down come back at the same moment.
                await asyncio.sleep(self._retry_wait * 2 ** (attempt - 2) * random.uniform(0.5, 1.5))
            await self._attempt(answer, asked, attempt)
            last = answer.last
            if last.etag is None and last.last_modified is None and last.outcome == "not_modified":
                last.etag, last.last_modified = etag, last_modified
            # A robots.txt that could not be read has had its own attempts.
            if last.outcome not in RETRIED or answer.temporary:
                break
            if answer.retry_after is not None:
                host = host_of(last.final_url or url)
                if answer.retry_after > self.max_retry_after:
                    self._politeness.close(host, answer.retry_after)
                    break
                await self._politeness.rest(host, answer.retry_after)
            if self.spent(url):
                break
        return answer

    async def robots(self, url: str, source_id: str) -> tuple[Rules, list[Fetch]]:
        """The rules of the URL's origin, and the attempts to get them, told to the first who asks."""
        origin = origin_of(url)
        task = self._robots.get(origin)
        if task is not None:
            # Once it is done, nothing is waited for: this is asked for every URL.
            rules, _ = task.result() if task.done() else await asyncio.shield(task)
            return rules, []
        task = self._robots[origin] = asyncio.create_task(self._read_robots(origin, source_id))
        return await asyncio.shield(task)

    async def _read_robots(self, origin: str, source_id: str) -> tuple[Rules, list[Fetch]]:
        answer = await self.get(f"{origin}/robots.txt", kind="robots", source_id=source_id)
        last = answer.last
        if last.outcome in ("fetched", "too_large"):
            rules = Rules.of(answer.body, self._agent, cut=last.outcome == "too_large")
            if rules.delay:
                await self._politeness.ask_for(host_of(origin), rules.delay)
        elif last.outcome in ("server_error", "rate_limited"):
            rules = Rules(refused=f"robots.txt answered {last.status_code}")
        elif last.outcome in _UNREACHED:
            rules = Rules(trouble=last.outcome, refused=f"robots.txt: {last.detail}")
        elif last.outcome in _NO_RULES or (last.outcome == "unsupported_type" and last.content_type):
            # There is none to be had (RFC 9309, 2.3.1.3), or a picture stands there.
            rules = _EVERYTHING
        else:
            # It is there, and what it says cannot be understood: that is no leave.
            rules = Rules(refused=f"robots.txt: {last.outcome}: {last.detail}")
        return rules, answer.fetches

    async def _attempt(self, answer: Answer, asked: Asked, attempt: int) -> None:
        """One attempt, redirects included; adds its Fetch to `answer`."""
        fetch = Fetch(
            fetch_id="",
            url=asked.url,
            kind=asked.kind,
            source_id=asked.source_id,
            fetched_at=self.now(),
            outcome="invalid",
            attempt=attempt,
            conditional=False,
        )
        hops: list[int] = []
        answer.begin()
        try:
            await self._follow(answer, fetch, asked, hops)
        except Stopped as stop:
            fetch.outcome, fetch.detail = stop.outcome, str(stop)
            answer.temporary = stop.temporary
            fetch.fetched_at = self.now()
        if not fetch.fetch_id:
            fetch.fetch_id = str(uuid.uuid4())
        if hops:
            way = f"redirected: {', '.join(map(str, hops))}"
            fetch.detail = f"{fetch.detail}; {way}" if fetch.detail else way
        answer.fetches.append(fetch)

    async def _follow(self, answer: Answer, fetch: Fetch, asked: Asked, hops: list[int]) -> None:
        """Ask for the URL and where it redirects, and describe what came. Raises Stopped.

        The status of each redirect is added to `hops`.
        """
        current, seen = asked.url, {asked.url}
        while True:
            target = requestable(current)
            if hops:
                self._spare(answer, target.raw_host or "")
            await self._permit(answer, fetch, current, target)
            got = await self._ask(fetch, asked, target)
            fetch.fetched_at = self.now()
            fetch.status_code = got.status if 100 <= got.status <= 599 else None
            fetch.final_url = normalise(current) if hops else current
            location = got.location if got.status in _REDIRECTS else None
            if location is None:
                self._take(answer, fetch, asked, current, got)
                return
            if self._archive is not None:
                # How it was found stands beside the last answer alone.
                keep(self._archive, replace(asked, found=()), replace(fetch, outcome=got.outcome), current, got)
            hops.append(got.status)
            try:
                current = normalise(location, current, strip_tracking=False)
            except ValueError as error:
                raise Stopped("invalid", f"redirected to what is no URL: {error}") from None
            if _PERMANENT.issuperset(hops):
                answer.moved_to = normalise(current)
            if current in seen:
                raise Stopped("too_many_redirects", f"a loop of redirects at {current}")
            if len(seen) > asked.max_redirects:
                raise Stopped("too_many_redirects", f"more than {asked.max_redirects} redirects")
            seen.add(current)

    def _spare(self, answer: Answer, host: str) -> None:
        """Raise Stopped where a redirect leads to a host that is not to be asked any more."""
        if why := self._politeness.spent(host):
            answer.retry_after = self._politeness.closed_for(host)
            raise Stopped("rate_limited", why, temporary=True)

    async def _permit(self, answer: Answer, fetch: Fetch, url: str, target: URL) -> None:
        """Raise Stopped where the URL may not be requested; else `fetch` learns what robots.txt reserves of it."""
        # The host as it will be connected to, whatever another reader of URLs would see in this one.
        host = target.raw_host or ""
        if self._resolver.refuses(host):
            raise Stopped("address_refused", f"{host} is a private address")
        if fetch.kind == "robots":
            return
        rules, fetches = await self.robots(url, fetch.source_id)
        answer.fetches += fetches
        if rules.refused is not None:
            raise Stopped(rules.trouble or "robots_disallowed", rules.refused, temporary=True)
        fetch.rights = rights.in_robots(rules, url)
        if not rules.allows(url):
            raise Stopped("robots_disallowed", f"robots.txt of {host} disallows it")
        if fetch.rights and self._obeys_opt_outs:
            raise Stopped("robots_disallowed", f"a reservation is obeyed: {fetch.rights}")

    async def _ask(self, fetch: Fetch, asked: Asked, target: URL) -> Received:
        """One request in its turn; its time is added to that of `fetch`. Raises Stopped."""
        assert self._session is not None, "use Web as a context manager"
        time = asyncio.get_running_loop().time
        async with self._politeness.turn(target.raw_host or ""):
            began = time()
            fetch.conditional = bool(asked.conditions)
            try:
                return await ask(
                    self._session, target, kind=asked.kind, conditions=asked.conditions, max_bytes=asked.max_bytes
                )
            finally:
                fetch.duration_ms = (fetch.duration_ms or 0) + round((time() - began) * 1000)

    def _take(self, answer: Answer, fetch: Fetch, asked: Asked, url: str, got: Received) -> None:
        """Describe an answer that is no redirect, and archive it. Raises Stopped where it is not to be kept."""
        judge(answer, fetch, got, asked, self.now())
        if asked.kind != "robots":
            said, is_reserved = rights.in_headers(got.headers, self._agent)
            fetch.rights = "; ".join(filter(None, (fetch.rights, said))) or None
            if is_reserved and self._obeys_opt_outs:
                answer.body, fetch.content_hash = b"", None
                raise Stopped("robots_disallowed", f"a reservation is obeyed: {said}")
        if self._archive is not None and not got.unread:
            keep(self._archive, asked, fetch, url, got)
