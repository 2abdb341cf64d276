"""Encodings taken off in pieces: whatever the pieces, what comes out is what went in, up to the limit."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.collect import inflate
from pipeline.collect.inflate import BrokenOff, Inflater, Undecodable

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "gzip, br": lambda body: brotli.compress(gzip.compress(body)),
    "deflate, gzip": lambda body: gzip.compress(zlib.compress(body)),
}
bodies = st.lists(st.binary(max_size=40) | st.just(b"<p>ferry</p>" * 40) | st.just(b"\0" * 900), max_size=8).map(
    b"".join
)


def fed(encoding: str, packed: bytes, cuts: list[int], largest: int) -> Inflater:
    inflater = Inflater(encoding, largest)
    ends = sorted(cut % (len(packed) + 1) for cut in cuts)
    for start, end in zip([0, *ends], [*ends, len(packed)], strict=True):
        if not inflater.is_full:
            inflater.feed(packed[start:end])
    inflater.end()
    return inflater


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "PIECE", 32)


@pytest.mark.parametrize("encoding", PACKED)
@settings(max_examples=60, deadline=None)
@given(body=bodies, cuts=st.lists(st.integers(0, 10_000), max_size=6), largest=st.integers(1, 3_000))
def test_what_went_in_comes_out_however_it_is_cut(encoding: str, body: bytes, cuts: list[int], largest: int) -> None:
    found = fed(encoding, PACKED[encoding](body), cuts, largest)
    if found.is_full:
        # An encoding within another may be longer than what it holds.
        assert body.startswith(found.body)
        assert len(found.body) <= largest
    else:
        assert found.body == body


@settings(max_examples=200, deadline=None)
@given(body=st.integers(0, 200).map(lambda n: b"ab" * n), cuts=st.lists(st.integers(0, 300), max_size=3))
def test_deflate_without_a_header_ends_where_it_ends(body: bytes, cuts: list[int]) -> None:
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(body) + packer.flush()
    assert fed("deflate", packed, cuts, 1_000).body == body


@settings(max_examples=200, deadline=None)
@given(packed=st.binary(max_size=200), encoding=st.sampled_from([*PACKED, "zstd", "x-gzip", "compress, br"]))
def test_any_bytes_are_unpacked_or_refused(packed: bytes, encoding: str) -> None:
    with suppress(Undecodable):
        assert len(fed(encoding, packed, [], 100).body) <= 100


def test_many_small_members_are_refused() -> None:
    with pytest.raises(Undecodable, match="members"):
        fed("gzip", gzip.compress(b"") * 1_002, [], 100)


def test_a_damaged_body_is_refused() -> None:
    packed = bytearray(gzip.compress(b"ferry" * 99))
    packed[-6] ^= 255
    with pytest.raises(BrokenOff, match="damaged"):
        fed("gzip", bytes(packed), [], 1_000)
