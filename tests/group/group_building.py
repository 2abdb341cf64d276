"""Builders for the tests of the group room: articles, events, sources, and invented wire copy."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pipeline import ids
from pipeline.group import group
from pipeline.records import Actor, Article, Event, Family, Occurrence, OccurrenceEvent, Source, Story, StoryTitle

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

DAM = """The regional council of Ostmark voted on Monday to reopen the Hollen dam, three years after cracks
forced engineers to drain the reservoir behind it.

Councillor Petra Lindqvist told reporters that repairs had cost 31 million crowns, twice the first
estimate. "We paid for haste once, and then we paid for patience," she said.

Water will be let in slowly over eleven weeks while divers inspect the spillway every second day.
Farmers in the Tarn valley, who have been buying water by the lorry load, cheered from the gallery
when the vote was announced.

The union of dam workers had asked for a delay until autumn, arguing that two of the six gates
were still being tested. Its secretary, Ruben Okafor, called the decision reckless but said his
members would report for duty.

Ostmark produces a tenth of the country's barley, and the last two harvests were the poorest since
records began. Insurers have said that premiums will fall once the reservoir stands above its old
mark.

The ministry of public works must still countersign the order, which it is expected to do before
the end of the week."""

DAM_ELSEWHERE = """Petra Lindqvist raised her hand a little after four, and with that the Hollen dam had its
majority. Seventeen of twenty-nine members of the Ostmark council want the reservoir filled again.

For Tarn valley growers it means an end to lorries and ration cards. Mats Brun, who farms barley
below the spillway, said he had not slept properly since the cracks were found.

Critics point to the gates. Ruben Okafor of the dam workers' union wanted tests to finish first,
and he promised to publish every inspection report from the divers himself.

Filling the reservoir takes most of the spring, according to engineers; repairs ran to 31 million
crowns."""

BRIDGE = """Commuters in Ostmark lost their quickest way across the Tarn on Monday when the council shut the
Karlsborg bridge to lorries and buses without notice.

Inspectors found rust in four of the bridge's hangers during a routine climb, the roads department
said. Cyclists and pedestrians may still cross.

Bus operator Tarnlinjen put on replacement services by way of Nyhamn, adding forty minutes to the
journey to the hospital. Its director, Ylva Strand, said she learned of the closure from a driver.

The roads department expects welders to need until June. A ferry that was retired in 1998 may be
brought back for school children."""

NOTICE = """Subscribers get every article, our evening letter and the weekend crossword for the price of a
coffee. You can cancel whenever you like by writing to our readers' desk, which is open on
weekdays from nine to five."""


def source(source_id: str, *, owner: str | None = None, agency: bool = False) -> Source:
    """A registered publisher."""
    return Source(source_id=source_id, name=source_id, owner=owner, agency=agency)


def article(
    slug: str,
    text: str,
    *,
    title: str | None = "A headline",
    by: str = "gazette",
    hours: float = 0,
    language: str | None = "en",
    published: bool = True,
    fetched_hours: float | None = None,
) -> Article:
    """An article of `by`, that many hours after Monday at six."""
    url = f"http://{by}.example/{slug}"
    article_id = ids.article_id(url)
    at = MONDAY + timedelta(hours=hours)
    return Article(
        article_id=article_id,
        version_id=ids.version_id(article_id, title, text),
        url=url,
        canonical_url=url,
        source_id=by,
        title=title,
        published_at=at if published else None,
        fetched_at=at if fetched_hours is None else MONDAY + timedelta(hours=fetched_hours),
        language=language,
        kind="news",
        access="open",
        text=text,
        word_count=len(text.split()),
        extraction_method="trafilatura",
        fetch_id="0b4f6c8e-5f0e-4e0e-8f1d-2d9a3f7c1b11",
    )


def actor(name: str, code: str | None = None, country: str | None = None) -> Actor:
    """A named party; the sector is what follows the country in the code."""
    sector = code[3:] or None if code else None
    return Actor(
        text=name, name=name, entity_id=ids.entity_id(name, "other"), code=code, country=country, sector=sector
    )


def event(
    of: Article,
    event_type: str,
    actors: Iterable[Actor] = (),
    recipients: Iterable[Actor] = (),
    *,
    start: int = 0,
    on: date | None = date(2026, 3, 2),
    basis: str | None = "sentence",
    place: tuple[str, str, float, float] | None = None,
    **flags: Any,
) -> Event:
    """An event of that type, told by the word at `start`."""
    actors, recipients = list(actors), list(recipients)
    sides: dict[str, Any] = {}
    for side, listed in (("actor", actors), ("recipient", recipients)):
        for name in ("text", "name", "code", "country", "sector"):
            sides[f"{side}_{name}"] = getattr(listed[0], name) if listed else None
    name, country, latitude, longitude = place or (None, None, None, None)
    return Event(
        **{
            **dict(
                event_id=ids.event_id(of.version_id, "text", event_type, start, start + 4),
                article_id=of.article_id,
                version_id=of.version_id,
                field="text",
                event_type=event_type,
                cameo_root="05",
                quad_class=1,
                actors=actors,
                recipients=recipients,
                **sides,
                trigger_text=of.text[start : start + 4],
                trigger_start=start,
                trigger_end=start + 4,
                quote=of.text[start : start + 80],
                sentence_start=start,
                event_date=on,
                event_date_basis=basis,
                place_name=name,
                place_country=country,
                latitude=latitude,
                longitude=longitude,
                is_negated=False,
                is_hypothetical=False,
                is_future=False,
                is_historical=False,
                is_reported=False,
                confidence=0.8,
                coder_version="1",
            ),
            **flags,
        }
    )


class Grouped:
    """What grouping gave, by table."""

    def __init__(
        self,
        articles: Iterable[Article],
        events: Iterable[Event] = (),
        sources: Iterable[Source] = (),
        window_days: int = 4,
    ) -> None:
        register: Mapping[str, Source] = {s.source_id: s for s in sources}
        self.records = list(group(articles, events, register, window_days=window_days))
        self.families = {r.article_id: r for r in self.records if isinstance(r, Family)}
        self.stories = {r.article_id: r for r in self.records if isinstance(r, Story)}
        self.titles = {r.story_id: r for r in self.records if isinstance(r, StoryTitle)}
        self.occurrences = [r for r in self.records if isinstance(r, Occurrence)]
        self.joins = [r for r in self.records if isinstance(r, OccurrenceEvent)]

    def one_family(self, *articles: Article) -> bool:
        """Whether they are all of one family."""
        return len({self.families[a.article_id].family_id for a in articles}) == 1

    def one_story(self, *articles: Article) -> bool:
        """Whether they are all of one story."""
        return len({self.stories[a.article_id].story_id for a in articles}) == 1


def prose(seed: int, words: int = 200) -> str:
    """Invented words in sentences: unlike any other seed's, yet with the same small words."""
    rng = random.Random(seed)
    small = ["the", "of", "and", "to", "in", "was", "for", "that", "on", "with"]
    own = [
        "".join(rng.choice("bdfgklmnprstv") + rng.choice("aeiou") for _ in range(rng.randint(2, 4))) for _ in range(90)
    ]
    drawn = [rng.choice(small) if rng.random() < 0.35 else rng.choice(own) for _ in range(words)]
    return ". ".join(" ".join(drawn[n : n + 14]).capitalize() for n in range(0, words, 14)) + "."
