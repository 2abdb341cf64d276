"""How the publishers list their articles: RSS, Atom, a news sitemap, and a sitemap index with one zipped child."""

from __future__ import annotations

import gzip
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from pipeline.newsroom import BATCHES
from pipeline.newsroom.content import Listed, batch_number, listed
from pipeline.newsroom.publishers import Publisher

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_RSS_NAMESPACES = 'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def listing(publisher: Publisher, path: str, moment: datetime) -> tuple[bytes, str] | None:
    """The feed or sitemap at a path, with its content type; None where there is none."""
    lines = listed(publisher, moment)
    if publisher.channel == "sitemap_index":
        return _sitemaps(publisher, path, lines, moment)
    if path != publisher.listing:
        return None
    if publisher.channel == "atom":
        return _atom(publisher, lines, moment).encode(), "application/atom+xml; charset=utf-8"
    if publisher.channel == "news_sitemap":
        return _news_sitemap(publisher, lines, moment).encode(), "application/xml"
    text = _rss(publisher, lines, moment)
    if publisher.id == "courrier-des-quais":
        text = _spoil(text)
    return text.encode(), "application/rss+xml; charset=utf-8"


def last_change(publisher: Publisher, moment: datetime) -> datetime:
    """When what a publisher lists last changed, seen from this moment."""
    dates = [_updated(line, moment) for line in listed(publisher, moment)]
    return max([date for date in dates if date], default=BATCHES[0][1])


def _updated(line: Listed, moment: datetime) -> datetime | None:
    if line.article is None or not line.article.feed_date:
        return None
    return line.article.modified_at(moment)


def _rss(publisher: Publisher, lines: list[Listed], moment: datetime) -> str:
    items = "".join(_rss_item(publisher, line, moment) for line in lines)
    changed = format_datetime(last_change(publisher, moment), usegmt=True)
    return (
        f'{_HEAD}<rss version="2.0" {_RSS_NAMESPACES}>\n'
        f"<channel>\n<title>{escape(publisher.name)}</title>\n<link>{publisher.home}/</link>\n"
        f"<description>{escape(publisher.invented)}</description>\n<language>{publisher.language}</language>\n"
        f"<lastBuildDate>{changed}</lastBuildDate>\n"
        f'<atom:link href="{publisher.home}{publisher.listing}" rel="self" type="application/rss+xml"/>\n'
        f"{items}</channel>\n</rss>\n"
    )


def _rss_item(publisher: Publisher, line: Listed, moment: datetime) -> str:
    link = line.url + publisher.tracking if line.url.startswith("http") else line.url
    parts = [
        f"<title>{escape(line.title)}</title>",
        f"<link>{escape(link)}</link>",
        f'<guid isPermaLink="false">{escape(line.url)}</guid>',
    ]
    if line.summary:
        parts.append(f"<description>{escape(f'<p>{escape(line.summary)}</p>')}</description>")
    if line.article:
        parts += [f"<dc:creator>{escape(author)}</dc:creator>" for author in line.article.authors]
        parts.append(f"<category>{escape(line.article.section)}</category>")
        updated = _updated(line, moment)
        if updated and line.article.published_at:
            parts.append(f"<pubDate>{_rfc822(line.article.published_at, publisher)}</pubDate>")
            if updated != line.article.published_at:
                parts.append(f"<atom:updated>{_iso(updated, publisher)}</atom:updated>")
    return "<item>\n" + "".join(f"  {part}\n" for part in parts) + "</item>\n"


def _spoil(text: str) -> str:
    """The mistakes of a content system from 2009: a bare ampersand and, near the end, a tag never closed."""
    head, _, tail = text.rpartition("</item>")
    text = f"{head}<category>Vins & terroirs</category>\n  <author>redaction\n</item>{tail}"
    return text.replace("<title>Le Courrier des quais</title>", "<title>Le Courrier des quais & du port</title>", 1)


def _atom(publisher: Publisher, lines: list[Listed], moment: datetime) -> str:
    entries = "".join(_atom_entry(publisher, line, moment) for line in lines)
    return (
        f'{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{publisher.language}">\n'
        f"<title>{escape(publisher.name)}</title>\n<id>tag:{publisher.host},2026:feed</id>\n"
        f'<link rel="self" href="{publisher.home}{publisher.listing}"/>\n<link href="{publisher.home}/"/>\n'
        f"<updated>{_iso(last_change(publisher, moment), publisher)}</updated>\n"
        f"<rights>{escape(publisher.invented)}</rights>\n{entries}</feed>\n"
    )


