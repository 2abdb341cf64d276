"""What a page is: an article, or not one, and why. The checks are made in the order of `CHECKS`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pipeline.clean import jsonld, phrases
from pipeline.clean.document import Document
from pipeline.clean.tidy import count_words, line, squash

# Below these many words a text is taken for what surrounds an article rather than for one.
_WALL_WORDS = 150
_TEASER_WORDS = 80
_PART_WORDS = 300
_GALLERY_WORDS = 80
_PROSE_WORDS = 60
_HEADLINES = "//*[self::h1 or self::h2 or self::h3 or self::h4]//a|//a[.//h2 or .//h3 or .//h4]"
_INNER_HEADLINES = ".//h1//a|.//h2//a|.//h3//a|.//h4//a|.//a[.//h2 or .//h3 or .//h4]"
_FRONT_TYPES = {"CollectionPage", "ItemList", "ProfilePage", "SearchResultsPage"}
_GALLERY_TYPES = {"ImageGallery", "MediaGallery"}
_GALLERY_PATH = re.compile(
    r"/(?:photos?|photo-?galler(?:y|ies)|galler(?:y|ies)|galer[ií]as?|fotos|fotostrecken?|bildergalerien?|fotogaler[ií]as?|diaporamas?|pictures|slideshows?|in-pictures)(?:/|-|$)",
    re.I,
)
_PLAIN_FOLDER = re.compile(r"^[^\W\d]+(?:-[^\W\d]+){0,2}$")
_SENTENCE_END = re.compile(r"[.!?。！？؟۔][\"'”’»)\]」』]*$")
_HOME_PATH = re.compile(r"^/?(?:index\.\w+|home|[a-z]{2}(?:-[a-z]{2})?)?/?$", re.I)


class Ground(NamedTuple):
    """Why a page did not become an article."""

    reason: str
    detail: str
    evidence: str


@dataclass(kw_only=True)
class Case:
    """A page as the checks see it: the document, and the text that was taken out of it."""

    document: Document
    title: str | None
    text: str
    min_words: int

    @cached_property
    def words(self) -> int:
        return count_words(self.text)

    @cached_property
    def longest_paragraph(self) -> int:
        """Words of the longest paragraph."""
        return count_words(max(self.text.split("\n\n"), key=len))

    @cached_property
    def around(self) -> str:
        """What a reader sees beside the text, where the text is short enough to doubt it."""
        return self.document.visible if self.words < _WALL_WORDS else ""

    @cached_property
    def is_unpaid(self) -> bool:
        """Whether the page says that it is not free to read."""
        nodes = [self.document.article] if self.document.article else self.document.nodes
        tier = self.document.meta("article:content_tier").casefold()
        return any(jsonld.is_false(node.get("isAccessibleForFree")) for node in nodes) or tier in (
            "locked",
            "metered",
            "premium",
        )

    @cached_property
    def breaks_off(self) -> bool:
        """Whether there is next to nothing, or the last sentence has no end."""
        return self.words < 40 or is_cut(self.text) or not _SENTENCE_END.search(self.text)

    @cached_property
    def asks_to_subscribe(self) -> str:
        """The words by which the end of the text, or a page with little text, asks for a subscription."""
        match = phrases.SUBSCRIBE.search(self.text[-400:]) or (
            # Menus and newsletters ask, too: beside the text it counts only where the text breaks off.
            phrases.SUBSCRIBE.search(self.around) if self.words < _TEASER_WORDS and self.breaks_off else None
        )
        return line(match[0]) if match else ""


def check(case: Case) -> Ground | None:
    """The first ground for rejecting the page, None for an article."""
    for each in CHECKS:
        if ground := each(case):
            return ground._replace(evidence=ground.evidence[:300])
    return None


def _bot_wall(case: Case) -> Ground | None:
    if case.words >= _WALL_WORDS:
        return None
    if (match := phrases.BOT_WALL.search(f"{case.document.head_title} {case.around}")) and count_words(
        case.around
    ) < 2 * _WALL_WORDS:
        return Ground(
            "bot_wall",
            "the page asks to prove that one is no robot",
            _around(f"{case.document.head_title} {case.around}", match),
        )
    return None


def _consent_wall(case: Case) -> Ground | None:
    if case.words >= _WALL_WORDS or case.document.article is not None:
        return None
    found = {line(match[0]).casefold() for match in phrases.CONSENT.finditer(case.around)}
    if (
        len(found) >= 2
        and count_words(case.around) < 3 * _WALL_WORDS
        and _share(phrases.CONSENT, case.text or case.around)
    ):
        return Ground("consent_wall", "the page asks for consent and holds little else", "; ".join(sorted(found)))
    return None


def _share(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the words stand in what was taken for the article's text, so that a mere banner does not count."""
    return pattern.search(text) is not None


def _error_page(case: Case) -> Ground | None:
    if case.words >= _WALL_WORDS or case.document.article is not None:
        return None
    for heading in (
        case.title or "",
        case.document.head_title,
        *(line(each.text_content()) for each in case.document.headings[:1]),
    ):
        if len(heading) < 120 and (match := phrases.ERROR_PAGE.search(heading)):
            return Ground("error_page", f"an error page that answered 200 ({line(match[0])})", heading)
    return None


