"""When it was published: every date the page and its discovery give, why some cannot be, and which one to believe."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.clean import jsonld, language
from pipeline.clean.document import Document
from pipeline.clean.marks import is_elsewhere
from pipeline.clean.tidy import line
from pipeline.clean.written_dates import Reading, find, read
from pipeline.records import Candidate, Link

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
TOLERANCE = timedelta(hours=24)
# A template that writes the present moment as the date of its article does so while the answer is made.
_AS_FETCHED = timedelta(seconds=5)

_METAS = [
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "og:published_time",
    "datepublished",
    "date_published",
    "publish-date",
    "publish_date",
    "publishdate",
    "publication_date",
    "pubdate",
    "date.pub",
    "parsely-pub-date",
    "sailthru.date",
    "rnews:datepublished",
    "cxenseparse:recs:publishtime",
    "citation_publication_date",
    "citation_date",
    "dcterms.issued",
    "dc.date.issued",
    "dc.date",
    "dcterms.date",
    "dcterms.created",
    "dc.date.created",
    "article.published",
    "article_date_original",
    "originalpublicationdate",
    "iso-8601-publish-date",
    "date",
    "created",
]
_MODIFIED_METAS = [
    "article:modified_time",
    "og:updated_time",
    "og:article:modified_time",
    "article:modified",
    "datemodified",
    "dcterms.modified",
    "last-modified",
    "revised",
]
_URL_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:[/.-](0?[1-9]|1[0-2])[/.-](0?[1-9]|[12]\d|3[01])|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))(?!\d)"
)
_PUBLISHED_CLASS = re.compile(r"publi|posted|created|entry-date|dt-published", re.I)
_UPDATED_CLASS = re.compile(r"updat|modif|aktualisi|actualiz", re.I)
_UPDATED = re.compile(
    r"^\W*(?:last\s+|son\s+)?(?:updat|modifi|aktualisier|actuali[sz]|mis\s+à\s+jour|aggiornat|güncelle|обновл|"
    r"изменен|cập nhật|更新|수정|업데이트|تحديث|bijgewerkt|oppdatert|uppdaterad|opdateret|päivitetty|aktualiz|"
    r"ενημέρωση|diperbarui)",
    re.I,
)
_LONGEST_DATE_LINE = 120
_TRIED = 12
_NEAR_HEADING = 4
# First those that name the article's first publication; `page` is a guess from running text.
_PRECEDENCE = ("file", "json_ld", "meta", "microdata", "feed", "time", "url", "sitemap", "page")
_OF_PAGE = {"json_ld", "meta", "microdata", "time", "page"}
_VIA = {"feed": "feed", "news_sitemap": "sitemap", "sitemap": "sitemap", "file": "file", "archive": "file"}


@dataclass
class _Gathered:
    """Candidates in the order found, each basis and moment once."""

    fetched_at: datetime
    country: str | None = None
    since: datetime = EARLIEST
    found: list[Candidate] = field(default_factory=list)

    def add(self, basis: str, value: object, reading: Reading | None = None) -> None:
        reading = reading or read(value, self.country)
        if reading is None or any(each.basis == basis and each.at == reading.at for each in self.found):
            return
        self.found.append(
            Candidate(
                basis=basis,
                value=line(str(value))[:100],
                at=reading.at,
                precision=reading.precision,
                zone=reading.zone,
                refused=_refused(basis, reading, self.fetched_at, self.since),
            )
        )

    @property
    def has_usable(self) -> bool:
        return any(each.refused is None for each in self.found)


def _refused(basis: str, reading: Reading, fetched_at: datetime, since: datetime) -> str | None:
    """Why a date cannot be that of the publication, or None."""
    if reading.at < since:
        return "too_old"
    if reading.at > fetched_at + TOLERANCE:
        return "future"
    if basis in _OF_PAGE and reading.precision != "day" and abs(reading.at - fetched_at) <= _AS_FETCHED:
        return "crawl_time"
    return None


def candidates(
    document: Document, links: Iterable[Link], fetched_at: datetime, country: str | None = None
) -> list[Candidate]:
    """Every publication date found, in order of trust within each basis. `country` is the source's."""
    gathered = _Gathered(fetched_at, country, _first_date(document))
    nodes = (
        [document.article] if document.article else [node for node in document.nodes if node.get("datePublished")][:2]
    )
    for node in nodes:
        for key in ("datePublished", "dateCreated", "uploadDate"):
            value = jsonld.text(node.get(key))
            if value and (reading := read(value, country)):
                gathered.add("json_ld", value, reading)
                break
    for name in _METAS:
        for value in document.metas.get(name, ())[:2]:
            gathered.add("meta", value)
    for element in document.properties.get("datePublished", [])[:2]:
        gathered.add("microdata", element.get("content") or element.get("datetime") or element.text_content())
    _from_times(document, gathered)
    _from_links(links, gathered)
    if match := _URL_DATE.search(document.url if document.url.startswith("http") else ""):
        year, *rest = (int(each) for each in match.groups() if each)
        with contextlib.suppress(ValueError):
            gathered.add("url", match[0], Reading(datetime(year, rest[0], rest[1], tzinfo=UTC), "day"))
    if not gathered.has_usable:
        _from_words(document, gathered)
    if not gathered.has_usable:
        _from_text(document, gathered)
    return gathered.found


