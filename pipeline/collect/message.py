"""An HTTP answer as it stands in a WARC record: status, headers, and the body with its encodings taken off.

Archives made by others keep encodings, or keep the headers of encodings they took off, or break lines oddly. What a
browser would show is what counts.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})")
_BREAK = re.compile(rb"\r?\n\r?\n")
_TEXT = re.compile(rb"\s*(?:<|\{|\[|[\w\"'])")


class Undecodable(ValueError):
    """The body cannot be decoded as its headers say."""


@dataclass
class Message:
    """An HTTP answer, taken apart."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    """As it stood, encodings and all; see `decoded`."""

    def header(self, name: str) -> str | None:
        """The first header of that name, case aside."""
        return next((value for key, value in self.headers if key.lower() == name), None)


def parse(block: bytes) -> Message:
    """Take an HTTP answer apart. Raises Undecodable where it begins with no status line."""
    match = _STATUS.match(block)
    if not match:
        raise Undecodable("no HTTP status line")
    end = _BREAK.search(block)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    headers: list[tuple[str, str]] = []
    for line in re.split(rb"\r?\n", head)[1:]:
        text = _text(line)
        if line[:1] in b" \t" and headers:
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {text.strip()}")
            continue
        name, colon, value = text.partition(":")
        if colon:
            headers.append((name.strip(), value.strip()))
    return Message(int(match[1]), headers, body)


def decoded(message: Message, largest: int) -> tuple[bytes, bool]:
    """The body without transfer and content encodings, and whether it was cut off at `largest` bytes.

    Raises Undecodable.
    """
    body = message.body
    if "chunked" in (message.header("transfer-encoding") or "").lower():
        body = _unchunked(body)
    encodings = [e.strip().lower() for e in (message.header("content-encoding") or "").split(",")]
    for encoding in reversed(encodings):
        match encoding:
            case "" | "identity" | "none" | "utf-8":
                pass
            case "gzip" | "x-gzip":
                body = _inflated(body, largest, 31) if body.startswith(b"\x1f\x8b") else _plain(body, encoding)
            case "deflate":
                body = _deflated(body, largest)
            case "br":
                body = _unbrotlied(body, largest)
            case _:
                body = _plain(body, encoding)
    return body[:largest], len(body) > largest


def gunzipped(body: bytes, largest: int) -> bytes:
    """A gzip file's content, at most `largest` bytes and one more. Raises Undecodable."""
    return _inflated(body, largest, 31)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _unchunked(body: bytes) -> bytes:
    """Without chunk marks; as it is where it has none: many archives took them off and left the header."""
    out: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\n", at)
        try:
            size = int(body[at:end].split(b";")[0].strip() or b"-", 16) if end >= 0 else -1
        except ValueError:
            size = -1
        if size < 0 or size > len(body):
            return b"".join(out) if out else body
        if size == 0:
            return b"".join(out)
        out.append(body[end + 1 : end + 1 + size])
        at = end + 1 + size
        at += 2 if body[at : at + 2] == b"\r\n" else 1


def _inflated(body: bytes, largest: int, wbits: int) -> bytes:
    out, rest = b"", body
    try:
        # A gzip file may have several members.
        while rest and len(out) <= largest:
            decoder = zlib.decompressobj(wbits)
            out += decoder.decompress(rest, largest + 1 - len(out))
            if not decoder.eof and len(out) <= largest:
                raise Undecodable("the compressed body breaks off")
            rest = decoder.unused_data
            if not rest.startswith(b"\x1f\x8b"):
                break
    except zlib.error as error:
        raise Undecodable(f"the compressed body is damaged: {error}") from None
    return out


def _deflated(body: bytes, largest: int) -> bytes:
    for wbits in (15, -15):
        try:
            return _inflated(body, largest, wbits)
        except Undecodable:
            continue
    return _plain(body, "deflate")


def _unbrotlied(body: bytes, largest: int) -> bytes:
    import brotli  # type: ignore[import-untyped]

    decoder = brotli.Decompressor()
    try:
        out = bytes(decoder.process(body, output_buffer_limit=largest + 1))
        while not decoder.is_finished() and len(out) <= largest:
            more = decoder.process(b"", output_buffer_limit=largest + 1)
            if not more:
                raise Undecodable("the compressed body breaks off")
            out += more
        return out
    except brotli.error:
        return _plain(body, "br")


def _plain(body: bytes, encoding: str) -> bytes:
    """The body as it is, if it looks as if its encoding had been taken off already."""
    start = body[:512]
    if not body or (_TEXT.match(start) and not any(b < 9 or 13 < b < 27 or 27 < b < 32 for b in start)):
        return body
    raise Undecodable(f"content encoding {encoding} cannot be taken off")
