"""Occurrences: what happened, counted once, and who says so independently."""

from __future__ import annotations

from datetime import date

import pytest
from group_building import BRIDGE, DAM, DAM_ELSEWHERE, Grouped, actor, article, event, source

from pipeline import ids

COUNCIL, UNION = actor("Petra Lindqvist", "SWEGOV", "SE"), actor("Ruben Okafor", "SWELAB", "SE")
OSTMARK, NYHAMN = ("Ostmark", "SE", 57.1, 14.2), ("Nyhamn", "SE", 59.9, 17.0)
SOURCES = [
    source("wire", agency=True, owner="The Wire Cooperative"),
    source("herald", owner="Harbour Group"),
    source("echo", owner="harbour group"),
    source("post"),
]


def wire():
    return article("1", "OSTMARK (Wire) - " + DAM, title="Council votes to reopen the Hollen dam", by="wire")


def copies():
    return [
        article(by, DAM, title="Hollen dam to reopen", by=by, hours=n) for n, by in enumerate(["herald", "echo"], 1)
    ]


def own_report(by: str = "post", hours: float = 4):
    return article("own", DAM_ELSEWHERE, title="Majority in Ostmark to fill the Hollen reservoir", by=by, hours=hours)


def test_copies_are_articles_but_not_independent_sources():
    articles = [wire(), *copies()]
    events = [event(a, "REJECT", [COUNCIL], [UNION]) for a in articles]
    (found,) = Grouped(articles, events, SOURCES).occurrences
    assert (found.event_count, found.article_count, found.source_count) == (3, 3, 3)
    assert (found.family_count, found.story_count, found.independent_source_count) == (1, 1, 1)


def test_an_independent_report_adds_a_source():
    articles = [wire(), *copies(), own_report()]
    events = [event(a, "REJECT", [COUNCIL], [UNION]) for a in articles]
    (found,) = Grouped(articles, events, SOURCES).occurrences
    assert (found.article_count, found.family_count, found.independent_source_count) == (4, 2, 2)


def test_sister_papers_are_one_independent_source():
    one, other = article("a", DAM, title="Hollen dam to reopen", by="herald"), own_report(by="echo")
    events = [event(a, "REJECT", [COUNCIL], [UNION]) for a in (one, other)]
    (found,) = Grouped([one, other], events, SOURCES).occurrences
    assert (found.family_count, found.source_count, found.independent_source_count) == (2, 2, 1)


def test_the_occurrence_is_named_after_its_first_event_and_told_by_it():
    articles = [wire(), own_report()]
    events = [
        event(articles[1], "REJECT", [COUNCIL], [UNION], place=OSTMARK),
        event(articles[0], "REJECT", [actor("Lindqvist")], [UNION]),
    ]
    grouped = Grouped(articles, events, SOURCES)
    (found,) = grouped.occurrences
    assert found.occurrence_id == ids.occurrence_id(events[1].event_id)
    assert (found.actor_name, found.recipient_code, found.event_date) == ("Lindqvist", "SWELAB", date(2026, 3, 2))
    assert {(j.occurrence_id, j.event_id) for j in grouped.joins} == {(found.occurrence_id, e.event_id) for e in events}


@pytest.mark.parametrize("flag", ["is_negated", "is_hypothetical", "is_future", "is_historical"])
def test_what_did_not_happen_now_is_no_occurrence(flag: str):
    told = wire()
    assert not Grouped([told], [event(told, "PROTEST", [UNION], **{flag: True})], SOURCES).occurrences


def together(one: dict, other: dict) -> bool:
    """Whether two events of one story become one occurrence."""
    first, second = wire(), own_report()
    return len(Grouped([first, second], [event(first, **one), event(second, **other)], SOURCES).occurrences) == 1


def told(event_type: str = "ACCUSE", actors=(COUNCIL,), recipients=(UNION,), **more) -> dict:
    return {"event_type": event_type, "actors": actors, "recipients": recipients, **more}


def test_types_must_be_equal():
    assert not together(told("ACCUSE"), told("THREATEN"))


def test_dates_may_be_a_day_apart_and_the_day_of_the_report_two():
    monday, tuesday, wednesday = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
    assert together(told(on=monday), told(on=tuesday))
    assert not together(told(on=monday), told(on=wednesday))
    assert together(told(on=monday), told(on=wednesday, basis="published"))


def test_named_parties_that_differ_are_two_occurrences():
    assert not together(told(actors=[actor("Ylva Strand", "SWEBUS", "SE")]), told(actors=[UNION]))
    assert not together(told(recipients=[actor("Norway", "NOR", "NO")]), told(recipients=[actor("Kenya", "KEN", "KE")]))


def test_a_government_its_ministers_and_its_country_are_one_party():
    assert together(told(actors=[actor("Ingrid Solheim", "NORGOV", "NO")]), told(actors=[actor("Norway", "NOR", "NO")]))


def test_a_report_that_leaves_a_side_open_joins_the_one_that_names_it():
    assert together(told(), told(recipients=()))


def test_agreements_may_be_told_from_either_side():
    assert together(told("AGREE"), told("AGREE", actors=[UNION], recipients=[COUNCIL]))
    assert not together(told("ACCUSE"), told("ACCUSE", actors=[UNION], recipients=[COUNCIL]))


def test_far_places_are_two_occurrences():
    assert not together(told(place=OSTMARK), told(place=NYHAMN))
    assert together(told(place=OSTMARK), told(place=("Sweden", "SE", 62.0, 15.0)))


def test_without_parties_the_place_must_agree():
    assert together(told("ASSAULT", (), (), place=OSTMARK), told("ASSAULT", (), (), place=OSTMARK))
    assert not together(told("ASSAULT", (), ()), told("ASSAULT", (), ()))


def test_the_same_sentence_of_a_family_is_one_occurrence_even_where_nobody_is_named():
    articles = copies()
    events = [event(a, "ASSAULT", (), ()) for a in articles]
    assert len(Grouped(articles, events, SOURCES).occurrences) == 1


@pytest.mark.parametrize(("place", "count"), [(OSTMARK, 1), (NYHAMN, 2), (None, 2)])
def test_across_stories_everything_told_must_agree(place, count: int):
    dam, bridge = wire(), article("d", BRIDGE, title="Karlsborg bridge shut to lorries", by="post", hours=3)
    events = [event(dam, **told(place=OSTMARK)), event(bridge, **told(place=place))]
    found = Grouped([dam, bridge], events, SOURCES).occurrences
    assert len(found) == count
    assert max(o.story_count for o in found) == (2 if count == 1 else 1)


def test_events_of_other_versions_or_unknown_articles_are_left_out():
    old, new = wire(), wire()
    old.version_id, old.fetched_at = "0" * 16, old.fetched_at.replace(year=2025)
    events = [event(old, "PROTEST", [UNION]), event(own_report(), "PROTEST", [UNION])]
    assert not Grouped([old, new], events, SOURCES).occurrences
