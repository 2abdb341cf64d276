"""Events of the sixteen PLOVER types in English text: proposed by lexicon and clause, judged by a model.

A trigger of the lexicon becomes a proposal when somebody or something that can act stands in its clause as actor or
recipient. The model (`reader`) says how likely the sentence tells an event, and its flags. One trigger gives one event;
compound actors stay a list. What a verb of speech governs (`agreed to withdraw`) is not coded beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline import ids
from pipeline.extract import circumstances
from pipeline.extract.actors import DETERMINERS, NUMBERS, Known, Phrase, actor_of, phrases
from pipeline.extract.clauses import Roled, assign
from pipeline.extract.gate import article_passes, sentence_passes
from pipeline.extract.lexicon import listed, version
from pipeline.extract.mentions import Named, Reading
from pipeline.extract.nlp import Text
from pipeline.extract.reader import CLASSES, FLAGS, KINDS, MARKS, MODES, Answer, Query, reader
from pipeline.extract.roles import roles
from pipeline.extract.triggers import Trigger, matches
from pipeline.records import Article, Event
from pipeline.schema import ontology

# What these govern in the infinitive or gerund is said, not done.
_SPEAKING = frozenset({"AGREE", "CONSULT", "REQUEST", "ACCUSE", "REJECT", "THREATEN", "SUPPORT", "CONCEDE"})
# The action itself falls on things too; words fall on those who can hear them.
_MATERIAL = frozenset({"AID", "RETREAT", "SANCTION", "COERCE", "ASSAULT"})
# PLOVER: what is going to be done has so far been agreed; who is going to withdraw has so far given in.
_WHEN_FUTURE = {"CONSULT": "AGREE", "SUPPORT": "AGREE", "COOPERATE": "AGREE", "AID": "AGREE", "RETREAT": "CONCEDE"}
_MOST_WORDS = 400
"""Words of a sentence that the model reads; what is longer is a list, or no sentence."""
_LISTED = 2.0
"""How much likelier a type is where the lexicon has a word for it in the sentence."""
_LEAST, _LEAST_GIVEN = 0.1, 0.2
"""Least probability of an event; of one between two parties that the user gives."""
# Verbs of everyday use: an event only with an actor and a recipient that can act.
_STRICT = listed("events", "strict")


@dataclass(slots=True, eq=False)
class _Sentence:
    reading: Reading
    first: int
    last: int
    mentions: list[Named]
    kinds: list[int]

    def query(self, *marked: tuple[int, int, str]) -> Query:
        """What the model is asked: its words, with stretches of them marked; of what is no sentence, the beginning."""
        last = min(self.last, self.first + _MOST_WORDS)
        marks = [0] * (last - self.first)
        for first, stop, part in marked:
            for at in range(first, min(stop, last)):
                marks[at - self.first] = MARKS.index(part)
        return Query(self.reading.text.words[self.first : last], self.kinds[self.first : last], marks)


@dataclass(slots=True, eq=False)
class Proposal:
    """What may be an event."""

    sentence: _Sentence
    first: int
    """First word of the trigger."""
    last: int
    actors: list[Phrase]
    recipients: list[Phrase]
    type: str
    mode: str | None
    flags: circumstances.Flags
    contexts: tuple[str, ...]


def kinds_of(reading: Reading) -> list[int]:
    """What each word of a field is the name of, as numbers of `reader.KINDS`."""
    found = [0] * len(reading.text.words)
    for m in reading.mentions:
        found[m.first : m.last] = [KINDS.index(m.type)] * (m.last - m.first)
    return found


def code(article: Article, readings: list[Reading]) -> Iterator[Event]:
    """The events of an English article; none where its domain is not coded."""
    body = next((r.text.lower for r in readings if r.field == "text"), [])
    if not article_passes(article.section, article.kind, body):
        return
    known: Known = {}
    proposals: list[Proposal] = []
    # The text first: it introduces those whom the headline only names.
    for reading in sorted(readings, key=lambda r: r.field == "title"):
        people: list[Phrase] = []
        kinds = kinds_of(reading)
        mentions: dict[int, list[Named]] = {}
        for mention in reading.mentions:
            mentions.setdefault(mention.sentence, []).append(mention)
        for number, (first, last) in enumerate(reading.text.sentences):
            sentence = _Sentence(reading, first, last, mentions.get(number, []), kinds)
            proposals += _by_lexicon(sentence, known, people)
    yield from _judged(article, proposals)


def _by_lexicon(s: _Sentence, known: Known, people: list[Phrase]) -> Iterator[Proposal]:
    lower, mentions = s.reading.text.lower, s.mentions
    triggers = matches(lower, s.first, s.last)
    if not triggers:
        people[:] = _people(mentions) or people
        return
    # A name is no trigger (`United Nations`, `Strike Force`).
    named = {i for m in mentions for i in range(m.first, m.last)}
    triggers = [t for t in triggers if t.first not in named]
    found = phrases(s.reading.text, mentions, s.first, s.last, known)
    words = set(lower[s.first : s.last])
    used = {i for p in found for i in range(p.first, p.last)}
    before: list[Trigger] = []
    taken: list[Phrase] = []
    for n, trigger in enumerate(triggers):
        if trigger.first in used and trigger.lemma not in ("be",):
            continue
        roled = assign(lower, found, triggers, n, s.first, s.last, taken)
        if not _stands(lower, s, trigger, roled, before):
            continue
        if not sentence_passes(words, trigger.lemma):
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
        flags = circumstances.flags(
            lower, s.first, s.last, roled.group, (trigger.first, trigger.last), roled.governor, roled.infinitive,
            roled.actors[0].first if roled.actors else None, s.reading.field == "title",
        )  # fmt: skip
        yield Proposal(
            s, trigger.first, trigger.last, roled.actors, roled.recipients, trigger.type, trigger.pattern.mode, flags,
            trigger.pattern.contexts,
        )  # fmt: skip
    people[:] = _people(mentions) or people


def _judged(article: Article, proposals: list[Proposal]) -> Iterator[Event]:
    """The events among the proposals: those in sentences where the model sees one, nothing marked."""
    sentences = list(dict.fromkeys(p.sentence for p in proposals))
    marked = [p.sentence.query((p.first, p.last, "T")) for p in proposals]
    answers = reader().read([*(s.query() for s in sentences), *marked])
    alone = dict(zip(sentences, answers, strict=False))
    for proposal, answer in zip(proposals, answers[len(sentences) :], strict=True):
        chance = float(1 - alone[proposal.sentence].classes[0])
        if chance >= _LEAST:
            yield _event(article, proposal, answer, chance)


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


def _event(article: Article, proposal: Proposal, answer: Answer, chance: float) -> Event:
    s, kind = proposal.sentence, proposal.type
    reading, text = s.reading, s.reading.text
    start, end = text.starts[proposal.first], text.ends[proposal.last - 1]
    actors = [actor_of(text, p) for p in proposal.actors]
    recipients = [actor_of(text, p) for p in proposal.recipients]
    published: date = (article.published_at or article.fetched_at).date()
    said = dict(zip(FLAGS, (answer.flags > 0.5).tolist(), strict=True))
    flags = proposal.flags
    is_future = said["future"] or flags.future
    if is_future:
        kind = _WHEN_FUTURE.get(kind, kind)
    types = ontology("plover")["types"][kind]
    day = circumstances.event_date(text.lower, s.first, s.last, published if article.published_at else None)
    basis = "sentence" if day else "published" if article.published_at else "fetched"
    taken = {p.mention.start for p in (*proposal.actors, *proposal.recipients) if p.mention is not None}
    where = circumstances.place(s.mentions, reading.mentions[:1], taken, text.lower)
    quote_start, quote_end = text.starts[s.first], text.ends[s.last - 1]
    event = Event(
        event_id=ids.event_id(article.version_id, reading.field, kind, start, end),
        article_id=article.article_id,
        version_id=article.version_id,
        field=reading.field,
        event_type=kind,
        mode=(proposal.mode if kind == proposal.type else None) or mode_of(answer, kind),
        contexts=circumstances.contexts(text.lower, s.first, s.last, proposal.contexts),
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
        is_negated=said["negated"] or flags.negated,
        is_hypothetical=said["hypothetical"] or (flags.hypothetical and not is_future),
        is_future=is_future,
        is_historical=said["historical"] or circumstances.long_ago(text.lower, s.first, s.last, published),
        is_reported=circumstances.in_quotation(text, s.first, proposal.first)
        or circumstances.told(text.lower, s.first, s.last, (proposal.first, proposal.last)),
        # Chosen on the even half of the labelled sentences of real news; on the other half it is too high.
        confidence=round(0.3 + 0.55 * chance, 3),
        coder_version=version(),
    )
    for side, first in (("actor", actors[:1]), ("recipient", recipients[:1])):
        for each in first:
            for name in ("text", "start", "end", "name", "code", "country", "sector"):
                setattr(event, f"{side}_{name}", getattr(each, name))
    return event


def mode_of(answer: Answer, kind: str) -> str | None:
    """The mode of an event of that type, None where no mode of it is likelier than all others together."""
    numbers = [n for n, mode in enumerate(MODES) if mode.startswith(f"{kind}.")]
    if not numbers:
        return None
    chances = answer.modes[numbers]
    best = int(chances.argmax())
    return MODES[numbers[best]].partition(".")[2] if chances[best] > 0.5 else None


def judge(text: Text, kinds: list[int], pairs: Iterable[Sequence[int]]) -> Iterator[dict[str, Any]]:
    """Which event each pair of parties has in a text: of the user's spans, actor's start and end and recipient's."""
    queries = [_between(text, kinds, *pair) for pair in pairs]
    answers = iter(reader().read([query for query in queries if query is not None]))
    for query in queries:
        if query is None:
            yield {"event_type": None, "mode": None, "confidence": 0.0}
            continue
        answer = next(answers)
        chance = float(1 - answer.classes[0])
        weights = answer.classes[1:].copy()
        for trigger in matches([w.lower() for w in query.words], 0, len(query.words)):
            weights[CLASSES.index(trigger.type) - 1] *= _LISTED
        kind = CLASSES[1 + int(weights.argmax())] if chance >= _LEAST_GIVEN else None
        yield {
            "event_type": kind,
            "mode": mode_of(answer, kind) if kind else None,
            "confidence": round(chance, 3),
        }


def _between(
    text: Text, kinds: list[int], actor_start: int, actor_end: int, recipient_start: int, recipient_end: int
) -> Query | None:
    """The sentences of two parties, with both marked; None where one of them holds no word."""
    actor, recipient = text.words_at(actor_start, actor_end), text.words_at(recipient_start, recipient_end)
    if not actor or not recipient:
        return None
    sentences = [text.sentence_of[at] for at in (actor[0], actor[-1], recipient[0], recipient[-1])]
    first, last = text.sentences[min(sentences)][0], text.sentences[max(sentences)][1]
    last = min(last, first + _MOST_WORDS)
    part = dict.fromkeys(actor, "A") | {at: "B" if at in actor else "R" for at in recipient}
    return Query(
        text.words[first:last], kinds[first:last], [MARKS.index(part.get(at, "")) for at in range(first, last)]
    )
