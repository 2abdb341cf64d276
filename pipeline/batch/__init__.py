"""What a batch is, and how one step runs for one batch: the only room that knows both the steps and the storage.

``collect``, ``derive``, ``group`` and ``ingest`` hold one function a step, named as the step and as its Airflow task.
Each works in ``staging/`` and may be called again: what is finished is not repeated. ``run`` calls them in order, in
one process and a pool, for the command line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.errors import UnknownBatch
from pipeline.settings import Settings

_HOUR = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2})")
_SECOND = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{6})")
_INGEST = re.compile(r"ingest-[0-9a-f]{16}")


@dataclass(frozen=True)
class Batch:
    """A unit of everything: one file per table, in the folder of its one day."""

    id: str
    """An hour (``2026-11-22T14``), a second (``2026-11-22T140531``) or ``ingest-`` and a digest."""
    day: str
    """The day it belongs to, ``YYYY-MM-DD``."""

    @classmethod
    def of(cls, text: str, cfg: Settings | None = None) -> Batch:
        """The batch of that name. An ingest is looked up in the lake, so it needs the settings.

        Raises UnknownBatch where the text names no batch.
        """
        for pattern, form in ((_HOUR, "%Y-%m-%dT%H"), (_SECOND, "%Y-%m-%dT%H%M%S")):
            if pattern.fullmatch(text):
                try:
                    return cls(text, datetime.strptime(text, form).date().isoformat())
                except ValueError:
                    break
        if _INGEST.fullmatch(text):
            if cfg and (path := published(cfg, "fetches", text)):
                return cls(text, day_of(path))
            raise UnknownBatch(f"no such batch: {text} (see `newsledger status`)")
        raise UnknownBatch(f"not the name of a batch: {text!r} (a batch is named like 2026-11-22T14)")

    @classmethod
    def now(cls, at: datetime) -> Batch:
        """A manual batch, named by its second."""
        return cls.of(at.astimezone(UTC).strftime("%Y-%m-%dT%H%M%S"))

    @property
    def is_manual(self) -> bool:
        """Whether it is named by its second."""
        return _SECOND.fullmatch(self.id) is not None

    def file(self, cfg: Settings, table: str) -> Path:
        """Where the batch's file of a table is, or would be, published."""
        return cfg.lake / table / f"day={self.day}" / f"{self.id}.parquet"

    def staging(self, cfg: Settings) -> Path:
        """The batch's folder of unfinished work."""
        return cfg.staging / self.id


def published(cfg: Settings, table: str, batch_id: str) -> Path | None:
    """The published file of a batch's table, whatever its day; None where there is none."""
    return next(cfg.lake.joinpath(table).glob(f"day=*/{batch_id}.parquet"), None)


def day_of(path: Path) -> str:
    """The day a published file belongs to, from its folder."""
    return path.parent.name.removeprefix("day=")


def a_day(text: str) -> str:
    """`text` as a day. Raises UnknownBatch where it is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UnknownBatch(f"not a day: {text!r} (a day is written 2026-11-22)") from None


def collected(cfg: Settings, day: str | None = None) -> list[Batch]:
    """Every batch whose collection is published, oldest first, of one day or of all."""
    files = cfg.lake.joinpath("fetches").glob(f"day={day or '*'}/*.parquet")
    return sorted((Batch(f.stem, day_of(f)) for f in files if _is_batch(f.stem)), key=lambda b: (b.day, b.id))


def unfinished(cfg: Settings) -> list[Batch]:
    """Batches whose collection was begun and is not published, oldest first."""
    begun = (p.parent.parent.name for p in cfg.staging.glob("*/collect/plan.json"))
    return [Batch.of(name) for name in sorted(begun) if not published(cfg, "fetches", name)]


def _is_batch(name: str) -> bool:
    return any(p.fullmatch(name) for p in (_HOUR, _SECOND, _INGEST))
