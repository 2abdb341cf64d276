"""Validate: the tables of a batch against the contract, by Great Expectations, before anything is published.

Three ways to fail. Structure, keys and offsets are critical: nothing is published. Any other row that breaks an
expectation is a bad row, which ``settle`` turns into a reject. A fill rate below the declared one is a warning, and
warnings are published.
"""

from __future__ import annotations

import gc
import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ValidationError
from pipeline.lake import expectations, store
from pipeline.lake.expectations import Expectation
from pipeline.schema import Table, table

if TYPE_CHECKING:
    import pandas as pd

Staged = Mapping[str, Sequence[Path]]
"""The files of each table, in the order in which their rows are counted."""

_log = logging.getLogger(__name__)
_SHOWN = 5


@dataclass
class Findings:
    """What validation found."""

    rows: dict[str, int] = field(default_factory=dict)
    """Rows judged, by table."""
    bad_rows: dict[str, dict[int, str]] = field(default_factory=dict)
    """By table, each bad row's number (from 0, through all its files) and the expectations it breaks."""
    failures: list[str] = field(default_factory=list)
    """What is critical, a line each: nothing may be published."""
    warnings: list[str] = field(default_factory=list)
    """Distributions that are not as declared, a line each."""

    def demand(self, what: str, *, every_row: bool = False) -> None:
        """Raise ValidationError, one line, where something critical failed; with `every_row`, for any bad row too."""
        found = list(self.failures)
        if every_row:
            for name, rows in self.bad_rows.items():
                number, says = next(iter(rows.items()))
                found.append(f"{name}: {len(rows)} of {self.rows[name]} rows bad, first row {number}: {says}")
        if found:
            more = f" (and {len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
            raise ValidationError(f"{what}: nothing was published: {'; '.join(found[:_SHOWN])}{more}")


def validate(staged: Staged) -> Findings:
    """Judge every table; mentions and events are held against the articles staged with them. Raises StoreError."""
    findings = Findings()
    judge = _Judge()
    for name, files in staged.items():
        declared = table(name)
        findings.rows[name] = sum(store.count(f) for f in files)
        if _structure(judge, declared, files, findings) and findings.rows[name]:
            _rows(judge, declared, files, staged.get("articles"), findings)
    return findings


class _Judge:
    """Great Expectations, imported when it is first needed: that takes seconds, and it is loud."""

    def __init__(self) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        logging.getLogger("great_expectations").setLevel("WARNING")
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        gc.freeze()  # a million objects of its modules: nothing to collect, and long to go through time and again
        self._gx = gx
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
        asset = context.data_sources.add_pandas("staged").add_dataframe_asset("rows")
        self._rows = asset.add_batch_definition_whole_dataframe("all")

    def broken(self, name: str, rows: pd.DataFrame, expected: Iterable[Expectation]) -> list[tuple[Expectation, Any]]:
        """Those expectations that do not hold, each with its full result, in the order given."""
        batch = self._rows.get_batch({"dataframe": rows})
        asked = list(expected)
        # Which rows break an expectation costs as much again as whether any does: asked only where one does.
        for form in ("BOOLEAN_ONLY", "COMPLETE"):
            suite = self._gx.ExpectationSuite(
                name,
                expectations=[
                    getattr(self._gx.expectations, e.kind)(**e.kwargs, meta={"n": n}) for n, e in enumerate(asked)
                ],
            )
            judged = batch.validate(suite, result_format={"result_format": form, "include_unexpected_rows": False})
            by_number = {(r.expectation_config.meta or {})["n"]: r for r in judged.results if r.expectation_config}
            found = [(e, by_number[n]) for n, e in enumerate(asked) if not by_number[n].success]
            if not found:
                break
            asked = [e for e, _ in found]
        return found


def _structure(judge: _Judge, declared: Table, files: Sequence[Path], findings: Findings) -> bool:
    """Whether every file has the declared columns, in order and of the declared types."""
    import pandas as pd

    whole = True
    told: set[tuple[str, ...]] = set()
    for path in files:
        found = store.schema(path)
        if (names := tuple(found.names)) not in told:
            told.add(names)
            expected = expectations.structure(declared)
            if judge.broken(declared.name, pd.DataFrame({n: [] for n in names}), [expected]):
                whole = False
                differs = _differs(declared, names)
                findings.failures.append(f"{declared.name}: {path.name} fails: {expected.text}: {differs}")
        for want in declared.arrow():
            if want.name in found.names and (have := found.field(want.name).type) != want.type:
                whole = False
                findings.failures.append(f"{declared.name}.{want.name}: {path.name} has {have}, not {want.type}")
    return whole


def _differs(declared: Table, names: Sequence[str]) -> str:
    lacks = [c for c in declared.columns if c not in names]
    more = [n for n in names if n not in declared.columns]
    return ", ".join([*(f"lacks {c}" for c in lacks), *(f"has {n}" for n in more)]) or "another order"


def _rows(
    judge: _Judge, declared: Table, files: Sequence[Path], articles: Sequence[Path] | None, findings: Findings
) -> None:
    flags = expectations.flags_of(declared, with_articles=articles is not None)
    rows = expectations.frame(declared, files, flags, articles or [])
    bad: dict[int, list[str]] = {}
    for expected, result in judge.broken(declared.name, rows, expectations.of_rows(declared, flags)):
        broken: list[int] | None = result.result.get("unexpected_index_list")
        if broken is None:
            raise ValidationError(f"{declared.name}: cannot judge whether {expected.text}: {result.exception_info}")
        share = f"{len(broken)} of {len(rows)} rows"
        if expected.warns:
            line = f"{declared.name}: fails: {expected.text}: empty in {share}"
            # A share of a few rows says little: it is told, and not published.
            if len(rows) >= expectations.JUDGED_FROM:
                findings.warnings.append(line)
            else:
                _log.warning("few rows to judge by: %s", line)
        elif expected.critical or declared.name == "rejects":  # a reject has nowhere further to go
            first = json.dumps(key_of(declared, rows, broken[0]), ensure_ascii=False)
            findings.failures.append(f"{declared.name}: {share} fail: {expected.text}; the first is {first}")
        else:
            for number in broken:
                bad.setdefault(number, []).append(expected.text)
    if bad:
        findings.bad_rows[declared.name] = {number: "; ".join(says) for number, says in sorted(bad.items())}


def key_of(declared: Table, rows: pd.DataFrame, number: int) -> dict[str, Any]:
    """The key of a row of the frame; its ids where the table has no key."""
    names = declared.key or ("url", "reason")
    return {n: str(rows[n].iloc[number]) for n in names if n in rows.columns and n != "batch_id"}
