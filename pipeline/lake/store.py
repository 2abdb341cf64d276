"""Records to Parquet files and back: one table a file, whole or not at all.

A file is written as ``<path>.part``, closed, read again and renamed, so that no reader ever meets half of one. Its
columns are those of the contract, in that order; row groups are bounded, so neither side holds a whole batch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pipeline import records
from pipeline.errors import StoreError, ValidationError
from pipeline.schema import Column, Table, record_name, struct_name, table

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

Metadata = Mapping[str, str]

_ROWS = 10_000
"""Most rows of a row group."""
_CHARACTERS = 16_000_000
"""Most characters of text in a row group; it bounds what a writer holds in memory."""
_LONG = {"articles": attrgetter("text"), "events": attrgetter("quote")}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Writer:
    """Writes one file of a table; the file appears when the block ends, and not if it ends in an exception.

    `batch_id`, where given, stands in every row whatever the record says. Raises ValidationError for a value the column
    cannot hold, TypeError for a record of another table.
    """

    def __init__(
        self, path: Path, table_name: str, metadata: Metadata | None = None, *, batch_id: str | None = None
    ) -> None:
        self.path = path
        self.count = 0
        """Rows so far."""
        self._table = table(table_name)
        self._class = _class(table_name)
        self._batch_id = batch_id
        schema = self._table.arrow()
        self._schema = schema.with_metadata(
            {**(schema.metadata or {}), **{k.encode(): v.encode() for k, v in (metadata or {}).items()}}
        )
        self._part = path.with_name(path.name + ".part")
        self._strict = path.with_name(path.name + ".strict.part")
        self._rows: list[Any] = []
        self._characters = 0
        self._long = _LONG.get(table_name)
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = self._open()
        return self

    def add(self, record: records.Record) -> None:
        """Add one record."""
        if type(record) is not self._class:
            raise TypeError(f"{type(record).__name__} is no record of {self._table.name}")
        self._rows.append(record)
        self.count += 1
        if self._long is not None:
            self._characters += len(self._long(record) or "")
        if len(self._rows) >= _ROWS or self._characters >= _CHARACTERS:
            self._flush()

    def add_rows(self, batch: pa.RecordBatch) -> None:
        """Add rows as they stand in another file of the table; a column the file has not is empty."""
        import pyarrow as pa

        if not batch.num_rows:
            return
        self._flush()
        have = set(batch.schema.names)
        self.count += batch.num_rows
        self._write(
            [
                _cast(self._table, f, batch.column(f.name)) if f.name in have else pa.nulls(batch.num_rows, f.type)
                for f in self._schema
            ]
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._flush()
            if self._writer is not None:
                self._writer.close()
            if error is None:
                self._check()
                self._part.replace(self.path)
        except OSError as problem:
            raise StoreError(f"cannot write {self.path}: {problem}") from problem
        finally:
            self._part.unlink(missing_ok=True)
            self._strict.unlink(missing_ok=True)

    def _open(self) -> pq.ParquetWriter:
        import pyarrow.parquet as pq

        try:
            return pq.ParquetWriter(self._part, self._schema, compression="zstd")
        except OSError as problem:
            raise StoreError(f"cannot write {self._part}: {problem}") from problem

    def _flush(self) -> None:
        rows, self._rows, self._characters = self._rows, [], 0
        if rows:
            self._write([self._array(f, rows) for f in self._schema])

    def _array(self, field: pa.Field, rows: list[Any]) -> pa.Array:
        import pyarrow as pa

        if field.name == "batch_id" and self._batch_id is not None:
            return pa.repeat(pa.scalar(self._batch_id, pa.string()), len(rows))
        values = [*map(attrgetter(field.name), rows)]
        column = self._table.columns[field.name]
        if (item := column.item) in self._table.structs:
            inner = attrgetter(*self._table.structs[item])
            values = [[*map(inner, v)] if v is not None else None for v in values]
        elif column.type == "timestamp" and any(v is not None and v.tzinfo is None for v in values):
            raise ValidationError(f"{self._table.name}.{field.name}: a time without a time zone")
        try:
            return pa.array(values, field.type)
        except (pa.ArrowException, UnicodeError, TypeError, ValueError, OverflowError) as problem:
            raise ValidationError(f"{self._table.name}.{field.name} cannot hold a value: {problem}") from problem

    def _write(self, arrays: list[pa.Array]) -> None:
        import pyarrow as pa

        assert self._writer is not None, "a Writer is used in a with block"
        if any(a.null_count and not f.nullable for a, f in zip(arrays, self._schema, strict=True)):
            self._loosen()
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))

    def _loosen(self) -> None:
        """Go on with every column nullable: what is missing is for validation to find, not for the writer."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        assert self._writer is not None
        self._writer.close()
        self._schema = pa.schema([f.with_nullable(True) for f in self._schema], self._schema.metadata)
        self._part.replace(self._strict)
        self._writer = self._open()
        with pq.ParquetFile(self._strict) as before:
            for group in range(before.num_row_groups):
                for batch in before.read_row_group(group).to_batches():
                    self._writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=self._schema))

    def _check(self) -> None:
        with _opened(self._part) as written:
            if written.metadata.num_rows != self.count or not written.schema_arrow.equals(self._schema):
                raise StoreError(
                    f"{self.path} did not come out as written: {written.metadata.num_rows} of {self.count} rows"
                )
        with self._part.open("rb+") as handle:
            os.fsync(handle.fileno())


