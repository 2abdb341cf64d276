"""Who wrote it: names from JSON-LD, metas, microdata or the byline, cleaned and split."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.clean import jsonld
from pipeline.clean.document import Document
from pipeline.clean.tidy import line, squash

_METAS = [
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
    "citation_author",
    "og:article:author",
    "og:author",
    "authors",
    "dc:creator",
    "creator",
    "article:author_name",
    "cxenseparse:author",
]
_CLASSES = "author Author byline Byline autor firma auteur writer"
_BYLINE = "|".join(
    (
        "//*[contains(concat(' ',@rel,' '),' author ')]",
        "//*[@class][{}]".format(" or ".join(f"contains(@class,'{name}')" for name in _CLASSES.split())),
        "//*[contains(concat(' ',@class,' '),' by ') or contains(@data-testid,'byline')]",
        "//*[@id='author' or @id='authors']",
        "//a[contains(@href,'/author/') or contains(@href,'/authors/') or contains(@href,'/autor')]",
    )
)
_ASIDE = {"aside", "footer", "nav", "form"}
_BY = re.compile(
    r"^(?:written\s+by|words\s+by|story\s+by|reported\s+by|report\s+by|text(?:\s+by)?\s*:|by|von|por|par|di|door|av|af|autor(?:es|in)?|"
    r"author|auteurs?|autore|texto|redacción\s*:|بقلم|كتب|记者|作者|文|撰文|責任編輯|责任编辑)(?:\s*[:：|/]\s*|\s+)",
    re.I,
)
_CONTACT = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+|(?<!\w)@\w+|\(\s*\)")
_BRACKET = re.compile(r"\s*[(\[（][^()\[\]（）]*[)\]）]")
_SPLIT = re.compile(r"\s*(?:[;|/•·、，،\n]|,(?!\s*(?:Jr|Sr|II|III)\b))\s*|\s+(?:and|und|et|&|و)\s+|\s+/\s+", re.I)
# These join names, and stand within names: only between names of two words.
_WEAK_SPLIT = re.compile(r"\s+(?:y|e|en|og|och|i|ve|met|with)\s+")
_JOB = re.compile(
    r"\b(?:editor|reporter|correspondent|writer|journalist|columnist|producer|contributor|freelancer?|fellow|professor|analyst|chief|"
    r"bureau|desk|staff|photographer|redakteur(?:in)?|redaktion|korrespondent(?:in)?|journalistin|volontär(?:in)?|redactora?|periodista|"
    r"corresponsal|rédact(?:eur|rice)|journaliste|correspondante?|envoyée?\s+spéciale?|redattore|giornalista|verslaggever|redacteur)\b",
    re.I,
)
_NOT_A_NAME = re.compile(
    r"\b(?:fotos?|photos?|images?|bild|picture|credit|quelle|source|subscribe|follow|updated?|published|posted|share|"
    r"comments?|read|view|all posts|more|min|minutes?|uhr|am|pm|\d{4}|\d+:\d+|january|february|march|april|june|july|"
    r"august|september|october|november|december|twitter|facebook|newsletter|copyright)\b",
    re.I,
)
_PLACEHOLDERS = {
    "admin",
    "administrator",
    "author",
    "user",
    "root",
    "webmaster",
    "editor",
    "null",
    "none",
    "undefined",
    "unknown",
    "n a",
    "guest",
    "wordpress",
}


def authors(document: Document) -> list[str]:
    """Names of the authors, as the most trusted place gives them; an organisation only where no person is named."""
    organisations: list[str] = []
    for place in (_from_json_ld, _from_metas, _from_microdata, _from_byline):
        people, others = place(document)
        names = [name for name in clean_names(people) if squash(name) not in document.site_names]
        if place is _from_byline or organisations:
            # Where the head names the paper as author, only what can be a person's name is better.
            names = [name for name in names if _may_be_person(name)]
        if names:
            return names
        organisations = organisations or clean_names([*people, *others])
    return organisations


def _may_be_person(name: str) -> bool:
    """Two to five words and no sign of a site; names in other scripts than Latin may be one word."""
    words = name.split()
    if any(mark in name for mark in ".:@/") and not re.search(r"\b\w{1,3}\.", name):
        return False
    return 2 <= len(words) <= 5 if name[0] < "\u0250" else True


def _from_json_ld(document: Document) -> tuple[list[str], list[str]]:
    people: list[str] = []
    others: list[str] = []
    node = document.article
    if node is None:
        return people, others
    for key in ("author", "creator"):
        value = jsonld.resolve(node.get(key), document.nodes)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                names = jsonld.texts(each.get("name"))
                names = names or [
                    " ".join(filter(None, (jsonld.text(each.get("givenName")), jsonld.text(each.get("familyName")))))
                ]
                (others if "Organization" in " ".join(jsonld.types(each)) else people).extend(filter(None, names))
            elif isinstance(each, str):
                people.append(each)
        if people or others:
            break
    return people, others


def _from_metas(document: Document) -> tuple[list[str], list[str]]:
    for name in _METAS:
        found = [
            content for content in document.metas.get(name, ()) if not content.startswith(("http:", "https:", "/", "@"))
        ]
        if found and clean_names(found):
            return found, []
    return [], []


def _from_microdata(document: Document) -> tuple[list[str], list[str]]:
    people: list[str] = []
    for element in document.properties.get("author", []):
        if _in_aside(element):
            continue
        name = next(iter(element.xpath(".//*[contains(concat(' ',@itemprop,' '),' name ')]")), element)
        people.append(line(name.get("content") or name.text_content()))
    return [each for each in people if len(each) < 120], []


def _from_byline(document: Document) -> tuple[list[str], list[str]]:
    for element in document.tree.xpath(_BYLINE)[:40]:
        if _in_aside(element):
            continue
        links = [
            line(a.text_content())
            for a in element.iter("a")
            if re.search(r"author|autor|/by/|profile|people|staff|journalist|redakt", a.get("href", ""))
        ]
        for shown in (links, [line(" ".join(element.itertext()))]):
            names = [each for each in shown if 3 < len(each) < 120]
            if names and clean_names(names):
                return names, []
    return [], []


def _in_aside(element: object) -> bool:
    return any(each.tag in _ASIDE for each in element.iterancestors())  # type: ignore[attr-defined]


def clean_names(raw: Iterable[str]) -> list[str]:
    """Names out of bylines: without `By`, jobs, addresses and duplicates; split where several stand in one."""
    result: list[str] = []
    seen: set[str] = set()
    for each in raw:
        for name in _split(line(each)):
            key = squash(name)
            if key and key not in seen and key not in _PLACEHOLDERS:
                seen.add(key)
                result.append(name)
    return result


def _split(text: str) -> list[str]:
    text = _BRACKET.sub(" ", text)
    text = _BY.sub("", _CONTACT.sub(" ", text).strip(" ,;|-–—•·"))
    parts: list[str] = []
    for part in _SPLIT.split(text):
        halves = _WEAK_SPLIT.split(part)
        parts.extend(halves if len(halves) > 1 and all(" " in half.strip() for half in halves) else [part])
    names = [_BY.sub("", part.strip(" .,:;-–—|()\"'")).strip() for part in parts]
    names = [name for name in names if 1 < len(name) <= 60 and any(letter.isalpha() for letter in name)]
    names = [name for name in names if not _NOT_A_NAME.search(name) and len(name.split()) <= 6]
    people = [name for name in names if not _JOB.search(name)]
    # "Staff reporter" is all some papers tell.
    return people or names[:1]
