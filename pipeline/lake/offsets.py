"""Whether the words of mentions and events stand in their articles where the offsets say.

Articles pass through a few at a time; of the mentions and events only the columns needed here are held, in Arrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.lake import store

if TYPE_CHECKING:
    import pyarrow as pa

Row = tuple[Any, ...]


def _mention_holds(field: str, row: Row) -> tuple[bool, ...]:
    start, end, text = row
    return (_stands(field, start, end, text),)


def _event_holds(field: str, row: Row) -> tuple[bool, ...]:
    trigger_start, trigger_end, trigger, sentence_start, quote, actors, recipients = row
    return (
        _stands(field, trigger_start, trigger_end, trigger),
        _stands(field, sentence_start, None if sentence_start is None else sentence_start + len(quote or ""), quote),
        all(_stands(field, a["start"], a["end"], a["text"], may_lack=True) for a in actors or ()),
        all(_stands(field, a["start"], a["end"], a["text"], may_lack=True) for a in recipients or ()),
    )


_HOLDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Callable[[str, Row], tuple[bool, ...]]]] = {
    "mentions": (("start", "end", "text"), ("offsets_hold",), _mention_holds),
    "events": (
        ("trigger_start", "trigger_end", "trigger_text", "sentence_start", "quote", "actors", "recipients"),
        ("trigger_holds", "quote_holds", "actors_hold", "recipients_hold"),
        _event_holds,
    ),
}


def _stands(field: str, start: int | None, end: int | None, text: str | None, *, may_lack: bool = False) -> bool:
    """Whether `text` is `field[start:end]`. With `may_lack` it may have no offsets: somebody the text only implies."""
    if start is None or end is None:
        return may_lack and start is None and end is None
    return 0 <= start <= end <= len(field) and field[start:end] == text


def judge(table_name: str, rows: pa.Table, articles: Iterable[Path]) -> dict[str, list[bool]]:
    """The flags of ``flags.FLAGS`` that need the articles, one value a row. Where the article is missing only
    `has_article` is false.
    """
    import numpy as np

    columns, names, holds = _HOLDS[table_name]
    found = np.zeros(len(rows), dtype=bool)
    flags = {name: np.ones(len(rows), dtype=bool) for name in names}
    versions = rows["version_id"].combine_chunks().dictionary_encode()
    codes = versions.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    order = np.argsort(codes, kind="stable")
    code_of = {v: n for n, v in enumerate(versions.dictionary.to_pylist())}
    bounds = np.searchsorted(codes[order], np.arange(len(code_of) + 1))
    for some in _articles(articles):
        texts = {v: (of, {"title": title or "", "text": text or ""}) for of, v, title, text in some if v in code_of}
        if not texts:
            continue
        numbers = np.concatenate([order[bounds[code_of[v]] : bounds[code_of[v] + 1]] for v in texts])
        mine = rows.take(numbers)
        values = [mine[c].to_pylist() for c in ("version_id", "article_id", "field", *columns)]
        for number, (version, of, field, *row) in zip(numbers.tolist(), zip(*values, strict=True), strict=True):
            its_id, fields = texts[version]
            found[number] = of == its_id
            for name, held in zip(names, holds(fields.get(field, ""), tuple(row)), strict=True):
                flags[name][number] = held
    return {"has_article": found.tolist(), **{name: flags[name].tolist() for name in names}}


def columns(table_name: str) -> tuple[str, ...]:
    """The columns of a mention or event that `judge` needs."""
    return ("version_id", "article_id", "field", *_HOLDS[table_name][0])


def _articles(paths: Iterable[Path]) -> Iterator[Sequence[Any]]:
    wanted = ["article_id", "version_id", "title", "text"]
    for path in paths:
        for batch in store.batches(path, wanted, rows=500):
            yield list(zip(*(batch[c].to_pylist() for c in wanted), strict=True))
