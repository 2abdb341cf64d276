"""Events of the sixteen PLOVER types in English text: read by a model, helped by a lexicon and the clauses.

The model (`reader`) reads each sentence once with nothing marked and says how likely it tells an event, and which
words may do so. These, and the words that the lexicon lists (`triggers`), are proposals: each is marked, the sentence
read again, and the model says whether that word tells an event here, which, of what mode, with what flags, and who
does it to whom. Where no marked word tells what a sentence is likely to tell, it is read once more with the likeliest
parties marked. The parties are settled on the phrases that name somebody (`actors`), the roles that the clause gives
(`clauses`) counted in. One trigger gives one event; compound actors stay a list. What an article tells twice is one
event with all its sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import exp, log
from typing import Any

import numpy as np

from pipeline import ids
from pipeline.extract import circumstances, tellers
from pipeline.extract.actors import DETERMINERS, NUMBERS, PREPOSITIONS, Known, Phrase, actor_of, phrases
from pipeline.extract.clauses import Roled, assign
from pipeline.extract.convolutions import Array
from pipeline.extract.counts import counts
from pipeline.extract.gate import article_passes, sentence_passes
from pipeline.extract.gazetteer import alpha3
from pipeline.extract.lexicon import version
from pipeline.extract.mentions import Named, Reading
from pipeline.extract.nlp import Text
from pipeline.extract.reader import (
    CLASSES,
    FLAGS,
    KINDS,
    LONGEST,
    MARKS,
    MODES,
    PARTS,
    Answer,
    Query,
    listed_of,
    reader,
)
from pipeline.extract.triggers import Trigger, matches
from pipeline.records import Actor, Article, Event, Sentence
from pipeline.schema import ontology

# PLOVER: what is going to be done has so far been agreed; who is going to withdraw has so far given in.
_WHEN_FUTURE = {"CONSULT": "AGREE", "SUPPORT": "AGREE", "COOPERATE": "AGREE", "AID": "AGREE", "RETREAT": "CONCEDE"}
_MOST_WORDS = 400
"""Words of a sentence that the model reads; what is longer is a list, or no sentence."""
_MAY_BE = 0.2
"""Least probability at which a word is proposed as a trigger."""
_LEAST, _LEAST_GIVEN = 0.5, 0.2
"""Least probability of an event of its type, the mean (geometric) of both readings; of one between given parties."""
WORTH = _LEAST**2
"""Least probability of an event, nothing marked, at which a sentence's words are proposed: with less none can stand.

The model's `glance` is made for it (`pipeline.training.events.glance`).
"""
_PARTY = 0.5
"""Least weight of a phrase as actor or recipient: the model's probability, and what the clause adds."""
_BY_CLAUSE = 0.4
_UNSURE = 0.2
"""Least weight of a phrase as the one party where the other is sure."""
_MUTUAL = 0.25
"""Least probability that what several do they do to each other."""
_ACTOR, _RECIPIENT, _BOTH = ([PARTS.index(f"{place}-{part}") for place in "BI"] for part in "ARB")
_FROM = frozenset(["from"])
_DONE_ABROAD = frozenset(["AID", "RETREAT", "MOBILIZE", "SANCTION", "COERCE", "ASSAULT"])
"""Types whose deed in another country is done to it, where nobody else is named."""
_MATERIAL = (2, 4)
"""Quad classes of deeds, not words."""
_STATE = frozenset(["GOV", "MIL", "COP", "SPY", "JUD"])
"""Sectors for which ministries, armies and their spokesmen speak."""
_FIRST_PERSON = frozenset(["we", "i", "our", "my"])
_OWN_VOICE = {"he": "he", "she": "he", "his": "he", "her": "he", "they": "they", "their": "they"}
"""Pronouns of who speaks, and the one by which it shows whether an actor is meant."""
_AT_HOME = frozenset(["CONCEDE", "PROTEST", "COERCE"])
"""Types that are done within a country, where no other is said."""
_OWNED = frozenset(["its", "his", "her", "their"])
_TRIGGER = PARTS.index("B-T"), PARTS.index("I-T")


