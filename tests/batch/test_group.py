"""Groups are a function of what the lake holds: whatever the order in which it came, they come out alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.batch import Batch, group, ingest, run
from pipeline.settings import Settings, load
from pipeline.warehouse import conservation, query
from tests.batch.conftest import PARAGRAPHS, a_row, write_jsonl

LATER = (
    "The union said on Saturday that the crane drivers had signed the agreement too, and thanked the port authority."
)


def taken_in(cfg: Settings, path: Path, at: str, *rows: dict[str, Any], grouped: bool = True) -> None:
    """Ingest rows on a day, as their sidecar-less file would be then."""
    on_that_day = load(home=cfg.home, workers=1, now=at)
    for batch_id in ingest.archive(on_that_day, [write_jsonl(path, list(rows))]):
        run.run_derive(on_that_day, Batch.of(batch_id, cfg))
    if grouped:
        run.run_group(on_that_day)


def groups(cfg: Settings) -> dict[str, list[dict[str, Any]]]:
    return {t: query.rows(cfg, f"SELECT * FROM {t} ORDER BY ALL") for t in group.TABLES}


def a_week(cfg: Settings, folder: Path, *, grouped: bool) -> None:
    """An article, its new version six days later, and another paper's report of the same."""
    then, later = "2026-11-01T10:00:00Z", "2026-11-07T10:00:00Z"
    first = a_row(1, published_at=None, fetched_at=then)
    again = a_row(1, published_at=None, fetched_at=later, text="\n\n".join([*PARAGRAPHS, LATER]))
    other = a_row(2, published_at=None, fetched_at=later, url="https://setubal-post.example/2", title="Port signs")
    taken_in(cfg, folder / "1.jsonl", then, first, grouped=grouped)
    taken_in(cfg, folder / "2.jsonl", later, again, other, grouped=grouped)


def test_grouping_batch_by_batch_is_grouping_everything_at_once(tmp_path: Path) -> None:
    one_by_one, at_once = load(home=tmp_path / "one", workers=1), load(home=tmp_path / "all", workers=1)
    a_week(one_by_one, tmp_path, grouped=True)
    a_week(at_once, tmp_path, grouped=False)
    run.run_group(at_once)
    found = groups(one_by_one)
    assert found == groups(at_once)
    assert len(found["families"]) == 2


def test_a_later_version_makes_the_day_of_the_first_stale(tmp_path: Path) -> None:
    cfg = load(home=tmp_path / "data", workers=1)
    a_week(cfg, tmp_path, grouped=True)
    assert group.stale(cfg) == []
    current = {row["article_id"]: row["version_id"] for row in query.rows(cfg, "SELECT * FROM articles_current")}
    assert {row["article_id"]: row["version_id"] for row in query.rows(cfg, "SELECT * FROM families")} == current
    assert conservation.audit(cfg) == []


def test_every_current_article_has_its_family_and_its_story(tmp_path: Path) -> None:
    cfg = load(home=tmp_path / "data", workers=1)
    a_week(cfg, tmp_path, grouped=True)
    for table in ("families", "stories"):
        assert not query.rows(cfg, f"SELECT article_id FROM articles_current ANTI JOIN {table} USING (article_id)")
