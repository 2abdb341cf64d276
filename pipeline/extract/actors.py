"""Who acts: mentions and nouns of role (`the army`, `French police`, `Governor Boubacar Maïga`), with country and sector.

A phrase is what an event's actor or recipient is taken from. Its country comes from what modifies it (`French police`,
`Chad's government`, `police in Peru`), from the list that names it, or from what the article said of that entity before;
its sector from the noun (`lexicon/roles.toml`), the organisation or the person's title. What is not said stays empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.extract.gazetteer import alpha3
from pipeline.extract.inflection import noun_forms
from pipeline.extract.lexicon import read_toml
from pipeline.extract.mentions import Named
from pipeline.extract.nlp import Text
from pipeline.records import Actor

DETERMINERS = frozenset("the a an his her its their our my your this that these those some any no all both each every".split())
_NUMBERS = frozenset(
    """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen twenty thirty forty fifty
    sixty hundred thousand million dozen dozens hundreds thousands several many few""".split()
)
_ADJECTIVES = frozenset(
    """senior top former local regional armed masked riot federal national new young old unidentified suspected alleged
    several many foreign elderly heavily displaced striking angry pro-government anti-government pro-democracy islamist
    jihadist militant rebel opposition government state military police army city county district village provincial municipal naval
    unarmed peaceful undocumented native main largest leading ruling conservative liberal socialist communist right-wing left-wing
    far-right far-left retired outgoing incoming acting deputy chief prime vice special human rights civil public private parliamentary
    presidential judicial diplomatic religious ethnic indigenous southern northern eastern western central coastal rural urban
    about around nearly over some more than at least almost roughly off-duty plainclothes mutinous wounded injured dead fellow other
    two-thirds nato un u.n. eu interim transitional election aid relief oil mining fishing grain dairy factory school university health
    border security customs immigration trade interior finance defence defense justice labour labor agriculture energy transport
    environment education fisheries culture home""".split()
)
_PREPOSITIONS = frozenset(
    "of in at on from for with by near to into against between among around under over during after before since through via".split()
)
PRONOUNS = frozenset("he she it they we i you".split())


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


@dataclass(frozen=True, slots=True)
class Roles:
    """`lexicon/roles.toml`, by form."""

    sector: dict[tuple[str, ...], str]
    longest: int
    modifiers: dict[str, str]
    empty: frozenset[str]
    quantity: frozenset[str]
    themes: frozenset[str]


@cache
def roles() -> Roles:
    """Nouns of role by their forms."""
    lists = read_toml("roles")
    sector: dict[tuple[str, ...], str] = {}
    for code, words in lists["sectors"].items():
        for word in words.split():
            for form in noun_forms(word.replace("_", " ").lower()):
                sector.setdefault(tuple(form.split()), code)
    empty = frozenset(f for w in lists["modifiers"]["empty"].split() for f in noun_forms(w))
    themes = frozenset(f for w in lists["generic"]["themes"].split() for f in noun_forms(w))
    return Roles(
        sector, max(map(len, sector)), lists["modifiers"]["words"], empty, frozenset(lists["generic"]["quantity"].split()), themes
    )


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
        size, sector = _role(text.lower, i, last)
        if size:
            i = _from_role(text, i, size, sector, first, last, by_word, found, known)
            continue
        word = text.lower[i]
        if word in PRONOUNS:
            found.append(Phrase(i, i + 1, "pronoun", plural=word in ("they", "we")))
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
        text=text.text[start:end], start=start, end=end, entity_id=mention.entity_id if mention else None,
        name=mention.name if mention else phrase.name, code=code or None, country=country, sector=sector,
    )  # fmt: skip


def _role(lower: list[str], i: int, last: int) -> tuple[int, str | None]:
    table = roles()
    for size in range(min(table.longest, last - i), 0, -1):
        sector = table.sector.get(tuple(lower[i : i + size]))
        if sector is not None:
            return size, sector
    return 0, None


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
    while j < last and j < behind + 4 and j not in by_word and not _role(lower, j, last)[0] and lower[j] in _ADJECTIVES:
        j += 1
    size, sector = _role(lower, j, last)
    if m.type in ("group", "location", "organization") and size and j not in by_word and (behind > end or m.type != "person"):
        modifier = roles().modifiers.get(lower[j - 1]) if j > behind else None
        role_sector = modifier or sector
        if lower[j + size - 1] in roles().empty and m.sector:
            role_sector = m.sector
        country = m.country
        stop = j + size
        # A second role noun belongs to the first: `government officials`.
        more, further = _role(lower, stop, last)
        if more and stop not in by_word:
            stop += more
            role_sector = further if lower[stop - 1] not in roles().empty else role_sector
        person = by_word.get(stop)
        begin = _leftward(text, i, first, found)
        if person is not None and person.type == "person":
            known[person.entity_id] = (country, role_sector)
            found.append(Phrase(begin, person.last, "mention", person, person.name, country, role_sector))
            return person.last
        holder = m if m.type == "organization" else None
        found.append(Phrase(begin, stop, "role", holder, None, country, role_sector, lower[stop - 1].endswith("s")))
        return stop
    country, sector = m.country, m.sector
    if m.entity_id in known:
        country, sector = (known[m.entity_id][0] or country, known[m.entity_id][1] or sector)
    if m.kind == "demonym" or (m.kind == "group" and m.type == "group"):
        plural = m.text.endswith("s")
        if plural or behind >= last or not lower[behind][0].isalpha() or lower[behind] in _PREPOSITIONS:
            sector = sector or ("CVL" if plural else None)
        found.append(Phrase(_leftward(text, i, first, found), end, "people", m, m.name, country, sector, plural))
        return end
    if m.type == "location" and m.capital:
        sector = sector or None
    if m.type in ("event", "work", "other"):
        return end
    begin = i
    if m.type == "organization" and not sector:
        sector = _organisation_sector(m.name)
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
    found.append(Phrase(begin, end, "mention", m, m.name, country, sector))
    return end


def _organisation_sector(name: str) -> str | None:
    words = name.split()
    for tails, sector in _ORGANISATION:
        if words[-1] in tails or words[0] in tails:
            return sector
    return None


_ORGANISATION: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(words.split()), sector)
    for words, sector in (
        ("Ministry Department Embassy Government Bureau Authority Administration Commission Council Ministerio", "GOV"),
        ("Police Gendarmerie Constabulary", "COP"),
        ("Army Navy Force Forces Guard Command Brigade Corps Battalion", "MIL"),
        ("Parliament Senate Congress Assembly Chamber", "LEG"),
        ("Court Tribunal", "JUD"),
        ("University College Academy School Institute", "EDU"),
        ("Church Diocese Mosque", "REL"),
        ("Union Unions Workers", "LAB"),
        ("Inc Inc. Ltd Ltd. Corp Corp. Company Group Bank Holdings Airlines Motors Marine Energy Shipping Industries", "BUS"),
        ("News Times Post Radio Television Press Herald Tribune", "MED"),
        ("Party", "OPP"),
        ("Foundation Association Society Watch Trust", "NGO"),
        ("Militia Front", "REB"),
        ("Cartel Gang", "CRM"),
    )
)


def _titles(text: Text, i: int, first: int, found: list[Phrase]) -> tuple[int, str | None, str | None]:
    """Titles before a person: where they begin, and the sector and country they give."""
    lower = text.lower
    begin = i
    while begin > first and (lower[begin - 1] in _TITLE_WORDS or (lower[begin - 1] == "." and begin - 1 > first and text.joined(begin - 1))):
        if found and found[-1].last > begin - 1:
            break
        begin -= 1
    sector = country = None
    title = tuple(w for w in lower[begin:i] if w != ".")
    for size in range(len(title), 0, -1):
        for at in range(len(title) - size + 1):
            sector = sector or roles().sector.get(title[at : at + size]) or _SHORT.get(" ".join(title[at : at + size]))
    if found and found[-1].last == begin and found[-1].kind in ("people", "role") and begin > first:
        # `French President` + name, `regional governor` + name: one phrase.
        before = found.pop()
        return before.first, sector or before.sector, before.country
    if begin < i and found and found[-1].last == begin and found[-1].mention is not None and found[-1].mention.type == "location":
        before = found.pop()
        return before.first, sector, before.country
    if begin < i and found and found[-1].last == begin - 1 and lower[begin - 1] in ("'s", "’s"):
        before = found.pop()
        return before.first, sector, before.country
    return begin, sector, country


_SHORT = {
    "gov": "GOV", "gov.": "GOV", "sen": "LEG", "sen.": "LEG", "rep": "LEG", "rep.": "LEG", "gen": "MIL", "gen.": "MIL", "col": "MIL",
    "col.": "MIL", "lt.": "MIL", "lt": "MIL", "capt.": "MIL", "capt": "MIL", "maj.": "MIL", "sgt.": "COP", "prime minister": "GOV",
    "justice": "JUD", "archbishop": "REL", "rev.": "REL", "king": "GOV", "queen": "GOV", "prince": "GOV", "sheriff": "COP", "mp": "LEG",
}  # fmt: skip
_TITLE_WORDS = frozenset(
    w.lower() for part in ("courtesy", "office", "lower") for w in read_toml("names")["titles"][part].split()
) | frozenset(["foreign", "prime", "vice", "deputy", "interior", "defence", "defense", "finance", "justice", "trade"])


def _apposition(
    text: Text, i: int, last: int, by_word: dict[int, Named], country: str | None, sector: str | None
) -> tuple[str | None, str | None]:
    for j in range(i, min(last, i + 8)):
        if text.lower[j] in (",", ".", "who", "said"):
            break
        if j in by_word and by_word[j].type in ("group", "location", "organization"):
            country = country or by_word[j].country
            continue
        size, role = _role(text.lower, j, last)
        if size and role is not None:
            sector = sector or role
    return (country, sector) if sector else (None, None)


def _from_role(
    text: Text, i: int, size: int, sector: str | None, first: int, last: int, by_word: dict[int, Named], found: list[Phrase], known: Known
) -> int:
    lower = text.lower
    stop = i + size
    more, further = _role(lower, stop, last)
    if more and stop not in by_word:
        # `police officers`, `government spokesman`, `rebel leader`: the last noun is the head, the first may give the sector.
        held = roles().modifiers.get(lower[stop - 1])
        stop += more
        sector = (held or sector) if lower[stop - 1] in roles().empty else further
    begin = _leftward(text, i, first, found)
    for j in range(begin, i):
        if lower[j] in roles().modifiers and lower[stop - 1] in roles().empty | {"politician", "lawmaker", "lawmakers", "politicians"}:
            sector = roles().modifiers[lower[j]]
    person = by_word.get(stop)
    if person is not None and person.type == "person":
        known.setdefault(person.entity_id, (None, sector))
        country = known[person.entity_id][0]
        found.append(Phrase(begin, person.last, "mention", person, person.name, country, sector))
        return person.last
    phrase = Phrase(begin, stop, "role", None, None, None, sector, lower[stop - 1].endswith("s") or size > 1)
    if stop + 1 < last and lower[stop] in ("in", "of", "from", "for"):
        at = stop + 1 + (lower[stop + 1] == "the")
        holder = by_word.get(at)
        if holder is not None and holder.type in ("location", "group", "organization", "person"):
            phrase.country = holder.country
            if lower[stop] in ("of", "for") and holder.type in ("organization", "person") and lower[stop - 1] in roles().empty:
                phrase.sector = holder.sector or known.get(holder.entity_id, (None, None))[1] or sector
                phrase.country = phrase.country or known.get(holder.entity_id, (None, None))[0]
                phrase.mention, phrase.last = (holder, holder.last) if holder.type == "organization" else (None, holder.last)
                found.append(phrase)
                return holder.last
    found.append(phrase)
    return stop


def _leftward(text: Text, i: int, first: int, found: list[Phrase]) -> int:
    """Where the phrase whose noun stands at `i` begins: numerals, adjectives, a determiner."""
    lower = text.lower
    floor = found[-1].last if found else first
    j = i
    while j > floor and (
        lower[j - 1] in _ADJECTIVES or lower[j - 1] in _NUMBERS or lower[j - 1][0].isdigit() or lower[j - 1].endswith(("ese", "-led", "-backed"))
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
        if before is not None and before.kind == "quantity" and phrase.kind in ("role", "people") and phrase.first == before.last + 1:
            phrase.first, phrase.plural = before.first, True
            joined.pop()
        joined.append(phrase)
    # A quantity of anything else counts people by itself (`Tens of thousands marched`).
    kept = [p for p in joined if p.kind != "quantity"]
    for phrase in kept:
        if phrase.first > first and text.lower[phrase.first - 1] in _PREPOSITIONS:
            phrase.in_prepositional = True
    return kept
