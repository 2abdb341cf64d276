"""What sort of article it is: from JSON-LD's types, the section, the address and the headline's first words."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pipeline.clean import jsonld
from pipeline.clean.document import Document

_TYPES = {
    "LiveBlogPosting": "live",
    "OpinionNewsArticle": "opinion",
    "AnalysisNewsArticle": "analysis",
    "BackgroundNewsArticle": "analysis",
    "PressRelease": "press_release",
    "ImageGallery": "gallery",
    "MediaGallery": "gallery",
    "AdvertiserContentArticle": "other",
}
# A segment of the address, a section or the headline's label, as whole words.
_WORDS = {
    "live": r"live|live-?blog|live-?ticker|en-?direct|en-?vivo|en-?directo|newsblog|news-?ticker|minuto-a-minuto",
    "obituary": r"obituar(?:y|ies)|nachruf|necrolog(?:ía|ia|ie)s?|nécrologies?|obituarios?|وفيات|讣告",
    "opinion": r"opinions?|commentisfree|comment|editorials?|op-?eds?|columns?|columnists?|letters?|viewpoints?|"
    r"leaders?|letters-to-the-editor|meinung(?:en)?|kommentare?|leitartikel|gastkommentar|kolumnen?|opini[óo]n|columnas?|"
    r"tribunas?|tribunes?|chroniques?|éditos?|éditorial|idées|debats?|débats?|commenti|editoriale|"
    r"opinião|رأي|مقالات|آراء|评论|社论|观点",
    "press_release": r"press-?releases?|"
    r"pressemitteilung(?:en)?|comunicados?(?:-de-prensa)?|communiqués?(?:-de-presse)?|"
    r"prnewswire|businesswire|globenewswire",
    "gallery": r"galler(?:y|ies)|photos?|pictures|in-pictures|photo-?galler(?:y|ies)|fotostrecken?|bilderstrecken?|"
    r"galer[ií]as?|diaporamas?|slideshows?",
    "video": r"videos?|watch|podcasts?|audio|tv|mediathek|vid[ée]os?|فيديو|视频",
    "analysis": r"analys[ie]s|analyses?|explainers?|explained|análisis|décryptages?|hintergrund|erklärt|fact-?checks?|"
    r"تحليل|分析",
}
_ORDER = ("live", "obituary", "opinion", "press_release", "gallery", "video", "analysis")
_WHOLE = {kind: re.compile(rf"^(?:{words})$", re.I) for kind, words in _WORDS.items()}
_LABEL = {kind: re.compile(rf"^(?:{words})\s*(?:[:：|–—]|-\s)", re.I) for kind, words in _WORDS.items()}
_LIVE_END = re.compile(
    r"(?:[-–—|:]\s*live(?:\s+updates?)?|\ben (?:direct|vivo|directo)|\bim newsblog|\blive-?ticker)\s*!?$",
    re.I,
)
_LIVE_SLUG = re.compile(r"-live(?:-updates)?(?:-[0-9a-f]+)?$|^live-", re.I)
_OBITUARY_END = re.compile(r"\b(?:obituary|nachruf|necrología|nécrologie)$", re.I)
_SPORT = re.compile(
    r"^(?:sports?|football|soccer|rugby|cricket|tennis|fu(?:ss|ß)ball|f[úu]tbol|deportes|calcio|رياضة|体育|بطولة)$",
    re.I,
)
_SCORE = re.compile(r"(?<![\d/.:-])\d{1,3}\s?[-–:]\s?\d{1,3}(?!\d|[/:%-]|\.\d)")
_RESULTS = re.compile(
    r"^(?:results?|scores?|fixtures|match-?reports?|spielberichte?|ergebnisse|resultados|résultats)$", re.I
)
_RELEASE_TEXT = re.compile(
    r"^(?:for immediate release|press release|pressemitteilung|communiqué de presse|comunicado de prensa)\b", re.I
)


def kind(document: Document, headline: str | None, section: str | None, text: str) -> str:
    """One of `articles.kind`."""
    declared = (
        jsonld.types(document.article)
        if document.article
        else {each for node in document.nodes for each in jsonld.types(node)}
    )
    for name, found in _TYPES.items():
        if name in declared:
            return found
    return by_address(document.url, headline, section, text)


def by_address(url: str, headline: str | None, section: str | None, text: str) -> str:
    """The kind by the address's folders, the section, the headline's label and the first words."""
    title = headline or ""
    segments = [segment for segment in urlsplit(url).path.split("/") if segment] if url.startswith("http") else []
    # The last segment is the article's own slug: its words are no section.
    folders, slug = segments[:-1], segments[-1] if segments else ""
    places = [place.replace(" ", "-") for place in (*folders, *re.split(r"\s*[/>|»]\s*", section or "")) if place]
    if _RELEASE_TEXT.match(text):
        return "press_release"
    for each in _ORDER:
        if _LABEL[each].match(title) or any(_WHOLE[each].match(place) for place in places):
            return each
    if _LIVE_END.search(title) or _LIVE_SLUG.search(slug.rsplit(".", 1)[0]):
        return "live"
    if _OBITUARY_END.search(title) or _OBITUARY_END.search(slug):
        return "obituary"
    if any(_RESULTS.match(place) for place in places) or (
        _SCORE.search(f"{title} {text[:300]}") and any(_SPORT.match(place) for place in places)
    ):
        return "sports_result"
    return "news"