def read(paths: Path | Iterable[Path], table_name: str, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """Records of the files, in order, a few thousand at a time.

    With `columns`, only those are read; the others stand empty in the record. Raises StoreError for a file that is no
    Parquet.
    """
    declared = table(table_name)
    record = _class(table_name)
    names = tuple(f.name for f in fields(record))
    wanted = [n for n in names if columns is None or n in columns]
    if columns is not None and (unknown := set(columns) - set(names)):
        raise StoreError(f"{table_name} has no column {', '.join(sorted(unknown))}")
    empty: dict[str, Callable[[], Any]] = {
        n: list if declared.columns[n].item else str if n == "batch_id" else lambda: None for n in names
    }
    for path in [paths] if isinstance(paths, Path) else paths:
        for batch in batches(path, wanted):
            have = set(batch.schema.names)
            filled = [
                _values(declared, declared.columns[n], batch.column(n))
                if n in have
                else [empty[n]() for _ in range(batch.num_rows)]
                for n in names
            ]
            for row in zip(*filled, strict=True):
                yield record(**dict(zip(names, row, strict=True)))


def batches(path: Path, columns: Sequence[str] | None = None, *, rows: int = 4_000) -> Iterator[pa.RecordBatch]:
    """Rows of a file as Arrow batches, of those columns the file has. Raises StoreError."""
    import pyarrow as pa

    with _opened(path) as opened:
        have = set(opened.schema_arrow.names)
        chosen = None if columns is None else [c for c in columns if c in have]
        try:
            yield from opened.iter_batches(batch_size=rows, columns=chosen)
        except (OSError, pa.ArrowException) as problem:
            raise StoreError(f"cannot read {path}: {problem}") from problem


def count(path: Path) -> int:
    """Rows of a file. Raises StoreError."""
    with _opened(path) as opened:
        return int(opened.metadata.num_rows)


def schema(path: Path) -> pa.Schema:
    """Arrow schema of a file. Raises StoreError."""
    with _opened(path) as opened:
        return opened.schema_arrow


def metadata(path: Path) -> dict[str, str]:
    """What stands beside the rows: table, description, schema_version, and what its writer was given."""
    return {k.decode(): v.decode() for k, v in (schema(path).metadata or {}).items()}


def write_empty(path: Path, table_name: str, metadata: Metadata | None = None) -> None:
    """Write a file of the table without rows."""
    with Writer(path, table_name, metadata):
        pass


def merge(
    paths: Iterable[Path],
    out: Path,
    table_name: str,
    metadata: Metadata | None = None,
    *,
    drop: Iterable[int] = (),
    add: Iterable[records.Record] = (),
) -> int:
    """One file of several: their rows in order, less the row numbers in `drop` (counted through all files), then `add`.

    Returns the rows written.
    """
    dropped = frozenset(drop)
    with Writer(out, table_name, metadata) as writer:
        first = 0
        for batch in chain.from_iterable(batches(p, rows=_ROWS if table_name != "articles" else 2_000) for p in paths):
            writer.add_rows(_without(batch, dropped, first))
            first += batch.num_rows
        for record in add:
            writer.add(record)
    return writer.count


def _without(batch: pa.RecordBatch, dropped: frozenset[int], first: int) -> pa.RecordBatch:
    import pyarrow as pa

    if not any(n in dropped for n in range(first, first + batch.num_rows)):
        return batch
    return batch.filter(pa.array([n not in dropped for n in range(first, first + batch.num_rows)]))


def _class(table_name: str) -> type[Any]:
    found: type[Any] = getattr(records, record_name(table_name))
    return found


def _values(declared: Table, column: Column, array: pa.Array) -> list[Any]:
    """Python values of a column: records as they were added, every time in datetime.UTC, an empty list for none."""
    import pyarrow as pa

    inner = column.item or column.type
    if inner in declared.structs:
        offsets = array.offsets.to_pylist()
        struct = array.values
        of_struct = declared.structs[inner]
        have = dict(zip((f.name for f in struct.type), struct.flatten(), strict=True))
        parts = [
            _values(declared, c, have[c.name]) if c.name in have else [None] * len(struct) for c in of_struct.values()
        ]
        build = getattr(records, struct_name(inner))
        items = [build(**dict(zip(of_struct, row, strict=True))) for row in zip(*parts, strict=True)]
        return [items[a:b] for a, b in pairwise(offsets)]
    if column.item:
        return [v if v is not None else [] for v in array.to_pylist()]
    if inner == "timestamp":  # five times faster than Arrow's own conversion
        return [None if v is None else _EPOCH + timedelta(microseconds=v) for v in array.cast(pa.int64()).to_pylist()]
    values: list[Any] = array.to_pylist()
    return values


def _cast(declared: Table, field: pa.Field, array: pa.Array) -> pa.Array:
    import pyarrow as pa

    try:
        return array if array.type == field.type else array.cast(field.type)
    except pa.ArrowException as problem:
        raise ValidationError(f"{declared.name}.{field.name}: {problem}") from problem


def _opened(path: Path) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as problem:
        reason = "no such file" if isinstance(problem, FileNotFoundError) else problem
        raise StoreError(f"cannot read {path}: {reason}") from problem
