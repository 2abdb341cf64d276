"""JSON-LD: what the page says of itself to machines, and which of its nodes is the article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.clean.tidy import line, squash

Node = dict[str, Any]

ARTICLE_TYPES = {
    "Article",
    "NewsArticle",
    "ReportageNewsArticle",
    "AnalysisNewsArticle",
    "AskPublicNewsArticle",
    "BackgroundNewsArticle",
    "OpinionNewsArticle",
    "ReviewNewsArticle",
    "AdvertiserContentArticle",
    "SatiricalArticle",
    "BlogPosting",
    "LiveBlogPosting",
    "SocialMediaPosting",
    "TechArticle",
    "ScholarlyArticle",
    "Report",
    "PressRelease",
    "Review",
    "CriticReview",
}
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_WRAPPING = re.compile(r"^\s*(?:<!\[CDATA\[|<!--|//\s*<!\[CDATA\[)|(?:\]\]>|-->|//\s*\]\]>|;)\s*$")


def types(node: Node) -> set[str]:
    """The node's types, without their vocabulary's address."""
    found = node.get("@type")
    return {str(each).rsplit("/", 1)[-1] for each in (found if isinstance(found, list) else [found]) if each}


def load(scripts: Iterable[str]) -> list[Node]:
    """The top nodes of all scripts, `@graph` and `mainEntity` opened; what is no JSON is passed over."""
    nodes: list[Node] = []
    for script in scripts:
        text = _WRAPPING.sub("", script)
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            try:
                data = json.loads(_TRAILING_COMMA.sub(r"\1", " ".join(text.split())), strict=False)
            except (ValueError, RecursionError):
                continue
        nodes.extend(_top(data))
    return nodes


def _top(data: Any, depth: int = 0) -> Iterator[Node]:
    if isinstance(data, list):
        for each in data if depth < 8 else ():
            yield from _top(each, depth + 1)
    elif isinstance(data, dict):
        if "@type" in data:
            yield data
        if depth < 4:
            for key in ("@graph", "mainEntity", "mainEntityOfPage"):
                if isinstance(data.get(key), (dict, list)):
                    yield from _top(data[key], depth + 1)


def article(nodes: list[Node], title: str = "") -> Node | None:
    """The node that describes the page's article; None where none does, or where many articles are listed."""
    found = [node for node in nodes if types(node) & ARTICLE_TYPES]
    if len(found) <= 1:
        return found[0] if found else None
    wanted = squash(title)
    named = [
        node
        for node in found
        if (head := squash(text(node.get("headline")) or text(node.get("name"))))
        and wanted
        and (head in wanted or wanted in head)
    ]
    headlines = {squash(text(node.get("headline"))) for node in found} - {""}
    if not named and len(headlines) > 2:
        return None
    return max(
        named or found,
        key=lambda node: sum(key in node for key in ("headline", "datePublished", "author", "articleBody")),
    )


def resolve(value: Any, nodes: list[Node]) -> Any:
    """A value with its `{"@id": …}` replaced by the node of that id."""
    if isinstance(value, list):
        return [resolve(each, nodes) for each in value]
    if isinstance(value, dict) and "@id" in value and not value.get("name"):
        return next((node for node in nodes if node.get("@id") == value["@id"] and node.get("name")), value)
    return value


def text(value: Any, depth: int = 0) -> str:
    """The first text of a value: of a string, a list, or an object's name, value or address."""
    if isinstance(value, str):
        return line(value)
    if depth > 8:
        return ""
    if isinstance(value, list):
        return next((found for each in value if (found := text(each, depth + 1))), "")
    if isinstance(value, dict):
        return next(
            (
                found
                for key in ("name", "@value", "url", "contentUrl", "@id")
                if (found := text(value.get(key), depth + 1))
            ),
            "",
        )
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def texts(value: Any) -> list[str]:
    """Every text of a value, in order; lists within lists are opened once."""
    each = (
        [inner for outer in value for inner in (outer if isinstance(outer, list) else [outer])]
        if isinstance(value, list)
        else [value]
    )
    return [found for one in each if (found := text(one))]


def is_false(value: Any) -> bool:
    """Whether a value says no."""
    return value is False or (isinstance(value, str) and value.strip().rsplit("/", 1)[-1].casefold() == "false")


def number(value: Any) -> float:
    """A number, or 0 where it is none."""
    try:
        return float(value) if isinstance(value, (int, float, str)) else 0.0
    except (ValueError, OverflowError):
        return 0.0
