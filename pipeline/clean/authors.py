"""Who wrote it: names from JSON-LD, metas, microdata or the byline, cleaned and split."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml.etree import iterwalk

from pipeline.clean import jsonld
from pipeline.clean.agencies import TRAILING_AGENCY, agency
from pipeline.clean.document import Document
from pipeline.clean.marks import is_elsewhere
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
    "articleauthor",
    "article_author",
    "author_name",
    "byline",
]
_CREDIT = re.compile(r"^(?:photo|foto|bild|image|picture|credit|quelle|source|copyright|©|fotograf|photograph)", re.I)
_LONGEST_SIGNATURE = 40
_LONGEST_BYLINE = 200
_BREAKS = {"div", "p", "br", "li", "ul", "time", "h2", "h3", "h4", "section", "header"}
# Behind a name: when it was published, and the paper or agency (`Ann Bell Associated Press`).
_WHEN = re.compile(
    r"\s+(?:published|updated|posted|on\s|am\s\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\d).*$", re.I | re.S
)
# What is written small within names.
_PARTICLES = {
    *("al", "as", "at", "bin", "da", "das", "de", "dei", "del", "della", "den", "der", "di", "do", "dos", "du", "e"),
    *("el", "ibn", "la", "las", "le", "los", "of", "og", "ten", "ter", "und", "van", "von", "y", "zu", "zum", "zur"),
}  # fmt: skip
_BY = re.compile(
    r"^(?:(?:written|words|story|reported|report|reporting|compiled|text|edited)\s+by|text(?:\s+by)?\s*:|by|von|por|par|di|door|av|af|fra|"
    r"propos\s+recueillis\s+par|with|autor(?:es|in|ka|ia|zy)?|author|auteurs?|autore|texto(?:\s+de)?|redacción\s*:|redaksi|oleh|penulis|"
    r"reporter|haber|yazar|írta|szerző|teksti|tekst|tác\s+giả|szöveg|foto\s+e\s+testo\s+di|автор(?:ы)?|текст|фото\s+и\s+текст|"
    r"του|της|συντάκτης|מאת|נכתב על ידי|بقلم|كتبت?|إعداد|تحرير|المصدر|نویسنده|लेखक|โดย|"
    r"(?:本報|本报)?(?:記者|记者)|作者|撰稿|撰文|編輯|编辑|来源|來源|責任編輯|责任编辑|文|執筆)(?:\s*[:：|/-]\s*|\s+)",
    re.I,
)
_FOLLOWING_JOB = re.compile(
    r"(?<=[^\W\d_])\s*(?:(?:선임|인턴|수습|전문|객원)?(?:기자|특파원|논설위원|에디터|앵커)|記者|记者|特派員|編集委員|論説委員|特约记者)(?:\s*외(?:\s*\d+\s*[명인])?)?$"
)
_HONORIFIC = re.compile(
    r"^(?:(?:Dr|Prof|Mr|Mrs|Ms|Dra|Mag|Lic|Ing|Dipl\.?-\w+|PD|Rev)\.\s*|(?:Professor|Herr|Frau|Mr|Mrs|Ms|Dr|Prof)\s+)+(?=\S+\s+\S)"
)
_CONTACT = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+|(?<!\w)@\w+|\(\s*\)")
_BRACKET = re.compile(r"\s*[(\[（][^()\[\]（）]*[)\]）]")
_SPLIT = re.compile(r"\s*(?:[;|/•·、，،\n]|,(?!\s*(?:Jr|Sr|II|III)\b))\s*|\s+(?:and|und|et|&|و)\s+|\s+/\s+", re.I)
# These join names, and stand within names: only between names of two words.
_WEAK_SPLIT = re.compile(r"\s+(?:y|e|en|og|och|i|ve|met|with|avec|mit|con|com|и|та|і|και|ja|és|dan|và)\s+")
_JOB = re.compile(
    r"\b(?:editor|reporter|correspondent|writer|journalist|columnist|producer|contributor|freelancer?|fellow|professor|analyst|chief|"
    r"bureau|desk|staff|team|newsroom|photographer|redakteur(?:in)?|redaktion|korrespondent(?:in)?|journalistin|volontär(?:in)?|redactora?|periodista|"
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
    """Names of the authors, as the most trusted place gives them; the paper itself only where nobody else is named."""
    paper: list[str] = []
    for place in (_from_json_ld, _from_metas, _from_microdata, _from_byline, _from_date_line, _from_signature):
        people, others = place(document)
        names = clean_names([*people, *others])
        found = [name for name in names if not _is_paper(name, document)]
        if place is _from_byline or paper:
            # Where the head names the paper as author, only what can be a person's name is better.
            found = [name for name in found if _may_be_person(name) or agency(name)]
        if found:
            return found
        paper = paper or names
    return paper


def _is_paper(name: str, document: Document) -> bool:
    """Whether the name is the site's or its publisher's own."""
    return squash(name) in document.site_names


def _may_be_person(name: str) -> bool:
    """Two to five words and no sign of a site or a desk; names in other scripts than Latin may be one word."""
    words = name.split()
    if name.startswith("The ") or any(word.islower() and word not in _PARTICLES for word in words):
        return False
    if _JOB.search(name) or (any(mark in name for mark in ".:@/") and not re.search(r"\b\w{1,3}\.", name)):
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
        if any(not _is_paper(each, document) for each in clean_names(found)):
            return found, []
    return [], []


def _from_microdata(document: Document) -> tuple[list[str], list[str]]:
    people: list[str] = []
    for element in document.properties.get("author", []):
        if is_elsewhere(element):
            continue
        name = next(iter(element.xpath(".//*[contains(concat(' ',@itemprop,' '),' name ')]")), element)
        people.append(line(name.get("content") or name.text_content()))
    return [each for each in people if len(each) < 120], []


def _from_byline(document: Document) -> tuple[list[str], list[str]]:
    for element in document.marks.bylines[:40]:
        if is_elsewhere(element):
            continue
        links = [
            line(a.text_content())
            for a in element.iter("a")
            if re.search(r"author|autor|/by/|profile|people|staff|journalist|redakt", a.get("href", ""))
        ]
        for shown in (links, _shown_lines(element)):
            names = [each for each in shown if 1 < len(each) < 120 and not _CREDIT.match(each)]
            found: list[str] = []
            for each in names:
                # Of the lines after the first that names somebody, only an agency's: the others tell paper and place.
                is_first = not found or shown is links
                found += [name for name in clean_names([each]) if agency(name) or (is_first and _may_be_person(name))]
            if found:
                return found, []
    return [], []


def _shown_lines(element: Any) -> list[str]:
    """The element's text, broken where a browser breaks it (and at a date)."""
    parts: list[str] = []
    if len(element.text_content()) > _LONGEST_BYLINE:
        return parts
    for event, each in iterwalk(element, events=("start", "end")):
        if each.tag in _BREAKS:
            parts.append("\n")
        if event == "start":
            parts.append(each.text or "" if isinstance(each.tag, str) else "")
        elif each is not element:
            parts.append((" " if each.tag == "span" else "") + (each.tail or ""))
    return [shown for part in "".join(parts).split("\n") if (shown := line(part))]


