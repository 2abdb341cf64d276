"""What was written: the articles, and the URLs that are more than an article."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pipeline.newsroom import BATCHES
from pipeline.newsroom.publishers import PUBLISHERS, Publisher

HERE = Path(__file__).parent


class Block(NamedTuple):
    """A piece of an article's body."""

    kind: Literal["paragraph", "heading", "caption"]
    text: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What a publisher changed in an article, and when."""

    modified_at: datetime
    replace: tuple[tuple[str, str], ...]
    append: str

    def apply(self, text: str) -> str:
        """The text as it stands afterwards."""
        for old, new in self.replace:
            if text.count(old) != 1:
                raise ValueError(f"a correction must find its passage exactly once: {old!r}")
            text = text.replace(old, new)
        return f"{text}\n\n{self.append}"


@dataclass(frozen=True, slots=True)
class Article:
    """One article, with what a careful reader marked in it."""

    publisher: Publisher
    slug: str
    path: str
    batch: int
    title: str
    source: str
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    shown_date: datetime | None = None
    feed_date: bool = True
    section: str = ""
    kind: str = "news"
    family: str | None = None
    story: str | None = None
    correction: Correction | None = None
    entities: tuple[tuple[str, ...], ...] = ()
    events: tuple[dict[str, Any], ...] = field(default=())

    @property
    def url(self) -> str:
        """Its canonical URL."""
        return self.publisher.home + self.path

    @property
    def date(self) -> datetime | None:
        """The date its page shows, true or not."""
        return self.shown_date or self.published_at

    def modified_at(self, moment: datetime) -> datetime | None:
        """When it was last changed, seen from this moment."""
        if self.correction and self.correction.modified_at <= moment:
            return self.correction.modified_at
        return self.published_at

    def blocks(self, moment: datetime) -> list[Block]:
        """Its body as it stands at this moment."""
        source = self.source
        if self.correction and self.correction.modified_at <= moment:
            source = self.correction.apply(source)
        return [_block(part) for part in source.split("\n\n")]

    def text(self, moment: datetime) -> str:
        """Its standfirst, paragraphs and headings as plain text, without captions."""
        parts = [block.text for block in self.blocks(moment) if block.kind != "caption"]
        return "\n\n".join([self.subtitle, *parts] if self.subtitle else parts)


@dataclass(frozen=True, slots=True)
class Oddity:
    """A URL that answers otherwise than an article would, or an article that misbehaves."""

    publisher: Publisher
    url: str
    answer: str
    batch: int
    states: tuple[str, ...]
    article: Article | None = None
    status: int = 200
    until: int = 0
    title: str = ""
    lines: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Its path and query on its host; empty if it has none."""
        return self.url.removeprefix(self.publisher.home) if self.url.startswith(self.publisher.home) else ""


class Listed(NamedTuple):
    """A line in a feed or sitemap."""

    url: str
    title: str
    batch: int
    article: Article | None
    summary: str


def batch_number(moment: datetime) -> int:
    """How many batches have begun by this moment."""
    return sum(begins <= moment for _, begins in BATCHES)


@cache
def articles() -> dict[str, Article]:
    """Every article by its URL."""
    found = [_read_article(path) for path in sorted((HERE / "articles").glob("*/*.toml"))]
    return {article.url: article for article in found}


@cache
def oddities() -> dict[str, Oddity]:
    """Every URL with a behaviour of its own, by URL."""
    by_slug = {(article.publisher.id, article.slug): article for article in articles().values()}
    rows = tomllib.loads((HERE / "urls.toml").read_text("utf-8"))["url"]
    return {row["url"]: _read_oddity(row, by_slug) for row in rows}


def listed(publisher: Publisher, moment: datetime) -> list[Listed]:
    """What a publisher's feed or sitemap lists at this moment, newest first."""
    reached = batch_number(moment)
    lines = [line for line in _lines(publisher) if line.batch <= reached]
    return sorted(lines, key=lambda line: (-line.batch, line.article is None, _newest_first(line), line.url))


def _newest_first(line: Listed) -> float:
    date = line.article.published_at if line.article else None
    return -date.timestamp() if date else 0.0


def _lines(publisher: Publisher) -> Iterator[Listed]:
    unlisted = {
        row.article.url
        for row in oddities().values()
        if row.answer == "redirect" and row.states[-1] == "stored" and row.article
    }
    for article in articles().values():
        if article.publisher is publisher and article.url not in unlisted:
            yield Listed(article.url, article.title, article.batch, article, _summary(article))
    for row in oddities().values():
        if row.publisher is publisher and row.url not in articles():
            yield Listed(row.url, row.title, row.batch, row.article, _summary(row.article) if row.article else "")


def _summary(article: Article) -> str:
    return article.subtitle or article.source.split("\n\n")[0]


def _block(part: str) -> Block:
    if part.startswith("## "):
        return Block("heading", part[3:])
    if part.startswith("!["):
        return Block("caption", part[2:-1])
    return Block("paragraph", part)


def _read_article(path: Path) -> Article:
    row = tomllib.loads(path.read_text("utf-8"))
    fix = row.pop("correction", None)
    return Article(
        publisher=PUBLISHERS[path.parent.name],
        slug=path.stem,
        source=row.pop("text").strip(),
        authors=tuple(row.pop("authors", ())),
        entities=tuple(tuple(entity) for entity in row.pop("entities", ())),
        events=tuple(row.pop("events", ())),
        correction=Correction(fix["modified_at"], tuple(map(tuple, fix["replace"])), fix["append"]) if fix else None,
        **row,
    )


def _read_oddity(row: dict[str, Any], by_slug: dict[tuple[str, str], Article]) -> Oddity:
    article = by_slug[row["source"], row["of"]] if "of" in row else None
    return Oddity(
        publisher=PUBLISHERS[row["source"]],
        url=row["url"],
        answer=row["answer"],
        batch=row["batch"],
        states=tuple(row["states"]),
        article=article,
        status=row.get("status", 200),
        until=row.get("until", 0),
        title=row.get("title") or (article.title if article else ""),
        lines=tuple(row.get("lines", ())),
    )
