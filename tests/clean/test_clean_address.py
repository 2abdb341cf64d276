"""The address an article is known by, and the rights it carries: what the page says, and what its answer said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from invented import URL, cleaned, html, ld, meta, page, rejected

from pipeline import ids
from pipeline.addresses import same_site
from pipeline.clean import clean
from pipeline.records import Article

FRONT = "http://gazette.example/"


def canonical(*hrefs: str) -> str:
    return "".join(f'<link rel="canonical" href="{href}">' for href in hrefs)


def address(head: str = "", url: str = URL) -> str:
    return cleaned(html(head=head), url=url).canonical_url


@pytest.mark.parametrize(
    ("href", "address_"),
    [
        ("http://gazette.example/world/lamp", "http://gazette.example/world/lamp"),
        ("https://www.GAZETTE.example:443/world/./lamp#top", "https://www.gazette.example/world/lamp"),
        ("/world/lamp?utm_source=x&id=7", "http://gazette.example/world/lamp?id=7"),
        ("../lamp", "http://gazette.example/world/2026/03/lamp"),
        ("//news.gazette.example/lamp", "http://news.gazette.example/lamp"),
        ("http://gazette.example/world/%7elamp", "http://gazette.example/world/~lamp"),
        # Not believed: another site, the front page, no address at all.
        ("http://other.example/world/lamp", URL),
        (FRONT, URL),
        ("http://www.gazette.example", URL),
        ("", URL),
        ("javascript:void(0)", URL),
        ("http://", URL),
        ("http://gazette.example:99999/lamp", URL),
        ("http://[gazette/lamp", URL),
        ("http://editor:secret@gazette.example/lamp", URL),
    ],
)
def test_a_canonical_link_is_believed_within_the_site_only(href: str, address_: str) -> None:
    assert address(canonical(href)) == address_


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("http://gazette.example/article.php?id=1", "/article.php"),
        ("http://gazette.example/show?id=1", "/show"),
        *((URL, "/en/"), (URL, "/en-GB"), (URL, "/index.html"), (URL, "/Default.aspx"), (URL, "/?ref=canonical")),
        *(
            (URL, "/404"),
            (URL, "/not-found.html"),
            (URL, "http://login.gazette.example/login?x=1"),
            (URL, "/search?q=a"),
        ),
        ("http://gazette.example/world/storm", "/world/"),
        ("http://gazette.example/world/asia/storm", "/world"),
    ],
)
def test_an_address_that_a_template_puts_on_every_page_is_not_believed(url: str, href: str) -> None:
    assert address(canonical(href), url=url) == url
    assert address(meta(og__url=f"http://gazette.example{href}"), url=url) == url or href.startswith("http")


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("http://gazette.example/lamp-is-lit-again?page=2", "/lamp-is-lit-again"),
        ("http://gazette.example/story/48213?from=home", "/story/48213"),
        ("http://gazette.example/story/48213/lamp-is-lit", "/story/48213"),
        ("http://gazette.example/lamp-is-lit-again/comments", "/lamp-is-lit-again"),
        ("http://gazette.example/?p=1207", "/?p=1207"),
        ("http://gazette.example/world/lamp/amp", "/world/lamp"),
        ("http://gazette.example/world/lamp?print=1", "/world/lamp"),
    ],
)
def test_a_shorter_address_that_names_the_article_is_believed(url: str, href: str) -> None:
    assert address(canonical(href), url=url) == f"http://gazette.example{href}"


def test_pages_of_an_app_are_told_apart_by_their_fragment() -> None:
    one, two = ("http://gazette.example/app#/article/1", "http://gazette.example/app#!/article/2")
    assert address(canonical("/app"), url=one) == one
    assert address(url=two) == two
    assert address(url="http://gazette.example/world/lamp#top") == "http://gazette.example/world/lamp"


def test_of_several_canonical_links_only_the_page_itself_is_believed() -> None:
    here, other, third = (f"http://gazette.example/{path}" for path in ("world/1-light", "world/2", "world/3"))
    assert address(canonical(other, here), url=f"{here}/amp") == here
    assert address(canonical(other, third)) == URL
    assert address(canonical(other, third) + meta(og__url=other)) == other
    assert address(canonical(other, other)) == other
    assert address(canonical("http://elsewhere.example/x", other)) == other


def test_the_canonical_link_is_believed_before_og_url() -> None:
    head = canonical("/world/lamp") + meta(og__url="http://gazette.example/world/another")
    assert address(head) == "http://gazette.example/world/lamp"
    assert address(canonical(FRONT) + meta(og__url="/world/lamp")) == "http://gazette.example/world/lamp"
    assert address(meta(og__url="http://other.example/lamp")) == URL


def test_the_front_page_may_name_itself() -> None:
    assert address(canonical(FRONT), url=f"{FRONT}?p=1207") == f"{FRONT}?p=1207"
    assert rejected(html(head=canonical(FRONT)), url=FRONT).article_id == ids.article_id(FRONT)


@pytest.mark.parametrize(
    "url",
    [
        "http://gazette.example/world/lamp/amp/",
        "http://amp.gazette.example/world/lamp/",
        "http://gazette.example/world/lamp/?print=1",
        "https://gazette-example.cdn.ampproject.org/c/gazette.example/world/lamp/",
    ],
)
def test_a_variant_that_names_no_canonical_link_is_the_article_it_shows(url: str) -> None:
    variant = cleaned(html(), url=url)
    assert (variant.url, variant.canonical_url) == (url, "http://gazette.example/world/lamp/")
    assert variant.article_id == cleaned(html(), url="https://www.gazette.example/world/lamp").article_id


def test_a_page_in_an_amp_cache_is_of_its_publishers_site() -> None:
    cached = "https://cdn.ampproject.org/c/s/gazette.example/amp/lamp"
    assert (
        address(canonical("https://gazette.example/world/1-lamp"), url=cached) == "https://gazette.example/world/1-lamp"
    )
    assert address(canonical("https://cdn.ampproject.org/other"), url=cached) == "https://gazette.example/lamp"


def test_a_site_whose_registered_name_looks_like_a_variant_keeps_it() -> None:
    assert address(url="https://m.co.uk/lamp") == "https://m.co.uk/lamp"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("gazette.example", "www.gazette.example", True),
        ("gazette.co.uk", "news.gazette.co.uk", True),
        ("gazette.co.uk", "herald.co.uk", False),
        ("gazette.com.au", "herald.com.au", False),
        ("uol.com.br", "noticias.uol.com.br", True),
        ("xn--fiqs8s.xn--55qx5d.cn", "www.xn--fiqs8s.xn--55qx5d.cn", True),
        ("one.blogspot.com", "two.blogspot.com", False),
        ("one.github.io", "two.github.io", False),
        ("co.uk", "gazette.co.uk", False),
        ("127.0.0.1", "10.0.0.1", False),
        ("localhost", "localhost", True),
        ("", "", False),
        (None, "gazette.example", False),
    ],
)
def test_hosts_are_of_one_site_where_one_name_was_registered(one: str | None, other: str | None, same: bool) -> None:
    assert same_site(one, other) is same


def with_rights(rights: str | None, head: str = "") -> str | None:
    got = page(html(head=head))
    [article] = clean([replace(got, fetch=replace(got.fetch, rights=rights))])
    assert isinstance(article, Article)
    return article.rights


def test_the_answers_reservations_join_the_pages_own_each_once() -> None:
    head = ld(license="https://creativecommons.org/licenses/by/4.0/") + (
        '<meta name="robots" content="noai, NoImageAI, index"><meta name="tdm-reservation" content="1">'
        '<meta name="tdm-policy" content="https://gazette.example/tdm">'
    )
    answered = (
        "robots.txt: GPTBot disallowed; X-Robots-Tag: noai; TDM-Reservation: 1; tdm-policy: https://gazette.example/tdm"
    )
    assert with_rights(answered, head) == (
        "CC BY 4.0; robots: noai; robots: noimageai; tdm-reservation: 1; tdm-policy: https://gazette.example/tdm; "
        "robots.txt: GPTBot disallowed; X-Robots-Tag: noai"
    )


def test_rights_that_only_one_side_states_stand_alone() -> None:
    assert with_rights("X-Robots-Tag: noai") == "X-Robots-Tag: noai"
    assert with_rights(None, '<meta name="robots" content="noai">') == "robots: noai"
    assert with_rights(None) is None


def test_a_reservation_of_zero_is_none() -> None:
    assert (
        with_rights(None, '<meta name="tdm-reservation" content="0"><meta name="robots" content="index, follow">')
        is None
    )


def test_rights_of_a_plain_text_are_those_of_its_answer() -> None:
    text = "\n\n".join(["The lamp was lit", *["The keeper climbed the stairs and lit the lamp at dusk as before."] * 5])
    got = page(text, content_type="text/plain")
    [article] = clean([replace(got, fetch=replace(got.fetch, rights="X-Robots-Tag: noai"))])
    assert isinstance(article, Article)
    assert article.rights == "X-Robots-Tag: noai"
