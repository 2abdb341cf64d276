"""Every URL ends in one state, by the precedence of the design; whatever has no rule is noticed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from lake_rows import AT, BATCH, article, fetch, link, reject, url

from pipeline import schema
from pipeline.errors import ConservationError
from pipeline.records import Record
from pipeline.settings import Settings
from pipeline.warehouse import connect as warehouse
from pipeline.warehouse import conservation

Put = Callable[..., None]
LATER = AT + timedelta(hours=1)
SECOND = "2026-03-02T07"
THIRD = "2026-03-03T06"


def states(cfg: Settings) -> dict[str, tuple[str, str]]:
    """Name of each URL → its state and what decided it."""
    with closing(warehouse.connect(cfg.home)) as connection:
        found = connection.execute("SELECT url, state, reason FROM ledger").fetchall()
    return {u.rsplit("/", 1)[-1]: (state, reason) for u, state, reason in found}


def test_every_outcome_and_reason_has_a_rule(cfg: Settings) -> None:
    with closing(warehouse.connect(cfg.home)) as connection:
        rules = connection.execute("SELECT said_by, value, state FROM url_states").fetchall()
    by_fetch = sorted(v for by, v, _ in rules if by == "fetch")
    by_reject = sorted(v for by, v, _ in rules if by == "reject")
    assert by_fetch == sorted(schema.table("fetches").columns["outcome"].allowed or ())
    assert by_reject == sorted(schema.table("rejects").columns["reason"].allowed or ())
    assert {state for _, _, state in rules} <= {*conservation.STATES, "none"}


def test_the_states_are_those_that_batches_counts() -> None:
    counted = {c.removesuffix("_count") for c in schema.table("batches").columns}
    assert counted >= set(conservation.STATES)


def test_a_url_ends_where_its_page_or_its_answer_put_it(cfg: Settings, put: Put) -> None:
    expected = {
        "stored": [link("stored"), fetch("stored"), article("stored")],
        "paywalled": [link("paywalled"), fetch("paywalled"), reject("paywalled", "paywalled")],
        "not_article": [link("not_article"), fetch("not_article"), reject("not_article", "gallery")],
        "blocked": [link("blocked"), fetch("blocked"), reject("blocked", "bot_wall")],
        "gone": [link("gone"), fetch("gone", outcome="removed")],
        "not_modified": [link("not_modified"), fetch("not_modified", outcome="not_modified")],
        "failed": [link("failed"), fetch("failed", outcome="server_error")],
        "pending": [link("pending")],
    }
    put(BATCH, *(row for rows in expected.values() for row in rows))
    assert {name: state for name, (state, _) in states(cfg).items()} == {name: name for name in expected}
    conservation.check_ledger(cfg)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("robots_disallowed", "blocked"), ("forbidden", "blocked"), ("not_found", "gone"), ("timeout", "failed"),
     ("rate_limited", "failed"), ("unchanged", "not_modified"), ("unsupported_type", "not_article"),
     ("invalid", "failed"), ("fetched", "pending")],
)  # fmt: skip
def test_an_outcome_alone_decides_where_nothing_else_is_known(
    cfg: Settings, put: Put, outcome: str, state: str
) -> None:
    put(BATCH, link("a"), fetch("a", outcome=outcome))
    assert states(cfg) == {"a": (state, outcome)}


def test_once_stored_is_stored_and_a_later_removal_is_a_flag(cfg: Settings, put: Put) -> None:
    put(BATCH, link("a"), fetch("a"), article("a"))
    put(SECOND, fetch("a", fetch_id="2", fetched_at=LATER, outcome="not_found"))
    assert states(cfg) == {"a": ("stored", "published")}
    with closing(warehouse.connect(cfg.home)) as connection:
        row = connection.execute("SELECT is_removed, attempt_count, last_fetched_at FROM ledger").fetchone()
    assert row == (True, 2, LATER)


def test_the_last_attempt_counts(cfg: Settings, put: Put) -> None:
    put(BATCH, link("a"), link("b"), fetch("a", outcome="timeout"), fetch("b", fetch_id="b1", outcome="not_found"))
    put(SECOND, fetch("a", fetch_id="2", fetched_at=LATER, outcome="not_found"))
    put(THIRD, fetch("b", fetch_id="3", fetched_at=LATER, attempt=2, outcome="timeout"))
    assert states(cfg) == {"a": ("gone", "not_found"), "b": ("failed", "timeout")}


def test_what_the_page_was_outranks_a_later_failure(cfg: Settings, put: Put) -> None:
    put(BATCH, link("a"), fetch("a"), reject("a", "paywalled"))
    put(SECOND, fetch("a", fetch_id="2", fetched_at=LATER, outcome="not_modified"))
    assert states(cfg) == {"a": ("paywalled", "paywalled")}


def test_the_newest_page_replaces_an_older_verdict(cfg: Settings, put: Put) -> None:
    put(BATCH, link("a"), fetch("a"), reject("a", "paywalled"))
    put(SECOND, fetch("a", fetch_id="2", fetched_at=LATER), reject("a", "gallery", fetch_id="2", rejected_at=LATER))
    assert states(cfg) == {"a": ("not_article", "gallery")}


def test_of_two_urls_of_an_article_the_canonical_one_owns_it(cfg: Settings, put: Put) -> None:
    amp = article("amp", canonical_url=url("a"), fetched_at=AT - timedelta(hours=1))
    put(BATCH, link("amp"), fetch("amp"), amp)
    assert states(cfg) == {"amp": ("stored", "published")}, "alone it is the only one"
    put(SECOND, link("a"), fetch("a", fetched_at=LATER), article("a", fetched_at=LATER))
    assert states(cfg) == {"amp": ("duplicate", "duplicate"), "a": ("stored", "published")}


def test_without_the_canonical_url_the_first_fetched_owns_it(cfg: Settings, put: Put) -> None:
    for name, at in (("z", AT), ("b", LATER), ("a", LATER)):
        put(f"2026-03-02T0{name}", link(name), fetch(name), article(name, canonical_url=url("x"), fetched_at=at))
    assert {name: state for name, (state, _) in states(cfg).items()} == {
        "z": "stored", "a": "duplicate", "b": "duplicate",
    }  # fmt: skip


def test_a_duplicate_within_a_batch_is_a_duplicate(cfg: Settings, put: Put) -> None:
    kept = article("a")
    copy = reject("print", "duplicate", article_id=kept.article_id)
    put(BATCH, link("a"), fetch("a"), kept, link("print"), fetch("print"), copy)
    assert states(cfg) == {"a": ("stored", "published"), "print": ("duplicate", "duplicate")}


def test_a_duplicate_of_what_was_never_published_failed(cfg: Settings, put: Put) -> None:
    put(BATCH, link("print"), fetch("print"), reject("print", "duplicate", article_id="f" * 16))
    assert states(cfg) == {"print": ("failed", "duplicate")}


def test_what_validation_rejected_failed_and_a_rejected_mention_says_nothing(cfg: Settings, put: Put) -> None:
    def validated(name: str, table: str) -> Record:
        return reject(name, "expectation_failed", step="validate", table_name=table)

    put(
        BATCH,
        link("a"), fetch("a"), validated("a", "articles"),
        link("b"), fetch("b"), article("b"), validated("b", "mentions"),
        validated("c", "links"),
        link("d"), validated("d", "fetches"),
    )  # fmt: skip
    failed = ("failed", "expectation_failed")
    assert states(cfg) == {"a": failed, "b": ("stored", "published"), "c": failed, "d": failed}


def test_an_invalid_url_counts_as_it_stood(cfg: Settings, put: Put) -> None:
    put(BATCH, reject("javascript:void(0)", "invalid_url", step="discover", url="javascript:void(0)", fetch_id=None))
    put(SECOND, reject("feed.xml", "malformed_feed", step="discover"))
    assert states(cfg) == {"javascript:void(0)": ("failed", "invalid_url")}


def test_feeds_and_sitemaps_are_no_urls_of_the_ledger(cfg: Settings, put: Put) -> None:
    put(BATCH, fetch("feed.xml", kind="feed"), fetch("robots.txt", kind="robots", outcome="not_found"))
    assert states(cfg) == {}


def test_a_url_belongs_to_the_source_and_day_of_its_first_discovery(cfg: Settings, put: Put) -> None:
    put(THIRD, link("a", source_id="late", discovered_at=AT + timedelta(days=1)))
    put(BATCH, link("a", source_id="early"), fetch("a"))
    with closing(warehouse.connect(cfg.home)) as connection:
        row = connection.execute("SELECT source_id, day, first_seen_at FROM ledger").fetchone()
        funnel = connection.execute("SELECT day, source_id, url_count, pending_count FROM funnel").fetchall()
    assert row == ("early", date(2026, 3, 2), AT)
    assert funnel == [(date(2026, 3, 2), "early", 1, 1)]


def test_a_url_without_a_rule_breaks_the_check(cfg: Settings, put: Put) -> None:
    put(BATCH, link("a"), fetch("a", outcome="teapot"))
    assert states(cfg)["a"][0] is None
    with pytest.raises(ConservationError, match=r"a rule is missing.*harbour\.example/a, teapot"):
        conservation.check_ledger(cfg)


def test_the_counts_of_a_batch_are_those_of_its_own_files(cfg: Settings, put: Put) -> None:
    put(BATCH, link("a"), fetch("a"), article("a"))
    put(SECOND, link("a"), fetch("a", fetch_id="2", fetched_at=LATER, outcome="not_modified"), link("b"))
    files: dict[str, list[Path]] = {
        t: [cfg.lake / t / "day=2026-03-02" / f"{SECOND}.parquet"] for t in ("links", "fetches")
    }
    counts = conservation.batch_counts(files)
    assert {k: v for k, v in counts.items() if v} == {"url_count": 2, "not_modified_count": 1, "pending_count": 1}
    assert set(counts) == {"url_count", *(f"{s}_count" for s in conservation.STATES)}
