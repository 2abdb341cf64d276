"""The text of the article: the blocks of the page that are its own, as paragraphs with a blank line between.

::

    page ─blocks, traits→ forest ─sure→ the blocks it takes
                            └─in doubt→ trafilatura is heard, and a second forest decides
    nothing taken → the data that a script carries, JSON-LD's articleBody, trafilatura's text

The forests are trained by ``pipeline.training.body``. What they are worth stands in tests/benchmarks/README.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.clean import forest, phrases
from pipeline.clean.blocks import MARKS, Block, Blocks, cut
from pipeline.clean.document import Document
from pipeline.clean.embedded import embedded_html
from pipeline.clean.tidy import count_words, lines, squash
from pipeline.clean.traits import Head, Matrix, traits

TAKEN = 0.45
"""Blocks at least so probable are the article's."""

DOUBT = 0.1
"""From this share of words in doubt (`doubt`) on, trafilatura is heard: one page in ten of the training sets."""

# Of larger or deeper pages its opinion is not asked: it takes seconds, and of nested tables the square of them.
_MOST_ELEMENTS = 30_000
_DEEPEST = 150
_ROWS_TAKEN = 0.1
_FEW_WORDS = 25
_REPEATED = 40
_LAYER = list(MARKS).index("layer")
_LABELLED = re.compile(rf"^\W*(?:{phrases.RELATED.pattern})\s*[:：|>»…-]", re.I)
_SENTENCE_END = re.compile(r"[.!?。！？؟۔][\"'”’»)\]」』]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The text, and how it was come by."""

    text: str = ""
    method: str = "blocks"
    """One of `articles.extraction_method`."""
    elements: frozenset[Any] = field(default_factory=frozenset)
    """The elements of the page that hold the text; none where it stands outside them."""


def extract(document: Document, head: Head) -> Body:
    """The article's text, "" where there is none."""
    page = cut(document.tree)
    matrix = traits(page, head)
    chances = forest.load(forest.ALONE).probabilities(matrix)
    method = "blocks"
    if doubt(page, chances) > DOUBT:
        opinion = trafilatura_text(document, page)
        chances = forest.load(forest.ADVISED).probabilities(np.hstack([matrix, advice(page, opinion)]))
        method = "blocks_trafilatura"
    taken = chosen(page, chances)
    text = "\n\n".join(paragraphs(taken))
    if count_words(text) < _FEW_WORDS:
        for other, how in _elsewhere(document, page, head):
            if count_words(other) >= max(_FEW_WORDS, 2 * count_words(text)) or (other and not text):
                return Body(text=other, method=how)
    return Body(text=text, method=method, elements=frozenset(block.element for block in taken))


def _elsewhere(document: Document, page: Blocks, head: Head) -> Iterable[tuple[str, str]]:
    """The text where the page's elements have none."""
    for fragment in embedded_html(document):
        kept = [block for block in cut(fragment).blocks if block.element.tag != "figcaption" and not _is_link(block)]
        yield "\n\n".join(paragraphs(kept)), "embedded"
    yield "\n\n".join(lines(head.declared_body)), "json_ld"
    # Where it finds no article either, it gives the whole page, menus and all: only sentences are believed.
    said = lines(trafilatura_text(document, page))
    yield "\n\n".join(each for each in said if _SENTENCE_END.search(each)), "trafilatura"


def chosen(page: Blocks, chances: NDArray[Any]) -> list[Block]:
    """The blocks that are probable enough, and with them lists and tables that stand between two such blocks.

    What the rows lack in probability, their neighbours make up for, unless one of them is a link: then it is a menu.
    """
    taken = [bool(chance >= TAKEN) for chance in chances]
    for is_row, run in groupby(range(len(taken)), key=lambda number: page.blocks[number].element.tag in ("li", "tr")):
        rows = list(run)
        before, after = rows[0] - 1, rows[-1] + 1
        if not is_row or before < 0 or after >= len(taken) or not (taken[before] and taken[after]):
            continue
        if chances[rows].mean() >= _ROWS_TAKEN and not any(_is_link(page.blocks[number]) for number in rows):
            taken[rows[0] : after] = [True] * len(rows)
    counts = np.concatenate(([0], np.cumsum(taken)))
    return without_repeats(
        block
        for block, is_taken in zip(page.blocks, taken, strict=True)
        if is_taken and not _leads_away(block) and not _lies_over(page, block, counts)
    )


def doubt(page: Blocks, chances: NDArray[Any]) -> float:
    """Words of the page that may or may not be the article's, for each word that is."""
    words = np.array([block.text.count(" ") + 1.0 for block in page.blocks])
    return float((np.minimum(chances, 1 - chances) * words).sum() / max(1.0, (chances * words).sum()))


def trafilatura_text(document: Document, page: Blocks) -> str:
    """What trafilatura takes for the text, without its fallbacks; "" where it breaks on the page or would not end."""
    from trafilatura import bare_extraction

    if sum(1 for _ in document.tree.iter()) > _MOST_ELEMENTS or max(each.depth for each in page.holders) > _DEEPEST:
        return ""
    try:
        found = bare_extraction(
            document.tree,
            url=document.url if document.url.startswith("http") else None,
            include_comments=False,
            with_metadata=False,
            fast=True,
        )
    except Exception:  # a stranger's bytes in a library's hands: its opinion is missed, the page is not lost
        return ""
    return getattr(found, "text", None) or ""


def advice(page: Blocks, opinion: str) -> Matrix:
    """Trafilatura's text as traits of the blocks, shape (blocks, 4).

    The share of each block that it holds, of the block before and after, and its length.
    """
    whole = Counter(squash(line.lstrip("- |")) for line in opinion.split("\n"))
    held = _runs(squash(opinion).split())
    shares = np.zeros(len(page.blocks), np.float32)
    for number, block in enumerate(page.blocks):
        key = squash(block.text)
        words = key.split()
        if len(words) < 4:
            shares[number] = whole[key] > 0
        else:
            runs = _runs(words)
            shares[number] = len(runs & held) / len(runs)
    length = np.full(len(shares), np.log1p(len(opinion)))
    if not len(shares):
        return np.zeros((0, 4), np.float32)
    return np.column_stack([shares, np.append(0, shares[:-1]), np.append(shares[1:], 0), length]).astype(np.float32)


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    """Four words in a row, all of them."""
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def without_repeats(blocks: Iterable[Block]) -> list[Block]:
    """The blocks without those that say again what one before said: pages hold texts twice, for telephones say."""
    seen: set[str] = set()
    kept = []
    for block in blocks:
        key = squash(block.text)
        if len(key) > _REPEATED:
            if key in seen:
                continue
            seen.add(key)
        kept.append(block)
    return kept


def _is_link(block: Block) -> bool:
    return block.linked >= 0.9 * len(block.text)


def _lies_over(page: Blocks, block: Block, counts: NDArray[Any]) -> bool:
    """Whether a block stands in a banner or window over the page, which holds less than half of what was taken.

    `counts` says how many were taken before each block, and in all. The pages of training have few banners: most are
    built in the browser.
    """
    number = block.nearest[_LAYER]
    if number < 0:
        return False
    layer = page.holders[number]
    return bool(2 * (counts[layer.last] - counts[layer.first]) < counts[-1])


def _leads_away(block: Block) -> bool:
    """Whether a block is no more than a link to something else, alone or after words like `Read also`."""
    if not block.linked:
        return False
    return (_is_link(block) and not _SENTENCE_END.search(block.text)) or (
        block.linked > 0.4 * len(block.text) and _LABELLED.match(block.text) is not None
    )


def paragraphs(blocks: Iterable[Block]) -> list[str]:
    """Tidied paragraphs. Items of a list and rows of a table that stand together are one, a line each."""
    result: list[str] = []
    for (kind, _), run in groupby(blocks, key=_together):
        said = [each for block in run for each in lines(block.text)]
        if kind == "li":
            result.append("\n".join(f"- {each}" for each in said))
        elif kind == "tr":
            result.append("\n".join(said))
        else:
            result.extend(said)
    return [each for each in result if each]


def _together(block: Block) -> tuple[str, Any]:
    """What blocks of one paragraph share."""
    tag = block.element.tag
    if tag == "li":
        return tag, block.element.getparent()
    if tag == "tr":
        return tag, next(block.element.iterancestors("table"), None)
    return "", None
