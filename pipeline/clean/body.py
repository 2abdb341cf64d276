"""The text of the article: trafilatura's choice, as paragraphs with a blank line between."""

from __future__ import annotations

import re
from itertools import groupby

from pipeline.clean.document import Document
from pipeline.clean.tidy import lines

# How trafilatura writes list items and table rows; each run of them is one paragraph.
_ROW = re.compile(r"^(?:- |\| )")
_RULE = re.compile(r"^[|\s:-]*$|^[-*_=•·\s]+$")


class Unreadable(Exception):
    """The extractor broke on the document."""


def extract(document: Document) -> str:
    """The article's text, "" where there is none."""
    from trafilatura import bare_extraction

    try:
        found = bare_extraction(
            document.tree,
            url=document.url if document.url.startswith("http") else None,
            include_comments=False,
            with_metadata=False,
        )
    except Exception as error:  # a stranger's bytes in a library's hands: one page must not end the batch
        raise Unreadable(f"{type(error).__name__}: {error}") from error
    return "\n\n".join(paragraphs(getattr(found, "text", None) or ""))


def paragraphs(text: str) -> list[str]:
    """Tidied paragraphs of a text that has one in each line; list items and table rows stay together."""
    result: list[str] = []
    for is_row, run in groupby(lines(text), key=lambda each: bool(_ROW.match(each))):
        kept = [each.strip("| ") if each.startswith("| ") else each for each in run if not _RULE.match(each)]
        if kept:
            result.extend(["\n".join(kept)] if is_row else kept)
    return result
