"""Pages that lead to articles, or show pictures: front pages, sections, searches, galleries."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

from pipeline.addresses import same_site
from pipeline.clean import wall_words as words
from pipeline.clean.case import PROSE_WORDS, WALL_WORDS, Case, Ground
from pipeline.clean.document import Document
from pipeline.clean.tidy import count_words, line, squash

_GALLERY_WORDS = 80
_FRONT_TYPES = {"CollectionPage", "ItemList", "ProfilePage", "SearchResultsPage"}
_GALLERY_TYPES = {"ImageGallery", "MediaGallery"}
_GALLERY_PATH = re.compile(
    r"/(?:photos?|photo-?galler(?:y|ies)|galler(?:y|ies)|galer[ií]as?|fotos|fotostrecken?|bilder|bildergalerien?|"
    r"fotogaler[ií]as?|diaporamas?|portfolios?|pictures|slideshows?|in-pictures|photo-essays?|zhaopian|tupian)(?:/|-|$)",
    re.I,
)
_PICTURES = (
    "//figure[.//img or .//amp-img or .//picture]|"
    "//*[self::li or self::div or self::amp-img][self::amp-img or ./img or ./a/img or ./picture]"
    "[contains(@class,'slide') or contains(@class,'galler') or contains(@class,'galer')]"
)
_PLAIN_FOLDER = re.compile(r"^[^\W\d]+(?:-[^\W\d]+){0,2}$")
_LIST_FOLDER = re.compile(
    r"^(?:tags?|topics?|categor(?:y|ies)|authors?|archives?|sections?|subjects?|people|themen?|schlagwort(?:e|er)?|stichwort|"
    r"rubrik(?:en)?|autor(?:en|es)?|ressorts?|etiquetas?|temas?|secci[oó]n(?:es)?|categor[ií]as?|mots?-cl[eé]s?|sujets?|auteurs?|"
    r"rubriques?|dossiers?|argomenti|onderwerp(?:en)?|latest|page)$"
)
_HOME_PATH = re.compile(
    r"^/?(?:(?:index|default|home|start|startseite|portada|accueil)(?:\.\w+)?|[a-z]{2}(?:-[a-z]{2})?)?/?$", re.I
)
_TRACKING = re.compile(r"^(?:utm_\w+|fbclid|gclid|ref|referrer|source|from|edition|lang|hl)$", re.I)
_SEARCH_FOLDER = re.compile(
    r"^(?:site-?)?(?:search(?:-?results?)?|suche|suchergebnis(?:se)?|recherche|rechercher|buscar|busca|buscador|busqueda|pesquisa|"
    r"ricerca|cerca|zoeken|sok|søk|soeg|szukaj|poisk|arama|sousuo)(?:\.\w{2,5})?$"
)
_SEARCH_KEYS = {
    *("q", "s", "query", "search", "searchterm", "search_query", "keyword", "keywords", "suche", "suchbegriff"),
    *("buscar", "busca"),
    *("recherche", "ricerca", "zoek", "wd", "kw", "term", "text"),
}  # fmt: skip


def home_page(case: Case) -> Ground | None:
    """A front page, by its address or by the one it gives itself."""
    document = case.document
    parts = urlsplit(document.url)
    if not parts.scheme.startswith("http") or document.article is not None:
        return None
    asked = {key for key, _ in parse_qsl(parts.query)}
    if _HOME_PATH.match(parts.path) and all(map(_TRACKING.match, asked)):
        # A bare language code may be a section of its own; a front page does not call itself an article.
        if parts.path.strip("/") and document.declares_article:
            return None
        return Ground("home_page", "the address is that of a front page", document.url)
    named = next((each for each in (*document.links.get("canonical", ()), document.meta("og:url")) if each), "")
    # Careless templates name the front page on every page: it counts where nothing else is to be read.
    if _is_root(named, document.url) and not document.declares_article and _is_list(case, 6):
        return Ground("home_page", "the page gives a front page as its address", named)
    return None


def _is_root(named: str, answered: str) -> bool:
    try:
        parts = urlsplit(urljoin(answered, named)) if named else None
    except ValueError:
        return False
    if parts is None or parts.path.strip("/") or parts.query or parts.fragment:
        return False
    return same_site(parts.hostname or "", urlsplit(answered).hostname or "")


def _is_list(case: Case, headlines: int) -> bool:
    return len(case.linked_headlines) >= headlines and case.longest_paragraph < PROSE_WORDS and not case.has_prose


def search_page(case: Case) -> Ground | None:
    """What a site's search found, or that it found nothing."""
    if case.document.declares_article or case.longest_paragraph >= PROSE_WORDS:
        return None
    is_declared = "SearchResultsPage" in case.document.types
    heading = case.heading(words.SEARCH)
    asked = _searched(case)
    nothing = words.NOTHING_FOUND.search(case.around)
    # One sign may be chance (a story about a search, a field named q); two are not, or one with a list or an empty one.
    signs = [is_declared, bool(heading), asked is not None, bool(nothing)]
    if sum(signs) < 2 and not ((is_declared or heading or asked) and len(case.linked_headlines) >= 2):
        return None
    if case.has_prose:
        return None
    found = f"{len(case.linked_headlines)} linked headlines"
    return Ground(
        "search_page",
        f"a search of the site, {found}",
        heading or asked or "; ".join(case.linked_headlines) or line(nothing[0] if nothing else ""),
    )


