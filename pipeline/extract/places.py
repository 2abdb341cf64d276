"""Where a named place is: towns, districts and provinces of the world, looked up by name.

The table (`pipeline.training.places` makes it; GeoNames, CC BY 4.0) holds what the gazetteer is too small for: whoever
asks knows already that a place is meant.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

TABLE = Path(__file__).with_name("places.npz")
CITY, PROVINCE, DISTRICT = range(3)
_KINDS = ("city", "region", "district")
_GENERIC = re.compile(
    r"^(?:the\s+)?(?:(?:city|town|village|province|state|district|region|county|department|departamento|governorate|"
    r"municipality|prefecture|oblast|republic|port|port city|capital|greater|central|northern|southern|eastern|western|"
    r"upper|lower|provincia|estado|wilaya)\s+(?:of\s+|de\s+|d')?)+|"
    r"(?:['’]s)?(?:\s+(?:province|state|district|region|county|department|governorate|municipality|prefecture|oblast|krai|"
    r"republic|city|town|village|township|territory|island|peninsula|valley|area|suburb|neighbou?rhood|parish|division|"
    r"province's|commune|canton|voivodeship|okrug))+$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Place:
    """One place of that name."""

    name: str
    kind: str
    """city, region (a country's first division) or district (the second)."""
    country: str
    latitude: float
    longitude: float
    people: int
    """Of provinces and districts a guess by the number of their towns."""
    geonames_id: int | None
    province: str | None


def key(name: str) -> int:
    """The number a name stands under: letters and digits only, small, without accents; 0 where there are none."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("ı", "i").replace("ł", "l").replace("ø", "o"))
    bare = "".join(c for c in plain if c.isalnum())
    bare = re.sub(r"^st(?=[a-z]{4})", "saint", bare) if name[:3].lower() in ("st ", "st.") else bare
    return crc32(bare.encode()) if bare else 0


def stem(name: str) -> str:
    """A name without the words that say what sort of place it is: `Ninewa Province`, `Province of Ninewa`."""
    bare = _GENERIC.sub("", name).strip()
    return bare or name


@lru_cache(20_000)
def lookup(name: str) -> tuple[Place, ...]:
    """The places of that name, and of the name without its `Province`; the biggest first."""
    table = _table()
    found = table.under(key(name))
    if (bare := stem(name)) != name:
        found += [each for each in table.under(key(bare)) if each not in found]
    return tuple(sorted(found, key=lambda place: -place.people))


class _Table:
    def __init__(self) -> None:
        with np.load(TABLE, allow_pickle=False) as stored:
            part: dict[str, Any] = {name: stored[name] for name in stored.files}
        self._keys, self._of = part["keys"], part["of"]
        self._names = part["names"].tobytes().decode().split("\n")
        self._countries = part["countries"].tobytes().decode().split("\n")
        self._part = part

    def under(self, number: int) -> list[Place]:
        first, last = np.searchsorted(self._keys, np.array([number, number + 1], np.uint64))
        return [self._place(each) for each in self._of[first:last].tolist()]

    def _place(self, at: int) -> Place:
        part = self._part
        province = int(part["province"][at])
        return Place(
            self._names[at],
            _KINDS[int(part["kind"][at])],
            self._countries[int(part["country"][at])],
            round(float(part["latitude"][at]), 5),
            round(float(part["longitude"][at]), 5),
            int(part["people"][at]),
            int(part["geonames"][at]) or None,
            self._names[province] if province >= 0 else None,
        )


@cache
def _table() -> _Table:
    return _Table()
