"""gold.json is current, true to the pages, and true to the texts."""

from __future__ import annotations

import gzip
import html
import json
import re
import tomllib
from typing import Any
from urllib.parse import urlsplit

import pytest

from pipeline.newsroom import BATCHES, GOLD, SOURCES, Newsroom
from pipeline.newsroom.content import oddities
from pipeline.newsroom.gold import as_json, gold
from pipeline.newsroom.publishers import PUBLISHERS

BOOK: dict[str, Any] = json.loads(GOLD.read_text("utf-8"))
ARTICLES: dict[str, Any] = BOOK["articles"]
PLOVER = {
    "AGREE",
    "CONSULT",
    "SUPPORT",
    "CONCEDE",
    "COOPERATE",
    "AID",
    "RETREAT",
    "REQUEST",
    "ACCUSE",
    "REJECT",
    "THREATEN",
    "PROTEST",
    "SANCTION",
    "MOBILIZE",
    "COERCE",
    "ASSAULT",
}


def plain(page: str) -> str:
    """A page's text with its tags gone."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def key(link: str) -> str:
    """A listed link as a key of the gold: without tracking parameters and fragment."""
    return re.sub(r"[?&](utm_\w+|fbclid)=[^&#]*", "", html.unescape(link)).partition("#")[0]


def test_gold_is_current() -> None:
    assert GOLD.read_text("utf-8") == as_json(gold()), "run python -m pipeline.newsroom.gold"


def test_the_register_names_every_publisher() -> None:
    register = tomllib.loads(SOURCES.read_text("utf-8"))["source"]
    assert [source["id"] for source in register] == list(PUBLISHERS)
    for source in register:
        publisher = PUBLISHERS[source["id"]]
        assert (source["name"], source["language"]) == (publisher.name, publisher.language)
        listings = source["feeds"] + source.get("sitemaps", [])
        assert listings == ([] if publisher.id == "parliament-post" else [publisher.home + publisher.listing])


def test_feeds_and_sitemaps_list_what_gold_says(room: Newsroom, get) -> None:
    for number, (_, moment) in enumerate(BATCHES):
        room.set_time(moment)
        for publisher in PUBLISHERS.values():
            pages = [get(publisher.home + publisher.listing).text]
            if publisher.channel == "sitemap_index":
                children = [get(child) for child in re.findall("<loc>(.*?)</loc>", pages[0])]
                pages = [gzip.decompress(c.body).decode() if c.body[:2] == b"\x1f\x8b" else c.text for c in children]
            pattern = {
                "rss": r"<item>.*?<link>(.*?)</link>",
                "atom": r'<entry>.*?<link rel="alternate" type="text/html" href="(.*?)"/>',
            }.get(publisher.channel, r"<loc>(.*?)</loc>")
            found = [key(link) for page in pages for link in re.findall(pattern, page, flags=re.DOTALL)]
            expected = [
                url
                for url, row in BOOK["urls"].items()
                if row["source_id"] == publisher.id and row["states"][number] is not None
            ]
            assert sorted(found) == sorted(expected), (publisher.id, moment)


def test_every_url_answers_as_its_state_implies(room: Newsroom, get) -> None:
    for number, (_, moment) in enumerate(BATCHES):
        room.set_time(moment)
        for url, row in BOOK["urls"].items():
            state = row["states"][number]
            if state is None or not url.startswith("http"):
                assert state in (None, "failed")
                continue
            reply = get(url)
            if reply.status == 429:
                reply = get(url)
            odd = oddities().get(url)
            if reply.status == 301:
                assert state == ("stored" if reply.headers["Location"] not in BOOK["urls"] else "duplicate")
            elif state == "stored" and odd and odd.answer == "withdrawn" and number == 2:
                assert reply.status == odd.status
            elif state in ("stored", "duplicate", "not_article", "paywalled"):
                assert reply.status == 200, url
            elif state == "blocked":
                robots = urlsplit(url).path.startswith("/members/")
                assert reply.status == 403 or robots or b"Checking your browser" in reply.body
            else:
                assert reply.status in {"gone": (404, 410), "failed": (500,)}[state]


def test_every_state_of_the_ledger_but_two_is_played() -> None:
    played = {state for row in BOOK["urls"].values() for state in row["states"] if state}
    assert played == {"stored", "duplicate", "paywalled", "not_article", "blocked", "gone", "failed"}


@pytest.mark.parametrize("url", ARTICLES)
def test_the_page_holds_the_gold(room: Newsroom, get, url: str) -> None:
    article = ARTICLES[url]
    room.set_time(dict(BATCHES)[article["first_batch"]])
    reply = get(url)
    if reply.status == 429:
        reply = get(url)
    charset = "windows-1252" if url.endswith("_8119.html") else "utf-8"
    page = plain(reply.body.decode(charset))
    for part in [article["title"], *article["text"].split("\n\n"), *article["authors"]]:
        assert part in page
    if "corrected_text" in article:
        room.set_time(BATCHES[-1][1])
        after = plain(get(url).text)
        assert all(part in after for part in article["corrected_text"].split("\n\n"))
        assert article["corrected_text"] != article["text"]


@pytest.mark.parametrize("url", ARTICLES)
def test_annotations_occur_in_the_text(url: str) -> None:
    article = ARTICLES[url]
    text = article["text"]
    for entity in article["entities"]:
        assert entity["text"] in text
    assert {entity["type"] for entity in article["entities"]} <= {"person", "organization", "location"}
    for event in article["events"]:
        assert event["event_type"] in PLOVER
        assert text.count(event["sentence_contains"]) == 1, event
        passage = next(part for part in text.split("\n\n") if event["sentence_contains"] in part)
        for role in ("trigger", "actor", "recipient"):
            assert event[role] is None or event[role] in passage, event


def test_there_is_enough_to_read() -> None:
    english = [article for article in ARTICLES.values() if article["language"] == "en"]
    assert len(ARTICLES) >= 60
    assert sum(bool(article["events"]) for article in english) >= 25
    assert {event["event_type"] for article in english for event in article["events"]} == PLOVER
    flags = {flag for article in english for event in article["events"] for flag in event if flag.startswith("is_")}
    assert flags >= {"is_negated", "is_hypothetical", "is_future", "is_reported"}
    families = [article["family"] for article in ARTICLES.values()]
    assert families.count("nairobi-accord") == 5
    assert len({a["source_id"] for a in ARTICLES.values() if a["story"] == "valencia-rail"}) == 4


def test_nothing_is_dated_after_it_was_listed() -> None:
    for url, article in ARTICLES.items():
        if article["published_at"]:
            begins = dict(BATCHES)[article["first_batch"]].strftime("%Y-%m-%dT%H:%M:%SZ")
            assert article["published_at"] < begins, url