@dataclass(slots=True, eq=False)
class _Sentence:
    reading: Reading
    first: int
    last: int
    mentions: list[Named]
    kinds: list[int]
    triggers: list[Trigger] = field(default_factory=list)
    listed: list[int] = field(default_factory=list)
    phrases: list[Phrase] = field(default_factory=list)
    people: list[Phrase] = field(default_factory=list)
    """Whom a pronoun may mean."""
    alone: float = 0.0
    """Probability that it tells an event, nothing marked."""

    def query(self, *marked: tuple[int, int, str]) -> Query:
        """What the model is asked: its words, with stretches of them marked; of what is no sentence, the beginning."""
        last = min(self.last, self.first + _MOST_WORDS)
        marks = [0] * (last - self.first)
        for first, stop, part in marked:
            for at in range(first, min(stop, last)):
                marks[at - self.first] = MARKS.index(part)
        size = last - self.first
        return Query(
            self.reading.text.words[self.first : last], self.kinds[self.first : last], self.listed[:size], marks
        )


@dataclass(slots=True, eq=False)
class Proposal:
    """What may be an event."""

    sentence: _Sentence
    first: int
    """First word of the trigger."""
    last: int
    roled: Roled | None = None
    """What the clause says of a trigger that the lexicon lists."""
    trigger: Trigger | None = None


def kinds_of(reading: Reading) -> list[int]:
    """What each word of a field is the name of, as numbers of `reader.KINDS`."""
    found = [0] * len(reading.text.words)
    for m in reading.mentions:
        found[m.first : m.last] = [KINDS.index(m.type)] * (m.last - m.first)
    return found


def code(article: Article, readings: list[Reading]) -> Iterator[Event]:
    """The events of an English article; none where its domain is not coded."""
    body = next((r for r in readings if r.field == "text"), None)
    if not article_passes(article.section, article.kind, article.topics, body.text.lower if body else []):
        return
    named = next((r.mentions for r in (body, *readings) if r is not None), [])
    sentences = list(_sentences(readings))
    first_look = reader().skim([s.query() for s in sentences])
    proposals = _proposals(sentences, first_look)
    answers = reader().read([p.sentence.query((p.first, p.last, "T")) for p in proposals])
    found = []
    told: set[_Sentence] = set()
    for proposal, answer in zip(proposals, answers, strict=True):
        chance = (_of_one_type(answer) * proposal.sentence.alone) ** 0.5
        if chance >= _LEAST and (event := _event(article, proposal, answer, chance, named)) is not None:
            found.append(event)
            told.add(proposal.sentence)
    left = [
        (s, answer)
        for s, answer in zip(sentences, first_look, strict=True)
        if answer is not None and s.alone >= _LEAST and s not in told
    ]
    for proposal, answer in _second_look(left):
        # Weaker than a word that was marked: the product, not the mean.
        chance = _of_one_type(answer) * proposal.sentence.alone
        if chance >= _LEAST and (event := _event(article, proposal, answer, chance, named)) is not None:
            found.append(event)
    yield from merged(_without_tellings(found))


def _of_one_type(answer: Answer) -> float:
    """The probability of the likeliest type: surer of whether an event is there than that of all types together."""
    return float(answer.classes[1:].max())


def _second_look(sentences: Sequence[tuple[_Sentence, Answer]]) -> Iterator[tuple[Proposal, Answer]]:
    """Sentences that tell an event in no word that was marked, read again with those marked who are likeliest its
    parties; and the word that then tells it."""
    asked = []
    for s, answer in sentences:
        able = [phrase for phrase in s.phrases if _can_be_party(phrase) and phrase.last - s.first <= len(answer.parts)]
        if not able or s.last - s.first > LONGEST:
            continue
        weights = [
            [float(answer.parts[phrase.first - s.first : phrase.last - s.first, side].sum(1).max()) for phrase in able]
            for side in (_ACTOR + _BOTH, _RECIPIENT + _BOTH)
        ]
        actor = int(np.argmax(weights[0]))
        weights[1][actor] = -1
        recipient = int(np.argmax(weights[1]))
        marks = [(able[actor].first, able[actor].last, "A")]
        if recipient != actor:
            marks.append((able[recipient].first, able[recipient].last, "R"))
        asked.append((s, marks))
    answers = reader().read([s.query(*marks) for s, marks in asked])
    for (s, _), answer in zip(asked, answers, strict=True):
        inside = {i for m in s.mentions for i in range(m.first, m.last)}
        chances = answer.parts[:, list(_TRIGGER)].sum(1)
        words = [
            (float(chances[first:last].max()), first + s.first, last + s.first)
            for first, last in triggers_in(answer.parts, _MAY_BE)
            if not inside.intersection(range(first + s.first, last + s.first))
        ]
        if words:
            _, first, last = max(words)
            number = next((n for n, t in enumerate(s.triggers) if t.first < last and t.last > first), None)
            if number is None:
                yield Proposal(s, first, last), answer
            elif sentence_passes(set(s.reading.text.lower[s.first : s.last]), s.triggers[number].lemma):
                roled = assign(s.reading.text.lower, s.phrases, s.triggers, number, s.first, s.last, [])
                yield Proposal(s, first, last, roled, s.triggers[number]), answer


