"""The Great Expectations suite of a table, from its declaration in ``schemas/``, and the frame that it judges.

Great Expectations sees keys, coded values, numbers, times, flags and lengths; of free text and lists, only the length,
under ``<column>_length``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.lake import offsets, store
from pipeline.lake.flags import FLAGS, Flag
from pipeline.schema import Column, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

JUDGED_FROM = 200
"""Rows from which on a fill rate says something."""


@dataclass(frozen=True)
class Expectation:
    """One expectation, and what follows when it does not hold."""

    kind: str
    """Name of Great Expectations' class."""
    kwargs: dict[str, Any]
    says: str
    critical: bool = False
    warns: bool = False

    @property
    def text(self) -> str:
        """The expectation in words, with the name Great Expectations gives it."""
        snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in self.kind).lstrip("_")
        return f"{self.says} ({snake})"


def seen_as(declared: Table, column: Column) -> str:
    """Name under which the frame has a column: its own, or ``<column>_length`` for free text and lists."""
    return f"{column.name}_length" if _by_length(declared, column) else column.name


def structure(declared: Table) -> Expectation:
    """The columns in their order, as the file has them."""
    return Expectation(
        "ExpectTableColumnsToMatchOrderedList",
        {"column_list": list(declared.columns)},
        f"the columns are those of schemas/{declared.name}.toml, in that order",
        critical=True,
    )


def of_rows(declared: Table, flags: Sequence[Flag]) -> Iterator[Expectation]:
    """What is expected of the rows."""
    if declared.key:
        names = ", ".join(declared.key)
        if len(declared.key) > 1:
            says = f"{names} are unique together"
            yield Expectation("ExpectCompoundColumnsToBeUnique", {"column_list": [*declared.key]}, says, critical=True)
        else:
            kwargs = {"column": declared.key[0]}
            yield Expectation("ExpectColumnValuesToBeUnique", kwargs, f"{names} is unique", critical=True)
    for column in declared.columns.values():
        yield from _of_column(declared, column)
    for flag in flags:
        true = {"column": flag.name, "value_set": [True]}
        yield Expectation("ExpectColumnValuesToBeInSet", true, flag.says, critical=flag.critical)


def _of_column(declared: Table, column: Column) -> Iterator[Expectation]:
    seen = {"column": seen_as(declared, column)}
    if not column.nullable:
        yield Expectation("ExpectColumnValuesToNotBeNull", seen, f"{column.name} is filled")
    elif column.fill_rate is not None:
        says = f"{column.name} is filled in at least {column.fill_rate:.0%} of the rows"
        yield Expectation("ExpectColumnValuesToNotBeNull", seen | {"mostly": column.fill_rate}, says, warns=True)
    if column.allowed is not None and not column.item:
        values = seen | {"value_set": sorted(column.allowed)}
        of = column.values if isinstance(column.values, str) else "schemas/"
        yield Expectation("ExpectColumnValuesToBeInSet", values, f"{column.name} is one of the values of {of}")
    if column.min is not None or column.max is not None:
        limits = {k: v for k, v in (("min_value", column.min), ("max_value", column.max)) if v is not None}
        says = " and ".join(
            f"{column.name} is at {'least' if k == 'min_value' else 'most'} {v:g}" for k, v in limits.items()
        )
        yield Expectation("ExpectColumnValuesToBeBetween", seen | limits, says)
    if column.min_length is not None:
        says = f"{column.name} has at least {column.min_length} characters"
        yield Expectation("ExpectColumnValuesToBeBetween", seen | {"min_value": column.min_length}, says)
    if column.pattern is not None:
        says = f"{column.name} matches {column.pattern}"
        quiet = re.sub(r"(?<!\\)\((?!\?)", "(?:", column.pattern)  # pandas warns of groups that capture
        yield Expectation("ExpectColumnValuesToMatchRegex", seen | {"regex": quiet}, says)


def flags_of(declared: Table, *, with_articles: bool) -> list[Flag]:
    """The flags to compute: those that need the articles only where they are at hand."""
    return [f for f in FLAGS.get(declared.name, ()) if with_articles or not f.needs_articles]


def frame(declared: Table, files: Sequence[Path], flags: Sequence[Flag], articles: Sequence[Path]) -> pd.DataFrame:
    """What Great Expectations sees of a table: one row a row of the files, in order, whole texts left out."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    across = any(f.needs_articles for f in flags)
    needed = offsets.columns(declared.name) if across else ()
    seen: list[pa.RecordBatch] = []
    placed: list[pa.RecordBatch] = []
    for path in files:
        for batch in store.batches(path, [*declared.columns]):
            columns = {}
            for column in declared.columns.values():
                values = batch[column.name]
                if _by_length(declared, column):
                    values = pc.list_value_length(values) if column.item else pc.utf8_length(values)
                columns[seen_as(declared, column)] = values
            for flag in flags:
                if flag.holds is not None:
                    columns[flag.name] = flag.holds(batch)
            seen.append(pa.RecordBatch.from_pydict(columns))
            if needed:
                placed.append(batch.select(needed))
    rows = pa.Table.from_batches(seen)
    if across:
        texts = pa.concat_tables([pa.Table.from_batches([b]) for b in placed], promote_options="permissive")
        for name, values in offsets.judge(declared.name, texts, articles).items():
            rows = rows.append_column(name, pa.array(values, pa.bool_()))
    framed: pd.DataFrame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    return framed


def _by_length(declared: Table, column: Column) -> bool:
    if column.item:
        return True
    is_free = column.type == "string" and column.allowed is None and column.pattern is None
    return is_free and column.name not in declared.key
