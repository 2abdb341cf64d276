"""A server on loopback that does what it is told to the byte, in a thread of its own, and notes every request.

Answers are written to the socket as they stand: a server library would mend most of what the tests need broken.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

BUFFER = 65_536
"""Bytes that the server's own side holds of what nobody has read."""


@dataclass
class Request:
    """One request the server has seen."""

    url: str
    at: float
    """By a clock that only goes forward, seconds."""
    batch: int
    headers: dict[str, str]
    sent: int = 0
    """Bytes the network took of the answer."""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


@dataclass
class Ask:
    """A request, and the ways to answer it."""

    request: Request
    nth: int
    """How often this URL has been asked for in this batch, this time included."""
    writer: asyncio.StreamWriter
    is_over: bool = field(default=False)
    """Whether the connection ends with this answer."""

    @property
    def batch(self) -> int:
        return self.request.batch

    @property
    def headers(self) -> dict[str, str]:
        return self.request.headers

    async def send(self, data: bytes) -> None:
        """Write, and wait until the network took it."""
        self.writer.write(data)
        await self.writer.drain()
        self.request.sent += len(data)

    async def head(self, status: str = "200 OK", *lines: str, kind: str = "text/html; charset=utf-8") -> None:
        """The head of an answer."""
        said = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *lines]
        await self.send("\r\n".join([*said, "", ""]).encode("latin-1"))

    async def whole(
        self, body: bytes | str = b"", status: str = "200 OK", *lines: str, kind: str = "text/html; charset=utf-8"
    ) -> None:
        """An answer without fault."""
        content = body.encode() if isinstance(body, str) else body
        await self.head(status, f"Content-Length: {len(content)}", *lines, kind=kind)
        await self.send(content)

    async def chunk(self, data: bytes) -> None:
        """One chunk of a chunked answer; an empty one is the last."""
        await self.send(b"%x\r\n" % len(data) + data + b"\r\n")

    def end(self) -> None:
        """End the connection after what was sent."""
        self.is_over = True

    def reset(self) -> None:
        """Break the connection off, so that the other side hears of an error and not of an end."""
        held: socket.socket = self.writer.get_extra_info("socket")
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        self.is_over = True


Serve = Callable[[Ask], Awaitable[None]]


class FaultSite:
    """Every host of `routes`, on one port; hosts of https on another. Use as a context manager.

    A route is a URL, or one that ends in ``*`` for all that begin so, robots.txt aside. Where there is none, the answer
    is 404.
    """

    def __init__(self, routes: dict[str, Serve], certificate: Path | None = None) -> None:
        self.routes = routes
        self.requests: list[Request] = []
        self.batch = 0
        """The number of the batch that is played."""
        self.port = self.tls_port = 0
        self._certificate = certificate
        self._counts: Counter[tuple[int, str]] = Counter()
        self._wild = [route[:-1] for route in routes if route.endswith("*")]
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @property
    def resolve(self) -> str:
        """The collector's setting that leads to these hosts."""
        secure = f"*.tls.example=127.0.0.1:{self.tls_port}," if self.tls_port else ""
        return f"{secure}*.example=127.0.0.1:{self.port}"

    def asked(self, start: str, batch: int | None = None) -> list[Request]:
        """The requests for URLs that begin so, of one batch or of all."""
        return [r for r in self.requests if r.url.startswith(start) and batch in (None, r.batch)]

    async def _run(self) -> None:
        opened = [await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=BUFFER)]
        self.port = opened[0].sockets[0].getsockname()[1]
        if self._certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            opened.append(await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context))
            self.tls_port = opened[1].sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        for server in opened:
            server.close()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        writer.transport.set_write_buffer_limits(high=BUFFER)
        scheme = "https" if writer.get_extra_info("sslcontext") else "http"
        # However the client leaves, the server's part is to notice.
        with contextlib.suppress(OSError, EOFError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                first = await reader.readexactly(1)
                if not first.isalpha():
                    # The beginning of a TLS handshake, where there is no TLS: answered as servers do.
                    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                    break
                ask = self._noted(scheme, first + await reader.readuntil(b"\r\n\r\n"), writer)
                await self._route(ask.request.url)(ask)
                if ask.is_over:
                    break
        with contextlib.suppress(OSError, asyncio.CancelledError):
            writer.close()

    def _noted(self, scheme: str, head: bytes, writer: asyncio.StreamWriter) -> Ask:
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        url = f"{scheme}://{headers.get('host', '')}{first.split(' ')[1]}"
        request = Request(url, time.monotonic(), self.batch, headers)
        self.requests.append(request)
        self._counts[self.batch, url] += 1
        return Ask(request, self._counts[self.batch, url], writer)

    def _route(self, url: str) -> Serve:
        found = self.routes.get(url)
        if found is None and not url.endswith("/robots.txt"):
            start = next((start for start in self._wild if url.startswith(start)), None)
            found = self.routes[f"{start}*"] if start is not None else None
        return found or nothing


async def nothing(ask: Ask) -> None:
    """404."""
    await ask.whole("nothing here", "404 Not Found")


def self_signed(path: Path, host: str) -> Path:
    """A certificate that nobody vouches for, with its key, written to `path`."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + made.public_bytes(pem))
    return path
