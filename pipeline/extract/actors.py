"""Who acts: mentions and nouns of role (`the army`, `French police`, `Governor Boubacar Maïga`), with country and
sector.

A phrase is what an event's actor or recipient is taken from. Its country comes from what modifies it (`French
police`, `Chad's government`, `police in Peru`), from the list that names it, or from what the article said of that
entity before; its sector from the noun (`lexicon/roles.toml`), the organisation or the person's title. What is not
said stays empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.extract.gazetteer import alpha3
from pipeline.extract.lexicon import listed, read_toml
from pipeline.extract.mentions import Named
from pipeline.extract.nlp import Text
from pipeline.extract.roles import organisation_sector, role_at, roles, title_sector
from pipeline.records import Actor

DETERMINERS = listed("actors", "determiners")
NUMBERS = listed("actors", "numbers")
_ADJECTIVES = listed("actors", "adjectives")
PREPOSITIONS = listed("actors", "prepositions")
PRONOUNS = frozenset(["he", "she", "it", "they"])


@dataclass(slots=True)
class Phrase:
    """Words `first` to `last` naming somebody or something that can act."""

    first: int
    last: int
    kind: str
    """mention, role, people (a demonym alone), pronoun, generic."""
    mention: Named | None = None
    name: str | None = None
    country: str | None = None
    sector: str | None = None
    plural: bool = False
    in_prepositional: bool = False
    edge: int = -1
    """Its first word, or the determiner before that."""


Known = dict[str, tuple[str | None, str | None]]
"""Entity → country and sector the article has given it so far."""


def phrases(text: Text, mentions: list[Named], first: int, last: int, known: Known) -> list[Phrase]:
    """The phrases of the sentence of words `first` to `last`, in order, none overlapping."""
    by_word = {m.first: m for m in mentions}
    found: list[Phrase] = []
    i = first
    while i < last:
        mention = by_word.get(i)
        if mention is not None:
            i = _from_mention(text, mention, i, first, last, by_word, found, known)
            continue
        size, sector = role_at(text.lower, i, last)
        if size and i + size < last and text.lower[i] in roles().modifiers and text.lower[i + size] in _THINGS:
            # `two military transport aircraft`: what it is, not who.
            i += size
            continue
        if size == 1 and text.lower[i : i + 2] == ["state", "of"] and by_word.keys().isdisjoint((i + 2, i + 3)):
            # `a state of emergency`, `this state of affairs`; not `the state of Michigan`.
            i += 2
            continue
        if size:
            i = _from_role(text, i, size, sector, first, last, by_word, found, known)
            continue
        word = text.lower[i]
        if word in PRONOUNS:
            found.append(Phrase(i, i + 1, "pronoun", plural=word == "they"))
        elif word in roles().quantity and i + 1 < last and text.lower[i + 1] == "of":
            # Counted with what follows: `Thousands of people`; alone it is nobody in particular.
            found.append(Phrase(i, i + 1, "quantity", plural=True))
        i += 1
    return _joined(text, found, first)


def actor_of(text: Text, phrase: Phrase) -> Actor:
    """The contract's actor for a phrase."""
    start, end = text.starts[phrase.first], text.ends[phrase.last - 1]
    mention = phrase.mention
    if phrase.kind == "mention" and mention is not None and phrase.last == mention.last:
        end = mention.end
        if phrase.first == mention.first:
            start = mention.start
    country, sector = phrase.country, phrase.sector
    code = (alpha3(country) if country else "") + (sector or "")
    return Actor(
        text=text.text[start:end],
        start=start,
        end=end,
        entity_id=mention.entity_id if mention else None,
        name=mention.name if mention else phrase.name,
        code=code or None,
        country=country,
        sector=sector,
    )


