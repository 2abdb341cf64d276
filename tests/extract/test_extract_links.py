"""Entities linked to Wikidata by a table of the user's."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from pipeline.extract import tag
from pipeline.extract.linking import Links

TABLE = """name,wikidata_id,entity_type,country_code
Angela Lindqvist,Q900000001,person,SE
Lindqvist Angela,Q900000001,person,SE
Mercury,Q900000002,location,
Mercury,Q900000003,person,
Springfield,Q900000004,location,US
Springfield,Q900000005,location,AU
Kenya,Q900000006,,KE
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "links.csv"
    path.write_text(TABLE, "utf-8")
    return path


def test_the_bearer_that_fits_is_linked_whatever_capitals_and_accents(table: Path) -> None:
    links = Links(table)
    assert links.find("ANGELA LINDQVIST", "person", None) == "Q900000001"
    assert links.find("Mercury", "person", None) == "Q900000003"
    assert links.find("Springfield", "location", "AU") == "Q900000005"


def test_where_several_fit_nobody_is_linked(table: Path) -> None:
    assert Links(table).find("Springfield", "location", None) is None
    assert Links(table).find("Nobody", "person", None) is None


def test_mentions_bear_the_id(table: Path) -> None:
    found = tag("Angela Lindqvist flew to Kenya.", links=table)["mentions"]
    assert {m["text"]: m["wikidata_id"] for m in found} == {"Angela Lindqvist": "Q900000001", "Kenya": "Q900000006"}


@pytest.mark.parametrize("content", ["name,wikidata_id\nNobody,\n", "one,two\n1,2\n"])
def test_a_table_that_is_none_is_one_clear_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "links.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match="line 2 has no name"):
        Links(path)
    with pytest.raises(ConfigurationError, match="cannot read"):
        Links(tmp_path / "absent.csv")
