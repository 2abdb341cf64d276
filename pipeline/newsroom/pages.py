"""How each publisher prints its articles: one template a publisher, all the furniture included."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pipeline.newsroom import BATCHES
from pipeline.newsroom.content import Article, Oddity, listed
from pipeline.newsroom.publishers import Publisher

if TYPE_CHECKING:
    from jinja2 import Environment

_MONTHS_AR = ("كانون الثاني", "شباط", "آذار", "نيسان")
_SPEECH = {"news": "NewsArticle", "opinion": "OpinionNewsArticle", "live": "LiveBlogPosting"}


def article(piece: Article, moment: datetime) -> str:
    """The page of an article, as it stands at this moment."""
    return _render(f"{piece.publisher.id}.html", **_facts(piece, moment))


def variant(piece: Article, form: str, moment: datetime) -> str:
    """The AMP or print page of an article; its canonical link leads to the main page."""
    return _render(f"{form}.html", **_facts(piece, moment))


def special(row: Oddity, moment: datetime) -> str:
    """A page that is no article: paywall, bot wall, members' page, gallery."""
    links = _links(row.publisher, BATCHES[row.batch - 1][1])[:5]
    return _render(f"{row.answer}.html", publisher=row.publisher, row=row, links=links, nav=_nav(row.publisher))


def front(publisher: Publisher, moment: datetime, section: str | None = None) -> str:
    """The home page, or a section's front."""
    pieces = [line.article for line in listed(publisher, moment) if line.article and line.article.url == line.url]
    if section is not None:
        pieces = [piece for piece in pieces if piece.section == section]
    return _render("front.html", publisher=publisher, section=section, pieces=pieces, nav=_nav(publisher))


def error(publisher: Publisher, status: int) -> str:
    """An error page."""
    return _render("error.html", publisher=publisher, status=status, nav=_nav(publisher))


def section_at(publisher: Publisher, path: str) -> str | None:
    """The section whose front is at this path."""
    return next((section for section in publisher.sections if _section_path(section) == path), None)


def _facts(piece: Article, moment: datetime) -> dict[str, Any]:
    publisher = piece.publisher
    others = [link for link in _links(publisher, BATCHES[piece.batch - 1][1]) if link["url"] != piece.url]
    modified = piece.modified_at(moment)
    shown = piece.date
    return {
        "publisher": publisher,
        "piece": piece,
        "blocks": piece.blocks(moment),
        "shown": _shown(publisher, shown) if shown else "",
        "published": _iso(shown, publisher) if shown else "",
        "modified": _iso(piece.shown_date or modified, publisher),
        "related": others[:4],
        "popular": list(reversed(others))[:5],
        "nav": _nav(publisher),
        "schema_type": _SPEECH.get(piece.kind, "NewsArticle"),
    }


def _links(publisher: Publisher, moment: datetime) -> list[dict[str, str]]:
    lines = listed(publisher, moment)
    return [{"url": line.url, "title": line.title} for line in lines if line.article and line.article.url == line.url]


def _nav(publisher: Publisher) -> list[dict[str, str]]:
    return [{"name": name, "href": quote(_section_path(name))} for name in publisher.sections]


def _section_path(section: str) -> str:
    return "/" + section.lower().replace(" & ", "-").replace(" ", "-")


def _iso(date: datetime | None, publisher: Publisher) -> str:
    return date.astimezone(publisher.zone).isoformat(timespec="seconds") if date else ""


def _shown(publisher: Publisher, date: datetime) -> str:
    """A date as the publisher's readers see it."""
    local = date.astimezone(publisher.zone)
    clock = local.strftime("%I:%M %p").lstrip("0")
    american = f"{local:%B} {local.day}, {local.year}"
    forms = {
        "harbour-herald": f"{local:%a} {local.day} {local:%b %Y %H.%M} GMT",
        "meridian-wire": f"{american} {clock} UTC",
        "valley-courier": f"{american} at {clock.lower().replace('am', 'a.m.').replace('pm', 'p.m.')} EST",
        "parliament-post": f"Published {american} {clock.lower().replace('am', 'a.m.').replace('pm', 'p.m.')} EST",
        "trade-winds": f"{local.day} {local:%B %Y, %H:%M} WAT",
        "diario-del-puerto": f"{local:%d/%m/%Y} - {local:%H:%M} h (CET)",
        "elbkurier": f"{local:%d.%m.%Y}, {local:%H.%M} Uhr",
        "courrier-des-quais": f"Publié le {local:%d/%m/%Y} à {local:%Hh%M}",
        "sawt-al-marfa": f"{local.day} {_MONTHS_AR[local.month - 1]} {local.year} | {local:%H:%M}",
        "xinggang-zaobao": f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}",
    }
    return forms[publisher.id]


def _render(template: str, **facts: Any) -> str:
    return _environment().get_template(template).render(**facts)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True
    )
    environment.filters["json"] = lambda value: Markup(json.dumps(value, ensure_ascii=False).replace("</", "<\\/"))
    return environment
