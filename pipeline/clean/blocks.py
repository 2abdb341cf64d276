"""A page's text cut into blocks, one walk over its tree: paragraphs, list items, table rows, headings, captions, lines.

::

    tree ─walk→ blocks, in the order of the page, and the elements that hold them (each a run of blocks)

What a block looks like and where it stands is all that ``traits`` needs; which blocks are the article ``body`` decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

# What no reader sees as text, or that is never the article's.
UNSEEN = frozenset(
    {
        "script", "style", "template", "svg", "head", "noscript", "iframe", "textarea", "select", "object", "embed",
        "canvas", "math", "datalist", "map", "audio", "video", "title", "link", "meta", "input", "picture", "source",
    }
)  # fmt: skip
_BREAKING = frozenset(
    {
        "p", "div", "section", "article", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "tbody",
        "thead", "tfoot", "blockquote", "pre", "figcaption", "figure", "header", "footer", "aside", "nav", "main",
        "form", "dl", "dt", "dd", "hr", "address", "fieldset", "legend", "details", "summary", "center", "caption",
        "dialog", "hgroup", "menu", "label", "button", "body",
    }
)  # fmt: skip
_BOLD = frozenset({"b", "strong", "em", "i"})
_CELLS = frozenset({"td", "th"})

MARKS = {
    "comments": r"comment|respond|disqus|discuss|kommentar|comentario|commenti|replies",
    "related": r"relat|recommend|moreon|readmore|seealso|also|similar|suggest|mais|hnlich|outbrain|"
    r"taboola|further|leia|lees|saiba|relacionad",
    "list": r"trending|popular|most|latest|teaser|card|carousel|slider|feed|river|headlines|listing|grid|"
    r"ticker|topstor",
    "share": r"share|social|sharing|follow|facebook|twitter|whatsapp|addtoany|sns",
    "subscribe": r"newsletter|subscri|signup|register|mailing|optin|^abo$|abonn|suscri|donat|support|member|piano|"
    r"paywall|offer|login",
    "picture": r"caption|credit|figure|image|photo|picture|media|img|thumb|gallery|slide|bild|foto|legend|player|embed",
    "author": r"author|byline|bio|autor|auteur|writer|contributor|profile|journalist|redakt|reporter|avatar|staff",
    "about": r"meta|date|time|publish|update|info|kicker|category|categories|tags|topic|keyword|crumb|label|views",
    "menu": r"nav|menu|header|masthead|topbar|toolbar|dropdown|search|sitemap|skip|canvas|drawer|logo|brand",
    "foot": r"foot|legal|copyright|disclaimer|imprint|impressum|bottom|correction|standards|terms",
    "side": r"side|aside|rail|widget|secondary|complementary|module|plugin",
    "advert": r"^ads?$|advert|promo|sponsor|banner|commercial|werbung|anzeige|publi(?:cidad|cite)|dfp|gpt|native|"
    r"affiliate|shop|deal|product",
    "layer": r"modal|popup|overlay|cookie|consent|privacy|gdpr|cmp|notice|alert|toast|dialog|hidden|sronly|visually|"
    r"screenreader|collapse|tooltip|offscreen|blind|noprint",
    "lead": r"standfirst|subtitle|subhead|dek|deck|summary|lead|intro|abstract|excerpt|vorspann|chapo|"
    r"bajada|sommario|description|keypoints|highlights|bullet",
    "body": r"(?:article|story|post|content)body|(?:post|entry|article|story|main|page|text)content|articletext|"
    r"bodytext|richtext|wysiwyg|prose|corpo|cuerpo|texto|artikel|paragraph|copy|detail|noticia|nota|contenu",
    "article": r"article|story|post|entry|content|body|text|main|single",
    "box": r"box|fact|pullquote|quote|callout|inset|highlight|poll|quiz|timeline|table|chart|graphic|live|faq|"
    r"accordion|toc|glossar|recipe|review|rating|score",
}
"""What names of classes and ids tell of an element: parts of their words, or of two words run together."""

HOLDERS = (
    "article", "main", "section", "aside", "ul", "ol", "table", "form", "figure", "blockquote", "dl", "li", "div",
    "header", "footer", "nav",
)  # fmt: skip
"""Elements that tell something of what they hold."""

_WORDS = re.compile(r"[A-Z]*[a-z]+|[A-Z]+")
# Those of the parts above that are two words: to look for them in what is run together costs one search.
_PAIRS = re.compile(
    "moreon|readmore|seealso|topstor|signup|sronly|screenreader|noprint|subtitle|subhead|keypoints|pullquote|richtext|"
    "(?:article|story|post|content)body|(?:post|entry|article|story|main|page|text)content|(?:article|body)text",
    re.I,
)
_MARKS = [re.compile(pattern) for pattern in MARKS.values()]
_NAMED = ("class", "id", "itemprop", "role", "data-testid", "data-component", "data-module", "data-type", "aria-label")
_SELF_NAMED = frozenset({"aside", "footer", "nav", "header", "figcaption", "figure"})
# What readers wrote below, by the names that the widespread makers of pages give it.
_THREAD = re.compile(
    r"(?:(?:post|article|user|reader|fb)[-_]?)?(?:comments?[-_]?(?:area|list|container|section|wrapper|wrap|body|"
    r"content|text|thread|form|box)?|commentlist|disqus[-_]\w+|respond|replies)",
    re.I,
)
_THREAD_BIT = 1 << len(MARKS)
# Of 8,157 blocks in footers of the training pages one is the article's.
_APART = frozenset({"nav", "footer"})
_NEVER_LEFT_OUT = frozenset({"html", "body", "main", "h1"})


@dataclass(slots=True, kw_only=True)
class Block:
    """A run of text without a break in it."""

    text: str
    """On one line, but for line breaks of the page."""
    element: Any
    holder: int
    """Index in `Page.holders` of the element that it stands in."""
    chain: tuple[int, ...]
    """Indexes of the up to seven innermost elements that it stands in, innermost first."""
    nearest: tuple[int, ...]
    """For each of `MARKS` and `HOLDERS`, the index of the innermost element so marked around it; -1 where none is."""
    linked: int = 0
    """Characters of it that are links."""
    links: int = 0
    bold: int = 0
    """Characters set in bold or italics."""
    has_time: bool = False


@dataclass(slots=True)
class Holder:
    """An element around blocks: it holds those from `first` on, up to `last` (exclusive)."""

    element: Any
    depth: int
    first: int
    last: int = 0


@dataclass(slots=True, kw_only=True)
class Blocks:
    """A page's blocks and what holds them."""

    blocks: list[Block] = field(default_factory=list)
    holders: list[Holder] = field(default_factory=list)


