"""From names to mentions: which of them stand, what they stand for, and which shorter forms mean the same.

One article is read as a whole: a surname is resolved by the full name elsewhere in it (title included), an acronym
by the name it abbreviates, a city by the countries the article speaks of. Two people of one surname make the surname
ambiguous: it stays a name of its own and is not joined to either. Mentions of a field never overlap; the longest
stands.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pipeline.extract import names as patterns
from pipeline.extract.cues import Cues, cues
from pipeline.extract.gazetteer import Entry, Gazetteer, gazetteer
from pipeline.extract.names import Found, Name, title_case
from pipeline.extract.nlp import Text, model_names, read
from pipeline.ids import entity_id

GAZETTEER, CUED, COREFERENCE, MODEL = 0.9, 0.7, 0.7, 0.85
_CLITICS = frozenset("وبلفك")


@dataclass(slots=True)
class Named:
    """A mention in a field, with everything its row needs and the words it covers."""

    start: int
    end: int
    text: str
    first: int
    last: int
    sentence: int
    entity_id: str
    name: str
    type: str
    confidence: float
    method: str
    country: str | None
    sector: str | None
    kind: str
    """The gazetteer's kind; `name` where it does not know it."""
    geonames_id: int | None
    latitude: float | None
    longitude: float | None
    capital: bool = False


@dataclass(slots=True)
class Reading:
    """A field of an article, read."""

    field: str
    text: Text
    mentions: list[Named]


def read_article(fields: dict[str, str], language: str | None, model: str | None = None) -> list[Reading]:
    """The mentions of every field (`text`, `title`), resolved within the article."""
    code = (language or "en").lower()
    g = gazetteer(code)
    c = cues(code)
    texts = {field: read(value, code) for field, value in fields.items()}
    found: dict[str, Found] = {}
    for field, text in texts.items():
        found[field] = _by_model(text, model) if model else patterns.find(text, g, code)
        found[field].names += _listed(text, g, c, code)
    people = _fold(found, texts)
    organisations = _organisations(found, texts)
    country_counts = _countries(found)
    taken_cities = {
        id(n.entry)
        for f in found.values()
        for n in f.names
        if n.entry is not None and n.confidence >= CUED and n.entry.kind == "city"
    }
    readings = []
    for field, text in texts.items():
        kept: list[Name] = []
        # A surname first, so that `Jackson` said of a person is no city; then whatever has a reason of its own.
        for name in found[field].names:
            resolved = _resolve(name, text, people, organisations, taken_cities, c)
            if resolved is not None:
                kept.append(resolved)
        for name in found[field].loose:
            resolved = _refer(name, text, people, organisations, c)
            if resolved is not None:
                kept.append(resolved)
        if any(title_case(text, *s) for s in text.sentences):
            kept += _known_elsewhere(text, people, organisations)
        chosen = _longest(kept)
        readings.append(Reading(field, text, [_named(text, n, country_counts) for n in chosen]))
    return readings


def _by_model(text: Text, model: str) -> Found:
    """Names of an installed spaCy pipeline, set on the words they cover."""
    at_start = {s: i for i, s in enumerate(text.starts)}
    at_end = {e: i + 1 for i, e in enumerate(text.ends)}
    found = Found([], [])
    for start, end, kind in model_names(text.text, model):
        first, last = at_start.get(start), at_end.get(end)
        if first is not None and last is not None:
            found.names.append(Name(first, last, kind, "model", MODEL))
    return found


