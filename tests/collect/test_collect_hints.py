"""Hints: what the archive says of how a page was found gives back the links and fetches of a lost lake."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from collect_site import NOW
from test_collect_newsroom import collect

from pipeline import sources
from pipeline.collect import ArchiveWriter, State, batches, hints, ingest, scan
from pipeline.newsroom import BATCHES, SOURCES, Newsroom
from pipeline.records import Fetch, Link, Record, Reject

PAGE = "http://quay.example/a"
FEED = "http://quay.example/feed.xml"
HOUR = timedelta(hours=1)


def link(url: str = PAGE, **fields: Any) -> Link:
    whole = {
        "source_id": "quay", "discovered_at": NOW - HOUR, "discovered_via": "feed", "discovered_in": FEED,
        "discovered_url": f"{url}?utm_source=rss", "title_hint": "Fähren & Häfen – “heute”",
        "published_hint": NOW - 2 * HOUR, "modified_hint": None,
    }  # fmt: skip
    return Link(url=url, **(whole | fields))


def fetch(url: str = PAGE, **fields: Any) -> Fetch:
    whole = {"kind": "article", "source_id": "quay", "fetched_at": NOW, "outcome": "fetched", "attempt": 1}
    return Fetch(fetch_id="", url=url, **(whole | fields))


def archived(home: Path, *answers: tuple[Fetch, list[Link], int, bytes | None]) -> Path:
    """An archive of these fetches, found by these links, answered with a status and a body (None: as before)."""
    with ArchiveWriter(home / "made", "0", relative_to=home, clock=lambda: NOW) as archive:
        for got, links, status, body in answers:
            how: dict[str, Any] = {
                "request": b"GET / HTTP/1.1\r\n\r\n",
                "status_line": f"HTTP/1.1 {status} X",
                "headers": [(b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip")],
                "found": hints.of_fetch(got, [hints.of_link(each) for each in links]),
            }
            where = got.final_url or got.url
            if body is None or status == 304:
                archive.revisit(where, got.fetched_at, body=body, **how)
            else:
                archive.exchange(where, got.fetched_at, body=body, **how)
    return home / "made/0-00.warc.gz"


def regained(home: Path, path: Path, **hosts: str) -> tuple[list[Fetch], list[Link]]:
    """The rows that ingesting the archive gives."""
    found: list[Record] = []
    for batch in batches([path], lambda: NOW):
        folder = home / "archive" / batch.batch_id
        found += ingest(batch, folder=folder, relative_to=home, clock=lambda: NOW, hosts=hosts)
    assert not [each for each in found if isinstance(each, Reject)]
    return [each for each in found if isinstance(each, Fetch)], [each for each in found if isinstance(each, Link)]


def test_links_come_back_as_they_were(tmp_path: Path) -> None:
    links = [
        link(),
        link(
            discovered_via="news_sitemap",
            discovered_in="http://quay.example/news.xml",
            title_hint=None,
            modified_hint=NOW,
        ),
    ]
    path = archived(tmp_path, (fetch(), links, 200, b"<html>one"))
    [got], found = regained(tmp_path, path)
    assert found == links
    assert (got.url, got.kind, got.source_id, got.outcome) == (PAGE, "article", "quay", "fetched")


def test_a_redirected_page_comes_back_under_the_url_it_was_asked_for(tmp_path: Path) -> None:
    asked = fetch("http://short.example/1", final_url=PAGE, attempt=3)
    path = archived(tmp_path, (asked, [link("http://short.example/1")], 200, b"<html>one"))
    [got], [found] = regained(tmp_path, path)
    assert (got.url, got.final_url, got.attempt) == ("http://short.example/1", PAGE, 3)
    assert found == link("http://short.example/1")


def test_feeds_and_later_visits_come_back_without_links(tmp_path: Path) -> None:
    digest = "ab" * 32
    path = archived(
        tmp_path,
        (fetch(FEED, kind="feed"), [], 200, b"<html>no feed any more"),
        (fetch(), [], 304, None),
        (fetch(outcome="unchanged", content_hash=digest), [], 200, None),
        (fetch(outcome="unsupported_type"), [], 200, b"%PDF-1.7"),
    )
    fetches, links = regained(tmp_path, path)
    assert [(f.kind, f.outcome, f.content_hash == digest) for f in fetches] == [
        ("feed", "fetched", False),
        ("article", "not_modified", False),
        ("article", "unchanged", True),
        ("article", "unsupported_type", False),
    ]
    assert links == []


def test_the_register_is_believed_before_the_archive(tmp_path: Path) -> None:
    path = archived(tmp_path, (fetch(source_id="somebody"), [], 200, b"<html>one"))
    assert [f.source_id for f in regained(tmp_path / "one", path)[0]] == ["somebody"]
    assert [f.source_id for f in regained(tmp_path / "two", path, **{"quay.example": "quay"})[0]] == ["quay"]


def test_another_collectors_metadata_is_left_aside(tmp_path: Path) -> None:
    with ArchiveWriter(tmp_path / "made", "0", relative_to=tmp_path, clock=lambda: NOW) as archive:
        archive.exchange(
            PAGE, NOW, request=b"GET / HTTP/1.1\r\n\r\n", status_line="HTTP/1.1 200 OK",
            headers=[(b"Content-Type", b"text/html")], body=b"<html>one",
            found=[{"via": "http://quay.example/", "hopsFromSeed": "L", "fetchTimeMs": "80", "outlink": "http://b.example/"}],
        )  # fmt: skip
    [got], [found] = regained(tmp_path, tmp_path / "made/0-00.warc.gz")
    assert (got.url, got.source_id) == (PAGE, "quay.example")
    assert (found.discovered_via, found.discovered_in) == ("archive", "0-00.warc.gz")


def test_what_a_forged_record_says_is_no_row_that_could_not_be(tmp_path: Path) -> None:
    forged = {
        **hints.of_fetch(fetch(), [hints.of_link(link())])[0],
        "requested": "javascript:alert(1)", "attempt": "-7", "source": "../../etc", "outcome": "robots_disallowed",
        "discovered-source": "a b", "published": "3026-01-01T00:00:00+00:00", "title": "x" * 5000,
    }  # fmt: skip
    with ArchiveWriter(tmp_path / "made", "0", relative_to=tmp_path, clock=lambda: NOW) as archive:
        archive.exchange(
            PAGE, NOW, request=b"GET / HTTP/1.1\r\n\r\n", status_line="HTTP/1.1 200 OK", headers=[], body=b"<html>one",
            found=[forged, {**forged, "discovered-at": "yesterday"}, {**forged, "discovered-via": "rumour"}],
        )  # fmt: skip
    [got], [found] = regained(tmp_path, tmp_path / "made/0-00.warc.gz")
    assert (got.url, got.attempt, got.source_id, got.outcome) == (PAGE, 1, "quay.example", "fetched")
    assert (found.source_id, found.published_hint, len(found.title_hint or "")) == ("quay.example", None, 1000)


def test_metadata_of_one_answer_says_nothing_of_the_next(tmp_path: Path) -> None:
    other = "http://quay.example/b"
    path = archived(tmp_path, (fetch(), [link()], 200, b"<html>one"), (fetch(other), [link(other)], 200, b"<html>two"))
    assert regained(tmp_path, path)[1] == [link(), link(other)]


def test_a_later_visit_that_nothing_led_to_is_no_new_discovery(tmp_path: Path) -> None:
    path = archived(tmp_path, (fetch(), [link()], 200, b"<html>one"), (fetch(), [], 200, b"<html>corrected"))
    fetches, links = regained(tmp_path, path)
    assert [f.outcome for f in fetches] == ["fetched", "fetched"]
    assert links == [link()]


def test_a_fetch_that_nothing_named_has_one_record_of_its_own(tmp_path: Path) -> None:
    path = archived(tmp_path, (fetch(FEED, kind="feed"), [], 200, b"<rss version='2.0'/>"))
    *_, said = scan(path)
    assert said.fields == {
        "source": "quay", "kind": "feed", "requested": FEED, "outcome": "fetched", "attempt": "1",
    }  # fmt: skip
    assert hints.of_link(replace(link(), title_hint=None)).keys().isdisjoint({"title", "modified"})


def test_the_archive_of_a_collection_gives_its_rows_back(tmp_path: Path) -> None:
    state = State(f"sqlite:///{tmp_path / 'state.db'}")
    hosts = {f"{source.source_id}.example": source.source_id for source in sources.read(SOURCES)}
    with Newsroom() as room:
        for name, now in BATCHES[:2]:
            room.set_time(now)
            links, fetches, _ = asyncio.run(collect(tmp_path, name, now, room.resolve, state))
            state.learn(links, fetches)
            archive = tmp_path / "archive" / name / "0-00.warc.gz"
            fetches_again, links_again = regained(tmp_path / name, archive, **hosts)
            stored = {f.fetch_id: f for f in fetches if f.warc_file is not None}
            assert {f.fetch_id for f in fetches_again} == set(stored)
            for again in fetches_again:
                before = stored[again.fetch_id]
                assert _told(again) == _told(before)
            asked = {f.url for f in stored.values()}
            assert {_of(link) for link in links_again} == {_of(link) for link in links if link.url in asked}
    state.close()


def _told(got: Fetch) -> dict[str, Any]:
    """What the archive tells of a fetch: all but how long it took, why it failed, and what comes of it later."""
    lost = {"fetch_id", "duration_ms", "next_fetch_at", "warc_file", "detail", "conditional", "rights"}
    lost |= {"entry_count", "known_entry_count"}
    return {name: value for name, value in asdict(got).items() if name not in lost}


def _of(link: Link) -> tuple[Any, ...]:
    return tuple(asdict(link).values())
