"""The date of publication: every candidate is kept, the best is believed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from invented import BODY, FETCHED, cleaned, html, ld, link, meta, paragraphs

from pipeline.clean.written_dates import find, read
from pipeline.records import Source

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
    reading = read(written)
    assert (reading.at if reading else None) == at


@pytest.mark.parametrize(
    ("written", "country", "precision", "zone", "at"),
    [
        ("2026-03-01T21:30:00+01:00", "DE", "moment", None, EVENING),
        ("2026-03-01T20:30:00", None, "local", None, EVENING),
        ("2026-03-01T21:30:00", "DE", "local", "Europe/Berlin", EVENING),
        ("2026-03-02T04:30:00", "CN", "local", "Asia/Shanghai", EVENING),
        ("2026-03-01T20:30:00", "US", "local", None, EVENING),
        ("2026-07-01T22:30:00", "DE", "local", "Europe/Berlin", datetime(2026, 7, 1, 20, 30, tzinfo=UTC)),
        ("2026-03-01", "DE", "day", None, datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T00:00:00", "DE", "day", None, datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_marked_and_read_in_the_zone_of_a_country_that_has_one(
    written: str, country: str | None, precision: str, zone: str | None, at: datetime
) -> None:
    reading = read(written, country)
    assert reading is not None
    assert (reading.precision, reading.zone, reading.at) == (precision, zone, at)


@pytest.mark.parametrize(
    ("written", "language", "country", "at"),
    [
        ("Publicado el 1 de marzo de 2026 a las 20:30", "es", None, "2026-03-01 20:30"),
        ("1 de março de 2026 às 20h30", "pt", None, "2026-03-01 20:30"),
        ("Publié le 1er mars 2026", "fr", None, "2026-03-01 00:00"),
        ("01.03.2026 - Güncelleme : 02.03.2026", "tr", None, "2026-03-01 00:00"),
        ("Chủ nhật, 1/3/2026, 20:30 (GMT+7)", "vi", None, "2026-03-01 13:30"),
        ("ngày 1 tháng 3 năm 2026", "vi", None, "2026-03-01 00:00"),
        ("March 1st, 2026 at 8:30 p.m. EST", "en", None, "2026-03-02 01:30"),
        ("1 марта 2026, 20:30 MSK", "ru", None, "2026-03-01 17:30"),
        ("2026. március 1. 20:30", "hu", None, "2026-03-01 20:30"),
        ("2026 m. kovo 1 d.", "lt", None, "2026-03-01 00:00"),
        ("1. března 2026", "cs", None, "2026-03-01 00:00"),
        ("1 Μαρτίου 2026", "el", None, "2026-03-01 00:00"),
        ("2026年3月1日 20時30分", "ja", "JP", "2026-03-01 11:30"),
        ("2026년 3월 1일 20:30", "ko", "KR", "2026-03-01 11:30"),
        ("1 มีนาคม 2569", "th", None, "2026-03-01 00:00"),
        ("١ مارس ٢٠٢٦", "ar", None, "2026-03-01 00:00"),
        ("3/1/2026", "en", "US", "2026-03-01 00:00"),
        ("1/3/2026", "en", "GB", "2026-03-01 00:00"),
        ("1/3/2026", "en", None, None),
        ("25/3/2026", "en", None, "2026-03-25 00:00"),
        ("The road of 1999 to 2026", "en", None, None),
        ("31/2/2026", "fr", None, None),
    ],
)
def test_dates_are_read_in_words_and_numbers_of_many_languages(
    written: str, language: str, country: str | None, at: str | None
) -> None:
    reading = next(find(written, language, country), None)
    assert (f"{reading.at:%Y-%m-%d %H:%M}" if reading else None) == at


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


def test_a_date_in_words_beside_the_headline_is_read_in_the_language_of_the_page() -> None:
    line = '<div class="fecha">Publicado el 1 de marzo de 2026</div>'
    article = cleaned(html(line + paragraphs(*BODY), lang="es"), url=PLAIN)
    assert (article.published_at, article.published_basis, article.published_precision) == (
        datetime(2026, 3, 1, tzinfo=UTC),
        "page",
        "day",
    )


def test_the_date_of_a_change_gives_way_to_that_of_the_publication() -> None:
    lines = '<p class="date">Updated 2 March 2026</p><p class="date">Published 1 March 2026</p>'
    assert cleaned(html(lines + paragraphs(*BODY)), url=PLAIN).published_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_dates_of_comments_and_of_other_articles_are_not_read() -> None:
    others = (
        '<div class="comments"><p class="date">1 March 2026</p></div><aside><p class="date">1 March 2026</p></aside>'
        '<div><div><div><div><div><p class="date">1 March 2026</p></div></div></div></div></div>'
    )
    page = html().replace("</main>", f"</main>{others}")
    assert not [each for each in cleaned(page, url=PLAIN).published_candidates if each.value == "1 March 2026"]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("2031-03-01T20:30:00Z", "future"),
        ("1970-01-01T00:00:00Z", "too_old"),
        ("2026-03-02T06:05:03Z", "crawl_time"),
    ],
)
def test_a_refused_date_says_why(written: str, why: str) -> None:
    article = cleaned(html(head=meta(article__published_time=written)), url=PLAIN)
    assert article.published_at is None
    assert [each.refused for each in article.published_candidates] == [why]


def test_a_date_before_the_publisher_was_founded_is_too_old() -> None:
    head = ld(
        headline="Lighthouse reopens",
        datePublished="1999-03-01T20:30:00Z",
        publisher={"@type": "Organization", "name": "The Gazette", "foundingDate": "2012"},
    ).replace('"2012"', '"2012-05-01"')
    assert cleaned(html(head=head), url=PLAIN).published_candidates[0].refused == "too_old"


def test_the_feed_may_name_the_moment_of_the_fetch() -> None:
    article = cleaned(html(), url=PLAIN, links=[link("feed", FETCHED)])
    assert article.published_at == FETCHED


def test_a_local_time_gives_way_to_the_same_time_with_its_zone() -> None:
    head = ld(headline="Lighthouse reopens", datePublished="2026-03-01T21:30:00") + meta(
        article__published_time="2026-03-01T21:30:00+01:00"
    )
    article = cleaned(html(head=head), url=PLAIN)
    assert (article.published_at, article.published_precision) == (EVENING, "moment")


def test_a_local_time_is_read_where_the_source_is_at_home() -> None:
    head = ld(headline="Lighthouse reopens", datePublished="2026-03-01T21:30:00", dateModified="2026-03-02T05:00:00")
    source = Source(source_id="gazette", name="Gazette", country="DE", agency=False)
    article = cleaned(html(head=head), url=PLAIN, source=source)
    assert (article.published_at, article.published_precision) == (EVENING, "local")
    assert article.published_candidates[0].zone == "Europe/Berlin"
    assert article.modified_at == datetime(2026, 3, 2, 4, tzinfo=UTC)