def _without_tellings(events: Sequence[Event]) -> list[Event]:
    """Events without accusations whose word is but a verb of speech that tells of violence coded besides: in `police
    said gunmen killed two` the police report it, and that is said of the killing."""
    violent = {(e.field, e.sentence_start) for e in events if e.quad_class == _MATERIAL[-1]}
    return [
        e
        for e in events
        if e.event_type != "ACCUSE"
        or (e.field, e.sentence_start) not in violent
        or not tellers.only_tells(e.trigger_text.lower().split())
    ]


def _sentences(readings: Iterable[Reading]) -> Iterator[_Sentence]:
    """All sentences of an article, the text's first: it introduces those whom the headline only names."""
    for reading in sorted(readings, key=lambda r: r.field == "title"):
        kinds = kinds_of(reading)
        mentions: dict[int, list[Named]] = {}
        for mention in reading.mentions:
            mentions.setdefault(mention.sentence, []).append(mention)
        for number, (first, last) in enumerate(reading.text.sentences):
            s = _Sentence(reading, first, last, mentions.get(number, []), kinds)
            s.triggers = matches(reading.text.lower, first, last)
            s.listed = listed_of(s.triggers, first, last)
            yield s


def _proposals(sentences: Sequence[_Sentence], first_look: Sequence[Answer | None]) -> list[Proposal]:
    found: list[Proposal] = []
    known: Known = {}
    people: list[Phrase] = []
    before: Reading | None = None
    for s, answer in zip(sentences, first_look, strict=True):
        if s.reading is not before:
            people, before = [], s.reading
        here = _people(s.mentions)
        # What stands in a sentence longer than those that the model was taught is asked of it word by word.
        if answer is not None:
            s.alone = float(1 - answer.classes[0]) if s.last - s.first <= LONGEST else 1.0
        if answer is not None and s.alone >= WORTH:
            lower = s.reading.text.lower
            s.phrases, s.people = phrases(s.reading.text, s.mentions, s.first, s.last, known), people
            words = set(lower[s.first : s.last])
            inside = {i for m in s.mentions for i in range(m.first, m.last)}
            taken: set[int] = set()
            for n, trigger in enumerate(s.triggers):
                # A name is no trigger (`United Nations`, `Strike Force`).
                if trigger.first in inside or not sentence_passes(words, trigger.lemma):
                    continue
                roled = assign(lower, s.phrases, s.triggers, n, s.first, s.last, [])
                found.append(Proposal(s, trigger.first, trigger.last, roled, trigger))
                taken.update(range(trigger.first, trigger.last))
                if trigger.theme is not None:
                    taken.add(trigger.theme)
            for first, last in triggers_in(answer.parts, _MAY_BE):
                first, last = first + s.first, last + s.first
                if not any(at in taken or at in inside for at in range(first, last)):
                    found.append(Proposal(s, first, last))
        people = here or people
    return found


def triggers_in(parts: Array, least: float) -> Iterator[tuple[int, int]]:
    """Stretches of words that may be triggers, of an answer's `parts`."""
    begins, goes_on = parts[:, _TRIGGER[0]], parts[:, _TRIGGER[1]]
    at, size = 0, len(parts)
    while at < size:
        if begins[at] + goes_on[at] < least:
            at += 1
            continue
        stop = at + 1
        while stop < size and goes_on[stop] >= least and goes_on[stop] > begins[stop]:
            stop += 1
        yield at, stop
        at = stop


def _people(mentions: list[Named]) -> list[Phrase]:
    return [Phrase(m.first, m.last, "mention", m, m.name, m.country, m.sector) for m in mentions if m.type == "person"]


