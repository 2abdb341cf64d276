"""Ingested rows: a JSON object with url, title, text, published_at and the like, archived as `application/json`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.clean.authors import clean_names
from pipeline.clean.plain_text import paragraphs
from pipeline.clean.tidy import line

_TEXT = ("text", "body", "content", "article", "maintext", "full_text")
_TITLE = ("title", "headline")
_MARKUP = re.compile(r"</?(?:p|br|div|h[1-6]|a|ul|li|b|i|strong|em|span)\b[^>]*>", re.I)


@dataclass(kw_only=True)
class Row:
    """A row as read."""

    text: str
    title: str | None = None
    subtitle: str | None = None
    authors: list[str] = field(default_factory=list)
    published: object = None
    """As written."""
    modified: object = None
    language: str | None = None
    section: str | None = None
    keywords: list[str] = field(default_factory=list)
    image_url: str | None = None
    rights: str | None = None


def read_row(body: bytes) -> Row | None:
    """The row, or None where the bytes are no JSON object with a text or a title."""
    try:
        data = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not any(isinstance(data.get(name), str) for name in (*_TEXT, *_TITLE)):
        return None
    return Row(
        text="\n\n".join(paragraphs(_without_markup(str(_first(data, *_TEXT) or "")))),
        title=line(_first(data, *_TITLE)) or None,
        subtitle=line(_first(data, "subtitle", "standfirst")) or None,
        authors=clean_names(_strings(_first(data, "authors", "author", "byline"))),
        published=_first(data, "published_at", "published", "date", "publish_date", "date_published", "pub_date"),
        modified=_first(data, "modified_at", "updated_at"),
        language=line(_first(data, "language", "lang")) or None,
        section=line(_first(data, "section", "category")) or None,
        keywords=_strings(_first(data, "keywords", "tags")),
        image_url=line(_first(data, "image_url", "image", "top_image")) or None,
        rights=line(_first(data, "rights", "license", "licence")) or None,
    )


def _first(data: Mapping[str, Any], *names: str) -> Any:
    return next((data[name] for name in names if data.get(name) not in (None, "", [])), None)


def _strings(value: Any) -> list[str]:
    """The strings of a list, or of a text that separates them by commas or semicolons, or writes a list."""
    if isinstance(value, str):
        if value.startswith("[") and value.endswith("]"):
            value = re.findall(r"'([^']*)'|\"([^\"]*)\"", value)
            value = [one or other for one, other in value]
        else:
            value = re.split(r"\s*[,;]\s*", value)
    return [tidied for each in value if (tidied := line(each))] if isinstance(value, list) else []


def _without_markup(text: str) -> str:
    if not _MARKUP.search(text):
        return text
    from lxml import html

    broken = re.sub(r"(?i)</(?:p|div|h[1-6]|li|ul)>|<br\s*/?>\s*<br\s*/?>", "\n\n", text)
    tree = html.fromstring(f"<div>{broken}</div>")
    return str(tree.text_content())
