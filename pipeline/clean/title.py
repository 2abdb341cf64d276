"""The headline and the standfirst: a vote among the places where a page gives its title."""

from __future__ import annotations

import re
from collections import defaultdict
from urllib.parse import urlsplit

from pipeline.clean import jsonld
from pipeline.clean.document import Document
from pipeline.clean.tidy import line, squash

_SEPARATOR = re.compile(r"\s+[|•·—–«»~:⁄/-]\s+|\s*[|｜_]\s*|\s+-+\s+|--|丨")
_STANDFIRST = (
    "//h2[contains(@class,'sub') or contains(@class,'dek') or contains(@class,'stand') or contains(@class,'lead')]"
    "|//*[self::p or self::div or self::h2 or self::h3 or self::span][contains(@class,'standfirst') or contains(@class,'subtitle')"
    " or contains(@class,'sub-title') or contains(@class,'subheadline') or contains(@class,'sub-headline') or contains(@class,'dek')"
    " or contains(@class,'article__lead') or contains(@class,'teaser__lead') or contains(@class,'summary') or contains(@class,'bajada')"
    " or contains(@class,'chapo') or contains(@class,'excerpt') or contains(@itemprop,'alternativeHeadline')]"
)
# How much a place is worth: publishers write the headline into JSON-LD and h1, a search or share text into the others.
_WEIGHTS = {"ld": 3.0, "h1": 3.2, "og": 2.0, "title": 1.6, "twitter": 1.0, "itemprop": 1.6}


def title(document: Document, hint: str | None = None) -> str | None:
    """The headline without the site's name, or None."""
    names = _site_names(document)
    votes: dict[str, float] = defaultdict(float)
    written: dict[str, str] = {}
    for place, raw in _candidates(document):
        found = _without_site(raw, names)
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
    best = max(order, key=lambda key: (votes[key] + sum(0.5 * votes[o] for o in order if o != key and (o in key or key in o)), -order.index(key)))
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


def _site_names(document: Document) -> set[str]:
    host = (urlsplit(document.url).hostname or "").removeprefix("www.")
    publisher = jsonld.text(jsonld.resolve(document.article.get("publisher"), document.nodes)) if document.article else ""
    sites = [jsonld.text(node.get("name")) for node in document.nodes if jsonld.types(node) & {"WebSite", "NewsMediaOrganization", "Organization"}]
    names = {squash(each) for each in [document.meta("og:site_name"), document.meta("application-name"), publisher, *sites, host]}
    names |= {squash(label) for label in host.split(".")[:-1]}
    return names - {""}


def _is_site(part: str, names: set[str]) -> bool:
    key = squash(part)
    tight = key.replace(" ", "")
    return bool(key) and any(tight == name.replace(" ", "") or (len(name) > 3 and name in key and len(key) < len(name) + 20) for name in names)


def _without_site(raw: str, names: set[str]) -> str:
    """The title without what stands for the site (and what follows it) at its end, or stands at its start."""
    cuts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(raw)]
    for start, end in cuts:
        if _is_site(raw[end:], names) or (_is_site(_first_part(raw[end:]), names) and start > len(raw) // 3):
            return raw[:start].strip() or raw
    if cuts and _is_site(raw[: cuts[0][0]], names) and "|" in raw[cuts[0][0] : cuts[0][1]]:
        return raw[cuts[0][1] :].strip() or raw
    return raw


def _first_part(text: str) -> str:
    match = _SEPARATOR.search(text)
    return text[: match.start()] if match else text


def subtitle(document: Document, headline: str | None, text: str) -> str | None:
    """The standfirst: the description the head gives, if a reader sees it too, else an element classed as one."""
    described = [document.meta("og:description", "description", "twitter:description")]
    if document.article:
        described += [jsonld.text(document.article.get(key)) for key in ("alternativeHeadline", "description", "abstract")]
    wanted = {squash(each): each for each in described if each}
    wanted.pop(squash(headline), None)
    first = [squash(part) for part in text.split("\n\n")[:2]]
    seen: list[str] = []
    for element in [*document.properties.get("alternativeHeadline", []), *document.tree.xpath(_STANDFIRST)][:8]:
        shown = line(element.get("content") or element.text_content())
        if not 15 <= len(shown) <= 500 or squash(shown) == squash(headline):
            continue
        if squash(shown) in wanted:
            return shown
        seen.append(shown)
    # A heading or paragraph beside the headline that says what the head says.
    for heading in document.headings:
        for element in heading.itersiblings():
            shown = line(element.text_content()) if isinstance(element.tag, str) else ""
            if shown and squash(shown) in wanted and len(shown) <= 500:
                return shown
    return next((each for each in seen if squash(each) not in first), None) if document.declares_article else None
