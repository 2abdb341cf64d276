"""Places: which one of a name is meant, where it is, how near and how sure that is."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract import tag
from pipeline.extract.locate import Surroundings, locate
from pipeline.extract.mentions import read_article
from pipeline.extract.places import key, lookup, stem


def placed(text: str) -> dict[str, Any]:
    return {m["text"]: m for m in tag(text)["mentions"] if m["latitude"] is not None}


def spot(name: str, behind: str | None = None, *countries: str) -> tuple[str, str | None]:
    found = locate(name, behind, Surroundings(Counter(countries)))
    assert found is not None
    return found.precision, found.country


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Ninewa province", "Nineveh"),
        ("Deir Ezzor", "Deir ez-Zor"),
        ("São Paulo", "sao paulo"),
        ("Anhui", "Anhui Sheng"),
    ],
)
def test_a_place_is_found_under_its_other_names(name: str, others: str) -> None:
    assert {p.country for p in lookup(name)} & {p.country for p in lookup(others)}


def test_the_word_for_what_sort_of_place_it_is_is_no_part_of_its_name() -> None:
    assert stem("Ninewa province") == stem("Province of Ninewa") == "Ninewa"
    assert stem("Province") == "Province"


@given(st.text(max_size=30))
def test_any_name_has_a_key_and_can_be_looked_up(name: str) -> None:
    assert 0 <= key(name) < 2**32
    assert isinstance(lookup(name), tuple)


def test_the_biggest_is_meant_where_nothing_else_is_said() -> None:
    assert spot("Paris") == ("city", "FR")
    assert spot("Birmingham") == ("city", "GB")


def test_the_one_whose_province_or_country_stands_behind_is_meant() -> None:
    assert spot("Paris", "Texas") == ("city", "US")
    assert spot("Birmingham", "Alabama") == ("city", "US")
    assert spot("Valencia", "Venezuela") == ("city", "VE")


def test_the_one_in_a_country_that_the_article_speaks_of_is_meant() -> None:
    assert spot("Tripoli", None, "LB", "LB") == ("city", "LB")
    assert spot("Tripoli", None, "LY", "LY") == ("city", "LY")


def test_a_name_of_many_places_is_less_sure_than_one_of_a_single_place() -> None:
    many, one = (
        locate("Springfield", None, Surroundings(Counter())),
        locate("Ulaanbaatar", None, Surroundings(Counter())),
    )
    assert many is not None
    assert one is not None
    assert many.confidence < 0.5 < one.confidence == 1.0


def test_countries_lands_and_peoples_stand_in_the_middle_of_theirs() -> None:
    found = placed("Kenya and the Kenyan army left Crimea for Antarctica, Brazil said.")
    assert (found["Kenya"]["latitude"], found["Kenya"]["longitude"]) == (1.0, 38.0)
    assert found["Kenyan"]["latitude"] == 1.0
    assert found["Kenyan"]["place_precision"] == "country"
    assert found["Crimea"]["place_precision"] == "land"


def test_georgia_is_where_the_rest_of_the_article_is() -> None:
    assert (
        placed("Voters in Georgia, Alabama and Texas went to the polls, the United States said.")["Georgia"][
            "country_code"
        ]
        == "US"
    )
    assert placed("Georgia and Armenia signed a treaty in Tbilisi on Monday.")["Georgia"]["country_code"] == "GE"


def test_a_capital_that_speaks_is_its_government_and_a_capital_where_something_happens_is_not() -> None:
    found = {m["text"]: m for m in tag("Nairobi accused the rebels of lying. A bus crashed in Kampala.")["mentions"]}
    assert found["Nairobi"]["is_metonym"] is True
    assert found["Kampala"]["is_metonym"] is False
    assert found["Nairobi"]["country_code"] == "KE"


def test_a_paper_speaks_of_places_in_its_own_country() -> None:
    text = {"text": "A fire destroyed a bakery in Wellington on Monday, police said."}

    def country(home: str | None) -> str | None:
        return next(m.country for m in read_article(text, "en", home=home)[0].mentions if m.text == "Wellington")

    assert (country("NZ"), country("GB"), country("ZA")) == ("NZ", "GB", "ZA")
