"""Addresses: one spelling, the plain address behind a variant, and one identity for one article."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL as Requested

from pipeline import ids
from pipeline.addresses import behind_cache, identity, is_tracking, normalise, plain


@pytest.mark.parametrize(
    ("variant", "address"),
    [
        ("https://amp.quay.example/a", "https://quay.example/a"),
        ("https://m.quay.example:8080/a", "https://quay.example:8080/a"),
        ("https://www.mobile.quay.example/a", "https://quay.example/a"),
        ("https://quay.example/a/amp", "https://quay.example/a"),
        ("https://quay.example/a/amp/", "https://quay.example/a/"),
        ("https://quay.example/amp/a", "https://quay.example/a"),
        ("https://quay.example/news/amp/a-1", "https://quay.example/news/a-1"),
        ("https://quay.example/platform/amp/2026/3/2/a", "https://quay.example/2026/3/2/a"),
        ("https://quay.example/a.amp", "https://quay.example/a"),
        ("https://quay.example/a.amp.html", "https://quay.example/a.html"),
        ("https://quay.example/a/print/", "https://quay.example/a/"),
        ("https://quay.example/a/print.html", "https://quay.example/a"),
        ("https://quay.example/a?amp", "https://quay.example/a"),
        ("https://quay.example/a?id=7&amp=1&b=2", "https://quay.example/a?id=7&b=2"),
        ("https://quay.example/a?outputType=amp", "https://quay.example/a"),
        ("https://quay.example/a?Print=1", "https://quay.example/a"),
        ("https://quay.example/a?id=7&view=print", "https://quay.example/a?id=7"),
        ("https://m.quay.example/amp/a/print?noamp=mobile&usqp=mq331", "https://quay.example/a"),
        ("https://cdn.ampproject.org/c/s/quay.example/a.amp.html", "https://quay.example/a.html"),
        ("https://quay-example.cdn.ampproject.org/v/s/quay.example/a?amp_js_v=0.1", "https://quay.example/a"),
        ("https://www.google.com/amp/s/amp.quay.example/a", "https://quay.example/a"),
        ("https://www.google.co.uk/amp/quay.example/a", "http://quay.example/a"),
    ],
)
def test_a_variant_has_a_plain_address(variant: str, address: str) -> None:
    assert plain(variant) == address
    assert ids.article_id(variant) == ids.article_id(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://quay.example/",
        "https://quay.example/amp",
        "https://quay.example/amp/",
        "https://quay.example/print",
        "https://quay.example/ampere/unit",
        "https://quay.example/champ/a",
        "https://quay.example/revamp",
        "https://quay.example/a-amp",
        "https://quay.example/blueprint",
        "https://quay.example/a?print=48213",
        "https://quay.example/a?view=gallery",
        "https://quay.example/a?output=pdf",
        "https://amp.example/a",
        "https://m.example:8080/a",
        "https://moda.quay.example/a",
        "https://www.google.com/amp/",
        "https://quay.example/..amp",
        "https://quay.example/guides/3d-print.html",
        "https://m.github.io/p/hello",
        "https://amp.blogspot.com/a",
        "https://127.0.0.1/a",
    ],
)
def test_what_only_looks_like_a_variant_is_left_as_it_is(url: str) -> None:
    assert plain(url) == url


def test_the_publishers_url_of_a_page_in_a_cache_is_known() -> None:
    assert behind_cache("https://cdn.ampproject.org/c/s/quay.example/amp/a?b=1") == "https://quay.example/amp/a?b=1"
    assert behind_cache("https://quay.example/c/s/other.example/a") == "https://quay.example/c/s/other.example/a"


def test_an_article_is_the_same_under_http_and_https_with_www_and_without() -> None:
    spellings = ["http://quay.example/a", "https://quay.example/a/", "HTTPS://WWW.quay.example:443/a?utm_source=x#top"]
    assert len({ids.article_id(url) for url in spellings}) == 1


def test_what_tells_articles_apart_stays_in_their_identity() -> None:
    different = [
        "http://quay.example/a", "http://quay.example/A", "http://quay.example/a?id=1", "http://quay.example/a?id=2",
        "http://quay.example:8080/a", "http://news.quay.example/a", "http://quay.example/", "http://quay.example/a.html",
        "urn:sha256:00", "text:A title\nand a text", "www.com", "http://quay.example/app#/article/1",
        "http://quay.example/app#/article/2", "http://quay.example/#!/article/2",
    ]  # fmt: skip
    assert len({identity(url) for url in different}) == len(different)


@pytest.mark.parametrize(
    "raw",
    [
        "http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://0x7f000001/", "http://0177.0.0.1/",
        "http://1.2.3.256/", "http://quay.example.7/", "http://[fe80::1%25eth0]/", "http://１２７.１/",
    ],
)  # fmt: skip
def test_a_number_that_a_resolver_would_take_for_an_address_is_no_host(raw: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        normalise(raw)


# Any URL: odd characters, variants upon variants, caches within caches.
_PIECES = """
http:// https:// HTTPS:// www. m. amp. mobile. quay.example münchen.example cdn.ampproject.org/c/ google.com/amp/ s/ /
// . .. amp print .amp .html -print ? & = amp=1 outputType=amp print=1 view=print utm_a=b fbclid id=7 # %41
%2f %zz % é 字 \\ @ : :80 :443 :0 [::1] 127.0.0.1 ; + ~ ' " < > | ^ ` { }
"""
_ANY = st.lists(st.sampled_from(_PIECES.split()) | st.text(max_size=4), max_size=14).map("".join)


def spelled(raw: str) -> str | None:
    try:
        return normalise(raw, "http://quay.example/x")
    except ValueError:
        return None


def test_a_url_without_a_host_is_not_one_of_the_site_that_names_it() -> None:
    with pytest.raises(ValueError, match="no host"):
        normalise("http:///a", "http://feed.example/rss")


@given(_ANY)
def test_every_spelling_is_final_and_parses_to_itself(raw: str) -> None:
    url = spelled(raw)
    if url is None:
        return
    assert normalise(url) == url
    assert url.isascii()
    assert urlsplit(url).geturl() == url
    assert str(Requested(url, encoded=True)) == url


@given(_ANY)
def test_a_plain_address_is_final_spelled_and_never_longer(raw: str) -> None:
    url = spelled(raw)
    if url is None:
        return
    address = plain(url)
    assert plain(address) == address == normalise(address, strip_tracking=False)
    assert len(address) <= len(url)
    assert identity(url) == identity(address)


@given(st.text(max_size=40))
def test_anything_has_an_identity(raw: str) -> None:
    assert identity(identity(raw)) == identity(raw)


_NAME = st.text(st.sampled_from("abxyz09-_~"), min_size=1, max_size=5)
_PARAMETER = st.tuples(_NAME, _NAME).map("=".join).filter(lambda each: not is_tracking(each))


@st.composite
def _equivalents(draw: st.DrawFn) -> tuple[str, str]:
    """A URL, and another spelling of it."""
    scheme, port = draw(st.sampled_from([("http", ":80"), ("https", ":443")]))
    host = draw(st.sampled_from(["quay.example", "north.quay.example", "xn--mnchen-3ya.example"]))
    path = draw(st.lists(_NAME, max_size=4))
    query = draw(st.lists(_PARAMETER, max_size=4))
    url = f"{scheme}://{host}/{'/'.join(path)}" + (f"?{'&'.join(query)}" if query else "")
    odd_host = "".join(c.upper() if draw(st.booleans()) else c for c in host).replace("xn--mnchen-3ya", "MÜNCHEN")
    odd_path = []
    for name in path:
        odd_path += [*draw(st.sampled_from([[], ["."], ["gone", ".."]])), _escaped(draw, name)]
    odd_query = [_escaped(draw, each, keep="=") for each in query]
    for tracker in draw(
        st.lists(st.sampled_from(["utm_source=x", "fbclid=1", "UTM_medium=rss", "gclid="]), max_size=3)
    ):
        odd_query.insert(draw(st.integers(0, len(odd_query))), tracker)
    return url, (
        f" {draw(st.sampled_from([scheme, scheme.upper()]))}://{odd_host}{draw(st.sampled_from(['', '.']))}"
        f"{draw(st.sampled_from(['', port]))}/{'/'.join(odd_path)}"
        f"{'?' if odd_query else ''}{'&'.join(odd_query)}{draw(st.sampled_from(['', '#', '#part']))}\t"
    )


def _escaped(draw: st.DrawFn, text: str, keep: str = "") -> str:
    form = draw(st.sampled_from(["%{:02X}", "%{:02x}"]))
    return "".join(form.format(ord(c)) if c not in keep and draw(st.booleans()) else c for c in text)


@given(_equivalents())
def test_spellings_of_one_request_are_one_url_with_its_query_in_order(pair: tuple[str, str]) -> None:
    url, other = pair
    assert normalise(other) == normalise(url) == url
