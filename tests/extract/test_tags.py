"""Tags of the user's own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from pipeline.extract import tag
from pipeline.extract.tags import read

COUP = """
[tags.coup]
any = [{ words = ["coup", "seized power"] }, { pattern = "toppl(ed|ing) the (king|president)" }]
none = [{ words = "transfer market" }]
matches = ["Officers seized power in Vurland."]

[tags.wanted]
all = [{ tag = "coup" }, { place = "KE" }]
"""


def written(tmp_path: Path, content: str, name: str = "tags.toml") -> Path:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    return path


def tags_of(text: str, path: Path) -> list[str]:
    found: list[str] = tag(text, tags=path)["tags"]
    return found


def test_words_and_patterns_give_a_tag_with_the_words_it_was_given_for(tmp_path: Path) -> None:
    path = written(tmp_path, COUP)
    text = "Officers Seized  Power in Vurland at dawn."
    found = tag(text, tags=path)
    assert found["tags"] == ["coup"]
    assert [text[e["start"] : e["end"]] for e in found["tag_evidence"]] == ["Seized  Power"]
    assert tags_of("They were toppling the king.", path) == ["coup"]


def test_none_takes_a_tag_away_and_whole_words_are_meant(tmp_path: Path) -> None:
    path = written(tmp_path, COUP)
    assert tags_of("The club pulled off a coup in the transfer market.", path) == []
    assert tags_of("The coupon expired.", path) == []


def test_a_tag_may_build_on_a_tag_above_and_a_place(tmp_path: Path) -> None:
    path = written(tmp_path, COUP)
    assert tags_of("A coup failed in Nairobi on Monday.", path) == ["coup", "wanted"]
    assert tags_of("A coup failed in Lima on Monday.", path) == ["coup"]


def test_events_give_a_tag_by_type_and_country(tmp_path: Path) -> None:
    path = written(tmp_path, '[tags.arrests]\nany = [{ event = "COERCE.arrest", recipient = "KE" }]\n')
    assert tags_of("Ugandan police arrested two Kenyan journalists in Kampala on Monday.", path) == ["arrests"]
    assert tags_of("Ugandan police praised two Kenyan journalists in Kampala on Monday.", path) == []


def test_yaml_says_the_same(tmp_path: Path) -> None:
    content = "tags:\n  coup:\n    any:\n      - words: [coup, seized power]\n"
    assert tags_of("They seized power.", written(tmp_path, content, "tags.yaml")) == ["coup"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[tags.a]\nany = [{ word = 'x' }]\n", "tag a: unknown condition: word"),
        ("[tags.a]\nnone = [{ words = 'x' }]\n", "`none` alone"),
        ("[tags.a]\nany = [{ pattern = '(' }]\n", "no regular expression"),
        ("[tags.a]\nany = [{ pattern = 'x*' }]\n", "matches nothing at all"),
        ("[tags.a]\nany = [{ event = 'MURDER' }]\n", "no event type or mode: MURDER"),
        ("[tags.a]\nany = [{ tag = 'b' }]\n", "no tag above it is called b"),
        ("[tags.A]\nany = [{ words = 'x' }]\n", "small letters"),
        ("[tag.a]\nany = [{ words = 'x' }]\n", "tags stand as"),
        ("[tags.a\n", "no TOML"),
        ("[tags.a]\nany = []\n", "list of conditions"),
    ],
)
def test_what_a_file_says_wrong_is_named(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read(written(tmp_path, content))
    assert said in str(error.value)
