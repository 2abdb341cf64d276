"""One walk finds the elements that say what they are."""

from __future__ import annotations

from lxml import html as parser

from pipeline.clean import marks


def read(body: str) -> marks.Marks:
    page = f"<html><body>{body}</body></html>"
    return marks.read(parser.document_fromstring(page))


def test_bylines_are_known_by_class_relation_id_and_address_each_once_and_in_order() -> None:
    found = read(
        '<p id="author">1</p><div class="post-Author x"><a class="byline" rel="author" href="/authors/mf">2</a></div>'
        '<span data-testid="card-byline">3</span><b class="photo-author">no</b><i class="nearby">no</i>'
    )
    assert [element.tag for element in found.bylines] == ["p", "div", "a", "span"]


def test_a_blank_in_a_word_is_the_end_of_a_class() -> None:
    assert len(read('<p class="posted by">1</p><p class="baby steps">2</p><p class="firma nota">3</p>').bylines) == 2


def test_standfirsts_crumbs_captions_and_dates_are_told_apart() -> None:
    found = read(
        '<ul class="breadcrumb"><li>a</li></ul><h2 class="lead">b</h2><p class="lead">c</p><p class="Standfirst">d</p>'
        '<figcaption class="caption">e</figcaption><p class="wp-caption-text">f</p><span class="tarih">g</span>'
    )
    assert [element.tag for element in found.crumbs] == ["ul"]
    assert [element.text for element in found.standfirsts] == ["b", "d"]
    assert [element.text for element in found.captions] == ["e", "f"]
    assert [element.text for element in found.dates] == ["g"]


def test_microdata_and_licences_are_read() -> None:
    found = read(
        '<div itemscope itemtype="http://schema.org/NewsArticle"><h1 itemprop="headline name">x</h1></div>'
        '<a rel="nofollow license" href="/terms">y</a>'
    )
    assert found.types == {"NewsArticle"}
    assert set(found.properties) == {"headline", "name"}
    assert found.licences == ["/terms"]
