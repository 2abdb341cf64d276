"""Where an article plays: its countries, the one named most first, and the place in each that is named most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lake_rows import article, mention

from pipeline.records import Article, Mention
from pipeline.settings import Settings
from pipeline.warehouse import query

Put = Callable[..., None]


def named(of: Article, start: int, name: str, country: str, precision: str, **more: Any) -> Mention:
    given = {"field": "text", "latitude": 1.0, "longitude": 2.0, **more}
    return mention(
        of, "Lisbon", start=start, end=start + len(name), text=name, entity_name=name, entity_id=name,
        country_code=country or None, place_precision=precision, **given,
    )  # fmt: skip


def test_the_country_named_most_comes_first_and_a_title_counts_for_three(cfg: Settings, put: Put) -> None:
    of = article("harbour-1")
    put(
        "2026-03-02T06",
        of,
        named(of, 0, "Mombasa", "KE", "city", latitude=-4.05),
        named(of, 20, "Nairobi", "KE", "city", latitude=-1.3),
        named(of, 40, "Mombasa", "KE", "city", latitude=-4.05),
        named(of, 0, "Chad", "TD", "country", field="title", latitude=15.0),
        named(of, 60, "Chad", "TD", "country", latitude=15.0),
        named(of, 80, "Asia", "", "land"),
    )
    rows = query.rows(cfg, "SELECT * FROM article_places ORDER BY rank")
    assert [(r["country_code"], r["rank"], r["mention_count"], r["title_count"]) for r in rows] == [
        ("TD", 1, 2, 1),
        ("KE", 2, 3, 0),
    ]
    assert [(r["place_name"], r["latitude"]) for r in rows] == [(None, 15.0), ("Mombasa", -4.05)]


def test_a_person_of_a_country_is_no_place(cfg: Settings, put: Put) -> None:
    of = article("harbour-1")
    one = named(of, 0, "Angela Lindqvist", "SE", "city")
    one.entity_type = "person"
    put("2026-03-02T06", of, one)
    assert query.rows(cfg, "SELECT * FROM article_places") == []
