"""Plain-text documents, read by their layout: title line, standfirst, body, `Author:` line, a biography after it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.clean.authors import clean_names
from pipeline.clean.tidy import lines
from pipeline.clean.written_dates import read

_AUTHOR = re.compile(
    r"^(?:authors?|by|written by|von|autor(?:es|in|en)?|auteurs?|autore|door|"
    r"بقلم|الكاتب|作者|记者)\s*[:：]\s*(.{2,120})$",
    re.I,
)
_BYLINE = re.compile(r"^(?:[Bb]y|[Vv]on|[Pp]or|[Pp]ar)\s+(?=[^\W\d_a-z])(.{2,80})$")
_DATE = re.compile(
    r"^(?:date|published(?: on| at)?|datum|veröffentlicht|"
    r"fecha|publié(?: le)?|التاريخ|日期|发布时间)\s*[:：]\s*(.{6,60})$",
    re.I,
)
_SENTENCE_END = re.compile(r"[.!?。！？؟۔…][\"'”’»)\]]*$")
_ITEM = re.compile(r"^(?:[-*•·–]|\d{1,2}[.)])\s")
_MAX_HEADING = 250
_WRAPPED = 100


@dataclass(kw_only=True)
class Layout:
    """What the layout told."""

    title: str | None = None
    subtitle: str | None = None
    authors: list[str] = field(default_factory=list)
    published: str | None = None
    """As written."""
    text: str = ""


def paragraphs(text: str) -> list[str]:
    """Tidied paragraphs: blocks between blank lines, or lines where there are none; wrapped lines are joined."""
    blocks = [
        block for block in re.split(r"\n[^\S\n]*\n+", text.replace("\r\n", "\n").replace("\r", "\n")) if block.strip()
    ]
    result: list[str] = []
    for block in blocks:
        parts = lines(block)
        if len(parts) <= 1 or all(_ITEM.match(part) for part in parts):
            result.extend(["\n".join(parts)] if parts else [])
        elif _is_wrapped(parts):
            result.append(" ".join(parts))
        else:
            result.extend(parts)
    return result


def _is_wrapped(parts: list[str]) -> bool:
    """Whether a block's lines are one paragraph broken at the margin."""
    if max(map(len, parts)) > _WRAPPED or any(_ITEM.match(part) for part in parts[1:]):
        return False
    ended = sum(_SENTENCE_END.search(part) is not None for part in parts[:-1])
    return ended * 2 <= len(parts) - 1


def read_layout(text: str) -> Layout:
    """A plain-text article's parts."""
    blocks = paragraphs(text)
    layout = Layout()
    if len(blocks) > 1 and _is_heading(blocks[0]):
        layout.title = blocks.pop(0)
        if (
            len(blocks) > 1
            and _is_heading(blocks[0])
            and not _SENTENCE_END.search(blocks[0])
            and not _field(blocks[0])
            and len(blocks[0]) < len(blocks[1])
        ):
            layout.subtitle = blocks.pop(0)
    body: list[str] = []
    for index, block in enumerate(blocks):
        if (match := _AUTHOR.match(block)) or (match := _BYLINE.match(block) if not body else None):
            layout.authors = clean_names([match[1]])
            if body and _is_biography(blocks[index + 1 :], layout.authors):
                break
        elif (match := _DATE.match(block)) and read(match[1]):
            layout.published = match[1]
        else:
            body.append(block)
    layout.text = "\n\n".join(body)
    return layout


def _field(block: str) -> bool:
    return bool(_AUTHOR.match(block) or _DATE.match(block) or _BYLINE.match(block))


def _is_heading(block: str) -> bool:
    return (
        "\n" not in block
        and len(block) <= _MAX_HEADING
        and not block.startswith(("http://", "https://"))
        and not _field(block)
    )


def _is_biography(rest: list[str], names: list[str]) -> bool:
    """Whether what follows the author's line is about the author, or only a line or two at the end."""
    if not rest:
        return False
    surnames = [name.split()[-1].casefold() for name in names]
    return any(surname in rest[0].casefold() for surname in surnames) or (len(rest) <= 2 and sum(map(len, rest)) <= 300)
