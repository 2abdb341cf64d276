"""The kind of an article, and whether it is whole, by what the page says of itself; each with its evidence."""

# A page a line.
# ruff: noqa: E501
from __future__ import annotations

from itertools import cycle

import pytest
from invented import BODY, cleaned, ld, meta
from printing import PRINTERS, broadsheet, figures, said

HOST = "http://gazette.example"
TITLE = "Lighthouse reopens after eleven years"
NAMED = {"headline": TITLE}
LONG = [f"{text} So it was told on the quay on day {day}." for day in range(4) for text in BODY]
CHINESE = "灯塔在停用十一年之后于星期日晚上重新点亮，镇上一半的人站在防波堤上观看，渔民们为此等待了多年。"

# kind, title, path, head, first words of the text
KINDS: list[tuple[str, str, str, str, str]] = [
    ("news", TITLE, "/world/2026/03/01/lighthouse-reopens", "", ""),
    ("news", "Live music returns to the harbour", "/culture/live-music-returns-to-the-harbour", "", ""),
    ("news", "The island where we live, by its pupils", "/world/the-island-where-we-live", "", ""),
    ("news", "Novelist Ada Quill dies aged 93", "/culture/2026/03/01/ada-quill-dies-aged-93", "", ""),
    ("news", "Council votes 52-48 for the crane", "/politics/council-votes-52-48", "", ""),
    ("news", "Editorial staff of the Herald go on strike", "/business/editorial-staff-strike", "", ""),
    ("news", "Video shows ferry on the reef", "/world/video-shows-ferry-on-the-reef", "", ""),
    ("news", "Rovers move to new ground at 20:15 Uhr", "/sport/rovers-new-ground", "", ""),
    ("opinion", "The crane is in the wrong place", "/opinion/2026/03/crane", "", ""),
    ("opinion", "Kommentar: Der Kran steht falsch", "/politik/kran", "", ""),
    ("opinion", "The crane is in the wrong place | Letters", "/a/1", "", ""),
    ("opinion", "La grúa está en el lugar equivocado", "/a/2", meta(article__section="Opinión"), ""),
    ("opinion", "起重机放错了地方", "/a/3", meta(article__section="评论"), ""),
    ("opinion", TITLE, "/a/4", ld(**{**NAMED, "@type": "OpinionNewsArticle"}), ""),
    ("opinion", "الرافعة في المكان الخطأ", "/a/5", meta(article__section="رأي"), ""),
    ("analysis", "Analysis: why the light went out", "/world/light", "", ""),
    ("analysis", "Why the light went out – explained", "/world/light", "", ""),
    ("analysis", "Warum das Licht ausging", "/hintergrund/licht", "", ""),
    ("analysis", TITLE, "/a/1", ld(**{**NAMED, "@type": "AnalysisNewsArticle"}), ""),
    ("analysis", "Pourquoi la lumière s’est éteinte", "/a/2", meta(article__section="Décryptage"), ""),
    ("analysis", "Fact check: did the keeper sell the lamp?", "/a/3", "", ""),
    ("live", TITLE, "/a/1", ld(**{**NAMED, "@type": "LiveBlogPosting"}), ""),
    ("live", "Lighthouse reopens – live updates", "/world/light", "", ""),
    ("live", "Der Leuchtturm im Liveticker", "/politik/leuchtturm", "", ""),
    ("live", "EN DIRECT - Le phare se rallume", "/monde/phare", "", ""),
    ("live", "El faro vuelve: minuto a minuto", "/mundo/faro", "", ""),
    ("live", "Storm reaches the cape", "/news/live/storm-reaches-the-cape", "", ""),
    ("live", "Storm reaches the cape", "/news/storm-reaches-the-cape-live-updates", "", ""),
    ("gallery", "The night the light came back – in pictures", "/world/night", "", ""),
    ("gallery", "The night the light came back", "/galleries/2026/night", "", ""),
    ("gallery", "Die Nacht des Lichts in Bildern", "/kultur/nacht", "", ""),
    ("gallery", TITLE, "/a/1", ld(**{**NAMED, "@type": ["NewsArticle", "ImageGallery"]}), ""),
    ("gallery", "La nuit du phare en images", "/monde/nuit", "", ""),
    ("video", "How the lamp was lit", "/video/2026/lamp", "", ""),
    ("video", "Watch: how the lamp was lit", "/world/lamp", "", ""),
    ("video", "How the lamp was lit", "/a/1", meta(og__type="video.other"), ""),
    ("video", "How the lamp was lit", "/a/2", ld(**{"@type": "VideoObject", "name": "How the lamp was lit"}), ""),
    ("video", "Wie die Lampe entzündet wurde", "/mediathek/lampe", "", ""),
    ("press_release", "Harbour board opens lighthouse", "/a/1", "", "FOR IMMEDIATE RELEASE – "),
    ("press_release", "Harbour board opens lighthouse", "/a/2", "", "CAPE ORRIN, March 1, 2026 /PRNewswire/ -- "),
    ("press_release", "Hafenamt eröffnet Leuchtturm", "/a/3", "", "Kap Orrin (ots) - "),
    ("press_release", "Le port rouvre le phare", "/communiques-de-presse/phare", "", ""),
    ("press_release", "Harbour board opens lighthouse", "/news-releases/lighthouse", "", ""),
    ("press_release", TITLE, "/a/4", ld(**{**NAMED, "@type": "PressRelease"}), ""),
    ("obituary", "Ada Quill obituary", "/books/2026/ada-quill", "", ""),
    ("obituary", "Obituary: Ada Quill, who wrote of keepers", "/a/1", "", ""),
    ("obituary", "Nachruf auf Ada Quill", "/kultur/ada-quill", "", ""),
    ("obituary", "Ada Quill, who wrote of keepers", "/obituaries/ada-quill", "", ""),
    ("obituary", "Ada Quill (1932–2026)", "/culture/ada-quill", "", ""),
    ("obituary", "Ada Quill, la voz de los faros", "/a/2", meta(article__section="Obituarios"), ""),
    ("sports_result", "Rovers 2-1 United: late joy at the mole", "/sport/football/rovers-united", "", ""),
    ("sports_result", "Match report: Rovers beat United", "/sport/rovers-united", "", ""),
    ("sports_result", "Rovers besiegen United", "/sport/fussball/rovers", "", "Die Rovers haben United mit 3:0 (1:0) besiegt. "),
    ("sports_result", "Rovers and United, as they stand", "/football/results/rovers", "", "Rovers beat United 4-0. "),
    ("sports_result", "El Orrin gana 3-2 al United", "/deportes/orrin-united", "", ""),
    ("sports_result", "漫长之夜：灯塔队 89-87 险胜", "/体育/1", "", ""),
    ("other", "Horoscope: what the week holds for Pisces", "/horoscopes/pisces", "", ""),
    ("other", "Herring pie, as the keeper made it", "/recipes/herring-pie", "", ""),
    ("other", "Why sailors trust this paint", "/sponsored/paint", "", ""),
    ("other", "Anzeige: Farbe, der Seeleute trauen", "/a/1", "", ""),
    ("other", TITLE, "/a/2", ld(**{**NAMED, "@type": "AdvertiserContentArticle"}), ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "printer"), zip(KINDS, cycle(PRINTERS), strict=False), ids=[f"{row[0]}-{row[1][:25]}" for row in KINDS]
)  # fmt: skip
def test_the_kind_is_known_by_its_signs(row: tuple[str, ...], printer: object) -> None:
    kind, title, path, head, start = row
    article = cleaned(printer(title, said(start + BODY[0], *BODY[1:]), "en", head), url=HOST + path)  # type: ignore[operator]
    assert article.kind == kind, article.kind_evidence
    assert (article.kind_evidence is None) == (kind == "news")


