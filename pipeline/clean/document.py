"""A page opened: decoded and parsed once, its head read in one walk. Everything else in clean reads this."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from pipeline.clean import jsonld, marks
from pipeline.clean.decoding import decode
from pipeline.clean.tidy import line, squash

# Text that no reader sees, or that is no part of what is said.
_UNSEEN = {"script", "style", "template", "svg", "head", "title", "option", "iframe", "textarea"}
_MARKUP = re.compile(r"<\s*(?:!doctype|html|head|body|article|section|div|p|h1|meta|title|span|main|table|br)\b", re.I)

_LARGEST = 16_000_000
_MOST_ATTRIBUTES = 2000
_LONG_TAG = 10_000

# Bytes that no text has: control characters other than white space and the escape of ISO-2022.
_CONTROLS = bytes(byte for byte in range(32) if not 9 <= byte <= 13 and byte != 27)


@dataclass(kw_only=True)
class Document:
    """A parsed page."""

    url: str
    """The address that answered, or a urn."""
    tree: Any
    markup: str = ""
    """What the tree was parsed from: to see at once whether a walk for something is worth while."""
    metas: dict[str, list[str]] = field(default_factory=dict)
    """Contents of meta elements, by name or property in lower case."""
    links: dict[str, list[str]] = field(default_factory=dict)
    """Addresses of link elements, by relation in lower case."""
    nodes: list[jsonld.Node] = field(default_factory=list)
    article: jsonld.Node | None = None
    """The JSON-LD node that describes the article."""
    headings: list[Any] = field(default_factory=list)
    """The h1 elements."""
    times: list[Any] = field(default_factory=list)
    """The time elements."""
    head_title: str = ""
    """The title element."""
    declared_language: str | None = None

    def meta(self, *names: str) -> str:
        """The first content of the first of these metas that has one."""
        return next((content for name in names for content in self.metas.get(name, ()) if content), "")

    @cached_property
    def marks(self) -> marks.Marks:
        """The elements that say what they are. To be asked for before the tree is changed."""
        return marks.read(self.tree)

    @property
    def properties(self) -> dict[str, list[Any]]:
        """Elements with an itemprop, by property."""
        return self.marks.properties

    @cached_property
    def types(self) -> set[str]:
        """Every type the page declares, in JSON-LD or microdata."""
        return {each for node in self.nodes for each in jsonld.types(node)} | self.marks.types

    @cached_property
    def linked(self) -> set[str]:
        """The words of all links, squashed."""
        return {squash(line(element.text_content())) for element in self.marks.anchors} - {""}

    @cached_property
    def site_names(self) -> set[str]:
        """Names of the site and its publisher, squashed; the host and its labels among them."""
        host = (urlsplit(self.url).hostname or "").removeprefix("www.")
        names = {squash(label) for label in (host, *host.split(".")[:-1])}
        names |= {squash(self.meta(name)) for name in ("og:site_name", "application-name")}
        if self.article:
            names.add(squash(jsonld.text(jsonld.resolve(self.article.get("publisher"), self.nodes))))
        sites = {"WebSite", "Organization", "NewsMediaOrganization"}
        names |= {squash(jsonld.text(node.get("name"))) for node in self.nodes if jsonld.types(node) & sites}
        return names - {""}

    @cached_property
    def visible(self) -> str:
        """All that a reader sees, menus and footers included, on one line. Costs a walk: asked for in doubt only."""
        return line(" ".join(_seen(self.tree)))

    @cached_property
    def declares_article(self) -> bool:
        """Whether the page says that it is one article."""
        return (
            self.article is not None
            or self.meta("og:type").casefold() in ("article", "news", "newsarticle", "og:article")
            or bool(self.meta("article:published_time"))
        )


def _seen(element: Any) -> list[str]:
    found: list[str] = []
    stack = [element]
    while stack:
        each = stack.pop()
        if isinstance(each, str):
            found.append(each)
            continue
        if each.tail:
            stack.append(each.tail)
        if not isinstance(each.tag, str) or each.tag in _UNSEEN:
            continue
        stack.extend(reversed(each))
        if each.text:
            found.append(each.text)
    return found


def looks_like_html(body: bytes) -> bool:
    """Whether bytes of no or a wrong declared type are HTML."""
    return _MARKUP.search(body[:2048].decode("latin-1")) is not None


def is_binary(body: bytes) -> bool:
    """Whether bytes are no text in any charset of the web (UTF-16 has its mark)."""
    start = body[:4096]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return len(start) - len(start.translate(None, _CONTROLS)) > len(start) // 50


class Unreadable(Exception):
    """The bytes cannot be opened as a page; the message says why."""


def _long_tags(text: str) -> Iterator[str]:
    """What may be tags of so many characters: by splitting, a tenth of the time that a pattern takes."""
    for piece in text.split(">"):
        if len(piece) > _LONG_TAG and len(tag := piece[piece.rfind("<") :]) > _LONG_TAG and tag[1].isalpha():
            yield tag


def open_html(body: bytes, charset: str | None, url: str) -> Document:
    """The document. Raises Unreadable where the bytes are no HTML, or more than a page can be."""
    from lxml import etree, html

    if len(body) > _LARGEST:
        raise Unreadable(f"{len(body):,} bytes are more than the {_LARGEST:,} that a page may have")
    text = decode(body, charset).lstrip("\ufeff \n\r\t")
    # libxml2 compares each attribute of an element with all before it: 100,000 of them would take a minute.
    if any(tag.count("=") > _MOST_ATTRIBUTES for tag in _long_tags(text)):
        raise Unreadable(f"an element has more than {_MOST_ATTRIBUTES:,} attributes")
    if not _MARKUP.search(text, 0, 2048):
        text = f"<html><body>{text}</body></html>"
    # Bytes, since lxml refuses a str that declares an encoding; comments and instructions are of no use to anybody.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise Unreadable(f"the bytes could not be parsed as HTML: {line(str(error))[:100]}") from error
    return _read_head(Document(url=url, tree=tree, markup=text))


def _read_head(document: Document) -> Document:
    scripts: list[str] = []
    for element in document.tree.iter("meta", "link", "script", "title", "h1", "time"):
        match element.tag:
            case "meta":
                name = element.get("property") or element.get("name") or element.get("http-equiv")
                content = line(element.get("content"))
                if name and content:
                    document.metas.setdefault(name.strip().casefold(), []).append(content)
            case "link":
                for relation in element.get("rel", "").casefold().split():
                    if href := (element.get("href") or "").strip():
                        document.links.setdefault(relation, []).append(href)
            case "script":
                if element.text and "ld+json" in element.get("type", ""):
                    scripts.append(element.text)
            case "title":
                # An svg has a title, too.
                if not document.head_title and (parent := element.getparent()) is not None and parent.tag != "svg":
                    document.head_title = line(element.text_content())
            case "h1":
                document.headings.append(element)
            case "time":
                document.times.append(element)
    document.nodes = jsonld.load(scripts)
    document.article = jsonld.article(document.nodes, document.meta("og:title") or document.head_title)
    document.declared_language = (
        document.tree.get("lang")
        or document.tree.get("xml:lang")
        or document.meta("content-language", "og:locale", "language", "dc.language", "inlanguage")
        or None
    )
    return document
