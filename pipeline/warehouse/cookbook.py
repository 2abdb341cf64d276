"""The worked questions of ``cookbook.sql``: what each answers, and its SQL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Recipe:
    """One worked question."""

    name: str
    says: str
    sql: str


def recipes() -> dict[str, Recipe]:
    """Every recipe by name, in the order of the file."""
    text = Path(__file__).with_name("cookbook.sql").read_text("utf-8")
    found = {}
    for part in text.split("-- name: ")[1:]:
        name, says, sql = part.split("\n", 2)
        found[name.strip()] = Recipe(name.strip(), says.removeprefix("-- "), sql.strip().rstrip(";"))
    return found
