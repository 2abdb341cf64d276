"""Groups of a long time: every story has its one title, whatever the order in which batches came."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch import Batch, group, run
from pipeline.errors import StoreError
from pipeline.lake import publish, store
from pipeline.records import Article, Event, Record
from pipeline.records import Batch as BatchRow
from pipeline.settings import Settings, load
from pipeline.warehouse import conservation, query
from tests.group.group_building import BRIDGE, DAM, DAM_ELSEWHERE, actor, article, event, prose

HOURS = [*range(1, 24 * 12, 8)]
"""Twelve days of reports."""


def reports(hour: int) -> tuple[list[Article], list[Event]]:
    """What came at an hour: a story that never ends, one that was over in two days, a copy, and something else."""
    rng = random.Random(hour)
    paragraphs = rng.sample([*DAM.split("\n\n"), *DAM_ELSEWHERE.split("\n\n")], 4)
    of_dam = article(f"dam/{hour}", "\n\n".join([*paragraphs, prose(hour, 50)]), title="The Hollen dam", hours=hour)
    copy = article(f"copy/{hour}", of_dam.text, title="Dam", by="herald", hours=hour + rng.randint(1, 100))
    copy.fetched_at = of_dam.fetched_at
    made = [of_dam, copy, article(f"else/{hour}", prose(1000 + hour), title=f"Else {hour}", hours=hour)]
    if 150 < hour < 190:
        made.append(article(f"bridge/{hour}", f"{BRIDGE}\n\n{prose(hour, 40)}", title="The bridge", hours=hour))
    voted = {"actors": [actor("Council", "SWEGOV", "SE")], "recipients": [actor("Union", "SWELAB", "SE")]}
    on = of_dam.published_at.date() if of_dam.published_at else None
    place = ("Hollen", "SE", 59.1, 14.2)
    return made, [event(a, "ACCUSE", on=on, place=place, **voted) for a in made if "dam" in (a.title or "").lower()]


def put(cfg: Settings, folder: Path, hours: Iterable[int], derive_id: str = "first") -> None:
    """Publish what was derived of the batches of those hours."""
    for hour in hours:
        articles, events = reports(hour)
        batch = Batch.of(articles[0].fetched_at.strftime("%Y-%m-%dT%H"))
        counts: dict[str, Any] = dict.fromkeys((f for f in BatchRow.__dataclass_fields__ if f.endswith("_count")), 0)
        now = datetime(2026, 4, 1, tzinfo=UTC)
        row = BatchRow(
            derive_id=derive_id, derived_with="x", warnings=[], schema_version="1", started_at=now, finished_at=now,
            **counts,
        )  # fmt: skip
        tables: dict[str, list[Record]] = {"articles": [*articles], "events": [*events], "batches": [row]}
        for name, records in tables.items():
            with store.Writer(folder / "staged", name, batch_id=batch.id) as writer:
                for record in records:
                    writer.add(record)
            publish.publish(folder / "staged", cfg.lake, name, batch.day, batch.id)


def groups(cfg: Settings) -> dict[str, list[dict[str, Any]]]:
    return {t: query.rows(cfg, f"SELECT * FROM {t} ORDER BY ALL") for t in group.TABLES}


def faults(cfg: Settings) -> list[str]:
    """What the audit says of groups."""
    return [line for line in conservation.audit(cfg) if line.startswith(group.TABLES)]


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """All twelve days, grouped together."""
    folder = tmp_path_factory.mktemp("at_once")
    cfg = load(home=folder / "data", workers=1)
    put(cfg, folder, HOURS)
    run.run_group(cfg)
    return cfg


def test_every_story_has_its_one_title_and_every_article_its_one_story(at_once: Settings) -> None:
    assert faults(at_once) == []
    found = groups(at_once)
    named = [r["story_id"] for r in found["story_titles"]]
    assert len(named) == len(set(named))
    assert {r["story_id"] for r in found["stories"]} == set(named)
    written = query.rows(at_once, "SELECT article_id FROM articles ORDER BY 1")
    for table in ("stories", "families"):
        assert sorted(r["article_id"] for r in found[table]) == [r["article_id"] for r in written]


def test_a_story_that_never_ends_is_told_in_parts_none_wider_than_the_window(at_once: Settings) -> None:
    told = query.rows(
        at_once,
        "SELECT article_count, last_seen_at - first_seen_at AS width FROM story_titles WHERE title LIKE '%am'",
    )
    assert all(r["width"].days <= at_once.window_days for r in told)
    assert len(told) < len(HOURS) / 2, "reports of the dam find together"
    assert max(r["article_count"] for r in told) > 8


def test_every_report_of_something_that_happened_is_joined_once(at_once: Settings) -> None:
    found = groups(at_once)
    assert len(found["occurrence_events"]) == len(query.rows(at_once, "SELECT event_id FROM events"))
    assert 1 < len(found["occurrences"]) < len(HOURS)


@pytest.mark.parametrize("order", ["as it came", "shuffled"])
def test_the_order_in_which_batches_came_makes_no_difference(at_once: Settings, tmp_path: Path, order: str) -> None:
    cfg = load(home=tmp_path / "data", workers=1)
    parts = [HOURS[n : n + 9] for n in range(0, len(HOURS), 9)]
    if order == "shuffled":
        mixed = random.Random(3).sample(HOURS, len(HOURS))
        parts = [mixed[n : n + 12] for n in range(0, len(mixed), 12)]
    for part in parts:
        put(cfg, tmp_path, part)
        run.run_group(cfg)
        assert faults(cfg) == []
        assert group.stale(cfg) == []
    assert groups(cfg) == groups(at_once)


def test_grouping_again_changes_nothing(at_once: Settings) -> None:
    before = groups(at_once)
    assert run.run_group(at_once) == {"days": 0}
    run.run_group(at_once, ["2026-03-05", "2026-03-12"])
    assert groups(at_once) == before
    assert group.stale(at_once) == []


def test_days_that_come_out_the_same_are_left_alone(tmp_path: Path) -> None:
    cfg = load(home=tmp_path / "data", workers=1)
    put(cfg, tmp_path, HOURS)
    run.run_group(cfg)
    before = groups(cfg)
    put(cfg, tmp_path, [HOURS[0]], derive_id="second")
    assert group.stale(cfg) == [f"2026-03-{d:02d}" for d in range(2, 2 + 2 * cfg.window_days + 1)]
    assert run.run_group(cfg)["days"] == 2 * cfg.window_days + 1
    assert groups(cfg) == before


def test_a_run_that_breaks_off_while_publishing_is_done_again(
    at_once: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cfg = load(home=tmp_path / "data", workers=1)
    put(cfg, tmp_path, HOURS[:-1])
    run.run_group(cfg)
    put(cfg, tmp_path, HOURS[-1:])
    group.group(cfg, group.plan(cfg))
    moved = group.settle.publish

    def breaks_off(cfg: Settings, batch: Batch, *rest: Any) -> Any:
        if batch.day == "2026-03-12":
            raise StoreError("the disk is full")
        return moved(cfg, batch, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(group.settle, "publish", breaks_off)
        with pytest.raises(StoreError, match="full"):
            group.publish(cfg)
    assert "2026-03-12" in group.stale(cfg)
    run.run_group(cfg)
    assert groups(cfg) == groups(at_once)