def _first_date(document: Document) -> datetime:
    """No article is older than the press of the web, or than its publisher's foundation as the page tells it."""
    publisher = document.article and jsonld.resolve(document.article.get("publisher"), document.nodes)
    founded = read(publisher.get("foundingDate")) if isinstance(publisher, dict) else None
    return max(EARLIEST, founded.at) if founded else EARLIEST


def _from_times(document: Document, gathered: _Gathered) -> None:
    shown = [each for each in document.times if each.get("datetime") and not is_elsewhere(each)]
    marked = [
        each for each in shown if each.get("pubdate") is not None or _PUBLISHED_CLASS.search(each.get("class", ""))
    ]
    first = [
        each for each in shown if not _UPDATED_CLASS.search(each.get("class", "") + " " + each.get("itemprop", ""))
    ]
    for element in (marked or first or shown)[:1]:
        gathered.add("time", element.get("datetime"))


def _from_words(document: Document, gathered: _Gathered) -> None:
    """The date a reader sees beside the headline, in an element that is marked as one; that of a change at last."""
    said = language.declared(document.declared_language)
    boxes = {box for heading in document.headings[:3] for box in _boxes(heading)}
    later: list[tuple[str, Reading]] = []
    for element in [*document.times, *document.marks.dates, *document.marks.bylines][: 4 * _TRIED]:
        shown = line(element.text_content())
        if not 6 <= len(shown) <= _LONGEST_DATE_LINE or not any(mark.isdigit() for mark in shown):
            continue
        if (boxes and boxes.isdisjoint(_boxes(element))) or is_elsewhere(element):
            continue
        found = next(find(shown, said, gathered.country), None)
        if found is None:
            continue
        if _UPDATED.match(shown):
            later.append((shown, found))
            continue
        gathered.add("page", shown, found)
        return
    for shown, found in later[:1]:
        gathered.add("page", shown, found)


def _boxes(element: Any) -> list[Any]:
    """The boxes around an element, up to that of the article."""
    found: list[Any] = []
    for up in element.iterancestors():
        if up.tag in ("body", "html") or len(found) == _NEAR_HEADING:
            break
        found.append(up)
    return found


def _from_links(links: Iterable[Link], gathered: _Gathered) -> None:
    """Hints of the places that named the URL, in an order that does not depend on theirs."""
    hinted = [each for each in links if each.published_hint is not None and each.discovered_via in _VIA]
    for link in sorted(hinted, key=lambda each: (each.published_hint, each.discovered_in)):
        at = link.published_hint
        if at is not None:
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
            gathered.add(_VIA[link.discovered_via], at.isoformat())


