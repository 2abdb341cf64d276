"""The headline and the standfirst: a vote among the places where a page gives its title."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain, islice
from typing import Any

from pipeline.clean import jsonld
from pipeline.clean.document import Document
from pipeline.clean.marks import shown
from pipeline.clean.tidy import line, squash

_SEPARATOR = re.compile(r"\s+[|•·—–«»~:⁄/-]\s+|\s*[|｜ㅣ_]\s*|\s+-+\s+|--|丨")
# What stands behind a headline in the head of a page: a section or a place, after a mark.
_TAIL = re.compile(r"\s*[|｜ㅣ丨\[(（:：«»_–—-]\s*\S")
# A section glued to the headline, before the site's name.
_GLUED = re.compile(r"-([^\s-]{2,20})$")
_LONGEST_TAIL = 40
_SHORTEST_WHOLE = 15
# How much a place is worth: publishers write the headline into JSON-LD and h1, a search or share text into the others.
_WEIGHTS = {"ld": 3.0, "h1": 3.2, "og": 2.0, "title": 1.6, "twitter": 1.0, "itemprop": 1.6}


def title(document: Document, hint: str | None = None) -> str | None:
    """The headline without the site's name, or None."""
    votes: dict[str, float] = defaultdict(float)
    written: dict[str, str] = {}
    for place, found in _without_tails(_candidates(document), document):
        key = squash(found)
        if not key or key in document.site_names:
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
    headings = [text for h1 in document.headings if (text := shown(h1))]
    if len(headings) == 1:
        found.append(("h1", headings[0]))
    found.append(("og", document.meta("og:title")))
    found.append(("title", document.head_title))
    found.append(("twitter", document.meta("twitter:title", "parsely-title", "sailthru.title", "dc.title")))
    for element in document.properties.get("headline", [])[:1]:
        found.append(("itemprop", shown(element)))
    if len(headings) > 1:
        found.insert(0, ("h1", _best_known(headings, squash(" ".join(raw for _, raw in found)))))
    return [(place, raw) for place, raw in found if raw and len(raw) < 500]


def _best_known(headings: list[str], known: str) -> str:
    """Of several first headings the one that the head tells most of; banners and logos are told as well, but short."""
    return max(headings, key=lambda each: len(key) if (key := squash(each)) in known else 0)


def _without_tails(found: list[tuple[str, str]], document: Document) -> list[tuple[str, str]]:
    """The wordings without the site's name, nor what stands behind a wording that another place gives."""
    cut = [(place, _without_site(raw, document)) for place, raw in found]
    whole = [text for place, text in cut if place in ("ld", "h1", "itemprop", "og") and len(text) >= _SHORTEST_WHOLE]
    return [
        (
            place,
            next((each for each in whole if _is_tailed(text, each)), text)
            if place in ("og", "title", "twitter")
            else text,
        )
        for place, text in cut
    ]


def _is_tailed(text: str, whole: str) -> bool:
    """Whether a wording is another with a label behind it (`… - Politics`, `… [Miyazaki]`)."""
    return (
        len(whole) < len(text) <= len(whole) + _LONGEST_TAIL
        and text.startswith(whole)
        and bool(_TAIL.match(text, len(whole)))
    )


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
        head = raw[: cuts[kept][0]].strip()
        if (glued := _GLUED.search(head)) and squash(glued[1]) in document.linked:
            head = head[: glued.start()].strip()
        return head or raw
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
        said = line(element.get("content") or element.text_content())
        if not 15 <= len(said) <= 500 or squash(said) == squash(headline):
            continue
        if squash(said) in wanted:
            return said
        if classed is None and _is_beside_heading(element, document):
            classed = said
    # A heading or paragraph beside the headline that says what the head says.
    for heading in document.headings if wanted else ():
        for element in heading.itersiblings():
            raw = element.text_content() if isinstance(element.tag, str) else ""
            said = line(raw) if len(raw) < 2000 else ""
            if said and squash(said) in wanted and len(said) <= 500:
                return said
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
