"""Which code made something: a digest of a step's files, so that what older code made can be told apart."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from pipeline.schema import SCHEMAS

_DATA = {".py", ".toml", ".txt", ".json", ".csv", ".npz", ".safetensors"}


@cache
def code_digest(step: str) -> str:
    """Digest of a step's code and data files, and of what it shares with others; 16 hexadecimal digits."""
    package = Path(__file__).resolve().parent.parent
    files = [package / "addresses.py", package / "ids.py", package / "page.py", package / "records.py"]
    if step == "extract":
        files += SCHEMAS.joinpath("ontologies").glob("*.toml")
    if step == "group":
        files.append(package / "batch" / "group.py")  # it chooses versions, windows and days
    files += [p for p in package.joinpath(step).rglob("*") if p.suffix in _DATA]
    return sha256(b"\0".join(p.read_bytes() for p in sorted(files))).hexdigest()[:16]
