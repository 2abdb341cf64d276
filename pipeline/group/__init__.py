"""Group: articles of several days → families, stories, occurrences. Pure; the order of what comes in does not matter.

Texts become sketches while they stream by and are not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.records import Article, Event, Family, Occurrence, OccurrenceEvent, Source, Story, StoryTitle

if TYPE_CHECKING:
    from pipeline.group.sketch import Sketch


def group(
    articles: Iterable[Article], events: Iterable[Event], sources: Mapping[str, Source], *, window_days: int = 4
) -> Iterator[Family | Story | StoryTitle | Occurrence | OccurrenceEvent]:
    """Families, then stories, then occurrences, each in the order of time.

    Of several versions of an article only the newest counts, and only its events. Events without their article are
    left out. No family and no story reaches further than `window_days` from its first article to its last.
    """
    from pipeline.group.families import families
    from pipeline.group.occurrences import occurrences, told
    from pipeline.group.stories import stories

    window = timedelta(days=window_days)
    sketches = _sketches(articles)
    members = families(sketches, sources, window)
    places, titles = stories(sketches, members, window)
    for sketch in sketches:
        member = members[sketch.article_id]
        yield Family(
            article_id=sketch.article_id,
            version_id=sketch.version_id,
            family_id=member.family_id,
            role=member.role,
            similarity=member.similarity,
        )
    for sketch in sketches:
        place = places[sketch.article_id]
        yield Story(
            article_id=sketch.article_id, version_id=sketch.version_id, story_id=place.story_id, score=place.score
        )
    yield from titles
    yield from occurrences(told(events, sketches, members, places), sketches, members, sources)


def _sketches(articles: Iterable[Article]) -> list[Sketch]:
    """One sketch an article, in the order of time."""
    from pipeline.group.sketch import Sketcher

    sketch = Sketcher()
    newest: dict[str, Sketch] = {}
    first_fetched: dict[str, datetime] = {}
    for article in articles:
        fetched = min(article.fetched_at, first_fetched.get(article.article_id, article.fetched_at))
        first_fetched[article.article_id] = fetched
        known = newest.get(article.article_id)
        if known is None or (known.fetched_at, known.version_id) < (article.fetched_at, article.version_id):
            newest[article.article_id] = sketch(article)
    for known in newest.values():
        known.at = known.published_at or first_fetched[known.article_id]
    return sorted(newest.values(), key=lambda s: (s.at, s.article_id))
