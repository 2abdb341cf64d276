"""The headline and the standfirst: a vote among the places where a page gives its title."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain, islice
from typing import Any

from pipeline.clean import jsonld
from pipeline.clean.document import Document
from pipeline.clean.tidy import line, squash

_SEPARATOR = re.compile(r"\s+[|•·—–«»~:⁄/-]\s+|\s*[|｜_]\s*|\s+-+\s+|--|丨")
# How much a place is worth: publishers write the headline into JSON-LD and h1, a search or share text into the others.
_WEIGHTS = {"ld": 3.0, "h1": 3.2, "og": 2.0, "title": 1.6, "twitter": 1.0, "itemprop": 1.6}


def title(document: Document, hint: str | None = None) -> str | None:
    """The headline without the site's name, or None."""
    names = document.site_names
    votes: dict[str, float] = defaultdict(float)
    written: dict[str, str] = {}
    for place, raw in _candidates(document):
        found = _without_site(raw, document)
        key = squash(found)
        if not key or key in names:
            continue
        votes[key] += _WEIGHTS[place]
        # The first to give a wording is the most trusted place for its spelling.
        written.setdefault(key, found)
    if not votes:
        return line(hint) or None
    # A headline that others give in full supports the longer wording half: cut share titles must not win.
    order = list(votes)
    best = max(
        order,
        key=lambda key: (
            votes[key] + sum(0.5 * votes[o] for o in order if o != key and (o in key or key in o)),
            -order.index(key),
        ),
    )
    return written[best]


def _candidates(document: Document) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if document.article:
        found.append(("ld", jsonld.text(document.article.get("headline")) or jsonld.text(document.article.get("name"))))
    shown = [text for h1 in document.headings if (text := line(h1.text_content()))]
    if len(shown) == 1:
        found.append(("h1", shown[0]))
    found.append(("og", document.meta("og:title")))
    found.append(("title", document.head_title))
    found.append(("twitter", document.meta("twitter:title", "parsely-title", "sailthru.title", "dc.title")))
    for element in document.properties.get("headline", [])[:1]:
        found.append(("itemprop", line(element.get("content") or element.text_content())))
    if len(shown) > 1:
        # Several: the one that the head knows, else the first.
        known = squash(" ".join(raw for _, raw in found))
        found.insert(0, ("h1", next((text for text in shown if squash(text) in known), shown[0])))
    return [(place, raw) for place, raw in found if raw and len(raw) < 500]


def _is_site(part: str, names: set[str]) -> bool:
    """Whether the words name the site, with a word or two beside the name (`News`, a place)."""
    key = squash(part)
    tight = key.replace(" ", "")
    return bool(key) and any(
        tight == name.replace(" ", "") or (len(name) > 3 and name in key and len(key) <= len(name) + 10)
        for name in names
    )


def _without_site(raw: str, document: Document) -> str:
    """The title without the site's name at its end or start, and without a section of the menu beside the name."""
    names = document.site_names
    cuts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(raw)]
    stops = [start for start, _ in cuts[1:]] + [len(raw)]
    parts = [raw[after:stop] for (_, after), stop in zip(cuts, stops, strict=False)]
    kept = len(cuts)
    while kept:
        part = parts[kept - 1]
        beside_site = kept < len(cuts) or (kept > 1 and _is_site(parts[kept - 2], names))
        if not _is_site(part, names) and not (beside_site and len(part) <= 30 and squash(part) in document.linked):
            break
        kept -= 1
    if kept < len(cuts):
        return raw[: cuts[kept][0]].strip() or raw
    if cuts and "|" in raw[cuts[0][0] : cuts[0][1]] and _is_site(raw[: cuts[0][0]], names):
        return raw[cuts[0][1] :].strip() or raw
    return raw


def subtitle(document: Document, headline: str | None) -> str | None:
    """The standfirst: the description the head gives, if a reader sees it too, else an element classed as one."""
    described = [document.meta("og:description", "description", "twitter:description")]
    if document.article:
        described += [
            jsonld.text(document.article.get(key)) for key in ("alternativeHeadline", "description", "abstract")
        ]
    wanted = {squash(each) for each in described} - {"", squash(headline)}
    classed: str | None = None
    for element in islice(chain(document.properties.get("alternativeHeadline", ()), document.marks.standfirsts), 12):
        shown = line(element.get("content") or element.text_content())
        if not 15 <= len(shown) <= 500 or squash(shown) == squash(headline):
            continue
        if squash(shown) in wanted:
            return shown
        if classed is None and _is_beside_heading(element, document):
            classed = shown
    # A heading or paragraph beside the headline that says what the head says.
    for heading in document.headings if wanted else ():
        for element in heading.itersiblings():
            raw = element.text_content() if isinstance(element.tag, str) else ""
            shown = line(raw) if len(raw) < 2000 else ""
            if shown and squash(shown) in wanted and len(shown) <= 500:
                return shown
    return classed


def _is_beside_heading(element: Any, document: Document) -> bool:
    """Whether the element stands in the box of the headline, or in the next larger one."""
    boxes = {
        box
        for heading in document.headings[:2]
        for box in (heading.getparent(), heading.getparent().getparent())
        if box is not None
    }
    return any(up in boxes for up in (element.getparent(), element.getparent().getparent()) if up is not None)
