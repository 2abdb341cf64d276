"""The newsroom behaves, and misbehaves, as its register of URLs says."""

from __future__ import annotations

import gzip
import html
import re
import subprocess
import sys
from datetime import datetime
from email.utils import parsedate_to_datetime

import pytest

from pipeline.newsroom import BATCHES, Newsroom
from pipeline.newsroom.content import articles, oddities
from pipeline.newsroom.publishers import PUBLISHERS

HERALD = "http://harbour-herald.example"
B1, B2, B3 = (moment for _, moment in BATCHES)


def the(slug: str) -> str:
    """An article's URL by its slug."""
    return next(article.url for article in articles().values() if article.slug == slug)


def test_importing_the_newsroom_is_cheap() -> None:
    code = "import sys, pipeline.newsroom; sys.exit('aiohttp' in sys.modules or 'jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_resolver_setting_names_the_port(room: Newsroom) -> None:
    assert room.resolve == f"*.example=127.0.0.1:{room.port}"


def test_requests_are_logged(room: Newsroom, get) -> None:
    get(f"{HERALD}/rss.xml?x=1")
    assert room.requests[-1] == ("harbour-herald.example", "/rss.xml?x=1", 200)


def test_an_unknown_host_is_not_found(get) -> None:
    assert get("http://nowhere.example/").status == 404


def test_a_port_in_the_host_header_does_not_matter(room: Newsroom, get) -> None:
    assert get(f"http://harbour-herald.example:{room.port}/rss.xml").status == 200