def _searched(case: Case) -> str | None:
    """The address, where it is that of a search: by its last folder, or by what it asks for."""
    parts = urlsplit(case.document.url)
    keys = {key.casefold() for key, value in parse_qsl(parts.query) if value}
    is_folder = bool(case.folders) and any(
        _SEARCH_FOLDER.match(each) for each in (case.folders[-1], *case.folders[:1][: len(case.folders) == 2])
    )
    return case.document.url if is_folder or keys & _SEARCH_KEYS else None


def section_front(case: Case) -> Ground | None:
    """A list of articles."""
    document = case.document
    is_list_address = any(_LIST_FOLDER.match(each) for each in case.folders[:-1]) or any(
        each in ("tag", "author", "category", "latest", "archive") for each in case.folders
    )
    if document.article is not None or (document.declares_article and not is_list_address):
        return None
    # A topic may be introduced by a paragraph of prose.
    introduced = is_list_address and len(case.linked_headlines) >= 6
    if (case.longest_paragraph >= PROSE_WORDS and not introduced) or case.has_prose:
        return None
    linked = sum(len(line(a.text_content())) for a in document.tree.iter("a"))
    share = linked / max(1, len(document.visible))
    declared = bool(document.types & _FRONT_TYPES) or _is_section_address(case) or is_list_address
    if len(case.linked_headlines) >= (2 if declared else 6) or (
        share > 0.5 and case.words < 2 * WALL_WORDS and len(document.tree.xpath("//a")) >= 8
    ):
        return Ground(
            "section_front",
            f"{len(case.linked_headlines)} linked headlines, {share:.0%} of the text is links",
            "; ".join(case.linked_headlines) or document.visible,
        )
    return None


def _is_section_address(case: Case) -> bool:
    """Whether the address is that of a section rather than of one text: a folder or two, plain words."""
    return 1 <= len(case.folders) <= 2 and all(_PLAIN_FOLDER.match(each) for each in case.folders)


def gallery(case: Case) -> Ground | None:
    """Pictures, and few words beside their captions."""
    document = case.document
    captions = [line(each.text_content()) for each in document.tree.iter("figcaption")]
    told = {squash(each) for each in captions}
    beside = case.words - sum(count_words(part) for part in case.text.split("\n\n") if told and squash(part) in told)
    if beside >= _GALLERY_WORDS:
        return None
    pictures = len(document.tree.xpath(_PICTURES))
    listed = max((_listed(node) for node in document.nodes if _is_gallery_node(node)), default=0)
    if max(pictures, listed) >= (3 if is_gallery(document) else 6):
        return Ground(
            "gallery",
            f"{max(pictures, listed)} pictures and {beside} words beside the captions",
            "; ".join(captions) or case.text or document.visible,
        )
    return None


def is_gallery(document: Document) -> bool:
    """Whether the page or its address says that it is a gallery."""
    return bool(document.types & _GALLERY_TYPES) or bool(_GALLERY_PATH.search(urlsplit(document.url).path))


def _is_gallery_node(node: dict[str, object]) -> bool:
    return str(node.get("@type")).rsplit("/", 1)[-1] in _GALLERY_TYPES


def _listed(node: dict[str, object]) -> int:
    found = node.get("associatedMedia") or node.get("image") or node.get("hasPart")
    return len(found) if isinstance(found, list) else 0
