"""What the page says of itself ends in the right columns."""

from __future__ import annotations

import pytest
from invented import BODY, cleaned, html, ld, link, meta, paragraphs

from pipeline.clean.authors import clean_names

SITE = meta(og__site_name="The Gazette")


@pytest.mark.parametrize(
    "written",
    [
        "Lighthouse reopens | The Gazette",
        "Lighthouse reopens - The Gazette",
        "Lighthouse reopens – World – The Gazette",
        "The Gazette | Lighthouse reopens",
        "Lighthouse reopens | gazette.example",
    ],
)
def test_the_title_is_without_the_name_of_the_site(written: str) -> None:
    assert cleaned(html(title=written, head=SITE)).title == "Lighthouse reopens"


def test_dashes_within_a_title_stay() -> None:
    assert cleaned(html(title="Red - white - blue | The Gazette", head=SITE)).title == "Red - white - blue"


def test_the_headline_wins_over_the_text_for_search_engines() -> None:
    head = ld(headline="The light is back") + meta(og__title="Lighthouse at Cape Orrin: opening times")
    assert (
        cleaned(html(title="Lighthouse at Cape Orrin", h1="The light is back", head=head)).title == "The light is back"
    )


def test_references_in_titles_are_resolved() -> None:
    assert cleaned(html(title="Fish &amp;amp; chips &#8211; a history")).title == "Fish & chips – a history"


@pytest.mark.parametrize(
    "written",
    [
        "The lighthouse reopens - World - The Gazette",
        "The lighthouse reopens [Cape Orrin] | The Gazette",
        "The lighthouse reopens-WorldㅣThe Gazette",
        "The lighthouse reopens: Cape Orrin news",
    ],
)
def test_what_stands_behind_the_headline_in_the_head_is_no_part_of_it(written: str) -> None:
    head = SITE + meta(og__title=written)
    assert cleaned(html(title=written, h1="The lighthouse reopens", head=head)).title == "The lighthouse reopens"


def test_a_banner_is_no_headline_though_it_is_the_first_heading() -> None:
    page = html(title="Storm warning: the lighthouse reopens", head=SITE)
    assert (
        cleaned(page.replace("<nav>", "<h1>Storm warning</h1><nav>")).title == "Storm warning: the lighthouse reopens"
    )


def test_lines_of_a_headline_are_not_glued_together() -> None:
    heading = "<span>Cape Orrin</span><span>The lighthouse reopens</span>"
    assert cleaned(html(title="A light", h1=heading)).title == "Cape Orrin The lighthouse reopens"


def test_the_feed_gives_the_title_where_the_page_has_none() -> None:
    body = f"<html><body><div>{paragraphs(*BODY)}</div></body></html>"
    assert cleaned(body, links=[link("feed", title="Light again")]).title == "Light again"


def test_a_standfirst_that_is_shown_is_the_subtitle_and_the_first_paragraph() -> None:
    standfirst = "Eleven dark years end at Cape Orrin"
    article = cleaned(
        html(f'<h2 class="standfirst">{standfirst}</h2>' + paragraphs(*BODY), head=meta(og__description=standfirst))
    )
    assert article.subtitle == standfirst
    assert article.text == "\n\n".join([standfirst, *BODY])


def test_a_description_that_no_reader_sees_is_no_subtitle() -> None:
    assert cleaned(html(head=meta(og__description="All about lighthouses."))).subtitle is None


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("By Marta Fenwick", ["Marta Fenwick"]),
        ("Von Jörg Ahlers und Ida Brandt", ["Jörg Ahlers", "Ida Brandt"]),
        ("Marta Fenwick, Senior Editor", ["Marta Fenwick"]),
        ("Marta Fenwick and Tom Okoro, Reuters", ["Marta Fenwick", "Tom Okoro", "Reuters"]),
        ("José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Ana Ruiz y Luis Mena", ["Ana Ruiz", "Luis Mena"]),
        ("marta@gazette.example", []),
        ("Marta Fenwick (mf), http://gazette.example/mf", ["Marta Fenwick"]),
        ("Sammy Davis, Jr.", ["Sammy Davis, Jr"]),
        ("admin", []),
        ("作者：王小明", ["王小明"]),
        ("Reuters", ["Reuters"]),
    ],
)
def test_names_are_taken_out_of_bylines(written: str, names: list[str]) -> None:
    assert clean_names([written]) == names