def _atom_entry(publisher: Publisher, line: Listed, moment: datetime) -> str:
    updated = _updated(line, moment) or BATCHES[line.batch - 1][1]
    parts = [
        f"<title>{escape(line.title)}</title>",
        f'<link rel="alternate" type="text/html" href={quoteattr(line.url)}/>',
        f"<id>tag:{publisher.host},2026:{escape(line.url.removeprefix(publisher.home))}</id>",
        f"<updated>{_iso(updated, publisher)}</updated>",
    ]
    if line.article and line.article.published_at:
        parts.append(f"<published>{_iso(line.article.published_at, publisher)}</published>")
        parts += [f"<author><name>{escape(author)}</name></author>" for author in line.article.authors]
        parts.append(f"<category term={quoteattr(line.article.section)}/>")
    if line.summary:
        parts.append(f'<summary type="text">{escape(line.summary)}</summary>')
    return "<entry>\n" + "".join(f"  {part}\n" for part in parts) + "</entry>\n"


def _news_sitemap(publisher: Publisher, lines: list[Listed], moment: datetime) -> str:
    body = ""
    for line in lines:
        date = _updated(line, moment) or BATCHES[line.batch - 1][1]
        body += (
            f"<url>\n  <loc>{escape(line.url)}</loc>\n  <lastmod>{_iso(date, publisher)}</lastmod>\n  <news:news>\n"
            f"    <news:publication><news:name>{escape(publisher.name)}</news:name>"
            f"<news:language>{publisher.language}</news:language></news:publication>\n"
            f"    <news:publication_date>{_iso(date, publisher)}</news:publication_date>\n"
            f"    <news:title>{escape(line.title)}</news:title>\n  </news:news>\n</url>\n"
        )
    return f'{_HEAD}<urlset {_SITEMAP} xmlns:news="{_NEWS}">\n{body}</urlset>\n'


def _sitemaps(publisher: Publisher, path: str, lines: list[Listed], moment: datetime) -> tuple[bytes, str] | None:
    """The index; the month's articles, zipped; and a plain child with the opinion pages and section fronts."""
    news = [line for line in lines if line.article and line.article.kind == "news"]
    rest = [line for line in lines if line not in news]
    if path == "/sitemaps/articles-2026-03.xml.gz":
        return gzip.compress(_urlset(publisher, news, moment).encode(), mtime=0), "application/x-gzip"
    if path == "/sitemaps/pages.xml":
        return _urlset(publisher, rest, moment).encode(), "text/xml"
    if path != publisher.listing:
        return None
    body = ""
    for name, part in (("articles-2026-03.xml.gz", news), ("pages.xml", rest)):
        dates = [date for line in part if (date := _updated(line, moment))]
        changed = max(dates, default=BATCHES[max(batch_number(moment), 1) - 1][1])
        body += (
            f"<sitemap><loc>{publisher.home}/sitemaps/{name}</loc>"
            f"<lastmod>{_iso(changed, publisher)}</lastmod></sitemap>\n"
        )
    return f"{_HEAD}<sitemapindex {_SITEMAP}>\n{body}</sitemapindex>\n".encode(), "text/xml"


def _urlset(publisher: Publisher, lines: list[Listed], moment: datetime) -> str:
    body = ""
    for line in lines:
        date = _updated(line, moment)
        lastmod = f"<lastmod>{_iso(date, publisher)}</lastmod>" if date else ""
        body += f"<url><loc>{escape(line.url)}</loc>{lastmod}<changefreq>hourly</changefreq></url>\n"
    return f"{_HEAD}<urlset {_SITEMAP}>\n{body}</urlset>\n"


def _iso(date: datetime, publisher: Publisher) -> str:
    return date.astimezone(publisher.zone).isoformat(timespec="seconds")


def _rfc822(date: datetime, publisher: Publisher) -> str:
    return format_datetime(date.astimezone(publisher.zone))
