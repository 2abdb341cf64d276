"""Content encodings taken off while a body streams in, in bounded memory: a bomb stops at the size limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

try:
    # A page of 60 kB takes it 130 µs, zlib 190.
    from isal import isal_zlib

    _zlib: Any = isal_zlib
except ImportError:  # there is no wheel for this machine
    import zlib

    _zlib = zlib

PIECE = 262_144
"""Bytes taken out of a decoder at a time."""

_MOST_MEMBERS = 1_000
"""gzip members of one body: many small ones would cost time without limit."""
_MOST_ENCODINGS = 4
_TEXT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<|\{|\[|#|[\w\"'])")


class Undecodable(ValueError):
    """The body cannot be decoded as its headers say."""


class BrokenOff(Undecodable):
    """The body ends, or is damaged, in the middle: another try may bring it whole."""


class Inflater:
    """Takes the encodings of a Content-Encoding header off a body, at most `largest` bytes of it."""

    def __init__(self, encodings: str, largest: int) -> None:
        named = [name for part in encodings.split(",") if (name := part.strip().lower()) not in _NONE]
        self._too_many = len(named) > _MOST_ENCODINGS
        self._stages = [_Stage(name, largest) for name in reversed(named)]
        self._largest = largest
        self._out: list[bytes] = []
        self._length = 0
        self.is_full = False
        """Whether the body, or what an encoding was taken off from, is longer than `largest`: nothing more is taken."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes. Raises Undecodable."""
        if self._too_many:
            raise Undecodable(f"more than {_MOST_ENCODINGS} content encodings")
        pieces: Iterable[bytes] = (data,)
        for stage in self._stages:
            pieces = stage.through(pieces)
        for piece in pieces:
            self._out.append(piece)
            self._length += len(piece)
            if self._length > self._largest:
                self.is_full = True
                return
        self.is_full = any(stage.is_full for stage in self._stages)

    def end(self) -> None:
        """Say that the body is complete. Raises BrokenOff where an encoding is not."""
        for stage in () if self.is_full else self._stages:
            stage.end()

    @property
    def body(self) -> bytes:
        """What came so far, at most `largest` bytes."""
        return b"".join(self._out)[: self._largest] if len(self._out) != 1 else self._out[0][: self._largest]


class _Decoder(Protocol):
    def pieces(self, data: bytes) -> Iterator[bytes]: ...
    def is_whole(self) -> bool: ...


class _Stage:
    """One encoding; which decoder fits is seen from the first bytes."""

    def __init__(self, name: str, largest: int) -> None:
        self._name = name
        self._decoder: _Decoder | None = None
        self._start = b""
        self._left = largest

    @property
    def is_full(self) -> bool:
        return self._left < 0

    def through(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if self._decoder is None:
                self._start += piece
                # Two bytes tell gzip from deflate with a header and without; a body of brotli may be one byte long.
                if len(self._start) < (1 if self._name == "br" else 2):
                    continue
                piece, self._start = self._start, b""
                self._decoder = _fitting(self._name, piece)
            for out in self._decoder.pieces(piece):
                self._left -= len(out)
                yield out
                if self._left < 0:
                    return

    def end(self) -> None:
        if self._start or (self._decoder is not None and not self._decoder.is_whole()):
            raise BrokenOff("the compressed body breaks off")


class _Plain:
    """Nothing to take off: some servers send the header and not the encoding."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def is_whole(self) -> bool:
        return True


class _Zlib:
    """gzip, of one member or several, and deflate with or without its header."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._decoder: Any = _zlib.decompressobj(wbits)
        self._members = 1
        self._held = b""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        rest = self._held + data
        self._held = b""
        while True:
            if self._decoder.eof and not (rest := self._next_member(rest)):
                return
            try:
                out = self._decoder.decompress(rest, PIECE)
            except _zlib.error as error:
                raise BrokenOff(f"the compressed body is damaged: {error}") from None
            if out:
                yield out
            if self._decoder.eof:
                rest = self._decoder.unused_data
            else:
                rest = self._decoder.unconsumed_tail
                # A full piece may leave more behind, although all that came was taken in.
                if not rest and len(out) < PIECE:
                    return

    def _next_member(self, rest: bytes) -> bytes:
        """What the next member of a gzip file begins with; nothing where there is none, or not enough of it yet."""
        if self._wbits != 31 or not rest.startswith(b"\x1f\x8b"[: len(rest)]):
            return b""  # what follows the last member is padding
        if len(rest) < 2:
            self._held = rest
            return b""
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise Undecodable(f"more than {_MOST_MEMBERS} gzip members")
        self._decoder = _zlib.decompressobj(self._wbits)
        return rest

    def is_whole(self) -> bool:
        return bool(self._decoder.eof)


class _Brotli:
    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]

        self._error: type[Exception] = brotli.error
        self._decoder: Any = brotli.Decompressor()

    def pieces(self, data: bytes) -> Iterator[bytes]:
        try:
            while not self._decoder.is_finished():
                out = bytes(self._decoder.process(data, output_buffer_limit=PIECE))
                data = b""
                if out:
                    yield out
                elif self._decoder.can_accept_more_data():
                    return
        except self._error as error:
            raise BrokenOff(f"the compressed body is damaged: {error}") from None

    def is_whole(self) -> bool:
        return bool(self._decoder.is_finished())


_NONE = frozenset({"", "identity", "none", "utf-8"})
_DECODERS: dict[str, tuple[Callable[[], _Decoder], ...]] = {
    "deflate": (lambda: _Zlib(15), lambda: _Zlib(-15)),
    "br": (_Brotli,),
}


def _fitting(name: str, start: bytes) -> _Decoder:
    """A fresh decoder that can read the first bytes. Raises Undecodable where there is none."""
    if name in ("gzip", "x-gzip") and start.startswith(b"\x1f\x8b"):
        return _Zlib(31)
    for make in _DECODERS.get(name, ()):
        try:
            next(make().pieces(start[:512]), None)
        except Undecodable:
            continue
        return make()
    # It looks as if the encoding had been taken off already.
    head = start[:512]
    if _TEXT.match(head) and not any(b < 9 or 13 < b < 27 or 27 < b < 32 for b in head):
        return _Plain()
    raise Undecodable(f"content encoding {name} cannot be taken off")
