"""A page as the checks see it: the document, the text taken out of it, and what the reader sees beside that."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pipeline.clean import jsonld, phrases
from pipeline.clean.document import Document
from pipeline.clean.tidy import count_words, line, squash

# Below these many words a text is taken for what surrounds an article rather than for one.
WALL_WORDS = 150
PROSE_WORDS = 60
_LONG_PARAGRAPH = 80
_TEASER_WORDS = 80
_CARD = 4
_MOST_LINKS = 100
_MOST_AROUND = 200_000
_LABEL = 100
_SENTENCE_END = re.compile(r"[.!?。！？؟۔][\"'”’»)\]」』]*$")
_SENTENCE_START = re.compile(r"[.!?。！？؟:：\n]")
_BEFORE_ASKING = 8
_TIERS = (
    "article:content_tier", "content_tier", "article:access", "access", "content-access", "accesslevel", "access_level",
    "paywall", "premium", "is_premium", "ispremium",
)  # fmt: skip
_PAID = {
    "locked",
    "metered",
    "premium",
    "paid",
    "subscriber",
    "subscribers",
    "subscription",
    "true",
    "yes",
    "hard",
    "plus",
}
_SEPARATOR = re.compile(r"\s[|•·—–«»-]\s|\s?[|｜丨_]\s?")
_HEADLINES = {"h1", "h2", "h3", "h4"}
_CONTROLS = {"button", "a", "input", "summary", "label"}


class Ground(NamedTuple):
    """Why a page did not become an article."""

    reason: str
    detail: str
    evidence: str


@dataclass(kw_only=True)
class Case:
    """What the checks ask of a page."""

    document: Document
    title: str | None
    text: str
    min_words: int

    @cached_property
    def words(self) -> int:
        return count_words(self.text)

    @cached_property
    def longest_paragraph(self) -> int:
        """Words of the longest paragraph."""
        return count_words(max(self.text.split("\n\n"), key=len))

    @cached_property
    def around(self) -> str:
        """What a reader sees beside the text, where the text is short enough to doubt it."""
        return self.document.visible[:_MOST_AROUND] if self.words < WALL_WORDS else ""

    @cached_property
    def words_around(self) -> int:
        return count_words(self.around)

    @cached_property
    def folders(self) -> list[str]:
        """The folders of the address, in lower case; of an http address only."""
        parts = urlsplit(self.document.url)
        return [each for each in parts.path.casefold().split("/") if each] if parts.scheme.startswith("http") else []

    @cached_property
    def headings(self) -> list[str]:
        """What the page is headed by: title, first h1, what it is shared under."""
        shown = [line(each.text_content()) for each in self.document.headings[:1]]
        found = (self.title or "", self.document.head_title, *shown, self.document.meta("og:title"))
        return list(dict.fromkeys(each for each in found if each and len(each) < 200))

    def controls(self, pattern: re.Pattern[str]) -> Iterator[Any]:
        """Buttons and links with such a label."""
        for element in self.document.tree.iter(*_CONTROLS):
            shown = element.get("value") if element.tag == "input" else element.text_content()
            if shown and len(shown) < _LABEL and pattern.search(line(shown)):
                yield element

    @cached_property
    def is_unpaid(self) -> str:
        """What the page says by which it is not free to read; "" where it says nothing of the sort."""
        nodes = [self.document.article] if self.document.article else self.document.nodes
        for node in nodes:
            parts = node.get("hasPart")
            for each in (node, *(parts if isinstance(parts, list) else [parts])):
                if isinstance(each, dict) and jsonld.is_false(each.get("isAccessibleForFree")):
                    return "not accessible for free"
        for name in _TIERS:
            if (said := self.document.meta(name).casefold()) in _PAID:
                return f"{name} is {said}"
        return ""

    @cached_property
    def breaks_off(self) -> bool:
        """Whether there is next to nothing, or the last sentence has no end."""
        return (
            self.words < 40 or not _SENTENCE_END.search(self.text) or phrases.CUT.search(self.text[-120:]) is not None
        )

    @cached_property
    def asks_to_subscribe(self) -> str:
        """The words by which the end of the text, or a page with little text, asks for a subscription."""
        beside = self.around if self.words < _TEASER_WORDS and self.breaks_off else ""
        # Menus and newsletters ask, too: beside the text it counts only where the text breaks off.
        return _asked(self.text[-400:]) or _asked(beside)

    def heading(self, pattern: re.Pattern[str]) -> str:
        """The first heading that says little but this: the words cover half of it, or of a part of it."""
        for heading in self.headings:
            for part in _SEPARATOR.split(heading):
                said = squash(part)
                covered = sum(len(squash(match[0])) for match in pattern.finditer(part))
                if said and covered * 2 >= len(said) and said not in self.document.site_names:
                    return heading
        return ""

    def opening(self, pattern: re.Pattern[str], within: int = 60) -> str:
        """The first paragraph near whose start these words stand."""
        for part in self.text.split("\n\n"):
            match = pattern.search(part)
            if match and match.start() <= within:
                return part
        return ""

    def has_field(self, *types: str) -> bool:
        """Whether a form has a field of one of these types."""
        return any((each.get("type") or "").casefold() in types for each in self.document.tree.iter("input"))

    @cached_property
    def linked_headlines(self) -> list[str]:
        """Headlines of three words and more that lead elsewhere."""
        return [
            shown
            for a in self.document.tree.iter("a")
            if _is_headline(a) and count_words(shown := line(a.text_content())) >= 3
        ]

    @cached_property
    def has_prose(self) -> bool:
        """Whether paragraphs stand together, or alone in their boxes: on a front each stands in a headline's card."""
        held: Counter[Any] = Counter()
        found: list[list[Any]] = []
        for element in self.document.tree.iter("p"):
            if len(element.text_content()) > _LONG_PARAGRAPH:
                boxes = [box for box, _ in zip(element.iterancestors(), range(_CARD), strict=False)]
                held.update(boxes)
                found.append(boxes)
        alone = 0
        beside: Counter[Any] = Counter()
        for boxes in found:
            beside[boxes[0]] += 1
            if beside[boxes[0]] == 1:
                alone += not any(_heads_card(box) for box in self._cards(boxes, held))
            if beside[boxes[0]] >= 3 or alone >= 5:
                return True
        return False

    def _cards(self, boxes: list[Any], held: Counter[Any]) -> Iterator[Any]:
        """The paragraph's own box, and larger ones as long as they hold no other paragraph."""
        yield boxes[0]
        for box in boxes[1:]:
            if held[box] > held[boxes[0]]:
                return
            yield box


def _asked(text: str) -> str:
    """The words that ask the reader to subscribe: a sentence starts with them, or nearly."""
    for match in phrases.SUBSCRIBE.finditer(text):
        before = _SENTENCE_START.split(text[max(0, match.start() - 200) : match.start()])[-1]
        if count_words(before) <= _BEFORE_ASKING:
            return line(match[0])
    return ""


def _heads_card(box: Any) -> bool:
    """Whether a box is, or holds, a headline that leads elsewhere."""
    return box.tag == "a" or any(_is_headline(a) for a in islice(box.iter("a"), _MOST_LINKS))


def _is_headline(a: Any) -> bool:
    """Whether a link stands in a heading, or holds one."""
    if any(each.tag in _HEADLINES for each in a.iter(*_HEADLINES)):
        return True
    return any(up.tag in _HEADLINES for up, _ in zip(a.iterancestors(), range(_CARD), strict=False))
