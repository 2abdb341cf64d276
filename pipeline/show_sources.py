"""What the ``sources`` commands show: the register, what a survey found, the health of every feed."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from textwrap import wrap

from rich.text import Text

from pipeline import collect, sources
from pipeline.records import Source
from pipeline.registering import Health
from pipeline.settings import Settings

_COLOURS = {
    "ok": "green", "redirected": "green", "moved": "yellow", "stale": "yellow", "malformed": "yellow",
    "empty": "yellow", "refused": "red", "failing": "red", "dead": "red",
}  # fmt: skip
_PLAIN_WIDTH = 160
_TO_THE_RIGHT = frozenset({"entries", "newest", "feeds", "sitemaps", "a day"})

Row = tuple[Sequence[str | int], str, str]
"""Cells, a remark, and the style of the first cell (`dim`: of all)."""


def show_sources(cfg: Settings) -> None:
    """The registered sources."""
    rows = sources.read(cfg.register)
    if not rows:
        print(f"no source is registered in {cfg.register}: add one with `newsledger sources add URL`")
        return
    _table(
        ["id", "name", "country", "language", "feeds", "sitemaps", "a day"],
        [
            ([s.source_id, s.name, s.country or "", s.language or "", len(s.feeds), len(s.sitemaps), _band(s)], "", "")
            for s in rows
        ],
    )
    countries, languages = {s.country for s in rows if s.country}, {s.language for s in rows if s.language}
    print(f"{_many(len(rows), 'source')}, {_many(len(countries), 'country')}, {_many(len(languages), 'language')}")


def show_added(source: Source, found: collect.Survey | None, now: datetime) -> None:
    """A source that was registered, and what was found of it."""
    if found is not None:
        rows = [_find(f, found.homepage, now) for f in found.finds]
        _table(["", "kind", "entries", "newest", "where"], rows)
        if found.trouble:
            print(f"the front page cannot be read: {found.trouble}")
        if found.unread_count:
            print(f"{found.unread_count} more are named and were not read; add those you want with --feed or --sitemap")
    feeds, sitemaps = _many(len(source.feeds), "feed"), _many(len(source.sitemaps), "sitemap")
    named = "" if source.name == source.source_id else f" ({source.name})"
    language = f", language {source.language}" if source.language else ""
    print(f"registered {source.source_id}{named}: {feeds}, {sitemaps}{language}")
    unknown = [name for name in ("country", "language") if not getattr(source, name)]
    if found is not None and unknown:
        print(f"not known: {' and '.join(unknown)}; write what you know into the register")


def show_imported(new: Sequence[Source], known: int, register: object) -> None:
    """How many sources came of an import."""
    print(f"registered {_many(len(new), 'source')} in {register}", end="")
    print(f"; {_many(known, 'source')} of the list {'was' if known == 1 else 'were'} there already" if known else "")
    if new:
        print("none was asked yet: `newsledger sources check` says which answer")


def show_check(cfg: Settings, found: Sequence[Health], followed: int | None = None) -> None:
    """How each feed and sitemap is, the gravest last, and the sum; `followed`: new addresses that were registered."""
    now, source_count = cfg.clock(), len({h.source.source_id for h in found})
    if not found:
        print(f"no source is registered in {cfg.register}: add one with `newsledger sources add URL`")
        return
    rows: list[Row] = [
        (
            [
                h.state,
                h.source.source_id,
                _kind(h.kind),
                _entries(h.look),
                _age(h.look.newest if h.look else None, now),
                collect.shortened(h.url, h.source.homepage) if h.url else "",
            ],
            "; ".join(h.remarks),
            _COLOURS[h.state],
        )
        for h in sorted(found, key=lambda h: collect.STATES.index(h.state))
    ]
    _table(["state", "source", "kind", "entries", "newest", "where"], rows)
    counts = Counter(h.state for h in found)
    said = ", ".join(f"{counts[state]} {state}" for state in collect.STATES if counts[state])
    listings = _many(sum(h.kind != "site" for h in found), "feed or sitemap", "feeds and sitemaps")
    print(f"{listings} of {_many(source_count, 'source')}: {said or 'none'}")
    if followed is not None:
        print(f"registered {_many(followed, 'new address', 'new addresses')}")
    elif any(h.look and h.look.moved_to for h in found):
        print("`newsledger sources check --fix-moved` registers the new addresses of those that moved for good")


def _find(find: collect.Find, homepage: str, now: datetime) -> Row:
    one = find.look
    remark = find.left_out or ", ".join(filter(None, (f"“{one.title}”" if one.title else "", one.problem)))
    where = collect.shortened(one.url if find.left_out else one.moved_to or one.url, homepage)
    mark, style = ("–", "dim") if find.left_out else ("+", "green")
    return [mark, _kind(one.kind), _entries(one), _age(one.newest, now), where], remark, style


def _kind(kind: str) -> str:
    return {"news_sitemap": "news sitemap", "index": "sitemap index"}.get(kind, kind)


def _entries(one: collect.Look | None) -> int | str:
    """How many; of an index, how many sitemaps."""
    if one is None or not one.is_read:
        return ""
    return one.entry_count or one.child_count


def _age(at: datetime | None, now: datetime) -> str:
    """How long ago, in the largest unit that says enough."""
    if at is None:
        return ""
    minutes = max(0, round((now - at).total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def _band(source: Source) -> str:
    return "" if source.volume_low is None else f"{source.volume_low}–{source.volume_high}"


def _many(count: int, one: str, more: str | None = None) -> str:
    word = one if count == 1 else more or (f"{one[:-1]}ies" if one.endswith("y") else f"{one}s")
    return f"{count:,} {word}"


def _table(head: Sequence[str], rows: Sequence[Row]) -> None:
    """A table whose remarks stand behind a row where they fit, and below it elsewhere.

    Numbers and times go to the right. What comes from the web is shown as it is, never read as markup.
    """
    from rich.cells import cell_len
    from rich.console import Console

    if not rows:
        return
    terminal = sys.stdout.isatty()
    console = Console() if terminal else Console(width=_PLAIN_WIDTH, no_color=True, highlight=False)
    cells = [[f"{c:,}" if isinstance(c, int) else c for c in row] for row, _, _ in rows]
    kept = [n for n in range(len(head)) if any(row[n] for row in cells)]
    widths = {n: max(cell_len(line[n]) for line in (head, *cells)) for n in kept}
    right = {n for n in kept if head[n] in _TO_THE_RIGHT}

    def aligned(line: Sequence[str]) -> str:
        spaces = {n: " " * (widths[n] - cell_len(line[n])) for n in kept}
        return "  ".join(spaces[n] + line[n] if n in right else line[n] + spaces[n] for n in kept)

    def say(text: Text) -> None:
        text.rstrip()
        console.print(text, soft_wrap=True, highlight=False)

    say(Text(aligned(head), "bold"))
    indent = widths[kept[0]] + 2
    for line, (_, remark, style) in zip(cells, rows, strict=True):
        whole = Text(aligned(line))
        whole.stylize(style, 0, len(line[kept[0]]) if style != "dim" else None)
        if remark and cell_len(whole.plain) + 2 + cell_len(remark) <= console.width:
            whole.append(f"  {remark}", "dim")
            remark = ""
        say(whole)
        for part in wrap(remark, max(20, console.width - indent), break_on_hyphens=False):
            say(Text(" " * indent + part, "dim"))
    print()
