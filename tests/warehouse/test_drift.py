"""Drift: a source whose pages change is told on the day it happens, and chance is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from lake_rows import AT, article, reject

from pipeline.records import Record
from pipeline.settings import Settings
from pipeline.warehouse import query

Put = Callable[..., None]


def pages(day: int, count: int, *, source_id: str = "harbour", rejected: int = 0, **more: Any) -> list[Record]:
    """Articles of one day, and pages that became none; what is callable is asked for each article."""
    at = AT + timedelta(days=day)
    rows: list[Record] = []
    for n in range(count):
        name = f"{source_id}-{day}-{n:03}"
        given = {key: value(n) if callable(value) else value for key, value in more.items()}
        rows.append(article(name, source_id=source_id, fetched_at=at, **given))
    rows += [
        reject(f"{source_id}-{day}-r{n}", source_id=source_id, fetch_id=f"fetch-r{day}-{n}", rejected_at=at)
        for n in range(rejected)
    ]
    return rows


def batch(day: int) -> str:
    return f"{AT + timedelta(days=day):%Y-%m-%d}T06"


def alarms(cfg: Settings) -> list[tuple[str, int, str]]:
    rows = query.rows(cfg, "SELECT source_id, day, measure FROM drift ORDER BY ALL")
    return [(row["source_id"], (row["day"] - AT.date()).days, row["measure"]) for row in rows]


def test_the_rates_tell_how_often_each_thing_was_found(cfg: Settings, put: Put) -> None:
    some = pages(
        0, 4, rejected=1, authors=lambda n: ["Ada Quill"] if n else [], word_count=lambda n: 100 * (n + 1),
        extraction_method=lambda n: "json_ld" if n == 3 else "trafilatura",
        published_basis=lambda n: "feed" if n < 2 else "meta",
    )  # fmt: skip
    put(batch(0), *some)
    rows = query.rows(cfg, "SELECT measure, page_count, hit_count, share, median_word_count FROM extraction_rates")
    assert {row["measure"]: (row["page_count"], row["hit_count"], row["share"]) for row in rows} == {
        "articles": (5, 4, 0.8), "title": (4, 4, 1.0), "date": (4, 2, 0.5), "authors": (4, 3, 0.75),
        "method json_ld": (4, 1, 0.25), "method trafilatura": (4, 3, 0.75), "words": (4, None, None),
    }  # fmt: skip
    assert {row["median_word_count"] for row in rows if row["measure"] == "words"} == {250.0}
    [row] = query.rows(cfg, "SELECT * FROM extraction_rates WHERE measure = 'authors'")
    assert row["share_low"] == pytest.approx(0.3006, abs=1e-3)
    assert row["share_high"] == pytest.approx(0.9544, abs=1e-3)
    assert (row["miss_url"][-13:], row["hit_fetch_id"]) == ("harbour-0-000", "fetch-harbour-0-001")


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("authors", {"authors": []}),
    ("title", {"title": None}),
    ("date", {"published_basis": "feed"}),
    ("method trafilatura", {"extraction_method": "json_ld"}),
    ("words", {"word_count": lambda n: 60 + n}),
    ("articles", {"rejected": 9}),
]


@pytest.mark.parametrize(("measure", "change"), CHANGES)
def test_a_change_of_layout_is_told_on_its_day(cfg: Settings, put: Put, measure: str, change: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"word_count": lambda n: 380 + 20 * n}
    for day in range(8):
        put(batch(day), *pages(day, 9, **usual), *pages(day, 9, source_id="courier", **usual))
    put(batch(8), *pages(8, 9, **(usual | change)), *pages(8, 9, source_id="courier", **usual))
    told = alarms(cfg)
    assert ("harbour", 8, measure) in told
    assert {(source, day) for source, day, _ in told} == {("harbour", 8)}


def test_an_alarm_shows_a_page_of_before_and_one_of_after(cfg: Settings, put: Put) -> None:
    for day in range(6):
        put(batch(day), *pages(day, 9, authors=lambda n: ["Ada Quill"] if n else []))
    put(batch(6), *pages(6, 9, authors=[]))
    [row] = query.rows(cfg, "SELECT * FROM drift")
    assert (row["measure"], row["value"], round(row["usual_value"], 2)) == ("authors", 0.0, 0.89)
    assert (row["before_url"][-13:], row["before_fetch_id"]) == ("harbour-5-001", "fetch-harbour-5-001")
    assert (row["after_url"][-13:], row["after_fetch_id"]) == ("harbour-6-000", "fetch-harbour-6-000")
    assert row["deviation"] < -3


def test_what_appears_is_told_as_what_goes(cfg: Settings, put: Put) -> None:
    for day in range(6):
        put(batch(day), *pages(day, 12, authors=[]))
    put(batch(6), *pages(6, 12))
    [row] = query.rows(cfg, "SELECT measure, value, before_url, after_url FROM drift")
    assert (row["measure"], row["value"]) == ("authors", 1.0)
    assert (row["before_url"][-13:], row["after_url"][-13:]) == ("harbour-5-000", "harbour-6-000")


def test_a_change_that_lasts_is_new_once_and_told_until_it_is_usual(cfg: Settings, put: Put) -> None:
    for day in range(30):
        put(batch(day), *pages(day, 10, authors=["Ada Quill"] if day < 10 else []))
    rows = query.rows(cfg, "SELECT day, is_first FROM drift ORDER BY day")
    days = [(row["day"] - AT.date()).days for row in rows]
    assert days[0] == 10
    assert [row["is_first"] for row in rows] == [True] + [False] * (len(rows) - 1)
    assert max(days) < 24


def test_few_pages_and_few_days_tell_nothing(cfg: Settings, put: Put) -> None:
    for day in range(6):
        put(batch(day), *pages(day, 7), *pages(day, 12, source_id="young") if day > 3 else [])
    put(batch(6), *pages(6, 7, authors=[]), *pages(6, 12, source_id="young", authors=[]))
    assert alarms(cfg) == []


def test_chance_raises_no_alarm(cfg: Settings, put: Put) -> None:
    chance = random.Random(4)
    rates = {f"s{n:02}": (chance.uniform(0.3, 1), chance.uniform(0.3, 0.9), chance.randint(8, 40)) for n in range(25)}
    for day in range(20):
        rows: list[Record] = []
        for source, (named, sigma, size) in rates.items():
            rows += pages(
                day,
                chance.randint(size // 2, 2 * size),
                source_id=source,
                rejected=chance.randint(0, 3),
                authors=lambda n, named=named: ["Ada Quill"] if chance.random() < named else [],
                word_count=lambda n, sigma=sigma: int(chance.lognormvariate(6, sigma)),
                extraction_method=lambda n: "json_ld" if chance.random() < 0.1 else "trafilatura",
            )
        put(batch(day), *rows)
    assert alarms(cfg) == []


def test_days_that_always_differ_raise_no_alarm(cfg: Settings, put: Put) -> None:
    chance = random.Random(7)
    for day in range(24):
        # Half of the days have few names, as a paper's weekend does.
        named = 0.35 if day % 2 else 0.85
        put(batch(day), *pages(day, 20, authors=lambda n, named=named: ["A B"] if chance.random() < named else []))
    assert alarms(cfg) == []
