"""What sort of article it is, and by what that is known: JSON-LD's types, section, address, headline and text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from pipeline.clean import jsonld
from pipeline.clean.document import Document
from pipeline.clean.tidy import count_words


class Kind(NamedTuple):
    """One of `articles.kind`, and its evidence; None where nothing makes it more than news."""

    name: str
    evidence: str | None = None


NEWS = Kind("news")

_TYPES = {
    "LiveBlogPosting": "live",
    "OpinionNewsArticle": "opinion",
    "ReviewNewsArticle": "opinion",
    "CriticReview": "opinion",
    "AnalysisNewsArticle": "analysis",
    "BackgroundNewsArticle": "analysis",
    "PressRelease": "press_release",
    "ImageGallery": "gallery",
    "MediaGallery": "gallery",
    "AdvertiserContentArticle": "other",
    "SatiricalArticle": "other",
    "Recipe": "other",
    "Quiz": "other",
}
_FILMS = {"VideoObject", "AudioObject", "PodcastEpisode"}
_FILM_WORDS = 150
_OG_FILMS = ("video.", "video", "music.", "audio")
# A segment of the address, a section or the headline's label, as whole words.
_WORDS = {
    "live": r"live|live-?blogs?|live-?updates|live-?ticker|en-?direct|en-?vivo|en-?directo|newsblog|news-?ticker|"
    r"ticker|"
    r"minuto-a-minuto|ao-vivo|diretta|liveblogg?|онлайн|مباشر|直播",
    "obituary": r"obituar(?:y|ies)|in-memoriam|deaths|nachrufe?|necrolog(?:ía|ia|ie|io|i)s?|nécrologies?|carnet|"
    r"obituarios?|"
    r"overlijdens?|nekrologi?|некролог|وفيات|讣告|訃報",
    "opinion": r"opinions?|commentisfree|comment|commentary|editorials?|op-?eds?|columns?|columnists?|letters?|"
    r"viewpoints?|"
    r"voices|perspectives?|leaders?|letters-to-the-editor|reviews?|meinung(?:en)?|kommentare?|leitartikel|gastkommentar|"
    r"gastbeitrag|glosse|kolumnen?|rezension(?:en)?|opini[óo]n|columnas?|cartas(?:-al-director)?|"
    r"tribunas?|tribunes?|chroniques?|éditos?|éditorial|editos?|idées|debats?|débats?|commenti|editoriale|"
    r"opinião|ledare|debatt|мнения?|колонка|رأي|مقالات|آراء|评论|社论|观点|社説|コラム|사설|칼럼",
    "press_release": r"press-?releases?|news-?releases?|media-?releases?|"
    r"pressemitteilung(?:en)?|pressemeldung(?:en)?|comunicados?(?:-de-prensa)?|notas?-de-prensa|communiqués?(?:-de-presse)?|"
    r"communiques?(?:-de-presse)?|comunicati?(?:-stampa)?|persbericht(?:en)?|prnewswire|businesswire|globenewswire|presseportal",
    "gallery": r"galler(?:y|ies)|photos?|pictures|in-pictures|photo-?galler(?:y|ies)|photo-?essays?|fotos|"
    r"fotostrecken?|"
    r"bilder(?:strecken?)?|galer[ií]as?|fotogaler[ií]as?|diaporamas?|portfolios?|slideshows?|صور|图集|图片",
    "video": r"videos?|watch|podcasts?|audio|tv|mediathek|vid[ée]os?|films?-?clips?|видео|فيديو|视频|動画",
    "analysis": r"analys[ie]s|analyses?|explainers?|explained|in-depth|análisis|analise|análise|analisi|décryptages?|"
    r"decryptages?|"
    r"hintergrund|hintergründe|erklärt|faktencheck|fact-?checks?|reality-check|achtergrond|аналитика|разбор|تحليل|分析|解读|解説",
    "other": r"horoscopes?|horoskope?|recipes?|rezepte?|recetas?|recettes?|crosswords?|puzzles?|quiz(?:zes)?|sponsored|"
    r"(?:paid|partner|branded)-?(?:content|post)|advertorials?|anzeigen?|promoted|publireportage|contenido-patrocinado|"
    r"weather-?forecasts?|wetterbericht|tv-?guide|fernsehprogramm|lottery-?results|jobs|coupons?|deals",
}
_ORDER = ("live", "obituary", "opinion", "press_release", "gallery", "video", "analysis", "other")
_WHOLE = {kind: re.compile(rf"^(?:{words})$", re.I) for kind, words in _WORDS.items()}
# Before a colon, a bar or a dash; "Watch: …" is a label, "Watch - …" hardly.
_LABEL = {
    kind: re.compile(rf"^\W?(?:{words.replace('-?', '[ -]?').replace('-', '[ -]')})\s?(?:[:：|–—/\])】]|-\s)", re.I)
    for kind, words in _WORDS.items()
}
_END = {
    kind: re.compile(rf"(?:\s[|–—-]\s|\s?[|(\[（【]\s?)(?:{words.replace('-', '[ -]')})\s?[)\]）】]?$", re.I)
    for kind, words in _WORDS.items()
}
_SAID = {
    "live": re.compile(
        r"[-–—|:]\s*live(?:\s(?:updates?|blog|coverage|ticker))?$|\blive updates?\b|\bas it happened$|"
        r"\b(?:en (?:direct|vivo|directo)|minute par minute|minuto a minuto)\b|\bim (?:newsblog|"
        r"live-?(?:ticker|blog))\b|"
        r"\blive-?(?:ticker|blog)\b",
        re.I,
    ),
    "obituary": re.compile(
        r"\b(?:obituary|nachruf|necrología|nécrologie)$|^(?:nachruf auf|zum tod von|in memoriam)\b|"
        r"[(（](?:1[89]|20)\d\d\s?[-–—]\s?(?:19|20)\d\d[)）]$",
        re.I,
    ),
    "gallery": re.compile(
        r"\bin (?:pictures|photos|images)$|^(?:in )?(?:pictures|photos) of\b|\bin bildern$|"
        r"\ben im(?:ages|ágenes)$|\ben fotos$",
        re.I,
    ),
    "analysis": re.compile(r"[-–—|:]\s*(?:explained|an explainer)$|^(?:explained|the explainer)\b", re.I),
    "sports_result": re.compile(r"\b(?:match report|spielbericht|full[- ]time|box score|crónica del partido)\b", re.I),
}
_LIVE_SLUG = re.compile(
    r"-live-(?:updates|blog)\b|-live-[0-9a-f]{6,}$|^live-?(?:updates|blog|ticker)\b|-liveticker\b|-en-direct\b"
)
_SPORT = re.compile(
    r"^(?:sports?|football|soccer|rugby|cricket|tennis|hockey|basketball|baseball|fu(?:ss|ß)ball|handball|f[úu]tbol|deportes|"
    r"calcio|voetbal|bundesliga|champions-league|premier-league|nba|nfl|nhl|mlb|esportes|futebol|спорт|футбол|رياضة|体育|足球|بطولة)$",
    re.I,
)
# Not the time of day, nor that of play (2:55).
_SCORE = re.compile(
    r"(?<![\d/.:–-])(?:\d{1,3}\s?[-–]\s?\d{1,3}|\d:\d|\d{2,3}:\d{2,3})(?!\d|[/:%–-]|[.,]\d|\s?(?:uhr|h|[ap]\.?m)\b)",
    re.I,
)
_RESULTS = re.compile(
    r"^(?:results?|scores?|scoreboard|fixtures|match-?reports?|box-?scores?|standings|spielberichte?|ergebnisse|tabellen?|"
    r"resultados|résultats|classifica|uitslagen|نتائج)$",
    re.I,
)
_RELEASE_START = re.compile(
    r"^\W*(?:for immediate release|press release|news release|pressemitteilung|communiqué de presse|"
    r"comunicado de prensa|"
    r"nota de prensa|comunicato stampa|persbericht)\b|"
    r"(?:/|\()(?:PR ?Newswire|BUSINESS WIRE|GLOBE ?NEWSWIRE|EQS|EINPresswire)[^)\n]{0,40}(?:/|\))|"
    r"\((?:ots|news aktuell)\)\s?[-–—]",
    re.I,
)
_RELEASE_END = re.compile(r"^(?:media|press) contacts?\b|^pressekontakt\b|^contact presse\b|^\W*###\W*$", re.I | re.M)


def kind(document: Document, headline: str | None, section: str | None, text: str) -> Kind:
    """The kind of a page, its declared type first."""
    nodes = [document.article] if document.article else document.nodes
    declared = {each for node in nodes for each in jsonld.types(node)}
    for name, found in _TYPES.items():
        if name in declared:
            return Kind(found, f"JSON-LD: {name}")
    shared = document.meta("og:type").casefold()
    # Reports carry films, too, and some declare nothing else: a film's page has little text.
    if document.article is None and count_words(text) < _FILM_WORDS and (film := next(iter(declared & _FILMS), None)):
        return Kind("video", f"JSON-LD: {film}")
    if document.article is None and shared.startswith(_OG_FILMS):
        return Kind("video", f"og:type: {shared}")
    is_match = any("SportsEvent" in jsonld.types(node) for node in document.nodes)
    return by_address(document.url, headline, section, text, is_match=is_match)


def by_address(url: str, headline: str | None, section: str | None, text: str, *, is_match: bool = False) -> Kind:
    """The kind by the address's folders, the section, what the headline is labelled, and the text."""
    return next(_grounds(url, headline or "", section, text, is_match), NEWS)


