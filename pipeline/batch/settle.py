"""From staged tables to published ones: validate, set bad rows aside, check that counts add up, publish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.batch import Batch
from pipeline.lake import publish as placing
from pipeline.lake import settle as settling
from pipeline.lake import store
from pipeline.lake import validate as judging
from pipeline.records import Batch as BatchRow
from pipeline.schema import SCHEMA_VERSION
from pipeline.settings import Settings
from pipeline.warehouse import connect, conservation

Files = dict[str, list[Path]]


def settle(
    cfg: Settings, batch: Batch, staged: Mapping[str, Path], tables: Path, metadata: Mapping[str, str]
) -> list[str]:
    """Validate the staged tables and write what may be published to `tables`; bad rows are rejects there.

    Returns the warnings. Raises ValidationError where something critical failed, ConservationError where rows got lost.
    """
    before = {name: [path] for name, path in staged.items()}
    findings = judging.validate(before)
    findings.demand(f"batch {batch.id}")
    settling.settle(before, findings, tables, {"batch_id": batch.id, **metadata}, at=cfg.clock())
    conservation.check_settled(f"batch {batch.id}", before, files(tables, staged))
    return findings.warnings


def check(staged: Mapping[str, Sequence[Path]], what: str) -> list[str]:
    """Validate tables in which no row may be bad. Returns the warnings. Raises ValidationError."""
    findings = judging.validate(staged)
    findings.demand(what, every_row=True)
    return findings.warnings


def stamp(staged: Path, tables: Path, names: Iterable[str], metadata: Mapping[str, str]) -> None:
    """Write the staged tables to `tables`, with metadata."""
    for name in names:
        store.merge([staged / f"{name}.parquet"], tables / f"{name}.parquet", name, metadata)


def publish(cfg: Settings, batch: Batch, tables: Path, names: Iterable[str]) -> dict[str, int]:
    """Move the tables into the lake, in the order given, and bring the warehouse up to date. Returns rows per table.

    Called again after an interruption, it moves what is left.
    """
    counts = {}
    for name in names:
        placing.publish(tables / f"{name}.parquet", cfg.lake, name, batch.day, batch.id)
        counts[name] = store.count(batch.file(cfg, name))
    connect.build(cfg.home, cfg.lake)
    return counts


def files(folder: Path, names: Iterable[str]) -> Files:
    """The tables' files in a folder."""
    return {name: [folder / f"{name}.parquet"] for name in names}


def row(
    cfg: Settings, batch: Batch, derived: Files, planned: Mapping[str, Any], *, pages: int, warnings: list[str]
) -> BatchRow:
    """The batch's row of `batches`: what was counted, and where its URLs ended."""
    everything = {**{name: [batch.file(cfg, name)] for name in ("links", "fetches")}, **derived}
    counts = {name: store.count(paths[0]) for name, paths in everything.items()}
    return BatchRow(
        batch_id=batch.id,
        derive_id=planned["derive_id"],
        derived_with=planned["derived_with"],
        link_count=counts["links"],
        fetch_count=counts["fetches"],
        page_count=pages,
        article_count=counts["articles"],
        mention_count=counts["mentions"],
        event_count=counts["events"],
        reject_count=counts["rejects"],
        warnings=warnings,
        schema_version=SCHEMA_VERSION,
        started_at=datetime.fromisoformat(planned["started_at"]),
        finished_at=cfg.clock(),
        **conservation.batch_counts(everything),
    )