def _from_date_line(document: Document) -> tuple[list[str], list[str]]:
    """A name that stands beside the date, without a class that says so."""
    for element in [*document.times[:3], *document.marks.dates[:6]]:
        if is_elsewhere(element):
            continue
        for beside in (element.getprevious(), element.getnext()):
            shown = line(beside.text_content()) if beside is not None and isinstance(beside.tag, str) else ""
            name = shown.strip(" |,–—-·•")
            if _is_written_as_name(name) and squash(name) not in document.linked:
                return [name], []
    return [], []


def _from_signature(document: Document) -> tuple[list[str], list[str]]:
    """A name that stands alone, in other type or at the margin, under the last paragraph."""
    before = 0
    signed: list[Any] = []
    for element in document.tree.iter("p"):
        raw = element.text_content()
        if len(raw) > _LONGEST_SIGNATURE:
            before = len(raw)
            # A name that more of the same text follows was a subheading, or the end of a letter.
            signed = [
                each
                for each in signed
                if len(raw) < 3 * _LONGEST_SIGNATURE or each.getparent() is not element.getparent()
            ]
        elif shown := line(raw):
            if before and _is_signature(element, shown) and not is_elsewhere(element):
                signed.append(element)
            before = 0
    return ([line(signed[0].text_content())] if len(signed) == 1 else []), []


def _is_signature(element: Any, shown: str) -> bool:
    if not _is_written_as_name(shown):
        return False
    if "right" in (element.get("style") or "") + (element.get("align") or ""):
        return True
    inner = element[0] if len(element) == 1 and not (element.text or "").strip() else None
    return inner is not None and inner.tag in ("strong", "b", "em", "i") and line(inner.text_content()) == shown


def _is_written_as_name(shown: str) -> bool:
    """Two to four words with capitals of a script that has them, and nothing else."""
    words = shown.split()
    return (
        2 <= len(words) <= 4
        and len(shown) <= _LONGEST_SIGNATURE
        and all(word[0].isupper() or word in _PARTICLES for word in words)
        and all(mark.isalpha() or mark in " .'’-" for mark in shown)
        and not shown.isupper()
        and _may_be_person(shown)
    )


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
    text = TRAILING_AGENCY.sub(r", \1", _WHEN.sub("", text))
    if whole := agency(text):
        return [text if len(text) > len(whole) else whole]
    parts: list[str] = []
    for part in _SPLIT.split(text):
        halves = [half.strip() for half in _WEAK_SPLIT.split(part)]
        joined = len(halves) > 1 and all(" " in half or agency(half) for half in halves)
        parts.extend(halves if joined else [part])
    names = [_bare(part) for part in parts]
    names = [name for name in names if 1 < len(name) <= 60 and any(letter.isalpha() for letter in name)]
    names = [name for name in names if not _NOT_A_NAME.search(name) and len(name.split()) <= 6]
    people = [name for name in names if not _JOB.search(name)]
    # "Staff reporter" is all some papers tell.
    return people or names[:1]


def _bare(part: str) -> str:
    """A name without what stands around it: `By`, a form of address, a trade."""
    name = _BY.sub("", part.strip(" .,:;-–—|()\"'*")).strip()
    name = _HONORIFIC.sub("", _FOLLOWING_JOB.sub("", name).strip()) or name
    words = name.split()
    if len(words) > 1 and name.isupper() and not agency(name):
        # Set in capitals: a matter of layout. Two letters may be initials.
        return " ".join(each if len(each) < 3 else each.title() for each in words)
    return name
