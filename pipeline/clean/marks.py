"""The elements that say what they are: by property, type, relation, id or class. One walk over the tree finds them all.

A search of lxml's for one attribute costs half of this whole walk, and patterns over single classes cost more than the
walk. So the classes of a page are read as one text, in which each word is looked for once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from pipeline.clean.tidy import line

# Parts of classes by what their elements hold: every publisher makes up classes anew, of these words. A blank stands
# for the end of a class.
_ROLES = {
    "bylines": ("author", "byline", "autor", "auteur", " firma ", " firma-", "writer", "verfasser", " by ", "-by "),
    "standfirsts": (
        *("standfirst", "subtitle", "sub-title", "subtitulo", "subheadline", "sub-headline", "dek", "deck", "vorspann"),
        *("article__lead", "teaser__lead", "summary", "bajada", "chapo", "excerpt"),
    ),
    "second_headings": ("sub", "stand", "lead"),
    "crumbs": ("crumb",),
    "captions": (
        *("caption", "bildunterschrift", "bildtext", "bijschrift", "bildetekst", "billedtekst", "pie-foto", "piefoto"),
        *("pie-de-foto", "didascalia"),
    ),
    "dates": (
        *("date", "time", "publi", "posted", "fecha", "datum", "tarih", " data ", "-data ", "dato ", "zeit", "heure"),
    ),
}  # fmt: skip
# A photographer's name is no author's.
_PICTURE = (
    *("caption", "photo", "image", "img", "foto", "bild", "media", "copyright", "gallery", "video", "credit", "avatar"),
    "thumb",
)
_STANDS = {"p", "div", "h2", "h3", "span"}
# Where marks are looked for: half of a page's elements are scripts, drawings and the like.
_TAGS = (
    *("a", "p", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6", "section", "header", "address", "article", "cite"),
    *("html", "body", "main", "meta", "link", "img", "figure", "form", "table", "dl", "dt", "tr"),
    *("strong", "b", "em", "i", "time", "ul", "ol", "li", "dd", "td", "nav", "figcaption", "small", "aside", "footer"),
)  # fmt: skip
_LONGEST = 300
_BLOCKS = {"br", "div", "p", "span", "small", "strong", "h2", "em"}
_SPACED_MARK = re.compile(r"(?<=\w)\s(?=[,.:;](?:\s|$))")
_ASIDE = {"aside", "footer", "nav", "form", "figure", "figcaption"}
_ELSEWHERE = re.compile(r"\b(?:comment\w*|related|recommend\w*|most-?read|newsletter)\b", re.I)


@dataclass(slots=True, kw_only=True)
class Marks:
    """Elements by what they are marked as, each list in the order of the page."""

    properties: dict[str, list[Any]] = field(default_factory=dict)
    """Elements with an itemprop, by property."""
    types: set[str] = field(default_factory=set)
    """Types of microdata, without their vocabulary's address."""
    anchors: list[Any] = field(default_factory=list)
    """The a elements."""
    bylines: list[Any] = field(default_factory=list)
    """Elements related, named or classed as an author's, and links to an author's page."""
    standfirsts: list[Any] = field(default_factory=list)
    """Elements classed as a standfirst; a second heading needs less to be taken for one."""
    crumbs: list[Any] = field(default_factory=list)
    """Elements classed as the path to the page."""
    captions: list[Any] = field(default_factory=list)
    """The figcaption elements, and those classed as a caption."""
    dates: list[Any] = field(default_factory=list)
    """Elements classed or named as a date."""
    licences: list[str] = field(default_factory=list)
    """Addresses of a elements that are related as a licence."""


def shown(element: Any) -> str:
    """What a reader sees of an element; its parts that may stand on lines of their own are apart."""
    if content := element.get("content"):
        return line(content)
    raw: str = element.text_content()
    if len(element) and any(each.tag in _BLOCKS for each in element.iterdescendants()):
        raw = "".join(
            f" {part}" if part.getparent().tag in _BLOCKS else str(part) for part in element.xpath(".//text()")
        )
    return _SPACED_MARK.sub("", line(raw))


def is_elsewhere(element: Any) -> bool:
    """Whether the element is none of the article's own: in a menu, beside it, under a picture, in a comment."""
    return any(
        up.tag in _ASIDE or ((of := up.get("class")) and up.tag not in ("body", "html") and _ELSEWHERE.search(of))
        for up in (element, *element.iterancestors())
    )


_Placed = tuple[int, Any]


def read(tree: Any) -> Marks:
    """The marked elements of a tree."""
    marks = Marks()
    classed: dict[str, list[_Placed]] = {}
    bylines: list[_Placed] = []
    captions: list[_Placed] = []
    for place, element in enumerate(tree.iter(*_TAGS)):
        if properties := element.get("itemprop"):
            for name in properties.split():
                marks.properties.setdefault(name, []).append(element)
        if types := element.get("itemtype"):
            marks.types.update(name.rstrip("/").rsplit("/", 1)[-1] for name in types.split())
        if written := element.get("class") or element.get("id"):
            classed.setdefault(written, []).append((place, element))
        match element.tag:
            case "a":
                marks.anchors.append(element)
                if _is_author_link(element, marks):
                    bylines.append((place, element))
            case "figcaption":
                captions.append((place, element))
        if (tested := element.get("data-testid")) and "byline" in tested:
            bylines.append((place, element))
    found = _by_role(classed)
    marks.bylines = _in_order([*found["bylines"], *bylines])
    marks.captions = _in_order([*found["captions"], *captions])
    seconds = [(place, element) for place, element in found["second_headings"] if element.tag == "h2"]
    stands = [(place, element) for place, element in found["standfirsts"] if element.tag in _STANDS]
    marks.standfirsts = _in_order([*stands, *seconds])
    marks.crumbs = _in_order(found["crumbs"])
    marks.dates = _in_order(found["dates"])
    return marks


def _by_role(classed: dict[str, list[_Placed]]) -> dict[str, list[_Placed]]:
    """Elements by what their classes say they hold."""
    written = list(classed)
    padded = [f" {each[:_LONGEST].lower()} " for each in written]
    starts = list(accumulate(map(len, padded), initial=0))
    together = "".join(padded)
    found: dict[str, list[_Placed]] = {}
    for role, words in _ROLES.items():
        numbers = {number for word in words for number in _where(word, together, starts)}
        if role == "bylines":
            numbers = {each for each in numbers if not any(word in padded[each] for word in _PICTURE)}
        found[role] = [placed for number in numbers for placed in classed[written[number]]]
    return found


def _where(word: str, together: str, starts: list[int]) -> list[int]:
    """Numbers of the classes that hold the word."""
    numbers: list[int] = []
    at = together.find(word)
    while at >= 0:
        number = bisect_right(starts, at) - 1
        numbers.append(number)
        # On with the next class.
        at = together.find(word, starts[number + 1])
    return numbers


def _in_order(placed: list[_Placed]) -> list[Any]:
    return [element for _, element in sorted(dict(placed).items())]


def _is_author_link(element: Any, marks: Marks) -> bool:
    related = element.get("rel")
    if related:
        words = related.casefold().split()
        if "license" in words and (href := element.get("href")):
            marks.licences.append(href)
        if "author" in words:
            return True
    href = element.get("href")
    return href is not None and ("/author/" in href or "/authors/" in href or "/autor" in href)
