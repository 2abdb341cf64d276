"""How much a text looks like the body of an article, 0 to 1.

The mean of four shares, rounded to three digits: paragraphs that end as sentences do (by their length), text in
paragraphs long enough for prose, length against that of a short report (100 words), and, where the page itself
carries the body in JSON-LD, how near the two lengths are.
"""

from __future__ import annotations

import re

from pipeline.clean.tidy import count_words

_ENDS = re.compile(r"[.!?…:。！？؟۔।][\"'”’»«“)\]）」』]*$")
_FULL_LENGTH = 100
_PROSE = 60
_PROSE_UNSPACED = 25


def score(text: str, declared_body: str = "") -> float:
    """The measure."""
    parts = text.split("\n\n")
    total = sum(map(len, parts))
    if not total:
        return 0.0
    words = count_words(text)
    prose = _PROSE if words * 4 < total else _PROSE_UNSPACED
    shares = [
        sum(len(part) for part in parts if _ENDS.search(part)) / total,
        sum(len(part) for part in parts if len(part) >= prose) / total,
        min(1.0, words / _FULL_LENGTH),
    ]
    if len(declared_body) > 200:
        shares.append(min(total, len(declared_body)) / max(total, len(declared_body)))
    return round(sum(shares) / len(shares), 3)
