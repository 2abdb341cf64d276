"""The web: one polite client. Every attempt becomes a Fetch, every answer stands in the archive.

Nothing outside this file requests anything. Which host is where is `resolver`'s, when it may be asked `politeness`'s.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from types import TracebackType
from typing import Self

import aiohttp

from pipeline.collect import media
from pipeline.collect.archive import ArchiveWriter, Placed
from pipeline.collect.exchange import Received, Stopped, ask, printable, suits
from pipeline.collect.politeness import Politeness, Rules
from pipeline.collect.resolver import Resolver
from pipeline.collect.urls import host_of, normalise, origin_of
from pipeline.records import Fetch

RETRIED = frozenset({"server_error", "timeout", "connection_failed", "rate_limited"})
"""Outcomes after which the same URL is tried again within the batch."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ROBOTS_BYTES = 512_000
_UNREACHED = frozenset({"timeout", "connection_failed", "tls_failed", "address_refused"})


@dataclass
class Answer:
    """What came of asking for a URL."""

    fetches: list[Fetch] = field(default_factory=list)
    """Every attempt, in order; with those at a robots.txt that had to be read first. The last one counts."""
    body: bytes = b""
    """Decoded; empty unless the outcome is fetched or unchanged."""
    charset: str | None = None
    retry_after: float | None = None
    """Seconds the host asked to be left alone."""
    temporary: bool = False
    """Whether robots.txt refused only because it could not be read."""

    @property
    def last(self) -> Fetch:
        """The attempt that counts."""
        return self.fetches[-1]


