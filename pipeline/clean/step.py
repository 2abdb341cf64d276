"""The step itself: one page in, one article or reject out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipeline import ids
from pipeline.clean import (
    address,
    agencies,
    authors,
    body,
    captions,
    dates,
    jsonld,
    kind,
    language,
    links_out,
    metadata,
    plain_text,
    quality,
    row,
    title,
    verdict,
)
from pipeline.clean.decoding import decode
from pipeline.clean.document import Unreadable, is_binary, looks_like_html, open_html
from pipeline.clean.furniture import with_standfirst, without_furniture
from pipeline.clean.tidy import count_words, line
from pipeline.clean.traits import Head
from pipeline.page import Page
from pipeline.records import Article, Candidate, Reject

_HTML = {"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"}
_TEXT = {"text/plain", "text/markdown"}
_UNSURE = {"", "application/octet-stream", "application/xml", "text/xml"}


@dataclass(kw_only=True)
class _Findings:
    """What any sort of document yields for an article."""

    text: str
    method: str
    canonical_url: str
    title: str | None = None
    subtitle: str | None = None
    authors: list[str] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    modified_at: datetime | None = None
    declared_language: str | None = None
    section: str | None = None
    keywords: list[str] = field(default_factory=list)
    kind: kind.Kind = kind.NEWS
    access: tuple[str, str | None] = ("open", None)
    image_url: str | None = None
    captions: list[str] = field(default_factory=list)
    links_out: list[str] = field(default_factory=list)
    rights: str | None = None
    declared_body: str = ""


def clean(pages: Iterable[Page], *, min_words: int = 25) -> Iterator[Article | Reject]:
    """Turn pages into articles: exactly one article or reject for each page, in their order.

    `min_words` is the least number of words an article has (for Chinese, Japanese and Thai: characters over two).
    """
    for page in pages:
        yield _clean(page, min_words)


def _clean(page: Page, min_words: int) -> Article | Reject:
    declared = (page.fetch.content_type or "").partition(";")[0].strip().lower()
    url = page.fetch.final_url or page.fetch.url
    if not page.body.strip():
        return _reject(page, "no_text", "the document is empty", "")
    if declared == "application/json":
        found = row.read_row(page.body)
        if found is None:
            return _reject(page, "unsupported_type", "JSON that is no row with a title or text", _start(page))
        return _judge_plain(page, _of_row(found, page, url), min_words)
    if declared in _TEXT or (
        declared in _UNSURE and not looks_like_html(page.body) and not is_binary(page.body) and declared == ""
    ):
        return _judge_plain(page, _of_text(page, url), min_words)
    if declared in _HTML or (declared in _UNSURE and looks_like_html(page.body)):
        return _clean_html(page, url, min_words)
    return _reject(page, "unsupported_type", f"{declared or 'no declared type'} cannot be cleaned", _start(page))


def _clean_html(page: Page, url: str, min_words: int) -> Article | Reject:
    if is_binary(page.body):
        return _reject(page, "unreadable", "declared as HTML, but the bytes are no text", _start(page))
    try:
        document = open_html(page.body, page.charset, url)
    except Unreadable as error:
        return _reject(page, "unreadable", str(error), _start(page))
    headline = title.title(document, _title_hint(page))
    section = metadata.section(document, headline)
    names = authors.authors(document)
    standfirst = title.subtitle(document, headline)
    declared_body = jsonld.text(document.article.get("articleBody")) if document.article else ""
    found = body.extract(
        document,
        Head(
            title=headline or "",
            description=document.meta("og:description", "description"),
            authors=names,
            declared_body=declared_body,
        ),
    )
    text = with_standfirst(without_furniture(found.text, headline, names), standfirst)
    case = verdict.Case(document=document, title=headline, text=text, min_words=min_words)
    canonical = address.canonical(document, url)
    if ground := verdict.check(case):
        stands_for_article = ground.reason not in verdict.NOT_OF_ITS_ADDRESS
        return _reject(page, *ground, article=ids.article_id(canonical) if stands_for_article else None)
    return _article(
        page,
        _Findings(
            text=text,
            method=found.method,
            canonical_url=canonical,
            title=headline,
            subtitle=standfirst,
            authors=names,
            candidates=dates.candidates(document, page.links, _utc(page.fetch.fetched_at), _country(page)),
            modified_at=dates.modified(document, _utc(page.fetch.fetched_at), _country(page)),
            declared_language=document.declared_language,
            section=section,
            keywords=metadata.keywords(document),
            kind=kind.kind(document, headline, section, text),
            access=verdict.access(case),
            image_url=metadata.image_url(document),
            captions=captions.captions(document),
            links_out=links_out.links_out(document, found.elements),
            rights=metadata.rights(document),
            declared_body=declared_body,
        ),
    )


def _of_row(found: row.Row, page: Page, url: str) -> _Findings:
    return _Findings(
        text=without_furniture(found.text, found.title),
        method="record",
        canonical_url=url if url.startswith("urn:") else address.tidied(url),
        title=found.title or _title_hint(page),
        subtitle=found.subtitle,
        authors=found.authors,
        candidates=_file_candidates(found.published, page),
        modified_at=dates.read_at(found.modified, _country(page)),
        declared_language=found.language,
        section=found.section,
        keywords=found.keywords,
        kind=kind.by_address(url, found.title, found.section, found.text),
        access=verdict.access_of(found.text),
        image_url=found.image_url,
        rights=found.rights,
    )


def _of_text(page: Page, url: str) -> _Findings:
    layout = plain_text.read_layout(decode(page.body, page.charset))
    return _Findings(
        text=layout.text,
        method="plain_text",
        canonical_url=url if url.startswith("urn:") else address.tidied(url),
        title=layout.title or _title_hint(page),
        subtitle=layout.subtitle,
        authors=layout.authors,
        candidates=_file_candidates(layout.published, page),
        kind=kind.by_address(url, layout.title, None, layout.text),
        access=verdict.access_of(layout.text),
    )


def _file_candidates(published: object, page: Page) -> list[Candidate]:
    return dates.of_file(published, page.links, _utc(page.fetch.fetched_at), _country(page))


def _country(page: Page) -> str | None:
    return page.source.country if page.source else None


def _judge_plain(page: Page, findings: _Findings, min_words: int) -> Article | Reject:
    words = count_words(findings.text)
    article = ids.article_id(findings.canonical_url)
    if not words:
        return _reject(page, "no_text", "the document has no body", findings.title or _start(page), article=article)
    if words < min_words:
        return _reject(page, "too_short", f"{words} words, fewer than {min_words}", findings.text, article=article)
    return _article(page, findings)


def _article(page: Page, findings: _Findings) -> Article:
    chosen = dates.choose(findings.candidates)
    article = ids.article_id(findings.canonical_url)
    return Article(
        article_id=article,
        version_id=ids.version_id(article, findings.title, findings.text),
        url=page.fetch.url,
        canonical_url=findings.canonical_url,
        source_id=page.fetch.source_id,
        title=findings.title,
        subtitle=findings.subtitle,
        authors=findings.authors,
        agencies=agencies.agencies(findings.authors, findings.text),
        published_at=chosen.at if chosen else None,
        published_basis=chosen.basis if chosen else None,
        published_precision=chosen.precision if chosen else None,
        published_candidates=findings.candidates,
        modified_at=findings.modified_at,
        fetched_at=page.fetch.fetched_at,
        language=language.detect(
            findings.text, findings.declared_language or (page.source.language if page.source else None)
        ),
        declared_language=language.declared(findings.declared_language),
        section=findings.section,
        keywords=findings.keywords,
        kind=findings.kind.name,
        kind_evidence=findings.kind.evidence,
        access=findings.access[0],
        access_evidence=findings.access[1],
        text=findings.text,
        word_count=count_words(findings.text),
        image_url=findings.image_url,
        captions=findings.captions,
        links_out=findings.links_out,
        rights=metadata.joined(findings.rights, page.fetch.rights),
        extraction_method=findings.method,
        quality_score=quality.score(findings.text, findings.declared_body),
        fetch_id=page.fetch.fetch_id,
    )


def _reject(page: Page, reason: str, detail: str, evidence: str, article: str | None = None) -> Reject:
    return Reject(
        step="clean",
        url=page.fetch.url,
        source_id=page.fetch.source_id,
        fetch_id=page.fetch.fetch_id,
        article_id=article,
        rejected_at=page.fetch.fetched_at,
        reason=reason,
        detail=detail[:300],
        evidence=line(evidence)[:300] or None,
    )


def _title_hint(page: Page) -> str | None:
    hints = sorted({line(link.title_hint) for link in page.links if link.title_hint})
    return hints[0] if hints else None


def _start(page: Page) -> str:
    return line(page.body[:200].decode("utf-8", "replace"))


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
