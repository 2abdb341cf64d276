"""Mentions: names found, typed, resolved, and where they stand."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_articles import article, mentions, named, rows

from pipeline.errors import ConfigurationError
from pipeline.extract import as_html, extract, tag
from pipeline.extract.nlp import model_for
from pipeline.ids import entity_id
from pipeline.records import Event, Mention, Reject

PIECES = [
    "Mr. Okoro met Angela Lindqvist in Nairobi.",
    "Police arrested three men on Monday.",
    "🚢🇰🇪",
    "e\u0301tat\u0301",
    "é",
    "\u200f",
    "وقعت مصر والأردن اتفاقا في القاهرة.",
    "中国和法国在北京会谈。",
    "\r\n",
    "\n\n",
    "   ",
    "\t",
    "«",
    "»",
    "“",
    "”",
    "'",
    "’s",
    "U.S.",
    "NATO",
    "the Ministry of Trade and Industry",
    "Côte d’Ivoire",
    "N'Djamena",
    "al-Shabaab",
    "\u00a0",
    "\u2028",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "A",
    ".",
    "—",
    "\x00",
    "France and Germany signed an agreement",
    "BAMAKO, March 2 -",
    "שלום",
    "ﷺ",
    "\ufeff",
    "ß",
    "İstanbul",
    "Ǆ",
]


def check(text: str, title: str | None, found: dict[str, Any]) -> None:
    given = {"text": text, "title": title or ""}
    taken: dict[str, list[tuple[int, int]]] = {"text": [], "title": []}
    for m in found["mentions"]:
        assert given[m["field"]][m["start"] : m["end"]] == m["text"] != ""
        taken[m["field"]].append((m["start"], m["end"]))
    for spans in taken.values():
        spans.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
    for e in found["events"]:
        words = given[e["field"]]
        assert words[e["trigger_start"] : e["trigger_end"]] == e["trigger_text"] != ""
        assert words[e["sentence_start"] :].startswith(e["quote"])
        for side in (*e["actors"], *e["recipients"]):
            assert words[side["start"] : side["end"]] == side["text"] != ""
        assert e["actors"] or e["recipients"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=12).map(" ".join))
def test_offsets_are_right_in_any_text(text: str) -> None:
    check(text, text[::-1], tag(text, text[::-1]))


def test_offsets_count_in_the_text_exactly_as_given() -> None:
    text = "  \r\n\r\n👩‍🚒 Police in Peru arrested Ernesto Vidal.\r\nHe lives in Lima.\r\n"
    found = tag(text, "\tPolice arrest Vidal ")
    check(text, "\tPolice arrest Vidal ", found)
    assert {"Peru", "Ernesto Vidal", "Lima"} <= {m["text"] for m in found["mentions"]}
    assert [e["event_type"] for e in found["events"] if e["field"] == "text"] == ["COERCE"]


def test_tag_gives_the_tables_keys_and_no_dates_it_does_not_know() -> None:
    found = tag("Police arrested Ernesto Vidal in Lima.")
    mention_keys = set(Mention.__dataclass_fields__) - {"batch_id", "TABLE"}
    event_keys = set(Event.__dataclass_fields__) - {"batch_id", "TABLE"}
    assert set(found["mentions"][0]) == mention_keys
    assert set(found["events"][0]) == event_keys
    assert found["events"][0]["event_date"] is None


def test_an_article_without_words_is_a_reject_and_not_an_exception() -> None:
    (reject,) = rows(" \n ")
    assert isinstance(reject, Reject)
    assert (reject.step, reject.reason) == ("extract", "no_text")


def test_a_model_that_is_not_installed_is_one_clear_line() -> None:
    with pytest.raises(ConfigurationError, match="no_such_pipeline"):
        list(extract([article("Angela Lindqvist left.")], model="no_such_pipeline"))


def test_people_organisations_and_places_are_told_apart() -> None:
    found = named(
        "Foreign Minister Angela Lindqvist visited Kenya on Monday. The Harbour Workers' Union and the Ministry of "
        "Trade and Industry wrote to the World Food Programme. The company Solmar Freight sent a ship to the Orrin "
        "River near Mombasa."
    )
    assert found["Angela Lindqvist"] == "person"
    assert found["Kenya"] == found["Mombasa"] == found["Orrin River"] == "location"
    assert found["Harbour Workers' Union"] == found["Ministry of Trade and Industry"] == "organization"
    assert found["World Food Programme"] == found["Solmar Freight"] == "organization"
    assert "Monday" not in found


def test_words_that_open_a_sentence_are_no_names() -> None:
    found = mentions("Yesterday it rained. Meanwhile, Reading is fun. Most people like Nice weather. Of course.")
    assert {m.text for m in found if m.confidence > 0.5} == set()


@pytest.mark.parametrize(
    ("text", "country"),
    [
        (
            "Togo's opposition insisted on Sunday that the ruling party drop its objections to a transition council.",
            "TG",
        ),
        ("Sri Lankan and Maldivian trade officials haggled over tuna quotas until Friday.", "LK"),
        ("After Rabat pleaded with the junta in Ouagadougou, four mechanics were let out of a villa there.", "MA"),
    ],
)
def test_countries_peoples_and_capitals_are_no_persons(text: str, country: str) -> None:
    first = mentions(text)[0]
    assert (first.entity_type != "person", first.country_code) == (True, country)


def test_who_has_a_country_beside_his_name_stays_a_person() -> None:
    text = "Michael Jordan scored forty points in Chicago, and Jordan would not say how."
    assert {m.entity_type for m in mentions(text) if m.text.endswith("Jordan")} == {"person"}


@pytest.mark.parametrize(
    ("name", "country"), [("Peshmerga", "IQ"), ("Rapid Support Forces", "SD"), ("Wagner Group", "RU")]
)
def test_a_known_force_has_its_country(name: str, country: str) -> None:
    assert (
        next(m.country_code for m in mentions(f"Washington praised the {name} on Sunday.") if name in m.text) == country
    )


def test_places_carry_country_coordinates_and_a_geonames_id() -> None:
    (city,) = [m for m in mentions("The train stopped in Nairobi.") if m.text == "Nairobi"]
    assert (city.country_code, city.geonames_id) == ("KE", 184745)
    assert city.latitude == pytest.approx(-1.28, abs=0.1)
    (country,) = [m for m in mentions("The train crossed the U.S. at night.") if m.text == "U.S."]
    assert (country.entity_name, country.country_code) == ("United States", "US")


def test_a_word_that_is_hardly_a_name_shows_in_the_confidence() -> None:
    def sure(text: str) -> float:
        return max((m.confidence for m in mentions(text) if m.text == "Reading"), default=0.0)

    assert sure("He works in Reading, near London.") > 0.9 > 0.6 > sure("He said Reading was his hobby.")


def test_a_surname_is_resolved_by_the_full_name_elsewhere() -> None:
    found = mentions("Leopoldo Vargas spoke first. Later Vargas left.", title="Vargas leaves hall")
    short = [m for m in found if m.text == "Vargas"]
    assert len(short) == 2
    assert {m.method for m in short} == {"coreference"}
    assert {m.entity_name for m in short} == {"Leopoldo Vargas"}
    assert {m.entity_id for m in short} == {entity_id("Leopoldo Vargas", "person")}


def test_a_surname_of_two_people_is_joined_to_neither() -> None:
    found = mentions("Leopoldo Vargas met his sister Carmen Vargas. Then Vargas left the hall.")
    assert [m.entity_name for m in found if m.text == "Vargas"] == ["Vargas"]
    assert "coreference" not in {m.method for m in found}


def test_two_spellings_of_one_person_are_one() -> None:
    found = mentions("Robert T. Ellery spoke. Robert Ellery was applauded, and Ellery bowed.")
    assert {m.entity_name for m in found} == {"Robert T. Ellery"}


def test_an_acronym_stands_for_the_name_it_abbreviates() -> None:
    found = mentions("The Coastal Fishers Federation (CFF) met. The CFF was angry.")
    assert {m.entity_name for m in found if m.text == "CFF"} == {"Coastal Fishers Federation"}


def test_a_surname_that_is_also_a_city_is_the_person_in_an_article_about_one() -> None:
    found = mentions("Harold Jackson spoke in Ohio. Then Jackson left.")
    assert [m.entity_type for m in found if m.text == "Jackson"] == ["person"]


def test_a_headline_in_capitals_gives_only_known_names() -> None:
    found = mentions("Angela Lindqvist came to Kenya.", title="Minister Lindqvist Visits Kenya For Three Days Of Talks")
    assert {m.text for m in found if m.field == "title"} == {"Lindqvist", "Kenya"}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "es",
            "La ministra Ana Beltrán llegó a Marruecos y después a Sevilla.",
            {"Ana Beltrán": "person", "Marruecos": "location"},
        ),
        ("fr", "Le ministère a reçu Jean Aubry au Sénégal.", {"Jean Aubry": "person", "Sénégal": "location"}),
        ("de", "Der Kapitän Jens Krohn fuhr nach Österreich.", {"Jens Krohn": "person", "Österreich": "location"}),
        ("ar", "وصل الوزير إلى مصر وفرنسا.", {"مصر": "location", "فرنسا": "location"}),
        ("zh", "法国总统访问北京。", {"法国": "location", "北京": "location"}),
    ],
)
def test_other_languages_have_names_and_no_events(language: str, text: str, expected: dict[str, str]) -> None:
    found = rows(text, language=language)
    assert all(isinstance(r, Mention) for r in found)
    assert expected.items() <= {r.text: r.entity_type for r in found if isinstance(r, Mention)}.items()


def test_the_same_article_gives_the_same_rows() -> None:
    text = "France and Germany signed an agreement in Paris. Angela Lindqvist praised Kenya."
    assert rows(text) == rows(text)


def test_an_installed_spacy_pipeline_gives_the_names_instead_of_the_patterns(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "PERSON", "pattern": "Zibbo Quandry"},
            {"label": "NORP", "pattern": "Wendlanders"},
            {"label": "LAW", "pattern": "the Bridge Act"},
            {"label": "MONEY", "pattern": "nine crowns"},
        ]
    )
    nlp.to_disk(tmp_path / "ruled")
    text = "  Zibbo Quandry told the Wendlanders that the Bridge Act cost nine crowns. Angela Lindqvist left Kenya."
    found = {m["text"]: (m["entity_type"], m["method"]) for m in tag(text, model=str(tmp_path / "ruled"))["mentions"]}
    assert found["Zibbo Quandry"] == ("person", "model")
    assert found["Wendlanders"] == ("group", "model")
    assert found["the Bridge Act"] == ("work", "model")
    assert found["Kenya"] == ("location", "gazetteer")
    assert "nine crowns" not in found
    assert "Angela Lindqvist" not in found


@pytest.mark.parametrize(
    ("language", "text", "word", "country"),
    [
        ("es", "Las tropas rusas salieron de la ciudad.", "rusas", "RU"),
        ("fr", "Le gouvernement turc a protesté.", "turc", "TR"),
        ("de", "Die polnische Regierung lehnte ab.", "polnische", "PL"),
        ("it", "Il ministro francese è arrivato.", "francese", "FR"),
        ("ru", "Немецкие компании ушли.", "Немецкие", "DE"),
    ],
)
def test_peoples_are_known_in_other_languages(language: str, text: str, word: str, country: str) -> None:
    found = {m.text: m for m in rows(text, language=language) if isinstance(m, Mention)}
    assert (found[word].entity_type, found[word].country_code) == ("group", country)
    assert found[word].method == "gazetteer"


def test_a_pipeline_is_named_for_each_language_or_for_its_own(tmp_path: Path) -> None:
    for language in ("en", "de", "xx"):
        spacy.blank(language).to_disk(tmp_path / language)
    named_ = f"en={tmp_path / 'en'}, de={tmp_path / 'de'}"
    assert model_for(named_, "de") == str(tmp_path / "de")
    assert model_for(named_, "fr") is None
    assert model_for(str(tmp_path / "en"), "en") == str(tmp_path / "en")
    assert model_for(str(tmp_path / "en"), "de") is None
    assert model_for(str(tmp_path / "xx"), "de") == str(tmp_path / "xx")
    assert model_for(None, "en") is None


def test_a_page_shows_the_entities_where_they_stand() -> None:
    text = "Secretary of State Angela Lindqvist flew to Kenya & <Uganda>."
    page = as_html(text, tag(text))
    assert "Angela Lindqvist" in page
    assert "person · Secretary of State" in page
    assert "&lt;" in page


def test_roles_stand_before_a_name_or_between_commas_behind_it() -> None:
    found = {
        m.text: m.role for m in mentions("Police chief Angela Lindqvist met Daniel Otieno, the mayor of Gao, there.")
    }
    assert found["Angela Lindqvist"] == "Police chief"
    assert found["Daniel Otieno"] == "mayor of Gao"
