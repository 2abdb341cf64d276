"""An HTTP answer as it stands in a WARC record: status, headers, and the body with its encodings taken off.

Archives made by others keep encodings, or keep the headers of encodings they took off, or break lines oddly. What a
browser would show is what counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.collect.inflate import Inflater
from pipeline.collect.inflate import Undecodable as Undecodable

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})")
_BREAK = re.compile(rb"\r?\n\r?\n")


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
    inflater = Inflater(message.header("content-encoding") or "", largest)
    inflater.feed(body)
    inflater.end()
    return inflater.body, inflater.is_full


def gunzipped(body: bytes, largest: int) -> bytes:
    """A gzip file's content, at most `largest` bytes and one more. Raises Undecodable."""
    inflater = Inflater("gzip", largest + 1)
    inflater.feed(body)
    inflater.end()
    return inflater.body


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
