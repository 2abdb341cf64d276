"""Publish: one closed file onto its place in the lake by one atomic rename.

A reader sees the old file or the new one.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import StoreError, ValidationError
from pipeline.lake import store
from pipeline.schema import table as declared_table

EMPTY_DAY = "1970-01-01"
"""The day of each table's file without rows, which the warehouse keeps so that a glob is never empty."""


def publish(staged_file: Path, lake: Path, table: str, day: str, name: str) -> Path:
    """Move a staged file to ``<lake>/<table>/day=<day>/<name>.parquet``. Returns that path.

    Called again after it was done, with the staged file gone, it does nothing. Raises ValidationError for a file that
    has not the declared schema, StoreError where it cannot be written.
    """
    target = lake / table / f"day={day}" / f"{name}.parquet"
    if not staged_file.exists() and target.exists():
        return target
    if not store.schema(staged_file).equals(declared_table(table).arrow()):
        raise ValidationError(f"{staged_file.name} has not the schema of {table}: it was not validated, nor published")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _move(staged_file, target)
        _sync(target.parent)
    except OSError as error:
        raise StoreError(f"cannot publish {target}: {error.strerror or error}") from error
    return target


def published(lake: Path, table: str, batch_id: str) -> Path | None:
    """A batch's file of a table, whatever its day; None where there is none."""
    return next(iter(sorted(lake.glob(f"{table}/day=*/{batch_id}.parquet"))), None)


def batches(lake: Path, table: str = "fetches") -> Iterator[tuple[str, str]]:
    """Day and batch of every published file of a table, oldest first."""
    for path in sorted(lake.glob(f"{table}/day=*/*.parquet")):
        if (day := path.parent.name.removeprefix("day=")) != EMPTY_DAY:
            yield day, path.stem


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # Another file system: only a rename within the lake's own is atomic.
        beside = target.with_name(target.name + ".part")
        try:
            shutil.copyfile(source, beside)
            with beside.open("rb+") as handle:
                os.fsync(handle.fileno())
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        source.unlink()


def _sync(folder: Path) -> None:
    """Make the rename itself last. Not every system can open a folder; where it cannot, the rename is still atomic."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
