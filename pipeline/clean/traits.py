"""What tells of each block of a page whether it is the article's: a row of numbers a block (`NAMES`), for ``forest``.

How it reads (length, punctuation, links, words of furniture), where it stands (what its elements are called, how much
of the page's prose they hold), what is beside it, and what the head of the page says. No word of a site, no list of
publishers: the names of classes count only as parts that makers of pages use everywhere (``blocks.MARKS``).

The mixture of shallow text features with those of the tree follows Kohlschütter, Fankhauser & Nejdl (2010,
doi:10.1145/1718487.1718542) and Vogels, Ganea & Eickhoff (2018, doi:10.1007/978-3-319-76941-7_13).
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.clean import phrases
from pipeline.clean.blocks import HOLDERS, MARKS, Block, Blocks
from pipeline.clean.tidy import squash

_ENDS = re.compile(r"[.!?…。！？؟۔।:][\"'”’»«“)\]）」』]*$")
_STOPS = re.compile(r"[.!?。！？؟۔।][\"'”’»)\]）」』]*(?:\s|$)")
_TIGHT = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_RELATED = re.compile(rf"(?:{phrases.RELATED.pattern})", re.I)
_PROMOTION = frozenset(
    [
        "newsletter",
        "newsletters",
        "subscribe",
        "subscriber",
        "subscribers",
        "subscription",
        "signup",
        "whatsapp",
        "telegram",
        "abonnieren",
        "abonnez",
        "abonnement",
        "abonnent",
        "abo",
        "suscríbete",
        "suscribirse",
        "suscripción",
        "facebook",
        "twitter",
        "instagram",
        "linkedin",
        "youtube",
        "tiktok",
        "copyright",
        "reserved",
        "rechte",
        "derechos",
        "droits",
        "cookie",
        "cookies",
        "advertisement",
        "advertising",
        "anzeige",
        "werbung",
        "publicidad",
        "publicité",
        "sponsored",
        "sponsor",
        "weiterlesen",
        "comment",
        "comments",
        "share",
        "email",
        "mail",
        "download",
        "click",
        "app",
        "donate",
        "spenden",
    ]
)
_CREDIT = frozenset(
    [
        "photo",
        "photos",
        "photograph",
        "photography",
        "foto",
        "fotos",
        "image",
        "images",
        "bild",
        "bilder",
        "picture",
        "pictures",
        "credit",
        "getty",
        "reuters",
        "afp",
        "ap",
        "dpa",
        "epa",
        "file",
        "courtesy",
        "quelle",
        "source",
        "via",
        "imago",
        "shutterstock",
        "pictured",
        "caption",
        "c",
    ]
)
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[:.]\d\d\b")
_BYLINE = re.compile(r"^(?:by|von|por|par|di|door|af|av|autor|author|written|text|reporting|editing)\b", re.I)
_COMMENTS = re.compile(
    r"^\W*(?:\d+\s+)?(?:comments?|responses?|replies|thoughts on|leave a (?:reply|comment)|join the (?:conversation|"
    r"discussion)|kommentare?|comentarios?|commentaires?|commenti|reacties|comentários?|add a comment|post a comment|"
    r"コメント|评论|التعليقات|комментари\w*)\b",
    re.I,
)
_ELSEWHERE = re.compile(
    r"^\W*(?:related|more (?:from|on|in|stories)|most (?:read|popular|viewed)|trending|recommended|read (?:more|also|"
    r"next)|latest|see also|you may|popular|top stories|also read|don.t miss|mehr|auch interessant|lesen sie|"
    r"lire aussi|à lire|sur le même|más|te puede|relacionad|leia|veja|leggi|lees|läs|meer|関連|おすすめ|ランキング|"
    r"相关|推荐|延伸|اقرأ|читайте|популярн|по теме)",
    re.I,
)
_TAGS = (
    "p", "li", "div", "h1", "h2", "h3", "h4", "h5", "blockquote", "figcaption", "tr", "section", "article", "button",
    "label", "dd", "dt", "pre", "ul", "header", "body",
)  # fmt: skip
_TAG = {tag: number for number, tag in enumerate(_TAGS)}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FAR = 50
_CONTAINER_SHARES = (0.85, 0.6, 0.4)
_LEVELS = (1, 2, 3, 4, 6)

_READS = (
    "words", "length", "word_length", "ends", "colon", "sentences", "upper", "lower", "quote", "digit", "upper_share",
    "digit_share", "commas", "question", "asks", "link_share", "links", "is_link", "bold_share", "has_time", "related",
    "relates", "promotion", "credit", "date", "byline", "at", "address", "bar", "author", "is_title", "has_title",
    "declared", "is_declared", "described", "repeats",
)  # fmt: skip
_STANDS = (
    "depth", "place", "index", "to_end", "text_before", "text_share", "has_h1", "from_h1", "children", "from_comments",
    "comments_at", "from_elsewhere", "from_heading",
)  # fmt: skip
_GROUPS = ("alike", "parent", "grandparent", "element")
_OF_GROUP = ("count", "text", "prose", "links", "mean")
_BESIDE = ("words", "ends", "colon", "link_share", "has_time", "promotion", "credit", "date", "alike_prose", "in_0.85")
NAMES: tuple[str, ...] = (
    *_READS,
    *_STANDS,
    *(f"tag_{tag}" for tag in _TAGS),
    *(f"in_{name}" for name in (*MARKS, *HOLDERS)),
    *(f"{group}_{of}" for group in _GROUPS for of in _OF_GROUP),
    *(name for share in _CONTAINER_SHARES for name in (f"in_{share}", f"below_{share}")),
    *(f"up_{level}" for level in _LEVELS),
    "prose_from",
    "prose_to",
    "prose_before",
    *(f"{name}_{by:+d}" for by in (-1, -2, 1, 2) for name in _BESIDE),
    "as_before",
    "as_after",
)
"""What the columns are."""

Matrix = NDArray[np.float32]
_Vector = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is known of the article before its text: to be recognised where it stands on the page."""

    title: str = ""
    description: str = ""
    authors: Sequence[str] = ()
    declared_body: str = ""
    """The text that the page gives to machines."""


