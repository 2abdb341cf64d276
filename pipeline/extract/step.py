"""The step itself: one article in, its rows out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline import ids
from pipeline.extract import linking
from pipeline.extract import tags as tagging
from pipeline.extract.events import code, judge, kinds_of
from pipeline.extract.languages import language_of
from pipeline.extract.mentions import Named, Reading, read_article
from pipeline.extract.nlp import model_for
from pipeline.extract.topics import topics
from pipeline.records import Article, Event, Mention, Reject

_TAGGED = datetime(1970, 1, 1, tzinfo=UTC)


def extract(
    articles: Iterable[Article],
    *,
    model: str | None = None,
    links: Path | None = None,
    homes: Mapping[str, str | None] | None = None,
    tags: Path | None = None,
) -> Iterator[Article | Mention | Event | Reject]:
    """Each article with its topics and tags, its mentions and events; events in English texts only."""
    own = tagging.tags(tags) if tags else ()
    for article in articles:
        if not article.text.strip():
            yield Reject(
                step="extract",
                url=article.url,
                source_id=article.source_id,
                fetch_id=article.fetch_id,
                article_id=article.article_id,
                rejected_at=article.fetched_at,
                reason="no_text",
                detail="the article has no words",
                evidence=article.title,
            )
            yield article
            continue
        _set_topics(article)
        rows = list(_read(article, model, links, (homes or {}).get(article.source_id))[1])
        _tag(article, rows, own)
        yield article
        yield from rows


_OF_MENTION = [each.name for each in dataclasses.fields(Mention)]


def tag(
    text: str,
    title: str | None = None,
    model: str | None = None,
    links: Path | None = None,
    pairs: Iterable[Sequence[int]] | None = None,
    tags: Path | None = None,
) -> dict[str, Any]:
    """Mentions and events of one text as dicts with the tables' keys, `batch_id` apart; dates as text.

    With `pairs` (start and end of an actor, of a recipient, in `text`), also `pairs`: the event between the two; with
    `tags` (a file of tags), also `tags` and `tag_evidence`.
    """
    article_id = ids.article_id(f"text:{title or ''}\n{text}")
    article = Article(
        article_id=article_id,
        version_id=ids.version_id(article_id, title, text),
        url="",
        canonical_url="",
        source_id="",
        title=title,
        fetched_at=_TAGGED,
        language=language_of(text),
        kind="other",
        access="open",
        text=text,
        word_count=0,
        extraction_method="plain_text",
        fetch_id="",
    )
    _set_topics(article)
    found: dict[str, Any] = {"topics": [dataclasses.asdict(t) for t in article.topics], "mentions": [], "events": []}
    readings, given = _read(article, model, links)
    rows = list(given)
    if tags is not None:
        _tag(article, rows, tagging.tags(tags))
        found["tags"] = article.tags
        found["tag_evidence"] = [dataclasses.asdict(each) for each in article.tag_evidence]
    if pairs is not None:
        body = next((r for r in readings if r.field == "text"), None)
        found["pairs"] = list(judge(body.text, kinds_of(body), pairs)) if body else []
    for row in rows:
        # A mention's values are plain; `asdict`, which copies what lies deeper, took a tenth of the time of all.
        values = {n: getattr(row, n) for n in _OF_MENTION} if isinstance(row, Mention) else dataclasses.asdict(row)
        del values["batch_id"]
        if isinstance(row, Event) and row.event_date_basis == "fetched":
            # Nothing is known of when the text was written.
            values["event_date"] = values["event_date_basis"] = None
        elif values.get("event_date") is not None:
            values["event_date"] = values["event_date"].isoformat()
        found["mentions" if isinstance(row, Mention) else "events"].append(values)
    return found


def _set_topics(article: Article) -> None:
    """Give an English article its topics."""
    language = article.language or language_of(article.text)
    article.topics = topics(article.title, article.text) if language == "en" else []
    main = article.topics[0] if article.topics else None
    article.topic, article.topic_score = (main.name, main.score) if main else (None, None)


def _tag(article: Article, rows: Sequence[Mention | Event], own: Iterable[tagging.Tag]) -> None:
    """Give an article the tags that hold."""
    content = tagging.Content(
        {"title": article.title or "", "text": article.text},
        [row for row in rows if isinstance(row, Mention)],
        [row for row in rows if isinstance(row, Event)],
    )
    article.tag_evidence = tagging.apply(own, content)
    article.tags = list(dict.fromkeys(each.tag or "" for each in article.tag_evidence))


def _read(
    article: Article, model: str | None, links: Path | None, home: str | None = None
) -> tuple[list[Reading], Iterator[Mention | Event]]:
    """An article's fields, read, and its rows."""
    fields = {"title": article.title or "", "text": article.text}
    language = article.language or language_of(article.text)
    present = {field: value for field, value in fields.items() if value.strip()}
    readings = read_article(present, language, model_for(model, language), home)
    return readings, _rows(article, readings, language, linking.links(links) if links else None)


def _rows(
    article: Article, readings: list[Reading], language: str, table: linking.Links | None
) -> Iterator[Mention | Event]:
    for reading in readings:
        for named in reading.mentions:
            row = _mention(article, reading, named)
            row.wikidata_id = table.find(named.name, named.type, named.country) if table else None
            yield row
    if language == "en":
        yield from code(article, readings)


def _mention(article: Article, reading: Reading, m: Named) -> Mention:
    return Mention(
        article_id=article.article_id,
        version_id=article.version_id,
        field=reading.field,
        entity_id=m.entity_id,
        entity_name=m.name,
        entity_type=m.type,
        text=m.text,
        start=m.start,
        end=m.end,
        sentence_index=m.sentence,
        confidence=m.confidence,
        method=m.method,
        country_code=m.country,
        geonames_id=m.geonames_id,
        latitude=m.latitude,
        longitude=m.longitude,
        place_precision=m.precision,
        place_confidence=m.place_confidence,
        role=m.role,
        is_metonym=m.is_metonym,
    )
