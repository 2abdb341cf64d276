"""Group: articles of several days → families, stories, occurrences. Pure; the order of what comes in does not matter.

Texts become sketches while they stream by and are not kept. `Days` groups day by day, as a lake grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from pipeline.records import Article, Event, Family, Occurrence, OccurrenceEvent, Source, Story, StoryTitle

if TYPE_CHECKING:
    from pipeline.group.days import Days, Joined, Taken, digest

__all__ = ["Days", "Joined", "Taken", "digest", "group"]


def group(
    articles: Iterable[Article], events: Iterable[Event], sources: Mapping[str, Source], *, window_days: int = 4
) -> Iterator[Family | Story | StoryTitle | Occurrence | OccurrenceEvent]:
    """Families, then stories, then occurrences, each in the order of time; of articles that came on one day.

    Of several versions of an article only the newest counts, and only its events. Events without their article are
    left out. No family and no story reaches further than `window_days` from its first article to its last.
    """
    from pipeline.group.days import Days

    day = date(2000, 1, 1)  # any: it stands in no row
    yield from Days([day], lambda _: articles, lambda _: events, lambda _: sources, window_days=window_days).begun_on(
        day
    )


def __getattr__(name: str) -> Any:
    # numpy and scipy take their time: they are imported when something is grouped.
    if name in __all__:
        from pipeline.group import days

        return getattr(days, name)
    raise AttributeError(name)