def _listed(text: Text, g: Gazetteer, c: Cues, code: str) -> list[Name]:
    """Names of the gazetteer."""
    words = text.words
    found: list[Name] = []
    for first, last in text.sentences:
        i = first
        while i < last:
            hit = g.at(words, i, last)
            at, size = i, 1
            start_of_word = 0
            if hit is None and code == "ar" and len(words[i]) > 4 and words[i][0] in _CLITICS:
                bare = g.known(words[i][1:])
                hit = (1, bare) if bare else None
                start_of_word = 1
            if hit is None and words[i].isupper() and len(words[i]) > 3 and words[i].isalpha():
                hit = _dateline(words, i, last, g)
            if hit is None:
                i += 1
                continue
            size, entries = hit
            i += size
            if words[at][0].islower() and entries[0].kind == "city" and code == "en":
                continue
            before = words[at - 1].lower() if at > first else ""
            entry = entries[0]
            joined = (
                before in ("and", ",", "or", "y", "et", "und")
                and found
                and found[-1].last == at - 1
                and found[-1].type == "location"
            )
            cued = (
                joined
                or before in c.place_cues
                or (before == "of" and entry.kind != "city")
                or _followed(words, at + size, last, g)
            )
            if entry.cued and not (cued and not (before == "at" and words[at].lower() in c.common)):
                found.append(Name(at, at + size, entry.type, "gazetteer", 0.0, entry, alternatives=entries))
                continue
            confidence = CUED if entry.cued else GAZETTEER
            name = Name(at, at + size, entry.type, "gazetteer", confidence, entry, alternatives=entries)
            name.titled = cued
            if start_of_word:
                name.full = "\x00clitic"
            found.append(name)
    return found


def _followed(words: list[str], i: int, last: int, g: Gazetteer) -> bool:
    """Whether `, Country` or `, State` follows."""
    if i + 1 >= last or words[i] != ",":
        return False
    hit = g.at(words, i + 1, last)
    return hit is not None and hit[1][0].kind in ("country", "region")


def _dateline(words: list[str], i: int, last: int, g: Gazetteer) -> tuple[int, list[Entry]] | None:
    """A place in capitals: `BAMAKO, March 2`, `NEW YORK (AP)`."""
    stop = i
    while stop < last and stop < i + 4 and words[stop].isupper() and words[stop].isalpha():
        stop += 1
    lowered = [w.title() for w in words[i:stop]]
    hit = g.at(lowered, 0, len(lowered)) if lowered else None
    if hit is None or hit[1][0].kind not in ("city", "country", "region"):
        return None
    if hit[1][0].cued and not (stop < last and words[i + hit[0]] in (",", "(", "-", "—", "–")):
        return None
    return hit


def _fold(found: dict[str, Found], texts: dict[str, Text]) -> dict[str, str | None]:
    """Surname (and given name) → the one full name it belongs to; None where it belongs to several."""
    full: dict[tuple[str, str], str] = {}
    for field, f in found.items():
        for name in f.names:
            if name.type != "person" or name.last - name.first < 2:
                continue
            words = texts[field].words[name.first : name.last]
            key = (words[0], words[-1])
            spelled = texts[field].span(name.first, name.last)
            if len(spelled) > len(full.get(key, "")):
                full[key] = spelled
    people: dict[str, str | None] = {}
    for (given, surname), whole in full.items():
        for word in (surname, whole):
            people[word] = whole if people.get(word, whole) == whole else None
        parts = whole.split()
        for word in (given, " ".join(parts[-2:]), f"{given} {surname}"):
            if len(word) > 2:
                people[word] = whole if people.get(word, whole) == whole else None
    return people


def _organisations(found: dict[str, Found], texts: dict[str, Text]) -> dict[str, str]:
    """Acronym or first word → the organisation of several words it stands for."""
    whole: dict[str, set[str]] = {}
    for field, f in found.items():
        text = texts[field]
        for name in f.names:
            if name.type != "organization" or name.last - name.first < 2 or name.confidence == 0:
                continue
            spelled = name.entry.name if name.entry else text.span(name.first, name.last)
            words = text.words[name.first : name.last]
            initials = "".join(w[0] for w in words if w[0].isupper())
            if len(initials) > 2:
                whole.setdefault(initials, set()).add(spelled)
            if name.last + 2 < len(text.words) and text.words[name.last] == "(" and text.words[name.last + 2] == ")":
                short = text.words[name.last + 1]
                if short.isupper() and len(short) > 1:
                    whole.setdefault(short, set()).add(spelled)
            if words[0].lower() not in cues("en").common and name.entry is None and len(words[0]) > 3:
                whole.setdefault(words[0], set()).add(spelled)
    return {short: next(iter(names)) for short, names in whole.items() if len(names) == 1}


