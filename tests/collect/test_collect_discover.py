"""Discovering: what feeds and sitemaps list, also broken ones."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collect_site import NOW, Handler, Site, page, visiting

from pipeline.collect import SLACK, Known, State, Web, discover, feeds, sitemaps
from pipeline.collect.discover import MOST_SITEMAPS, MOST_UNDATED
from pipeline.records import Fetch, Link, Reject, Source

HOME = "http://quay.example/"
RSS = '<rss version="2.0"><channel><title>Quay</title><link>http://quay.example/</link>{items}</channel></rss>'
ITEM = "<item><title>{title}</title><link>{link}</link><pubDate>Mon, 02 Mar 2026 07:30:00 +0200</pubDate></item>"
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def rss(*items: tuple[str, str]) -> str:
    return RSS.format(items="".join(ITEM.format(title=title, link=link) for title, link in items))


def urlset(*lines: str) -> str:
    return f"<urlset {XMLNS}>{''.join(f'<url>{line}</url>' for line in lines)}</urlset>"


def quay(**more: Any) -> Source:
    return Source(source_id="quay", name="Quay", agency=False, **({"homepage": HOME} | more))


def discovering(
    routes: dict[str, Handler],
    *sources: Source,
    known: Callable[[str], Known | None] = lambda url: None,
    **settings: Any,
) -> tuple[list[Link], list[Fetch], list[Reject], Site]:
    site = Site(routes)

    async def visit(web: Web) -> list[Link | Fetch | Reject]:
        return [r async for r in discover(sources, web, known, **({"feed_hours": 1.0} | settings))]

    found = visiting(site, visit)
    links = [r for r in found if isinstance(r, Link)]
    fetches = [r for r in found if isinstance(r, Fetch) and r.kind != "robots"]
    return links, fetches, [r for r in found if isinstance(r, Reject)], site


def test_a_feed_gives_links_with_what_it_says_beside_them() -> None:
    feed = f"{HOME}rss"
    body = rss(("Cranes &amp; ships", "/a?utm_source=rss"), ("Again", "http://quay.example/a"))
    links, fetches, rejects, _ = discovering({feed: page(body)}, quay(feeds=[feed]))
    (link,) = links
    assert (link.url, link.discovered_url) == ("http://quay.example/a", "/a?utm_source=rss")
    assert (link.discovered_via, link.discovered_in, link.discovered_at) == ("feed", feed, NOW)
    assert (link.title_hint, link.published_hint) == ("Cranes & ships", datetime(2026, 3, 2, 5, 30, tzinfo=UTC))
    assert (fetches[0].kind, fetches[0].next_fetch_at) == ("feed", NOW + timedelta(hours=1))
    assert rejects == []


def test_an_invalid_link_is_a_reject_with_the_raw_url() -> None:
    feed = f"{HOME}rss"
    links, fetches, rejects, _ = discovering(
        {feed: page(rss(("Desk", "mailto:desk@quay.example"), ("Good", "/a")))}, quay(feeds=[feed])
    )
    assert [link.url for link in links] == ["http://quay.example/a"]
    (reject,) = rejects
    assert (reject.step, reject.reason, reject.url) == ("discover", "invalid_url", "mailto:desk@quay.example")
    assert (reject.rejected_at, reject.fetch_id) == (fetches[0].fetched_at, fetches[0].fetch_id)


def test_a_broken_feed_gives_what_can_be_read_and_a_reject() -> None:
    feed = f"{HOME}rss"
    body = rss(("One & two", "/1"), ("Three", "/3")).replace("</channel></rss>", "<item><title>cut")
    links, _, rejects, _ = discovering({feed: page(body)}, quay(feeds=[feed]))
    assert {link.url for link in links} == {"http://quay.example/1", "http://quay.example/3"}
    assert ("malformed_feed", feed) in {(r.reason, r.url) for r in rejects}


@pytest.mark.parametrize("body", ["", "<html><body>Please wait</body></html>", "feed me", "{}", "<rss"])
def test_what_is_no_feed_is_a_reject(body: str) -> None:
    feed = f"{HOME}rss"
    links, _, rejects, _ = discovering({feed: page(body)}, quay(feeds=[feed]))
    assert links == []
    assert [r.reason for r in rejects] == ["malformed_feed"]


def test_a_feed_that_cannot_be_had_is_a_fetch_and_nothing_more() -> None:
    links, fetches, rejects, _ = discovering({}, quay(feeds=[f"{HOME}rss"]))
    assert ([f.outcome for f in fetches], links, rejects) == (["not_found"], [], [])


def test_robots_txt_names_sitemaps_and_they_are_read() -> None:
    news = (
        f'<urlset {XMLNS} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{HOME}a</loc>'
        "<lastmod>2026-03-02T05:00:00Z</lastmod><news:news><news:publication_date>2026-03-01T20:00:00-05:00"
        "</news:publication_date><news:title>Cranes &amp; ships</news:title></news:news></url></urlset>"
    )
    routes = {
        f"{HOME}robots.txt": page("Sitemap: http://quay.example/news.xml\nUser-agent: *\nAllow: /"),
        f"{HOME}news.xml": page(news, Content_Type="application/xml"),
    }
    (link,), _, rejects, _ = discovering(routes, quay())
    assert (link.discovered_via, link.discovered_in) == ("news_sitemap", f"{HOME}news.xml")
    assert link.published_hint == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert (link.modified_hint, link.title_hint) == (datetime(2026, 3, 2, 5, 0, tzinfo=UTC), "Cranes & ships")
    assert rejects == []


def test_an_index_leads_to_its_sitemaps_zipped_or_not() -> None:
    index = (
        f"<sitemapindex {XMLNS}><sitemap><loc>{HOME}a.xml.gz</loc></sitemap>"
        f"<sitemap><loc>/b.xml</loc><lastmod>2026-03-01</lastmod></sitemap></sitemapindex>"
    )
    routes = {
        f"{HOME}index.xml": page(index),
        f"{HOME}a.xml.gz": page(
            gzip.compress(urlset(f"<loc>{HOME}a</loc>").encode()), Content_Type="application/x-gzip"
        ),
        f"{HOME}b.xml": page(urlset(f"<loc>{HOME}b</loc>")),
    }
    links, fetches, rejects, _ = discovering(routes, quay(sitemaps=[f"{HOME}index.xml"]))
    assert {(x.url, x.discovered_via) for x in links} == {(f"{HOME}a", "sitemap"), (f"{HOME}b", "sitemap")}
    assert {f.kind for f in fetches} == {"sitemap"}
    assert rejects == []


def test_a_sitemap_neither_changed_since_it_was_read_nor_due_is_not_asked_for() -> None:
    def known(url: str) -> Known | None:
        if url[-5] != "a":
            return None
        later = NOW + timedelta(hours=6)
        return Known(url=url, source_id="quay", outcome="fetched", last_fetched_at=NOW, next_fetch_at=later)

    index = "".join(
        f"<sitemap><loc>{HOME}{name}.xml</loc><lastmod>2026-03-02T05:00:00Z</lastmod></sitemap>" for name in "ab"
    )
    routes = {f"{HOME}index.xml": page(f"<sitemapindex {XMLNS}>{index}</sitemapindex>")}
    *_, site = discovering(routes, quay(sitemaps=[f"{HOME}index.xml"]), known=known, until=NOW)
    assert site.asked == [f"{HOME}index.xml", f"{HOME}b.xml"]


def test_old_and_countless_entries_of_a_sitemap_are_left_aside_and_counted() -> None:
    old = f"<loc>{HOME}old</loc><lastmod>2025-12-01</lastmod>"
    many = [f"<loc>{HOME}{n}</loc>" for n in range(MOST_UNDATED + 5)]
    routes = {f"{HOME}map.xml": page(urlset(old, *many))}
    links, _, rejects, _ = discovering(routes, quay(sitemaps=[f"{HOME}map.xml"]), sitemap_days=30)
    assert len(links) == MOST_UNDATED
    (reject,) = rejects
    assert (reject.reason, reject.url) == ("outside_window", f"{HOME}map.xml")
    assert reject.detail is not None
    assert reject.detail.startswith(f"6 of {MOST_UNDATED + 6} entries")


def test_a_feed_not_yet_due_is_left_alone_and_one_that_is_due_is_asked_conditionally() -> None:
    due = {"a": NOW + timedelta(hours=1), "b": NOW}

    def known(url: str) -> Known:
        return Known(
            url=url,
            source_id="quay",
            outcome="fetched",
            last_fetched_at=NOW,
            next_fetch_at=due.get(url[-1]),
            etag='"1"',
            body_at=NOW,
        )

    source = quay(feeds=[f"{HOME}a", f"{HOME}b"])
    *_, site = discovering({}, source, known=known, until=NOW)
    assert site.asked == [f"{HOME}b"]
    assert site.requests[-1][1]["If-None-Match"] == '"1"'
    *_, site = discovering({}, source, known=known)
    assert site.asked == [f"{HOME}a", f"{HOME}b"]


def test_a_feed_two_sources_share_is_read_once() -> None:
    other = Source(source_id="pier", name="Pier", agency=False, feeds=[f"{HOME}rss"])
    links, fetches, _, _ = discovering({f"{HOME}rss": page(rss(("A", "/a")))}, quay(feeds=[f"{HOME}rss"]), other)
    assert len(fetches) == len(links) == 1


def test_a_registered_address_that_is_none_is_a_reject() -> None:
    _, fetches, rejects, _ = discovering({}, quay(feeds=["ftp://quay.example/rss"]))
    assert fetches == []
    assert [(r.reason, r.url) for r in rejects] == [("invalid_url", "ftp://quay.example/rss")]


def entry(listing: feeds.Listing) -> feeds.Entry:
    (found,) = listing.entries
    return found


def test_an_atom_feed_tells_publication_from_change() -> None:
    start = '<feed xmlns="http://www.w3.org/2005/Atom"><title>Q</title><id>q</id><entry><id>1</id><title>A</title>'
    body = start + '<link href="http://quay.example/a"/><updated>2026-03-02T06:00:00Z</updated>{}</entry></feed>'
    only = entry(feeds.parse(body.format("").encode()))
    assert (only.published, only.modified) == (None, NOW)
    both = entry(feeds.parse(body.format("<published>2026-03-01T06:00:00Z</published>").encode()))
    assert (both.published, both.modified) == (NOW - timedelta(days=1), NOW)


def test_json_feeds_and_rdf_are_feeds_too() -> None:
    body = (
        b'{"version":"https://jsonfeed.org/version/1.1","title":"Q","items":[{"id":"1","url":"http://quay.example/a",'
        b'"title":"A","date_published":"2026-03-02T06:00:00Z"}]}'
    )
    assert entry(feeds.parse(body)).published == NOW
    rdf = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        b'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://quay.example/"><title>Q</title>'
        b'<link>http://quay.example/</link></channel><item rdf:about="http://quay.example/a"><title>A</title>'
        b"<link>http://quay.example/a</link><dc:date>2026-03-02T06:00:00Z</dc:date></item></rdf:RDF>"
    )
    found = entry(feeds.parse(rdf))
    assert (found.link, found.published) == ("http://quay.example/a", NOW)


def test_a_base_of_its_own_is_honoured() -> None:
    body = (
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://pier.example/n/"><entry><id>1</id>'
        b'<title>A</title><link href="a"/><updated>2026-03-02T06:00:00Z</updated></entry></feed>'
    )
    assert entry(feeds.parse(body)).link == "http://pier.example/n/a"


def test_the_charset_the_server_declares_counts_where_the_feed_declares_none() -> None:
    body = rss(("Fähre", "/a")).encode("latin-1")
    assert entry(feeds.parse(body, "iso-8859-1")).title == "Fähre"


@pytest.mark.parametrize(
    "title", ["A &lt;b&gt;bold&lt;/b&gt; step", "<![CDATA[A <b>bold</b> step]]>", " A\n bold  step "]
)
def test_titles_are_freed_of_markup(title: str) -> None:
    assert entry(feeds.parse(rss((title, "/a")).encode())).title == "A bold step"


def test_a_comparison_in_a_title_is_no_markup() -> None:
    assert feeds.tidy("Profit 3 < 5 &amp; falling") == "Profit 3 < 5 & falling"


def test_a_sitemap_that_breaks_off_gives_what_came_before() -> None:
    listing = sitemaps.parse(urlset(f"<loc>{HOME}a</loc>", f"<loc>{HOME}b</loc>").encode()[:-20])
    assert [e.link for e in listing.entries][:1] == [f"{HOME}a"]
    assert listing.problem


def test_a_zipped_sitemap_that_breaks_off_says_so() -> None:
    listing = sitemaps.parse(gzip.compress(urlset(f"<loc>{HOME}a</loc>").encode())[:-9])
    assert (listing.entries, bool(listing.problem)) == ([], True)


def test_pictures_in_a_sitemap_are_no_pages() -> None:
    body = (
        f'<urlset {XMLNS} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc>{HOME}a</loc>'
        f"<image:image><image:loc>{HOME}a.jpg</image:loc><image:title>Crane</image:title></image:image></url></urlset>"
    )
    only = entry(sitemaps.parse(body.encode()))
    assert (only.link, only.title) == (f"{HOME}a", None)


def test_a_list_of_lines_is_a_sitemap_too() -> None:
    assert [e.link for e in sitemaps.parse(b"http://quay.example/a\nhttp://quay.example/b\n").entries] == [
        f"{HOME}a",
        f"{HOME}b",
    ]


class Hours:
    """Hourly polls of one source, with a state that learns after each."""

    def __init__(self, tmp_path: Path, routes: dict[str, Handler], source: Source) -> None:
        self.site, self.source = Site(routes), source
        self.state = State(f"sqlite:///{tmp_path / 'state.db'}")
        self.now = NOW

    def poll(self, hours: int) -> list[Link | Fetch | Reject]:
        """All records of so many polls, an hour between them."""
        found: list[Link | Fetch | Reject] = []
        for _ in range(hours):
            found += (mine := visiting(self.site, self._visit, clock=lambda: self.now))
            links, fetches = [r for r in mine if isinstance(r, Link)], [r for r in mine if isinstance(r, Fetch)]
            self.state.learn(links, fetches)
            self.now += timedelta(hours=1)
        return found

    async def _visit(self, web: Web) -> list[Link | Fetch | Reject]:
        until = self.now + SLACK
        return [r async for r in discover([self.source], web, self.state.feed, feed_hours=1.0, until=until)]


def index(*names: str, lastmod: str = "") -> Handler:
    said = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    listed = "".join(f"<sitemap><loc>{HOME}{name}.xml</loc>{said}</sitemap>" for name in names)
    return page(f"<sitemapindex {XMLNS}>{listed}</sitemapindex>")


def test_every_sitemap_of_a_long_index_has_its_turn(tmp_path: Path) -> None:
    names = [f"s{n:03}" for n in range(2 * MOST_SITEMAPS)]
    routes = {f"{HOME}{name}.xml": page(urlset(f"<loc>{HOME}{name}</loc>")) for name in names}
    source = quay(sitemaps=[f"{HOME}index.xml"])
    hours = Hours(tmp_path, routes | {f"{HOME}index.xml": index(*names)}, source)
    first = hours.poll(1)
    assert [r.detail for r in first if isinstance(r, Reject)] == [
        f"{MOST_SITEMAPS + 1} sitemaps are more than the {MOST_SITEMAPS} read in a batch"
    ]
    hours.poll(3)
    assert {f"{HOME}{name}.xml" for name in names} <= set(hours.site.asked)


def test_a_sitemap_whose_date_never_moves_is_read_again_all_the_same(tmp_path: Path) -> None:
    routes = {f"{HOME}index.xml": index("a", lastmod="2026-03-01T00:00:00Z"), f"{HOME}a.xml": page(urlset())}
    hours = Hours(tmp_path, routes, quay(sitemaps=[f"{HOME}index.xml"]))
    hours.poll(48)
    assert hours.site.asked.count(f"{HOME}a.xml") >= 3


def test_a_sitemap_dated_in_the_future_is_not_asked_in_every_batch(tmp_path: Path) -> None:
    routes = {f"{HOME}index.xml": index("a", lastmod="2027-01-01T00:00:00Z"), f"{HOME}a.xml": page(urlset())}
    hours = Hours(tmp_path, routes, quay(sitemaps=[f"{HOME}index.xml"]))
    hours.poll(48)
    assert 3 <= hours.site.asked.count(f"{HOME}a.xml") <= 16


def test_a_site_in_trouble_is_left_alone_robots_txt_and_all(tmp_path: Path) -> None:
    routes = {f"{HOME}robots.txt": page("", 500), f"{HOME}rss": page(rss(("A", "/a")))}
    hours = Hours(tmp_path, routes, quay(feeds=[f"{HOME}rss"]))
    hours.poll(48)
    asked = sum(url == f"{HOME}robots.txt" for url, _, _ in hours.site.requests)
    assert 3 * 3 <= asked <= 3 * 10
    routes[f"{HOME}robots.txt"] = page("", 404)
    assert [r.url for r in hours.poll(24) if isinstance(r, Link)] == [f"{HOME}a"]


def test_a_homepage_that_is_no_url_keeps_no_feed_from_being_read() -> None:
    feed = f"{HOME}rss"
    links, _, rejects, _ = discovering({feed: page(rss(("A", "/a")))}, quay(homepage="https://[bad/", feeds=[feed]))
    assert [link.url for link in links] == [f"{HOME}a"]
    assert [(r.reason, r.url) for r in rejects] == [("invalid_url", "https://[bad/")]
