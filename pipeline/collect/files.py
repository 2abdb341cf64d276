"""Files handed in: which there are, what they are by their names, and the batches they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from pipeline.collect.reader import UNDATED, scan
from pipeline.errors import InputError

_KINDS = {
    ".warc": "warc",
    ".html": "html",
    ".htm": "html",
    ".txt": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
}
KNOWN = ".warc .warc.gz .html .htm .txt .jsonl .ndjson .csv .parquet"
"""Endings that are read; all but Parquet may be followed by ``.gz``."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file handed in."""

    path: Path
    name: str
    """How rows and links call it: its name, below the folder that was handed in."""
    kind: str
    """warc, html, text, jsonl, csv or parquet."""

    @property
    def is_zipped(self) -> bool:
        """Whether it ends in ``.gz``."""
        return self.path.name.lower().endswith(".gz")


@dataclass(frozen=True, slots=True)
class IngestBatch:
    """Files that make one batch."""

    batch_id: str
    """``ingest-`` and a digest of the files' content."""
    day: str
    """Day of the WARC's first record, else of the call."""
    files: tuple[InputFile, ...]


def batches(paths: Iterable[str | Path], clock: Callable[[], datetime]) -> list[IngestBatch]:
    """The batches that files and folders make: one for each WARC, one for all others together.

    The same content makes the same batch_id wherever it lies. Raises InputError for what is missing, empty or of no
    known kind, NotAnArchive for a WARC that is none.
    """
    found: list[IngestBatch] = []
    others: dict[str, InputFile] = {}
    seen: set[str] = set()
    for file in _files(paths):
        if not file.path.stat().st_size:
            raise InputError(f"{file.path}: the file is empty")
        digest = _digest(file)
        if file.kind != "warc":
            others.setdefault(digest, file)
        elif digest not in seen:
            seen.add(digest)
            first = next(scan(file.path, largest=1000)).date
            day = (clock() if first == UNDATED else first).date().isoformat()
            found.append(IngestBatch(f"ingest-{digest[:16]}", day, (file,)))
    if others:
        combined = sha256("\n".join(sorted(others)).encode()).hexdigest()[:16]
        day = clock().date().isoformat()
        found.append(IngestBatch(f"ingest-{combined}", day, tuple(others[d] for d in sorted(others))))
    return found


def sidecar(path: Path) -> Path:
    """The file beside a document that may say its URL and when it was fetched."""
    return path.with_name(f"{path.name}.json")


def _files(paths: Iterable[str | Path]) -> Iterator[InputFile]:
    for path in map(Path, paths):
        if path.is_dir():
            inside = [p for p in sorted(path.rglob("*")) if p.is_file() and _kind(p)]
            if not inside:
                raise InputError(f"{path}: no file in this folder is of a known kind ({KNOWN})")
            for each in inside:
                yield InputFile(each, each.relative_to(path).as_posix(), _kind(each) or "")
            continue
        if not path.exists():
            raise InputError(f"no such file: {path}")
        kind = _kind(path)
        if kind is None:
            raise InputError(f"{path}: not a known kind of file ({KNOWN})")
        yield InputFile(path, path.name, kind)


def _kind(path: Path) -> str | None:
    name = path.name.lower()
    kind = _KINDS.get(Path(name.removesuffix(".gz")).suffix)
    return None if kind == "parquet" and name.endswith(".gz") else kind


def _digest(file: InputFile) -> str:
    digest = sha256()
    beside = sidecar(file.path)
    for path in (file.path, beside) if file.kind in ("html", "text") and beside.is_file() else (file.path,):
        try:
            with path.open("rb") as content:
                while piece := content.read(1 << 20):
                    digest.update(piece)
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    return digest.hexdigest()