def _countries(found: dict[str, Found]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for f in found.values():
        for name in f.names:
            if name.entry is not None and name.entry.country and name.entry.kind in ("country", "demonym", "region"):
                counts[name.entry.country] += 1
    return counts


def _resolve(
    name: Name, text: Text, people: dict[str, str | None], organisations: dict[str, str], cities: set[int], c: Cues
) -> Name | None:
    spelled = text.span(name.first, name.last)
    if name.entry is not None:
        if (
            name.last - name.first == 1
            and spelled in people
            and not name.titled
            and name.entry.kind in ("city", "region")
        ):
            return _refer(name, text, people, organisations, c)
        if name.confidence == 0:
            if id(name.entry) not in cities:
                return None
            name.confidence = 0.5
        return name
    if name.type == "person":
        whole = people.get(spelled)
        if whole is not None and whole != spelled:
            name.full, name.method = whole, "coreference"
            name.confidence = max(name.confidence, COREFERENCE)
    elif name.type == "organization" and name.last - name.first == 1 and spelled in organisations:
        name.full, name.method, name.confidence = organisations[spelled], "coreference", COREFERENCE
    return name


def _refer(
    name: Name, text: Text, people: dict[str, str | None], organisations: dict[str, str], c: Cues
) -> Name | None:
    """A single word that an article's longer name explains, or nothing."""
    word = text.span(name.first, name.last)
    if word in people:
        whole = people[word]
        before = text.words[name.first - 1].lower() if name.first else ""
        if before in ("in", "near", "outside", "around") and whole is None:
            return None
        if whole is None:
            return Name(name.first, name.last, "person", "pattern", 0.4)
        return Name(name.first, name.last, "person", "coreference", COREFERENCE, full=whole)
    if word in organisations:
        return Name(name.first, name.last, "organization", "coreference", COREFERENCE, full=organisations[word])
    return None


def _known_elsewhere(text: Text, people: dict[str, str | None], organisations: dict[str, str]) -> list[Name]:
    """In a headline set in capitals: names that the article spells out elsewhere."""
    found = []
    longest = max((len(k.split()) for k in people), default=1)
    for i in range(len(text.words)):
        for size in range(min(longest, len(text.words) - i), 0, -1):
            spelled = text.span(i, i + size)
            whole = people.get(spelled)
            if whole is not None and (size > 1 or whole.endswith(spelled)):
                found.append(Name(i, i + size, "person", "coreference", COREFERENCE, full=whole))
                break
        else:
            if text.words[i] in organisations:
                whole = organisations[text.words[i]]
                found.append(Name(i, i + 1, "organization", "coreference", COREFERENCE, full=whole))
    return found


def _longest(names: list[Name]) -> list[Name]:
    """Names that do not overlap: the longest, then the more trusted, stands."""
    names.sort(key=lambda n: (n.first - n.last, -n.confidence, n.first))
    taken: set[int] = set()
    kept = []
    for name in names:
        span = range(name.first, name.last)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(name)
    return sorted(kept, key=lambda n: n.first)


def _named(text: Text, name: Name, countries: Counter[str]) -> Named:
    start, end = text.starts[name.first], text.ends[name.last - 1]
    if name.full == "\x00clitic":
        start, name.full = start + 1, None
    spelled = text.text[start:end]
    entry = name.entry
    if entry is not None and entry.kind == "city" and len(name.alternatives) > 1:
        cities = [e for e in name.alternatives if e.kind == "city"]
        entry = max(cities, key=lambda e: (countries.get(e.country or "", 0) > 0, e.population))
    whole = name.full or (entry.name if entry is not None else " ".join(spelled.split()))
    mention = Named(
        start,
        end,
        spelled,
        name.first,
        name.last,
        text.sentence_of[name.first],
        entity_id(whole, name.type),
        whole,
        name.type,
        name.confidence,
        name.method,
        None,
        None,
        "name",
        None,
        None,
        None,
    )
    if entry is not None:
        mention.country, mention.sector, mention.kind = entry.country, entry.sector, entry.kind
        mention.geonames_id, mention.latitude, mention.longitude = entry.geonames_id, entry.latitude, entry.longitude
        mention.capital = entry.capital
    if text.text[mention.start : mention.end] != mention.text or not mention.text:
        raise AssertionError(f"offsets of {mention.text!r} are wrong: {mention.start}–{mention.end}")
    return mention
