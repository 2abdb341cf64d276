"""Day by day: the stories that begin on a day are made of what no story of an earlier day took.

To look at each day within a window of its own would give an article of a long story another story on each day. So the
days are gone through in their order: a day takes every article of the stories that hold one of its own, and leaves the
others to later days. Two windows ahead are looked at, so that no family is torn. Occurrences begin the same way, once
the stories of all their reports are known. Articles around that are taken already still say which words are rare, and
what is furniture.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline import ids
from pipeline.group.families import Member, families
from pipeline.group.occurrences import Told, occurrences, told
from pipeline.group.sketch import Sketch, Sketcher
from pipeline.group.stories import Place, stories
from pipeline.records import Article, Event, Family, Occurrence, OccurrenceEvent, Source, Story, StoryTitle

Row = Family | Story | StoryTitle | Occurrence | OccurrenceEvent


@dataclass(slots=True, frozen=True)
class Taken:
    """An article that has its story."""

    home: date
    """The day of its first version."""
    on: date
    """The day on which its story begins."""
    source_id: str
    family_id: str
    story_id: str


@dataclass(slots=True, frozen=True)
class Joined:
    """An event that has its occurrence: the home of its article, and the day on which the occurrence begins."""

    home: date
    on: date


def digest(taken: Mapping[str, Taken], joined: Mapping[str, Joined], day: date) -> str:
    """Digest of what earlier days took of this one and of later ones."""
    return ids.digest(
        *(f"{a} {t.family_id} {t.story_id}" for a, t in sorted(taken.items()) if t.on < day <= t.home),
        *(e for e, j in sorted(joined.items()) if j.on < day <= j.home),
    )


class Days:
    """What begins on each of the `days`, which are asked for in their order.

    `articles`, `events` and `sources` give what is known of a day: the newest versions of the articles whose home it
    is, the events of these, and the register around that day. `taken` and `joined` are what earlier days took.
    """

    def __init__(
        self,
        days: Sequence[date],
        articles: Callable[[date], Iterable[Article]],
        events: Callable[[date], Iterable[Event]],
        sources: Callable[[date], Mapping[str, Source]],
        *,
        window_days: int = 4,
        before: Sequence[date] = (),
        taken: Mapping[str, Taken] | None = None,
        joined: Mapping[str, Joined] | None = None,
    ) -> None:
        self._all = [*before, *days]
        self._waiting = deque(days)
        self._articles, self._events, self._sources = articles, events, sources
        self._window = timedelta(days=window_days)
        self._taken, self._joined = dict(taken or {}), dict(joined or {})
        self._sketcher = Sketcher()
        self._sketches: dict[date, list[Sketch]] = {}
        self._told: dict[date, list[Told]] = {}
        self._begun: dict[date, list[Row]] = {}

    def digest(self, day: date) -> str:
        """Digest of what the days before took of this one and of later ones."""
        return digest(self._taken, self._joined, day)

    def begun_on(self, day: date) -> Iterator[Row]:
        """Families and stories, then occurrences, that begin on the day."""
        while self._waiting and self._waiting[0] <= day + self._window:
            self._take(self._waiting.popleft())
        yield from self._begun.pop(day, ())
        yield from self._happened(day)
        # What later days look back on is less than this.
        for known in [d for d in self._sketches if d <= day]:
            del self._sketches[known]
        self._told.pop(day, None)
        self._taken = {a: t for a, t in self._taken.items() if t.home >= day - 2 * self._window}
        self._joined = {e: j for e, j in self._joined.items() if j.home >= day}

    def _take(self, day: date) -> None:
        around = self._around(day - self._window, day + 2 * self._window)
        sketches = sorted((s for _, s in around), key=lambda s: (s.at, s.article_id))
        homes = {s.article_id: home for home, s in around}
        settled = {a for a, home in homes.items() if home < day or a in self._taken}
        sources = self._sources(day)
        members = families(sketches, sources, self._window, settled)
        places, titles = stories(sketches, members, self._window, settled)
        begun = {place.story_id for a, place in places.items() if homes[a] == day}
        mine = [s for s in sketches if s.article_id in places and places[s.article_id].story_id in begun]
        for s in mine:
            member, place = members[s.article_id], places[s.article_id]
            self._taken[s.article_id] = Taken(homes[s.article_id], day, s.source_id, member.family_id, place.story_id)
        self._begun[day] = [
            *(_family(s, members[s.article_id]) for s in mine),
            *(_story(s, places[s.article_id]) for s in mine),
            *(title for title in titles if title.story_id in begun),
        ]
        self._told[day] = told(self._events(day), self._sketches[day], self._taken)

    def _happened(self, day: date) -> Iterator[Occurrence | OccurrenceEvent]:
        reports = [
            (home, t)
            for home in sorted(self._told)
            if day <= home <= day + self._window
            for t in self._told[home]
            if t.event_id not in self._joined
        ]
        homes = {t.event_id: home for home, t in reports}
        today = {t.event_id for home, t in reports if home == day}
        for row in occurrences([t for _, t in reports], self._taken, self._sources(day), today):
            if isinstance(row, OccurrenceEvent):
                self._joined[row.event_id] = Joined(homes[row.event_id], day)
            yield row

    def _around(self, first: date, last: date) -> list[tuple[date, Sketch]]:
        found = []
        for day in self._all:
            if first <= day <= last:
                if day not in self._sketches:
                    self._sketches[day] = self._sketched(self._articles(day))
                found += [(day, sketch) for sketch in self._sketches[day]]
        return found

    def _sketched(self, articles: Iterable[Article]) -> list[Sketch]:
        """One sketch an article, of its newest version, in the order of time."""
        newest: dict[str, Sketch] = {}
        first_fetched: dict[str, datetime] = {}
        for article in articles:
            fetched = min(article.fetched_at, first_fetched.get(article.article_id, article.fetched_at))
            first_fetched[article.article_id] = fetched
            known = newest.get(article.article_id)
            if known is None or (known.fetched_at, known.version_id) < (article.fetched_at, article.version_id):
                newest[article.article_id] = self._sketcher(article)
        for known in newest.values():
            known.at = known.published_at or first_fetched[known.article_id]
        return sorted(newest.values(), key=lambda s: (s.at, s.article_id))


def _family(of: Sketch, member: Member) -> Family:
    return Family(
        article_id=of.article_id,
        version_id=of.version_id,
        family_id=member.family_id,
        role=member.role,
        similarity=member.similarity,
    )


def _story(of: Sketch, place: Place) -> Story:
    return Story(article_id=of.article_id, version_id=of.version_id, story_id=place.story_id, score=place.score)
