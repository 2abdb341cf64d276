"""Paragraphs that belong to the page and not to the article, where the extractor let them through.

Above the body: site, section, headline, byline and date lines. Within: links to other articles and their labels. Below:
standing lines. All are known by what the page itself says (its headline, names and links) or by their form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.clean import phrases
from pipeline.clean.document import Document
from pipeline.clean.tidy import count_words, line, squash

_LABEL = re.compile(rf"^\W*(?:{phrases.RELATED.pattern})\s*[:：…>»-]*\s*$", re.I)
_LABELLED = re.compile(rf"^\W*(?:{phrases.RELATED.pattern})\s*[:：|>»]\s*\S", re.I)
_STANDING = re.compile(
    r"^(?:our standards\s*:|©|\(c\) |copyright\b|all rights reserved|alle rechte vorbehalten|"
    r"tous droits réservés|todos los derechos reservados|"
    r"جميع الحقوق محفوظة|版权所有|sign up (?:for|to) |subscribe to |follow us on |share (?:this|on) |click here to )",
    re.I,
)
_SENTENCE_END = re.compile(r"[.!?。！？؟۔][\"'”’»)\]」』]*$")
_DATE_LINE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[:.]\d\d\b")
_TOP = 6
_SHORT = 14


def without_furniture(
    text: str, document: Document, headline: str | None, names: Iterable[str], known: Iterable[str | None]
) -> str:
    """The text without such paragraphs; `names` are the authors, `known` what else stands above the body."""
    parts = _below_headline(text.split("\n\n"), document, headline, list(names), known)
    items = {squash(each) for part in parts for each in _items(part) if not _SENTENCE_END.search(each)} - {""}
    links = _link_texts(document, items) if items else set()
    kept = [part for part in parts if not (_LABEL.match(part) or _is_teaser(part) or _is_linked(part, links))]
    while len(kept) > 1 and _STANDING.match(kept[-1]) and count_words(kept[-1]) <= 3 * _SHORT:
        kept.pop()
    return "\n\n".join(kept)


def without_title(text: str, headline: str | None) -> str:
    """The text without first paragraphs that only repeat the headline."""
    parts = text.split("\n\n")
    while len(parts) > 1 and headline and squash(parts[0]) == squash(headline):
        parts = parts[1:]
    return "\n\n".join(parts)


def _below_headline(
    parts: list[str], document: Document, headline: str | None, names: list[str], known: Iterable[str | None]
) -> list[str]:
    headlines = {squash(each) for each in (headline, document.meta("og:title"), document.head_title)} - {""}
    # What stands above the headline is above the body, if it is short.
    for index, part in enumerate(parts[:_TOP]):
        if squash(part) in headlines and len(parts) > index + 1:
            parts = parts[index + 1 :]
            break
        if count_words(part) > _SHORT:
            break
    # A standfirst that is a sentence reads as the first of the text; a second headline does not.
    shown = (
        {squash(each) for each in known if each and not _SENTENCE_END.search(each)} | document.site_names | headlines
    )
    while len(parts) > 1 and (squash(parts[0]) in shown or _is_byline(parts[0], names)):
        parts = parts[1:]
    return parts


def _is_byline(part: str, names: list[str]) -> bool:
    """Whether a line says little but who wrote it, and when."""
    if len(part) > 160 or _SENTENCE_END.search(part.rstrip(".") if part.endswith(("a.m.", "p.m.")) else part):
        return False
    key = squash(part)
    found = [name for name in map(squash, names) if name and name in key]
    for name in found:
        key = key.replace(name, " ")
    rest = count_words(key)
    return (bool(found) and rest <= _SHORT // 2) or (
        rest <= _SHORT // 2 and bool(_DATE_LINE.search(part)) and len(part) < 60
    )


def _items(part: str) -> list[str]:
    """The items of a list; a paragraph is its own."""
    return part.removeprefix("- ").split("\n- ") if part.startswith("- ") else [part]


def _is_linked(part: str, links: set[str]) -> bool:
    """Whether a paragraph, or every item of a list, is a link to somewhere else (or the list's label)."""
    items = _items(part)
    found = [squash(item) in links and not _SENTENCE_END.search(item) for item in items]
    return any(found) and all(linked or item.endswith((":", "：")) for linked, item in zip(found, items, strict=True))


def _is_teaser(part: str) -> bool:
    return _LABELLED.match(part) is not None and count_words(part) <= 3 * _SHORT


def _link_texts(document: Document, wanted: set[str]) -> set[str]:
    """Of the wanted texts, those of links that are all there is in their paragraph or item."""
    found: set[str] = set()
    for element in document.tree.iter("a"):
        raw = element.text_content()
        # Most links of a page are no paragraph of its text: that is cheap to see before what is dear is done.
        if len(raw) > 2000 or (key := squash(shown := line(raw))) not in wanted:
            continue
        parent = element.getparent()
        if parent is not None and (
            parent.tag in ("div", "section", "aside", "article", "nav") or line(parent.text_content()) == shown
        ):
            found.add(key)
    return found
