"""Work in hand: a shard's files stand in a folder that appears only when the shard is finished.

::

    staging/<batch>/<step>/<shard>/<table>.parquet
    staging/<batch>/<step>/plan.json
    staging/<batch>/tables/<table>.parquet          merged, validated, next to be published
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.batch import Batch
from pipeline.errors import BatchBusy
from pipeline.lake import store
from pipeline.records import Record
from pipeline.settings import Settings

Counts = dict[str, int]


def write_shard(folder: Path, batch: Batch, tables: Iterable[str], records: Iterable[Record]) -> Counts:
    """Write a step's records, each to its table's file; the folder appears when all are written.

    A shard that is there already is left as it is. Returns rows per table.
    """
    names = list(tables)
    if not folder.is_dir():
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        with contextlib.ExitStack() as stack:
            writers = {t: stack.enter_context(store.Writer(part / f"{t}.parquet", t, batch_id=batch.id)) for t in names}
            for record in records:
                writers[record.TABLE].add(record)
        part.rename(folder)
    return {t: store.count(folder / f"{t}.parquet") for t in names}


def shard_files(batch_folder: Path, step: str, table: str) -> list[Path]:
    """A table's files of all finished shards of a step, in the order of their names."""
    return sorted(batch_folder.glob(f"{step}/*/{table}.parquet"))


def save(path: Path, content: Any) -> None:
    """Write a small JSON file, whole and at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content), "utf-8")
    part.replace(path)


def load(path: Path) -> Any:
    """A small JSON file, None where it is not there."""
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def clear(folder: Path) -> None:
    """Remove a folder of work that is published, or to be done anew."""
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def lock(cfg: Settings, name: str, *, shared: bool = False) -> Iterator[None]:
    """Hold a piece of work for this process; freed by the system when the process ends, however it ends.

    `shared`, with others that hold it so: shards of a step are worked on side by side. Raises BatchBusy where another
    process holds it.
    """
    cfg.staging.mkdir(parents=True, exist_ok=True)
    with cfg.staging.joinpath(f"{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BatchBusy(f"another run is working on {name}; wait for it, or stop it") from None
        yield
