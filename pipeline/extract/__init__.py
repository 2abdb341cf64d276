"""Articles → mentions and events.

``extract`` is the step; ``tag`` does the same for one text and is what ``newsledger tag`` prints.

::

    Article ─nlp→ words, sentences ─names, gazetteer→ mentions ─actors, triggers, clauses→ events

Names in English are found by a model of our own (`tagger`, card in `names_en.md`) and by lists (`gazetteer`), in other
languages by lists and patterns (`names`), or by an installed spaCy pipeline; places are put where they are (`locate`).
Events of the sixteen PLOVER types are coded in English only (`events`): an own lexicon (`triggers`) and a model
(`reader`, card in `events_en.md`) propose them, the model judges; how many are concerned is read from their sentence
(`counts`). `topics` says what an article is about (IPTC Media Topics, card in `topics_en.md`); sport, weather and shows
are not coded (`gate`). `tags` gives articles the tags of a file of yours. Confidences of lists and patterns of names
are constants that order candidates; they are not calibrated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.records import Article, Event, Mention, Reject

__all__ = ["as_html", "extract", "tag", "warm"]


def warm() -> None:
    """Load what the first article would: libraries, and the lexicons of English and of the world's cities."""
    from pipeline.extract import step  # noqa: F401
    from pipeline.extract.gazetteer import gazetteer
    from pipeline.extract.reader import reader
    from pipeline.extract.tagger import tagger
    from pipeline.extract.topics import topics

    tagger(), reader(), topics("", "")
    for language in ("en", "xx"):
        gazetteer(language)


def extract(
    articles: Iterable[Article],
    *,
    model: str | None = None,
    links: Path | None = None,
    homes: Mapping[str, str | None] | None = None,
    tags: Path | None = None,
) -> Iterator[Article | Mention | Event | Reject]:
    """Each article, tagged, its mentions and events, in order; a Reject beside it where it has no words.

    `model` names an installed spaCy pipeline to take names from, alone or by language (`nlp.model_for`); `links` a
    table of entities and their Wikidata ids (`linking`); `homes` says of each source its country, which helps to tell
    places of one name apart; `tags` is a file of tags (`tags`). Raises ConfigurationError where pipeline, table or tags
    cannot be used.
    """
    from pipeline.extract.step import extract as run

    return run(articles, model=model, links=links, homes=homes, tags=tags)


def tag(
    text: str,
    title: str | None = None,
    model: str | None = None,
    links: Path | None = None,
    pairs: Iterable[Sequence[int]] | None = None,
    tags: Path | None = None,
) -> dict[str, Any]:
    """Mentions and events of a text, with the tables' keys; offsets count in `text` (and `title`) exactly as given.

    With `pairs` (start and end of an actor, of a recipient, in `text`), also `pairs`: the event between the two; with
    `tags` (a file of tags), also `tags` and `tag_evidence`.
    """
    from pipeline.extract.step import tag as run

    return run(text, title, model, links, pairs, tags)


def as_html(text: str, found: dict[str, Any]) -> str:
    """A page that shows what `tag` found in a text."""
    from pipeline.extract.nlp import as_html as run

    return run(text, [m for m in found["mentions"] if m["field"] == "text"])