def _from_mention(
    text: Text, m: Named, i: int, first: int, last: int, by_word: dict[int, Named], found: list[Phrase], known: Known
) -> int:
    """A mention as a phrase, with the title before it, or as what modifies the noun behind it."""
    lower = text.lower
    end = m.last
    behind = end
    if behind < last and lower[behind] in ("'s", "’s", "'", "’"):
        behind += 1
    # `Chad's government`, `French police`, `UN peacekeepers`, `Kenya's fisheries minister Daniel Otieno`.
    j = behind
    while (
        j < last
        and j < behind + 4
        and j not in by_word
        and not role_at(lower, j, last)[0]
        # `Egyptian Irrigation Minister`: what a title says of its office is written large.
        and (lower[j] in _ADJECTIVES or (text.words[j][0].isupper() and m.type != "person"))
    ):
        j += 1
    size, sector = role_at(lower, j, last)
    if (
        m.type in ("group", "location", "organization")
        and size
        and j not in by_word
        and (behind > end or m.type != "person")
    ):
        modifier = roles().modifiers.get(lower[j - 1]) if j > behind else None
        role_sector = modifier or sector
        if lower[j + size - 1] in roles().empty and m.sector:
            role_sector = m.sector
        country = m.country
        stop = j + size
        # A second role noun belongs to the first: `government officials`.
        more, further = _second_role(lower, stop, last)
        if more and stop not in by_word:
            stop += more
            role_sector = further if lower[stop - 1] not in roles().empty else role_sector
        person = by_word.get(stop)
        begin = _leftward(text, i, first, found)
        if person is not None and person.type == "person":
            known[person.entity_id] = (country, role_sector)
            found.append(Phrase(begin, person.last, "mention", person, person.name, country, role_sector))
            return person.last
        stop, named = _named_behind(text, stop, last, by_word)
        if named is not None:
            known[named.entity_id] = (country, role_sector)
            found.append(Phrase(begin, stop, "mention", named, named.name, country, role_sector))
            return stop
        holder = m if m.type == "organization" else None
        found.append(Phrase(begin, stop, "role", holder, None, country, role_sector, lower[stop - 1].endswith("s")))
        return stop
    country, sector = m.country, m.sector
    if m.entity_id in known:
        country, sector = (known[m.entity_id][0] or country, known[m.entity_id][1] or sector)
    if m.kind == "demonym" or (m.kind == "group" and m.type == "group"):
        plural = m.text.endswith("s")
        if plural or behind >= last or not lower[behind][0].isalpha() or lower[behind] in PREPOSITIONS:
            sector = sector or ("CVL" if plural else None)
        found.append(Phrase(_leftward(text, i, first, found), end, "people", m, m.name, country, sector, plural))
        return end
    if m.type in ("event", "work", "other"):
        return end
    begin = i
    if m.type == "organization" and not sector:
        sector = organisation_sector(m.name)
    if m.type == "person":
        begin, title_sector, title_country = _titles(text, i, first, found)
        if title_sector or title_country:
            sector, country = title_sector or sector, title_country or country
            known[m.entity_id] = (country, sector)
        elif end + 1 < last and lower[end] == ",":
            # `Emmanuel Macron, the French president,`
            country, sector = _apposition(text, end + 1, last, by_word, country, sector)
            if country or sector:
                known[m.entity_id] = (country, sector)
    if m.type in ("person", "organization"):
        # A family name alone is sometimes taken for an organisation.
        country = country or _leaders().get(m.name)
    found.append(Phrase(begin, end, "mention", m, m.name, country, sector))
    return end


@cache
def _leaders() -> dict[str, str]:
    """The country of persons known by name (`lexicon/leaders.toml`)."""
    return {
        name: country
        for country, persons in read_toml("leaders").items()
        for person in persons.split(" | ")
        for name in person.split("; ")
    }


def _titles(text: Text, i: int, first: int, found: list[Phrase]) -> tuple[int, str | None, str | None]:
    """Titles before a person: where they begin, and the sector and country they give."""
    lower = text.lower
    begin = i
    while begin > first and (
        lower[begin - 1] in roles().title_words
        or (lower[begin - 1] == "." and begin - 1 > first and text.joined(begin - 1))
    ):
        if found and found[-1].last > begin - 1:
            break
        begin -= 1
    country = None
    sector = title_sector(tuple(w for w in lower[begin:i] if w != "."))
    if found and found[-1].last == begin and found[-1].kind in ("people", "role") and begin > first:
        # `French President` + name, `regional governor` + name: one phrase.
        before = found.pop()
        return before.first, sector or before.sector, before.country
    if begin < i and found:
        # `Chad President` + name, `Chad's president` + name.
        owned = lower[begin - 1] in ("'s", "’s")
        before = found[-1]
        place = before.mention is not None and before.mention.type == "location"
        if before.last == begin - owned and (owned or place):
            found.pop()
            return before.first, sector, before.country
    return begin, sector, country


def _apposition(
    text: Text, i: int, last: int, by_word: dict[int, Named], country: str | None, sector: str | None
) -> tuple[str | None, str | None]:
    for j in range(i, min(last, i + 8)):
        if text.lower[j] in (",", ".", "who", "said"):
            break
        if j in by_word and by_word[j].type in ("group", "location", "organization"):
            country = country or by_word[j].country
            continue
        size, role = role_at(text.lower, j, last)
        if size and role is not None:
            sector = sector or role
    return (country, sector) if sector else (None, None)


