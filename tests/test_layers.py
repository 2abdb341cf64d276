"""The house holds: imports point down, and each library has one home."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FLOORS = {
    # What a room may import of ours; everything not named here is forbidden.
    "newsroom": {"newsroom"},
    "training": {"training", "addresses", "clean", "extract", "newsroom", "schema"},
    "schema": {"errors"},
    "settings": {"errors"},
    "records": set(),
    "page": {"records"},
    "ids": {"addresses"},
    "addresses": set(),
    "errors": set(),
    "progress": set(),
    "sources": {"errors", "records", "schema"},
    "opml": {"errors", "records"},
    "collect": {"addresses", "collect", "errors", "ids", "page", "records"},
    "clean": {"addresses", "clean", "errors", "ids", "page", "records"},
    "extract": {"extract", "errors", "ids", "records", "schema"},
    "group": {"group", "errors", "ids", "records"},
    "lake": {"lake", "errors", "records", "schema"},
    "warehouse": {"warehouse", "errors", "schema", "settings"},
    "batch": {
        "batch", "collect", "clean", "extract", "group", "lake", "warehouse",
        "errors", "ids", "page", "progress", "records", "schema", "settings", "sources",
    },
}  # fmt: skip

HOMES = {
    "aiohttp": {"pipeline/collect", "pipeline/newsroom"},
    "isal": {"pipeline/collect"},
    "sklearn": {"pipeline/training"},
    "fastwarc": {"pipeline/collect"},
    "feedparser": {"pipeline/collect"},
    "tld": {"pipeline/addresses.py"},
    "trafilatura": {"pipeline/clean"},
    "spacy": {"pipeline/extract"},
    "great_expectations": {"pipeline/lake"},
    "duckdb": {"pipeline/warehouse"},
    "airflow": {"dags"},
    "typer": {"pipeline/cli.py"},
}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            if node.module == "pipeline":
                yield from (f"pipeline.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", sorted(FLOORS))
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    files = modules(f"pipeline/{room}") or [ROOT / f"pipeline/{room}.py"]
    for path in files:
        for name in imported(path):
            parts = name.split(".")
            if parts[0] == "pipeline" and len(parts) > 1:
                assert parts[1] in FLOORS[room] | {"__version__"}, f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("library", sorted(HOMES))
def test_a_library_is_imported_in_its_home_only(library: str) -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for folder in ("pipeline", "dags")
        for path in modules(folder)
        if any(name.split(".")[0] == library for name in imported(path))
    }
    strangers = {u for u in users if not any(u == h or u.startswith(h + "/") for h in HOMES[library])}
    assert users, f"nobody imports {library}: take it off the list"
    assert not strangers


def test_every_room_has_its_floor() -> None:
    rooms = {p.name for p in (ROOT / "pipeline").iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    assert rooms <= set(FLOORS)


def test_every_module_says_what_it_owns() -> None:
    silent = [
        str(p.relative_to(ROOT))
        for folder in ("pipeline", "dags")
        for p in modules(folder)
        if not ast.get_docstring(ast.parse(p.read_text("utf-8")))
    ]
    assert not silent


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}
    assert not [p for folder in ("pipeline", "dags", "tests") for p in modules(folder) if p.stem in empty]
