"""Entities to Wikidata (or any other register), by a table of yours.

A CSV file with a header: ``name`` and ``wikidata_id``, and where you have them ``entity_type`` and ``country_code``. A
name may have several lines, one for each spelling or bearer. An entity is linked where one bearer fits: same name
(capitals and accents apart), same type where the line says one, same country where both say one.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.errors import ConfigurationError
from pipeline.extract.places import key


@dataclass(frozen=True, slots=True)
class _Bearer:
    wikidata_id: str
    entity_type: str
    country: str


class Links:
    """A table, read."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigurationError where it cannot be read, or a line has no name or id."""
        self._bearers: dict[int, list[_Bearer]] = {}
        try:
            with path.open(encoding="utf-8", newline="") as lines:
                reader = csv.DictReader(lines)
                for number, row in enumerate(reader, 2):
                    name, found = (row.get("name") or "").strip(), (row.get("wikidata_id") or "").strip()
                    if not name or not found:
                        raise ConfigurationError(f"{path}: line {number} has no name or no wikidata_id")
                    bearer = _Bearer(
                        found, (row.get("entity_type") or "").strip(), (row.get("country_code") or "").strip()
                    )
                    self._bearers.setdefault(key(name), []).append(bearer)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise ConfigurationError(f"cannot read the table of links {path}: {error}") from None

    def find(self, name: str, entity_type: str, country: str | None) -> str | None:
        """The id of the one bearer of the name that fits; None where none does, or several."""
        fitting = [
            bearer
            for bearer in self._bearers.get(key(name), ())
            if bearer.entity_type in ("", entity_type) and (not country or bearer.country in ("", country))
        ]
        exact = [bearer for bearer in fitting if country and bearer.country == country] or fitting
        ids = {bearer.wikidata_id for bearer in exact}
        return ids.pop() if len(ids) == 1 else None


@cache
def links(path: Path) -> Links:
    """The table of a file, read once."""
    return Links(path)
