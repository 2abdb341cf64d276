"""From names to mentions: which of them stand, what they stand for, and which shorter forms mean the same.

One article is read as a whole: a surname is resolved by the full name elsewhere in it (title included), an acronym
by the name it abbreviates, a city by the countries the article speaks of. Two people of one surname make the surname
ambiguous: it stays a name of its own and is not joined to either. Mentions of a field never overlap; the longest
stands.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest

from pipeline.extract import names as patterns
from pipeline.extract.cues import Cues, cues
from pipeline.extract.gazetteer import Entry, Gazetteer, gazetteer
from pipeline.extract.locate import Spot, Surroundings, country_at, land, locate
from pipeline.extract.names import Found, Name, title_case
from pipeline.extract.nlp import Text, model_names, read
from pipeline.extract.offices import acts, office
from pipeline.extract.places import key
from pipeline.extract.tagger import tagger
from pipeline.ids import entity_id, plain

GAZETTEER, CUED, COREFERENCE, MODEL = 0.9, 0.7, 0.7, 0.85
_GREAT = 1_000_000
"""A city of so many people tells what country an article is about."""
_SURE, _LIKELY = 0.97, 0.6
"""A model that is less sure than that is overruled by a list of organisations; or of countries, as to a person."""
_CLITICS = frozenset("وبلفك")
_TYPES = {
    "PER": "person", "ORG": "organization", "LOC": "location", "GRP": "group", "EVT": "event", "WRK": "work",
    "OTH": "other",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
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
    country: str | None = None
    sector: str | None = None
    kind: str = "name"
    """The gazetteer's kind; `name` where it does not know it."""
    geonames_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    precision: str | None = None
    """How near the coordinates are: country, land, region, district, city."""
    place_confidence: float | None = None
    capital: bool = False
    role: str | None = None
    """What a person is, as the text says it beside the name."""
    is_metonym: bool = False
    """A place that acts: its government is meant."""


@dataclass(slots=True)
class Reading:
    """A field of an article, read."""

    field: str
    text: Text
    mentions: list[Named]


def read_article(
    fields: dict[str, str], language: str | None, model: str | None = None, home: str | None = None
) -> list[Reading]:
    """The mentions of every field (`text`, `title`), resolved within the article; `home` is its source's country."""
    code = (language or "en").lower()
    g = gazetteer(code)
    c = cues(code)
    texts = {field: read(value, code) for field, value in fields.items()}
    found: dict[str, Found] = {}
    for field, text in texts.items():
        if model is None and code != "en":
            found[field] = patterns.find(text, g, code)
            found[field].names += _listed(text, g, c, code)
        else:
            by_model = _by_model(text, model) if model else _by_tagger(text)
            found[field] = Found(_merged(text, by_model, _listed(text, g, c, code), g), [])
    if code == "en" or model:
        _agree(found, texts)
    people = _fold(found, texts)
    organisations = _organisations(found, texts)
    around = _surroundings(found, home)
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
        named = [_named(text, name) for name in chosen]
        readings.append(Reading(field, text, named))
    pairs = [(r.text, *pair) for r in readings for pair in zip_longest(r.mentions, r.mentions[1:])]
    # Those told more closely first: the same name elsewhere is the same place.
    for text, mention, following in sorted(pairs, key=lambda each: _behind(*each) is None):
        _place(text, mention, _behind(text, mention, following), around)
    for reading in readings:
        text = reading.text
        for mention in reading.mentions:
            if code == "en" and mention.type == "person":
                mention.role = office(text, mention.first, mention.last)
            elif code == "en" and (mention.capital or mention.precision == "country") and mention.type == "location":
                mention.is_metonym = acts(text, mention.last)
            elif mention.type == "organization" and mention.country is None:
                mention.country = _country_within(text, mention, g)
    return readings


def _by_model(text: Text, model: str) -> list[Name]:
    """Names of an installed spaCy pipeline, set on the words they cover."""
    at_start = {s: i for i, s in enumerate(text.starts)}
    at_end = {e: i + 1 for i, e in enumerate(text.ends)}
    found = []
    for start, end, kind in model_names(text.text, model):
        first, last = at_start.get(start), at_end.get(end)
        if first is not None and last is not None:
            found.append(Name(first, last, kind, "model", MODEL))
    return found


def _by_tagger(text: Text) -> list[Name]:
    """Names of our own model."""
    sentences = [text.words[first:last] for first, last in text.sentences]
    found = []
    for (begin, _), names in zip(text.sentences, tagger().names(sentences), strict=True):
        for first, last, kind, sure in names:
            found.append(Name(begin + first, begin + last, _TYPES[kind], "model", round(sure, 3)))
    return found