def _grounds(url: str, title: str, section: str | None, text: str, is_match: bool) -> Iterator[Kind]:
    """What speaks for a kind, the weightiest first."""
    path = unquote(urlsplit(url).path) if url.startswith("http") else ""
    segments = [segment.casefold() for segment in path.split("/") if segment]
    # The last segment is the article's own slug: its words are no section.
    folders, slug = segments[:-1], segments[-1].rsplit(".", 1)[0] if segments else ""
    places = [*folders, *(part.replace(" ", "-") for part in re.split(r"\s?[/>|»]\s?", (section or "")[:200]) if part)]
    title = title[:300]
    if match := _RELEASE_START.search(text[:300]):
        yield Kind("press_release", f"text: {match[0].strip()}")
    for each in _ORDER:
        if match := _LABEL[each].match(title) or _END[each].search(title):
            yield Kind(each, f"headline: {match[0].strip()}")
        if place := next((place for place in places if _WHOLE[each].match(place)), None):
            yield Kind(each, f"{'section' if place not in folders else 'address'}: {place}")
        if each in _SAID and (match := _SAID[each].search(title)):
            yield Kind(each, f"headline: {match[0].strip()}")
    if match := _LIVE_SLUG.search(slug):
        yield Kind("live", f"address: {slug}")
    if slug.endswith("-obituary") or slug.startswith("obituary-"):
        yield Kind("obituary", f"address: {slug}")
    if match := _RELEASE_END.search(text[-1500:]):
        yield Kind("press_release", f"text: {match[0].strip()}")
    yield from _results(title, places, text, is_match)


def _results(title: str, places: list[str], text: str, is_match: bool) -> Iterator[Kind]:
    sport = next((place for place in places if _SPORT.match(place)), "SportsEvent" if is_match else None)
    scores = [*_SCORE.findall(title), *_SCORE.findall(text[:300])]
    place = next((place for place in places if _RESULTS.match(place)), None)
    if place and (sport or scores):
        yield Kind("sports_result", f"section: {place}")
    if match := _SAID["sports_result"].search(title):
        yield Kind("sports_result", f"headline: {match[0]}")
    # A score in passing makes no report: the headline has it or the text begins with it, or it has several.
    if sport and scores and (_SCORE.search(f"{title} {text[:200]}") or len(set(_SCORE.findall(text[:5000]))) > 1):
        yield Kind("sports_result", f"{sport}: {scores[0]}")
