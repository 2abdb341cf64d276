"""What stands around the text: captions, links out of it, the language it is declared to be in."""

from __future__ import annotations

import pytest
from invented import BODY, cleaned, html, page, paragraphs

from pipeline.clean.document import open_html
from pipeline.clean.language import declared
from pipeline.clean.links_out import links_out

FIGURE = (
    '<figure><img src="/lamp.jpg"><figcaption>The lamp of <b>Cape Orrin</b>. Photo: Ida Brandt</figcaption></figure>'
)


def test_captions_stand_apart_from_the_text() -> None:
    article = cleaned(html(FIGURE + paragraphs(*BODY)))
    assert article.captions == ["The lamp of Cape Orrin. Photo: Ida Brandt"]
    assert "Photo:" not in article.text


def test_a_caption_is_told_once_though_its_parts_are_classed_as_captions_too() -> None:
    parts = '<span class="caption">The lamp</span><span class="caption-credit">Ida Brandt</span>'
    figure = f'<div class="caption-box">{parts}</div>'
    assert cleaned(html(figure + FIGURE + FIGURE + paragraphs(*BODY))).captions == [
        "The lamp Ida Brandt",
        "The lamp of Cape Orrin. Photo: Ida Brandt",
    ]


@pytest.mark.parametrize(
    "elsewhere",
    [
        f"<aside>{FIGURE}</aside>",
        f'<a href="/other">{FIGURE}</a>',
        f"<article><h2>Another story</h2>{FIGURE}</article>",
        f"<footer>{FIGURE}</footer>",
    ],
)
def test_captions_of_other_articles_are_none_of_this_one(elsewhere: str) -> None:
    assert cleaned(html().replace("</main>", f"{elsewhere}</main>")).captions == []


def test_links_lead_out_of_the_text_and_not_out_of_the_menu() -> None:
    linked = BODY[0].replace("Cape Orrin", '<a href="/places/cape-orrin?utm_source=x">Cape Orrin</a>')
    more = BODY[1].replace("brass key", '<a href="https://museum.example/keys">brass key</a>')
    assert cleaned(html(paragraphs(linked, more, *BODY[2:]))).links_out == [
        "http://gazette.example/places/cape-orrin",
        "https://museum.example/keys",
    ]


@pytest.mark.parametrize(
    "href",
    [
        "#top",
        "mailto:news@gazette.example",
        "javascript:void(0)",
        "https://www.facebook.com/sharer/sharer.php?u=x",
        "https://twitter.com/intent/tweet?url=x",
        "",
        "http://[bad",
        "http://gazette.example/world/2026/03/01/lighthouse-reopens?utm_medium=mail",
    ],
)
def test_what_leads_nowhere_is_no_link(href: str) -> None:
    document = open_html(page(html(f'<p id="x"><a href="{href}">here</a></p>')).body, None, page("").fetch.url)
    assert links_out(document, {document.tree.get_element_by_id("x")}) == []


def test_blocks_within_blocks_give_their_links_once_in_the_order_of_the_page() -> None:
    body = '<div id="a"><p id="b"><a href="/1">1</a></p><p><a href="/2">2</a> <a href="/1#x">1</a></p></div>'
    document = open_html(html(body).encode(), None, "http://gazette.example/x")
    blocks = {document.tree.get_element_by_id(name) for name in ("b", "a")}
    assert links_out(document, blocks) == ["http://gazette.example/1", "http://gazette.example/2"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *[
            ("pt_BR", "pt"),
            ("de-AT", "de"),
            ("zh-Hans-CN", "zh"),
            ("deu", "de"),
            ("ger", "de"),
            ("jp", "ja"),
            ("in", "id"),
        ],
        *[("zz", None), ("English", None), ("", None), (None, None)],
    ],
)
def test_declared_languages_are_codes_of_iso_639(written: str | None, code: str | None) -> None:
    assert declared(written) == code


def test_a_page_may_declare_another_language_than_its_text_is_in() -> None:
    article = cleaned(html(lang="de-DE"))
    assert (article.language, article.declared_language) == ("en", "de")