def _merged(text: Text, by_model: list[Name], listed: list[Name], g: Gazetteer) -> list[Name]:
    """The model's names, with what the lists know of them; and what only the lists know, where they are sure.

    The model reads what stands around and decides where a name begins and ends, and whether `Jordan` is a person; the
    lists know countries, peoples and organisations that it overlooks, and a long name where it sees parts.
    """
    owner: dict[int, Name] = {}
    named = {
        word
        for name in by_model
        if name.type == "person" and name.last - name.first > 1
        if not g.entries(tuple(text.words[name.first : name.last]))
        for word in text.words[name.first : name.last]
    }
    for name in by_model:
        for at in range(name.first, name.last):
            owner[at] = name
        words = tuple(text.words[name.first : name.last])
        entries = g.entries(words)
        if not entries and all(map(str.isupper, words)) and len("".join(words)) > 3:
            # A dateline, a headline in capitals.
            words = tuple(map(str.title, words))
            entries = g.entries(words)
            if name.type == "location":
                name.full = " ".join(words)
        fitting = [entry for entry in entries if _fits(name.type, entry)]
        if not fitting and entries and (_overrules(entries[0], name) or _is_no_person(entries[0], name, words, named)):
            fitting, name.type = entries[:1], entries[0].type
        if fitting:
            name.entry = fitting[0]
            if fitting[0].kind in ("country", "demonym"):
                name.type = fitting[0].type
    kept = list(by_model)
    for name in listed:
        if name.entry is None or name.confidence == 0 or (name.entry.kind == "city" and not name.titled):
            continue
        rivals = {id(owner[at]): owner[at] for at in range(name.first, name.last) if at in owner}
        inside = all(r.first >= name.first and r.last <= name.last for r in rivals.values())
        same = any(r.first == name.first and r.last == name.last for r in rivals.values())
        if same or not inside or (rivals and name.last - name.first < 2):
            continue
        if name.entry.kind == "city" and rivals:
            continue
        kept = [each for each in kept if id(each) not in rivals]
        name.confidence = min(name.confidence, CUED)
        kept.append(name)
    return kept


def _overrules(entry: Entry, name: Name) -> bool:
    """Whether a list knows better than a model in doubt: of organisations, and of countries that may be persons."""
    if entry.kind == "organization":
        return name.confidence < _SURE
    return entry.kind == "country" and name.confidence < (_LIKELY if name.type == "person" else _SURE)


def _is_no_person(entry: Entry, name: Name, words: tuple[str, ...], named: set[str]) -> bool:
    """Whether what the model takes for a person is a country, a people or a capital (`Togo`, `Rabat`): nobody of the
    text has that name beside another one, and if persons are given it (`Jordan`, not `Sofia`) the model is in doubt."""
    if name.type != "person" or not named.isdisjoint(words):
        return False
    is_given = not cues("en").given.isdisjoint(words)
    return (
        entry.kind == "demonym"
        or (entry.kind == "country" and not (is_given and name.confidence >= _SURE))
        or (entry.capital and not is_given)
    )


def _agree(found: dict[str, Found], texts: dict[str, Text]) -> None:
    """One name is one sort of thing throughout an article, where most of its mentions say so."""
    weights: dict[str, dict[str, float]] = {}
    spelled = {
        id(name): plain(texts[field].span(name.first, name.last)) for field, f in found.items() for name in f.names
    }
    for f in found.values():
        for name in f.names:
            said = weights.setdefault(spelled[id(name)], {})
            said[name.type] = said.get(name.type, 0.0) + name.confidence
    for f in found.values():
        for name in f.names:
            said = weights[spelled[id(name)]]
            kind, most = max(said.items(), key=lambda pair: pair[1])
            if (
                kind != name.type
                and most > 2 * (sum(said.values()) - most)
                and (not name.entry or _fits(kind, name.entry))
            ):
                name.type = kind


def _fits(kind: str, entry: Entry) -> bool:
    """Whether a name of that type can be what a list says: a people may be taken for a place, not for a person."""
    if entry.type == kind:
        return True
    return entry.kind in ("country", "demonym") and kind in ("location", "group")


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
                found.append(Name(at, at + size, entry.type, "gazetteer", 0.0, entry))
                continue
            confidence = CUED if entry.cued else GAZETTEER
            name = Name(at, at + size, entry.type, "gazetteer", confidence, entry)
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
    """Surname, given name and the like, as `plain`, → the one full name it belongs to; None where it is of several."""
    full: dict[tuple[str, str], str] = {}
    for field, f in found.items():
        for name in f.names:
            if name.type != "person" or name.last - name.first < 2:
                continue
            words = texts[field].words[name.first : name.last]
            ends = (plain(words[0]), plain(words[-1]))
            spelled = texts[field].span(name.first, name.last)
            # The longest spelling, and of two as long the one with its accents and in small letters.
            if _rank(spelled) > _rank(full.get(ends, "")):
                full[ends] = spelled
    people: dict[str, str | None] = {}
    for (given, surname), whole in full.items():
        parts = plain(whole).split()
        for word in dict.fromkeys((surname, plain(whole), given, " ".join(parts[-2:]), f"{given} {surname}")):
            if len(word) > 1:
                people[word] = whole if people.get(word, whole) == whole else None
    return people


def _rank(spelled: str) -> tuple[int, bool, bool]:
    return len(spelled), not spelled.isupper(), not spelled.isascii()


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