def test_an_unchanged_feed_answers_304(get) -> None:
    first = get(f"{HERALD}/rss.xml")
    again = get(f"{HERALD}/rss.xml", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert get(f"{HERALD}/rss.xml", If_Modified_Since=first.headers["Last-Modified"]).status == 304


def test_one_feed_does_not_change_between_the_first_two_batches(room: Newsroom, get) -> None:
    feed = "http://sawt-al-marfa.example/rss"
    etag = get(feed).headers["ETag"]
    room.set_time(B2)
    assert get(feed, If_None_Match=etag).status == 304
    room.set_time(B3)
    assert get(feed, If_None_Match=etag).status == 200


def test_an_article_answers_304_until_it_is_corrected(room: Newsroom, get) -> None:
    url = the("mozambique-relief-flight")
    first = get(url)
    known = {"If_None_Match": first.headers["ETag"], "If_Modified_Since": first.headers["Last-Modified"]}
    assert get(url, **known).status == 304
    room.set_time(B2)
    second = get(url, **known)
    assert second.status == 200
    assert "120 tonnes of relief" in first.text
    assert "102 tonnes of relief" in second.text
    assert "Correction:" not in first.text
    assert "Correction:" in second.text
    assert '"dateModified": "2026-03-02T09:30:00+00:00"' in second.text
    assert "<atom:updated>2026-03-02T09:30:00+00:00</atom:updated>" in get(f"{HERALD}/rss.xml").text


def test_one_publisher_gives_no_validators(get) -> None:
    for url in ("http://trade-winds.example/feed/", the("cocoa-venture")):
        assert not {"ETag", "Last-Modified"} & get(url).headers.keys()


@pytest.mark.parametrize("publisher", PUBLISHERS.values(), ids=lambda publisher: publisher.id)
def test_nothing_was_changed_in_the_future(room: Newsroom, get, publisher) -> None:
    for _, moment in BATCHES:
        room.set_time(moment)
        changed = get(publisher.home + publisher.listing).headers.get("Last-Modified")
        assert changed is None or parsedate_to_datetime(changed) <= moment


def test_too_many_requests_then_the_article(get) -> None:
    first, second = get(the("bolivia-gas")), get(the("bolivia-gas"))
    assert (first.status, first.headers["Retry-After"], second.status) == (429, "1", 200)


def test_a_broken_server_recovers_in_the_second_batch(room: Newsroom, get) -> None:
    assert {get(the("lonja-pulpo")).status for _ in range(4)} == {500}
    room.set_time(B2)
    assert get(the("lonja-pulpo")).status == 200


@pytest.mark.parametrize(("slug", "status"), [("cocoa-venture", 410), ("kommentar-sirenen", 404)])
def test_an_article_is_withdrawn_in_the_third_batch(room: Newsroom, get, slug: str, status: int) -> None:
    seen = []
    for _, moment in BATCHES:
        room.set_time(moment)
        seen.append(get(the(slug)).status)
    assert seen == [200, 200, status]


def test_an_article_is_not_there_before_it_is_published(get) -> None:
    assert get(the("veltrane-sanctions")).status == 404


def test_short_links_lead_to_the_article(get) -> None:
    reply = get(f"{HERALD}/s/123")
    assert (reply.status, reply.headers["Location"]) == (301, the("valencia-rail-protest"))


@pytest.mark.parametrize("row", [row for row in oddities().values() if row.answer in ("amp", "print")], ids=str)
def test_variants_name_the_main_page_as_canonical(room: Newsroom, get, row) -> None:
    room.set_time(B3)
    assert f'<link rel="canonical" href="{row.article.url}">' in get(row.url).text
    assert row.article.blocks(B3)[-1].text.split(",")[0] in html.unescape(get(row.url).text)


def test_tracking_parameters_change_nothing(get) -> None:
    url = the("valencia-rail-protest")
    assert get(f"{url}?utm_source=rss&utm_medium=feed").body == get(url).body


def test_a_page_lies_about_its_encoding(get) -> None:
    reply = get(the("musee-strasbourg"))
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    with pytest.raises(UnicodeDecodeError):
        reply.body.decode("utf-8")
    assert "voûtées" in reply.body.decode("windows-1252")


def test_robots(get) -> None:
    assert "Disallow: /members/" in get(f"{HERALD}/robots.txt").text
    assert "Crawl-delay: 0.2" in get("http://parliament-post.example/robots.txt").text
    assert "Sitemap: http://parliament-post.example/sitemaps/index.xml" in get(
        "http://parliament-post.example/robots.txt"
    ).text.split("\n")
    assert get("http://elbkurier.example/robots.txt").status == 404


def test_the_french_feed_is_malformed_but_can_be_recovered(get) -> None:
    import feedparser

    reply = get("http://courrier-des-quais.example/rss/une.xml")
    feed = feedparser.parse(reply.body)
    assert feed.bozo
    assert [entry.link for entry in feed.entries] == [
        the(slug) + "#xtor=RSS-1" for slug in ("greve-marseille", "musee-strasbourg")
    ]


def test_walls_answer_200(get) -> None:
    assert "Checking your browser" in get("http://trade-winds.example/2026/03/shea-butter-index").text
    paywall = get(f"{HERALD}/business/2026/03/02/who-insures-the-shadow-fleet").text
    assert '"isAccessibleForFree": false' in paywall
    assert "Subscribe to continue reading" in paywall


def test_one_date_lies_in_the_future_and_one_page_has_none(get) -> None:
    outlook = get(the("port-outlook-2031")).text
    assert set(re.findall(r"20[23]\d-\d\d-\d\d", outlook)) == {"2031-03-02"}
    explainer = get(the("tide-table-explainer")).text
    assert not re.search(r"datePublished|<time", explainer)
    for feed, slug in (
        (f"{HERALD}/rss.xml", "tide-table-explainer"),
        ("http://trade-winds.example/feed/", "port-outlook-2031"),
    ):
        item = next(item for item in get(feed).text.split("<item>") if the(slug) in item)
        assert "pubDate" not in item


def test_every_page_says_that_it_is_invented(room: Newsroom, get) -> None:
    room.set_time(B2)
    for url, article in articles().items():
        if article.batch < 3:
            get(url)  # the first request of one of them is refused
            assert "nvented sample page" in get(url).body.decode("utf-8", "replace"), url


def test_the_same_question_has_the_same_answer(room: Newsroom, get) -> None:
    def everything(moment: datetime) -> list[tuple[int, bytes]]:
        room.set_time(moment)
        replies = [get(publisher.home + publisher.listing) for publisher in PUBLISHERS.values()]
        replies.append(get("http://parliament-post.example/sitemaps/articles-2026-03.xml.gz"))
        return [(reply.status, reply.body) for reply in replies]

    assert everything(B3) == everything(B3)


def test_one_sitemap_is_zipped(get) -> None:
    body = get("http://parliament-post.example/sitemaps/articles-2026-03.xml.gz").body
    assert the("tariff-rollback") in gzip.decompress(body).decode()