def traits(page: Blocks, head: Head) -> Matrix:
    """The numbers of each block of a page: shape (blocks, len(NAMES))."""
    blocks = page.blocks
    count = len(blocks)
    if not count:
        return np.zeros((0, len(NAMES)), np.float32)
    reads = _reads(blocks, head)
    at = {name: number for number, name in enumerate(_READS)}
    lengths = np.expm1(reads[:, at["length"]].astype(np.float64))
    link_share = reads[:, at["link_share"]]
    is_prose = (reads[:, at["ends"]] > 0) & (link_share < 0.5) & (reads[:, at["words"]] > math.log1p(8))
    prose = np.where(is_prose, lengths, 0.0)
    all_text, all_prose = lengths.sum() or 1.0, prose.sum() + 1.0
    before = np.concatenate(([0.0], np.cumsum(prose)))

    first = np.array([holder.first for holder in page.holders])
    last = np.array([holder.last for holder in page.holders])
    depth = np.array([holder.depth for holder in page.holders])
    share = (before[last] - before[first]) / all_prose
    held = np.append(share, -1.0)  # the index -1 of no such element
    own = np.array([block.holder for block in blocks])
    nearest = np.array([block.nearest for block in blocks])

    stands = np.array(_stands(blocks), np.float32)
    text_before = np.concatenate(([0.0], np.cumsum(lengths)[:-1])) / all_text
    index = np.arange(count)
    places = np.column_stack(
        [depth[own], index / count, index, count - index, text_before, lengths / all_text, stands]
    )  # fmt: skip
    groups, alike_prose, alike_before, alike_after = _groups(blocks, lengths, prose, link_share, all_text, all_prose)
    containers, in_first = _containers(share, depth, first, last, own, index)
    chains = np.full((count, 8), -1)
    for row, block in enumerate(blocks):
        chains[row, : len(block.chain)] = block.chain
        chains[row, len(block.chain) :] = block.chain[-1]
    ups = held[chains[:, list(_LEVELS)]]
    from_, to = _distances(is_prose)
    beside = np.column_stack(
        [reads[:, [at[name] for name in _BESIDE[:-2]]], alike_prose, in_first]
    )  # fmt: skip
    rows = np.empty((count, len(NAMES)), np.float32)
    np.concatenate(
        [
            reads, places, held[nearest], groups, containers, ups,
            np.column_stack([from_, to, before[1:] / all_prose]),
            *(_shifted(beside, by) for by in (-1, -2, 1, 2)),
            np.column_stack([alike_before, alike_after]),
        ],
        axis=1, out=rows, casting="same_kind",
    )  # fmt: skip
    return rows


def _reads(blocks: list[Block], head: Head) -> Matrix:
    """How each block reads."""
    title, description, declared = squash(head.title), squash(head.description), squash(head.declared_body)
    authors = [name for name in map(squash, head.authors) if name]
    is_declared = len(declared) > 200
    seen: set[str] = set()
    rows = array("f")
    for block in blocks:
        text = block.text
        size = len(text)
        tight = 0 if text.isascii() else len(_TIGHT.findall(text))
        words = max(text.count(" ") + 1.0, tight / 2)
        length = size * 2.5 if tight > size / 4 else float(size)
        key = squash(text)
        start = text[:100]
        first = text[0]
        is_link = block.linked >= 0.9 * size
        # What is a link as a whole needs no closer look, and a page has a hundred of them.
        spoken = frozenset() if is_link or size >= 300 else frozenset(key.split())
        rows.extend(
            [
                math.log1p(words), math.log1p(length), length / words,
                _ENDS.search(text, max(0, size - 8)) is not None, text.endswith((":", "：")),
                min(10, len(_STOPS.findall(text))), first.isupper(), first.islower(), first in "\"“«„'‘",
                first.isdigit(), sum(map(str.isupper, start)) / len(start), sum(map(str.isdigit, start)) / len(start),
                100 * (text.count(",") + text.count("，") + text.count("、") + text.count("،")) / size,
                "?" in text, text.endswith("?"), block.linked / size, block.links, is_link,
                block.bold / size, block.has_time, _RELATED.match(text) is not None,
                bool(spoken) and size < 80 and _RELATED.search(text) is not None, not spoken.isdisjoint(_PROMOTION),
                not spoken.isdisjoint(_CREDIT), not is_link and size < 200 and _DATE.search(text) is not None,
                _BYLINE.match(text) is not None, "@" in text, "http" in text or "www." in text, "|" in text,
                size < 400 and any(name in key for name in authors), bool(title) and key == title,
                bool(title) and size > 15 and key in title, is_declared and len(key) > 20 and key[:200] in declared,
                is_declared, bool(description) and len(key) > 20 and key[:80] in description, key in seen,
            ]
        )  # fmt: skip
        seen.add(key)
    return np.frombuffer(rows, np.float32).reshape(len(blocks), -1)


