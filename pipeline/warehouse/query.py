"""SQL in, answers out: for a terminal, for a spreadsheet, for a program, or as Parquet."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, get_args

from pipeline.errors import InputError, QueryError
from pipeline.settings import Settings
from pipeline.warehouse import connect as warehouse

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Format = Literal["table", "csv", "json", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
TABLE_ROWS = 1_000
"""Most rows shown as a table; the other formats give them all."""


def query(cfg: Settings, sql: str, values: Sequence[Any] = ()) -> pa.Table:
    """The answer as an Arrow table; `values` stand for the question marks of the statement.

    Raises QueryError, in one line, for SQL that does not run.
    """
    import pyarrow as pa

    with closing(_connected(cfg)) as connection, closing(_asked(connection, sql, values)) as reader:
        return pa.Table.from_batches(list(reader), schema=reader.schema)


def rows(cfg: Settings, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """The answer as a dict a row. Raises QueryError."""
    found: list[dict[str, Any]] = query(cfg, sql, values).to_pylist()
    return found


def answer(
    cfg: Settings, sql: str, form: Format = "table", out: BinaryIO | None = None, *, width: int | None = None
) -> int:
    """Write the answer to `out` (standard output). Returns the rows. A table is as wide as the terminal, or `width`.

    Raises QueryError for SQL that does not run, InputError for a format there is not.
    """
    if form not in FORMATS:
        raise InputError(f"no such format: {form} (there are {', '.join(FORMATS)})")
    sink = out or sys.stdout.buffer
    with closing(_connected(cfg)) as connection, closing(_asked(connection, sql)) as reader:
        if form == "parquet":
            return _write_parquet(reader, sink)
        text = io.TextIOWrapper(sink, "utf-8", newline="", write_through=True)
        try:
            return {"table": _write_table, "csv": _write_csv, "json": _write_json}[form](reader, text, width)
        finally:
            with suppress(OSError):
                text.detach()


def shell(cfg: Settings) -> int:
    """A prompt over the lake: DuckDB's own where it is installed, else a plain one. Returns the exit status."""
    _connected(cfg).close()
    if found := shutil.which("duckdb"):
        return subprocess.call([found, "-readonly", str(cfg.warehouse)])
    with suppress(ImportError):
        import readline  # noqa: F401  # line editing and history
    print("SQL over the lake; end a statement with a semicolon. `SHOW TABLES;` lists the views, Ctrl-D ends.")
    for statement in _statements():
        try:
            answer(cfg, statement)
        except QueryError as error:
            print(error, file=sys.stderr)
        except KeyboardInterrupt:
            print()
    return 0


def one_line(error: Exception) -> str:
    """DuckDB's message without the statement it repeats."""
    said = str(error).split("\n\nLINE ")[0].split("\nLINE ")[0]
    return " ".join(said.split())


def _connected(cfg: Settings) -> duckdb.DuckDBPyConnection:
    return warehouse.connect(cfg.home, cfg.lake)


def _asked(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()) -> _Reader:
    import duckdb

    if not sql.strip(" \n\t;"):
        raise QueryError("there is no statement to run")
    try:
        return _Reader(connection.execute(sql, list(values) or None).to_arrow_reader(10_000))
    except duckdb.Error as error:
        raise QueryError(one_line(error)) from error


class _Reader:
    """Record batches of an answer; an error that comes only while it is read is a QueryError too."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self._reader = reader
        self.schema: pa.Schema = reader.schema

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        import duckdb
        import pyarrow as pa

        try:
            yield from self._reader
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise QueryError(one_line(error)) from error

    def close(self) -> None:
        self._reader.close()

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows, as Python values."""
        for batch in self:
            columns = [c.to_pylist() for c in batch.columns]
            yield from zip(*columns, strict=True) if columns else ()


def _write_parquet(reader: _Reader, sink: BinaryIO) -> int:
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(sink, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def _write_csv(reader: _Reader, sink: io.TextIOWrapper, _: int | None) -> int:
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(reader.schema.names)
    count = 0
    for row in reader.rows():
        writer.writerow([_plain(v, empty="") for v in row])
        count += 1
    return count


def _write_json(reader: _Reader, sink: io.TextIOWrapper, _: int | None) -> int:
    """A JSON array, an object a line."""
    names = reader.schema.names
    count = 0
    sink.write("[")
    for count, row in enumerate(reader.rows(), start=1):
        line = json.dumps(_numbered(dict(zip(names, row, strict=True))), ensure_ascii=False, default=_plain)
        sink.write(("\n" if count == 1 else ",\n") + line)
    sink.write("\n]\n")
    return count


def _write_table(reader: _Reader, sink: io.TextIOWrapper, width: int | None) -> int:
    import pyarrow as pa
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for field in reader.schema:
        number = pa.types.is_integer(field.type) or pa.types.is_floating(field.type) or pa.types.is_decimal(field.type)
        shown.add_column(Text(field.name), justify="right" if number else "left", overflow="fold")
    found = reader.rows()
    for row in islice(found, TABLE_ROWS):
        shown.add_row(*(Text(_short(v)) for v in row))
    more = next(found, None) is not None
    wide = width or (shutil.get_terminal_size().columns if sink.isatty() else 200)
    console = Console(file=sink, width=wide, force_terminal=False, color_system=None, highlight=False)
    console.print(shown)
    if more:
        console.print(f"the first {TABLE_ROWS} rows; --format csv, json or parquet gives all")
    return shown.row_count


def _short(value: Any) -> str:
    """A value on one line of a table, a fraction to six places."""
    said = _plain(round(value, 6) if isinstance(value, float) else value, empty="")
    return " ".join(str(said).split())


def _numbered(value: Any) -> Any:
    """The value with null for numbers that JSON has not."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {k: _numbered(v) for k, v in value.items()}
        case list():
            return [_numbered(v) for v in value]
    return value


def _plain(value: Any, *, empty: Any = None) -> Any:
    """A value as text may show it: times in UTC to the second, lists and structs as JSON."""
    match value:
        case None:
            return empty
        case datetime():
            return value.isoformat(sep="T", timespec="seconds" if not value.microsecond else "auto").replace(
                "+00:00", "Z"
            )
        case date():
            return value.isoformat()
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, default=_plain)
        case Decimal():  # what a sum of whole numbers comes as
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            return value.hex()
        case bool() | int() | float() | str():
            return value
    return str(value)


def _statements() -> Iterator[str]:
    """Statements typed at the prompt, until the input ends."""
    typed = ""
    while True:
        try:
            line = input("      ...> " if typed else "newsledger> ")
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print()
            typed = ""
            continue
        if not typed and line.strip().lower() in {".quit", ".exit", "quit", "exit"}:
            return
        typed += line + "\n"
        if typed.rstrip().endswith(";"):
            yield typed
            typed = ""
