"""Hosts that go wrong on the wire: slow, broken off, garbled, endless, or leading elsewhere."""

from __future__ import annotations

import asyncio
import gzip
import zlib

from fault_making import ROUTES, STORED, always, at, feed, fine, page, raw, robots, stored
from fault_site import Ask, Serve

# Those that take their time ------------------------------------------------------------------------------------------


@at("http://drip.example/a", "failed", "timeout")
@at("http://drip-feed.example/feed")
async def drip(ask: Ask) -> None:
    await ask.head("200 OK", "Content-Length: 600")
    for _ in range(600):
        await ask.send(b"x")
        await asyncio.sleep(1)


@at("http://mute.example/a", "failed", "timeout")
@at("http://mute-robots.example/robots.txt")
async def mute(ask: Ask) -> None:
    await asyncio.sleep(60)


@at("http://continue.example/a", "failed", "timeout")
async def continues(ask: Ask) -> None:
    while True:
        await ask.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0.02)


SLOW = [f"http://slow.example/{n}" for n in range(6)]
FAST = [f"http://fast-{host}.example/{n}" for host in range(3) for n in range(6)]
stored(*SLOW, *FAST)


async def slow(ask: Ask) -> None:
    await asyncio.sleep(0.4)
    await fine(ask)


ROUTES.update(dict.fromkeys(SLOW, slow))


# Those that break off ------------------------------------------------------------------------------------------------


@at("http://reset.example/a", "failed", "connection_failed")
async def reset(ask: Ask) -> None:
    await ask.head("200 OK", "Content-Length: 10000")
    await ask.send(page("nowhere").encode()[:600])
    await asyncio.sleep(0.02)
    ask.reset()


@at("http://reset-once.example/a", *STORED)
async def reset_once(ask: Ask) -> None:
    await (reset(ask) if ask.nth == 1 else fine(ask))


@at("http://shorter.example/a", "failed", "connection_failed")
@at("http://shorter-feed.example/feed")
async def shorter_than_said(ask: Ask) -> None:
    await ask.head("200 OK", "Content-Length: 10000")
    await ask.send(feed(["http://shorter-feed.example/never"]).encode())
    ask.end()


@at("http://no-last-chunk.example/a", "failed", "connection_failed")
async def no_last_chunk(ask: Ask) -> None:
    await ask.head("200 OK", "Transfer-Encoding: chunked")
    await ask.chunk(page("nowhere").encode())
    ask.end()


@at("http://half-gzip.example/a", "failed", "connection_failed")
async def half_a_gzip(ask: Ask) -> None:
    body = gzip.compress(page("nowhere").encode())
    await ask.whole(body[: len(body) // 2], "200 OK", "Content-Encoding: gzip")


at("http://hangs-up.example/a", "failed", "connection_failed")(raw(b""))
at("http://no-head.example/a", "failed", "connection_failed")(raw(page("nowhere").encode()))
at("http://garbage.example/a", "failed", "connection_failed")(raw(b"HTTP/1.1 200 OK\r\n\x00\x01\x02 no colon\r\n\r\nx"))
at("http://no-number.example/a", "failed", "connection_failed")(raw(b"HTTP/1.1 abc OK\r\n\r\nx"))
at("http://long-header.example/a", "failed", "connection_failed")(
    raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200_000 + b"\r\n\r\n" + page("nowhere").encode())
)


@at("http://endless-headers.example/a", "failed", "connection_failed")
async def endless_headers(ask: Ask) -> None:
    await ask.send(b"HTTP/1.1 200 OK\r\n")
    while ask.request.sent < 50_000_000:
        await ask.send(b"X-More: and more\r\n" * 1000)


def longer_than_said(delay: float) -> Serve:
    """Behind the body stands another answer, for a request that nobody has made yet."""

    async def serve(ask: Ask) -> None:
        await fine(ask)
        await asyncio.sleep(delay)
        false = page("Smuggled").encode()
        await ask.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(false) + false)

    return serve


# The second leaves its client time to hear of it before the next request: later, nothing tells the two answers apart.
robots("longer-later.example", "User-agent: *\nCrawl-delay: 0.5\n")
for _host, _delay in (("longer", 0.0), ("longer-later", 0.005)):
    stored(*(f"http://{_host}.example/{n}" for n in range(3)))
    ROUTES |= {f"http://{_host}.example/{n}": longer_than_said(_delay) for n in range(3)}


# Those that are too much ---------------------------------------------------------------------------------------------

HUGE = [
    "http://thirty.example/a",
    "http://chunks.example/a",
    "http://zipped.example/a",
    "http://zipped-feed.example/feed",
]


@at("http://thirty.example/a", "failed", "too_large")
async def thirty_megabytes(ask: Ask) -> None:
    await ask.head("200 OK", "Content-Length: 30000000")
    for _ in range(300):
        await ask.send(b"<p>more</p>" * 9090 + b"\n" * 10)


@at("http://chunks.example/a", "failed", "too_large")
async def chunks_for_ever(ask: Ask) -> None:
    await ask.head("200 OK", "Transfer-Encoding: chunked")
    while ask.request.sent < 100_000_000:
        await ask.chunk(b"<p>more</p>" * 5000)


@at("http://zipped.example/a", "failed", "too_large")
@at("http://zipped-feed.example/feed")
async def zeros_for_ever(ask: Ask) -> None:
    await ask.head("200 OK", "Transfer-Encoding: chunked", "Content-Encoding: gzip")
    packer, zeros = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(4_000_000)
    while ask.request.sent < 10_000_000:
        await ask.chunk(packer.compress(zeros) + packer.flush(zlib.Z_SYNC_FLUSH))


@at("http://zipped-twice.example/a", "failed", "too_large")
async def zipped_twice(ask: Ask) -> None:
    body = gzip.compress(gzip.compress(bytes(60_000_000)))
    await ask.whole(body, "200 OK", "Content-Encoding: gzip, gzip")


# Redirects -----------------------------------------------------------------------------------------------------------


def redirect(target: str, status: str = "302 Found") -> Serve:
    """A redirect; `PORT` stands for the server's own."""

    async def serve(ask: Ask) -> None:
        own = str(ask.writer.get_extra_info("sockname")[1])
        await ask.whole(b"", status, f"Location: {target.replace('PORT', own)}")

    return serve


at("http://ring.example/a", "failed", "too_many_redirects")(redirect("http://ring.example/b"))
at("http://ring.example/b")(redirect("/a"))
at("http://self.example/a", "failed", "too_many_redirects")(redirect("/a"))


@at("http://maze.example/0", "failed", "too_many_redirects")
@at("http://maze.example/*")
async def maze(ask: Ask) -> None:
    await ask.whole(b"", "301 Moved Permanently", f"Location: /{int(ask.request.path[1:]) + 1}")


at("http://to-nowhere.example/a", "failed", "invalid")(always("302 Found"))
for _n, _target in enumerate(
    (
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ftp://quay.example/a",
        "http://[::bad/",
        "http://2130706433:PORT/secret",
    )
):
    at(f"http://to-what.example/{_n}", "failed", "invalid")(redirect(_target))
for _n, _target in enumerate(
    ("http://10.1.2.3/", "http://127.0.0.1:PORT/secret", "http://localhost:PORT/secret", "http://[::1]:PORT/secret",
     "http://169.254.169.254/latest/meta-data/", "http://[::ffff:127.0.0.1]:PORT/secret")
):  # fmt: skip
    at(f"http://to-private-{_n}.example/a", "failed", "address_refused")(redirect(_target))
at("http://to-barred.example/a", "blocked", "robots_disallowed")(redirect("http://barred.example/private/b"))
