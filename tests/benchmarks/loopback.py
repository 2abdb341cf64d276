"""A fast server on loopback, in a process of its own, for what is measured here: it must cost less than its clients.

What it answers is made by a function of this process, `make(*arguments)`, which gives ``answer(host, path, head)``.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

Answer = Callable[[bytes, bytes, bytes], bytes]
"""Host, path and the whole head of a request → the whole answer."""


class _Talk(asyncio.Protocol):
    """One connection, kept alive; requests have no bodies."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head, self._waiting = self._waiting[:end], self._waiting[end + 4 :]
            path = head[head.index(b" ") + 1 : head.index(b" ", head.index(b" ") + 1)]
            at = head.lower().index(b"\r\nhost:") + 7
            host = head[at : (head + b"\r\n").index(b"\r\n", at)].strip()
            assert self._transport is not None
            self._transport.write(self._answer(host, path, head))


async def _serve(answer: Answer, told: Connection) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Talk(answer), "0.0.0.0", 0, backlog=1024)
    told.send(server.sockets[0].getsockname()[1])
    await loop.run_in_executor(None, told.recv)
    server.close()


def _run(make: Callable[..., Answer], arguments: tuple[Any, ...], told: Connection) -> None:
    asyncio.run(_serve(make(*arguments), told))


class Server:
    """The server, for as long as the context lasts; it listens on every address of loopback."""

    def __init__(self, make: Callable[..., Answer], *arguments: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._mine, its = context.Pipe()
        self._process = context.Process(target=_run, args=(make, arguments, its), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        if not self._mine.poll(60):
            raise RuntimeError("the server did not start")
        self.port: int = self._mine.recv()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mine.send(None)
        self._process.join(10)
        self._process.terminate()


def answer_of(body: bytes, status: str = "200 OK", kind: str = "text/html; charset=utf-8", *lines: str) -> bytes:
    """An answer as it goes over the wire."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *lines, "", ""]
    return "\r\n".join(head).encode() + body


NOTHING = answer_of(b"nothing here", "404 Not Found", "text/plain")
