"""Feeds: what is read of well-made, broken and hostile ones. Nothing a document says may crash or stop the reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.collect import feeds

RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
    "<title>Quay &amp; Pier</title><language>en-GB</language>{more}"
    "<item><title>Ferry</title><link>http://quay.example/1</link>"
    "<pubDate>Mon, 02 Mar 2026 07:30:00 +0200</pubDate></item>"
    "<item><title>Crane</title><link>http://quay.example/2</link></item></channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Quai</title><entry><id>1</id><title>A</title>'
    '<link href="http://quay.example/a"/><updated>2026-03-02T06:00:00Z</updated></entry></feed>'
)
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    '<channel rdf:about="http://quay.example/"><title>Q</title></channel><item rdf:about="http://quay.example/a">'
    "<title>A</title><link>http://quay.example/a</link></item></rdf:RDF>"
)
JSON = (
    '{"version":"https://jsonfeed.org/version/1.1","title":"Q","language":"de",'
    '"items":[{"id":"1","url":"http://quay.example/a","title":"A"}]}'
)
DOCUMENTS = [text.encode() for text in (RSS.format(more=""), ATOM, RDF, JSON)]


def rss(more: str = "") -> feeds.Listing:
    return feeds.parse(RSS.format(more=more).encode())


def test_a_feed_says_its_title_and_language() -> None:
    listing = rss()
    assert (listing.title, listing.language, listing.problem) == ("Quay & Pier", "en-GB", None)
    assert feeds.parse(JSON.encode()).language == "de"
    atom = feeds.parse(ATOM.encode())
    assert (atom.title, atom.language) == ("Quai", "fr")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<ttl>30</ttl>", timedelta(minutes=30)),
        ("<ttl> 1440 </ttl>", timedelta(days=1)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", timedelta(minutes=15)),
        ("<sy:updatePeriod> daily </sy:updatePeriod>", timedelta(days=1)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><ttl>5</ttl>", timedelta(minutes=5)),
        ("<ttl>0</ttl>", None),
        ("<ttl>999999</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", timedelta(hours=1)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>9999</sy:updateFrequency>", None),
        ("", None),
    ],
)
def test_how_long_a_feed_may_be_kept_is_read_where_it_can_be_meant(said: str, kept: timedelta | None) -> None:
    assert rss(said).ttl == kept


@pytest.mark.parametrize("body", DOCUMENTS)
def test_every_format_is_known_as_a_feed(body: bytes) -> None:
    assert feeds.is_feed(body)
    assert feeds.parse(body).entries


@pytest.mark.parametrize("body", [b"<html><body>rss</body></html>", b'{"items": []}', b"", b"<urlset/>"])
def test_what_is_no_feed_is_not_known_as_one(body: bytes) -> None:
    assert not feeds.is_feed(body)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_with_a_mark_and_without(encoding: str) -> None:
    text = RSS.format(more="").replace('version="1.0"', 'version="1.0" encoding="utf-16"').replace("Ferry", "Fähre")
    listing = feeds.parse(text.encode(encoding))
    first = listing.entries[0]
    assert (first.title, first.link) == ("Fähre", "http://quay.example/1")
    assert first.published == datetime(2026, 3, 2, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("charset", ["idna", "punycode", "unicode_escape", "rot13", "nonsense", "utf-16", "utf-32-le"])
def test_a_charset_that_is_none_harms_nothing(charset: str) -> None:
    assert len(feeds.parse(RSS.format(more="").encode(), charset).entries) == 2


def test_a_feed_that_breaks_off_gives_what_came_before_and_says_where() -> None:
    listing = feeds.parse(RSS.format(more="").encode()[:-40])
    assert [e.link for e in listing.entries][:1] == ["http://quay.example/1"]
    assert listing.problem is not None
    assert listing.problem.startswith("not well-formed XML: ")
    assert "<string>" not in listing.problem


def test_entities_that_multiply_are_not_replaced() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = RSS.format(more="").replace(
        "<rss", f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]><rss', 1
    ).replace("Crane", "&l11;").replace("<item>", '<item note="&l11;">', 1)  # fmt: skip
    listing = feeds.parse(bomb.encode())
    assert listing.problem
    assert sum(len(e.title or "") + len(e.link) for e in listing.entries) < 10_000


def test_a_file_on_this_machine_is_not_read() -> None:
    reading = RSS.format(more="").replace("<rss", '<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/hostname">]><rss', 1)
    listing = feeds.parse(reading.replace("Crane", "[&f;]").encode())
    assert [(e.title or "").strip("[]&f;") for e in listing.entries] == ["Ferry", ""]


HOSTILE = {
    "deep": b"<rss><channel><item><title>x</title></item>" + b"<a>" * 200_000,
    "a million entries": b"<rss><channel>" + b"<item/>" * 300_000,
    "attributes": b"<rss " + b" ".join(b'a%d="x"' % n for n in range(100_000)) + b"><channel><item/></channel></rss>",
    "a long attribute": b'<rss a="' + b"x" * 3_000_000 + b'"><channel><item><title>x</title></item></channel></rss>',
    "objects": b'{"items":[' + b"{}," * 300_000 + b"{}]}",
    "brackets": b'{"items":' + b"[" * 300_000,
    "angles": b"<rss><item " + b"<" * 60_000,
    "spaces": b"<rss><item " + b" " * 1_000_000 + b"x",
    "cdata": b"<rss><item>" + b"<![CDATA[" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_document_made_to_exhaust_a_reader_does_not(name: str) -> None:
    listing = feeds.parse(HOSTILE[name])
    assert len(listing.entries) <= feeds.MOST_ENTRIES
    assert listing.problem or name == "a long attribute"


@given(st.binary(max_size=2000), st.sampled_from([None, "utf-8", "iso-8859-1", "utf-16", "idna"]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_a_listing(body: bytes, charset: str | None) -> None:
    listing = feeds.parse(body, charset)
    assert listing.entries or listing.problem


PIECES = [b"", b"&", b"<", b"]]>", b"<![CDATA[", b"\0", b"<item>", b"&#x0;", b"\xff", b'"']


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A feed with pieces taken out, doubled, and things put in that are no XML."""
    body = draw(st.sampled_from(DOCUMENTS))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 60)))
        piece = draw(
            st.sampled_from([b"", b"&", b"<", b"]]>", b"<![CDATA[", b"\0", b"<item>", b"&#x0;", b"\xff", b'"'])
        )
        body = body[:start] + draw(st.sampled_from([b"", body[start:end] * 2])) + piece + body[end:]
    return body


@given(mutated())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_feed_gives_what_can_be_read(body: bytes) -> None:
    for entry in feeds.parse(body).entries:
        assert isinstance(entry.link, str)
        assert entry.title is None or entry.title.strip() == entry.title
        assert all(t is None or t.tzinfo is not None for t in (entry.published, entry.modified))
