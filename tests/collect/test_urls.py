"""URLs: one spelling for what is one request, and a reason for what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.collect.urls import as_given, host_of, normalise, origin_of, source_of


@pytest.mark.parametrize(
    ("raw", "spelling"),
    [
        ("HTTP://Harbour.EXAMPLE:80/a/../b/./c", "http://harbour.example/b/c"),
        ("https://harbour.example:443", "https://harbour.example/"),
        ("https://harbour.example:8443/x", "https://harbour.example:8443/x"),
        (" http://harbour.example/x#comments ", "http://harbour.example/x"),
        ("http://harbour.example./x", "http://harbour.example/x"),
        ("http://müllerhafen.example/ü?q=ä b", "http://xn--mllerhafen-9db.example/%C3%BC?q=%C3%A4%20b"),
        ("http://harbour.example/%7eanna/%c3%bc%2f", "http://harbour.example/~anna/%C3%BC%2F"),
        ("http://harbour.example/100%", "http://harbour.example/100%25"),
        ("http://harbour.example/a?utm_source=rss&id=7&fbclid=x", "http://harbour.example/a?id=7"),
        ("http://harbour.example/a?%75tm_source=rss", "http://harbour.example/a"),
        ("http://harbour.example/a?", "http://harbour.example/a"),
        ("http://harbour.example\\a", "http://harbour.example/a"),
        ("http://[2001:DB8::0:1]:8080/", "http://[2001:db8::1]:8080/"),
    ],
)
def test_spellings_of_one_url_become_one(raw: str, spelling: str) -> None:
    assert normalise(raw) == spelling


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "mailto:desk@harbour.example",
        "javascript:void(0)",
        "//harbour.example/x",
        "/x",
        "http://",
        "http:///x",
        "http://har bour.example/",
        "http://harbour..example/",
        "http://harbour.example:99999/",
        "http://harbour.example:0/",
        "http://anna:secret@harbour.example/",
        "http://harbour.example/\x00",
        "http://harbour.example/a\nb",
        "http://[::1/",
        "http://harbour.example/" + "x" * 5000,
        "http://harbour.example/\ud800",
    ],
)
def test_what_cannot_be_requested_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        normalise(raw)


def test_a_relative_url_is_resolved_where_it_stood() -> None:
    assert normalise("../b?x=1", "http://harbour.example/news/a") == "http://harbour.example/b?x=1"
    assert normalise("//quay.example/b", "https://harbour.example/") == "https://quay.example/b"


def test_a_redirect_keeps_its_tracking_parameters() -> None:
    assert normalise("http://a.example/?utm_id=1", strip_tracking=False) == "http://a.example/?utm_id=1"


_PIECES = st.text(st.sampled_from("aB9/.%2e?=&#é字 ~;:@+utm_\\"), max_size=30)


@given(st.sampled_from(["http://Quay.example", "https://münchen.example:81", "HTTP://1.2.3.4:80"]), _PIECES)
def test_normalising_twice_changes_nothing(start: str, rest: str) -> None:
    try:
        once = normalise(f"{start}/{rest}")
    except ValueError:
        return
    assert normalise(once) == once
    assert once.isascii()


@given(st.text(max_size=60))
def test_any_text_is_a_url_or_a_value_error(raw: str) -> None:
    try:
        once = normalise(raw, "http://quay.example/x")
    except ValueError:
        return
    assert normalise(once) == once
    assert host_of(once)


def test_a_source_is_known_by_its_host_with_and_without_www() -> None:
    assert source_of("http://www.quay.example/a", {"quay.example": "quay"}) == "quay"
    assert source_of("http://quay.example/a", {"www.quay.example": "quay"}) == "quay"
    assert source_of("http://www.other.example/a", {}) == "other.example"


def test_the_url_of_an_ingested_document_stays_as_it_was_given() -> None:
    given_ = "http://Quay.example/a?utm_source=x#top"
    assert as_given(given_) == "http://quay.example/a?utm_source=x"
    assert as_given("http://quay.example/a?utm_source=x#top") == "http://quay.example/a?utm_source=x#top"
    assert as_given("urn:sha256:00ff") == "urn:sha256:00ff"


@pytest.mark.parametrize("raw", ["urn:x\r\nWARC-Type: warcinfo", "urn:a b", "ftp://quay.example/a"])
def test_an_ingested_document_cannot_be_named_by_what_breaks_a_header(raw: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        as_given(raw)


def test_the_origin_of_a_url_is_what_one_robots_txt_speaks_for() -> None:
    assert origin_of("https://quay.example:8443/a?b=1") == "https://quay.example:8443"