def _parties(p: Proposal, answer: Answer, kind: str) -> tuple[list[Phrase], list[Phrase]]:
    """Actors and recipients: the phrases that the model and the clause give a part in it."""
    s = p.sentence
    parts = answer.parts
    a, r, b = (parts[:, numbers].sum(1) for numbers in (_ACTOR, _RECIPIENT, _BOTH))
    actors: list[tuple[float, Phrase]] = []
    recipients: list[tuple[float, Phrase]] = []
    unsure: list[tuple[float, float, Phrase]] = []
    covered = np.zeros(len(parts), bool)
    mutual = 0.0
    for phrase in p.sentence.phrases:
        first, last = phrase.first - s.first, min(phrase.last - s.first, len(parts))
        if first >= len(parts) or (phrase.first < p.last and phrase.last > p.first):
            continue
        covered[first:last] = True
        if not _can_be_party(phrase) or _in_dateline(phrase, s):
            continue
        both = float(b[first:last].max())
        as_actor = both + float(a[first:last].max())
        as_recipient = both + float(r[first:last].max())
        if p.roled is not None:
            by_clause = _BY_CLAUSE * ((phrase in p.roled.actors) - (phrase in p.roled.recipients))
            as_actor, as_recipient = as_actor + by_clause, as_recipient - by_clause
        if max(as_actor, as_recipient) < _PARTY:
            if kind == "CONSULT" or not _is_place(phrase, s):
                unsure.append((as_actor, as_recipient, phrase))
            continue
        mutual = max(mutual, both)
        if as_actor >= _PARTY and (as_actor >= as_recipient or both >= _PARTY / 2):
            actors.append((as_actor, phrase))
        if as_recipient >= _PARTY and (as_recipient > as_actor or both >= _PARTY / 2):
            recipients.append((as_recipient, phrase))
    if p.roled is not None:
        # Where the model sees nobody, whom the clause gives.
        for into, other, given in ((actors, recipients, p.roled.actors), (recipients, actors, p.roled.recipients)):
            if not into:
                taken = [phrase for _, phrase in other]
                able = (each for each in given if _can_be_party(each) and not _in_dateline(each, s))
                into += [(_PARTY, phrase) for phrase in able if phrase not in taken]
    # What names nobody, and has a part in it all the same: `a food convoy`, `three men`.
    for into, chance in ((actors, a), (recipients, r)):
        for first, last in _stretches((chance >= _PARTY) & ~covered):
            while last > first + 1 and s.reading.text.lower[s.first + last - 1] in PREPOSITIONS:
                last -= 1
            word, end = (s.reading.text.lower[s.first + at] for at in (first, last - 1))
            counted = last - first > 1 and (word in DETERMINERS | NUMBERS or word[0].isdigit())
            if not into and (counted or (end.isalpha() and end.endswith("s") and len(end) > 4)):
                into.append((float(chance[first:last].max()), Phrase(s.first + first, s.first + last, "generic")))
    split = _split(p, actors, recipients, kind, mutual)
    if split is not None:
        return split
    # Where one side is sure, the likeliest for the other.
    if actors and not recipients:
        recipients += _likeliest([(y, phrase) for x, y, phrase in unsure if y > x])
    elif recipients and not actors:
        actors += _likeliest([(x, phrase) for x, y, phrase in unsure if x > y])
    actors = _without_holders(_without_speakers(p, _without_places(actors, s, _FROM)), s)
    recipients = _without_holders(recipients, s)
    found = [
        [phrase for _, phrase in sorted(side, key=lambda each: each[1].first)]
        for side in (actors, _without_places(recipients, s))
    ]
    others = [phrase for phrase in found[1] if phrase not in found[0]]
    others = others or [phrase for phrase in found[1] if phrase.plural]
    return found[0], others or _abroad(p, kind, found[0])


def _abroad(p: Proposal, kind: str, actors: Sequence[Phrase]) -> list[Phrase]:
    """The country to which a deed is done where it names nobody else (`Iraq massed two divisions near Kuwait`)."""
    own = {actor.country for actor in actors if actor.country}
    if not own or kind not in _DONE_ABROAD:
        return []
    places = (
        phrase
        for phrase in p.sentence.phrases
        if phrase.first >= p.last and phrase.mention is not None and phrase.mention.type == "location"
    )
    return [phrase for phrase in places if phrase.country and phrase.country not in own][:1]


def _likeliest(unsure: Sequence[tuple[float, Phrase]]) -> list[tuple[float, Phrase]]:
    return [max(unsure, key=lambda each: each[0])] if any(weight >= _UNSURE for weight, _ in unsure) else []


def _split(
    p: Proposal, actors: list[tuple[float, Phrase]], recipients: list[tuple[float, Phrase]], kind: str, mutual: float
) -> tuple[list[Phrase], list[Phrase]] | None:
    """What several do to each other: the first to the others; None where it is not so."""
    sides = [[phrase for _, phrase in sorted(side, key=lambda each: each[1].first)] for side in (actors, recipients)]
    others = [phrase for phrase in sides[1] if phrase not in sides[0]]
    reciprocal = (
        sides[0] == sides[1]
        or (p.trigger is not None and p.trigger.pattern.reciprocal)
        or kind == "CONSULT"
        or mutual >= _MUTUAL
    )
    if len(sides[0]) > 1 and not others and reciprocal:
        return sides[0][:1], sides[0][1:]
    return None


