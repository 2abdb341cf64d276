"""Surveying a site: what it names is read and judged, addresses are guessed only where that gives nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from collect_site import NOW, Handler, Site, in_turn, page, visiting
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.collect import MOST_NAMED, Look, Survey, Web, feeds_in, look, normalise, survey
from pipeline.collect.survey import FEED_PATHS, SITEMAP_PATHS

HOME = "http://quay.example/"
STALE = timedelta(days=14)


def rss(*paths: str, title: str = "Quay", at: datetime = NOW) -> str:
    items = "".join(
        f"<item><title>{p}</title><link>{p}</link><pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for p in paths
    )
    return f"<rss version='2.0'><channel><title>{title}</title><language>en-gb</language>{items}</channel></rss>"


def urlset(*paths: str) -> str:
    return f"<urlset>{''.join(f'<url><loc>{p}</loc></url>' for p in paths)}</urlset>"


def front(*links: str, body: str = "") -> Handler:
    named = "".join(f'<link rel="alternate" type="application/rss+xml" href="{href}">' for href in links)
    return page(f'<html lang="fr-CA"><head>{named}</head><body>{body}</body></html>')


def surveying(routes: dict[str, Handler], url: str = HOME) -> tuple[Survey, Site]:
    site = Site(routes)
    return visiting(site, lambda web: survey(web, url)), site


def left_out(found: Survey) -> dict[str, str | None]:
    return {f.look.url: f.left_out for f in found.finds}


def test_feeds_in_the_head_and_links_that_look_like_feeds_are_found() -> None:
    links = '<a href="/world.rss">World</a><a href="/sport?format=rss">Sport</a><a href="/x">RSS</a><a href="/a">A</a>'
    routes = {
        HOME: front("/main", body=links),
        f"{HOME}main": page(rss("/1")),
        f"{HOME}world.rss": page(rss("/2")),
        f"{HOME}sport?format=rss": page(rss("/3")),
        f"{HOME}x": page(rss("/4")),
    }
    found, site = surveying(routes)
    assert found.taken("feed") == [f"{HOME}main", f"{HOME}world.rss", f"{HOME}sport?format=rss", f"{HOME}x"]
    assert (found.name, found.language) == ("Quay", "fr-CA")
    assert f"{HOME}a" not in site.asked
    assert not set(site.asked) & {HOME.rstrip("/") + path for path in FEED_PATHS}, "nothing is guessed"


def test_a_page_that_lists_the_feeds_is_read_too() -> None:
    routes = {
        HOME: front(body='<a href="/rss/">RSS</a>'),
        f"{HOME}rss/": page(
            '<html><a href="/rss/world.xml">World</a><a href="http://feeds.other.example/x">x</a></html>'
        ),
        f"{HOME}rss/world.xml": page(rss("/1")),
    }
    found, site = surveying(routes)
    assert found.taken("feed") == [f"{HOME}rss/world.xml"]
    assert found.finds[0].where == "RSS page"
    assert "http://feeds.other.example/x" not in site.asked, "a stranger's feed is not the site's"


def test_the_same_entries_count_once_and_comments_of_readers_not_at_all() -> None:
    routes = {
        HOME: front("/feed", "/rss", "/said", "/empty", "/comments/feed/", "/gone", "/old"),
        f"{HOME}feed": page(rss("/1", "/2", "/3", "/4", "/5")),
        f"{HOME}rss": page(rss("/1", "/2", "/3", "/4", "/5")),
        f"{HOME}said": page(rss("/1#comment-7", "/2#comment-8")),
        f"{HOME}empty": page(rss()),
        f"{HOME}comments/feed/": page(rss("/9")),
        f"{HOME}old": page(rss("/8", at=NOW - timedelta(days=500))),
    }
    found, _ = surveying(routes)
    assert found.taken("feed") == [f"{HOME}feed"]
    assert left_out(found) | {f"{HOME}gone": ""} == {
        f"{HOME}feed": None,
        f"{HOME}rss": "same as /feed",
        f"{HOME}said": "comments of readers",
        f"{HOME}empty": "lists nothing",
        f"{HOME}comments/feed/": "comments of readers",
        f"{HOME}gone": "",
        f"{HOME}old": "silent since 2024-10-18",
    }


def test_where_a_site_names_nothing_the_usual_addresses_are_tried_until_one_gives_something() -> None:
    routes = {
        HOME: front(),
        f"{HOME}feed": page("<html>a page, no feed</html>"),
        f"{HOME}rss": page(rss("/1")),
        f"{HOME}feed.xml": page(rss("/2")),
        f"{HOME}sitemap.xml": page(urlset("http://quay.example/1")),
    }
    found, site = surveying(routes)
    assert found.taken("feed") == [f"{HOME}rss"]
    assert found.taken("sitemap") == [f"{HOME}sitemap.xml"]
    assert {f.where for f in found.finds} == {"tried"}
    assert f"{HOME}feed.xml" not in site.asked
    assert site.asked[-1] == f"{HOME}sitemap.xml"


def test_sitemaps_are_those_of_robots_txt_and_then_none_is_guessed() -> None:
    index = "<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2026-03-01</lastmod></sitemap></sitemapindex>"
    routes = {
        HOME: front("/feed"),
        f"{HOME}feed": page(rss("/1")),
        f"{HOME}robots.txt": page("Sitemap: /all.xml\nSitemap: http://quay.example/none.xml\nSitemap: ://"),
        f"{HOME}all.xml": page(index),
    }
    found, site = surveying(routes)
    assert found.taken("index", "sitemap") == [f"{HOME}all.xml"]
    assert [f.look.child_count for f in found.finds if f.look.kind == "index"] == [1]
    assert f"{HOME}a.xml" not in site.asked, "collecting reads it, looking does not"
    assert not set(site.asked) & {HOME.rstrip("/") + path for path in SITEMAP_PATHS}


def test_robots_txt_is_obeyed() -> None:
    routes = {
        HOME: front("/private/rss", "/feed"),
        f"{HOME}robots.txt": page("User-agent: *\nDisallow: /private/\nDisallow: /rss"),
        f"{HOME}private/rss": page(rss("/1")),
    }
    found, site = surveying(routes)
    assert not [url for url in site.asked if "/private/" in url or url.startswith(f"{HOME}rss")]
    assert "disallows" in (left_out(found)[f"{HOME}private/rss"] or "")


def test_a_feed_given_as_the_site_is_taken_with_its_site() -> None:
    found, site = surveying({f"{HOME}news/rss": page(rss("/1"))}, f"{HOME}news/rss")
    assert (found.homepage, found.taken("feed"), found.name) == (HOME, [f"{HOME}news/rss"], "Quay")
    assert site.asked == [f"{HOME}news/rss"]


def test_a_site_that_moved_for_good_is_taken_at_its_new_address() -> None:
    routes = {
        HOME: page("", 301, Location="http://www.quay.example/"),
        "http://www.quay.example/": front("/feed"),
        "http://www.quay.example/feed": page("", 308, Location="/feed.xml"),
        "http://www.quay.example/feed.xml": page(rss("/1")),
    }
    found, _ = surveying(routes)
    assert (found.homepage, found.taken("feed")) == ("http://www.quay.example/", ["http://www.quay.example/feed.xml"])


def test_a_front_page_that_refuses_is_no_end_and_one_that_is_not_there_is() -> None:
    found, _ = surveying({HOME: page("no", 403), f"{HOME}feed": page(rss("/1"))})
    assert (found.taken("feed"), found.trouble) == ([f"{HOME}feed"], "403 Forbidden")
    found, site = surveying({}, "http://127.0.0.1:9/")
    assert found.trouble
    assert (found.finds, site.asked) == ([], [])


def test_a_front_page_with_a_thousand_feeds_is_not_asked_for_all() -> None:
    routes = {HOME: front(*(f"/{n}.rss" for n in range(1000)))}
    routes |= {f"{HOME}{n}.rss": page(rss(f"/a{n}")) for n in range(1000)}
    found, site = surveying(routes)
    assert len(found.taken("feed")) == MOST_NAMED
    assert found.unread_count == 1000 - MOST_NAMED
    assert len(site.asked) < MOST_NAMED + len(SITEMAP_PATHS) + 2


@pytest.mark.parametrize("body", ["", "<html", "\x00\x01", "<a href='http://[::1/rss'>rss</a><a href=''>rss</a>", "{}"])
def test_a_front_page_that_is_odd_harms_nothing(body: str) -> None:
    found, _ = surveying({HOME: page(body)})
    assert found.taken("feed") == []


PIECES = [
    "<a href='",
    "//[::1",
    "/rss",
    "feed:",
    "'>rss</a>",
    "<link rel=alternate ",
    "type=application/rss+xml ",
    "href=",
]


@given(st.one_of(st.binary(max_size=300), st.lists(st.sampled_from(PIECES) | st.text(max_size=5)).map("".join)))
@settings(max_examples=150, deadline=None)
def test_feeds_are_looked_for_in_any_bytes(page_or_not: bytes | str) -> None:
    body = page_or_not if isinstance(page_or_not, bytes) else page_or_not.encode("utf-8", "replace")
    assert all(url == normalise(url) for url in feeds_in(body, HOME))


def looking(handler: Handler | None, kind: str = "feed", path: str = "rss", **more: Handler) -> Look:
    routes = {f"{HOME}{path}": handler} if handler else {}
    routes |= {f"{HOME}{name}": h for name, h in more.items()}
    return visiting(Site(routes), lambda web: look(web, f"{HOME}{path}", kind))


def state(one: Look) -> tuple[str, str]:
    name, remarks = one.state(NOW, STALE)
    return name, "; ".join(remarks)


OLD = NOW - timedelta(days=30)


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (page(rss("/1")), ("ok", "")),
        (None, ("dead", "Not Found")),
        (page("", 410), ("dead", "Gone")),
        (page("", 500), ("failing", "Internal Server Error")),
        (page("", 403), ("failing", "Forbidden")),
        (page(rss()), ("empty", "nothing is listed")),
        (page("<html><p>Hello"), ("malformed", "a web page, no feed")),
        (page(rss("/1")[:-20]), ("malformed", "not well-formed XML")),
        (page(rss("/1", at=OLD)), ("stale", "newest entry is 30 days old")),
        (page("", 301, Location="/new"), ("moved", "now at http://quay.example/new")),
        (page("", 308, Location="/new"), ("moved", "now at http://quay.example/new")),
        (page("", 302, Location="/new"), ("redirected", "for now to http://quay.example/new")),
        (page("", 301, Location="/old"), ("stale", "newest entry is 30 days old; now at http://quay.example/old")),
    ],
)
def test_the_health_of_a_feed(handler: Handler | None, said: tuple[str, str]) -> None:
    name, remarks = state(looking(handler, new=page(rss("/1")), old=page(rss("/1", at=OLD))))
    assert (name, said[1] in remarks) == (said[0], True), remarks


def test_a_host_that_has_no_name_is_dead_and_one_whose_robots_txt_fails_only_failing() -> None:
    async def nameless(web: Web) -> Look:
        return await look(web, "http://no-such-host.invalid/rss", "feed")

    assert state(visiting(Site({}), nameless))[0] == "dead"
    assert state(looking(page(rss("/1")), **{"robots.txt": page("", 500)}))[0] == "failing"
    assert state(looking(page(rss("/1")), **{"robots.txt": page("User-agent: *\nDisallow: /")}))[0] == "refused"


def test_an_entry_of_next_year_makes_no_feed_fresh() -> None:
    body = rss("/1", at=OLD).replace("</channel>", "") + rss("/2", at=NOW + timedelta(days=300))
    one = looking(page(body[: body.index("<rss", 5)] + body[body.index("<item>", body.index("<rss", 5)) :]))
    assert one.entry_count == 2
    assert one.newest == OLD


def test_a_feed_that_comes_at_the_second_try_is_well() -> None:
    assert state(looking(in_turn(page("", 500), page(rss("/1")))))[0] == "ok"
