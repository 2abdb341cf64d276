"""What stands above the body: the headline again, and who wrote it when, are no part of it; the standfirst is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.clean.tidy import count_words, squash

_SENTENCE_END = re.compile(r"[.!?。！？؟۔][\"'”’»)\]」』]*$")
_DATE_LINE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[:.]\d\d\b")
_FEW = 7


def without_furniture(text: str, headline: str | None, names: Sequence[str] = ()) -> str:
    """The text without first paragraphs that only repeat the headline, or name its authors (`names`) and its date."""
    parts = text.split("\n\n")
    title = squash(headline)
    while len(parts) > 1 and ((title and squash(parts[0]) == title) or _is_byline(parts[0], names)):
        parts = parts[1:]
    return "\n\n".join(parts)


def with_standfirst(text: str, standfirst: str | None) -> str:
    """The text with the standfirst as its first paragraph, unless it holds it anyway."""
    if not text or not standfirst or squash(standfirst) in squash(text):
        return text
    return f"{standfirst}\n\n{text}"


def _is_byline(part: str, names: Sequence[str]) -> bool:
    """Whether a line says little but who wrote it, and when."""
    if len(part) > 160 or _SENTENCE_END.search(part.rstrip(".") if part.endswith(("a.m.", "p.m.")) else part):
        return False
    key = squash(part)
    found = [name for name in map(squash, names) if name and name in key]
    for name in found:
        key = key.replace(name, " ")
    if count_words(key) > _FEW:
        return False
    return bool(found) or (bool(_DATE_LINE.search(part)) and len(part) < 60)