def _without_places(
    side: list[tuple[float, Phrase]], s: _Sentence, also: frozenset[str] = frozenset()
) -> list[tuple[float, Phrase]]:
    """A side without the places where it happens (`two men in Lyon`), if anybody is left."""
    return [each for each in side if not _is_place(each[1], s, also)] or side


def _without_holders(side: list[tuple[float, Phrase]], s: _Sentence) -> list[tuple[float, Phrase]]:
    """A side without those whose somebody else on it is (`an aide to the president`); he gets their country."""
    kept = []
    for weight, phrase in side:
        held = next((each for _, each in side if _is_held(each, phrase, s)), None)
        if held is None:
            kept.append((weight, phrase))
        else:
            held.country = held.country or phrase.country
    return kept


def _is_held(phrase: Phrase, holder: Phrase, s: _Sentence) -> bool:
    lower = s.reading.text.lower
    behind = holder.first - phrase.last
    return phrase.kind == "role" and behind in (1, 2) and lower[phrase.last] in ("of", "to")


def _without_speakers(p: Proposal, side: list[tuple[float, Phrase]]) -> list[tuple[float, Phrase]]:
    """A side without who only tells it (`rebels attacked, the governor said`), if anybody is left."""
    s = p.sentence
    tellings = list(tellers.tellings(s.reading.text.lower, s.first, s.last, (p.first, p.last)))
    return [each for each in side if not any(t.first <= each[1].first < t.last for t in tellings)] or side


def _is_place(phrase: Phrase, s: _Sentence, also: frozenset[str] = frozenset()) -> bool:
    """Whether a phrase says where something happens: `in London`, and the country in `in London, England`."""
    mention = phrase.mention
    if phrase.kind != "mention" or mention is None or mention.type != "location" or phrase.first == s.first:
        return False
    before = s.reading.text.lower[phrase.first - 1]
    if before == ",":
        city = next((each for each in s.phrases if each.last == phrase.first - 1), None)
        return city is not None and city.country == phrase.country and _is_place(city, s, also)
    return before in circumstances.WHERE | also


def _in_dateline(phrase: Phrase, s: _Sentence) -> bool:
    """Whether a phrase is a place of a dateline (`OTTAWA — …`, `Kiev, Ukraine (Reuters) …`)."""
    words = s.reading.text.words
    places = [m for m in s.mentions if m.type == "location"]
    if not places or places[0].first != s.first:
        return False
    stop = places[0].last
    if len(places) > 1 and places[1].first == stop + 1 and words[stop] == ",":
        stop = places[1].last
    after = words[stop : min(stop + 3, s.last)]
    named = after[:1] == ["("] and after[2:] == [")"]
    return phrase.first < stop and (named or (words[s.first].isupper() and after[:1] != [] and after[0] in "—–-("))


def _can_be_party(phrase: Phrase) -> bool:
    if phrase.kind == "mention" and phrase.mention is not None:
        return phrase.mention.type in ("person", "organization", "location", "group")
    return phrase.kind in ("role", "people", "pronoun")


def _stretches(chosen: Any) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _resolve_pronouns(chosen: Iterable[Phrase], p: Proposal, mentions: list[Named]) -> None:
    """Whom a pronoun stands for: who says so (`Police said they had arrested`), the one person named last (`he`).

    Where two could be meant, it stands for nobody in particular.
    """
    people, lower = p.sentence.people, p.sentence.reading.text.lower
    for phrase in chosen:
        if phrase.kind != "pronoun" or phrase.mention is not None:
            continue
        verb = phrase.first - 1 - (lower[phrase.first - 1] == "that")
        speaker = next((s for s in p.sentence.phrases if s.last == verb and s.kind in ("role", "mention")), None)
        if speaker is not None and lower[verb] in tellers.TOLD and _agree(lower[phrase.first], speaker):
            phrase.mention, phrase.name = speaker.mention, speaker.name
            phrase.country, phrase.sector = speaker.country, speaker.sector
            phrase.kind = speaker.kind
            continue
        earlier = [m for m in mentions if m.type == "person" and m.first < phrase.first]
        candidates = _people(earlier) or people
        if phrase.plural or len({p.mention.entity_id for p in candidates if p.mention}) != 1:
            continue
        person = candidates[-1]
        phrase.mention, phrase.country, phrase.sector = person.mention, person.country, person.sector


