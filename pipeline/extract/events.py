"""Events of the sixteen PLOVER types, coded from English text by lexicon and clause.

A trigger becomes an event when somebody or something that can act stands in its clause as actor or recipient. One
trigger gives one event; compound actors stay a list. What a verb of speech governs (`agreed to withdraw`, `accused
of attacking`) is not coded beside it. `confidence` orders events by how much of them was found; it is not
calibrated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pipeline import ids
from pipeline.extract import circumstances
from pipeline.extract.actors import DETERMINERS, NUMBERS, Known, Phrase, actor_of, phrases
from pipeline.extract.clauses import Roled, assign
from pipeline.extract.gate import article_passes, sentence_passes
from pipeline.extract.lexicon import listed, version
from pipeline.extract.mentions import Named, Reading
from pipeline.extract.roles import roles
from pipeline.extract.triggers import Trigger, matches
from pipeline.records import Article, Event
from pipeline.schema import ontology

# What these govern in the infinitive or gerund is said, not done.
_SPEAKING = frozenset({"AGREE", "CONSULT", "REQUEST", "ACCUSE", "REJECT", "THREATEN", "SUPPORT", "CONCEDE"})
# The action itself falls on things too; words fall on those who can hear them.
_MATERIAL = frozenset({"AID", "RETREAT", "SANCTION", "COERCE", "ASSAULT"})
# Verbs of everyday use: an event only with an actor and a recipient that can act.
_STRICT = listed("events", "strict")


@dataclass(slots=True)
class _Sentence:
    number: int
    first: int
    last: int
    words: set[str]


def code(article: Article, readings: list[Reading]) -> Iterator[Event]:
    """The events of an English article; none where its domain is not coded."""
    body = next((r.text.lower for r in readings if r.field == "text"), [])
    if not article_passes(article.section, article.kind, body):
        return
    known: Known = {}
    # The text first: it introduces those whom the headline only names.
    for reading in sorted(readings, key=lambda r: r.field == "title"):
        people: list[Phrase] = []
        for number, (first, last) in enumerate(reading.text.sentences):
            sentence = _Sentence(number, first, last, set(reading.text.lower[first:last]))
            here = [m for m in reading.mentions if m.sentence == number]
            yield from _sentence_events(article, reading, sentence, here, known, people)


def _sentence_events(
    article: Article, reading: Reading, s: _Sentence, mentions: list[Named], known: Known, people: list[Phrase]
) -> Iterator[Event]:
    text, lower = reading.text, reading.text.lower
    triggers = matches(lower, s.first, s.last)
    if not triggers:
        people[:] = _people(mentions) or people
        return
    # A name is no trigger (`United Nations`, `Strike Force`).
    named = {i for m in mentions for i in range(m.first, m.last)}
    triggers = [t for t in triggers if t.first not in named]
    found = phrases(text, mentions, s.first, s.last, known)
    used = {i for p in found for i in range(p.first, p.last)}
    before: list[Trigger] = []
    taken: list[Phrase] = []
    for n, trigger in enumerate(triggers):
        if trigger.first in used and trigger.lemma not in ("be",):
            continue
        roled = assign(lower, found, triggers, n, s.first, s.last, taken)
        if not _stands(lower, s, trigger, roled, before):
            continue
        if not sentence_passes(s.words, trigger.lemma):
            continue
        before.append(trigger)
        if not roled.passive and not roled.recipients and trigger.type in _MATERIAL:
            generic = _thing(lower, trigger, s.last, used)
            if generic is not None:
                roled.recipients = [generic]
        roled.actors = [p for p in roled.actors if _can_act(p, known)]
        roled.recipients = [p for p in roled.recipients if _can_act(p, known) or p.kind == "generic"]
        _resolve_pronouns(roled, people, mentions, trigger.first)
        if not _enough(trigger, roled):
            continue
        taken += roled.recipients
        yield _event(article, reading, s, trigger, roled)
    people[:] = _people(mentions) or people


def _people(mentions: list[Named]) -> list[Phrase]:
    return [Phrase(m.first, m.last, "mention", m, m.name, m.country, m.sector) for m in mentions if m.type == "person"]


def _stands(lower: list[str], s: _Sentence, trigger: Trigger, roled: Roled, before: list[Trigger]) -> bool:
    """Whether a trigger tells an event of its own here."""
    i = trigger.first
    previous = lower[i - 1] if i > s.first else ""
    if "noun" in trigger.forms:
        return any(p.kind != "pronoun" for p in roled.actors)
    governing = before[-1] if before and i - before[-1].last < 9 else None
    if (
        roled.infinitive
        and governing is not None
        and governing.type in _SPEAKING
        and "to" in lower[governing.first : i]
    ):
        return False
    if trigger.forms == {"ing"}:
        helper = any(w in ("is", "are", "was", "were", "been", "be", "'s", "’s", "'re") for w in lower[roled.group : i])
        if not helper and previous != ",":
            return False
        if not helper and any(t.type == trigger.type for t in before):
            return False
    if trigger.forms <= {"base", "s"} or (trigger.forms & {"base", "s"} and previous == "to"):
        marked = (
            roled.infinitive
            or any(lower[k] in _HELPING for k in range(roled.group, i))
            or previous in ("and", "or", "who", "which")
        )
        if not marked and not roled.subject_direct:
            return False
        if (
            trigger.forms == {"base"}
            and not marked
            and roled.actors
            and not (roled.actors[-1].plural or len(roled.actors) > 1)
        ):
            # `The police attack plan`: a base form needs more than one subject (police are many).
            return roled.actors[-1].kind == "role" and roled.actors[-1].sector in ("COP", "MIL")
    following = lower[trigger.last] if trigger.last < s.last else ""
    if trigger.lemma in ("decline", "refuse") and following in _UNSAID:
        return False
    if trigger.lemma == "withdraw" and trigger.theme is None and not trigger.pattern.after and following in DETERMINERS:
        return False
    return not (
        trigger.forms & {"past", "part"} and trigger.lemma == "arm" and not roled.passive and not roled.subject_direct
    )


_UNSAID = listed("events", "unsaid")
_HELPING = listed("events", "helping")


def _can_act(phrase: Phrase, known: Known) -> bool:
    if phrase.kind == "mention" and phrase.mention is not None:
        return phrase.mention.type in ("person", "organization", "location", "group")
    return phrase.kind in ("role", "people", "pronoun")


def _thing(lower: list[str], trigger: Trigger, last: int, used: set[int]) -> Phrase | None:
    """The object a material action falls on, though it is nobody: `attacked a food convoy`."""
    if trigger.pattern.object != "direct" or trigger.theme is not None or trigger.behind >= last:
        return None
    i = trigger.behind
    if lower[i] not in DETERMINERS | NUMBERS and not lower[i][0].isdigit():
        return None
    j = i + 1
    while j < last and j < i + 5 and j not in used and lower[j][0].isalpha() and lower[j] not in _THING_ENDS:
        j += 1
    if j == i + 1 or lower[j - 1] in roles().themes or lower[j - 1].endswith(("ing", "ed", "ly")):
        return None
    return Phrase(i, j, "generic")


_THING_ENDS = listed("events", "thing_ends")


def _resolve_pronouns(roled: Roled, people: list[Phrase], mentions: list[Named], trigger: int) -> None:
    """`He` and `she` stand for the one person named last; where two could be meant, for nobody in particular."""
    for phrase in (*roled.actors, *roled.recipients):
        if phrase.kind != "pronoun" or phrase.mention is not None:
            continue
        earlier = [m for m in mentions if m.type == "person" and m.first < phrase.first]
        candidates = _people(earlier) or people
        if phrase.plural or len({p.mention.entity_id for p in candidates if p.mention}) != 1:
            continue
        phrase.mention, phrase.country, phrase.sector = (
            candidates[-1].mention,
            candidates[-1].country,
            candidates[-1].sector,
        )


def _enough(trigger: Trigger, roled: Roled) -> bool:
    firm = [
        p
        for p in (*roled.actors, *roled.recipients)
        if p.kind != "generic" and (p.kind != "pronoun" or p.mention is not None)
    ]
    if "noun" in trigger.forms:
        return bool(firm)
    if roled.passive:
        return bool(roled.recipients) or bool(firm)
    if not roled.actors or not firm:
        return False
    if (
        trigger.pattern.object == "direct"
        and trigger.type in _MATERIAL
        and not trigger.theme
        and not trigger.pattern.after
    ):
        return bool(roled.recipients)
    plain = not trigger.pattern.after and trigger.theme is None
    if plain and trigger.lemma in _STRICT:
        return bool(roled.actors) and any(p.kind != "generic" for p in roled.recipients)
    if plain and trigger.type == "CONSULT":
        return bool(roled.actors) and (bool(roled.recipients) or roled.actors[0].plural)
    return True


def _event(article: Article, reading: Reading, s: _Sentence, trigger: Trigger, roled: Roled) -> Event:
    text = reading.text
    types = ontology("plover")["types"][trigger.type]
    start, end = text.starts[trigger.first], text.ends[trigger.last - 1]
    actors = [actor_of(text, p) for p in roled.actors]
    recipients = [actor_of(text, p) for p in roled.recipients]
    told = article.published_at or article.fetched_at
    published: date | None = told.date()
    flags = circumstances.flags(
        text.lower,
        s.first,
        s.last,
        roled.group,
        (trigger.first, trigger.last),
        roled.governor,
        roled.infinitive,
        published,
        roled.actors[0].first if roled.actors else None,
        circumstances.in_quotation(text, s.first, trigger.first),
        reading.field == "title",
    )
    day = circumstances.event_date(text.lower, s.first, s.last, published if article.published_at else None)
    basis = "sentence" if day else "published" if article.published_at else "fetched"
    taken = {p.mention.start for p in (*roled.actors, *roled.recipients) if p.mention is not None}
    where = circumstances.place(reading.mentions, s.number, taken, text.lower)
    quote_start, quote_end = text.starts[s.first], text.ends[s.last - 1]
    actor, recipient = actors[0] if actors else None, recipients[0] if recipients else None
    confidence = (
        0.4
        + 0.15 * bool(actors)
        + 0.15 * bool(recipients)
        + 0.1 * (trigger.theme is not None or bool(trigger.pattern.after))
    )
    if "noun" in trigger.forms:
        confidence -= 0.15
    event = Event(
        event_id=ids.event_id(article.version_id, reading.field, trigger.type, start, end),
        article_id=article.article_id,
        version_id=article.version_id,
        field=reading.field,
        event_type=trigger.type,
        mode=trigger.pattern.mode,
        contexts=circumstances.contexts(text.lower, s.first, s.last, trigger.pattern.contexts),
        cameo_root=types["cameo_root"],
        quad_class=types["quad_class"],
        goldstein=types["goldstein"],
        actors=actors,
        recipients=recipients,
        trigger_text=text.text[start:end],
        trigger_start=start,
        trigger_end=end,
        quote=text.text[quote_start:quote_end],
        sentence_start=quote_start,
        event_date=day or published,
        event_date_basis=basis,
        place_name=where.name if where else None,
        place_country=where.country if where else None,
        latitude=where.latitude if where else None,
        longitude=where.longitude if where else None,
        is_negated=flags.negated,
        is_hypothetical=flags.hypothetical,
        is_future=flags.future,
        is_historical=flags.historical,
        is_reported=flags.reported,
        confidence=round(confidence, 2),
        coder_version=version(),
    )
    if actor is not None:
        event.actor_text, event.actor_start, event.actor_end, event.actor_name = (
            actor.text,
            actor.start,
            actor.end,
            actor.name,
        )
        event.actor_code, event.actor_country, event.actor_sector = actor.code, actor.country, actor.sector
    if recipient is not None:
        event.recipient_text, event.recipient_start, event.recipient_end = (
            recipient.text,
            recipient.start,
            recipient.end,
        )
        event.recipient_name, event.recipient_code = recipient.name, recipient.code
        event.recipient_country, event.recipient_sector = recipient.country, recipient.sector
    return event
