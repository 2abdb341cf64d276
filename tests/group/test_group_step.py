"""The whole room: pure, and indifferent to the order of what comes in."""

from __future__ import annotations

import random

from group_building import BRIDGE, DAM, DAM_ELSEWHERE, Grouped, actor, article, event, prose, source
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import Family, Occurrence, OccurrenceEvent, Story, StoryTitle

SOURCES = [source("wire", agency=True), source("p1", owner="One"), source("p2", owner="One")]


def corpus() -> tuple[list, list]:
    texts = [DAM, DAM[:700], "After all. " + DAM[200:], DAM_ELSEWHERE, BRIDGE, BRIDGE[:400] + prose(5, 30)]
    texts += [prose(n % 6, 120) + prose(n, 60) for n in range(14)]
    articles = [
        article(f"{n}", text, title=text[:40], by=["wire", "p1", "p2", "p3"][n % 4], hours=7 * n % 90)
        for n, text in enumerate(texts)
    ]
    articles.append(article("0", DAM + "\n\nCorrected.", title="Dam", by="wire", fetched_hours=100))
    people = [actor("Ada Berg", "SWEGOV", "SE"), actor("Union", "SWELAB", "SE"), actor("Sweden", "SWE", "SE")]
    rng = random.Random(4)
    events = [
        event(a, rng.choice(["ACCUSE", "AGREE"]), rng.sample(people, rng.randint(0, 2)), rng.sample(people, 1), start=s)
        for a in articles
        for s in (0, 40)
    ]
    return articles, events


@settings(max_examples=12, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(rng):
    articles, events = corpus()
    expected = Grouped(articles, events, SOURCES).records
    rng.shuffle(articles)
    rng.shuffle(events)
    assert Grouped(articles, events, SOURCES).records == expected


def test_rows_given_twice_count_once():
    articles, events = corpus()
    assert Grouped(articles * 2, events * 2, SOURCES).records == Grouped(articles, events, SOURCES).records


def test_streams_are_enough_and_tables_come_one_after_the_other():
    articles, events = corpus()
    found = Grouped(iter(articles), iter(events), SOURCES)
    tables = [type(r) for r in found.records]
    rank = {Family: 0, Story: 1, StoryTitle: 2, Occurrence: 3, OccurrenceEvent: 3}
    assert [rank[t] for t in tables] == sorted(rank[t] for t in tables)
    assert len(found.families) == len(found.stories) == len({a.article_id for a in articles})


def test_counts_and_keys_hold_together():
    articles, events = corpus()
    found = Grouped(articles, events, SOURCES)
    assert {f.family_id for f in found.families.values()} == {
        f.article_id for f in found.families.values() if f.role == "original"
    }
    for family in found.families.values():
        assert found.stories[family.article_id].story_id == found.stories[family.family_id].story_id
    joined = [j.event_id for j in found.joins]
    assert len(joined) == len(set(joined)) == sum(o.event_count for o in found.occurrences)
    for o in found.occurrences:
        assert 1 <= o.independent_source_count <= o.source_count <= o.article_count <= o.event_count
        assert o.independent_source_count <= o.family_count <= o.article_count


def test_nothing_in_is_nothing_out():
    assert Grouped([]).records == []


def test_texts_without_a_single_word_do_no_harm():
    odd = [article("a", "…", title=None), article("b", "…", title="", by="echo"), article("c", "x", by="post")]
    found = Grouped(odd)
    assert len({f.family_id for f in found.families.values()}) == 3
    assert len(found.titles) == 3