def _agree(pronoun: str, speaker: Phrase) -> bool:
    """Whether a pronoun may stand for a phrase, by number and kind."""
    person = speaker.mention is not None and speaker.mention.type == "person"
    if pronoun in ("he", "she"):
        return person or (speaker.kind == "role" and not speaker.plural)
    if pronoun == "they":
        return not person
    return not person and not speaker.plural


def _event(article: Article, p: Proposal, answer: Answer, chance: float, named: Sequence[Named]) -> Event | None:
    """An event of a proposal, if anybody has a part in it; `named` are the mentions of the article's text."""
    s = p.sentence
    reading, text = s.reading, s.reading.text
    kind = CLASSES[1 + int(answer.classes[1:].argmax())]
    # In `police said gunmen killed two` the model takes `said` for the deed.
    if ontology("plover")["types"][kind]["quad_class"] in _MATERIAL and tellers.only_tells(
        text.lower[p.first : p.last]
    ):
        return None
    sides = _parties(p, answer, kind)
    _resolve_pronouns((*sides[0], *sides[1]), p, s.mentions)
    if not any(phrase.kind != "pronoun" or phrase.mention is not None for side in sides for phrase in side):
        return None
    start, end = text.starts[p.first], text.ends[p.last - 1]
    actors, recipients = ([actor_of(text, phrase) for phrase in side] for side in sides)
    published: date = (article.published_at or article.fetched_at).date()
    said = dict(zip(FLAGS, (answer.flags > 0.5).tolist(), strict=True))
    said["negated"] &= not circumstances.only_counts(text.lower, s.first, s.last)
    by_clause = circumstances.Flags()
    if p.roled is not None:
        by_clause = circumstances.flags(
            text.lower, s.first, s.last, p.roled.group, (p.first, p.last), p.roled.governor, p.roled.infinitive,
            sides[0][0].first if sides[0] else None, reading.field == "title",
        )  # fmt: skip
    # What one refuses to sign is a refusal, and that is there.
    failed = kind != "REJECT" and circumstances.came_to_nothing(text.lower, s.first, s.last, (p.first, p.last))
    is_future = said["future"] or (by_clause.future and not failed)
    mode = mode_of(answer, kind)
    if mode is None and p.trigger is not None and p.trigger.type == kind:
        mode = p.trigger.pattern.mode
    if is_future and kind in _WHEN_FUTURE:
        kind, mode = _WHEN_FUTURE[kind], None
    types = ontology("plover")["types"][kind]
    when = circumstances.event_date(text.lower, s.first, s.last, published if article.published_at else None)
    basis = "sentence" if when else "published" if article.published_at else "fetched"
    taken = {phrase.mention.start for side in sides for phrase in side if phrase.mention is not None}
    where, where_basis = circumstances.place(s.mentions, named, taken, text.lower)
    in_country = where.country if where and where_basis != "article" else None
    _infer_countries(actors, recipients, s, in_country, at_home=kind in _AT_HOME)
    if where and s.first == 0 and (city := circumstances.narrower(where, named)) is not None:
        where, where_basis = city, "article"
    quote_start, quote_end = text.starts[s.first], text.ends[s.last - 1]
    quote = text.text[quote_start:quote_end]
    found = counts(quote)
    for count in found:
        count.start, count.end = (count.start or 0) + quote_start, (count.end or 0) + quote_start
    event = Event(
        event_id=ids.event_id(article.version_id, reading.field, kind, start, end),
        article_id=article.article_id,
        version_id=article.version_id,
        field=reading.field,
        event_type=kind,
        mode=mode,
        contexts=circumstances.contexts(text.lower, s.first, s.last, p.trigger.pattern.contexts if p.trigger else ()),
        cameo_root=types["cameo_root"],
        quad_class=types["quad_class"],
        goldstein=types["goldstein"],
        actors=actors,
        recipients=recipients,
        trigger_text=text.text[start:end],
        trigger_start=start,
        trigger_end=end,
        quote=quote,
        sentence_start=quote_start,
        sentences=[
            Sentence(field=reading.field, start=quote_start, end=quote_end, trigger_start=start, trigger_end=end)
        ],
        event_date=when[0] if when else published,
        event_date_basis=basis,
        event_date_granularity=when[1] if when else "day",
        counts=found,
        place_name=where.name if where else None,
        place_basis=where_basis,
        place_country=where.country if where else None,
        latitude=where.latitude if where else None,
        longitude=where.longitude if where else None,
        is_negated=said["negated"] or by_clause.negated or failed,
        is_hypothetical=said["hypothetical"] or (by_clause.hypothetical and not is_future and not failed),
        is_future=is_future,
        is_historical=said["historical"] or circumstances.long_ago(text.lower, s.first, s.last, published),
        is_reported=_is_reported(p, sides[0]),
        confidence=round(calibrated(chance), 3),
        coder_version=version(),
    )
    _first_parties(event)
    return event