def test_each_kind_has_five_forms_and_more() -> None:
    found = [row[0] for row in KINDS]
    assert len(set(found)) == 10
    assert all(found.count(kind) >= 5 for kind in found)


def test_a_gallery_with_a_text_is_an_article() -> None:
    page = broadsheet("The night the light came back", said(*BODY, *LONG) + figures(9, "The lamp room"), "en", "")
    assert cleaned(page, url=f"{HOST}/photos/night").kind == "gallery"


UNPAID = ld(**NAMED, isAccessibleForFree=False)
# access, text, head, what stands below the text
ACCESS: list[tuple[str, list[str], str, str]] = [
    ("open", BODY, "", ""),
    ("open", BODY[:2], meta(og__type="article"), "<div><p>Already a subscriber? Sign in.</p></div>"),
    ("open", [*BODY, *LONG], UNPAID, ""),
    ("open", [*BODY, *LONG, "And then the light went out again, and nobody knew why…"], "", ""),
    ("open", [CHINESE, CHINESE + "人们说。", CHINESE + "就是这样。"], "", ""),
    ("open", BODY, ld(**NAMED, isAccessibleForFree="True"), ""),
    ("paywalled", BODY, UNPAID, ""),
    ("paywalled", BODY, ld(**NAMED, isAccessibleForFree="http://schema.org/False"), ""),
    ("paywalled", [*BODY, "Subscribe to continue reading."], "", ""),
    ("paywalled", BODY, meta(article__content_tier="locked", og__type="article"), ""),
    ("paywalled", [*BODY, "Pour lire la suite, abonnez-vous dès 1 euro."], "", ""),
    ("paywalled", [CHINESE, CHINESE + "人们说。", CHINESE + "就是这样。", CHINESE + "灯又亮了。", "订阅后阅读全文"], "", ""),
    ("truncated", [*BODY[:3], BODY[3][:30] + "…"], "", ""),
    ("truncated", [*BODY[:3], BODY[3][:30] + "..."], "", ""),
    ("truncated", [*BODY[:3], BODY[3][:30] + " [+2317 chars]"], "", ""),
    ("truncated", [*BODY[:3], BODY[3][:30] + "… Read more »"], "", ""),
    ("truncated", [*BODY[:3], BODY[3][:30] + " [...]"], "", ""),
    ("truncated", [*BODY[:3], BODY[3][:30] + "… Weiterlesen"], "", ""),
]  # fmt: skip


@pytest.mark.parametrize("printer", PRINTERS, ids=lambda printer: printer.__name__)
@pytest.mark.parametrize(("access", "text", "head", "below"), ACCESS)
def test_access_is_known_by_its_signs(access: str, text: list[str], head: str, below: str, printer: object) -> None:
    page = printer(TITLE, said(*text) + below, "en", head)  # type: ignore[operator]
    article = cleaned(page, url=f"{HOST}/world/light")
    assert article.access == access, article.access_evidence
    assert (article.access_evidence is None) == (access == "open")
