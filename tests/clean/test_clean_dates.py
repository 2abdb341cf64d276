"""The date of publication: every candidate is kept, the best is believed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from invented import BODY, cleaned, html, ld, link, meta, paragraphs

from pipeline.clean.dates import read

PLAIN = "http://gazette.example/lighthouse"
EVENING = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-03-01T20:30:00Z", EVENING),
        ("2026-03-01T21:30:00+01:00", EVENING),
        ("2026-03-01T21:30:00+0100", EVENING),
        ("2026-03-01T20:30:00.1234567Z", EVENING.replace(microsecond=123456)),
        ("2026-03-01 20:30", EVENING),
        ("2026-03-01 20:30:00 UTC", EVENING),
        ("Sun, 01 Mar 2026 20:30:00 GMT", EVENING),
        ("1772397000", EVENING),
        (1772397000000, EVENING),
        ("2026-3-1", datetime(2026, 3, 1, tzinfo=UTC)),
        ("March 1, 2026", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026年3月1日", datetime(2026, 3, 1, tzinfo=UTC)),
        ("yesterday", None),
        ("2026-13-45", None),
        ("", None),
        (None, None),
        (True, None),
    ],
)
def test_dates_are_read_as_pages_write_them(written: object, at: datetime | None) -> None:
    assert read(written) == at


def test_json_ld_comes_before_metas_microdata_and_time_elements() -> None:
    body = '<time datetime="2026-02-26T10:00Z">x</time><span itemprop="datePublished" content="2026-02-27">x</span>'
    head = ld(headline="Lighthouse reopens", datePublished="2026-03-01T20:30:00Z") + meta(
        article__published_time="2026-02-28T09:00Z"
    )
    article = cleaned(html(body + paragraphs(*BODY), head=head), url=PLAIN)
    assert (article.published_at, article.published_basis) == (EVENING, "json_ld")
    assert [each.basis for each in article.published_candidates] == ["json_ld", "meta", "microdata", "time"]
    assert article.published_candidates[0].value == "2026-03-01T20:30:00Z"


@pytest.mark.parametrize(
    ("head", "body", "basis"),
    [
        (meta(article__published_time="2026-03-01T20:30:00Z"), "", "meta"),
        ('<meta name="date" content="2026-03-01T20:30:00Z">', "", "meta"),
        ("", '<meta itemprop="datePublished" content="2026-03-01T20:30:00Z">', "microdata"),
        ("", '<time datetime="2026-03-01T20:30:00Z">Sunday</time>', "time"),
    ],
)
def test_each_place_on_the_page_gives_the_date(head: str, body: str, basis: str) -> None:
    article = cleaned(html(body + paragraphs(*BODY), head=head), url=PLAIN)
    assert (article.published_at, article.published_basis) == (EVENING, basis)


def test_the_feed_and_the_sitemap_give_the_date_where_the_page_has_none() -> None:
    assert cleaned(html(), url=PLAIN, links=[link("feed", EVENING)]).published_basis == "feed"
    assert cleaned(html(), url=PLAIN, links=[link("news_sitemap", EVENING)]).published_basis == "sitemap"
    assert cleaned(html(), url=PLAIN, links=[link("page", EVENING)]).published_at is None


def test_the_order_of_the_links_makes_no_difference() -> None:
    links = [link("feed", EVENING), link("feed", EVENING.replace(hour=9)), link("sitemap", EVENING.replace(day=2))]
    assert cleaned(html(), url=PLAIN, links=links) == cleaned(html(), url=PLAIN, links=links[::-1])


def test_the_address_gives_a_day() -> None:
    article = cleaned(html())
    assert (article.published_at, article.published_basis) == (datetime(2026, 3, 1, tzinfo=UTC), "url")
    assert article.published_candidates[0].value == "2026/03/01"


def test_the_text_of_the_page_gives_a_day_at_last() -> None:
    article = cleaned(html('<p class="date">Published March 1, 2026</p>' + paragraphs(*BODY)), url=PLAIN)
    assert (article.published_at, article.published_basis) == (datetime(2026, 3, 1, tzinfo=UTC), "page")


def test_addresses_of_other_articles_give_no_date() -> None:
    related = '<aside><a href="/world/2026/02/11/whale-song">Whale song heard off the cape</a></aside>'
    assert cleaned(html().replace("</main>", f"</main>{related}"), url=PLAIN).published_at is None


@pytest.mark.parametrize("written", ["2031-03-01T20:30:00Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_an_impossible_date_is_kept_as_a_candidate_but_not_believed(written: str) -> None:
    article = cleaned(html(head=meta(article__published_time=written)), url=PLAIN)
    assert (article.published_at, article.published_basis) == (None, None)
    assert [each.value for each in article.published_candidates] == [written]


def test_a_bare_day_gives_way_to_a_time_on_that_day() -> None:
    head = ld(headline="Lighthouse reopens", datePublished="2026-03-01") + meta(
        article__published_time="2026-03-01T20:30:00Z"
    )
    assert cleaned(html(head=head), url=PLAIN).published_at == EVENING


def test_a_date_of_republication_gives_way_to_the_address_where_another_place_agrees_with_it() -> None:
    head = ld(headline="Lighthouse reopens", datePublished="2026-03-02T05:00:00Z") + meta(
        article__published_time="2025-11-20T07:00:00Z"
    )
    article = cleaned(html(head=head), url="http://gazette.example/2025/11/20/lighthouse")
    assert article.published_at == datetime(2025, 11, 20, 7, tzinfo=UTC)


def test_the_last_change_is_read() -> None:
    head = ld(headline="Lighthouse reopens", datePublished="2026-03-01T20:30:00Z", dateModified="2026-03-02T04:00:00Z")
    assert cleaned(html(head=head)).modified_at == datetime(2026, 3, 2, 4, tzinfo=UTC)
