"""Sitemaps: well-made, zipped, broken and hostile ones."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.collect import sitemaps

NEWS = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>http://quay.example/a</loc>'
    "<lastmod>2026-03-02</lastmod><news:news><news:publication_date>2026-03-01T20:00:00-05:00</news:publication_date>"
    "<news:title>Cranes &amp; ships</news:title></news:news></url><url><loc>http://quay.example/b</loc></url></urlset>"
)
INDEX = (
    '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>http://quay.example/1.xml.gz</loc>'
    "<lastmod>2026-03-02T05:00:00Z</lastmod></sitemap></sitemapindex>"
)
DOCUMENTS = [NEWS.encode(), INDEX.encode(), gzip.compress(NEWS.encode(), mtime=0), b"http://quay.example/a\n"]


def test_what_is_forgotten_on_the_way_was_read_before() -> None:
    listing = sitemaps.parse(NEWS.encode())
    first, second = listing.entries
    assert (first.link, first.title, first.modified_on) == ("http://quay.example/a", "Cranes & ships", True)
    assert (second.link, second.title, second.published) == ("http://quay.example/b", None, None)
    assert (listing.is_news, listing.problem) == (True, None)


def test_a_sitemap_with_a_million_entries_is_cut_and_says_so() -> None:
    body = b"<urlset>" + b"<url><loc>http://quay.example/a</loc></url>" * (sitemaps.MOST_ENTRIES + 5) + b"</urlset>"
    for document in (body, b"http://quay.example/a\n" * (sitemaps.MOST_ENTRIES + 5)):
        listing = sitemaps.parse(document)
        assert len(listing.entries) == sitemaps.MOST_ENTRIES
        assert "others are not read" in (listing.problem or "")


def test_a_bomb_in_a_zip_is_cut() -> None:
    listing = sitemaps.parse(gzip.compress(b"<urlset>" + b" " * 65_000_000))
    assert listing.entries == []
    assert listing.problem


HOSTILE = {
    "deep": b"<urlset>" + b"<url>" * 200_000,
    "children of one": b"<urlset><url>" + b"<x/>" * 100_000 + b"<loc>http://quay.example/a</loc></url></urlset>",
    "no url at all": b"<urlset>" + b"<x>y</x>" * 100_000 + b"</urlset>",
    "attributes": b"<urlset " + b" ".join(b'a%d="x"' % n for n in range(100_000)) + b"><url/></urlset>",
    "a long loc": b"<urlset><url><loc>http://quay.example/" + b"a" * 2_000_000 + b"</loc></url></urlset>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_document_made_to_exhaust_a_reader_does_not(name: str) -> None:
    listing = sitemaps.parse(HOSTILE[name])
    assert all(len(e.link) <= 10_000 for e in listing.entries)
    if name == "children of one":
        assert [e.link for e in listing.entries] == ["http://quay.example/a"]


def test_entities_that_multiply_are_not_replaced() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE urlset [<!ENTITY l0 "ha">{laughs}]>' + NEWS.replace("Cranes", "&l11;")
    listing = sitemaps.parse(bomb.replace("<url>", '<url note="&l11;">').encode())
    assert sum(len(e.title or "") + len(e.link) for e in listing.entries) < 10_000


@given(st.sampled_from(DOCUMENTS), st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_sitemap_gives_what_can_be_read(body: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    piece = data.draw(st.one_of(st.binary(max_size=5), st.sampled_from([b"&", b"<url>", b"</url>", b"<!--", b"\0"])))
    listing = sitemaps.parse(body[:start] + piece + body[end:])
    assert all(isinstance(e.link, str) for e in listing.entries + listing.children)


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_a_listing(body: bytes) -> None:
    listing = sitemaps.parse(body)
    assert listing.entries or listing.children or listing.problem is not None or sitemaps.is_sitemap(body)


@given(st.integers(0, 200))
@settings(max_examples=50, deadline=None)
def test_a_zip_cut_anywhere_is_no_crash(length: int) -> None:
    assert sitemaps.parse(DOCUMENTS[2][:length]) is not None