def _surroundings(found: dict[str, Found], home: str | None) -> Surroundings:
    """The countries that the article names: itself, by its people, by a region or a great city; and its source's."""
    entries = [n.entry for f in found.values() for n in f.names if n.entry is not None and n.confidence > 0]
    named = [
        entry.country
        for entry in entries
        if entry.country and (entry.kind in ("country", "demonym", "region") or entry.population > _GREAT)
    ]
    return Surroundings(Counter([*named, home] if home else named))


def _behind(text: Text, mention: Named, following: Named | None) -> str | None:
    """The place that is named right behind another: `Paris, Texas`, `Tripoli (Lebanon)`."""
    if following is None or following.first != mention.last + 1 or text.words[mention.last] not in (",", "("):
        return None
    return following.name if mention.type == following.type == "location" else None


def _place(text: Text, mention: Named, behind: str | None, around: Surroundings) -> None:
    """Put a mention where it is: country, coordinates, how near that is, and how sure."""
    spot: Spot | None = None
    if mention.kind in ("country", "demonym") and mention.country:
        other = locate("Georgia", None, around, 10**6) if mention.name == "Georgia" and _is_american(around) else None
        at = country_at(mention.country)
        if other is not None:
            spot = other
        elif at is not None:
            spot = Spot(mention.name, "country", mention.country, *at, mention.geonames_id, 1.0)
    elif mention.type == "location":
        name = mention.text
        if text.lower[mention.last : mention.last + 1] == ["state"]:
            name += " state"
        at = land(name) if name == mention.text else None
        if at is not None:
            spot = Spot(mention.name, "land", mention.country, *at, mention.geonames_id, 1.0)
        else:
            spot = locate(name, behind, around)
    if spot is None:
        return
    if spot.geonames_id != mention.geonames_id and mention.kind not in ("country", "demonym"):
        mention.capital = False
        if mention.kind == "city":
            # The list meant another town of that name.
            mention.name = " ".join(mention.text.split())
            mention.entity_id = entity_id(mention.name, mention.type)
    mention.country = spot.country or mention.country
    mention.latitude, mention.longitude, mention.geonames_id = spot.latitude, spot.longitude, spot.geonames_id
    mention.precision, mention.place_confidence = spot.precision, spot.confidence


def _country_within(text: Text, mention: Named, g: Gazetteer) -> str | None:
    """The country in the name of an organisation: `Ministry of Defence of Georgia`, `Kenya Red Cross`."""
    at = mention.first
    while at < mention.last:
        hit = g.at(text.words, at, mention.last)
        if hit is not None and hit[1][0].kind in ("country", "demonym"):
            return hit[1][0].country
        at += hit[0] if hit is not None else 1
    return None


def _is_american(around: Surroundings) -> bool:
    """Whether an article speaks of the United States more than of the Caucasus."""
    near = sum(around.countries[code] for code in ("AM", "AZ", "RU", "TR"))
    return around.countries["US"] > near + around.countries["GE"] / 2


def _resolve(
    name: Name, text: Text, people: dict[str, str | None], organisations: dict[str, str], cities: set[int], c: Cues
) -> Name | None:
    spelled = text.span(name.first, name.last)
    if name.entry is not None:
        if (
            name.last - name.first == 1
            and plain(spelled) in people
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
        whole = people.get(plain(spelled))
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
    if plain(word) in people:
        whole = people[plain(word)]
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
        if not text.words[i][0].isupper():
            continue
        for size in range(min(longest, len(text.words) - i), 0, -1):
            spelled = text.span(i, i + size)
            whole = people.get(plain(spelled))
            if whole is not None and (size > 1 or plain(whole).endswith(plain(spelled))):
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


def _named(text: Text, name: Name) -> Named:
    start, end = text.starts[name.first], text.ends[name.last - 1]
    if name.full == "\x00clitic":
        start, name.full = start + 1, None
    spelled = text.text[start:end]
    entry = name.entry
    whole = name.full or (entry.name if entry is not None else " ".join(spelled.split()))
    if entry is not None and key(entry.name) == key(spelled) and not spelled.isupper():
        whole = " ".join(spelled.split())
    mention = Named(
        start=start,
        end=end,
        text=spelled,
        first=name.first,
        last=name.last,
        sentence=text.sentence_of[name.first],
        entity_id=entity_id(whole, name.type),
        name=whole,
        type=name.type,
        confidence=name.confidence,
        method=name.method,
    )
    if entry is not None:
        mention.country, mention.sector, mention.kind = entry.country, entry.sector, entry.kind
        mention.geonames_id, mention.latitude, mention.longitude = entry.geonames_id, entry.latitude, entry.longitude
        mention.capital = entry.capital
        if entry.latitude is not None:
            mention.precision = entry.kind
    if text.text[mention.start : mention.end] != mention.text or not mention.text:
        raise AssertionError(f"offsets of {mention.text!r} are wrong: {mention.start}–{mention.end}")
    return mention
