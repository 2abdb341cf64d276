"""The sample newsroom's families and stories come out as its gold says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from group_building import Grouped, article

from pipeline import sources

NEWSROOM = Path(__file__).parents[2] / "pipeline" / "newsroom"


@pytest.fixture(scope="module")
def newsroom() -> tuple[dict, Grouped]:
    gold = json.loads((NEWSROOM / "gold.json").read_text("utf-8"))["articles"]
    rows = {}
    for url, row in gold.items():
        made = article(url, row["text"], title=row["title"], by=row["source_id"], language=row["language"])
        if row["published_at"]:
            made.published_at = datetime.fromisoformat(row["published_at"]).astimezone(UTC)
        rows[made.article_id] = (made, row)
    found = Grouped([made for made, _ in rows.values()], sources=sources.read(NEWSROOM / "sources.toml"))
    return {key: row for key, (_, row) in rows.items()}, found


def groups(of: dict[str, str]) -> set[frozenset[str]]:
    held: dict[str, set[str]] = {}
    for key, name in of.items():
        held.setdefault(name, set()).add(key)
    return {frozenset(keys) for keys in held.values() if len(keys) > 1}


def test_families_are_those_of_the_gold(newsroom):
    gold, found = newsroom
    expected = groups({key: row["family"] or key for key, row in gold.items()})
    assert groups({key: f.family_id for key, f in found.families.items()}) == expected


def test_the_agency_is_the_original_of_what_others_carry(newsroom):
    gold, found = newsroom
    originals = {f.family_id for f in found.families.values() if f.role == "copy"}
    assert originals
    assert {gold[key]["source_id"] for key in originals} == {"meridian-wire"}


def test_stories_are_those_of_the_gold(newsroom):
    gold, found = newsroom
    expected = groups({key: row["story"] or row["family"] or key for key, row in gold.items()})
    assert groups({key: s.story_id for key, s in found.stories.items()}) == expected
