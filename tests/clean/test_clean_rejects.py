"""What is no article is rejected, with the reason that fits."""

from __future__ import annotations

import pytest
from invented import BODY, cleaned, html, ld, meta, paragraphs, rejected

CARDS = "".join(
    f'<div class="card"><h2><a href="/world/{number}">Harbour council meets for the {number}th time this week</a></h2>'
    f"<p>The council met again, and again it did not agree where the crane should stand, item {number}.</p></div>"
    for number in range(1, 9)
)


def test_types_that_are_no_text_are_unsupported() -> None:
    assert rejected(b"%PDF-1.7 \xe2\xe3", content_type="application/pdf").reason == "unsupported_type"
    assert (
        rejected('<?xml version="1.0"?><rss><channel/></rss>', content_type="application/xml").reason
        == "unsupported_type"
    )
    assert rejected('{"status": "ok"}', content_type="application/json").reason == "unsupported_type"


def test_bytes_that_are_no_text_are_unreadable() -> None:
    assert rejected(bytes(range(32)) * 50, content_type="text/html").reason == "unreadable"


@pytest.mark.parametrize(
    "words",
    [
        "Checking your browser before accessing gazette.example. Please enable JavaScript and cookies to continue.",
        "Verify you are human by completing the action below.",
        "Bitte bestätigen Sie, dass Sie kein Roboter sind.",
        "Confirme que no es un robot. No soy un robot.",
        "请完成安全验证后继续访问",
    ],
)
def test_a_page_that_asks_for_proof_of_humanity_is_a_bot_wall(words: str) -> None:
    reject = rejected(html(paragraphs(words), title="Just a moment"))
    assert reject.reason == "bot_wall"
    assert reject.article_id is None
    assert reject.evidence


def test_an_article_about_captchas_is_an_article() -> None:
    words = [
        *BODY,
        *(f"{text} So it was told." for text in BODY),
        "The visitors' book now has a captcha, which asks whether you are a robot.",
    ]
    assert "captcha" in cleaned(html(paragraphs(*words))).text


def test_a_page_of_consent_and_nothing_else_is_a_consent_wall() -> None:
    words = (
        "Before you continue to the Gazette. We and our 80 partners store information on your device.",
        "You can accept all or manage preferences at any time in the cookie settings of this site, below.",
    )
    asked = paragraphs(*words) + "<button>Accept all</button>"
    assert rejected(html(asked, title="The Gazette")).reason == "consent_wall"


def test_a_consent_banner_over_an_article_does_no_harm() -> None:
    banner = '<div class="cookie-banner"><p>We use cookies. Accept all or manage preferences.</p></div>'
    article = cleaned(html().replace("<main>", banner + "<main>"))
    assert "cookies" not in article.text


@pytest.mark.parametrize(
    "title", ["404 – page not found", "Seite nicht gefunden", "Página no encontrada", "页面不存在"]
)
def test_an_error_page_that_answers_200_is_an_error_page(title: str) -> None:
    assert (
        rejected(html(paragraphs("Try the search, or go back to where you came from."), title=title)).reason
        == "error_page"
    )


def test_a_paid_text_with_a_teaser_is_paywalled() -> None:
    head = ld(headline="Lighthouse reopens", isAccessibleForFree="False")
    assert rejected(html(paragraphs(BODY[0]), head=head)).reason == "paywalled"


@pytest.mark.parametrize(
    "ask",
    [
        "Subscribe to continue reading.",
        "Jetzt weiterlesen mit dem Abo.",
        "La suite est réservée aux abonnés.",
        "订阅后阅读全文",
    ],
)
def test_a_teaser_that_asks_to_subscribe_is_paywalled(ask: str) -> None:
    assert rejected(html(paragraphs(BODY[0], ask), head=meta(og__type="article"))).reason == "paywalled"


def test_a_short_open_article_beside_a_subscription_offer_is_not_paywalled() -> None:
    offer = '<div class="offer"><p>Already a subscriber? Sign in.</p></div>'
    article = cleaned(
        html(paragraphs(*BODY[:2]), head=meta(og__type="article")).replace("<footer>", offer + "<footer>")
    )
    assert article.access == "open"


def test_pictures_with_captions_only_are_a_gallery() -> None:
    figures = "".join(
        f'<figure><img src="/{n}.jpg"><figcaption>The lamp room, picture {n}.</figcaption></figure>' for n in range(9)
    )
    reject = rejected(
        html(paragraphs("Our pictures of the evening.") + figures), url="http://gazette.example/photos/lighthouse"
    )
    assert reject.reason == "gallery"


def test_the_root_of_a_site_is_its_home_page() -> None:
    assert rejected(html(CARDS, title="The Gazette"), url="http://gazette.example/").reason == "home_page"


def test_a_list_of_articles_is_a_section_front() -> None:
    reject = rejected(html(CARDS, title="World"), url="http://gazette.example/world")
    assert reject.reason == "section_front"
    assert "Harbour council" in (reject.evidence or "")


def test_an_article_below_many_related_links_is_no_section_front() -> None:
    assert cleaned(html(paragraphs(*BODY)).replace("</main>", f"</main><section>{CARDS}</section>")).text.startswith(
        BODY[0][:30]
    )


def test_a_page_without_text_has_no_text() -> None:
    assert rejected("<html><head><title>x</title></head><body><img src=a></body></html>").reason == "no_text"
    assert rejected(b"   ").reason == "no_text"


def test_the_least_length_counts_chinese_characters_by_half() -> None:
    text = "灯塔在停用十一年之后于星期日晚上重新点亮。"
    assert rejected(html(paragraphs(text * 2), lang="zh")).reason == "too_short"
    assert cleaned(html(paragraphs(text, text, text), lang="zh")).word_count == 30
