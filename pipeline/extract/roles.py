"""Nouns of role and their sectors: `lexicon/roles.toml`, by form.

Sectors are those of `schemas/ontologies/sectors.toml`; a noun the list does not have is nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.extract.inflection import noun_forms
from pipeline.extract.lexicon import listed, read_toml


@dataclass(frozen=True, slots=True)
class Roles:
    """The lists, with every form of their nouns."""

    sector: dict[tuple[str, ...], str]
    """Words of a noun of role → its sector."""
    longest: int
    modifiers: dict[str, str]
    """Words before a noun that says no sector itself → the sector."""
    empty: frozenset[str]
    """Such nouns."""
    quantity: frozenset[str]
    themes: frozenset[str]
    """Nouns that never act."""
    organisations: dict[str, str]
    """First or last word of an organisation → its sector."""
    titles: dict[str, str]
    title_words: frozenset[str]


@cache
def roles() -> Roles:
    """The lists, read once."""
    lists = read_toml("roles")
    sector: dict[tuple[str, ...], str] = {}
    for code, words in lists["sectors"].items():
        for word in words.split():
            for form in noun_forms(word.replace("_", " ").lower()):
                sector.setdefault(tuple(form.split()), code)
    titles = read_toml("names")["titles"]
    words = {w.lower() for part in ("courtesy", "office", "lower") for w in titles[part].split()}
    return Roles(
        sector,
        max(map(len, sector)),
        lists["modifiers"]["words"],
        frozenset(f for w in lists["modifiers"]["empty"].split() for f in noun_forms(w)),
        frozenset(lists["generic"]["quantity"].split()),
        frozenset(f for w in lists["generic"]["themes"].split() for f in noun_forms(w)),
        {word: code for code, words in lists["organisations"].items() for word in words.split()},
        lists["titles"],
        frozenset(words) | listed("actors", "title_words"),
    )


def role_at(lower: list[str], i: int, last: int) -> tuple[int, str | None]:
    """How many words the longest noun of role at word `i` has, and its sector; none: 0."""
    table = roles()
    for size in range(min(table.longest, last - i), 0, -1):
        sector = table.sector.get(tuple(lower[i : i + size]))
        if sector is not None:
            return size, sector
    return 0, None


def title_sector(title: tuple[str, ...]) -> str | None:
    """The sector of a title before a name, by the longest part of it that is known."""
    table = roles()
    for size in range(len(title), 0, -1):
        for at in range(len(title) - size + 1):
            part = title[at : at + size]
            found = table.sector.get(part) or table.titles.get(" ".join(part))
            if found is not None:
                return found
    return None


def organisation_sector(name: str) -> str | None:
    """The sector of an organisation that no list names, by its last word or its first."""
    words = name.split()
    table = roles().organisations
    return table.get(words[-1]) or table.get(words[0])