def test_authors_come_from_json_ld_also_by_reference() -> None:
    graph = (
        '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "headline": "Light", "author": '
        '[{"@id": "#p1"}, {"@type": "Person", "givenName": "Tom", "familyName": "Okoro"}]},'
        '{"@type": "Person", "@id": "#p1", "name": "Marta Fenwick"}]}</script>'
    )
    assert cleaned(html(head=graph)).authors == ["Marta Fenwick", "Tom Okoro"]


def test_authors_come_from_metas_links_microdata_and_bylines() -> None:
    assert cleaned(html(head='<meta name="author" content="Marta Fenwick">')).authors == ["Marta Fenwick"]
    for byline in (
        '<a rel="author" href="/mf">Marta Fenwick</a>',
        '<span itemprop="author">By <b itemprop="name">Marta Fenwick</b></span>',
        '<p class="byline">By Marta Fenwick</p>',
    ):
        assert cleaned(html(byline + paragraphs(*BODY))).authors == ["Marta Fenwick"]


def test_a_person_is_better_than_the_paper_and_the_paper_better_than_nobody() -> None:
    head = SITE + ld(headline="Lighthouse reopens", author={"@type": "Organization", "name": "The Gazette"})
    assert cleaned(html(head=head)).authors == ["The Gazette"]
    assert cleaned(html('<p class="byline">By Marta Fenwick</p>' + paragraphs(*BODY), head=head)).authors == [
        "Marta Fenwick"
    ]


def test_section_keywords_image_and_rights_are_read() -> None:
    head = ld(
        headline="Lighthouse reopens",
        articleSection="World",
        keywords="sea, light,Sea",
        image=["/lamp.jpg"],
        license="https://creativecommons.org/licenses/by-sa/4.0/",
    )
    article = cleaned(
        html(head=head + '<meta name="robots" content="index, noai"><meta name="tdm-reservation" content="1">')
    )
    assert article.section == "World"
    assert article.keywords == ["sea", "light"]
    assert article.image_url == "http://gazette.example/lamp.jpg"
    assert article.rights == "CC BY-SA 4.0; robots: noai; tdm-reservation: 1"


def test_the_menu_names_the_section_that_the_address_lies_in() -> None:
    assert cleaned(html()).section == "World"


@pytest.mark.parametrize(
    ("url", "title", "head", "kind"),
    [
        ("/world/1-light", "Lighthouse reopens", "", "news"),
        ("/opinion/1-light", "Leave the light on", "", "opinion"),
        ("/world/1-light", "Opinion: leave the light on", "", "opinion"),
        ("/world/1-light", "Kommentar: Licht an", "", "opinion"),
        ("/world/1-light", "Lighthouse", ld(headline="Lighthouse").replace("NewsArticle", "LiveBlogPosting"), "live"),
        ("/world/storm-live-updates", "Storm nears the cape", "", "live"),
        ("/obituaries/keeper", "Marta Fenwick, keeper of the light", "", "obituary"),
        ("/world/1-light", "Analysis: who pays for light", "", "analysis"),
        ("/sport/cup", "Orrin 2-1 Reef United", "", "sports_result"),
        ("/press-releases/lottery", "Lottery pays for light", "", "press_release"),
        ("/video/lamp", "The lamp is lit", "", "video"),
        ("/world/1-light", "Video game lights up the town", "", "news"),
    ],
)
def test_the_kind_is_known_by_type_section_address_or_label(url: str, title: str, head: str, kind: str) -> None:
    assert cleaned(html(title=title, head=head), url=f"http://gazette.example{url}").kind == kind


def test_a_text_that_breaks_off_is_truncated() -> None:
    assert cleaned(html(paragraphs(*BODY, "The keeper then went up the stairs and…"))).access == "truncated"
    assert cleaned(html()).access == "open"


def test_a_long_part_of_a_paid_text_is_an_article_behind_a_paywall() -> None:
    head = ld(headline="Lighthouse reopens", isAccessibleForFree=False)
    assert cleaned(html(paragraphs(*BODY, BODY[2]), head=head)).access == "paywalled"
    long = [f"{text} That was in {year}." for year in range(2019, 2024) for text in BODY]
    assert cleaned(html(paragraphs(*long), head=head)).access == "open"