def _paywalled(case: Case) -> Ground | None:
    if case.words >= _TEASER_WORDS:
        return None
    if case.is_unpaid:
        return Ground("paywalled", f"not accessible for free, {case.words} words of text", case.text)
    if case.asks_to_subscribe and (case.document.declares_article or case.words):
        return Ground(
            "paywalled",
            f"asks to subscribe ({case.asks_to_subscribe}), {case.words} words of text",
            case.text or case.around,
        )
    return None


def _gallery(case: Case) -> Ground | None:
    captions = [line(each.text_content()) for each in case.document.tree.iter("figcaption")]
    told = {squash(each) for each in captions}
    words = case.words - sum(count_words(part) for part in case.text.split("\n\n") if told and squash(part) in told)
    if words >= _GALLERY_WORDS:
        return None
    pictures = len(
        case.document.tree.xpath("//figure[.//img]|//li[.//img][contains(@class,'slide') or contains(@class,'galler')]")
    )
    if pictures >= (3 if _is_gallery(case.document) else 6):
        return Ground(
            "gallery", f"{pictures} pictures and {words} words beside the captions", "; ".join(captions) or case.text
        )
    return None


def _is_gallery(document: Document) -> bool:
    return bool(document.types & _GALLERY_TYPES) or bool(_GALLERY_PATH.search(urlsplit(document.url).path))


def _home_page(case: Case) -> Ground | None:
    parts = urlsplit(case.document.url)
    if (
        parts.scheme in ("http", "https")
        and _HOME_PATH.match(parts.path)
        and not parts.query
        and case.document.article is None
    ):
        # A bare language code may be a section of its own; a front page does not call itself an article.
        if parts.path.strip("/") and case.document.declares_article:
            return None
        return Ground("home_page", "the address is that of a front page", case.document.url)
    return None


def _section_front(case: Case) -> Ground | None:
    document = case.document
    if document.declares_article:
        return None
    if case.longest_paragraph >= _PROSE_WORDS or _has_prose(document):
        return None
    headlines = [shown for a in document.tree.xpath(_HEADLINES) if count_words(shown := line(a.text_content())) >= 3]
    linked = sum(len(line(a.text_content())) for a in document.tree.iter("a"))
    share = linked / max(1, len(document.visible))
    declared = bool(document.types & _FRONT_TYPES) or _is_section_address(document)
    if len(headlines) >= (2 if declared else 6) or (
        share > 0.5 and case.words < 2 * _WALL_WORDS and len(document.tree.xpath("//a")) >= 8
    ):
        return Ground(
            "section_front",
            f"{len(headlines)} linked headlines, {share:.0%} of the text is links",
            "; ".join(headlines),
        )
    return None


def _is_section_address(document: Document) -> bool:
    """Whether the address is that of a section rather than of one text: a folder or two, plain words."""
    folders = [each for each in urlsplit(document.url).path.split("/") if each]
    return 1 <= len(folders) <= 2 and all(_PLAIN_FOLDER.match(each) for each in folders)


def _has_prose(document: Document) -> bool:
    """Whether paragraphs stand together, or alone in their boxes: on a front each stands below a linked headline."""
    beside: Counter[Any] = Counter()
    alone = 0
    for element in document.tree.iter("p"):
        if len(element.text_content()) > 80 and (parent := element.getparent()) is not None:
            beside[parent] += 1
            alone += beside[parent] == 1 and parent.tag != "a" and not parent.xpath(_INNER_HEADLINES)
            if beside[parent] >= 3 or alone >= 5:
                return True
    return False


def _no_text(case: Case) -> Ground | None:
    return Ground("no_text", "no text was found in the document", case.document.visible) if not case.words else None


def _too_short(case: Case) -> Ground | None:
    return (
        Ground("too_short", f"{case.words} words, fewer than {case.min_words}", case.text)
        if case.words < case.min_words
        else None
    )


CHECKS: tuple[Callable[[Case], Ground | None], ...] = (
    _bot_wall, _consent_wall, _error_page, _paywalled, _gallery, _home_page, _section_front, _no_text, _too_short,
)  # fmt: skip


def _around(text: str, match: re.Match[str]) -> str:
    return line(text[max(0, match.start() - 100) : match.end() + 150])


def access(case: Case) -> str:
    """Whether the whole text was to be had."""
    cut = is_cut(case.text)
    if case.is_unpaid or case.asks_to_subscribe:
        body = jsonld.text(case.document.article.get("articleBody")) if case.document.article else ""
        # Many publishers of paid texts send them whole.
        if cut or case.asks_to_subscribe or case.words < _PART_WORDS or len(body) > 1.5 * len(case.text):
            return "paywalled"
    return "truncated" if cut else "open"


def is_cut(text: str) -> bool:
    """Whether a text ends as one does that was cut."""
    return phrases.CUT.search(text[-120:]) is not None
