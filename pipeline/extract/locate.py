"""Which place of its name is meant, by what else the article names, and where it is.

Countries, lands and continents are where `lexicon/places.toml` puts them. Of the towns, districts and provinces of one
name the likeliest is taken: a big one before a small one, one in a country or province that the article speaks of
before one elsewhere, and before all, one of the province or country named right behind it (`Paris, Texas`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from math import exp, log10

from pipeline.extract.lexicon import read_toml
from pipeline.extract.places import Place, key, lookup, stem

_BEHIND = 4.0
"""What it counts that the country or province is named right behind; as much as ten thousand times the people."""
_IN_COUNTRY = 2.5
_IN_PROVINCE = 1.0
_SMALL = 50_000
_ALIAS = -1.0
"""For a place that only also bears the name."""
_ELSEWHERE = -1.5
"""For a small town in a country the article does not speak of."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a mention is."""

    name: str
    precision: str
    """country, region, district, city; land: part of the world, or a land across countries."""
    country: str | None
    latitude: float | None
    longitude: float | None
    geonames_id: int | None
    confidence: float
    """The share of the likeliest of the places of that name."""
    people: int = 0


@dataclass(slots=True)
class Surroundings:
    """What an article speaks of: how often each country (its source's own counts once), and which provinces."""

    countries: Counter[str]
    provinces: Counter[str] = field(default_factory=Counter)
    told: dict[int, Spot] = field(default_factory=dict)
    """Places that the article says more closely once (`Santa Ana, California`): the same everywhere in it."""


def country_at(code: str) -> tuple[float, float] | None:
    """The middle of a country's land."""
    found = read_toml("places")["centres"].get(code)
    return (found[0], found[1]) if found else None


@cache
def land(name: str) -> tuple[float, float] | None:
    """The middle of a part of the world, or of a land known by a name of its own."""
    found = _lands().get(key(name)) or _lands().get(key(stem(name)))
    return (found[0], found[1]) if found else None


@cache
def _lands() -> dict[int, list[float]]:
    return {key(name): at for name, at in read_toml("places")["lands"].items()}


def locate(name: str, behind: str | None, around: Surroundings, least: int = 0) -> Spot | None:
    """The place of that name; `behind` is the place named right behind it, `least` the fewest people it must have."""
    candidates = [place for place in lookup(name) if place.people >= least]
    if not candidates:
        return None
    wanted = key(name)
    if behind is None and (before := around.told.get(wanted)) is not None:
        return before
    country = _country_named(behind) if behind else None
    is_region = stem(name) != name and name[0].isupper()
    scored = sorted(
        ((_score(place, wanted, behind, country, around, is_region), place) for place in candidates),
        key=lambda pair: -pair[0],
    )
    best, place = scored[0]
    # Places of one name at one spot (a town and its district) are no rivals.
    rivals = [s for s, p in scored if abs(p.latitude - place.latitude) + abs(p.longitude - place.longitude) > 1]
    sure = 1 / (1 + sum(exp(2 * (s - best)) for s in rivals))
    around.provinces[place.province or place.name] += 1
    spot = Spot(
        place.name, place.kind, place.country, place.latitude, place.longitude, place.geonames_id, round(sure, 3),
        place.people,
    )  # fmt: skip
    if behind is not None:
        around.told[wanted] = spot
    return spot


def _score(
    place: Place, wanted: int, behind: str | None, country: str | None, around: Surroundings, is_region: bool
) -> float:
    found = log10(place.people + 10)
    if key(place.name) != wanted:
        found += _ALIAS
    total = sum(around.countries.values())
    if behind:
        if country is not None:
            found += _BEHIND if place.country == country else 0
        elif place.province and key(stem(place.province)) == key(stem(behind)):
            found += _BEHIND
    if total:
        share = around.countries[place.country] / total
        found += _IN_COUNTRY * min(1.0, 2 * share)
        if not share and place.people < _SMALL:
            found += _ELSEWHERE
    if place.province and around.provinces[place.province]:
        found += _IN_PROVINCE
    if is_region:
        found += 1.5 if place.kind != "city" else -0.5
    elif place.kind == "region":
        found += 0.5
    elif place.kind == "district":
        found -= 1.0
    return found


@cache
def _country_named(name: str) -> str | None:
    from pipeline.extract.gazetteer import gazetteer

    entries = gazetteer("en").entries(tuple(name.split()))
    return entries[0].country if entries and entries[0].kind == "country" else None
