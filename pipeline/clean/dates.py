"""When it was published: every date the page and its discovery give, and which of them to believe."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from pipeline.clean import jsonld
from pipeline.clean.document import Document
from pipeline.clean.tidy import line
from pipeline.records import Candidate, Link

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
TOLERANCE = timedelta(hours=24)

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
_ZONE_TIGHT = re.compile(r"(?<=\d)\s*([+-]\d\d)(\d\d)$")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_NAMED_ZONE = re.compile(r"\s*\(?\b(?:UTC|GMT|Z)\)?$", re.I)
_WRITTEN = (
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d"),
    *("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%B %d, %Y %H:%M"),
    *("%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H:%M", "%Y年%m月%d日"),
)
_RELATED = {"aside", "nav", "footer"}
_PUBLISHED_CLASS = re.compile(r"publi|posted|created|entry-date|dt-published", re.I)
_UPDATED_CLASS = re.compile(r"updat|modif|aktualisi|actualiz", re.I)
# First those that name the article's first publication; `page` is a guess from running text.
_PRECEDENCE = ("file", "json_ld", "meta", "microdata", "feed", "time", "url", "sitemap", "page")
_VIA = {"feed": "feed", "news_sitemap": "sitemap", "sitemap": "sitemap", "file": "file", "archive": "file"}


def read(value: object) -> datetime | None:
    """A date as pages write it, in UTC; without a zone it is read as UTC. None if it cannot be read."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)) or (
        isinstance(value, str) and value.strip().isdigit() and len(value.strip()) in (10, 13)
    ):
        seconds = float(value)
        try:
            return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        except (ValueError, OverflowError, OSError):
            return None
    if not isinstance(value, str):
        return None
    text = line(value)
    if not 6 <= len(text) <= 80:
        return None
    for attempt in (_read_iso, _read_mail, _read_written):
        found = attempt(text)
        if found is not None:
            try:
                return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
            except OverflowError:
                return None
    return None


def _read_iso(text: str) -> datetime | None:
    text = _FRACTION.sub(r"\1", _ZONE_TIGHT.sub(r"\1:\2", _NAMED_ZONE.sub("+00:00", text) if ":" in text else text))
    text = re.sub(r"\s+(?=[+-]\d\d:)", "", text)
    if len(text) == 10 or "T" in text or " " in text or text.isdigit():
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    # One-digit months, days or hours.
    match = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d\d)(?::(\d\d))?)?", text)
    if match:
        try:
            return datetime(*(int(each or 0) for each in match.groups()))  # type: ignore[arg-type]
        except ValueError:
            pass
    return None


def _read_mail(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None


def _read_written(text: str) -> datetime | None:
    for form in _WRITTEN:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


class _Gathered:
    """Candidates in the order found, each basis and moment once."""

    def __init__(self) -> None:
        self.found: list[Candidate] = []

    def add(self, basis: str, value: object, at: datetime | None = None) -> None:
        at = at or read(value)
        if at is not None and not any(each.basis == basis and each.at == at for each in self.found):
            self.found.append(Candidate(basis=basis, value=line(str(value))[:100], at=at))


def candidates(document: Document, links: Iterable[Link], fetched_at: datetime) -> list[Candidate]:
    """Every publication date found, in order of trust within each basis."""
    gathered = _Gathered()
    nodes = (
        [document.article] if document.article else [node for node in document.nodes if node.get("datePublished")][:2]
    )
    for node in nodes:
        for key in ("datePublished", "dateCreated", "uploadDate"):
            value = jsonld.text(node.get(key))
            if value and (at := read(value)):
                gathered.add("json_ld", value, at)
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
            gathered.add("url", match[0], datetime(year, rest[0], rest[1], tzinfo=UTC))
    if not any(_plausible(each.at, fetched_at) for each in gathered.found):
        _from_text(document, gathered, fetched_at)
    return gathered.found


def _from_times(document: Document, gathered: _Gathered) -> None:
    shown = [
        each
        for each in document.times
        if each.get("datetime") and not any(up.tag in _RELATED for up in each.iterancestors())
    ]
    marked = [
        each for each in shown if each.get("pubdate") is not None or _PUBLISHED_CLASS.search(each.get("class", ""))
    ]
    first = [
        each for each in shown if not _UPDATED_CLASS.search(each.get("class", "") + " " + each.get("itemprop", ""))
    ]
    for element in (marked or first or shown)[:1]:
        gathered.add("time", element.get("datetime"))


def _from_links(links: Iterable[Link], gathered: _Gathered) -> None:
    """Hints of the places that named the URL, in an order that does not depend on theirs."""
    hinted = [each for each in links if each.published_hint is not None and each.discovered_via in _VIA]
    for link in sorted(hinted, key=lambda each: (each.published_hint, each.discovered_in)):
        at = link.published_hint
        if at is not None:
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
            gathered.add(_VIA[link.discovered_via], at.isoformat(), at)


def hinted(links: Iterable[Link], besides: Iterable[Candidate] = ()) -> list[Candidate]:
    """The dates that stood beside the URL where it was found, after those known `besides`."""
    gathered = _Gathered()
    gathered.found.extend(besides)
    _from_links(links, gathered)
    return gathered.found


def _from_text(document: Document, gathered: _Gathered, fetched_at: datetime) -> None:
    from htmldate import find_date

    try:
        value = find_date(
            document.tree,
            original_date=True,
            # The wider search takes dates out of the addresses of other articles.
            extensive_search=False,
            url=document.url if document.url.startswith("http") else None,
            min_date="1995-01-01",
            max_date=(fetched_at + TOLERANCE).strftime("%Y-%m-%d"),
        )
    except Exception:  # as for the body: a library on a stranger's page; no date is a fair answer
        return
    if value:
        gathered.add("page", value)


def _plausible(at: datetime | None, fetched_at: datetime) -> bool:
    return at is not None and EARLIEST <= at <= fetched_at + TOLERANCE


def choose(found: list[Candidate], fetched_at: datetime) -> Candidate | None:
    """The candidate to believe: by trust, unless the rest agree against it; None where none is plausible."""
    usable = [each for each in found if _plausible(each.at, fetched_at)]
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
    if _is_bare_day(best):
        # The same day with a time of day is the better reading.
        return next(
            (
                each
                for each in usable[1:]
                if not _is_bare_day(each) and _near(each, best) and each.basis in ("meta", "microdata", "time", "feed")
            ),
            best,
        )
    return best


def _near(one: Candidate, other: Candidate) -> bool:
    return one.at is not None and other.at is not None and abs(one.at - other.at) < timedelta(hours=36)


def _is_bare_day(candidate: Candidate) -> bool:
    return candidate.at is not None and (candidate.at.hour, candidate.at.minute, candidate.at.second) == (0, 0, 0)


def modified(document: Document, fetched_at: datetime) -> datetime | None:
    """When the page says it was last changed."""
    values: list[object] = [jsonld.text(document.article.get("dateModified"))] if document.article else []
    values += [value for name in _MODIFIED_METAS for value in document.metas.get(name, ())[:1]]
    values += [each.get("content") or each.get("datetime") for each in document.properties.get("dateModified", [])[:1]]
    return next((at for value in values if value and (at := read(value)) and _plausible(at, fetched_at)), None)
