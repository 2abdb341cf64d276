"""Topics: what an article is about, by IPTC's codes. The texts are invented."""

from __future__ import annotations

import pytest
from invented_articles import article, events

from pipeline.extract import extract, tag
from pipeline.extract.topics import topics
from pipeline.records import Article
from pipeline.schema import ontology

TEXTS = {
    "sport": "The striker scored twice as the visitors beat the league leaders 3-1, and the coach praised the defence.",
    "politics": "The senator told voters in Iowa that she would run for president; her party led the polls.",
    "health": "Doctors at the hospital said the virus had spread and that patients need the new vaccine.",
    "economy, business and finance": "Shares fell and the dollar slid as investors feared inflation and weak growth.",
    "weather": "Forecasters expect thunderstorms with heavy rain and gusts of wind; temperatures fall to nine degrees.",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_main_topic_comes_first_with_its_score(name: str) -> None:
    found = topics(None, TEXTS[name])
    assert found[0].name == name
    assert 0 < (found[0].score or 0) <= 1


def test_codes_are_those_of_the_ontology() -> None:
    listed = ontology("media_topics")["topics"]
    codes = [t.code for text in TEXTS.values() for t in topics(None, text)]
    assert codes
    assert all(code is not None and code.removeprefix("medtop:") in listed for code in codes)


def test_articles_carry_their_topics_and_the_main_one_in_columns_of_its_own() -> None:
    (found,) = (row for row in extract([article(TEXTS["sport"] * 3)]) if isinstance(row, Article))
    assert (found.topic, found.topic_score) == ("sport", found.topics[0].score)
    assert tag(TEXTS["sport"])["topics"][0]["name"] == "sport"


def test_other_languages_have_none() -> None:
    (found,) = (
        row for row in extract([article("Der Stürmer traf zweimal.", language="de")]) if isinstance(row, Article)
    )
    assert (found.topic, found.topics) == (None, [])


def test_a_text_of_unknown_words_has_none() -> None:
    assert topics("", "xqzv vvkrt") == []


def test_an_article_about_sport_has_no_events() -> None:
    told = "Rovers attacked Albion from the kick-off and the striker scored twice in the league match. "
    assert events(told * 2, title="Rovers sink Albion") == []
