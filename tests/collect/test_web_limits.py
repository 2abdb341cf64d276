"""Answers that go wrong: too slow, too long, broken off, packed to burst. Each is an outcome; memory stays bounded."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import brotli
import pytest
from collect_site import Site, page, visiting

from pipeline.collect import Web
from pipeline.collect.web import Answer

URL = "http://quay.example/a"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
MEGABYTE = 1_000_000


def talking(talk: Talk, tls: ssl.SSLContext | None = None, **settings: Any) -> Answer:
    """The answer to one URL of a server that says what it likes after the request; its robots.txt is missing."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                if b"/robots.txt" in request.split(b"\r\n")[0]:
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    continue
                await talk(reader, writer)
                break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def run() -> Answer:
        async with await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls) as listening:
            port = listening.sockets[0].getsockname()[1]
            options: dict[str, Any] = {
                "clock": lambda: datetime.now(UTC), "user_agent": "Newsledger/test", "host_delay": 0.0,
                "retry_wait": 0.0, "max_attempts": 1, "resolve": f"*.example=127.0.0.1:{port}",
            }  # fmt: skip
            async with Web(archive=None, **(options | settings)) as web:
                return await web.get(URL.replace("http:", "https:") if tls else URL, kind="article", source_id="quay")

    return asyncio.run(run())


