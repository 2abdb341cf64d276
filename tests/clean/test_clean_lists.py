"""Pages that lead to articles, or show pictures, are told apart. Articles that look like them are articles."""

# A page a line.
# ruff: noqa: E501
from __future__ import annotations

import pytest
from invented import BODY, cleaned, html, ld, meta, rejected
from printing import PRINTERS, Printer, blog, broadsheet, cards, figures, items, old, portal, said

HEADLINES = [
    "Harbour council meets for the third time this week",
    "Lighthouse at Cape Orrin is lit again after eleven years",
    "Ferry towed to port with 212 passengers aboard",
    "Herring prices fall to their lowest since the storm",
    "Opera house finds a letter behind its organ",
    "Two boats aground on the reef within a week",
    "School of navigation opens its doors to landlubbers",
    "A bridge that nobody ordered is to be paid by all",
]  # fmt: skip
GERMAN = [
    "Hafenrat tagt zum dritten Mal in dieser Woche", "Leuchtturm am Kap Orrin brennt wieder", "Fähre mit 212 Reisenden abgeschleppt",
    "Heringspreise fallen auf tiefsten Stand", "Oper findet Brief hinter der Orgel", "Zwei Boote auf dem Riff gestrandet",
    "Seefahrtschule öffnet ihre Türen", "Eine Brücke, die niemand bestellt hat",
]  # fmt: skip
CHINESE = [
    "奥林角灯塔十一年后重新点亮", "渡轮载二百余名乘客被拖回港口", "鲱鱼价格跌至风暴以来最低", "歌剧院在管风琴后发现一封信", "一周内两艘船在礁石搁浅",
    "航海学校向公众开放", "无人订购的大桥将由全民买单", "港务委员会本周第三次开会",
]  # fmt: skip
TEASER = (
    "The council met again, and again it did not agree where the crane should stand, nor who should pay for its paint."
)
LIST = ld(**{"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "position": 1, "url": "/a/1"}]})
SEARCH = ld(**{"@type": "SearchResultsPage", "name": "lighthouse"})
HOME = "http://gazette.example"

# reason, printer, language, title, body, head, path
FORMS: list[tuple[str, Printer, str, str, str, str, str]] = [
    ("home_page", broadsheet, "en", "The Gazette", cards(*HEADLINES, teaser=TEASER), "", "/"),
    ("home_page", portal, "zh", "公报", items(*CHINESE), "", "/index.html"),
    ("home_page", blog, "de", "Gazette", cards(*GERMAN), meta(og__type="website"), "/?utm_source=push&utm_medium=app"),
    ("home_page", old, "es", "La Gaceta", items(*HEADLINES), "", "/es/"),
    ("home_page", broadsheet, "en", "The Gazette: news of the coast", cards(*HEADLINES, teaser=TEASER), '<link rel="canonical" href="http://gazette.example/">', "/world/2026/03/01/lighthouse-reopens"),
    ("home_page", broadsheet, "fr", "La Gazette", cards(*HEADLINES, tag="h3"), "", "/accueil"),

    ("section_front", broadsheet, "en", "World", cards(*HEADLINES, teaser=TEASER), "", "/world"),
    ("section_front", portal, "zh", "国际新闻", items(*CHINESE), "", "/world/"),
    ("section_front", blog, "de", "Schlagwort: Hafen", said("Beiträge zum Hafen") + cards(*GERMAN, teaser="Der Rat tagte wieder, und wieder wurde er sich nicht einig, wo der Kran stehen soll und wer die Farbe bezahlt."), "", "/tag/hafen"),
    ("section_front", old, "es", "Puerto", items(*HEADLINES), "", "/secciones/puerto.php"),
    ("section_front", broadsheet, "en", "Marta Fenwick", said("Marta Fenwick writes about ships, and about those who wait for them. She joined the Gazette in 2009.") + cards(*HEADLINES), meta(og__type="profile"), "/author/marta-fenwick"),
    ("section_front", broadsheet, "en", "Sanctions on shipping", said(" ".join([TEASER] * 4)) + cards(*HEADLINES), LIST, "/topic/sanctions-on-shipping"),
    ("section_front", blog, "en", "Harbour", cards(*HEADLINES, teaser=TEASER), "", "/category/harbour/page/7"),

    ("search_page", broadsheet, "en", "Search results for “lighthouse”", cards(*HEADLINES, teaser=TEASER), "", "/search?q=lighthouse"),
    ("search_page", blog, "en", "You searched for lighthouse", cards(*HEADLINES[:4], teaser=TEASER), "", "/?s=lighthouse"),
    ("search_page", portal, "zh", "“灯塔”的搜索结果", items(*CHINESE), "", "/search/?wd=%E7%81%AF%E5%A1%94"),
    ("search_page", old, "de", "Suchergebnisse für: Leuchtturm", items(*GERMAN), "", "/suche.php?suchbegriff=leuchtturm"),
    ("search_page", broadsheet, "fr", "Recherche", said("Aucun résultat pour votre recherche. Vérifiez l’orthographe ou essayez d’autres mots, plus courts ou plus communs."), "", "/recherche?query=phare"),
    ("search_page", portal, "en", "The Gazette", cards(*HEADLINES, tag="h4"), SEARCH, "/find/lighthouse"),
    ("search_page", broadsheet, "ar", "نتائج البحث عن: المنارة", cards("المنارة تضيء من جديد بعد أحد عشر عاما", "قطر العبارة إلى الميناء وعليها الركاب"), "", "/search?q=x"),

    ("gallery", broadsheet, "en", "The night the light came back", said("Our pictures of the evening.") + figures(9, "The lamp room, picture"), "", "/photos/lighthouse-night"),
    ("gallery", portal, "zh", "灯塔重新点亮的夜晚", figures(8, "灯塔之夜，图"), "", "/2026/0301/c1-1.shtml"),
    ("gallery", blog, "de", "Die Nacht, in der das Licht zurückkam", "".join(f'<li class="slide"><img src="/{n}.jpg"><p>Bild {n}</p></li>' for n in range(5)), "", "/fotostrecken/leuchtturm-nacht"),
    ("gallery", broadsheet, "en", "The night the light came back", figures(2, "The lamp room, picture"), ld(**{"@type": "ImageGallery", "image": [f"/{n}.jpg" for n in range(12)]}), "/story/night"),
    ("gallery", old, "fr", "La nuit du phare", "".join(f'<div class="galerie-image"><img src="/{n}.jpg"> Photo {n}</div>' for n in range(7)), "", "/diaporama/nuit-du-phare"),
    ("gallery", broadsheet, "en", "The night the light came back", "".join(f'<amp-img class="gallery" src="/{n}.jpg"></amp-img>' for n in range(6)), "", "/gallery/night/amp"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "printer", "lang", "title", "body", "head", "path"), FORMS, ids=[f"{row[0]}-{row[6]}" for row in FORMS]
)  # fmt: skip
def test_it_is_rejected_for_what_it_is(
    reason: str, printer: Printer, lang: str, title: str, body: str, head: str, path: str
) -> None:
    reject = rejected(printer(title, body, lang, head), url=HOME + path)
    assert reject.reason == reason, reject
    assert reject.evidence


def test_each_reason_has_five_forms_and_more() -> None:
    found = [row[0] for row in FORMS]
    assert all(found.count(reason) >= 5 for reason in found)


@pytest.mark.parametrize("printer", PRINTERS, ids=lambda printer: printer.__name__)
@pytest.mark.parametrize(
    "path",
    [
        "/search/2026/03/01/lighthouse-reopens",
        "/search-and-rescue/lighthouse-reopens?q=1",
        "/topic/lighthouse/lighthouse-reopens-after-eleven-years",
        "/tag/lighthouse-reopens-after-eleven-years",
        "/?p=1234",
        "/world",
        "/photos/2026/lighthouse-reopens",
    ],
)
def test_prose_is_an_article_whatever_its_address(printer: Printer, path: str) -> None:
    assert cleaned(printer("Lighthouse reopens", said(*BODY), "en", ""), url=HOME + path).text.endswith(BODY[-1])


@pytest.mark.parametrize("printer", PRINTERS, ids=lambda printer: printer.__name__)
def test_an_article_among_many_headlines_is_an_article(printer: Printer) -> None:
    page = printer("Search for lighthouse keeper ends", said(*BODY) + cards(*HEADLINES, teaser=TEASER), "en", "")
    assert BODY[1][:30] in cleaned(page, url=f"{HOME}/world/search-for-keeper-ends").text


def test_an_article_with_each_paragraph_in_a_box_of_its_own_is_an_article() -> None:
    boxed = "".join(f'<div class="row"><div class="col"><p>{text}</p></div></div>' for text in BODY * 2)
    article = cleaned(html(boxed + cards(*HEADLINES)), url=f"{HOME}/world/lighthouse-reopens")
    assert BODY[0] in article.text


def test_an_article_whose_template_gives_the_front_page_as_its_address_is_an_article() -> None:
    page = broadsheet("Lighthouse reopens", said(*BODY), "en", '<link rel="canonical" href="/">')
    assert cleaned(page, url=f"{HOME}/world/lighthouse-reopens").canonical_url.endswith("/lighthouse-reopens")


def test_a_report_with_many_pictures_is_no_gallery_of_pictures_only() -> None:
    said_twice = [*BODY, *(f"{text} So it was told." for text in BODY)]
    page = broadsheet(
        "The night the light came back", said(*said_twice) + figures(9, "The lamp room, picture"), "en", ""
    )
    assert cleaned(page, url=f"{HOME}/photos/lighthouse-night").kind == "gallery"


def test_a_report_on_results_of_a_vote_is_no_search() -> None:
    vote = [
        f"In ward {n} the harbour party won {n}0 of the 99 seats, and lost them again on the recount." for n in range(4)
    ]
    assert cleaned(
        html("".join(f"<p>{text}</p>" for text in vote), title="Results for the harbour council: all 99 seats")
    ).text