def _is_reported(p: Proposal, actors: Sequence[Phrase]) -> bool:
    """Whether an event is known through somebody who is not its actor, nor speaks for it."""
    s = p.sentence
    text = s.reading.text
    countries = {actor.country for actor in actors if actor.country}
    of_state = any(
        actor.country and (actor.sector in _STATE or (actor.sector is None and actor.kind == "mention"))
        for actor in actors
    )
    tellings = list(tellers.tellings(text.lower, s.first, s.last, (p.first, p.last)))
    is_quoted = circumstances.in_quotation(text, s.first, p.first)
    if any(text.lower[actor.first] in _FIRST_PERSON for actor in actors) or (
        is_quoted and text.lower[p.first - 1] in _FIRST_PERSON
    ):
        # `"Our men never fired," the colonel said`
        return False
    himself = any(actor.kind == "pronoun" for actor in actors)
    pronouns = {pronoun for pronoun, like in _OWN_VOICE.items() if any(_agree(like, actor) for actor in actors)}
    if not all(actor.mention is not None and actor.mention.type == "person" for actor in actors):
        pronouns |= {"it", "its"}
    for telling in tellings:
        if himself and telling.verb < p.first:
            continue
        if telling.last == telling.first + 1 and text.lower[telling.first] in pronouns:
            # `the union will come, it wrote`
            continue
        speakers = [each for each in p.sentence.phrases if telling.first <= each.first < telling.last]
        if any(_is_one(each, actor) for each in speakers for actor in actors):
            continue
        named = [m for m in s.mentions if telling.first <= m.first < telling.last]
        own = {m.country for m in named if m.country} | {each.country for each in speakers if each.country}
        # `a UN spokesman` speaks for no state.
        is_foreign = bool(own - countries) or any(m.type == "organization" and m.country is None for m in named)
        alone = next((m for m in named if (m.first, m.last) == (telling.first, telling.last)), None)
        if of_state and own and own <= countries and alone is not None and alone.type == "location":
            # `its troops have left, Hanoi says`; not `Hanoi radio says`.
            continue
        if not tellers.is_own_voice(text.lower, telling, of_state=of_state, is_foreign=is_foreign, pronouns=pronouns):
            return True
    # Whom a quotation names, others speak of; who stands outside of it speaks himself.
    return not tellings and is_quoted and all(circumstances.in_quotation(text, s.first, a.first) for a in actors)


def _is_one(speaker: Phrase, actor: Phrase) -> bool:
    """Whether two phrases of a sentence are the same party, a pronoun resolved to it counted in."""
    if speaker.first == actor.first:
        return True
    if speaker.mention is not None and actor.mention is not None:
        return speaker.mention.entity_id == actor.mention.entity_id
    return speaker.name is not None and speaker.name == actor.name


def _infer_countries(
    actors: list[Actor], recipients: list[Actor], s: _Sentence, place: str | None, *, at_home: bool
) -> None:
    """Roles without a country get that of whose they are (`its envoy`: the other side's), else that of the place, else
    the only one of their sentence, else, of what is done `at_home`, the other side's: weaker, and marked so."""
    said = {m.country for m in s.mentions if m.country} | {a.country for a in (*actors, *recipients) if a.country}
    likely = place or (next(iter(said)) if len(said) == 1 else None)
    for side, other in ((actors, recipients), (recipients, actors)):
        countries = {a.country for a in other if a.country}
        others = next(iter(countries)) if len(countries) == 1 else None
        for actor in side:
            if actor.country is not None:
                actor.country_basis = actor.country_basis or "said"
                continue
            inferred = (others if _is_owned(actor) else None) or likely or (others if at_home else None)
            if inferred is not None and actor.entity_id is None and actor.sector is not None:
                actor.country, actor.country_basis = inferred, "inferred"
                actor.code = alpha3(inferred) + actor.sector


def _is_owned(actor: Actor) -> bool:
    """Whether its first word says that it is somebody's."""
    return (actor.text or "").split(" ", 1)[0].lower() in _OWNED