def saying(*parts: bytes) -> Talk:
    """Say these bytes and hang up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return talk


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        *((b"", "connection_failed"), (b"What?\r\n\r\n", "connection_failed"), (HEAD, "connection_failed")),
        (HEAD + b"Content-Length: 900\r\n\r\n<html>", "connection_failed"),
        (HEAD + b"Content-Length: no\r\n\r\n<html>", "connection_failed"),
        (HEAD + b"Content-Length: 6\r\nContent-Length: 7\r\n\r\n<html>", "connection_failed"),
        (CHUNKED + chunk(b"<html>"), "connection_failed"),
        (CHUNKED + b"zz\r\n<html>\r\n0\r\n\r\n", "connection_failed"),
        (CHUNKED + b"fffffffffffffffff\r\n<html>", "connection_failed"),
        (HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n", "connection_failed"),
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "server_error"),
        (HEAD + b"\r\n<html>until the end", "fetched"),
        # What follows the body is read as the next answer, and is none.
        (HEAD + b"Content-Length: 6\r\n\r\n<html>and more than it said", "connection_failed"),
        (CHUNKED + chunk(b"<html>") + b"0\r\n\r\n", "fetched"),
    ],
)
def test_what_a_server_says_wrongly_is_an_outcome(said: bytes, outcome: str) -> None:
    answer = talking(saying(said))
    assert answer.last.outcome == outcome
    assert answer.last.body_bytes is None or outcome in ("fetched", "server_error")


@pytest.mark.parametrize("settings", [{"read_timeout": 0.2}, {"timeout": 0.3, "read_timeout": 0.0}])
def test_a_server_that_falls_silent_within_its_answer_is_a_timeout(settings: dict[str, float]) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 100\r\n\r\n<html>")
        await reader.read()

    answer = talking(talk, **settings)
    assert answer.last.outcome == "timeout"
    assert answer.last.detail == (
        "nothing more within 0.2 s" if settings["read_timeout"] else "no whole answer within 0.3 s"
    )


def test_a_server_that_drips_is_a_timeout_in_all() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 10000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    assert talking(talk, timeout=0.3, read_timeout=0.2).last.outcome == "timeout"


def zeros() -> bytes:
    """A gigabyte of zeros, deflated to a megabyte: the same independent block over and over."""
    packer = zlib.compressobj(9, wbits=-15)
    return (packer.compress(b"\0" * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)) * 1000


def gzip_bomb() -> bytes:
    return b"\x1f\x8b\x08" + b"\0" * 6 + b"\x03" + zeros()


def brotli_bomb() -> bytes:
    packer = brotli.Compressor(quality=1)
    return b"".join([*(packer.process(b"\0" * MEGABYTE) for _ in range(1000)), packer.finish()])


BOMBS = {
    "gzip": gzip_bomb,
    "deflate": lambda: b"\x78\x9c" + zeros(),
    "br": brotli_bomb,
    "gzip, gzip": lambda: gzip.compress(gzip_bomb()),
    "gzip, br": lambda: brotli.compress(gzip_bomb(), quality=4),
    "deflate, br, br, gzip": lambda: gzip.compress(brotli.compress(brotli.compress(b"\x78\x9c" + zeros(), quality=4))),
}


@pytest.mark.parametrize("encoding", BOMBS)
def test_a_bomb_is_cut_off_in_little_memory(encoding: str) -> None:
    bomb = BOMBS[encoding]()
    head = HEAD + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding.encode(), len(bomb))
    tracemalloc.start()
    try:
        answer = talking(saying(head, bomb), max_bytes=MEGABYTE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.last.outcome, answer.last.body_bytes) == ("too_large", MEGABYTE)
    # The body twice, the pieces and buffers of each encoding; not the gigabyte, nor what lies between two encodings.
    assert peak < 12 * MEGABYTE


def test_a_bomb_that_unpacks_to_nothing_for_ever_is_cut_off_too() -> None:
    sent = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(HEAD + b"Content-Encoding: deflate\r\n\r\n\x78\x9c")
        while True:
            # Stored blocks of no length.
            writer.write(b"\x00\x00\x00\xff\xff" * 20_000)
            sent += 100_000
            await writer.drain()

    answer = talking(talk, max_bytes=500_000)
    assert answer.last.outcome == "too_large"
    assert sent < 20 * MEGABYTE


def test_a_download_stops_once_it_is_too_long() -> None:
    sent = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(HEAD + b"Content-Length: 300000000\r\n\r\n")
        for _ in range(3000):
            writer.write(b"x" * 100_000)
            sent += 100_000
            await writer.drain()

    assert talking(talk, max_bytes=MEGABYTE).last.outcome == "too_large"
    assert sent < 20 * MEGABYTE


PAGE = b"<html><p>" + bytes(range(32, 127)) * 200 + b"</p></html>"


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        *(("gzip", gzip.compress(PAGE)), ("x-gzip", gzip.compress(PAGE)), ("br", brotli.compress(PAGE))),
        *(("deflate", zlib.compress(PAGE)), ("deflate", zlib.compress(PAGE)[2:-4]), ("identity", PAGE), ("", PAGE)),
        ("gzip", gzip.compress(PAGE[:50]) + gzip.compress(PAGE[50:]) + b"\0\0\0"),
        *(("gzip, br", brotli.compress(gzip.compress(PAGE))), ("gzip", PAGE), ("br", PAGE), ("utf-8", PAGE)),
    ],
)
def test_encodings_are_taken_off_also_where_they_are_only_claimed(encoding: str, packed: bytes) -> None:
    head = HEAD + b"Content-Encoding: %s\r\nTransfer-Encoding: chunked\r\n\r\n" % encoding.encode()
    pieces = [chunk(packed[n : n + 7]) for n in range(0, 70, 7)] + [chunk(packed[70:]), b"0\r\n\r\n"]
    answer = talking(saying(head, *pieces))
    assert (answer.last.outcome, answer.body) == ("fetched", PAGE)


@pytest.mark.parametrize(
    ("encoding", "packed", "outcome"),
    [
        ("gzip", gzip.compress(PAGE)[:-9], "connection_failed"),
        ("br", brotli.compress(PAGE)[:-5], "connection_failed"),
        *(("zstd", b"\x28\xb5\x2f\xfd\x00", "unsupported_type"), ("gzip", b"\0\1\2\3", "unsupported_type")),
        *(("gzip, gzip, gzip, gzip, gzip", PAGE, "unsupported_type"), ("gzip", b"\x1f", "connection_failed")),
    ],
)
def test_a_packed_body_that_cannot_be_unpacked_is_an_outcome(encoding: str, packed: bytes, outcome: str) -> None:
    head = HEAD + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding.encode(), len(packed))
    assert talking(saying(head, packed)).last.outcome == outcome


def test_what_a_server_says_unasked_is_not_the_answer_to_the_next_request() -> None:
    paths: list[bytes] = []
    said = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s"

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
                paths.append(path)
                writer.write(said % (len(path), path))
                await writer.drain()
                await asyncio.sleep(0.02)
                writer.write(said % (8, b"Smuggled"))
        writer.close()

    async def run() -> list[bytes]:
        async with await asyncio.start_server(connected, "127.0.0.1", 0) as listening:
            resolve = f"*.example=127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            settings: dict[str, Any] = {"clock": lambda: datetime.now(UTC), "host_delay": 0.1, "resolve": resolve}
            async with Web(archive=None, user_agent="Newsledger/test", **settings) as web:
                urls = [f"http://quay.example/{n}" for n in range(3)]
                return [(await web.get(u, kind="article", source_id="quay")).body for u in urls]

    assert asyncio.run(run()) == [b"/0", b"/1", b"/2"]
    assert paths == [b"/robots.txt", b"/0", b"/1", b"/2"]


def test_a_server_that_hangs_up_is_asked_as_often_as_is_counted() -> None:
    asked = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1

    answer = talking(talk, max_attempts=2)
    assert [f.outcome for f in answer.fetches[1:]] == ["connection_failed"] * 2
    assert asked == 2


def test_a_part_that_nobody_asked_for_is_no_page() -> None:
    part = b"HTTP/1.1 206 Partial Content\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    answer = talking(saying(part))
    assert (answer.last.outcome, answer.last.status_code, answer.body) == ("connection_failed", 206, b"")


def test_an_error_whose_body_cannot_be_unpacked_is_still_that_error() -> None:
    routes = {URL: page(b"\0\1\2", 404, Content_Encoding="gzip")}
    site = Site(routes)

    async def visit(web: Web) -> Answer:
        return await web.get(URL, kind="article", source_id="quay")

    assert visiting(site, visit).last.outcome == "not_found"


def test_a_certificate_that_nobody_vouches_for_is_an_outcome(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    answer = talking(saying(HEAD), tls=context)
    assert {f.outcome for f in answer.fetches} == {"tls_failed"}
    assert "certificate" in (answer.last.detail or "")


def self_signed(folder: Path) -> Path:
    """A certificate for quay.example, signed by itself, with its key."""
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "quay.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "quay.pem"
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(pem, *plain) + certificate.public_bytes(pem))
    return path


def test_a_304_that_nobody_asked_for_is_no_answer() -> None:
    answer = talking(saying(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n'))
    assert (answer.last.outcome, answer.last.etag, answer.last.status_code) == ("unasked_not_modified", None, 304)


@pytest.mark.parametrize("status", ["301 Moved", "404 Not Found", "410 Gone", "500 Broken"])
@pytest.mark.parametrize("body", [b"", b"<html"])
@pytest.mark.parametrize("hangs", [True, False])
def test_the_body_of_what_is_no_page_need_not_be_whole(status: str, body: bytes, hangs: bool) -> None:
    asked = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        head = f"HTTP/1.1 {status}\r\nLocation: http://quay.example/b\r\nContent-Length: 100\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        if hangs:
            await asyncio.sleep(1)

    answer = talking(talk, max_attempts=1, read_timeout=0.2, max_redirects=0)
    outcome = {"3": "too_many_redirects", "5": "server_error"}.get(status[0])
    assert answer.last.outcome == (outcome or ("removed" if "410" in status else "not_found"))
    assert asked == 1


@pytest.mark.parametrize("line", ["HTTP/1.1 042 Odd", "HTTP/1.1 000 Odd", "HTTP/1.1 101 Switching Protocols"])
def test_a_status_that_says_nothing_of_a_page_is_invalid(line: str) -> None:
    answer = talking(saying(f"{line}\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>".encode()))
    assert answer.last.outcome in ("invalid", "connection_failed")
    assert (answer.last.status_code or 100) >= 100
    assert answer.body == b""


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"/caf\xe9", "/caf%E9"),
        ("/café".encode(), "/caf%C3%A9"),
        (b"/caf%E9", "/caf%E9"),
        (b"/a\xe9?b=\xff", "/a%E9?b=%FF"),
    ],
)
def test_a_redirect_is_followed_in_the_bytes_it_was_given(location: bytes, path: str) -> None:
    asked: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        asked.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
        writer.write(HEAD + b"Content-Length: 6\r\n\r\n<html>")

    assert talking(talk).last.outcome == "fetched"
    assert asked == [path]