@lru_cache(maxsize=50_000)
def _marks_of(name: str) -> int:
    """Which of `MARKS` one name tells of, as bits."""
    words = _WORDS.findall(name[:80])
    bits = 0
    for word in words:
        bits |= _marks_of_word(word)
    if len(words) > 1 and _PAIRS.search(joined := "".join(words)):
        bits |= _marks_of_word(joined)
    return bits | _THREAD_BIT if _THREAD.fullmatch(name) else bits


@lru_cache(maxsize=100_000)
def _marks_of_word(word: str) -> int:
    """Page makers all use the same few thousand words: hence the cache."""
    low = word.lower()
    return sum(1 << bit for bit, pattern in enumerate(_MARKS) if pattern.search(low))


@lru_cache(maxsize=10_000)
def _places(bits: int) -> tuple[int, ...]:
    """The positions of the bits that are set."""
    return tuple(position for position in range(len(MARKS)) if bits >> position & 1)


def marks(element: Any) -> int:
    """Which of `MARKS` an element's attributes tell of, as bits."""
    bits = _marks_of(element.tag) if element.tag in _SELF_NAMED else 0
    attributes = element.attrib
    if attributes:
        for name, value in attributes.items():
            if name in _NAMED:
                for each in value.split()[:12]:
                    bits |= _marks_of(each)
    return bits


def _is_apart(element: Any) -> bool:
    """Whether an element that holds what readers wrote, a menu or the like, does not hold the article as well."""
    return element.tag not in _NEVER_LEFT_OUT and next(element.iter("h1", "main"), None) is None


