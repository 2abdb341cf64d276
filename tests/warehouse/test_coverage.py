"""Coverage: every registered source has its row on each day that collected, beside what was to be expected of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from lake_rows import AT, article, fetch, link

from pipeline.records import Fetch, Record, Source
from pipeline.settings import Settings
from pipeline.warehouse import query

Put = Callable[..., None]
FEED = "http://harbour.example/feed.xml"


def source(source_id: str = "harbour", **more: Any) -> Source:
    return Source(source_id=source_id, name=source_id, agency=False, **more)


def found(day: int, *names: str, source_id: str = "harbour") -> list[Record]:
    """Articles found and published on a day, counted from the first."""
    at = AT + timedelta(days=day)
    rows: list[Record] = []
    for name in names:
        rows += [
            link(name, discovered_at=at, source_id=source_id),
            fetch(name, fetched_at=at, source_id=source_id),
            article(name, fetched_at=at, source_id=source_id),
        ]
    return rows


def poll(day: int, hour: int = 0, outcome: str = "fetched", **more: Any) -> Fetch:
    at = AT + timedelta(days=day, hours=hour)
    given: dict[str, Any] = {"fetch_id": f"poll-{at:%dT%H}", "url": FEED, "kind": "feed", "fetched_at": at}
    return fetch("feed.xml", outcome=outcome, **(given | more))


def batch(day: int, hour: int = 6) -> str:
    return f"{AT + timedelta(days=day):%Y-%m-%d}T{hour:02d}"


def signals(cfg: Settings, columns: str = "signal") -> list[tuple[Any, ...]]:
    """Source, day counted from the first, and the columns, in that order."""
    rows = query.rows(cfg, f"SELECT source_id, day, {columns} FROM coverage ORDER BY ALL")
    return [(r.pop("source_id"), (r.pop("day") - AT.date()).days, *r.values()) for r in rows]


def test_a_source_that_gave_no_row_at_all_has_its_row(cfg: Settings, put: Put) -> None:
    put(batch(0), source(volume_low=5), source("courier"), *found(0, "a", source_id="courier"))
    put(batch(1), source(volume_low=5), source("courier"))
    assert signals(cfg, "signal, url_count, article_count, listing_count") == [
        ("courier", 0, "unknown", 1, 1, 0), ("courier", 1, "unknown", 0, 0, 0),
        ("harbour", 0, "silent", 0, 0, 0), ("harbour", 1, "silent", 0, 0, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("count", "band", "signal"),
    [(0, (2, 4), "silent"), (1, (2, 4), "low"), (2, (2, 4), "ok"), (4, (2, 4), "ok"), (5, (2, 4), "high"),
     (0, (0, 4), "ok"), (0, (None, 4), "ok"), (9, (None, 4), "high"), (9, (2, None), "ok"),
     (3, (None, None), "unknown")],
)  # fmt: skip
def test_a_day_is_judged_by_the_registered_band(
    cfg: Settings, put: Put, count: int, band: tuple[int | None, int | None], signal: str
) -> None:
    low, high = band
    put(batch(0), source())
    put(batch(1), source(volume_low=low, volume_high=high), *found(1, *map(str, range(count))))
    put(batch(2), source())  # so that the day is over
    assert signals(cfg)[1] == ("harbour", 1, signal)


def test_more_than_expected_on_the_first_day_says_nothing(cfg: Settings, put: Put) -> None:
    put(batch(0), source(volume_low=1, volume_high=2), *found(0, *"abcdef"))
    put(batch(1), source(volume_low=1, volume_high=2), *found(1, *"ghijkl"))
    put(batch(2), source())
    assert [signal for _, _, signal in signals(cfg)][:2] == ["unknown", "high"]


def test_without_a_band_a_source_is_judged_by_its_own_days_before(cfg: Settings, put: Put) -> None:
    counts = [6, 6, 7, 5, 6, 0, 1, 30, 6, 6]
    for day, count in enumerate(counts):
        put(batch(day), source(), *found(day, *(f"{day}-{n}" for n in range(count))))
    told = signals(cfg, "signal, usual_count, expected_low, expected_high, expected_basis")
    assert [row[2] for row in told] == ["unknown"] * 5 + ["silent", "low", "high", "ok", "ok"]
    assert told[4][3:] == (None, None, None, None), "four days are too few"
    assert told[5][3:] == (6.0, 2, 18, "history")


def test_a_source_that_is_often_silent_is_not_told_so(cfg: Settings, put: Put) -> None:
    for day, count in enumerate([0, 1, 0, 0, 1, 0, 0, 0]):
        put(batch(day), source(), *found(day, *(f"{day}-{n}" for n in range(count))))
    assert signals(cfg)[6] == ("harbour", 6, "ok")


def test_of_the_newest_day_no_more_is_expected_than_has_passed(cfg: Settings, put: Put) -> None:
    put(batch(0, 1), source(volume_low=8))
    assert signals(cfg, "signal, round(day_share, 3)") == [("harbour", 0, "ok", 0.042)]
    put(batch(0, 6), source(volume_low=8), *found(0, "a"))
    assert signals(cfg, "signal, day_share") == [("harbour", 0, "low", 0.25)]
    put(batch(0, 7), source(volume_low=8), link("b"))
    assert signals(cfg, "signal, pending_count") == [("harbour", 0, "ok", 1)], "what waits may become an article"
    put(batch(1, 0), source(volume_low=8))
    assert signals(cfg) == [("harbour", 0, "low"), ("harbour", 1, "ok")], "now the first day is over"


def test_the_band_of_the_day_is_the_last_one_registered(cfg: Settings, put: Put) -> None:
    put(batch(0, 6), source(volume_low=1))
    put(batch(0, 12), source(volume_low=9, volume_high=20))
    assert signals(cfg, "expected_low, expected_high") == [("harbour", 0, 9, 20)]


def test_an_ingest_says_nothing_of_a_sources_silence(cfg: Settings, put: Put) -> None:
    put(batch(0), source(volume_low=5))
    put("ingest-0", source(volume_low=5), *found(0, "a"), day=batch(0)[:10])
    put("ingest-2", source(volume_low=5), source("courier"), *found(2, "b"), day=batch(2)[:10])
    put(batch(1), source("sun"))
    assert signals(cfg, "signal, article_count") == [
        ("harbour", 0, "low", 1), ("harbour", 2, "unknown", 1), ("sun", 1, "unknown", 0),
    ]  # fmt: skip


def test_a_feed_whose_window_rolled_over_between_two_polls_says_so(cfg: Settings, put: Put) -> None:
    put(batch(0), source(), poll(0, entry_count=20, known_entry_count=0))
    put(
        batch(1),
        source(),
        poll(1, entry_count=20, known_entry_count=1),
        poll(1, 5, entry_count=20, known_entry_count=0),
    )
    put(batch(2), source(), poll(2, entry_count=0, known_entry_count=0))
    put(batch(3), source(), poll(3))  # a row from before there were such columns
    assert signals(cfg, "missed_listing_count, listing_count, poll_count") == [
        ("harbour", 0, 0, 1, 1), ("harbour", 1, 1, 1, 1), ("harbour", 2, 0, 1, 1), ("harbour", 3, 0, 1, 1),
    ], "the first reading of a feed knows nothing, and an empty one misses nothing"  # fmt: skip


def test_a_feed_that_fails_all_day_is_failing_and_one_that_recovers_is_not(cfg: Settings, put: Put) -> None:
    put(batch(0, 6), source(), poll(0, outcome="server_error"))
    put(batch(0, 7), source(), poll(0, 1, outcome="timeout"), poll(0, 2, attempt=2))
    put(batch(1), source(), poll(1, outcome="not_modified"), poll(1, 1, "not_found", url=FEED + "2"))
    assert signals(cfg, "listing_count, failing_listing_count, poll_count, failed_poll_count") == [
        ("harbour", 0, 1, 0, 2, 1), ("harbour", 1, 2, 1, 2, 1),
    ]  # fmt: skip
