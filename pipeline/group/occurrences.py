"""Occurrences: what happened, however many reports tell it, and how many of them are independent.

Events that are said not to have happened, or may happen, will happen or happened long ago, are left out. The others
are one occurrence when type and date agree, neither parties nor places contradict each other, and there is reason to
join them: in one story a party or the place in common; across stories everything that is told in common; within a
family the same sentence. What tells most is placed first, so that vague reports join the one they fit best.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from pipeline import ids
from pipeline.group.parties import Party, Spot, parties, same_place, same_side, spot
from pipeline.group.sketch import Sketch
from pipeline.records import Event, Occurrence, OccurrenceEvent, Source

DAYS_APART, DAYS_APART_UNSAID = 1, 2
"""How far dates may lie apart: where the sentences give them, and where one is the day of the report."""
RECIPROCAL = {"AGREE", "CONSULT", "COOPERATE"}
"""Types in which either side may be told as the actor."""
_COLUMNS = [
    *("actor_text", "actor_name", "actor_code", "actor_country", "actor_sector"),
    *("recipient_text", "recipient_name", "recipient_code", "recipient_country", "recipient_sector"),
    *("place_name", "place_country", "latitude", "longitude", "event_date", "event_date_basis"),
]


class Placed(Protocol):
    """An article that has its family and its story."""

    @property
    def source_id(self) -> str: ...

    @property
    def family_id(self) -> str: ...

    @property
    def story_id(self) -> str: ...


@dataclass(slots=True, frozen=True)
class _Profile:
    """What decides whether two reports tell one thing; copies have equal ones."""

    event_type: str
    actors: tuple[Party, ...]
    recipients: tuple[Party, ...]
    place: Spot
    day: date
    is_day_said: bool
    story_id: str
    family_id: str
    sentence: str
    """Digest of trigger and sentence."""

    @property
    def told(self) -> int:
        """How much the report tells."""
        return 2 * bool(self.actors) + 2 * bool(self.recipients) + (self.place.name is not None) + self.is_day_said


@dataclass(slots=True)
class Told:
    """One event, without its words."""

    order: tuple[Any, ...]
    """Place in the order of reports: time and id of the article, place in it."""
    event_id: str
    article_id: str
    columns: dict[str, Any]
    profile: _Profile


@dataclass(slots=True)
class _Happening:
    reports: list[Told] = field(default_factory=list)
    profiles: set[_Profile] = field(default_factory=set)


def told(
    events: Iterable[Event],
    sketches: Sequence[Sketch],
    placed: Mapping[str, Placed],
) -> list[Told]:
    """The events that happened and stand in the versions given, each once, in the order of their reports."""
    number = {(s.article_id, s.version_id): i for i, s in enumerate(sketches)}
    found: dict[str, Told] = {}
    for event in events:
        i = number.get((event.article_id, event.version_id))
        if i is None or event.is_negated or event.is_hypothetical or event.is_future or event.is_historical:
            continue
        sketch = sketches[i]
        position = (event.field != "title", event.trigger_start, event.event_id, event.coder_version)
        profile = _Profile(
            event_type=event.event_type,
            actors=parties(event.actors, event.actor_text, event.actor_name, event.actor_country, event.actor_sector),
            recipients=parties(
                event.recipients,
                event.recipient_text,
                event.recipient_name,
                event.recipient_country,
                event.recipient_sector,
            ),
            place=spot(event),
            day=event.event_date or sketch.at.date(),
            is_day_said=event.event_date is not None and event.event_date_basis == "sentence",
            story_id=placed[sketch.article_id].story_id,
            family_id=placed[sketch.article_id].family_id,
            sentence=ids.digest(event.trigger_text, event.quote),
        )
        columns = {name: getattr(event, name) for name in _COLUMNS}
        report = Told((sketch.at, sketch.article_id, *position), event.event_id, sketch.article_id, columns, profile)
        known = found.get(event.event_id)
        if known is None or known.order < report.order:
            found[event.event_id] = report
    return sorted(found.values(), key=lambda t: t.order)


def occurrences(
    reports: Sequence[Told],
    placed: Mapping[str, Placed],
    sources: Mapping[str, Source],
    wanted: Collection[str],
) -> Iterator[Occurrence | OccurrenceEvent]:
    """Each occurrence that joins a `wanted` event and, after it, all that it joins; in the order of first reports."""
    happenings = [h for h in _join(reports) if any(t.event_id in wanted for t in h.reports)]
    for happening in happenings:
        happening.reports.sort(key=lambda t: t.order)
    for happening in sorted(happenings, key=lambda h: h.reports[0].order):
        first = happening.reports[0]
        articles = {t.article_id for t in happening.reports}
        families = {placed[a].family_id for a in articles}
        occurrence_id = ids.occurrence_id(first.event_id)
        yield Occurrence(
            occurrence_id=occurrence_id,
            event_type=first.profile.event_type,
            event_count=len(happening.reports),
            article_count=len(articles),
            family_count=len(families),
            story_count=len({t.profile.story_id for t in happening.reports}),
            source_count=len({placed[a].source_id for a in articles}),
            # A family's id is the article_id of its original: copies add nobody.
            independent_source_count=len({_owner(sources, placed[f].source_id) for f in families}),
            **first.columns,
        )
        for report in happening.reports:
            yield OccurrenceEvent(occurrence_id=occurrence_id, event_id=report.event_id)


def _owner(sources: Mapping[str, Source], source_id: str) -> tuple[str, str]:
    source = sources.get(source_id)
    if source is not None and source.owner:
        return ("owner", " ".join(source.owner.casefold().split()))
    return ("source", source_id)


def _join(reports: Sequence[Told]) -> list[_Happening]:
    found: list[_Happening] = []
    nearby: dict[tuple[str, str], list[int]] = defaultdict(list)
    for report in sorted(reports, key=lambda t: (-t.profile.told, t.order)):
        profile = report.profile
        keys = [(profile.event_type, f"story {profile.story_id}")]
        if profile.place.name:
            keys.append((profile.event_type, f"place {profile.place.country} {profile.place.name}"))
        best, best_score = None, 0
        for n in sorted({n for key in keys for n in nearby[key]}):
            score = _score(found[n], profile)
            if score > best_score:
                best, best_score = n, score
        if best is None:
            best = len(found)
            found.append(_Happening())
        found[best].reports.append(report)
        found[best].profiles.add(profile)
        for key in keys:
            if best not in nearby[key]:
                nearby[key].append(best)
    return found


def _score(happening: _Happening, profile: _Profile) -> int:
    """How good a reason there is for the report to belong to the happening; 0 where it must not."""
    if profile in happening.profiles:
        return 100
    best = 0
    for known in happening.profiles:
        score = _agreement(known, profile)
        if score is None:
            return 0
        best = max(best, score)
    return best


def _agreement(one: _Profile, other: _Profile) -> int | None:
    """Reasons to take two reports for one, or None where they contradict each other."""
    apart = DAYS_APART if one.is_day_said and other.is_day_said else DAYS_APART_UNSAID
    place = same_place(one.place, other.place)
    if abs((one.day - other.day).days) > apart or place is False:
        return None
    if one.family_id == other.family_id and one.sentence == other.sentence:
        return 50
    sides = _sides(one, other, swapped=False)
    if sides is None and one.event_type in RECIPROCAL:
        sides = _sides(one, other, swapped=True)
    if sides is None:
        return None
    agreed, whole = sides
    reasons = 10 * agreed + 5 * (place is True) + (one.day == other.day)
    if one.story_id == other.story_id:
        return reasons if agreed or place is True else 0
    return reasons if agreed and whole and place is True else 0


def _sides(one: _Profile, other: _Profile, *, swapped: bool) -> tuple[int, bool] | None:
    """How many sides agree, and whether all that either tells does; None where they contradict each other."""
    theirs = (other.recipients, other.actors) if swapped else (other.actors, other.recipients)
    pairs = list(zip((one.actors, one.recipients), theirs, strict=True))
    verdicts = [same_side(mine, their) for mine, their in pairs]
    if False in verdicts:
        return None
    whole = all(verdict or not (mine or their) for verdict, (mine, their) in zip(verdicts, pairs, strict=True))
    return verdicts.count(True), whole