def _from_role(
    text: Text,
    i: int,
    size: int,
    sector: str | None,
    first: int,
    last: int,
    by_word: dict[int, Named],
    found: list[Phrase],
    known: Known,
) -> int:
    lower = text.lower
    stop = i + size
    more, further = _second_role(lower, stop, last)
    if more and stop not in by_word:
        # `police officers`, `rebel leader`: the last noun is the head, the first may give the sector.
        held = roles().modifiers.get(lower[stop - 1])
        stop += more
        sector = (held or sector) if lower[stop - 1] in roles().empty else further
    if stop + 1 < last and lower[stop] in ("'", "’", "'s", "’s"):
        # `the dockworkers' union`, `the country's new police chief`
        j = stop + 1
        while j < last and j < stop + 3 and lower[j] in _ADJECTIVES and not role_at(lower, j, last)[0]:
            j += 1
        more, further = role_at(lower, j, last)
        if more:
            if lower[j + more - 1] in roles().empty | _PRESIDENTS:
                # `the miners' leader`, `the union's president`
                further = sector
            begin = _leftward(text, i, first, found)
            i, stop = _from_role(text, j, more, further, first, last, by_word, found, known), 0
            found[-1].first = min(begin, found[-1].first)
            return i
    begin = _leftward(text, i, first, found)
    for j in range(begin, i):
        if lower[j] in roles().modifiers and lower[stop - 1] in roles().empty | {
            "politician",
            "lawmaker",
            "lawmakers",
            "politicians",
        }:
            sector = roles().modifiers[lower[j]]
    person = by_word.get(stop)
    if person is not None and person.type == "person":
        known.setdefault(person.entity_id, (None, sector))
        country = known[person.entity_id][0]
        found.append(Phrase(begin, person.last, "mention", person, person.name, country, sector))
        return person.last
    if stop < last and lower[stop] in _FACILITIES:
        # What belongs to them, and stands for them: `a police station`.
        stop += 1
    stop, named = _named_behind(text, stop, last, by_word)
    if named is not None:
        known.setdefault(named.entity_id, (None, sector))
        found.append(Phrase(begin, stop, "mention", named, named.name, known[named.entity_id][0], sector))
        return stop
    phrase = Phrase(begin, stop, "role", None, None, None, sector, lower[stop - 1].endswith("s") or size > 1)
    if stop + 1 < last and lower[stop] in ("in", "of", "from", "for"):
        at = stop + 1 + (lower[stop + 1] == "the")
        holder = by_word.get(at)
        if holder is not None and holder.type in ("location", "group", "organization", "person"):
            phrase.country = holder.country
            if (
                lower[stop] in ("of", "for")
                and holder.type in ("organization", "person")
                and lower[stop - 1] in roles().empty
            ):
                phrase.sector = holder.sector or known.get(holder.entity_id, (None, None))[1] or sector
                phrase.country = phrase.country or known.get(holder.entity_id, (None, None))[0]
                phrase.mention, phrase.last = (
                    (holder, holder.last) if holder.type == "organization" else (None, holder.last)
                )
                found.append(phrase)
                return holder.last
    found.append(phrase)
    return stop


def _second_role(lower: list[str], at: int, last: int) -> tuple[int, str | None]:
    """A noun of role behind another one; in `took nine soldiers hostage` it is what becomes of them."""
    if at < last and lower[at] in _TAKEN and lower[at - 1].endswith("s"):
        return 0, None
    return role_at(lower, at, last)


_TAKEN = frozenset(["hostage", "captive", "prisoner"])
_PRESIDENTS = frozenset(["president", "secretary"])
"""Offices of bodies as well as of states."""
_FACILITIES = listed("actors", "facilities")
_THINGS = listed("actors", "things")


def _named_behind(text: Text, stop: int, last: int, by_word: dict[int, Named]) -> tuple[int, Named | None]:
    """Whom a noun of role names: `her Irish counterpart, Cormac Devane,`, `the company Veltrane Marine`."""
    named = by_word.get(stop)
    if named is not None and named.type in ("person", "organization"):
        return named.last, named
    named = by_word.get(stop + 1) if stop + 1 < last and text.lower[stop] == "," else None
    if (
        named is not None
        and named.type == "person"
        and (named.last >= last or text.lower[named.last] in (",", ".", "and", "in", "on", "at"))
    ):
        return named.last, named
    return stop, None


def _leftward(text: Text, i: int, first: int, found: list[Phrase]) -> int:
    """Where the phrase whose noun stands at `i` begins: numerals, adjectives, a determiner."""
    lower = text.lower
    floor = found[-1].last if found else first
    j = i
    while j > floor and (
        (text.words[j - 1][0].isupper() and j - 1 > first and text.words[j - 1] not in ("I", "But", "And"))
        or lower[j - 1] in _ADJECTIVES
        or lower[j - 1] in NUMBERS
        or lower[j - 1][0].isdigit()
        or lower[j - 1].endswith(("ese", "-led", "-backed"))
    ):
        j -= 1
    if j > floor and lower[j - 1] in DETERMINERS:
        j -= 1
    # `More than` may not stand alone at the front of nothing.
    return j


def _joined(text: Text, found: list[Phrase], first: int) -> list[Phrase]:
    """`Thousands of people` is one phrase; phrases behind a preposition are marked."""
    joined: list[Phrase] = []
    for phrase in found:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.kind == "quantity"
            and phrase.kind in ("role", "people", "quantity")
            and phrase.first == before.last + 1
        ):
            phrase.first, phrase.plural = before.first, True
            joined.pop()
        joined.append(phrase)
    # A quantity of anything else counts people by itself (`Tens of thousands marched`).
    kept = [p for p in joined if p.kind != "quantity"]
    for phrase in kept:
        edge = phrase.first
        while edge > first and (
            text.lower[edge - 1] in DETERMINERS or text.lower[edge - 1] in _ADJECTIVES - {"more", "than"}
        ):
            edge -= 1
        phrase.edge = edge
        phrase.in_prepositional = edge > first and text.lower[edge - 1] in PREPOSITIONS
    return kept