def _stands(blocks: list[Block]) -> list[list[float]]:
    """Where each block stands among headings and labels, and what its element is: after `text_share` in `_STANDS`."""
    rows: list[list[float]] = []
    h1 = next((number for number, block in enumerate(blocks) if block.element.tag == "h1"), None)
    comments = elsewhere = heading = -1000
    comments_at = 0.0
    for number, block in enumerate(blocks):
        text, tag = block.text, block.element.tag
        if len(text) < 80:
            if _COMMENTS.match(text):
                comments, comments_at = number, number / len(blocks)
            if len(text) < 60 and _ELSEWHERE.match(text):
                elsewhere = number
        if tag in _HEADINGS:
            heading = number
        row = [
            h1 is not None, max(-_FAR, number - h1) if h1 is not None else -_FAR, len(block.element),
            min(2 * _FAR, number - comments), comments_at, min(2 * _FAR, number - elsewhere),
            min(_FAR, number - heading),
        ]  # fmt: skip
        tags = [0.0] * len(_TAGS)
        if (known := _TAG.get(tag)) is not None:
            tags[known] = 1.0
        rows.append(row + tags)
    return rows


def _groups(
    blocks: list[Block], lengths: _Vector, prose: _Vector, link_share: _Vector, all_text: float, all_prose: float
) -> tuple[_Vector, _Vector, _Vector, _Vector]:
    """What a block's like have in common: those of the same look, of the same parent, grandparent and element."""
    looks = []
    for block in blocks:
        parent = block.element.getparent()
        of = block.element.get("class")
        looks.append((block.element.tag, of, *((parent.tag, parent.get("class")) if parent is not None else ())))
    columns: list[_Vector] = []
    alike_prose = alike = np.zeros(0)
    for group in _GROUPS:
        match group:
            case "alike":
                keys: Iterable[Any] = looks
            case "element":
                keys = (block.holder for block in blocks)
            case _:
                up = 1 if group == "parent" else 2
                keys = (block.chain[min(up, len(block.chain) - 1)] for block in blocks)
        ids: dict[Any, int] = {}
        of_group = np.array([ids.setdefault(key, len(ids)) for key in keys])
        counts = np.bincount(of_group)
        text = np.bincount(of_group, lengths)
        links = np.bincount(of_group, link_share * lengths)
        shares = (np.bincount(of_group, prose) / all_prose)[of_group]
        columns += [
            np.log1p(counts)[of_group], (text / all_text)[of_group], shares,
            (links / np.maximum(1.0, text))[of_group], np.log1p(text / counts)[of_group],
        ]  # fmt: skip
        if group == "alike":
            alike, alike_prose = of_group, shares
    same = alike[1:] == alike[:-1]
    return np.column_stack(columns), alike_prose, np.append(False, same), np.append(same, False)


def _containers(
    share: _Vector, depth: _Vector, first: _Vector, last: _Vector, own: _Vector, index: _Vector
) -> tuple[_Vector, _Vector]:
    """Whether a block is within the innermost element that holds so much of the prose, and how far below it."""
    columns: list[_Vector] = []
    for least in _CONTAINER_SHARES:
        best = int(np.argmax(np.where(share >= least, depth, -1)))
        inside = (index >= first[best]) & (index < last[best]) & (share[best] >= least)
        columns += [inside, np.where(inside, depth[own] - depth[best], -1)]
    return np.column_stack(columns), columns[0]


def _distances(is_prose: _Vector) -> tuple[_Vector, _Vector]:
    """Blocks from the last block of prose, and to the next."""
    index = np.arange(len(is_prose))
    seen = np.maximum.accumulate(np.where(is_prose, index, -1000))
    to_come = np.minimum.accumulate(np.where(is_prose, index, 10**6)[::-1])[::-1]
    earlier = np.append(-1000, seen[:-1])
    later = np.append(to_come[1:], 10**6)
    return np.minimum(_FAR, index - earlier), np.minimum(_FAR, later - index)


def _shifted(columns: _Vector, by: int) -> _Vector:
    """The columns of the block `by` places on; -1 beyond the ends."""
    moved = np.full_like(columns, -1.0)
    if abs(by) < len(columns):
        if by > 0:
            moved[:-by] = columns[by:]
        else:
            moved[-by:] = columns[:by]
    return moved
