"""Completeness: the estimate from feeds and sitemaps finds the size of populations that are known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from lake_rows import AT, BATCH, article, fetch, link, reject

from pipeline.records import Link
from pipeline.settings import Settings
from pipeline.warehouse import connect as warehouse
from pipeline.warehouse import query

Put = Callable[..., None]
SITEMAP = {"discovered_via": "news_sitemap", "discovered_in": "http://harbour.example/sitemap.xml"}


def listed(feed: range, sitemap: range, **more: Any) -> list[Link]:
    """The feed and the sitemap of a day name articles by number."""
    found = [link(str(n), **more) for n in feed]
    return found + [link(str(n), **{**SITEMAP, **more}) for n in sitemap]


def estimates(cfg: Settings, days: int = 1) -> list[dict[str, Any]]:
    return query.rows(cfg, "FROM completeness WHERE window_days = ? ORDER BY source_id, date", [days])


def test_the_estimate_is_chapmans_and_lies_in_its_interval(cfg: Settings, put: Put) -> None:
    put(BATCH, *listed(range(30), range(20, 60)))
    (row,) = estimates(cfg)
    assert (row["feed_count"], row["sitemap_count"], row["both_count"], row["found_count"]) == (30, 40, 10, 60)
    assert row["estimated_count"] == pytest.approx(31 * 41 / 11 - 1)
    assert row["found_count"] < row["estimated_low"] < row["estimated_count"] < row["estimated_high"]
    assert row["found_share"] == pytest.approx(60 / row["estimated_count"])
    assert row["found_share_low"] < row["found_share"] < row["found_share_high"] < 1


def test_an_overlap_of_less_than_seven_gives_no_estimate(cfg: Settings, put: Put) -> None:
    put(BATCH, *listed(range(20), range(14, 40)))
    (row,) = estimates(cfg)
    assert row["both_count"] == 6
    assert row["estimated_count"] is row["estimated_low"] is row["found_share"] is None
    put(BATCH, *listed(range(20), range(13, 40)))
    assert estimates(cfg)[0]["estimated_count"] is not None


def test_a_sitemap_that_names_all_the_feed_names_still_leaves_room_for_doubt(cfg: Settings, put: Put) -> None:
    put(BATCH, *listed(range(10), range(25)))
    (row,) = estimates(cfg)
    assert row["estimated_count"] == row["estimated_low"] == row["found_count"] == 25
    assert row["estimated_high"] > 30


def test_seven_days_are_estimated_where_one_does_not_suffice(cfg: Settings, put: Put) -> None:
    for day in range(9):
        at = AT + timedelta(days=day)
        put(
            f"{at:%Y-%m-%dT%H}", *listed(range(day * 9, day * 9 + 5), range(day * 9 + 3, day * 9 + 9), discovered_at=at)
        )
    assert {row["estimated_count"] for row in estimates(cfg)} == {None}
    weeks = estimates(cfg, 7)
    assert [row["both_count"] for row in weeks] == [2, 4, 6, 8, 10, 12, 14, 14, 14]
    assert [row["estimated_count"] is not None for row in weeks] == [False] * 3 + [True] * 6


def test_an_article_is_of_the_day_its_lists_say_and_of_the_day_of_discovery_else(cfg: Settings, put: Put) -> None:
    late = AT + timedelta(days=1)
    put(BATCH, link("x"), link("old", published_hint=AT - timedelta(days=40)))
    put("2026-03-03T06", link("a", discovered_at=late, published_hint=AT), link("b", discovered_at=late),
        link("skewed", discovered_at=late, published_hint=late + timedelta(days=3)))  # fmt: skip
    assert [(row["date"], row["found_count"]) for row in estimates(cfg)] == [
        (date(2026, 3, 2), 2),
        (date(2026, 3, 3), 2),
    ]


def test_two_urls_of_one_article_are_one_and_what_is_no_article_is_none(cfg: Settings, put: Put) -> None:
    kept = article("a")
    put(BATCH, link("a"), fetch("a"), kept, link("amp", **SITEMAP), fetch("amp"),
        reject("amp", "duplicate", article_id=kept.article_id), link("section", **SITEMAP), fetch("section"),
        reject("section", "section_front"))  # fmt: skip
    (row,) = estimates(cfg)
    assert (row["feed_count"], row["sitemap_count"], row["both_count"]) == (1, 1, 1)


POPULATIONS = [
    # How many there are, and the chance of each to be in the feed and in the sitemap.
    (40, 0.5, 0.95),
    (60, 0.3, 0.9),
    (60, 0.7, 0.6),
    (200, 0.3, 0.3),
    (500, 0.1, 0.95),
]


def test_the_interval_holds_the_truth_in_nine_of_ten_populations() -> None:
    """A thousand papers of known size, listed by chance: all of it in SQL, the view itself over them."""
    views = {view.name: view.sql for view in warehouse.views()}
    cases = ", ".join(f"({n}, {size}, {p}, {q})" for n, (size, p, q) in enumerate(POPULATIONS))
    with duckdb.connect() as connection:
        connection.execute(f"""
            CREATE TABLE papers AS
            SELECT kind || '-' || paper AS source_id, size, p, q
            FROM (VALUES {cases}) AS population (kind, size, p, q), range(200) AS papers (paper);
            CREATE TABLE links AS
            SELECT source_id, source_id || '/' || n AS url, via AS discovered_via,
                   TIMESTAMPTZ '2026-03-02 06:00:00+00' AS discovered_at, NULL::TIMESTAMPTZ AS published_hint
            FROM papers, range(500) AS articles (n), (VALUES ('feed'), ('sitemap')) AS lists (via)
            WHERE n < size AND hash(source_id || '/' || n || via) / 18446744073709551616.0 < if(via = 'feed', p, q);
            CREATE TABLE ledger (url VARCHAR, article_id VARCHAR, state VARCHAR);
        """)
        connection.execute(views["completeness"])
        held = connection.execute("""
            SELECT split_part(source_id, '-', 1) AS kind, count(*),
                   avg((floor(estimated_low) <= size AND size <= ceil(estimated_high))::INT),
                   avg(estimated_count / size)
            FROM completeness JOIN papers USING (source_id)
            WHERE window_days = 1 AND estimated_count IS NOT NULL
            GROUP BY kind ORDER BY kind
        """).fetchall()
    assert [kind for kind, *_ in held] == [str(n) for n in range(len(POPULATIONS))]
    for kind, count, share, bias in held:
        assert count >= 190, kind
        assert share >= 0.92, POPULATIONS[int(kind)]
        assert 0.97 < bias < 1.03, POPULATIONS[int(kind)]
