"""What stands under the pictures of the article, apart from its text."""

from __future__ import annotations

from typing import Any

from pipeline.clean.document import Document
from pipeline.clean.marks import shown
from pipeline.clean.tidy import squash

# A picture within a link, a list of other articles or a menu is not the article's.
_OTHERS = {"a", "aside", "footer", "nav", "form"}
_MOST = 60
_SHORTEST = 4
_LONGEST = 1000


def captions(document: Document) -> list[str]:
    """The captions of the article's pictures, each once, in the order of the page; credits that stand in them stay."""
    home = _home(document)
    found: dict[str, str] = {}
    inner: set[Any] = set()
    for element in document.marks.captions:
        if element in inner or not _is_own(element, home):
            continue
        # A caption's parts are classed as captions, too.
        inner.update(element.iterdescendants())
        said = shown(element) if len(element.text_content()) < 4 * _LONGEST else ""
        if _SHORTEST <= len(said) <= _LONGEST and (key := squash(said)):
            found.setdefault(key, said)
    return list(found.values())[:_MOST]


def _home(document: Document) -> Any | None:
    """The article or main element around the headline, if there is one."""
    for heading in document.headings:
        for up in heading.iterancestors("article", "main"):
            return up
    return None


def _is_own(element: Any, home: Any | None) -> bool:
    for up in element.iterancestors():
        if up is home:
            return True
        if up.tag in _OTHERS or (up.tag == "article" and home is not None and home.tag == "article"):
            return False
    # A headline often stands in an article element of its own, its picture beside it.
    return home is None or home.tag == "article"