def read_at(value: object, country: str | None = None) -> datetime | None:
    """The moment that a date alone means, or None."""
    reading = read(value, country)
    return reading.at if reading else None


def of_file(published: object, links: Iterable[Link], fetched_at: datetime, country: str | None) -> list[Candidate]:
    """The dates of a document that is no page: what it says itself, then what stood beside its address."""
    gathered = _Gathered(fetched_at, country)
    if published is not None:
        gathered.add("file", published)
    _from_links(links, gathered)
    return gathered.found


def _from_text(document: Document, gathered: _Gathered) -> None:
    from htmldate import find_date

    try:
        value = find_date(
            document.tree,
            original_date=True,
            # The wider search takes dates out of the addresses of other articles.
            extensive_search=False,
            url=document.url if document.url.startswith("http") else None,
            min_date="1995-01-01",
            max_date=(gathered.fetched_at + TOLERANCE).strftime("%Y-%m-%d"),
        )
    except Exception:  # as for the body: a library on a stranger's page; no date is a fair answer
        return
    # What the page wrote as the moment of the fetch is no date in a machine's other reading of it either.
    is_fetch = value == f"{gathered.fetched_at:%Y-%m-%d}" and any(
        each.refused == "crawl_time" for each in gathered.found
    )
    if value and not is_fetch:
        gathered.add("page", value)


def choose(found: list[Candidate]) -> Candidate | None:
    """The candidate to believe: by trust, unless the rest agree against it; None where none is possible."""
    usable = [each for each in found if each.refused is None]
    usable.sort(key=lambda each: _PRECEDENCE.index(each.basis or "page"))
    if not usable:
        return None
    best = usable[0]
    against = [
        each for each in usable[1:] if each.basis in ("meta", "microdata", "feed", "url") and not _near(each, best)
    ]
    # An address is dated once. Where it and another place agree on another day, the first tells of a republication.
    dated = next((each for each in against if each.basis == "url"), None)
    if dated is not None and best.basis != "file" and not any(_near(each, best) for each in usable[1:]):
        agreeing = [each for each in against if each.basis != "url" and _near(each, dated)]
        if agreeing:
            return agreeing[0]
    # The same day with a time, or the same time with a zone, is the better reading.
    better = [each for each in usable[1:] if each.basis in ("meta", "microdata", "time", "feed")]
    if best.precision == "day":
        return next((each for each in better if each.precision != "day" and _near(each, best)), best)
    if best.precision == "local":
        return next((each for each in better if each.precision == "moment" and _is_zoned_twin(each, best)), best)
    return best


def _is_zoned_twin(zoned: Candidate, local: Candidate) -> bool:
    """Whether two times may be one, but for the zone: zones lie quarters of an hour apart, 14 hours at most."""
    if zoned.at is None or local.at is None:
        return False
    apart = abs(zoned.at - local.at)
    return apart <= timedelta(hours=14) and apart.total_seconds() % 900 < 60


def _near(one: Candidate, other: Candidate) -> bool:
    return one.at is not None and other.at is not None and abs(one.at - other.at) < timedelta(hours=36)


def modified(document: Document, fetched_at: datetime, country: str | None = None) -> datetime | None:
    """When the page says it was last changed."""
    values: list[object] = [jsonld.text(document.article.get("dateModified"))] if document.article else []
    values += [value for name in _MODIFIED_METAS for value in document.metas.get(name, ())[:1]]
    values += [each.get("content") or each.get("datetime") for each in document.properties.get("dateModified", [])[:1]]
    readings = (read(value, country) for value in values if value)
    return next((each.at for each in readings if each and EARLIEST <= each.at <= fetched_at + TOLERANCE), None)