def _first_parties(event: Event) -> None:
    """For plain SQL: the first of each list, in columns."""
    for side, all_ in (("actor", event.actors), ("recipient", event.recipients)):
        first = all_[0] if all_ else Actor()
        for name in ("text", "start", "end", "name", "code", "country", "sector"):
            setattr(event, f"{side}_{name}", getattr(first, name))


def calibrated(chance: float) -> float:
    """The probability that an event is there and of that type (Platt scaling).

    Its two numbers were fitted on 496 events that it coded in articles of even lines, judged one by one
    (`tests/benchmarks/gold/event_judgements.jsonl`).
    """
    odds = min(max(chance, 1e-4), 1 - 1e-4)
    return float(1 / (1 + exp(-1.118 - 0.704 * log(odds / (1 - odds)))))


def merged(events: Sequence[Event]) -> list[Event]:
    """Events of one article, those that repeat the same thing joined: one, with all their sentences.

    The same are two of one type in different sentences, of flags and modes that agree (or of one word), with a party in
    common on one side, none that differ on the other, and dates and places that do not contradict. The one that says
    most stands.
    """
    kept: list[Event] = []
    for event in events:
        echo = next((other for other in kept if _is_echo(other, event)), None)
        if echo is not None:
            if _says(event) > _says(echo):
                kept[kept.index(echo)] = event
            continue
        same = next((other for other in kept if _same(other, event)), None)
        if same is None:
            kept.append(event)
            continue
        best, rest = (same, event) if _says(same) >= _says(event) else (event, same)
        best.sentences = [*best.sentences, *rest.sentences]
        best.confidence = max(best.confidence, rest.confidence)
        best.mode = best.mode or rest.mode
        kept[kept.index(same)] = best
    return kept


def _is_echo(one: Event, other: Event) -> bool:
    """Two words of one sentence that tell one event (`imposed sanctions`): the one that says more stands."""
    return (
        (one.field, one.sentence_start, one.event_type) == (other.field, other.sentence_start, other.event_type)
        and _contain(_keys(one.actors), _keys(other.actors))
        and _contain(_keys(one.recipients), _keys(other.recipients))
        and (one.mode is None or other.mode is None or one.mode == other.mode)
    )


def _contain(one: set[str], other: set[str]) -> bool:
    """Whether one of two sides says no other party than the other side."""
    return one <= other or other <= one


def _says(event: Event) -> tuple[int, bool]:
    return bool(event.actors) + bool(event.recipients), event.field == "text"


def _keys(side: Iterable[Actor]) -> set[str]:
    return {a.entity_id or (a.name or a.text or "").casefold() for a in side}


def _same(one: Event, other: Event) -> bool:
    if {(s.field, s.start) for s in one.sentences} & {(s.field, s.start) for s in other.sentences}:
        return False
    if one.mode != other.mode and one.trigger_text[:4].casefold() != other.trigger_text[:4].casefold():
        return False
    if one.event_type != other.event_type or (one.mode and other.mode and one.mode != other.mode):
        return False
    for flag in ("is_negated", "is_hypothetical", "is_future", "is_historical"):
        if getattr(one, flag) != getattr(other, flag):
            return False
    if "sentence" == one.event_date_basis == other.event_date_basis and one.event_date != other.event_date:
        return False
    if one.place_name and other.place_name and one.place_name != other.place_name:
        return False
    pairs = [(_keys(one.actors), _keys(other.actors)), (_keys(one.recipients), _keys(other.recipients))]
    if any(a and b and not a & b for a, b in pairs):
        return False
    return any(a & b for a, b in pairs)


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
    asked = [query for query in queries if query is not None]
    # With what the lexicon has for the words and without it: the mean knows verbs that the lexicon takes for others.
    answers = iter(reader().read(asked))
    bare = iter(reader().read([replace(query, listed=[0] * len(query.words)) for query in asked]))
    for query in queries:
        if query is None:
            yield {"event_type": None, "mode": None, "confidence": 0.0}
            continue
        answer, other = next(answers), next(bare)
        classes, modes = (
            np.asarray((one + two) / 2, np.float32)
            for one, two in ((answer.classes, other.classes), (answer.modes, other.modes))
        )
        answer = replace(answer, classes=classes, modes=modes)
        chance = float(1 - answer.classes[0])
        kind = CLASSES[1 + int(answer.classes[1:].argmax())] if chance >= _LEAST_GIVEN else None
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
    listed = listed_of(matches(text.lower, first, last), first, last)
    return Query(
        text.words[first:last], kinds[first:last], listed, [MARKS.index(part.get(at, "")) for at in range(first, last)]
    )
