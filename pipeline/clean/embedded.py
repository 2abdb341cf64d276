"""The article where a page has it in the data of a script only, and builds what is seen in the browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.clean.document import Document

_BEGINS = re.compile(r"(?:=|\bpush\(|\bparse\()\s*(?=[\[{\"])")
_HEAD = 400
_MARKUP = re.compile(r"<(?:p|br|div|h[2-4]|span)\b", re.I)
_LEAST = 200
_LARGEST = 4_000_000
_DEEPEST = 60


def embedded_html(document: Document) -> Iterator[Any]:
    """Trees of the longest pieces of HTML that scripts carry as JSON (`__NEXT_DATA__` and its kin), longest first."""
    from lxml import html

    found: dict[str, int] = {}
    for script in document.tree.iter("script"):
        text = script.text or ""
        if not _LEAST <= len(text) <= _LARGEST or "ld+json" in script.get("type", ""):
            continue
        starts = [0] if "json" in script.get("type", "") else [m.end() for m in _BEGINS.finditer(text, 0, _HEAD)][:4]
        for start in starts:
            for each in _strings(_decoded(text, start)):
                if len(each) >= _LEAST and _MARKUP.search(each):
                    found[each] = len(each)
    for each in sorted(found, key=lambda piece: -found[piece])[:3]:
        yield html.document_fromstring(f"<html><body>{each}</body></html>")


def _decoded(text: str, start: int) -> Any:
    """The JSON that begins there; None where it is none."""
    try:
        data, _ = json.JSONDecoder(strict=False).raw_decode(
            text, start + len(text[start:]) - len(text[start:].lstrip())
        )
        # JSON.parse("…"): JSON in a string.
        return json.loads(data) if isinstance(data, str) and data[:1] in "[{" else data
    except (ValueError, RecursionError):
        return None


def _strings(data: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif depth < _DEEPEST:
        inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
        for each in inner:
            yield from _strings(each, depth + 1)
