"""Who does it to whom: the phrases before and behind a trigger in its clause.

No parser is at hand. The subject is looked for leftwards: past auxiliaries and adverbs, past phrases that hang on a
preposition and past relative clauses and appositions between commas; a verb joined by `and` shares the subject of
the verb before. In the passive the subject is the recipient and `by` gives the actor.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.extract.actors import Phrase
from pipeline.extract.lexicon import listed
from pipeline.extract.roles import roles
from pipeline.extract.triggers import Trigger, lexicon

AUXILIARIES = listed("clauses", "auxiliaries")
_BE = listed("clauses", "be")
_ADVERBS = listed("clauses", "adverbs")
CONTROL = listed("clauses", "control")
_BOUNDARIES = listed("clauses", "boundaries")
_SAID = listed("clauses", "said")
_RELATIVE = frozenset(["who", "which", "whom", "whose", "where"])
_RECEIVING = listed("clauses", "receiving")
_END = listed("clauses", "end")


@dataclass(slots=True)
class Roled:
    """The parts found for a trigger."""

    actors: list[Phrase] = field(default_factory=list)
    recipients: list[Phrase] = field(default_factory=list)
    passive: bool = False
    infinitive: bool = False
    governor: int | None = None
    """The word that governs an infinitive (`plans` in `plans to sign`)."""
    group: int = 0
    """First word of the verb group: between it and the trigger stand auxiliaries and negations."""
    subject_direct: bool = False
    """Whether a phrase stands right before the verb group."""


def assign(
    lower: list[str], found: list[Phrase], triggers: list[Trigger], n: int, first: int, last: int, taken: list[Phrase]
) -> Roled:
    """Actors and recipients of trigger `n`; `taken` are recipients of the triggers before it."""
    trigger = triggers[n]
    if "noun" in trigger.forms:
        return _of_noun(lower, found, trigger, first, last)
    roled = Roled()
    at, roled.infinitive, roled.governor = _verb_group(lower, trigger.first, first)
    roled.group = at
    roled.passive = _is_passive(lower, trigger, at, found, last)
    before = _subjects(lower, found, at, first, triggers[:n])
    roled.subject_direct = bool(before) and before[-1].last == at
    if roled.subject_direct and "part" in trigger.forms and at == trigger.first and before[-1] in taken:
        # `dismissed officers suspected of`: what follows an object describes it.
        roled.passive = True
    behind = _objects(lower, found, trigger, last, roled.passive)
    if roled.passive:
        roled.recipients = before
        roled.actors = _by(lower, found, trigger.last, last)
    else:
        roled.actors = before
        roled.recipients = [p for p in behind if p not in before]
        if trigger.pattern.reciprocal and not roled.recipients and len(before) > 1:
            roled.actors, roled.recipients = before[:1], before[1:]
    return roled


def _verb_group(lower: list[str], i: int, first: int) -> tuple[int, bool, int | None]:
    """Where the verb group of the verb at `i` begins, whether it is an infinitive, and what governs that."""
    j, infinitive, governor = i, False, None
    while j > first:
        word = lower[j - 1]
        if (
            word in AUXILIARIES
            or word in _ADVERBS
            or (word.endswith("ly") and word not in ("family", "assembly", "italy", "ally", "july"))
        ):
            j -= 1
        elif word == "to":
            infinitive = True
            j -= 1
            if j > first and lower[j - 1] in CONTROL:
                governor = j - 1
                j -= 1
        else:
            break
    return j, infinitive, governor


def _is_passive(lower: list[str], trigger: Trigger, group: int, found: list[Phrase], last: int) -> bool:
    if "part" not in trigger.forms:
        return False
    helpers = lower[group : trigger.first]
    if any(w in _BE for w in helpers):
        return True
    if any(w in AUXILIARIES for w in helpers):
        return False
    following = lower[trigger.last] if trigger.last < last else ""
    if following == "by":
        return True
    # `Three men arrested in raid`: a headline's passive, where nothing stands behind that it could be done to.
    bare = (
        trigger.lemma not in ("hit", "beat", "strike", "target", "fight", "battle")
        and trigger.pattern.transitive
        and trigger.pattern.noun_class is None
        and not trigger.pattern.after
    )
    agent = any(p.last == group and p.sector in ("UAF", "MIL", "COP", "REB") for p in found)
    return (
        bare
        and not agent
        and (
            following in ("in", "after", "at", "for", "over", "on", "near", "during", "when", "as", "")
            or following in _END
        )
    )


def _at(found: list[Phrase], last: int) -> Phrase | None:
    return next((p for p in found if p.last == last), None)


def _starting(lower: list[str], found: list[Phrase], i: int) -> Phrase | None:
    """The phrase that begins at `i`, its determiner or adjectives included."""
    return next((p for p in found if p.edge <= i <= p.first), None)


def _subjects(
    lower: list[str], found: list[Phrase], at: int, first: int, before: list[Trigger], depth: int = 0
) -> list[Phrase]:
    """The phrases that are subject of the verb group beginning at `at`."""
    if at <= first or depth > 3:
        return []
    word = lower[at - 1]
    if word in _RELATIVE or word == "that":
        stop = at - 1
        if stop > first and lower[stop - 1] == ",":
            stop -= 1
        antecedent = _at(found, stop) or next((p for p in reversed(found) if 0 <= stop - p.last <= 4), None)
        if antecedent is not None and (word != "that" or antecedent.last == stop):
            return [antecedent]
    if word in ("and", "or", "but") or (word == "," and not _at(found, at - 1)):
        earlier = next((t for t in reversed(before) if t.last <= at - 1 and "noun" not in t.forms), None)
        if earlier is not None:
            group, _, _ = _verb_group(lower, earlier.first, first)
            if group < at:
                return _subjects(lower, found, group, first, [t for t in before if t.first < earlier.first], depth + 1)
    if word == ",":
        opening = next((k for k in range(at - 2, first, -1) if lower[k] == ","), None)
        if opening is not None and opening > first and at - opening < 25:
            inside = lower[opening + 1 : at - 1]
            outer = _at(found, opening)
            named = [p for p in found if opening < p.first and p.last <= at - 1 and p.kind == "mention"]
            whole = _at(found, at - 1)
            if whole is not None and whole.first < opening:
                return _compound(lower, found, whole)
            person = next((p for p in reversed(named) if p.mention is not None and p.mention.type == "person"), None)
            if (
                person is not None
                and not (outer is not None and outer.mention is not None and outer.mention.type == "person")
                and not (inside[:1] and inside[0] in _RELATIVE)
                and person.edge == opening + 1
            ):
                return [person]
            if outer is not None and (outer.kind == "mention" or (inside[:1] and inside[0] in _RELATIVE) or not named):
                return _compound(lower, found, outer)
            if outer is not None and named and named[-1].mention is not None and named[-1].mention.type == "person":
                return [named[-1]]
    near = _at(found, at)
    if near is not None and not near.in_prepositional:
        return _compound(lower, found, near)
    start = first
    for k in range(at - 1, first, -1):
        if lower[k] in _BOUNDARIES or lower[k] in _SAID or (lower[k] == "that" and k + 1 < at):
            start = k + 1
            break
    inside_clause = [p for p in found if p.first >= start and p.last <= at and not p.in_prepositional]
    if near is not None and inside_clause:
        # The phrase at hand hangs on a preposition: what it hangs on is the subject.
        return _compound(lower, found, inside_clause[-1] if at - inside_clause[-1].last < 8 else inside_clause[0])
    return _compound(lower, found, inside_clause[0]) if inside_clause else []


def _compound(lower: list[str], found: list[Phrase], phrase: Phrase) -> list[Phrase]:
    """The phrase and those joined to it before: `Kenya and Norway`, `A, B and C`."""
    chain = [phrase]
    while True:
        at = chain[0].edge
        if at and lower[at - 1] in ("and", "&", "or"):
            stop = at - 1
            if stop and lower[stop - 1] == ",":
                stop -= 1
        elif at and lower[at - 1] == "," and len(chain) > 1:
            stop = at - 1
        else:
            return chain
        before = _at(found, stop)
        if before is None or before in chain:
            return chain
        chain.insert(0, before)
        if before.in_prepositional and lower[before.edge - 1] != "between":
            return chain[1:]


def _objects(lower: list[str], found: list[Phrase], trigger: Trigger, last: int, passive: bool) -> list[Phrase]:
    pattern = trigger.pattern
    if pattern.dative and trigger.theme is not None:
        between = [p for p in found if p.first >= trigger.last and p.last <= trigger.theme]
        given = [
            p
            for p in between
            if p.kind in ("mention", "role", "pronoun", "people") and lower[p.last] not in ("'s", "’s")
        ]
        if given and trigger.theme - given[0].last <= 4 and given[0].last < trigger.theme:
            return given[:1]
    if pattern.object in ("direct", "both") or (
        pattern.after and pattern.after[-1] in _RECEIVING | {"of", "in", "about", "into"}
    ):
        i = trigger.behind
        while i < last and (
            lower[i] in _ADVERBS - {"both", "all", "each"} or lower[i].endswith("ly") or _day(lower, i, last)
        ):
            i += 1
        if pattern.after[-1:] == ("that",) and pattern.type != "REQUEST":
            return []
        if pattern.type == "REQUEST" and i < last and lower[i] == "that":
            i += 1
        direct = _starting(lower, found, i) if i < last else None
        if direct is not None:
            return _and_more(lower, found, direct, last)
    if passive and pattern.object == "direct":
        return []
    wanted = _RECEIVING if pattern.object != "direct" else frozenset({"against", "on", "with", "at"})
    if pattern.reciprocal:
        wanted = frozenset({"with", "between", "to", "against"})
    for i in range(trigger.behind, min(last - 1, trigger.behind + 18)):
        word = lower[i]
        if word in _END or (word == "," and i > trigger.behind):
            break
        if word in ("and", "or") and (lower[i + 1] in lexicon().forms or lower[i + 1].endswith("ed")):
            break
        if word == "between" and i > trigger.behind and i - 1 != trigger.theme:
            # `the waters between Ellesmere Island and Greenland` are no parties; `an agreement between …` are.
            continue
        if word in wanted:
            phrase = _starting(lower, found, i + 1)
            if phrase is not None:
                return _and_more(lower, found, phrase, last)
    return []


def _day(lower: list[str], i: int, last: int) -> bool:
    """Whether a weekday stands at `i`, or `on` and one: it may part a verb from its object."""
    return lower[i] in _WEEKDAYS or (lower[i] == "on" and i + 1 < last and lower[i + 1] in _WEEKDAYS)


_WEEKDAYS = frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])


def _and_more(lower: list[str], found: list[Phrase], phrase: Phrase, last: int) -> list[Phrase]:
    chain = [phrase]
    while True:
        i = chain[-1].last
        if i >= last or lower[i] not in ("and", ","):
            return chain
        i += 1
        if i < last and lower[i - 1] == "," and lower[i] == "and":
            i += 1
        following = _starting(lower, found, i)
        if following is None or following.kind == "pronoun":
            return chain
        stop = following.last
        # `met Desta, and Kenya said`: what follows is a clause of its own.
        if stop < last and (lower[stop] in AUXILIARIES or lower[stop] in _SAID or lower[stop].endswith("ed")):
            return chain
        if lower[chain[-1].last] == "," and not (stop < last and lower[stop] in (",", "and")):
            return chain
        chain.append(following)


def _by(lower: list[str], found: list[Phrase], i: int, last: int) -> list[Phrase]:
    for k in range(i, min(last - 1, i + 14)):
        if lower[k] in _END:
            break
        if lower[k] == "by":
            phrase = _starting(lower, found, k + 1)
            return _and_more(lower, found, phrase, last) if phrase is not None else []
    return []


def _of_noun(lower: list[str], found: list[Phrase], trigger: Trigger, first: int, last: int) -> Roled:
    """A noun's parts: its prepositions, `by`, and what stands before it (`Russia's invasion of Ukraine`)."""
    roled = Roled(group=trigger.first)
    prepositions = trigger.pattern.prepositions
    i = trigger.last
    while i < last and i < trigger.last + 10:
        word = lower[i]
        if word in _END or word == ",":
            break
        phrase = _starting(lower, found, i + 1) if word in prepositions else None
        if phrase is not None:
            chain = _and_more(lower, found, phrase, last)
            if word == "between" and len(chain) > 1:
                roled.actors, roled.recipients = chain[:1], chain[1:]
            elif word in ("by", "from") or (
                word == "of" and trigger.lemma in ("resignation", "surrender", "withdrawal", "retreat")
            ):
                roled.actors = roled.actors or chain
            else:
                roled.recipients = roled.recipients or chain
            i = chain[-1].last
            continue
        i += 1
    if not roled.actors and (roled.recipients or trigger.lemma):
        stop = trigger.first
        while stop > first and (
            lower[stop - 1] in roles().modifiers
            or lower[stop - 1] in ("deadly", "new", "major", "military", "air", "recent")
        ):
            stop -= 1
        if stop > first and lower[stop - 1] in ("'s", "’s"):
            stop -= 1
        owner = _at(found, stop)
        if owner is not None and roled.recipients:
            roled.actors = [owner]
    return roled
