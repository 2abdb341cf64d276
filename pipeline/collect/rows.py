"""Rows of CSV, JSON Lines and Parquet files, one at a time, with the usual column names made one."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from io import TextIOWrapper
from typing import Any, BinaryIO, cast

from pipeline.collect.files import InputFile
from pipeline.errors import InputError

_ALIASES = {
    "url": ("url", "link", "canonical_url", "source_url"),
    "title": ("title", "headline"),
    "subtitle": ("subtitle", "standfirst"),
    "text": ("text", "content", "body", "article", "maintext", "full_text"),
    "published_at": ("published_at", "published", "date", "publish_date", "date_published", "pub_date"),
    "authors": ("authors", "author", "byline"),
    "language": ("language", "lang"),
    "source": ("source", "source_id", "publisher"),
}

Numbered = tuple[int, dict[str, Any] | str]
"""A row's number from 1, and the row, or why there is none."""


def rows(file: InputFile, *, longest: int) -> Iterator[Numbered]:
    """The rows of a file. One longer than `longest` bytes, or one that cannot be read, is told as text.

    Raises InputError where the file as a whole cannot be read, or has no rows.
    """
    count = 0
    try:
        for number, row in _READERS[file.kind](file, longest):
            count += 1
            yield number, _named(row) if isinstance(row, dict) else row
    except UnicodeDecodeError as error:
        raise InputError(f"{file.path}: not UTF-8 after row {count} ({error.reason})") from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{file.path}: cannot be read after row {count}: {error}") from None
    if not count:
        raise InputError(f"{file.path}: the file has no rows")


def when(value: Any) -> datetime | None:
    """A row's time in UTC: a date or time in ISO form or as in mail; one without a zone is read as UTC."""
    if isinstance(value, datetime):
        at = value
    elif isinstance(value, date):
        at = datetime(value.year, value.month, value.day)
    elif isinstance(value, str) and value.strip():
        try:
            at = datetime.fromisoformat(value.strip())
        except ValueError:
            try:
                at = parsedate_to_datetime(value)
            except (ValueError, TypeError, IndexError):
                return None
    else:
        return None
    with suppress(OverflowError, ValueError):
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return None


def as_json(row: Mapping[str, Any]) -> bytes:
    """A row as it is archived."""
    return json.dumps(row, ensure_ascii=False, default=_plain, separators=(",", ":")).encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row under the usual names; other columns keep their own. Empty values are left out."""
    left = {str(k).strip(): v for k, v in row.items() if not _is_empty(v)}
    by_lower = {name.lower(): name for name in reversed(left)}
    named: dict[str, Any] = {}
    for name, aliases in _ALIASES.items():
        used = next((by_lower[alias] for alias in aliases if alias in by_lower), None)
        if used is not None and used in left:
            named[name] = left.pop(used)
    return named | {k: v for k, v in left.items() if k not in named}


def _is_empty(value: Any) -> bool:
    # NaN, the empty value of pandas, is not equal to itself.
    return value is None or value == [] or value != value or (isinstance(value, str) and not value.strip())


def _open(file: InputFile) -> BinaryIO:
    return cast(BinaryIO, gzip.open(file.path, "rb")) if file.is_zipped else file.path.open("rb")


def _jsonl(file: InputFile, longest: int) -> Iterator[Numbered]:
    with _open(file) as content:
        number = 0
        while line := content.readline(longest + 1):
            number += 1
            if len(line) > longest and not line.endswith(b"\n"):
                while (rest := content.readline(longest)) and not rest.endswith(b"\n"):
                    pass
                yield number, f"longer than {longest} bytes"
                continue
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield number, f"not JSON: {error}"
                continue
            yield number, row if isinstance(row, dict) else "not a JSON object"


def _csv(file: InputFile, longest: int) -> Iterator[Numbered]:
    # Rows are bounded by the csv module; its limit is one for the process.
    csv.field_size_limit(max(csv.field_size_limit(), longest))
    with _open(file) as raw, TextIOWrapper(raw, "utf-8-sig", newline="") as content:
        head = content.readline(longest)
        separator = max(",;\t|", key=head.count)
        names = [name.strip() for name in next(csv.reader([head], delimiter=separator), [])]
        if not {name.lower() for name in names} & set(_ALIASES["text"]):
            raise _no_text(file, names)
        reader = csv.reader(content, delimiter=separator)
        number = 0
        while True:
            number += 1
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield number, f"not CSV: {error}"
                continue
            if len(values) > len(names):
                yield number, f"{len(values)} values for {len(names)} columns"
            elif values:
                yield number, dict(zip(names, values, strict=False))


def _parquet(file: InputFile, longest: int) -> Iterator[Numbered]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file.path) as content:
            names = content.schema_arrow.names
            if not {name.lower() for name in names} & set(_ALIASES["text"]):
                raise _no_text(file, names)
            number = 0
            for batch in content.iter_batches(batch_size=200):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
    except pa.ArrowException as error:
        raise InputError(f"{file.path}: not a Parquet file: {str(error)[:200]}") from None


def _no_text(file: InputFile, names: list[str]) -> InputError:
    there = ", ".join(names)[:200]
    return InputError(f"{file.path}: no column is named text, content or body (there are: {there})")


_READERS = {"jsonl": _jsonl, "csv": _csv, "parquet": _parquet}
