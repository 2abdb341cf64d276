"""Settle: what validation found bad becomes rejects, with what depends on it; the rest is ready to be published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import ValidationError
from pipeline.lake import store
from pipeline.lake.validate import Findings, Staged
from pipeline.records import Reject
from pipeline.schema import Table, table

DEPENDENTS = ("mentions", "events")
"""Tables whose rows go with their article."""
_OF_ARTICLE = ("version_id", "url", "source_id", "fetch_id", "fetched_at")
_NAMED = frozenset({"url", "source_id", "fetch_id", "article_id", "version_id", "batch_id"})
_TIMES = ("fetched_at", "discovered_at", "rejected_at")


def settle(
    staged: Staged,
    findings: Findings,
    folder: Path,
    metadata: store.Metadata | None = None,
    *,
    at: datetime | None = None,
) -> list[Reject]:
    """Write `<folder>/<table>.parquet` for every staged table, without its bad rows. Returns the rejects made of them.

    Mentions and events of a bad article go with it. Where `rejects` is staged, the new ones are added to it. `at` is
    the time of a reject whose row has none and no article. Raises ValidationError where findings have a failure.
    """
    if findings.failures:
        findings.demand("validate")
    bad = {name: dict(rows) for name, rows in findings.bad_rows.items() if rows}
    lost = _versions(staged, bad.get("articles", {}))
    orphans: dict[str, dict[int, str]] = {}
    for name in DEPENDENTS:
        if name in staged and lost:
            rows = _numbers_of(staged, name, lost)
            orphans[name] = {n: "the article it belongs to was rejected" for n in rows if n not in bad.get(name, {})}
    rejects: list[Reject] = []
    for name in staged:
        for reason, numbers in (
            ("expectation_failed", bad.get(name, {})),
            ("parent_rejected", orphans.get(name, {})),
        ):
            if numbers:
                rejects += _rejects(staged, table(name), numbers, reason, at)
    for name, files in staged.items():
        gone = bad.get(name, {}).keys() | orphans.get(name, {}).keys()
        new = rejects if name == "rejects" else ()
        store.merge(files, folder / f"{name}.parquet", name, metadata, drop=gone, add=new)
    return rejects


def _rejects(
    staged: Staged, declared: Table, numbers: dict[int, str], reason: str, at: datetime | None
) -> Iterator[Reject]:
    articles = _articles(staged) if declared.name in DEPENDENTS else {}
    for number, row in _picked(staged, declared.name, numbers):
        article = articles.get(str(row.get("version_id")), {})
        when = next((row[t] for t in _TIMES if row.get(t) is not None), article.get("fetched_at") or at)
        if when is None:
            raise ValidationError(
                f"{declared.name}: a bad row has no time to be rejected at: {_evidence(declared, row)}"
            )
        yield Reject(
            step="validate",
            table_name=declared.name,
            url=row.get("url") or article.get("url") or "",
            source_id=row.get("source_id") or article.get("source_id"),
            fetch_id=row.get("fetch_id") or article.get("fetch_id"),
            article_id=row.get("article_id"),
            rejected_at=when,
            reason=reason,
            detail=numbers[number],
            evidence=_evidence(declared, row),
            batch_id=row.get("batch_id") or "",
        )


def _evidence(declared: Table, row: dict[str, Any]) -> str:
    """The row's key and the values its expectations judge, as JSON: enough to find it and to see what was wrong."""
    judged = {n: row[n] for n in _judged(declared) if n != "batch_id"}
    return json.dumps(judged, ensure_ascii=False, default=str)


def _judged(declared: Table) -> list[str]:
    """The key, the times, and the columns with limits: not free text."""
    return [
        n
        for n, c in declared.columns.items()
        if n in declared.key
        or (not c.item and (c.type == "timestamp" or c.allowed or c.pattern or c.min is not None or c.max is not None))
    ]


def _picked(staged: Staged, name: str, numbers: dict[int, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of those numbers, without free text and lists."""
    import pyarrow as pa

    columns = [n for n in table(name).columns if n in _NAMED or n in _judged(table(name))]
    first = 0
    for path in staged[name]:
        for batch in store.batches(path, columns):
            here = [n for n in range(first, first + batch.num_rows) if n in numbers]
            if here:
                rows = batch.take(pa.array([n - first for n in here])).to_pylist()
                yield from zip(here, rows, strict=True)
            first += batch.num_rows


def _versions(staged: Staged, numbers: dict[int, str]) -> set[tuple[str | None, str | None]]:
    """Article and version of those rows of `articles`."""
    if not numbers:
        return set()
    return {(row["article_id"], row["version_id"]) for _, row in _picked(staged, "articles", numbers)}


def _numbers_of(staged: Staged, name: str, versions: set[tuple[str | None, str | None]]) -> list[int]:
    """Numbers of the rows that belong to one of the versions."""
    found, first = [], 0
    for path in staged[name]:
        for batch in store.batches(path, ["article_id", "version_id"]):
            pairs = zip(batch["article_id"].to_pylist(), batch["version_id"].to_pylist(), strict=True)
            found += [first + n for n, pair in enumerate(pairs) if pair in versions]
            first += batch.num_rows
    return found


def _articles(staged: Staged) -> dict[str, dict[str, Any]]:
    """What a reject of a mention or event takes from its article, by version."""
    found: dict[str, dict[str, Any]] = {}
    for path in staged.get("articles", ()):
        for batch in store.batches(path, _OF_ARTICLE):
            found |= {row["version_id"]: row for row in batch.to_pylist()}
    return found
