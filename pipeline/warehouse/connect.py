"""``newsledger.duckdb``: a commented view over each table of the lake, and the views of ``views/``. No data is in it.

It is written beside its place and renamed when the schema or the home changed, and opened for reading only, so no
reader ever stands in a publish's way. Any DuckDB client opens it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError, StoreError
from pipeline.schema import SCHEMA_VERSION, Table, tables

if TYPE_CHECKING:
    import duckdb

DATABASE = "newsledger.duckdb"
VIEWS = Path(__file__).with_name("views")
ORDER = (
    "articles_current",
    "mentions_current",
    "article_places",
    "events_current",
    "events_actual",
    "url_states",
    "ledger",
    "funnel",
    "coverage",
    "completeness",
    "extraction_rates",
    "drift",
)
"""The views of ``views/``, each after what it is made of."""

_EMPTY = "day=1970-01-01/empty.parquet"
"""A table's file without rows. It stands in the lake itself: DuckDB refuses a glob that finds nothing, and so would a
reader's own glob before the first batch; having no rows, it changes no answer."""
_DAY = "Day of collection of the batch, from the folder's name."
_FIRST_DAY = "Day of collection of the first article that the story, or the occurrence, is about; the folder's name."


@dataclass(frozen=True)
class View:
    """One view of ``views/``: its file begins with comments that say what it and its columns are."""

    name: str
    sql: str
    comment: str
    columns: dict[str, str]


def build(home: Path, lake: Path) -> Path:
    """Make sure that the database is there and current. Returns its path. Raises StoreError.

    Cheap where nothing changed, so every publish may call it.
    """
    target = home / DATABASE
    script = _script(lake.absolute())
    digest = sha256(script.encode()).hexdigest()[:16]
    try:
        for declared in tables().values():
            _write_empty(lake, declared)
        if _built(target) != digest:
            _write(target, script, digest)
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def connect(home: Path, lake: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Open the database of a data home for reading; it is built first where it is missing or old. Times are UTC.

    Raises InputError where there is no data home, StoreError where the database cannot be written or opened.
    """
    import duckdb

    if not home.is_dir():
        raise InputError(f"there is no data home at {home} yet: `newsledger run` or `newsledger ingest` makes one")
    path = build(home, lake or home / "lake")
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise StoreError(f"cannot open {path}: {error}") from error
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def views() -> Iterator[View]:
    """The views of ``views/``, in the order in which they can be made."""
    for name in ORDER:
        sql = (VIEWS / f"{name}.sql").read_text("utf-8")
        head, made, body = sql.partition("CREATE VIEW")
        comment, *columns = _head(head)
        yield View(name, made + body, comment, _described(columns))


def _head(text: str) -> list[str]:
    """The comments a view's file begins with; a line set in goes on with the one before."""
    found: list[str] = []
    for line in text.splitlines():
        if line.startswith("--   "):
            found[-1] += " " + line.removeprefix("--").strip()
        else:
            found.append(line.removeprefix("--").strip())
    return found


def _described(lines: list[str]) -> dict[str, str]:
    """Comments of the columns: those of the table the view is like, and those it gives itself."""
    found: dict[str, str] = {}
    for line in lines:
        if line.startswith("like "):
            found |= _comments(tables()[line.removeprefix("like ").strip()])
        else:
            name, _, said = line.partition(": ")
            found[name] = said
    return found


def _comments(declared: Table) -> dict[str, str]:
    """What each column of a table's view is, with the values it may have."""
    found = {}
    for column in declared.columns.values():
        said = column.description
        if isinstance(column.values, dict):
            said += " One of: " + ", ".join(column.values) + "."
        found[column.name] = said
    return found | {"day": _FIRST_DAY if declared.grouped else _DAY}


def _script(lake: Path) -> str:
    parts = [f"-- contract {SCHEMA_VERSION}"]
    for declared in tables().values():
        columns = ", ".join(f'"{c}"' for c in declared.columns)
        parts.append(
            f"CREATE VIEW {declared.name} AS SELECT {columns}, day FROM read_parquet("
            f"{_quoted(_literal(lake) + f'/{declared.name}/*/*.parquet')}, union_by_name = true, "
            "hive_partitioning = true, hive_types = {'day': DATE});"
        )
        parts += _said(declared.name, declared.description, _comments(declared))
    for view in views():
        parts.append(view.sql)
        parts += _said(view.name, view.comment, view.columns)
    return "\n".join(parts)


def _said(name: str, comment: str, columns: dict[str, str]) -> list[str]:
    return [
        f"COMMENT ON VIEW {name} IS {_quoted(comment)};",
        *(f'COMMENT ON COLUMN {name}."{c}" IS {_quoted(said)};' for c, said in columns.items()),
    ]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literal(path: Path) -> str:
    """The path as a glob that means only itself."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def _built(path: Path) -> str | None:
    """Digest of the script that made the database; None where there is none, or none of ours."""
    import duckdb

    if not path.exists():
        return None
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            row = connection.execute("SELECT newsledger_script()").fetchone()
    except duckdb.Error:
        return None
    return str(row[0]) if row else None


def _write(target: Path, script: str, digest: str) -> None:
    import duckdb

    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with duckdb.connect(str(part)) as connection:
            # One transaction: each of the hundreds of comments would otherwise be written to disk by itself.
            connection.execute(f"BEGIN; {script} CREATE MACRO newsledger_script() AS '{digest}'; COMMIT;")
        part.replace(target)
    except duckdb.Error as error:
        raise StoreError(f"cannot make {target}: {str(error).splitlines()[0]}") from error
    finally:
        part.unlink(missing_ok=True)
        part.with_name(part.name + ".wal").unlink(missing_ok=True)


def _write_empty(lake: Path, declared: Table) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = lake / declared.name / _EMPTY
    try:
        if path.exists() and pq.read_schema(path).equals(declared.arrow()):
            return
    except (OSError, pa.ArrowException):
        pass  # unreadable: it is written anew
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    pq.write_table(declared.arrow().empty_table(), part)
    part.replace(path)
