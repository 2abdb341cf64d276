"""What else the page says of the article: section, keywords, lead image, rights."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from pipeline.clean import jsonld
from pipeline.clean.document import Document
from pipeline.clean.tidy import line, squash

_LICENCE_ADDRESS = re.compile(r"creativecommons\.org/(?:licenses|publicdomain)/([a-z+-]+)(?:/(\d\.\d))?", re.I)
_RESERVED = ("noai", "noimageai", "noarchive", "nosnippet")
_HOME = {"home", "homepage", "start", "startseite", "inicio", "accueil", "portada", "news", "首页", "الرئيسية", ""}


def section(document: Document, headline: str | None = None) -> str | None:
    """The publisher's section."""
    if document.article and (named := jsonld.texts(document.article.get("articleSection"))):
        return named[0][:100]
    if named_in_meta := document.meta(
        "article:section", "og:article:section", "section", "parsely-section", "cxenseparse:section"
    ):
        return named_in_meta[:100]
    for element in document.properties.get("articleSection", []):
        if shown := line(element.get("content") or element.text_content()):
            return shown[:100]
    return _crumb(document, headline) or _kicker(document) or _from_menu(document)


def _is_home(name: str, document: Document) -> bool:
    """Whether a step of a path leads to the front page: a word for it, or the site's name."""
    key = squash(name)
    return key in _HOME or key.replace(" ", "") in {each.replace(" ", "") for each in document.site_names}


def _crumb(document: Document, headline: str | None) -> str | None:
    for node in document.nodes:
        if "BreadcrumbList" not in jsonld.types(node) or not isinstance(node.get("itemListElement"), list):
            continue
        steps = [
            jsonld.text(each.get("name")) or jsonld.text(each.get("item"))
            for each in node["itemListElement"]
            if isinstance(each, dict)
        ]
        for name in steps:
            if not _is_home(name, document) and squash(name) != squash(headline) and not name.startswith("http"):
                return name[:100]
    for box in document.marks.crumbs[:3]:
        for name in re.split(r"\s*[>›»/|\n]\s*", "\n".join(box.itertext())):
            if (
                1 < len(name := line(name)) <= 40
                and squash(name) not in _HOME | document.site_names
                and squash(name) != squash(headline)
            ):
                return name
    return None


def _kicker(document: Document) -> str | None:
    """The words above the headline, where the page's menu has them as well."""
    before = [element for h1 in document.headings[:1] for element in h1.itersiblings(preceding=True)]
    shown = [line(element.text_content()) for element in before[:2] if isinstance(element.tag, str)]
    if not any(shown):
        return None
    known = document.linked - document.site_names
    return next((each for each in shown if squash(each) in known and len(each) <= 40), None)


def _from_menu(document: Document) -> str | None:
    """The name under which the page links to the first folder of its own address."""
    folders = (
        [each for each in urlsplit(document.url).path.split("/") if each] if document.url.startswith("http") else []
    )
    if len(folders) < 2:
        return None
    for element in document.marks.anchors:
        if folders[0] not in (href := element.get("href") or ""):
            continue
        try:
            target = urlsplit(urljoin(document.url, href))
        except ValueError:
            continue
        if target.path.strip("/") == folders[0] and not target.query and (shown := line(element.text_content())):
            return shown if len(shown) <= 40 and squash(shown) not in _HOME else None
    return None


def keywords(document: Document) -> list[str]:
    """The publisher's keywords, each once."""
    raw: list[str] = []
    if document.article:
        raw = jsonld.texts(document.article.get("keywords"))
    raw = (
        raw
        or document.metas.get("news_keywords", [])
        or document.metas.get("article:tag", [])
        or document.metas.get("keywords", [])
    )
    if len(raw) == 1:
        raw = re.split(r"\s*[,;，、]\s*", raw[0])
    found: dict[str, str] = {}
    for each in raw:
        if (key := squash(each)) and len(each) <= 100:
            found.setdefault(key, line(each))
    return list(found.values())[:50]


def image_url(document: Document) -> str | None:
    """The lead image's address."""
    value = document.article.get("image") if document.article else None
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
    for raw in (
        document.meta("og:image", "og:image:url", "og:image:secure_url"),
        value,
        document.meta("twitter:image", "twitter:image:src"),
    ):
        if isinstance(raw, str) and raw.strip() and not raw.startswith(("data:", "#")):
            try:
                url = urljoin(document.url, raw.strip())
                if urlsplit(url).scheme in ("http", "https"):
                    return url
            except ValueError:
                continue
    return None


def rights(document: Document) -> str | None:
    """The licence or reservation the page carries, several joined by `; `."""
    found: list[str] = []
    if document.article:
        found += jsonld.texts(document.article.get("license"))[:1]
        found += jsonld.texts(document.article.get("copyrightNotice"))[:1]
    found += document.links.get("license", [])[:1]
    if not found:
        found += document.marks.licences[:1]
    found = [
        f"CC {match[1].upper()} {match[2] or ''}".strip() if (match := _LICENCE_ADDRESS.search(each)) else each
        for each in found
    ]
    found += list(document.metas.get("dcterms.rights", [])[:1] or document.metas.get("copyright", [])[:1])
    robots = ",".join(document.metas.get("robots", [])).casefold().replace(" ", "").split(",")
    found += [f"robots: {each}" for each in robots if each in _RESERVED]
    if document.meta("tdm-reservation") == "1":
        found.append("tdm-reservation: 1")
        if policy := document.meta("tdm-policy"):
            found.append(f"tdm-policy: {policy}")
    return joined("; ".join(line(each)[:300] for each in found if each))


def joined(*said: str | None) -> str | None:
    """Rights from several places, those of the page before those of the answer: each once, joined by `; `."""
    found: dict[str, str] = {}
    for part in (line(part) for each in said for part in (each or "").split("; ")):
        if part:
            found.setdefault(part.casefold(), part)
    return "; ".join(found.values()) or None