class Web:
    """Gets URLs. Use as an async context manager; one for each shard and batch."""

    def __init__(
        self,
        *,
        archive: ArchiveWriter | None,
        clock: Callable[[], datetime],
        user_agent: str,
        timeout: float = 30.0,
        connect_timeout: float = 10.0,
        max_bytes: int = 8_000_000,
        max_redirects: int = 5,
        max_attempts: int = 3,
        retry_wait: float = 1.0,
        max_retry_after: float = 60.0,
        host_delay: float = 1.0,
        resolve: str = "",
        allow_private: bool = False,
        concurrent: int = 16,
    ) -> None:
        self._archive = archive
        self.now = clock
        self._user_agent = user_agent
        self._agent = user_agent.partition("/")[0].strip()
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=connect_timeout)
        self._max_bytes = max_bytes
        self._max_redirects = max_redirects
        self._max_attempts = max_attempts
        self._retry_wait = retry_wait
        self.max_retry_after = max_retry_after
        self._politeness = Politeness(host_delay=host_delay, concurrent=concurrent)
        self._resolver = Resolver(resolve, allow_private=allow_private)
        self._robots: dict[str, asyncio.Task[tuple[Rules, list[Fetch]]]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # Brotli is decoded by aiohttp where the package is there; it is a dependency.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=self._resolver, limit=0, ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate, br"},
            timeout=self._timeout,
            max_line_size=32_768,
            max_field_size=32_768,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._robots.values():
            task.cancel()
        await asyncio.gather(*self._robots.values(), return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def get(
        self,
        url: str,
        *,
        kind: str,
        source_id: str,
        etag: str | None = None,
        last_modified: str | None = None,
        content_hash: str | None = None,
    ) -> Answer:
        """Ask for a normalised URL, conditionally where validators are known, as often as it is worth it.

        With `content_hash`, a body that has that SHA-256 gives the outcome unchanged.
        """
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        conditions = {name: value for name, value in validators.items() if value}
        answer = Answer()
        for attempt in range(1, self._max_attempts + 1):
            if attempt > 1:
                await asyncio.sleep(self._retry_wait * 2 ** (attempt - 2))
            await self._attempt(answer, url, kind, source_id, attempt, conditions, content_hash)
            last = answer.last
            if last.etag is None and last.last_modified is None and last.outcome == "not_modified":
                last.etag, last.last_modified = etag, last_modified
            if last.outcome not in RETRIED:
                break
            if answer.retry_after is not None:
                if answer.retry_after > self.max_retry_after:
                    break
                self._politeness.rest(host_of(last.final_url or url), answer.retry_after)
        return answer

    async def robots(self, url: str, source_id: str) -> tuple[Rules, list[Fetch]]:
        """The rules of the URL's origin, and the attempts to get them, told to the first who asks."""
        origin = origin_of(url)
        if origin in self._robots:
            rules, _ = await asyncio.shield(self._robots[origin])
            return rules, []
        task = self._robots[origin] = asyncio.create_task(self._read_robots(origin, source_id))
        return await asyncio.shield(task)

    async def _read_robots(self, origin: str, source_id: str) -> tuple[Rules, list[Fetch]]:
        answer = await self.get(f"{origin}/robots.txt", kind="robots", source_id=source_id)
        last = answer.last
        if last.outcome in ("fetched", "too_large"):
            rules, delay = Rules.of(answer.body[:_ROBOTS_BYTES].decode("utf-8", "replace"), self._agent)
            if delay:
                self._politeness.ask_for(host_of(origin), delay)
        elif last.outcome in ("server_error", "rate_limited"):
            rules = Rules(refused=f"robots.txt answered {last.status_code}")
        elif last.outcome in _UNREACHED:
            rules = Rules(trouble=last.outcome, refused=f"robots.txt: {last.detail}")
        else:
            rules = Rules()
        return rules, answer.fetches

    async def _attempt(
        self,
        answer: Answer,
        url: str,
        kind: str,
        source_id: str,
        attempt: int,
        conditions: dict[str, str],
        content_hash: str | None,
    ) -> None:
        """One attempt, redirects included; adds its Fetch to `answer`."""
        assert self._session is not None, "use Web as a context manager"
        fetch = Fetch(
            fetch_id=str(uuid.uuid4()),
            url=url,
            kind=kind,
            source_id=source_id,
            fetched_at=self.now(),
            outcome="invalid",
            attempt=attempt,
        )
        loop = asyncio.get_running_loop()
        spent = 0.0
        current, seen = url, {url}
        answer.body, answer.charset, answer.retry_after, answer.temporary = b"", None, None, False
        try:
            while True:
                await self._permit(answer, current, kind, source_id)
                async with self._politeness.turn(host_of(current)):
                    began = loop.time()
                    try:
                        received = await ask(
                            self._session, current, kind=kind, conditions=conditions, max_bytes=self._max_bytes
                        )
                    finally:
                        spent += loop.time() - began
                fetch.fetched_at = self.now()
                fetch.status_code = received.status if received.status <= 599 else None
                fetch.final_url = normalise(current)
                location = received.header(b"location") if received.status in _REDIRECTS else None
                if location is None:
                    self._judge(answer, fetch, received, current, content_hash)
                    break
                self._keep(current, fetch.fetched_at, received)
                target = normalise(location, current, strip_tracking=False)
                if target in seen:
                    raise Stopped("too_many_redirects", f"a loop of redirects at {target}")
                if len(seen) > self._max_redirects:
                    raise Stopped("too_many_redirects", f"more than {self._max_redirects} redirects")
                seen.add(target)
                current = target
        except Stopped as stop:
            fetch.outcome, fetch.detail = stop.outcome, str(stop)
            answer.temporary = stop.temporary
            fetch.fetched_at = self.now()
        except ValueError as error:
            fetch.outcome, fetch.detail = "invalid", f"redirected to what is no URL: {error}"
        fetch.duration_ms = round(spent * 1000)
        answer.fetches.append(fetch)

    async def _permit(self, answer: Answer, url: str, kind: str, source_id: str) -> None:
        """Raise Stopped where the URL may not be requested."""
        if self._resolver.refuses(host_of(url)):
            raise Stopped("address_refused", f"{host_of(url)} is a private address")
        if kind == "robots":
            return
        rules, fetches = await self.robots(url, source_id)
        answer.fetches += fetches
        if rules.refused is not None:
            raise Stopped(rules.trouble or "robots_disallowed", rules.refused, temporary=True)
        if not rules.allow(url, self._agent):
            raise Stopped("robots_disallowed", f"robots.txt of {host_of(url)} disallows it")

    def _judge(self, answer: Answer, fetch: Fetch, got: Received, url: str, content_hash: str | None) -> None:
        """Say how an answer that is no redirect ended the attempt, and archive it."""
        fetch.etag, fetch.last_modified = printable(got.header(b"etag")), printable(got.header(b"last-modified"))
        declared, answer.charset = media.declared(got.header(b"content-type"))
        fetch.outcome = got.outcome
        if got.status in (429, 503) and (said := got.header(b"retry-after")):
            answer.retry_after = self._seconds(said, got.header(b"date"))
        if got.unread:
            fetch.content_type = declared
            fetch.detail = f"the type is {declared}"
            return
        known = None
        if got.status != 304:
            fetch.body_bytes = len(got.body)
            fetch.content_type = media.sniffed(declared, got.body[:4096]) if got.body else declared
        if fetch.outcome == "fetched":
            fetch.content_hash = sha256(got.body).hexdigest()
            answer.body = got.body
            if fetch.content_type and got.body and not suits(fetch.kind, fetch.content_type):
                fetch.outcome, fetch.detail = "unsupported_type", f"the type is {fetch.content_type}"
                answer.body = b""
            elif fetch.content_hash == content_hash:
                fetch.outcome, known = "unchanged", got.body
        elif fetch.outcome == "too_large":
            fetch.detail = f"the body is longer than {self._max_bytes} bytes"
            # Of a robots.txt, the beginning is used.
            answer.body = got.body if fetch.kind == "robots" else b""
        elif fetch.outcome not in ("not_modified", "unchanged"):
            fetch.detail = got.status_line.partition(" ")[2] or None
        placed = self._keep(url, fetch.fetched_at, got, known)
        if placed is not None:
            fetch.fetch_id, fetch.warc_file, fetch.warc_offset = placed

    def _keep(self, url: str, at: datetime, got: Received, known: bytes | None = None) -> Placed | None:
        if self._archive is None:
            return None
        if got.status == 304 or known is not None:
            return self._archive.revisit(
                url, at, request=got.request, status_line=got.status_line, headers=got.headers, body=known
            )
        return self._archive.exchange(
            url,
            at,
            request=got.request,
            status_line=got.status_line,
            headers=got.headers,
            body=got.body,
            truncated=got.cut,
        )

    def _seconds(self, retry_after: str, date: str | None) -> float | None:
        """Seconds a Retry-After asks for; a date counts from the server's own clock, where it says its time."""
        if retry_after.isdecimal():
            return float(retry_after)
        with suppress(TypeError, ValueError):
            now = parsedate_to_datetime(date) if date else self.now()
            return max(0.0, (parsedate_to_datetime(retry_after) - now).total_seconds())
        return None
