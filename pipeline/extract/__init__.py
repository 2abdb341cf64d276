"""Articles → mentions and events.

``extract`` is the step; ``tag`` does the same for one text and is what ``newsledger tag`` prints.

::

    Article ─nlp→ words, sentences ─names, gazetteer→ mentions ─actors, triggers, clauses→ events

No model is needed. Names are found by lists and patterns (`gazetteer`, `names`, `mentions`), or by an installed spaCy
pipeline; events by an own lexicon of the sixteen PLOVER types (`triggers`, `events`). Confidences are constants of the
method that order candidates; they are not calibrated. Events are coded in English only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.records import Article, Event, Mention, Reject

__all__ = ["extract", "tag", "warm"]


def warm() -> None:
    """Load what the first article would: libraries, and the lexicons of English and of the world's cities."""
    from pipeline.extract import step  # noqa: F401
    from pipeline.extract.gazetteer import gazetteer

    for language in ("en", "xx"):
        gazetteer(language)


def extract(articles: Iterable[Article], *, model: str | None = None) -> Iterator[Mention | Event | Reject]:
    """Mentions and events of each article, in order; a Reject where an article has no words.

    `model` names an installed spaCy pipeline to take names from (ConfigurationError where it is not installed).
    """
    from pipeline.extract.step import extract as run

    return run(articles, model=model)


def tag(text: str, title: str | None = None, model: str | None = None) -> dict[str, Any]:
    """Mentions and events of a text, with the tables' keys; offsets count in `text` (and `title`) exactly as given."""
    from pipeline.extract.step import tag as run

    return run(text, title, model)
