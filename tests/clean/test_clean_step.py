"""One page in, one record out: always, and always the same."""

from __future__ import annotations

from invented import BODY, FETCHED, URL, cleaned, html, ld, meta, page, paragraphs, rejected

from pipeline import ids
from pipeline.clean import clean
from pipeline.records import Article, Reject


def test_every_page_gives_exactly_one_record_in_order() -> None:
    pages = [page(html(), url=f"{URL}-{number}") for number in range(3)]
    pages.insert(1, page(b"", url=f"{URL}-empty"))
    records = list(clean(pages))
    assert [record.url for record in records] == [each.fetch.url for each in pages]
    assert [type(record) for record in records] == [Article, Reject, Article, Article]


def test_the_same_page_gives_the_same_record_again() -> None:
    sample = page(html(head=ld(headline="Lighthouse reopens", datePublished="2026-03-01T20:00:00Z")))
    assert list(clean([sample])) == list(clean([sample]))


def test_ids_are_those_of_the_canonical_url_and_the_words() -> None:
    article = cleaned(html())
    assert article.article_id == ids.article_id(URL)
    assert article.version_id == ids.version_id(article.article_id, article.title, article.text)
    assert (article.fetch_id, article.source_id, article.fetched_at) == ("fetch-1", "gazette", FETCHED)


def test_a_reject_carries_the_time_of_the_fetch_and_its_evidence() -> None:
    reject = rejected(html(paragraphs("Closed on Mondays.")))
    assert (reject.step, reject.reason, reject.rejected_at) == ("clean", "too_short", FETCHED)
    assert reject.article_id == ids.article_id(URL)
    assert "Closed on Mondays" in (reject.evidence or "")


def test_the_canonical_link_is_followed_within_the_site() -> None:
    canonical = '<link rel="canonical" href="https://www.gazette.example/world/lighthouse?utm_source=feed#top">'
    assert cleaned(html(head=canonical)).canonical_url == "https://www.gazette.example/world/lighthouse"


def test_a_canonical_link_to_another_site_or_to_the_front_page_is_not_believed() -> None:
    for href in ("http://aggregator.example.net/1", "http://gazette.example/", "javascript:void(0)", "http://[broken"):
        assert cleaned(html(head=f'<link rel="canonical" href="{href}">')).canonical_url == URL


def test_without_a_canonical_link_the_address_that_answered_counts() -> None:
    article = cleaned(html(), url="http://gazette.example/s/77", final_url=URL)
    assert (article.url, article.canonical_url) == ("http://gazette.example/s/77", URL)


def test_og_url_stands_in_for_a_missing_canonical_link() -> None:
    head = meta(og__url="http://gazette.example/world/lighthouse")
    assert cleaned(html(head=head)).canonical_url == "http://gazette.example/world/lighthouse"


def test_a_document_without_an_address_keeps_its_urn() -> None:
    urn = "urn:sha256:" + "0" * 64
    article = cleaned(html(head='<link rel="canonical" href="http://gazette.example/x">'), url=urn)
    assert article.canonical_url == urn


def test_a_whole_article_scores_higher_than_scraps() -> None:
    whole = cleaned(html(paragraphs(*BODY))).quality_score or 0
    items = [f"Item {number} of the sale" for number in range(12)]
    scraps = cleaned("\n\n".join(items), content_type="text/plain").quality_score
    assert scraps is not None
    assert 0 <= scraps < whole <= 1
