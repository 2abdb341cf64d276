"""Write gold.json: what a perfect pipeline would know of the newsroom. `python -m pipeline.newsroom.gold`"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pipeline.newsroom import BATCHES, GOLD
from pipeline.newsroom.content import Article, Listed, articles, listed, oddities
from pipeline.newsroom.publishers import PUBLISHERS

LATEST = BATCHES[-1][1]


def gold() -> dict[str, Any]:
    """Batches, the state of every URL after each of them, and every article."""
    urls: dict[str, dict[str, Any]] = {}
    reached_by: dict[str, str] = {}
    for publisher in PUBLISHERS.values():
        for line in listed(publisher, LATEST):
            urls[line.url] = {"source_id": publisher.id, "states": _states(line)}
            row = oddities().get(line.url)
            if line.article and (line.url == line.article.url or (row and "stored" in row.states)):
                reached_by[line.article.url] = line.url
    return {
        "batches": [batch for batch, _ in BATCHES],
        "urls": dict(sorted(urls.items())),
        "articles": {url: _article(articles()[url], reached_by[url]) for url in sorted(articles())},
    }


def as_json(value: dict[str, Any]) -> str:
    """One line a URL, one key a line in an article."""
    parts = [f'"batches": {_flat(value["batches"])}']
    urls = ",\n".join(f"  {_flat(url)}: {_flat(row)}" for url, row in value["urls"].items())
    parts.append(f'"urls": {{\n{urls}\n}}')
    found = ",\n".join(f"  {_flat(url)}: {_spread(row)}" for url, row in value["articles"].items())
    parts.append(f'"articles": {{\n{found}\n}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _states(line: Listed) -> list[str | None]:
    row = oddities().get(line.url)
    if row is not None:
        return [state or None for state in row.states]
    return ["stored" if line.batch <= number else None for number in range(1, len(BATCHES) + 1)]


def _article(article: Article, url: str) -> dict[str, Any]:
    first = BATCHES[_first_stored(url, article.batch) - 1]
    row: dict[str, Any] = {
        "url": url,
        "source_id": article.publisher.id,
        "title": article.title,
        "subtitle": article.subtitle or None,
        "authors": list(article.authors),
        "published_at": _utc(article.published_at),
        "language": article.publisher.language,
        "kind": article.kind,
        "section": article.section,
        "family": article.family,
        "story": article.story,
        "first_batch": first[0],
        "text": article.text(first[1]),
    }
    if article.correction:
        row["corrected_text"] = article.text(LATEST)
        row["modified_at"] = _utc(article.correction.modified_at)
    row["entities"] = [dict(zip(("text", "type", "country_code"), entity, strict=False)) for entity in article.entities]
    row["events"] = [
        {("sentence_contains" if key == "in" else key): found or None for key, found in event.items()}
        for event in article.events
    ]
    return row


def _first_stored(url: str, listed_in: int) -> int:
    row = oddities().get(url)
    return row.states.index("stored") + 1 if row else listed_in


def _utc(date: datetime | None) -> str | None:
    return date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if date else None


def _flat(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _spread(row: dict[str, Any]) -> str:
    lines = []
    for key, value in row.items():
        if key in ("entities", "events") and value:
            inner = ",\n".join(f"      {_flat(item)}" for item in value)
            lines.append(f"    {_flat(key)}: [\n{inner}\n    ]")
        else:
            lines.append(f"    {_flat(key)}: {_flat(value)}")
    return "{\n" + ",\n".join(lines) + "\n  }"


if __name__ == "__main__":
    GOLD.write_text(as_json(gold()), "utf-8")
    print(f"{GOLD}: {len(gold()['urls'])} URLs, {len(gold()['articles'])} articles")