class _Walk:
    """The state of the walk: the elements entered, and the text since the last break."""

    __slots__ = (
        "after_break", "bold", "has_time", "in_bold", "in_link", "linked", "links", "nearest", "open", "page", "pieces",
        "skipped",
    )  # fmt: skip

    def __init__(self) -> None:
        self.page = Blocks()
        self.open: list[int] = []
        self.nearest: list[tuple[int, ...]] = [(-1,) * (len(MARKS) + len(HOLDERS))]
        self.pieces: list[str] = []
        self.linked = self.links = self.bold = 0
        self.has_time = False
        self.in_link = self.in_bold = 0
        self.after_break = False
        self.skipped: Any = None
        """An element that was not entered; it ends all the same, and its tail is text."""

    def enter(self, element: Any, bits: int) -> None:
        if self.pieces:
            self.end_block()
        index = len(self.page.holders)
        self.page.holders.append(Holder(element, len(self.open), len(self.page.blocks)))
        self.open.append(index)
        known = self.nearest[-1]
        holder = _HOLDER.get(element.tag)
        if bits or holder is not None:
            changed = list(known)
            for place in _places(bits):
                changed[place] = index
            if holder is not None:
                changed[holder] = index
            known = tuple(changed)
        self.nearest.append(known)

    def leave(self) -> None:
        if self.pieces:
            self.end_block()
        self.page.holders[self.open.pop()].last = len(self.page.blocks)
        self.nearest.pop()

    def say(self, text: str) -> None:
        self.pieces.append(text)
        if not text.isspace():
            self.after_break = False
            if self.in_link:
                self.linked += len(text)
            if self.in_bold:
                self.bold += len(text)

    def break_line(self) -> None:
        """One break is a new line of the same block, two end it."""
        if self.after_break:
            self.end_block()
        elif self.pieces:
            self.pieces.append(_BREAK)
        self.after_break = True

    def end_block(self) -> None:
        if self.pieces:
            raw = "".join(self.pieces)
            if _BREAK in raw:
                text = "\n".join(filter(None, (" ".join(line.split()) for line in raw.split(_BREAK))))
            else:
                text = " ".join(raw.split())
            if text:
                self.page.blocks.append(
                    Block(
                        text=text,
                        element=self.page.holders[self.open[-1]].element,
                        holder=self.open[-1],
                        chain=tuple(self.open[:-8:-1]),
                        nearest=self.nearest[-1],
                        linked=min(self.linked, len(text)),
                        links=self.links,
                        bold=min(self.bold, len(text)),
                        has_time=self.has_time,
                    )
                )
            self.pieces = []
        self.linked = self.links = self.bold = 0
        self.has_time = self.after_break = False


_HOLDER = {tag: len(MARKS) + number for number, tag in enumerate(HOLDERS)}
# A line break of the page; white space of the source is none.
_BREAK = "\x1e"


def cut(tree: Any) -> Blocks:
    """The blocks of a page. What no reader sees, what readers wrote below it, menus and footers are left out."""
    from lxml import etree

    body = tree if tree.tag == "body" else next(tree.iter("body"), tree)
    walk = _Walk()
    walk.enter(body, 0)
    events = etree.iterwalk(body, events=("start", "end"))
    say, enter, leave = walk.say, walk.enter, walk.leave
    for event, element in events:
        tag = element.tag
        if element is body:
            if event == "start" and body.text:
                say(body.text)
        elif event == "start":
            if tag in _BREAKING:
                bits = marks(element)
                if (bits & _THREAD_BIT or tag in _APART) and _is_apart(element):
                    events.skip_subtree()
                    walk.skipped = element
                    continue
                enter(element, bits & ~_THREAD_BIT)
            elif not isinstance(tag, str) or tag in UNSEEN:
                events.skip_subtree()
                continue
            elif tag == "a":
                walk.in_link += 1
                walk.links += 1
            elif tag in _BOLD:
                walk.in_bold += 1
            elif tag == "br":
                walk.break_line()
            elif tag == "time":
                walk.has_time = True
            elif tag in _CELLS and walk.pieces:
                walk.pieces.append(" | ")
            if element.text:
                say(element.text)
        else:
            if tag in _BREAKING:
                if element is walk.skipped:
                    walk.skipped = None
                else:
                    leave()
            elif tag == "a":
                walk.in_link -= 1
            elif tag in _BOLD:
                walk.in_bold -= 1
            if element.tail:
                say(element.tail)
    leave()
    return walk.page
