"""The demo's lake against what the newsroom says of itself: every URL's state, every article's words.

What an article is (text, title, date …) must come out right for every one. Names and events are a matter of degree,
and only a check against getting worse: their coder was made while looking at these texts. The measures are in
tests/benchmarks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline import newsroom
from pipeline.settings import load
from pipeline.warehouse import query
from tests.demo.conftest import Played

BATCHES = [batch for batch, _ in newsroom.BATCHES]


def as_after(played: Played, number: int, home: Path) -> dict[str, str]:
    """The ledger as it stood after the batch of that number: of the lake's files, those published until then."""
    for file in played.cfg.lake.glob("*/day=*/*.parquet"):
        if file.stem in BATCHES[: number + 1]:
            there = home / file.relative_to(played.cfg.home)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.hardlink_to(file)
    return {row["url"]: row["state"] for row in query.rows(load(home=home), "SELECT url, state FROM ledger")}


@pytest.mark.parametrize("number", range(len(BATCHES)))
def test_after_each_batch_every_url_is_in_the_state_it_should_be_in(
    played: Played, gold: dict[str, Any], number: int, tmp_path: Path
) -> None:
    expected = {url: said["states"][number] for url, said in gold["urls"].items() if said["states"][number]}
    assert as_after(played, number, tmp_path) == expected


@pytest.fixture(scope="module")
def articles(played: Played) -> dict[str, dict[str, Any]]:
    return {row["canonical_url"]: row for row in played.rows("SELECT * FROM articles_current")}


def test_every_article_is_there_and_nothing_else(articles: dict[str, Any], gold: dict[str, Any]) -> None:
    assert set(articles) == set(gold["articles"])


@pytest.mark.parametrize("column", ["title", "subtitle", "language", "kind", "url", "source_id"])
def test_every_article_has_its(column: str, articles: dict[str, Any], gold: dict[str, Any]) -> None:
    wrong = {
        url: (articles[url][column], said[column])
        for url, said in gold["articles"].items()
        if (articles[url][column] or None) != (said[column] or None)
    }
    assert not wrong


def test_every_article_has_its_text_to_the_letter(articles: dict[str, Any], gold: dict[str, Any]) -> None:
    wrong = [
        u for u, said in gold["articles"].items() if articles[u]["text"] != said.get("corrected_text", said["text"])
    ]
    assert not wrong


def test_every_article_has_its_day_or_none(articles: dict[str, Any], gold: dict[str, Any]) -> None:
    exact = 0
    for url, said in gold["articles"].items():
        found, expected = articles[url]["published_at"], said["published_at"]
        if expected is None:
            assert found is None, url
            continue
        # One paper writes its times in words and with an abbreviated zone only: the day is what can be had.
        assert abs((found.date() - parsed(expected).date()).days) <= 1, url
        exact += found == parsed(expected)
    dated = [said for said in gold["articles"].values() if said["published_at"]]
    assert exact >= 0.85 * len(dated)


def test_authors_are_named(articles: dict[str, Any], gold: dict[str, Any]) -> None:
    right = sum(articles[url]["authors"] == said["authors"] for url, said in gold["articles"].items())
    assert right >= 0.95 * len(gold["articles"])


def test_families_are_those_of_the_newsroom(played: Played, gold: dict[str, Any]) -> None:
    named: dict[str, set[str]] = {}
    for url, said in gold["articles"].items():
        if said["family"]:
            named.setdefault(said["family"], set()).add(url)
    found: dict[str, set[str]] = {}
    for row in played.rows("SELECT family_id, canonical_url FROM families JOIN articles_current USING (article_id)"):
        found.setdefault(row["family_id"], set()).add(row["canonical_url"])
    assert {frozenset(f) for f in found.values() if len(f) > 1} == {frozenset(f) for f in named.values() if len(f) > 1}


def test_the_agency_is_the_original_of_its_wire_story(played: Played) -> None:
    rows = played.rows(
        "SELECT source_id, count(*) OVER (PARTITION BY family_id) AS n FROM families JOIN articles_current "
        "USING (article_id) WHERE role = 'original' AND family_id IN "
        "(SELECT family_id FROM families WHERE role = 'copy')"
    )
    assert {row["source_id"] for row in rows} == {"meridian-wire"}


def test_reports_of_one_happening_are_one_occurrence(played: Played) -> None:
    (top,) = played.rows("SELECT * FROM occurrences ORDER BY article_count DESC, event_count DESC LIMIT 1")
    assert top["article_count"] >= 4, "the wire story and its copies tell one thing"
    assert top["independent_source_count"] == 1, "copies are no evidence of their own"


def test_most_names_are_found(played: Played, gold: dict[str, Any]) -> None:
    found = {
        (row["canonical_url"], row["text"], row["entity_type"])
        for row in played.rows(
            "SELECT canonical_url, m.text, entity_type FROM mentions_current m JOIN articles_current USING (article_id)"
        )
    }
    asked = [
        (url, entity["text"], entity["type"])
        for url, said in gold["articles"].items()
        if said["language"] == "en"
        for entity in said["entities"]
    ]
    assert sum(one in found for one in asked) >= 0.85 * len(asked)


def test_many_events_are_found_with_their_sentence(played: Played, gold: dict[str, Any]) -> None:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in played.rows("SELECT * FROM events_current JOIN articles_current USING (article_id, version_id)"):
        found.setdefault(row["canonical_url"], []).append(row)
    asked = [(url, event) for url, said in gold["articles"].items() for event in said.get("events", [])]
    hits = sum(
        any(
            e["event_type"] == event["event_type"] and event["sentence_contains"] in e["quote"]
            for e in found.get(url, [])
        )
        for url, event in asked
    )
    assert hits >= 0.75 * len(asked)


def parsed(text: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text)
