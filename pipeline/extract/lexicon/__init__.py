"""The lists extract works with, as files; `read_words` and `read_toml` are their only readers."""

from __future__ import annotations

import tomllib
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def read_toml(name: str) -> dict[str, Any]:
    """One file of lists."""
    return tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))


@cache
def read_words(name: str) -> frozenset[str]:
    """A file of words; lines that begin with # are remarks."""
    lines = (HERE / f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(" ".join(line for line in lines if not line.startswith("#")).split())


@cache
def version() -> str:
    """The coder's name and a digest of every list and model it codes by."""
    whole = sha256()
    for path in sorted([*HERE.rglob("*"), *HERE.parent.glob("*_en.npz")]):
        if path.suffix in (".toml", ".txt", ".npz"):
            whole.update(path.name.encode() + path.read_bytes())
    return f"lexicon-2:{whole.hexdigest()[:12]}"


@cache
def listed(section: str, name: str) -> frozenset[str]:
    """A closed list of `grammar.toml`."""
    return frozenset(read_toml("grammar")[section][name].split())
