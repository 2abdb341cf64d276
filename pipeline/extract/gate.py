"""What is not coded: sport, culture and prices are full of attacks, strikes and meetings that are none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from pipeline.extract.lexicon import read_toml
from pipeline.records import Topic

_SURE = 0.6
"""Least probability of a topic that closes an article."""


@dataclass(frozen=True, slots=True)
class Gate:
    """`lexicon/events/gate.toml`, as sets."""

    sections: frozenset[str]
    topics: frozenset[str]
    kinds: frozenset[str]
    sport: frozenset[str]
    show: frozenset[str]
    market: frozenset[str]
    market_verbs: frozenset[str]
    sport_verbs: frozenset[str]


@cache
def gate() -> Gate:
    """The lists."""
    lists = read_toml("events/gate")
    return Gate(
        *(
            frozenset(lists[k].split())
            for k in ("sections", "topics", "kinds", "sport", "show", "market", "market_verbs", "sport_verbs")
        )
    )


def article_passes(section: str | None, kind: str, topics: Iterable[Topic], lower: list[str]) -> bool:
    """Whether an article is coded: its section, kind and topics allow it, its words do not speak of sport or shows."""
    g = gate()
    if kind in g.kinds or any(
        word in g.sections for word in (section or "").lower().replace("/", " ").replace("-", " ").split()
    ):
        return False
    if len(lower) < 40:
        return True
    if any((t.code or "").removeprefix("medtop:") in g.topics and (t.score or 0) >= _SURE for t in topics):
        return False
    words = set(lower)
    for listed in (g.sport, g.show):
        if len(words & listed) >= 6 and sum(w in listed for w in lower) > 0.025 * len(lower):
            return False
    return True


def sentence_passes(words: set[str], lemma: str) -> bool:
    """Whether a verb may be coded in a sentence: not where it speaks of prices or of a match."""
    g = gate()
    if lemma in g.market_verbs and len(words & g.market) >= 2:
        return False
    return not (lemma in g.sport_verbs and len(words & g.sport) >= 2)
