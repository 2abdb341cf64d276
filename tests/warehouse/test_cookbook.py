"""Every recipe of the cookbook runs as it stands, and answers what it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from lake_rows import AT, BATCH, article, event, fetch, link, mention, reject

from pipeline.records import Family, Occurrence, OccurrenceEvent, Record, Source, Story, StoryTitle
from pipeline.settings import Settings
from pipeline.warehouse import query
from pipeline.warehouse.cookbook import recipes

Put = Callable[..., None]
DAY = timedelta(days=1)


@pytest.fixture
def ask(cfg: Settings, put: Put) -> Callable[[str], list[dict[str, Any]]]:
    """A lake with an article that was corrected, its copy elsewhere, and what they tell."""
    old = article("a", title="Minister meets doctors", text="Too short. " + article().text)
    new = article("a", fetched_at=AT + timedelta(days=1), fetch_id="fetch-a2")
    copy = article("copy", source_id="courier")
    put(BATCH, link("a"), link("copy", source_id="courier"), fetch("a"), fetch("copy"), old, copy, mention(old),
        mention(copy), event(copy), link("gone"), fetch("gone", outcome="not_found"), link("short"), fetch("short"),
        reject("short"))  # fmt: skip
    told = event(new)
    one, other = new.article_id, copy.article_id
    grouped: list[Record] = [
        Family(article_id=one, version_id=new.version_id, family_id=one, role="original", similarity=1.0),
        Family(article_id=other, version_id=copy.version_id, family_id=one, role="copy", similarity=0.96),
        Story(article_id=one, version_id=new.version_id, story_id=one, score=0.9),
        Story(article_id=other, version_id=copy.version_id, story_id=one, score=0.9),
        StoryTitle(story_id=one, title=new.title, lead_article_id=one, first_seen_at=AT, last_seen_at=AT,
                   article_count=2, family_count=1, source_count=2),
        Occurrence(occurrence_id=told.event_id, event_type="CONSULT", actor_country="PT", recipient_country="ES",
                   event_count=2, article_count=2, family_count=1, story_count=1, source_count=2,
                   independent_source_count=1),
        OccurrenceEvent(occurrence_id=told.event_id, event_id=told.event_id),
    ]  # fmt: skip
    put("2026-03-03T06", fetch("a", fetch_id="fetch-a2"), new, mention(new), told, *grouped)
    silent = Source(source_id="silent", name="Silent", agency=False, volume_low=3)
    before, now = {"kind": "feed", "fetched_at": AT - DAY}, {"kind": "feed", "fetched_at": AT}
    put("2026-03-01T06", silent, fetch("feed.xml", fetch_id="feed-1", entry_count=9, **before),
        fetch("map.xml", fetch_id="map-1", **before))  # fmt: skip
    put("2026-03-02T18", silent)
    put("2026-03-04T06", fetch("feed.xml", fetch_id="feed-2", entry_count=9, known_entry_count=0, **now),
        fetch("map.xml", fetch_id="map-2", outcome="server_error", **now))  # fmt: skip
    for day in range(4):
        drifting = [article(f"d{day}{n}", source_id="drifting", authors=["A"] if day < 3 else []) for n in range(9)]
        put(f"2026-02-0{day + 1}T06", *drifting)
    return lambda name: query.rows(cfg, recipes()[name].sql)


@pytest.mark.parametrize("name", list(recipes()))
def test_every_recipe_runs_and_answers_something(ask: Callable[[str], list[dict[str, Any]]], name: str) -> None:
    assert recipes()[name].says.endswith(".")
    assert ask(name)


def test_the_recipes_answer_what_they_say(ask: Callable[[str], list[dict[str, Any]]]) -> None:
    assert ask("funnel_by_source")[0] == {
        "source_id": "harbour", "urls": 3, "stored": 1, "duplicate": 0, "paywalled": 0, "not_article": 1,
        "blocked": 0, "gone": 1, "not_modified": 0, "failed": 0, "pending": 0,
    }  # fmt: skip
    [change] = ask("corrections")
    assert (change["old_title"], change["title"], change["words_more"]) == (
        "Minister meets doctors", "Minister meets dockers", -2,
    )  # fmt: skip
    assert all(row["trigger_text"] == row["stands_there"] == "met" for row in ask("evidence"))
    assert ask("most_copied")[0]["carried_by"] == ["courier"]
    assert ask("occurrences_and_reports") == [
        {"event_type": "CONSULT", "occurrences": 1, "reports": 2, "reports_each": 2.0, "independent_reports": 1}
    ]
    assert [row["km"] for row in ask("events_near")] == [0, 0]
    assert [row["articles"] for row in ask("entity_timeline")] == [2]
    assert [(row["source_id"], row["signal"]) for row in ask("coverage_alarms")] == [("silent", "silent")]
    [failing] = ask("failing_feeds")
    assert (failing["url"][-7:], failing["outcome"]) == ("map.xml", "server_error")
    assert failing["last_answered_at"] == AT - DAY
    assert [(row["source_id"], row["measure"], row["usual"], row["now"]) for row in ask("layout_changes")] == [
        ("drifting", "authors", 1.0, 0.0)
    ]
    [rolled] = ask("rolled_over_feeds")
    assert (rolled["url"][-8:], rolled["hours_between"]) == ("feed.xml", 24.0)
    assert [(row["source_id"], row["found_count"]) for row in ask("completeness_by_source")] == [
        ("courier", 1), ("harbour", 2),
    ]  # fmt: skip
